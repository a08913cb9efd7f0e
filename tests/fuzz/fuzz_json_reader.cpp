// Our JSON reading against nlohmann's own parser: both accept the same texts (but for the depth limit and NUL bytes) and build the same document;
// dumping and reading again is the identity; the typed readers answer for every document whatever they are asked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "wire/json_reader.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// Asks every question of every value.
void read_everything(const wire::JsonReader& reader, int depth) {
    (void)reader.as_string();
    (void)reader.as_integer({.min = -5, .max = 5});
    (void)reader.as_number();
    (void)reader.as_boolean();
    for (const std::string_view key : reader.keys()) {
        (void)reader.string(key);
        (void)reader.integer(key);
        (void)reader.number_or(key, 1);
        (void)reader.boolean_or(key, true);
        (void)reader.string_map(key);
        (void)reader.string_list(key);
        (void)reader.choice<int>(key, {{"a", 1}, {"b", 2}});
        if (depth < 8) read_everything(reader.member(key), depth + 1);
    }
    (void)reader.string("missing");
    if (depth < 8) {
        for (const wire::JsonReader& element : reader.as_array()) read_everything(element, depth + 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto ours = wire::parse_json(text);
    const bool theirs_accept = wire::Json::accept(text) && text.find('\0') == std::string_view::npos;  // it stops at a NUL
    if (!ours) {
        require(base::is_valid_utf8(ours.error().message));
        require(!theirs_accept || ours.error().message.starts_with("nested deeper"));
        return 0;
    }
    require(theirs_accept);
    require(*ours == wire::Json::parse(text, nullptr, false));
    const std::string dumped = wire::dump_json(*ours);
    const auto again = wire::parse_json(dumped);
    require(again.has_value() && wire::dump_json(*again) == dumped);

    wire::JsonErrors errors;
    read_everything(wire::JsonReader(*ours, errors), 0);
    require(errors.issues().size() <= wire::JsonErrors::kMaxIssues && errors.count() >= errors.issues().size());
    require(base::is_valid_utf8(errors.to_error().message));
    return 0;
}
