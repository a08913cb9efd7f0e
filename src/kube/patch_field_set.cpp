#include "kube/patch_field_set.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "kube/api_json.hpp"

namespace kube::api {
namespace {

constexpr std::string_view kSelf = ".";

constexpr auto kUnownedMetadata = std::to_array<std::string_view>(
    {"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
     "deletionGracePeriodSeconds", "managedFields", "selfLink", "generateName"});

void erase_hollow(FieldSet& set) {
    std::erase_if(set.children, [](const auto& entry) { return entry.second.empty(); });
}

void read(const Json& json, FieldSet& set, int levels) {
    if (!json.is_object() || json.empty() || levels == 0) {
        set.member = true;
        return;
    }
    for (const auto& [element, below] : json.items()) {
        if (element == kSelf) {
            set.member = true;
        } else {
            read(below, set.children[element], levels - 1);
        }
    }
}

// "f:spec" -> ".spec", `k:{"name":"a"}` -> `[name="a"]`, `v:"a"` -> `["a"]`.
std::string readable(std::string_view element) {
    if (element.starts_with("f:")) return "." + std::string(element.substr(2));
    const std::string_view value = element.size() > 2 ? element.substr(2) : std::string_view{};
    if (!element.starts_with("k:")) return "[=" + std::string(value) + "]";
    std::string out = "[";
    if (const auto keys = base::parse_json(value); keys && keys->is_object()) {
        for (const auto& [key, key_json] : keys->items()) {
            if (out.size() > 1) out += ',';
            out += key + "=" + dump(key_json);
        }
    }
    return out + "]";
}

void collect_paths(const FieldSet& set, const std::string& path, std::vector<std::string>& out) {
    if (set.member) out.push_back(path);
    for (const auto& [element, below] : set.children) collect_paths(below, path + readable(element), out);
}

void collect(const Schema::Type& type, const Json& value, FieldSet& set) {
    const bool is_map = type.shape == Schema::Shape::map || type.shape == Schema::Shape::object || type.shape == Schema::Shape::any;
    if (value.is_object() && is_map && !type.atomic && !value.empty()) {
        for (const auto& [name, member] : value.items()) {
            if (!member.is_null()) collect(type.field(name), member, set.children["f:" + name]);
        }
        // All members were null: the empty map is what was said.
        if (set.children.empty()) set.member = true;
        return;
    }
    if (value.is_array() && (type.is_set || !type.keys.empty()) && !value.empty()) {
        for (const Json& item : value) {
            FieldSet& below = set.children[item_element(type, item)];
            if (!type.is_set) collect(*type.item, item, below);
            below.member = true;
        }
        return;
    }
    set.member = true;
}

void strip_unowned(FieldSet& set) {
    set.children.erase("f:apiVersion");
    set.children.erase("f:kind");
    if (const auto metadata = set.children.find("f:metadata"); metadata != set.children.end()) {
        for (const auto name : kUnownedMetadata) metadata->second.children.erase("f:" + std::string(name));
        metadata->second.member = false;
    }
    erase_hollow(set);
    set.member = false;
}

bool is_granular_list(const Schema::Type& type, const Json& value) {
    return value.is_array() && (type.is_set || !type.keys.empty());
}
bool is_granular_map(const Schema::Type& type, const Json& value) {
    return value.is_object() && !type.atomic &&
           (type.shape == Schema::Shape::map || type.shape == Schema::Shape::object || type.shape == Schema::Shape::any);
}

void compare(const Schema::Type& type, const Json* before, const Json* after, FieldSet& changed, FieldSet& removed);

void compare_maps(const Schema::Type& type, const Json& before, const Json& after, FieldSet& changed, FieldSet& removed) {
    for (const auto& [name, value] : after.items()) {
        const std::string element = "f:" + name;
        compare(type.field(name), child(before, name), &value, changed.children[element], removed.children[element]);
    }
    for (const auto& [name, value] : before.items()) {
        if (!child(after, name)) collect(type.field(name), value, removed.children["f:" + name]);
    }
}

void compare_lists(const Schema::Type& type, const Json& before, const Json& after, FieldSet& changed, FieldSet& removed) {
    std::map<std::string, const Json*> old_items;
    for (const Json& item : before) old_items.emplace(item_element(type, item), &item);
    std::map<std::string, const Json*> new_items;
    for (const Json& item : after) new_items.emplace(item_element(type, item), &item);
    for (const auto& [element, item] : new_items) {
        const auto old_item = old_items.find(element);
        FieldSet& below = changed.children[element];
        if (old_item == old_items.end()) {
            if (!type.is_set) collect(*type.item, *item, below);
            below.member = true;
        } else if (!type.is_set) {
            compare(*type.item, old_item->second, item, below, removed.children[element]);
        }
    }
    for (const auto& [element, item] : old_items) {
        if (new_items.contains(element)) continue;
        FieldSet& below = removed.children[element];
        if (!type.is_set) collect(*type.item, *item, below);
        below.member = true;
    }
}

void compare(const Schema::Type& type, const Json* before, const Json* after, FieldSet& changed, FieldSet& removed) {
    if (before && before->is_null()) before = nullptr;
    if (after && after->is_null()) after = nullptr;
    if (before && after && *before == *after) return;
    if (before && after && is_granular_map(type, *before) && is_granular_map(type, *after)) {
        compare_maps(type, *before, *after, changed, removed);
    } else if (before && after && is_granular_list(type, *before) && is_granular_list(type, *after)) {
        compare_lists(type, *before, *after, changed, removed);
    } else {
        if (after) {
            collect(type, *after, changed);
        } else if (before) {
            collect(type, *before, removed);
        }
    }
    erase_hollow(changed);
    erase_hollow(removed);
}

}  // namespace

const FieldSet* FieldSet::at(std::string_view element) const {
    const auto it = children.find(element);
    return it == children.end() ? nullptr : &it->second;
}

bool FieldSet::covers_anything() const {
    return member || std::any_of(children.begin(), children.end(), [](const auto& entry) { return entry.second.covers_anything(); });
}

void FieldSet::unite(const FieldSet& other) {
    member = member || other.member;
    for (const auto& [element, below] : other.children) children[element].unite(below);
}

void FieldSet::subtract(const FieldSet& other) {
    if (other.member) member = false;
    for (const auto& [element, below] : other.children) {
        if (const auto it = children.find(element); it != children.end()) it->second.subtract(below);
    }
    erase_hollow(*this);
}

FieldSet FieldSet::intersection(const FieldSet& other) const {
    FieldSet out;
    out.member = member && other.member;
    for (const auto& [element, below] : children) {
        if (const FieldSet* theirs = other.at(element)) {
            FieldSet common = below.intersection(*theirs);
            if (!common.empty()) out.children.emplace(element, std::move(common));
        }
    }
    return out;
}

Json FieldSet::to_json() const {
    Json out = Json::object();
    if (children.empty()) return out;
    if (member) out[std::string(kSelf)] = Json::object();
    for (const auto& [element, below] : children) out[element] = below.to_json();
    return out;
}

FieldSet FieldSet::from_json(const Json& fields_v1) {
    FieldSet set;
    if (fields_v1.is_object() && !fields_v1.empty()) read(fields_v1, set, 64);
    return set;
}

std::vector<std::string> FieldSet::paths() const {
    std::vector<std::string> out;
    collect_paths(*this, {}, out);
    return out;
}

std::string item_element(const Schema::Type& list, const Json& item) {
    if (list.is_set) return "v:" + dump(item);
    Json keys = Json::object();
    for (const auto& key : list.keys) keys[key] = key_value(item, key);
    return "k:" + dump(keys);
}

FieldSet fields_of(const Schema::Type& type, const Json& object) {
    FieldSet set;
    collect(type, object, set);
    strip_unowned(set);
    return set;
}

FieldChanges compare_fields(const Schema::Type& type, const Json& before, const Json& after) {
    FieldChanges changes;
    compare(type, &before, &after, changes.changed, changes.removed);
    strip_unowned(changes.changed);
    strip_unowned(changes.removed);
    return changes;
}

}  // namespace kube::api
