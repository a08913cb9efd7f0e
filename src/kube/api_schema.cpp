#include "kube/api_schema.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kube/api_json.hpp"
#include "kube/api_schema_text.hpp"

namespace kube::api {
namespace {

const Schema::Type& any_type() {
    static const Schema::Type type;
    return type;
}

std::string_view json_type_word(const Json& value) {
    switch (value.type()) {
        case Json::value_t::boolean: return "bool";
        case Json::value_t::array: return "array";
        case Json::value_t::object: return "object";
        case Json::value_t::string: return "string";
        default: return "number";
    }
}

std::string_view shape_word(Schema::Shape shape) {
    switch (shape) {
        case Schema::Shape::any: return "any";
        case Schema::Shape::string: return "string";
        case Schema::Shape::integer: return "integer";
        case Schema::Shape::boolean: return "boolean";
        case Schema::Shape::quantity: return "quantity";
        case Schema::Shape::int_or_string: return "integer or string";
        case Schema::Shape::list: return "list";
        case Schema::Shape::map: return "map";
        case Schema::Shape::object: return "object";
    }
    return "any";
}

// Within 53 bits, so that no reader wraps or rounds it.
bool is_small_integer(const Json& value) {
    constexpr std::int64_t kLargest = std::int64_t{1} << 53;
    if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kLargest);
    return value.is_number_integer() && value.get<std::int64_t>() >= -kLargest;
}

bool fits(Schema::Shape shape, const Json& value) {
    switch (shape) {
        case Schema::Shape::any: return true;
        case Schema::Shape::string: return value.is_string();
        case Schema::Shape::integer: return is_small_integer(value);
        case Schema::Shape::boolean: return value.is_boolean();
        case Schema::Shape::quantity: return value.is_string() || value.is_number();
        case Schema::Shape::int_or_string: return value.is_string() || is_small_integer(value);
        case Schema::Shape::list: return value.is_array();
        case Schema::Shape::map:
        case Schema::Shape::object: return value.is_object();
    }
    return true;
}

// `path` grows and shrinks along the walk; depth is bounded by the schema.
std::optional<std::string> check_value(const Schema::Type& type, const Json& value, std::string& path) {
    if (value.is_null()) return std::nullopt;  // Go's decoder takes null for the zero value
    if (!fits(type.shape, value)) {
        return "cannot unmarshal " + std::string(json_type_word(value)) + " into field " + path + " of type " +
               std::string(shape_word(type.shape));
    }
    const auto walk = [&](const Schema::Type& below, const Json& member, const std::string& step) {
        const auto length = path.size();
        path += step;
        auto wrong = check_value(below, member, path);
        path.resize(length);
        return wrong;
    };
    if (type.shape == Schema::Shape::list) {
        if (!type.atomic && value.size() > kMaxKeyedItems) {
            return path + " has more than " + std::to_string(kMaxKeyedItems) + " items";
        }
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (auto wrong = walk(*type.item, value[i], "[" + std::to_string(i) + "]")) return wrong;
        }
    } else if (type.shape == Schema::Shape::map) {
        for (const auto& [name, member] : value.items()) {
            if (auto wrong = walk(*type.item, member, "." + name.substr(0, 80))) return wrong;
        }
    } else if (type.shape == Schema::Shape::object) {
        for (const auto& [name, below] : type.fields) {
            const Json* member = child(value, name);
            if (!member) continue;
            if (auto wrong = walk(*below, *member, "." + name)) return wrong;
        }
    }
    return std::nullopt;
}

}  // namespace

const Schema::Type& Schema::Type::field(std::string_view field_name) const {
    if (shape == Shape::map && item) return *item;
    const auto it = fields.find(field_name);
    return it == fields.end() ? any_type() : *it->second;
}

// One type per line: `Name = field:type field:type ...`; the types are explained in api_schema_text.hpp.
Schema::Schema() {
    for (const auto line : base::split(kSchemaText, '\n')) {
        const auto halves = base::split_once(line, '=');
        if (!halves) continue;
        Type* type = named(base::trim(halves->before));
        for (const auto field : base::split(base::trim(halves->after), ' ')) {
            const auto parts = base::split_once(field, ':');
            if (parts) type->fields[std::string(parts->before)] = parse_type(parts->after);
        }
    }
}

Schema::Type* Schema::named(std::string_view name) {
    if (const auto it = named_.find(name); it != named_.end()) return it->second;
    auto type = std::make_unique<Type>();
    type->shape = Shape::object;
    type->name = name;
    Type* raw = type.get();
    owned_.push_back(std::move(type));
    named_.emplace(name, raw);
    return raw;
}

const Schema::Type* Schema::parse_type(std::string_view text) {
    Type type;
    if (text.ends_with('!')) {
        type.atomic = true;
        text.remove_suffix(1);
    }
    if (text.starts_with('[') || text.starts_with('{')) {
        type.shape = text.front() == '[' ? Shape::list : Shape::map;
        std::string_view inner = text.substr(1, text.size() - 2);
        if (type.shape == Shape::list) {
            const auto halves = base::split_once(inner, '|');
            if (halves && halves->after == "set") {
                type.is_set = true;
            } else if (halves) {
                for (const auto key : base::split(halves->after, ',')) type.keys.emplace_back(key);
            }
            if (halves) inner = halves->before;
            type.atomic = type.keys.empty() && !type.is_set;
        }
        type.item = parse_type(inner);
    } else if (text == "s") {
        type.shape = Shape::string;
    } else if (text == "i") {
        type.shape = Shape::integer;
    } else if (text == "b") {
        type.shape = Shape::boolean;
    } else if (text == "q") {
        type.shape = Shape::quantity;
    } else if (text == "p") {
        type.shape = Shape::int_or_string;
    } else if (text != "any") {
        Type* object = named(text);
        if (!type.atomic) return object;
        // An atomic use of a named type is a type of its own; it is defined above its users in the text.
        type = *object;
        type.atomic = true;
    }
    owned_.push_back(std::make_unique<Type>(std::move(type)));
    return owned_.back().get();
}

const Schema::Type& Schema::kind(std::string_view kind) const {
    auto it = named_.find(kind);
    if (it == named_.end()) it = named_.find("PartialObjectMetadata");
    return *it->second;
}

std::optional<std::string> Schema::check(const Type& type, const Json& value) const {
    std::string path = type.name;
    return check_value(type, value, path);
}

Json key_value(const Json& item, std::string_view key) {
    const Json* value = child(item, key);
    if (value && !value->is_null()) return *value;
    return key == "protocol" ? Json("TCP") : Json(nullptr);
}

bool same_item(const Json& a, const Json& b, const std::vector<std::string>& keys) {
    return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) { return key_value(a, key) == key_value(b, key); });
}

}  // namespace kube::api
