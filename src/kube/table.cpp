#include "kube/table.hpp"

#include "base/text.hpp"
#include "kube/api_json.hpp"
#include "kube/custom_resources.hpp"
#include "kube/table_cells.hpp"

namespace kube {
namespace {

using api::text;

struct TableKind {
    std::string_view resource;
    TableColumns (*columns)();
    void (*cells)(const Json& object, std::int64_t now_ms, Json& out);
};

TableColumns name_and_age() { return {{"Name", "string"}, {"Age", "string"}}; }

TableColumns definition_columns() { return {{"Name", "string"}, {"Created At", "date"}}; }

void definition_cells(const Json& object, std::int64_t, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(text(object, {"metadata", "creationTimestamp"}));
}

void name_and_age_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(table::age(object, now_ms));
}

const TableKind& kind_of(const ResourceType& type) {
    static constexpr TableKind kKinds[] = {
        {"pods", table::pod_columns, table::pod_cells},
        {"deployments", table::deployment_columns, table::deployment_cells},
        {"replicasets", table::replica_set_columns, table::replica_set_cells},
        {"statefulsets", table::stateful_set_columns, table::stateful_set_cells},
        {"daemonsets", table::daemon_set_columns, table::daemon_set_cells},
        {"jobs", table::job_columns, table::job_cells},
        {"cronjobs", table::cron_job_columns, table::cron_job_cells},
        {"services", table::service_columns, table::service_cells},
        {"endpoints", table::endpoints_columns, table::endpoints_cells},
        {"ingresses", table::ingress_columns, table::ingress_cells},
        {"networkpolicies", table::network_policy_columns, table::network_policy_cells},
        {"nodes", table::node_columns, table::node_cells},
        {"events", table::event_columns, table::event_cells},
        {"namespaces", table::namespace_columns, table::namespace_cells},
        {"configmaps", table::config_map_columns, table::config_map_cells},
        {"secrets", table::secret_columns, table::secret_cells},
        {"serviceaccounts", table::service_account_columns, table::service_account_cells},
        {"persistentvolumeclaims", table::claim_columns, table::claim_cells},
        {"horizontalpodautoscalers", table::autoscaler_columns, table::autoscaler_cells},
        {"endpointslices", table::endpoint_slice_columns, table::endpoint_slice_cells},
        {"customresourcedefinitions", definition_columns, definition_cells},
    };
    static constexpr TableKind kOther{"", name_and_age, name_and_age_cells};
    for (const auto& kind : kKinds) {
        if (type.is(kind.resource)) return kind;
    }
    return kOther;
}

}  // namespace

TableColumns table_columns(const ResourceType& type) {
    if (!type.custom) return kind_of(type).columns();
    TableColumns columns{{"Name", "string"}};
    for (const auto& column : type.custom->columns) columns.push_back({column.name, column.type, column.priority, column.format, column.description});
    return columns;
}

Json column_definitions(const ResourceType& type) {
    Json definitions = Json::array();
    for (const auto& column : table_columns(type)) {
        definitions.push_back(Json{{"name", column.name},
                                   {"type", column.type},
                                   {"format", column.name == "Name" ? "name" : column.format},
                                   {"description", column.description},
                                   {"priority", column.priority}});
    }
    return definitions;
}

Json table_cells(const ResourceType& type, const Json& object, std::int64_t now_ms) {
    Json cells = Json::array();
    if (type.custom) {
        cells.push_back(api::name_of(object));
        for (const auto& column : type.custom->columns) cells.push_back(api::column_cell(column, object, now_ms));
    } else {
        kind_of(type).cells(object, now_ms, cells);
    }
    return cells;
}

Json table_row(const ResourceType& type, const Json& object, std::int64_t now_ms, IncludeObject include) {
    Json row{{"cells", table_cells(type, object, now_ms)}};
    if (include == IncludeObject::metadata) row["object"] = partial_metadata(object);
    if (include == IncludeObject::object) row["object"] = object;
    return row;
}

Json partial_metadata(const Json& object) {
    return Json{{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", api::map(object, {"metadata"})}};
}

}  // namespace kube
