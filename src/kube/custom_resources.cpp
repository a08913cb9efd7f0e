#include "kube/custom_resources.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kube/api_json.hpp"
#include "kube/table_cells.hpp"

namespace kube {
namespace {

using api::array;
using api::child;
using api::dump;
using api::flag;
using api::map;
using api::member;
using api::name_of;
using api::text;
using api::view;

constexpr const char* kCleanup = "customresourcecleanup.apiextensions.k8s.io";

std::vector<std::string> plain_path(const Json& object, const char* name) {
    const auto path = JsonPath::parse(view(child(object, name)));
    return path ? path->plain_names() : std::vector<std::string>{};
}

std::vector<CustomKind::Column> columns_of(const Json& version) {
    std::vector<CustomKind::Column> columns;
    for (const Json& column : array(version, {"additionalPrinterColumns"})) {
        auto path = JsonPath::parse(view(child(column, "jsonPath")));
        if (!path) continue;  // refused when the definition was written
        columns.push_back({text(column, {"name"}), text(column, {"type"}), text(column, {"format"}), text(column, {"description"}),
                           static_cast<int>(api::integer(column, {"priority"})), std::move(*path)});
    }
    if (columns.empty()) columns.push_back({"Age", "date", "", "", 0, *JsonPath::parse(".metadata.creationTimestamp")});
    return columns;
}

std::string joined(const Json& words) {
    std::string out;
    for (const Json& word : words) {
        if (!out.empty()) out += ' ';
        out += view(&word);
    }
    return out;
}

}  // namespace

CustomKind::CustomKind(const Json& definition, const Json& version_json, const api::Schema::Type& object_meta)
    : group(text(definition, {"spec", "group"})),
      version(text(version_json, {"name"})),
      plural(text(definition, {"spec", "names", "plural"})),
      singular(text(definition, {"spec", "names", "singular"})),
      kind(text(definition, {"spec", "names", "kind"})),
      list_kind(text(definition, {"spec", "names", "listKind"})),
      short_names(joined(array(definition, {"spec", "names", "shortNames"}))),
      store_key(name_of(definition)),
      columns(columns_of(version_json)),
      schema(map(version_json, {"schema", "openAPIV3Schema"}), object_meta) {
    for (const Json& category : array(definition, {"spec", "names", "categories"})) categories.emplace_back(view(&category));
    type = {group, version, plural, singular, kind, short_names};
    type.namespaced = text(definition, {"spec", "scope"}) == "Namespaced";
    const Json& subresources = map(version_json, {"subresources"});
    type.has_status = subresources.contains("status");
    if (const Json* paths = child(subresources, "scale")) {
        scale = {plain_path(*paths, "specReplicasPath"), plain_path(*paths, "statusReplicasPath"), plain_path(*paths, "labelSelectorPath")};
        type.has_scale = !scale.spec_replicas.empty() && !scale.status_replicas.empty();
    }
    type.in_all = std::find(categories.begin(), categories.end(), "all") != categories.end();
    type.custom = this;
}

const ResourceType* ResourceCatalogue::find(std::string_view group, std::string_view version, std::string_view plural) const {
    if (const ResourceType* built_in = find_resource(group, version, plural)) return built_in;
    const auto it = custom_.find(std::string(plural) + "." + std::string(group));
    if (it == custom_.end()) return nullptr;
    for (const auto& kind : it->second) {
        if (kind->version == version) return &kind->type;
    }
    return nullptr;
}

std::vector<const ResourceType*> ResourceCatalogue::all() const {
    std::vector<const ResourceType*> types;
    for (const auto& type : resource_types()) types.push_back(&type);
    const auto built_in = static_cast<std::ptrdiff_t>(types.size());
    for (const auto& [name, kinds] : custom_) {
        for (const auto& kind : kinds) types.push_back(&kind->type);
    }
    std::sort(types.begin() + built_in, types.end(), [](const ResourceType* a, const ResourceType* b) {
        return std::tie(a->group, a->plural, a->version) < std::tie(b->group, b->plural, b->version);
    });
    return types;
}

std::shared_ptr<const CustomKind> ResourceCatalogue::hold(const ResourceType& type) const {
    if (!type.custom) return nullptr;
    const auto it = custom_.find(type.custom->store_key);
    if (it == custom_.end()) return nullptr;
    for (const auto& kind : it->second) {
        if (kind.get() == type.custom) return kind;
    }
    return nullptr;
}

CustomResources::CustomResources(ObjectStore& store, base::Scheduler& scheduler, const api::Schema& schema, ResourceCatalogue& catalogue)
    : store_(store),
      scheduler_(scheduler),
      schema_(schema),
      catalogue_(catalogue),
      queue_(scheduler, [this](const ObjectKey& key) { sync(key.name); }) {
    subscription_ = store_.subscribe("", [this](const StoreEvent& event) { observe(event); });
    reload();
}

void CustomResources::reload() {
    catalogue_.custom_.clear();
    ending_.clear();
    for (const ObjectPtr& definition : store_.list(kDefinitions)) {
        // What was established is served from the first request on; the rest waits for its turn.
        if (controllers::condition_is(*definition, "Established", "True")) serve(name_of(*definition), *definition);
        queue_.add({std::string(kDefinitions), "", name_of(*definition)});
    }
}

void CustomResources::observe(const StoreEvent& event) {
    if (event.key.resource == kDefinitions) {
        queue_.add(event.key);
    } else if (event.type == EventType::deleted && ending_.contains(event.key.resource)) {
        queue_.add({std::string(kDefinitions), "", event.key.resource});
    }
}

void CustomResources::sync(const std::string& name) {
    const ObjectPtr definition = store_.get({std::string(kDefinitions), "", name});
    if (!definition) {
        catalogue_.custom_.erase(name);
        ending_.erase(name);
        return;
    }
    if (controllers::is_deleting(*definition)) return end(name, *definition);
    const std::string taken = name_taken(name, *definition);
    if (taken.empty()) {
        serve(name, *definition);
    } else {
        catalogue_.custom_.erase(name);
    }
    establish(name, *definition, taken);
}

void CustomResources::end(const std::string& name, const Json& definition) {
    ending_.insert(name);
    const std::string now = controllers::format_time(scheduler_.clock().unix_ms());
    bool left = false;
    for (const ObjectPtr& object : store_.list(name)) {
        const ObjectKey key = controllers::key_of(name, *object);
        if (array(*object, {"metadata", "finalizers"}).empty()) {
            [[maybe_unused]] const auto removed = store_.remove(key);
            continue;
        }
        left = true;  // its end brings us here again
        if (controllers::is_deleting(*object)) continue;
        [[maybe_unused]] const auto marked = store_.modify(key, [&](Json& changed) {
            member(changed, {"metadata"})["deletionTimestamp"] = now;
            changed["metadata"]["deletionGracePeriodSeconds"] = 0;
        });
    }
    if (left) return;
    ending_.erase(name);
    catalogue_.custom_.erase(name);
    [[maybe_unused]] const auto released = store_.modify(controllers::key_of(kDefinitions, definition), [](Json& changed) {
        Json& finalizers = controllers::list_member(changed, {"metadata", "finalizers"});
        std::erase_if(finalizers.get_ref<Json::array_t&>(), [](const Json& each) { return each == kCleanup; });
    });
}

void CustomResources::serve(const std::string& name, const Json& definition) {
    std::vector<std::shared_ptr<const CustomKind>> kinds;
    const auto& object_meta = schema_.kind("PartialObjectMetadata").field("metadata");
    for (const Json& version : array(definition, {"spec", "versions"})) {
        if (flag(version, {"served"})) kinds.push_back(std::make_shared<const CustomKind>(definition, version, object_meta));
    }
    catalogue_.custom_[name] = std::move(kinds);
}

// The name of `definition` that somebody else in its group has; empty when it may have them all.
std::string CustomResources::name_taken(const std::string& name, const Json& definition) const {
    const std::string group = text(definition, {"spec", "group"});
    const Json& names = map(definition, {"spec", "names"});
    const std::string plural = text(names, {"plural"});
    const std::string kind = text(names, {"kind"});
    for (const ResourceType* other : catalogue_.all()) {
        if (other->group != group || (other->custom && other->custom->store_key == name)) continue;
        if (other->plural == plural || other->singular == plural) return "plural \"" + plural + "\"";
        if (other->kind == kind || (other->custom && other->custom->list_kind == kind)) return "kind \"" + kind + "\"";
    }
    return {};
}

void CustomResources::establish(const std::string& name, const Json& definition, const std::string& taken) {
    const std::int64_t now_ms = scheduler_.clock().unix_ms();
    [[maybe_unused]] const auto written = store_.modify({std::string(kDefinitions), "", name}, [&](Json& changed) {
        Json& finalizers = controllers::list_member(changed, {"metadata", "finalizers"});
        if (std::find(finalizers.begin(), finalizers.end(), Json(kCleanup)) == finalizers.end()) finalizers.push_back(kCleanup);
        Json& status = member(changed, {"status"});
        if (taken.empty()) {
            status["acceptedNames"] = map(definition, {"spec", "names"});
            controllers::set_condition(status, "NamesAccepted", "True", "NoConflicts", "no conflicts found", now_ms);
            controllers::set_condition(status, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now_ms);
        } else {
            controllers::set_condition(status, "NamesAccepted", "False", "NamesConflict", taken + " is already in use", now_ms);
            controllers::set_condition(status, "Established", "False", "NotAccepted", "not all names are accepted", now_ms);
        }
        Json& stored = controllers::list_member(status, {"storedVersions"});
        for (const Json& version : array(definition, {"spec", "versions"})) {
            const Json version_name = text(version, {"name"});
            if (flag(version, {"storage"}) && std::find(stored.begin(), stored.end(), version_name) == stored.end()) stored.push_back(version_name);
        }
    });
}

namespace api {

void default_definition(Json& object) {
    Json& spec = member(object, {"spec"});
    Json& names = member(spec, {"names"});
    const std::string kind = text(names, {"kind"});
    if (text(names, {"singular"}).empty() && !kind.empty()) names["singular"] = base::to_ascii_lower(kind);
    if (text(names, {"listKind"}).empty() && !kind.empty()) names["listKind"] = kind + "List";
    if (!child(spec, "conversion")) spec["conversion"] = Json{{"strategy", "None"}};
}

Json column_cell(const CustomKind::Column& column, const Json& object, std::int64_t now_ms) {
    const auto found = column.path.find(object);
    if (found.empty()) return nullptr;
    const Json& first = *found.front();
    if (column.type == "integer") return first.is_number() ? first : Json(nullptr);
    if (column.type == "number") return first.is_number() ? first : Json(nullptr);
    if (column.type == "boolean") return first.is_boolean() ? first : Json(nullptr);
    if (column.type == "date") return first.is_string() ? Json(table::age_since(view(&first), now_ms)) : Json(nullptr);
    std::string out;
    for (const Json* value : found) {
        if (!out.empty()) out += ' ';
        out += value->is_string() ? std::string(view(value)) : dump(*value);
    }
    return out;
}

}  // namespace api
}  // namespace kube
