#include "kube/patch_apply.hpp"

#include <algorithm>
#include <set>

#include "kube/api_json.hpp"

namespace kube::api {
namespace {

constexpr std::string_view kApply = "Apply";
constexpr std::string_view kUpdate = "Update";

struct Manager {
    std::string name;
    std::string operation;
    std::string api_version;
    std::string time;
    std::string subresource;
    FieldSet fields;

    [[nodiscard]] bool is(const FieldWriter& writer, std::string_view with_operation) const {
        return name == writer.manager && operation == with_operation && subresource == writer.subresource &&
               (operation == kApply || api_version == writer.api_version);
    }
    [[nodiscard]] std::string describe() const {
        std::string out = "conflict with \"" + name + "\"";
        if (!subresource.empty()) out += " with subresource \"" + subresource + "\"";
        out += " using " + api_version;
        if (operation == kUpdate && !time.empty()) out += " at " + time;
        return out;
    }
};

std::vector<Manager> load_managers(const Json& object) {
    std::vector<Manager> managers;
    for (const Json& entry : array(object, {"metadata", "managedFields"})) {
        const Json* fields = child(entry, "fieldsV1");
        if (!fields) continue;
        managers.push_back({text(entry, {"manager"}), text(entry, {"operation"}), text(entry, {"apiVersion"}), text(entry, {"time"}),
                            text(entry, {"subresource"}), FieldSet::from_json(*fields)});
    }
    return managers;
}

void save_managers(Json& object, const std::vector<Manager>& managers) {
    Json list = Json::array();
    for (const auto& manager : managers) {
        if (manager.fields.empty()) continue;
        Json entry{{"manager", manager.name},
                   {"operation", manager.operation},
                   {"apiVersion", manager.api_version},
                   {"time", manager.time},
                   {"fieldsType", "FieldsV1"},
                   {"fieldsV1", manager.fields.to_json()}};
        if (!manager.subresource.empty()) entry["subresource"] = manager.subresource;
        list.push_back(std::move(entry));
    }
    Json& metadata = member(object, {"metadata"});
    if (list.empty()) {
        metadata.erase("managedFields");
    } else {
        metadata["managedFields"] = std::move(list);
    }
}

Manager& entry_of(std::vector<Manager>& managers, const FieldWriter& writer, std::string_view operation) {
    const auto it = std::find_if(managers.begin(), managers.end(), [&](const Manager& m) { return m.is(writer, operation); });
    if (it != managers.end()) return *it;
    managers.push_back({writer.manager, std::string(operation), writer.api_version, writer.time, writer.subresource, {}});
    return managers.back();
}

bool is_mergeable_map(const Schema::Type& type, const Json& value) {
    using Shape = Schema::Shape;
    return value.is_object() && !type.atomic && (type.shape == Shape::map || type.shape == Shape::object || type.shape == Shape::any);
}
bool is_mergeable_list(const Schema::Type& type, const Json& value) {
    return value.is_array() && (type.is_set || !type.keys.empty());
}

// What makes a configuration impossible to merge: items without their key, or twice the same.
std::string find_malformed(const Schema::Type& type, const Json& value, const std::string& path) {
    if (is_mergeable_map(type, value)) {
        for (const auto& [name, below] : value.items()) {
            if (auto wrong = find_malformed(type.field(name), below, path + "." + name); !wrong.empty()) return wrong;
        }
    } else if (is_mergeable_list(type, value)) {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const Json& item = value[i];
            for (const auto& key : type.keys) {
                if (!item.is_object() || key_value(item, key).is_null()) {
                    return path + ": element " + std::to_string(i) +
                           ": associative list with keys has an element that omits key field \"" + key + "\"";
                }
            }
            if (!seen.insert(item_element(type, item)).second) return path + ": duplicate entries for key " + item_element(type, item).substr(2);
            if (type.is_set) continue;
            if (auto wrong = find_malformed(*type.item, item, path + "[" + std::to_string(i) + "]"); !wrong.empty()) return wrong;
        }
    }
    return {};
}

Json merge_applied(const Schema::Type& type, Json live, const Json& config) {
    if (is_mergeable_map(type, config)) {
        if (!live.is_object()) live = Json::object();
        for (const auto& [name, value] : config.items()) {
            if (value.is_null()) continue;
            Json& below = live[name];
            below = merge_applied(type.field(name), std::move(below), value);
        }
        return live;
    }
    if (is_mergeable_list(type, config)) {
        if (!live.is_array()) live = Json::array();
        for (const Json& item : config) {
            const auto it = std::find_if(live.begin(), live.end(), [&](const Json& have) {
                return type.is_set ? have == item : same_item(have, item, type.keys);
            });
            if (it == live.end()) {
                live.push_back(type.is_set ? item : merge_applied(*type.item, Json::object(), item));
            } else if (!type.is_set) {
                *it = merge_applied(*type.item, std::move(*it), item);
            }
        }
        return live;
    }
    return config;
}

bool is_covered(const FieldSet* set) { return set && set->covers_anything(); }
const FieldSet* below(const FieldSet* set, std::string_view element) { return set ? set->at(element) : nullptr; }

// Takes the members of `leaving` out of `value`, but nothing that `kept` says something about.
void prune(const Schema::Type& type, Json& value, const FieldSet& leaving, const FieldSet* kept) {
    // True when the element itself should go.
    const auto prune_one = [&](const Schema::Type& item_type, Json& item, const FieldSet& set, std::string_view element) {
        const FieldSet* kept_below = below(kept, element);
        if (set.member && !is_covered(kept_below)) return true;
        const bool was_empty = item.is_structured() && item.empty();
        prune(item_type, item, set, kept_below);
        return item.is_structured() && item.empty() && !was_empty && !is_covered(kept_below);
    };
    if (value.is_object()) {
        for (const auto& [element, set] : leaving.children) {
            if (!element.starts_with("f:")) continue;
            const std::string name = element.substr(2);
            const auto it = value.find(name);
            if (it != value.end() && prune_one(type.field(name), *it, set, element)) value.erase(name);
        }
    } else if (is_mergeable_list(type, value)) {
        auto& items = value.get_ref<Json::array_t&>();
        std::erase_if(items, [&](Json& item) {
            const std::string element = item_element(type, item);
            const FieldSet* set = leaving.at(element);
            if (!set) return false;
            if (type.is_set) return set->member && !is_covered(below(kept, element));
            FieldSet without_keys = *set;  // an item that stays keeps its keys
            for (const auto& key : type.keys) without_keys.children.erase("f:" + key);
            return prune_one(*type.item, item, without_keys, element);
        });
    }
}

Json without_managers(Json object) {
    if (auto metadata = object.find("metadata"); metadata != object.end() && metadata->is_object()) metadata->erase("managedFields");
    return object;
}

std::vector<ApplyConflict> conflicts_with(const std::vector<Manager>& managers, const Manager* self, const FieldSet& changing) {
    std::vector<ApplyConflict> conflicts;
    for (const auto& manager : managers) {
        if (&manager == self) continue;
        for (auto& path : manager.fields.intersection(changing).paths()) conflicts.push_back({manager.describe(), std::move(path)});
    }
    return conflicts;
}

}  // namespace

std::expected<Json, ApplyFailure> apply_configuration(const Schema::Type& type, const Json* live, Json config, const FieldWriter& writer,
                                                      bool force) {
    if (auto wrong = find_malformed(type, config, {}); !wrong.empty()) return std::unexpected(ApplyFailure{std::move(wrong), {}});
    const Json nothing = Json::object();
    const Json base = without_managers(live ? *live : nothing);
    auto managers = load_managers(live ? *live : nothing);

    const FieldSet applied = fields_of(type, config);
    Json merged = merge_applied(type, base, config);
    FieldSet changing = compare_fields(type, base, merged).changed;

    Manager* self = &entry_of(managers, writer, kApply);
    if (auto conflicts = conflicts_with(managers, self, changing); !conflicts.empty() && !force) {
        return std::unexpected(ApplyFailure{{}, std::move(conflicts)});
    }
    FieldSet kept = applied;
    for (auto& manager : managers) {
        if (&manager == self) continue;
        manager.fields.subtract(changing);
        kept.unite(manager.fields);
    }
    FieldSet leaving = self->fields;
    leaving.subtract(applied);
    prune(type, merged, leaving, &kept);

    if (live && merged == base && self->fields == applied) return *live;
    self->fields = applied;
    self->api_version = writer.api_version;
    self->time = writer.time;
    save_managers(merged, managers);
    return merged;
}

void track_update(const Schema::Type& type, const Json* before, Json& after, const FieldWriter& writer) {
    auto managers = load_managers(before ? *before : Json::object());
    const FieldChanges changes = compare_fields(type, before ? *before : Json::object(), after);
    if (!changes.changed.empty() || !changes.removed.empty()) {
        for (auto& manager : managers) {
            if (!manager.is(writer, kUpdate)) manager.fields.subtract(changes.changed);
            manager.fields.subtract(changes.removed);
        }
        Manager& self = entry_of(managers, writer, kUpdate);
        self.fields.unite(changes.changed);
        self.time = writer.time;
    }
    save_managers(after, managers);
}

bool differs_only_in_times(const Json& a, const Json& b) {
    if (without_managers(a) != without_managers(b)) return false;
    const auto managers_of_a = load_managers(a);
    const auto managers_of_b = load_managers(b);
    return std::equal(managers_of_a.begin(), managers_of_a.end(), managers_of_b.begin(), managers_of_b.end(),
                      [](const Manager& x, const Manager& y) {
                          return x.name == y.name && x.operation == y.operation && x.api_version == y.api_version &&
                                 x.subresource == y.subresource && x.fields == y.fields;
                      });
}

}  // namespace kube::api
