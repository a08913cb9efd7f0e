// Custom resources: what CustomResourceDefinitions (apiextensions.k8s.io/v1) add to the server, and which kinds it serves in all.
//
//   ResourceCatalogue kinds;                                        // the built-in ones
//   CustomResources custom(store, scheduler, schema, kinds);        // and those of the definitions in the store, kept up to date
//   kinds.find("dns.networking.miloapis.com", "v1alpha1", "dnszones")->kind     // "DNSZone"
//
// A definition is served a moment after it was written (condition Established), each served version under its own route; all
// versions share their objects, which differ in apiVersion only (conversion None). Names taken in the same group keep it from
// being served (NamesAccepted False). A deleted definition takes its objects along first, then its routes go.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/scheduler.hpp"
#include "kube/api_schema.hpp"
#include "kube/controllers/work_queue.hpp"
#include "kube/json_path.hpp"
#include "kube/object_store.hpp"
#include "kube/resource_types.hpp"
#include "kube/structural_schema.hpp"

namespace kube {

// One served version of a definition. Its ResourceType's views point into it.
struct CustomKind {
    struct Column {
        std::string name;
        std::string type;
        std::string format;
        std::string description;
        int priority = 0;
        JsonPath path;
    };
    struct Scale {
        std::vector<std::string> spec_replicas;
        std::vector<std::string> status_replicas;
        std::vector<std::string> label_selector;  // may be empty
    };

    CustomKind(const Json& definition, const Json& version, const api::Schema::Type& object_meta);
    CustomKind(const CustomKind&) = delete;
    CustomKind& operator=(const CustomKind&) = delete;

    std::string group, version, plural, singular, kind, list_kind, short_names, store_key;
    std::vector<std::string> categories;
    std::vector<Column> columns;
    Scale scale;
    api::StructuralSchema schema;
    ResourceType type;
};

class ResourceCatalogue {
public:
    // Null when not served. The type lives until its definition goes; hold() keeps it longer.
    [[nodiscard]] const ResourceType* find(std::string_view group, std::string_view version, std::string_view plural) const;
    // Built-in kinds first; then by group, plural, version.
    [[nodiscard]] std::vector<const ResourceType*> all() const;
    // What keeps `type` alive beyond its definition; null for built-in kinds.
    [[nodiscard]] std::shared_ptr<const CustomKind> hold(const ResourceType& type) const;

private:
    friend class CustomResources;
    std::map<std::string, std::vector<std::shared_ptr<const CustomKind>>> custom_;  // by the definition's name
};

class CustomResources {
public:
    CustomResources(ObjectStore& store, base::Scheduler& scheduler, const api::Schema& schema, ResourceCatalogue& catalogue);
    // Reads the definitions anew: the store's content was replaced.
    void reload();

private:
    void observe(const StoreEvent& event);
    void sync(const std::string& name);
    void end(const std::string& name, const Json& definition);
    void serve(const std::string& name, const Json& definition);
    void establish(const std::string& name, const Json& definition, const std::string& taken);
    [[nodiscard]] std::string name_taken(const std::string& name, const Json& definition) const;

    ObjectStore& store_;
    base::Scheduler& scheduler_;
    const api::Schema& schema_;
    ResourceCatalogue& catalogue_;
    std::set<std::string> ending_;  // definitions that wait for their objects to go
    controllers::WorkQueue queue_;
    Subscription subscription_;
};

inline constexpr std::string_view kDefinitions = "customresourcedefinitions";

namespace api {

// Rules, defaults and the printed columns of definitions; part of validate(), apply_defaults() and the tables.
void validate_definition(const Json& object, Causes& causes);
void default_definition(Json& object);
// `value` of a printer column of that type.
[[nodiscard]] Json column_cell(const CustomKind::Column& column, const Json& object, std::int64_t now_ms);

}  // namespace api
}  // namespace kube
