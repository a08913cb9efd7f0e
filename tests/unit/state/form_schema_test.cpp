#include "state/forms/schema.hpp"

#include <catch2/catch_test_macros.hpp>
#include <limits>
#include <string>
#include <vector>

#include "state/forms/paths.hpp"

using base::Json;
using state::Issue;
using state::Schema;
using state::validate;
namespace schema = state::schema;

namespace {

std::vector<std::string> messages(const Schema& rule, const Json& value) {
    std::vector<std::string> words;
    for (const Issue& issue : validate(rule, value).issues) words.push_back(issue.message);
    return words;
}

using Words = std::vector<std::string>;
using Issues = std::vector<Issue>;

}  // namespace

TEST_CASE("a text's length is counted in code points, not bytes or UTF-16 units [V1]") {
    const Schema three = schema::string().min(3, "short").max(3, "long");
    CHECK(messages(three, "abc").empty());
    CHECK(messages(three, "\xC3\xA9t\xC3\xA9").empty());                                      // 5 bytes
    CHECK(messages(three, "\xF0\x9F\x9A\xA2\xF0\x9F\x9A\xA2\xF0\x9F\x9A\xA2").empty());        // 6 UTF-16 units
    CHECK(messages(three, "\xC3\xA9t") == Words{"short"});
    CHECK(messages(three, "\xF0\x9F\x9A\xA2\xF0\x9F\x9A\xA2\xF0\x9F\x9A\xA2\xF0\x9F\x9A\xA2") == Words{"long"});
}

TEST_CASE("every failing rule of a text adds its own message, in the order of the rules [V1]") {
    const Schema rule = schema::string().min(5, "five").email("email").matches([](std::string_view text) { return text.starts_with("x"); }, "x first");
    // matches() is the caller's code and waits for the rules before it.
    CHECK(messages(rule, "a b") == Words{"five", "email"});
    CHECK(messages(rule, "a@example.org") == Words{"x first"});
    CHECK(messages(rule, "x@example.org").empty());
}

TEST_CASE("email takes what the hub takes [V1]") {
    const Schema rule = schema::string().email();
    for (const char* good : {"a@b", "admin@localhost", "ada+x@mail.example.org", "\xC3\xBC@x.org"}) CHECK(messages(rule, good).empty());
    for (const char* bad : {"", "ada", "@x", "a@", "a@@b", "a@b@c", "a b@c", "a@.b", "a@b.", "a@b\n"}) {
        INFO(bad);
        CHECK(messages(rule, bad) == Words{"This is no email address"});
    }
    CHECK_FALSE(messages(rule, std::string(250, 'a') + "@b.org").empty());
}

TEST_CASE("url takes absolute http and https addresses [V1]") {
    const Schema rule = schema::string().url("no url");
    for (const char* good : {"http://127.0.0.1:8001", "https://example.com/x?y=1"}) CHECK(messages(rule, good).empty());
    for (const char* bad : {"", "example.com", "ftp://x", "javascript:alert(1)", "https://u:p@x"}) CHECK(messages(rule, bad) == Words{"no url"});
}

TEST_CASE("numbers: whole, positive, bounds, finite; NaN is no number [V1]") {
    const Schema rule = schema::number().integer("int").positive("pos").max(10, "max");
    CHECK(messages(rule, 10).empty());
    CHECK(messages(rule, 3.0).empty());
    CHECK(messages(rule, 10.5) == Words{"int", "max"});
    CHECK(messages(rule, -0.5) == Words{"int", "pos"});
    CHECK(messages(rule, 0) == Words{"pos"});
    CHECK(messages(rule, "7") == Words{"Enter a number"});
    CHECK(messages(schema::number().min(0).finite("inf"), std::numeric_limits<double>::infinity()) == Words{"inf"});
    CHECK(messages(schema::number(), std::numeric_limits<double>::quiet_NaN()) == Words{"Enter a number"});
    CHECK(messages(schema::number().max(5), std::numeric_limits<std::uint64_t>::max()) == Words{"At most 5"});
}

TEST_CASE("a choice has one message for nothing chosen and one for what is no choice [V1]") {
    const Schema rule = schema::one_of({"a", "b"}).required("Choose one");
    CHECK(messages(rule, "a").empty());
    CHECK(messages(rule, "") == Words{"Choose one"});
    CHECK(messages(rule, nullptr) == Words{"Choose one"});
    CHECK(validate(rule, static_cast<const Json*>(nullptr)).issues == Issues{{"", "Choose one"}});
    CHECK(messages(rule, "c") == Words{"Must be one of a, b"});
    CHECK(messages(rule, 1) == Words{"Must be one of a, b"});
    CHECK(messages(schema::one_of({"", "b"}), "").empty());
}

TEST_CASE("a default fills what is absent, not what is null or empty [V1]") {
    const Schema rule = schema::object({{"n", schema::number().or_default(0.7)}, {"t", schema::string().min(1, "empty").or_default("x")}});
    CHECK(validate(rule, Json::object()).value == Json{{"n", 0.7}, {"t", "x"}});
    CHECK(validate(rule, Json{{"n", nullptr}, {"t", ""}}).issues == Issues{{"n", "Enter a number"}, {"t", "empty"}});
    // A default is checked like what comes from outside.
    CHECK(messages(schema::object({{"n", schema::number().max(1).or_default(2)}}), Json::object()) == Words{"At most 1"});
}

TEST_CASE("optional lets absence pass, nullable lets null pass, neither does the other's work [V1]") {
    const Schema rule = schema::object({{"o", schema::string().optional()}, {"n", schema::string().nullable()}});
    const auto good = validate(rule, Json{{"n", nullptr}});
    REQUIRE(good.ok());
    CHECK(good.value == Json{{"n", nullptr}});
    CHECK(validate(rule, Json{{"o", nullptr}}).issues == Issues{{"o", "Enter text"}, {"n", "Required"}});
    CHECK(messages(schema::string().required("Say it"), nullptr) == Words{"Say it"});
}

TEST_CASE("empty text is a value unless the field says that it is absent [V1]") {
    CHECK(validate(schema::object({{"a", schema::string().optional()}}), Json{{"a", ""}}).value == Json{{"a", ""}});
    const Schema rule = schema::object({{"a", schema::string().min(3).empty_is_absent().optional()}});
    CHECK(validate(rule, Json{{"a", "  "}}).value == Json::object());
    CHECK(messages(rule, Json{{"a", "ab"}}) == Words{"At least 3 characters"});
}

TEST_CASE("a list counts its items and names each wrong one by its path [V1]") {
    const Schema rule = schema::object({{"tools", schema::array(schema::string().min(1, "empty")).min(2, "two").max(3)}});
    CHECK(validate(rule, Json{{"tools", {"a", "b"}}}).ok());
    CHECK(validate(rule, Json{{"tools", Json::array({"", 3, "x", ""})}}).issues ==
          Issues{{"tools/0", "empty"}, {"tools/1", "Enter text"}, {"tools/3", "empty"}, {"tools", "At most 3 items"}});
    CHECK(validate(rule, Json{{"tools", Json::array({"x"})}}).issues == Issues{{"tools", "two"}});
    CHECK(validate(rule, Json{{"tools", "x"}}).issues == Issues{{"tools", "Must be a list"}});
    CHECK(validate(rule, Json::object()).issues == Issues{{"tools", "Required"}});
}

TEST_CASE("all mistakes of a nested value are collected in the order of the schema, each with its path [V1]") {
    const Schema rule = schema::object({{"z", schema::object({{"b", schema::string().min(1)}, {"a/1", schema::number()}})}, {"a", schema::boolean()}});
    const auto checked = validate(rule, Json{{"a", "yes"}, {"z", {{"a/1", "x"}, {"b", ""}}}});
    CHECK(checked.issues == Issues{{"z/b", "Required"}, {"z/a~11", "Enter a number"}, {"a", "Must be true or false"}});
    CHECK(checked.value.is_null());
}

TEST_CASE("unknown keys are left out by default, kept or refused on demand [V1]") {
    const Schema rule = schema::object({{"a", schema::number()}});
    const Json value{{"a", 1}, {"b", 2}};
    CHECK(validate(rule, value).value == Json{{"a", 1}});
    CHECK(validate(rule.keep_unknown(), value).value == value);
    CHECK(validate(rule.refuse_unknown(), value).issues == Issues{{"b", "Unknown field"}});
    CHECK(validate(rule, value).value == Json{{"a", 1}});  // the calls above made schemas of their own
}

TEST_CASE("text becomes a number only where it is asked for [V1]") {
    const Schema port = schema::number().coerce().integer("int").min(1, "low");
    CHECK(validate(port, " 8080 ").value == Json(8080));
    CHECK(validate(port, " 8080 ").value.is_number_integer());
    CHECK(messages(port, "80.5") == Words{"int"});
    CHECK(messages(port, "0x10") == Words{"Enter a number"});
    CHECK(messages(port, "") == Words{"Required"});  // not 0, as Number("") has it
    CHECK(messages(port, true) == Words{"Enter a number"});
    CHECK(validate(schema::boolean().coerce(), "false").value == Json(false));  // not true, as Boolean("false") has it
    CHECK(messages(schema::boolean().coerce(), "no") == Words{"Must be true or false"});
}

TEST_CASE("refine runs after the base checks, and not at all when they fail [V1]") {
    int runs = 0;
    const Schema rule = schema::object({{"password", schema::string().min(6, "short")}, {"again", schema::string()}})
                            .refine(
                                [&](const Json& all) {
                                    ++runs;
                                    return all["password"] == all["again"];
                                },
                                "Not the same", "again");
    CHECK(validate(rule, Json{{"password", "abc"}, {"again", "x"}}).issues == Issues{{"password", "short"}});
    CHECK(validate(rule, Json{{"password", 1}}).issues.size() == 2);
    CHECK(runs == 0);
    CHECK(validate(rule, Json{{"password", "abcdef"}, {"again", "x"}}).issues == Issues{{"again", "Not the same"}});
    CHECK(validate(rule, Json{{"password", "abcdef"}, {"again", "abcdef"}}).ok());
    CHECK(runs == 2);
}

TEST_CASE("trim and transform act where they stand among the rules [V1]") {
    CHECK(messages(schema::string().trim().min(1, "empty"), "  ") == Words{"empty"});
    CHECK(messages(schema::string().min(1, "empty").trim(), "  ").empty());
    int runs = 0;
    const Schema rule = schema::string().trim().min(1, "empty").transform([&](Json text) {
                                            ++runs;
                                            return Json(text.get_ref<const std::string&>() + "!");
                                        }).max(3, "long");
    CHECK(validate(rule, " ab ").value == Json("ab!"));
    CHECK(messages(rule, "abc") == Words{"long"});  // counted after the change
    CHECK(messages(rule, " ") == Words{"empty"});
    CHECK(runs == 2);
}

TEST_CASE("a discriminated union checks the variant that its key names [V1]") {
    const Schema rule = schema::union_of("kind", {{"token", schema::object({{"token", schema::string().min(1, "no token")}})},
                                                  {"cert", schema::object({{"key", schema::string()}, {"port", schema::number()}})}});
    CHECK(validate(rule, Json{{"kind", "token"}, {"token", "t"}, {"key", 1}}).value == Json{{"kind", "token"}, {"token", "t"}});
    CHECK(validate(rule, Json{{"kind", "token"}, {"token", ""}}).issues == Issues{{"token", "no token"}});
    CHECK(validate(rule, Json{{"kind", "cert"}}).issues == Issues{{"key", "Required"}, {"port", "Required"}});
    CHECK(validate(rule, Json{{"kind", "x"}}).issues == Issues{{"kind", "Must be one of token, cert"}});
    CHECK(validate(rule, Json::object()).issues == Issues{{"kind", "Required"}});
    CHECK(validate(rule, 1).issues == Issues{{"", "Must be an object"}});
    REQUIRE(rule.find("port") != nullptr);
    CHECK(rule.find("port")->kind() == Schema::Kind::number);
}

TEST_CASE("the list of mistakes has an end [V1]") {
    const Schema rule = schema::array(schema::number());
    Json value = Json::array();
    for (int i = 0; i < 1'000; ++i) value.push_back("x");
    CHECK(validate(rule, value).issues.size() == state::kMaxIssues);
    CHECK_FALSE(validate(rule, value).ok());
}

TEST_CASE("a schema knows which fields deserve the required mark") {
    CHECK(schema::string().trim().min(1).needs_value());
    CHECK(schema::string().email().needs_value());
    CHECK(schema::number().needs_value());
    CHECK(schema::one_of({"a"}).needs_value());
    CHECK(schema::array(schema::any()).min(1).needs_value());
    CHECK_FALSE(schema::string().needs_value());
    CHECK_FALSE(schema::string().min(1).optional().needs_value());
    CHECK_FALSE(schema::number().or_default(1).needs_value());
    CHECK_FALSE(schema::boolean().needs_value());
}

TEST_CASE("paths: escaping, reading, writing, and other programs' spelling") {
    CHECK(state::join_path(state::join_path("env", "a/b~"), 3) == "env/a~1b~0/3");
    CHECK(state::split_path("env/a~1b~0/~01") == std::vector<std::string>{"env", "a/b~", "~1"});
    Json json{{"env", {{"a/b", 1}}}, {"list", {1, 2}}};
    REQUIRE(state::find_at(json, "env/a~1b") != nullptr);
    CHECK(state::find_at(json, "list/2") == nullptr);
    CHECK(state::find_at(json, "list/01") == nullptr);
    CHECK(state::find_at(json, "list/x") == nullptr);
    CHECK(state::set_at(json, "list/2", 3));
    CHECK_FALSE(state::set_at(json, "list/4", 3));
    CHECK_FALSE(state::set_at(json, "list/0/x", 3));
    CHECK(state::set_at(json, "new/deep", true));
    CHECK(state::erase_at(json, "env/a~1b"));
    CHECK_FALSE(state::erase_at(json, "list/0"));
    CHECK(json == Json{{"env", Json::object()}, {"list", {1, 2, 3}}, {"new", {{"deep", true}}}});
    CHECK(state::normal_path("nodes[3].position.x") == "nodes/3/position/x");
    CHECK(state::normal_path("/a/b") == "a/b");
    CHECK(state::normal_path("a/b") == "a/b");
    CHECK(state::is_within("a/b", "a"));
    CHECK_FALSE(state::is_within("ab", "a"));
}
