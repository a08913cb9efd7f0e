#include "model/query_keys.hpp"

#include <utility>
#include <vector>

namespace model::keys {

using state::SharedJson;

namespace {

constexpr std::int64_t kFiveMinutesMs = 5 * 60 * 1000;
constexpr std::int64_t kLiveMs = 15 * 1000;

// A filter object of what is set.
class Filter {
public:
    Filter& text(std::string_view name, const std::string& value) {
        if (!value.empty()) members_.push_back({SharedJson(name), SharedJson(value)});
        return *this;
    }
    Filter& number(std::string_view name, const std::optional<std::int64_t>& value) {
        if (value) members_.push_back({SharedJson(name), SharedJson(*value)});
        return *this;
    }
    [[nodiscard]] SharedJson take() { return SharedJson::object_of(std::move(members_)); }

private:
    std::vector<SharedJson::Member> members_;
};

}  // namespace

namespace agents {
QueryKey all() { return {"agents"}; }
QueryKey lists() { return {"agents", "list"}; }
QueryKey list(const AgentFilters& f) {
    return {"agents", "list",
            Filter()
                .text("workspace_id", f.workspace_id)
                .text("status", f.status)
                .text("agent_type", f.agent_type)
                .text("search", f.search)
                .number("limit", f.limit)
                .number("offset", f.offset)
                .take()};
}
QueryKey details() { return {"agents", "detail"}; }
QueryKey detail(std::string_view id) { return {"agents", "detail", id}; }
QueryKey versions(std::string_view id) { return {"agents", "detail", id, "versions"}; }
}  // namespace agents

namespace pipelines {
QueryKey all() { return {"pipelines"}; }
QueryKey lists() { return {"pipelines", "list"}; }
QueryKey list(const PipelineFilters& f) {
    return {"pipelines", "list",
            Filter()
                .text("organization_id", f.organization_id)
                .text("workspace_id", f.workspace_id)
                .text("status", f.status)
                .text("search", f.search)
                .number("limit", f.limit)
                .number("offset", f.offset)
                .take()};
}
QueryKey details() { return {"pipelines", "detail"}; }
QueryKey detail(std::string_view id) { return {"pipelines", "detail", id}; }
}  // namespace pipelines

namespace deployments {
QueryKey all() { return {"deployments"}; }
QueryKey lists() { return {"deployments", "list"}; }
QueryKey list(const DeploymentFilters& f) {
    return {"deployments", "list",
            Filter()
                .text("pipeline_id", f.pipeline_id)
                .text("environment", f.environment)
                .text("status", f.status)
                .number("limit", f.limit)
                .number("offset", f.offset)
                .take()};
}
QueryKey detail(std::string_view id) { return {"deployments", "detail", id}; }
}  // namespace deployments

namespace metrics {
QueryKey all() { return {"metrics"}; }
QueryKey summary(std::string_view deployment_id) { return {"metrics", "summary", deployment_id}; }
QueryKey timeseries(std::string_view deployment_id, std::string_view range) { return {"metrics", "timeseries", deployment_id, range}; }
}  // namespace metrics

namespace teams {
QueryKey all() { return {"teams"}; }
QueryKey list() { return {"teams", "list"}; }
QueryKey detail(std::string_view id) { return {"teams", "detail", id}; }
QueryKey members(std::string_view id) { return {"teams", "detail", id, "members"}; }
}  // namespace teams

namespace policies {
QueryKey all() { return {"policies"}; }
QueryKey list() { return {"policies", "list"}; }
QueryKey detail(std::string_view id) { return {"policies", "detail", id}; }
}  // namespace policies

namespace user {
QueryKey current() { return {"user", "current"}; }
QueryKey permissions() { return {"user", "permissions"}; }
}  // namespace user

namespace explorer {
QueryKey profiles() { return {"profiles"}; }
QueryKey keyspaces() { return {"keyspaces"}; }
QueryKey tables(std::string_view keyspace) { return {"tables", keyspace}; }
QueryKey schema(std::string_view keyspace, std::string_view table) { return {"schema", keyspace, table}; }
QueryKey rows(std::string_view keyspace, std::string_view table) { return {"rows", keyspace, table}; }
QueryKey filtered_rows(std::string_view keyspace, std::string_view table, std::string_view where) {
    return {"rows", keyspace, table, "filter", where};
}
QueryKey rows_page(std::string_view cursor_id) { return {"rows", "page", cursor_id}; }
QueryKey all_rows() { return {"rows"}; }
state::QuerySettings schema_settings() { return {.stale_ms = kFiveMinutesMs}; }
state::QuerySettings rows_settings() {
    return {.stale_ms = 0, .refetch_on_mount = state::RefetchWhen::always, .refetch_on_reconnect = state::RefetchWhen::never};
}
state::QuerySettings rows_page_settings() { return {.stale_ms = state::kStaticMs, .retry = 0}; }
}  // namespace explorer

namespace workflows {
QueryKey all() { return {"workflows"}; }
QueryKey lists() { return {"workflows", "list"}; }
QueryKey list(const WorkflowFilters& f) {
    return {"workflows", "list", Filter().text("status", f.status).text("cluster", f.cluster).text("search", f.search).take()};
}
QueryKey details() { return {"workflows", "detail"}; }
QueryKey detail(std::string_view id) { return {"workflows", "detail", id}; }
QueryKey versions(std::string_view id) { return {"workflows", "detail", id, "versions"}; }
QueryKey version(std::string_view id, std::int64_t number) { return {"workflows", "detail", id, "versions", number}; }
QueryKey runs(std::string_view id) { return {"workflows", "detail", id, "runs"}; }
}  // namespace workflows

namespace clusters {
QueryKey all() { return {"clusters"}; }
QueryKey list() { return {"clusters", "list"}; }
QueryKey detail(std::string_view name) { return {"clusters", "detail", name}; }
QueryKey status(std::string_view name) { return {"clusters", "detail", name, "status"}; }
QueryKey metrics(std::string_view name) { return {"clusters", "detail", name, "metrics"}; }
QueryKey log(std::string_view name) { return {"clusters", "detail", name, "log"}; }
state::QuerySettings live_settings() { return {.stale_ms = kLiveMs}; }
}  // namespace clusters

QueryKey builds() { return {"builds"}; }
namespace alerts {
QueryKey all() { return {"alerts"}; }
QueryKey overview() { return {"alerts", "overview"}; }
QueryKey rules() { return {"alerts", "rules"}; }
QueryKey templates() { return {"alerts", "templates"}; }
QueryKey events() { return {"alerts", "events"}; }
}  // namespace alerts
QueryKey registries() { return {"registries"}; }
QueryKey registry(std::string_view id) { return {"registries", "detail", id}; }
QueryKey plugins() { return {"plugins"}; }
QueryKey plugin(std::string_view id) { return {"plugins", "detail", id}; }
QueryKey notifications() { return {"notifications"}; }
QueryKey profile() { return {"profile"}; }
QueryKey templates() { return {"templates"}; }

void register_defaults(state::QueryClient& client) {
    for (const QueryKey& key : {explorer::profiles(), explorer::keyspaces(), QueryKey{"tables"}, QueryKey{"schema"}}) {
        client.set_defaults(key, explorer::schema_settings());
    }
    client.set_defaults(explorer::all_rows(), explorer::rows_settings());
    client.set_defaults({"rows", "page"}, explorer::rows_page_settings());
    client.set_defaults(clusters::list(), {.stale_ms = clusters::kListStaleMs});
    client.set_defaults({"clusters", "detail"}, clusters::live_settings());
    client.set_defaults({"user"}, {.persist = false});
    client.set_defaults({"profile"}, {.persist = false});
}

}  // namespace model::keys
