#include "kube/structural_schema.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.hpp"
#include "kube/api_json.hpp"

namespace kube::api {
namespace {

constexpr const char* kIntOrString = "x-kubernetes-int-or-string";
constexpr const char* kPreserve = "x-kubernetes-preserve-unknown-fields";
constexpr const char* kListType = "x-kubernetes-list-type";
constexpr const char* kListKeys = "x-kubernetes-list-map-keys";
constexpr const char* kMapType = "x-kubernetes-map-type";

bool has_type(const Json& schema, std::string_view type) { return view(child(schema, "type")) == type; }

// What the server always keeps of an object, whatever its schema says.
bool is_envelope(std::string_view name) { return name == "apiVersion" || name == "kind" || name == "metadata"; }

std::string below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
}
std::string item_of(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

// The schema of a member that `properties` does not name; null when there is none.
const Json* additional(const Json& schema) {
    const Json* more = child(schema, "additionalProperties");
    return more && more->is_object() ? more : nullptr;
}
const Json* schema_of_member(const Json& schema, const std::string& name) {
    if (const Json* known = child(map(schema, {"properties"}), name)) return known;
    return additional(schema);
}

std::string_view word_of(const Json& value) {
    switch (value.type()) {
        case Json::value_t::null: return "null";
        case Json::value_t::boolean: return "boolean";
        case Json::value_t::array: return "array";
        case Json::value_t::object: return "object";
        case Json::value_t::string: return "string";
        case Json::value_t::number_float: return "number";
        default: return "integer";
    }
}

bool is_integer(const Json& value) {
    return value.is_number_integer() || (value.is_number_float() && std::nearbyint(value.get<double>()) == value.get<double>());
}

bool fits_type(std::string_view type, const Json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return is_integer(value);
    return type != "number" || value.is_number();
}

// A whole number of a keyword ("maxLength": 63); `fallback` when it is absent or something else.
std::size_t count_of(const Json& schema, const char* keyword, std::size_t fallback) {
    const Json* value = child(schema, keyword);
    return value && value->is_number_unsigned() ? value->get<std::size_t>() : fallback;
}

constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

class Validator {
public:
    explicit Validator(Causes& causes) : causes_(causes) {}

    void run(const Json& schema, const Json& value, const std::string& path, bool is_root, int depth) {
        if (depth > kMaxSchemaDepth) return;
        if (value.is_null() && flag(schema, {"nullable"})) return;
        if (!check_type(schema, value, path)) return;
        check_enum(schema, value, path);
        if (value.is_number()) check_number(schema, value, path);
        if (value.is_string()) check_length(schema, value, path);
        if (value.is_array()) check_array(schema, value, path, depth);
        if (value.is_object()) check_object(schema, value, path, is_root, depth);
        check_combinations(schema, value, path, depth);
    }

private:
    void wrong(const std::string& path, const Json& value, const std::string& what) {
        const std::string name = path.empty() ? "<nil>" : path;
        causes_.invalid(name, value, name + " in body " + what);
    }

    bool check_type(const Json& schema, const Json& value, const std::string& path) {
        if (flag(schema, {kIntOrString})) {
            if (value.is_string() || is_integer(value)) return true;
            wrong(path, word_of(value), "must be of type integer,string: " + dump(std::string(word_of(value))));
            return false;
        }
        const std::string_view type = view(child(schema, "type"));
        if (type.empty() || fits_type(type, value)) return true;
        wrong(path, word_of(value), "must be of type " + std::string(type) + ": " + dump(std::string(word_of(value))));
        return false;
    }

    void check_enum(const Json& schema, const Json& value, const std::string& path) {
        const Json& allowed = array(schema, {"enum"});
        if (allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
        std::string words;
        for (const Json& one : allowed) words += (words.empty() ? "" : ", ") + dump(one);
        causes_.not_supported(path, value, words);
    }

    void check_number(const Json& schema, const Json& value, const std::string& path) {
        const double number = value.get<double>();
        const Json* least = child(schema, "minimum");
        const Json* most = child(schema, "maximum");
        if (least && least->is_number()) {
            const bool open = flag(schema, {"exclusiveMinimum"});
            const double bound = least->get<double>();
            if (open ? number <= bound : number < bound) {
                wrong(path, value, std::string("should be greater than ") + (open ? "" : "or equal to ") + dump(*least));
            }
        }
        if (most && most->is_number()) {
            const bool open = flag(schema, {"exclusiveMaximum"});
            const double bound = most->get<double>();
            if (open ? number >= bound : number > bound) {
                wrong(path, value, std::string("should be less than ") + (open ? "" : "or equal to ") + dump(*most));
            }
        }
    }

    void check_length(const Json& schema, const Json& value, const std::string& path) {
        const std::string_view text = view(&value);
        // Characters, not bytes: continuation bytes do not count.
        const auto length = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
        const auto least = count_of(schema, "minLength", 0);
        const auto most = count_of(schema, "maxLength", kNoLimit);
        if (length < least) wrong(path, value, "should be at least " + std::to_string(least) + " chars long");
        if (length > most) causes_.too_long(path, "may not be more than " + std::to_string(most) + " bytes");
    }

    void check_array(const Json& schema, const Json& value, const std::string& path, int depth) {
        const auto least = count_of(schema, "minItems", 0);
        const auto most = count_of(schema, "maxItems", kNoLimit);
        if (value.size() < least) wrong(path, value.size(), "should have at least " + std::to_string(least) + " items");
        if (value.size() > most) wrong(path, value.size(), "should have at most " + std::to_string(most) + " items");
        if (const Json* items = child(schema, "items"); items && items->is_object()) {
            for (std::size_t i = 0; i < value.size(); ++i) run(*items, value[i], item_of(path, i), false, depth + 1);
        }
        const std::string_view list = view(child(schema, kListType));
        if (list != "set" && list != "map") return;
        if (value.size() > kMaxKeyedItems) return wrong(path, value.size(), "should have at most " + std::to_string(kMaxKeyedItems) + " items");
        std::set<std::string> seen;
        for (std::size_t i = 0; i < value.size(); ++i) {
            Json key = value[i];
            if (list == "map") {
                key = Json::object();
                for (const Json& name : array(schema, {kListKeys})) {
                    const Json* part = child(value[i], view(&name));
                    if (part) key[std::string(view(&name))] = *part;
                }
            }
            if (!seen.insert(dump(key)).second) causes_.duplicate(item_of(path, i), key);
        }
    }

    void check_object(const Json& schema, const Json& value, const std::string& path, bool is_root, int depth) {
        const auto least = count_of(schema, "minProperties", 0);
        const auto most = count_of(schema, "maxProperties", kNoLimit);
        if (value.size() < least) wrong(path, value.size(), "should have at least " + std::to_string(least) + " properties");
        if (value.size() > most) wrong(path, value.size(), "should have at most " + std::to_string(most) + " properties");
        for (const Json& name : array(schema, {"required"})) {
            if (name.is_string() && !value.contains(name.get_ref<const std::string&>())) causes_.required(below(path, view(&name)));
        }
        for (const auto& [name, member_value] : value.items()) {
            if (is_root && is_envelope(name)) continue;
            if (const Json* member_schema = schema_of_member(schema, name)) run(*member_schema, member_value, below(path, name), false, depth + 1);
        }
    }

    static bool matches(const Json& schema, const Json& value, int depth) {
        Causes causes;
        Validator(causes).run(schema, value, "", false, depth + 1);
        return causes.empty();
    }

    void check_combinations(const Json& schema, const Json& value, const std::string& path, int depth) {
        for (const Json& part : array(schema, {"allOf"})) run(part, value, path, false, depth + 1);
        const auto fitting = [&](const char* keyword) {
            const Json& parts = array(schema, {keyword});
            return std::count_if(parts.begin(), parts.end(), [&](const Json& part) { return matches(part, value, depth); });
        };
        if (!array(schema, {"anyOf"}).empty() && fitting("anyOf") == 0) wrong(path, value, "must validate at least one schema (anyOf)");
        if (!array(schema, {"oneOf"}).empty() && fitting("oneOf") != 1) wrong(path, value, "must validate one and only one schema (oneOf)");
        if (const Json* not_this = child(schema, "not"); not_this && matches(*not_this, value, depth)) {
            wrong(path, value, "must not validate the schema (not)");
        }
    }

    Causes& causes_;
};

void prune_value(const Json& schema, Json& value, bool is_root, int depth) {
    if (depth > kMaxSchemaDepth) return;
    if (value.is_array()) {
        const Json* items = child(schema, "items");
        if (!items) return;
        for (Json& item : value) prune_value(*items, item, false, depth + 1);
        return;
    }
    if (!value.is_object()) return;
    const Json* more = child(schema, "additionalProperties");
    const bool keeps = flag(schema, {kPreserve}) || (more && more->is_boolean() && more->get<bool>());
    auto& members = value.get_ref<Json::object_t&>();
    std::erase_if(members, [&](const auto& member_entry) {
        if (keeps || (is_root && is_envelope(member_entry.first))) return false;
        return schema_of_member(schema, member_entry.first) == nullptr;
    });
    for (auto& [name, member_value] : members) {
        if (is_root && is_envelope(name)) continue;
        if (const Json* below_schema = schema_of_member(schema, name)) prune_value(*below_schema, member_value, false, depth + 1);
    }
}

void default_value(const Json& schema, Json& value, bool is_root, int depth) {
    if (depth > kMaxSchemaDepth) return;
    if (value.is_array()) {
        if (const Json* items = child(schema, "items")) {
            for (Json& item : value) default_value(*items, item, false, depth + 1);
        }
        return;
    }
    if (!value.is_object()) return;
    for (const auto& [name, below_schema] : map(schema, {"properties"}).items()) {
        if (is_root && is_envelope(name)) continue;
        if (const Json* given = child(below_schema, "default"); given && !value.contains(name)) value[name] = *given;
    }
    for (auto& [name, member_value] : value.get_ref<Json::object_t&>()) {
        if (is_root && is_envelope(name)) continue;
        if (const Json* below_schema = schema_of_member(schema, name)) default_value(*below_schema, member_value, false, depth + 1);
    }
}

void check_node(const Json& schema, const std::string& path, bool is_root, int depth, Causes& causes) {
    if (!schema.is_object()) return causes.invalid(path, word_of(schema), "must be an object");
    if (depth > kMaxSchemaDepth) return causes.invalid(path, "...", "nests deeper than " + std::to_string(kMaxSchemaDepth) + " levels");
    const std::string type(view(child(schema, "type")));
    static const std::set<std::string, std::less<>> kTypes{"object", "array", "string", "integer", "number", "boolean"};
    if (is_root && type != "object") {
        if (type.empty()) return causes.required(path + ".type", "must not be empty at the root");
        return causes.invalid(path + ".type", type, "must be object at the root");
    }
    if (type.empty() && !flag(schema, {kIntOrString}) && !flag(schema, {kPreserve})) {
        causes.required(path + ".type", "must not be empty for specified object fields");
    } else if (!type.empty() && !kTypes.contains(type)) {
        causes.not_supported(path + ".type", type, R"("array", "boolean", "integer", "number", "object", "string")");
    }
    if (child(schema, "$ref")) causes.forbidden(path + ".$ref", "$ref is not supported");
    if (const Json* properties = child(schema, "properties")) {
        if (child(schema, "additionalProperties")) causes.forbidden(path + ".additionalProperties", "must not be used together with properties");
        if (!properties->is_object()) return causes.invalid(path + ".properties", word_of(*properties), "must be an object");
        for (const auto& [name, below_schema] : properties->items()) {
            if (is_root && is_envelope(name)) continue;
            check_node(below_schema, path + ".properties[" + name.substr(0, 80) + "]", false, depth + 1, causes);
        }
    }
    if (const Json* more = child(schema, "additionalProperties"); more && !more->is_boolean()) {
        check_node(*more, path + ".additionalProperties", false, depth + 1, causes);
    }
    if (const Json* items = child(schema, "items")) {
        check_node(*items, path + ".items", false, depth + 1, causes);
    } else if (type == "array") {
        causes.required(path + ".items", "must be specified");
    }
    const std::string list(view(child(schema, kListType)));
    if (!list.empty() && list != "atomic" && list != "set" && list != "map") causes.not_supported(path + "." + kListType, list, R"("atomic", "map", "set")");
    if (list == "map" && array(schema, {kListKeys}).empty()) causes.required(path + "." + kListKeys, "must not be empty if x-kubernetes-list-type is map");
    if (list != "map" && child(schema, kListKeys)) causes.forbidden(path + "." + kListKeys, "must only be used if x-kubernetes-list-type is map");
}

}  // namespace

void StructuralSchema::check(const Json& schema, const std::string& path, Causes& causes) { check_node(schema, path, true, 0, causes); }

StructuralSchema::StructuralSchema(Json schema, const Schema::Type& object_meta) : schema_(std::move(schema)) {
    Schema::Type root = *build(schema_, 0);
    root.shape = Schema::Shape::object;
    root.atomic = false;
    types_.push_back({.shape = Schema::Shape::string});
    root.fields["apiVersion"] = &types_.back();
    root.fields["kind"] = &types_.back();
    root.fields["metadata"] = &object_meta;
    types_.push_back(std::move(root));
    root_ = &types_.back();
}

const Schema::Type* StructuralSchema::build(const Json& schema, int depth) {
    using Shape = Schema::Shape;
    Schema::Type type;
    const bool deep = depth > kMaxSchemaDepth;
    if (flag(schema, {kIntOrString})) {
        type.shape = Shape::int_or_string;
    } else if (has_type(schema, "string")) {
        type.shape = Shape::string;
    } else if (has_type(schema, "integer")) {
        type.shape = Shape::integer;
    } else if (has_type(schema, "boolean")) {
        type.shape = Shape::boolean;
    } else if (has_type(schema, "array") && !deep) {
        type.shape = Shape::list;
        const std::string_view list = view(child(schema, kListType));
        type.is_set = list == "set";
        if (list == "map") {
            for (const Json& key : array(schema, {kListKeys})) type.keys.emplace_back(view(&key));
        }
        type.atomic = !type.is_set && type.keys.empty();
        type.item = build(map(schema, {"items"}), depth + 1);
    } else if (has_type(schema, "object") && !deep) {
        type.atomic = view(child(schema, kMapType)) == "atomic";
        if (const Json* more = additional(schema)) {
            type.shape = Shape::map;
            type.item = build(*more, depth + 1);
        } else if (const Json* properties = child(schema, "properties"); properties && properties->is_object()) {
            type.shape = Shape::object;
            for (const auto& [name, below_schema] : properties->items()) type.fields[name] = build(below_schema, depth + 1);
        }
    }
    types_.push_back(std::move(type));
    return &types_.back();
}

void StructuralSchema::prune(Json& object) const { prune_value(schema_, object, true, 0); }
void StructuralSchema::set_defaults(Json& object) const { default_value(schema_, object, true, 0); }
void StructuralSchema::validate(const Json& object, Causes& causes) const { Validator(causes).run(schema_, object, "", true, 0); }

}  // namespace kube::api
