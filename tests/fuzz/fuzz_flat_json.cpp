// FlatJson against nlohmann: for every text nlohmann accepts as an object, the same members in the same order with the same
// values; for every other text no crash, and views that stay inside the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "wire/flat_json.hpp"

namespace {

using base::Json;

void require(bool condition) {
    if (!condition) std::abort();
}

// The top-level keys in order, duplicates and all (the DOM forgets both).
std::vector<std::string> top_level_keys(std::string_view text) {
    std::vector<std::string> keys;
    const Json whole = Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::key && depth == 1) keys.push_back(parsed.get<std::string>());
        return true;
    }, false);
    require(!whole.is_discarded());
    return keys;
}

void check_value(const wire::FlatJson& fields, const Json& expected) {
    using Kind = wire::FlatJson::Kind;
    std::string scratch;
    switch (fields.kind()) {
        case Kind::string: require(expected.is_string() && fields.string(scratch) == expected.get_ref<const std::string&>()); break;
        case Kind::number:
            require(expected.is_number());
            if (const auto integer = fields.integer()) require(expected.is_number_integer() && expected.get<std::int64_t>() == *integer);
            if (const auto number = fields.number()) require(*number == expected.get<double>());
            break;
        case Kind::boolean: require(expected.is_boolean() && fields.boolean() == expected.get<bool>()); break;
        case Kind::null: require(expected.is_null()); break;
        case Kind::object: require(expected.is_object()); break;
        case Kind::array: require(expected.is_array()); break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // An exact copy on the heap: one byte too far is an error.
    const std::vector<char> own(data, data + size);
    const std::string_view text(own.data(), own.size());
    if (text.starts_with("\xEF\xBB\xBF")) return 0;  // nlohmann skips a BOM, RFC 8259 lets others refuse it
    if (text.find('\0') != std::string_view::npos) {  // nlohmann takes a NUL for the end
        wire::FlatJson fields(text);
        while (fields.next()) {
        }
        return 0;
    }
    const Json document = Json::parse(text, nullptr, false);
    const bool is_object = !document.is_discarded() && document.is_object();
    const std::vector<std::string> keys = is_object ? top_level_keys(text) : std::vector<std::string>{};

    wire::FlatJson fields(text);
    std::string scratch;
    std::size_t count = 0;
    while (fields.next()) {
        require(fields.raw().data() >= text.data() && fields.raw().data() + fields.raw().size() <= text.data() + text.size());
        require(!fields.raw().empty());
        (void)fields.key(scratch);
        (void)fields.string(scratch);
        if (is_object) {
            require(count < keys.size() && fields.key(scratch) == keys[count] && fields.key_is(keys[count]));
            const Json value = Json::parse(fields.raw(), nullptr, false);
            require(!value.is_discarded());
            check_value(fields, value);
        }
        ++count;
    }
    if (is_object) require(!fields.failed() && count == keys.size());
    return 0;
}
