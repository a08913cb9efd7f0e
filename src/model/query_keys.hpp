// The keys of the query cache, as functions: nobody spells one by hand. From the general to the particular, so that a mutation can
// invalidate all agents, all their lists, or one agent.
//
//   queries.observe({.key = keys::agents::list({.status = "active"}), .fetch = ...}, ...);
//   queries.invalidate(keys::agents::lists());
//
// The shapes are those of Kaizen Studio (agents ... user), Kassie (profiles ... rows) and the console's own.
// What a filter leaves empty is not part of the key: list({}) is one key, and a prefix matches it and every filtered list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/query/query_client.hpp"

namespace model::keys {

using state::QueryKey;

struct AgentFilters {
    std::string workspace_id = {};
    std::string status = {};
    std::string agent_type = {};
    std::string search = {};
    std::optional<std::int64_t> limit = {};
    std::optional<std::int64_t> offset = {};
};
struct PipelineFilters {
    std::string organization_id = {};
    std::string workspace_id = {};
    std::string status = {};
    std::string search = {};
    std::optional<std::int64_t> limit = {};
    std::optional<std::int64_t> offset = {};
};
struct DeploymentFilters {
    std::string pipeline_id = {};
    std::string environment = {};
    std::string status = {};
    std::optional<std::int64_t> limit = {};
    std::optional<std::int64_t> offset = {};
};
struct WorkflowFilters {
    std::string status = {};
    std::string cluster = {};
    std::string search = {};
};

// Kaizen Studio
namespace agents {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey lists();
[[nodiscard]] QueryKey list(const AgentFilters& filters);
[[nodiscard]] QueryKey details();
[[nodiscard]] QueryKey detail(std::string_view id);
[[nodiscard]] QueryKey versions(std::string_view id);
}  // namespace agents
namespace pipelines {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey lists();
[[nodiscard]] QueryKey list(const PipelineFilters& filters);
[[nodiscard]] QueryKey details();
[[nodiscard]] QueryKey detail(std::string_view id);
}  // namespace pipelines
namespace deployments {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey lists();
[[nodiscard]] QueryKey list(const DeploymentFilters& filters);
[[nodiscard]] QueryKey detail(std::string_view id);
}  // namespace deployments
namespace metrics {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey summary(std::string_view deployment_id);
[[nodiscard]] QueryKey timeseries(std::string_view deployment_id, std::string_view range);
}  // namespace metrics
namespace teams {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey list();
[[nodiscard]] QueryKey detail(std::string_view id);
[[nodiscard]] QueryKey members(std::string_view id);
}  // namespace teams
namespace policies {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey list();
[[nodiscard]] QueryKey detail(std::string_view id);
}  // namespace policies
namespace user {
[[nodiscard]] QueryKey current();
[[nodiscard]] QueryKey permissions();
}  // namespace user

// Kassie, the data explorer
namespace explorer {
[[nodiscard]] QueryKey profiles();
[[nodiscard]] QueryKey keyspaces();
[[nodiscard]] QueryKey tables(std::string_view keyspace);
[[nodiscard]] QueryKey schema(std::string_view keyspace, std::string_view table);
[[nodiscard]] QueryKey rows(std::string_view keyspace, std::string_view table);
[[nodiscard]] QueryKey filtered_rows(std::string_view keyspace, std::string_view table, std::string_view where);
[[nodiscard]] QueryKey rows_page(std::string_view cursor_id);
[[nodiscard]] QueryKey all_rows();  // prefix of the three above
// 5 minutes for what describes the data; the rows themselves are fetched again on every navigation (observe or set_options).
[[nodiscard]] state::QuerySettings schema_settings();
[[nodiscard]] state::QuerySettings rows_settings();
// A cursor works once, the server deletes it on use: its page is fetched once, not retried, and paging back reads the cache.
[[nodiscard]] state::QuerySettings rows_page_settings();
}  // namespace explorer

// The console
namespace workflows {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey lists();
[[nodiscard]] QueryKey list(const WorkflowFilters& filters = {});
[[nodiscard]] QueryKey details();
[[nodiscard]] QueryKey detail(std::string_view id);
[[nodiscard]] QueryKey versions(std::string_view id);
[[nodiscard]] QueryKey version(std::string_view id, std::int64_t number);
[[nodiscard]] QueryKey runs(std::string_view id);
}  // namespace workflows
namespace clusters {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey list();
[[nodiscard]] QueryKey detail(std::string_view name);
[[nodiscard]] QueryKey status(std::string_view name);
[[nodiscard]] QueryKey metrics(std::string_view name);
[[nodiscard]] QueryKey log(std::string_view name);  // of its connection
inline constexpr std::int64_t kListStaleMs = 2 * 60 * 1000;
[[nodiscard]] state::QuerySettings live_settings();  // status, metrics and log: stale after 15 s
}  // namespace clusters
[[nodiscard]] QueryKey builds();
namespace alerts {
[[nodiscard]] QueryKey all();
[[nodiscard]] QueryKey overview();
[[nodiscard]] QueryKey rules();
[[nodiscard]] QueryKey templates();
[[nodiscard]] QueryKey events();
}  // namespace alerts
[[nodiscard]] QueryKey registries();
[[nodiscard]] QueryKey registry(std::string_view id);
[[nodiscard]] QueryKey plugins();
[[nodiscard]] QueryKey plugin(std::string_view id);
[[nodiscard]] QueryKey notifications();
[[nodiscard]] QueryKey profile();
[[nodiscard]] QueryKey templates();

// Stale times and the rest by key prefix, for a new client: the explorer's as above; permissions and the signed-in user are never
// kept in storage.
void register_defaults(state::QueryClient& client);

}  // namespace model::keys
