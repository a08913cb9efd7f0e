// What base::yaml_text writes, a YAML reader reads back as the same JSON.
#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"
#include "base/yaml_text.hpp"
#include "hub/yaml.hpp"

using base::Json;

namespace {

void check_round_trip(const Json& json) {
    const std::string text = base::yaml_text(json);
    const auto read = hub::parse_yaml(text);
    INFO(text);
    INFO((read ? read->dump() : read.error().message));
    REQUIRE(read.has_value());
    CHECK(*read == json);
}

const std::vector<std::string> kTexts = {
    "",       " ",        "a",       "true",    "Yes",     "~",       "null",   "12",       "1.5",     "0x1F",   "1e3",     ".inf",    ".nan",   "12:30",   "1_000",
    "-",      "- a",      "a: b",    "a:",      "a #b",    "#a",      "a\nb",   "a\nb\n",   "a\n\nb",  "a\n\n",  "\na",     " a\nb",   "a\n b",  "\ta",     "a\tb",
    "'q'",    "\"q\"",    "a\\b",    "a\rb",    "a\x01",   "\x7F",    "*x",     "&x",       "!x",      "%x",     "@x",      "`x",      "|",      ">",       "[a]",
    "{a: b}", "?",        "? a",     ",",       "=",       "<<",      "---",    "...",      "2026-01-01T00:00:00Z", "grün", "\xC2\x85", "a\xE2\x80\xA8" "b", "\xEF\xBB\xBF" "a",
    "x ",     "key: [1",  "a: |\n  b\n", "🚢",  "-1",      "+1",      "0o17",   "y",        "#!/bin/sh\necho \"$1\"\n", "trailing blank \nnext", "a\n#b\n", "- x\n- y", "a\n\t\n"};

}  // namespace

TEST_CASE("YAML written is the JSON that was meant, for every awkward text as value, key and item") {
    for (const std::string& text : kTexts) {
        check_round_trip(Json{{"value", text}});
        check_round_trip(Json{{text, "value"}});
        check_round_trip(Json::array({text, Json::array({text}), Json{{"a", text}, {"b", {{"c", text}}}}}));
        check_round_trip(Json(text));
    }
}

TEST_CASE("YAML written is the JSON that was meant, for seeded random trees") {
    base::testing::SeededRandom random{41};
    const auto make = [&](auto& self, int depth) -> Json {
        switch (depth > 4 ? 2 + random.below(4) : random.below(6)) {
            case 0: {
                Json object = Json::object();
                for (std::uint64_t i = random.below(5); i > 0; --i) object[kTexts[random.below(kTexts.size())]] = self(self, depth + 1);
                return object;
            }
            case 1: {
                Json array = Json::array();
                for (std::uint64_t i = random.below(5); i > 0; --i) array.push_back(self(self, depth + 1));
                return array;
            }
            case 2: return static_cast<std::int64_t>(random.below(2'000'000)) - 1'000'000;
            case 3: return random.below(2) == 0;
            case 4: return static_cast<double>(random.below(1'000'000)) / 64.0;
            default: return kTexts[random.below(kTexts.size())];
        }
    };
    for (int round = 0; round < 400; ++round) check_round_trip(make(make, 0));
}

TEST_CASE("texts of several lines are written as blocks") {
    CHECK(base::yaml_text({{"data", {{"run.sh", "#!/bin/sh\necho hi\n"}, {"note", "one\n\ntwo"}}}}) ==
          "data:\n  note: |-\n    one\n\n    two\n  run.sh: |\n    #!/bin/sh\n    echo hi\n");
}
