#include "hub/feed_sources.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hub {

namespace {

std::vector<std::string> namespaces_of(const WorkflowRecord& record) {
    std::vector<std::string> namespaces;
    for (const DeployedNode& node : record.state.deployed) {
        if (std::find(namespaces.begin(), namespaces.end(), node.ns) == namespaces.end()) namespaces.push_back(node.ns);
    }
    return namespaces;
}

std::string counted(std::size_t count, std::string_view what) { return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s"); }

}  // namespace

std::string_view FeedSources::workload_status(std::string_view state) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kWords{{
        {"pending", "Pending"}, {"running", "Deploying"}, {"partial", "Degraded"}, {"healthy", "Running"},
        {"created", "Running"}, {"Bound", "Running"}, {"error", "Failed"}, {"Lost", "Failed"}}};
    for (const auto& [ours, theirs] : kWords) {
        if (ours == state) return theirs;
    }
    return "Pending";
}

void FeedSources::node_changed(const std::string& cluster, const NodeChange& change) {
    const std::string_view status = workload_status(text_at(change.status, "state"));
    if (status == workload_status(change.before)) return;  // the same in these words
    Json data = {{"workload_id", change.node.node_id},
                 {"workload_name", change.node.name},
                 {"workload_kind", info_of(change.node.kind).kube_kind},
                 {"project_id", change.workflow_id},
                 {"project_name", change.workflow_name},
                 {"cluster_id", cluster},
                 {"namespace", change.node.ns},
                 {"status", status},
                 {"message", text_at(change.status, "message")}};
    if (const Json* replicas = field(change.status, "replicas")) data["replicas"] = *replicas;
    if (const Json* ready = field(change.status, "readyReplicas")) data["available_replicas"] = *ready;
    feed_.publish({.type = "workload_status_update", .resource_type = "workload", .data = std::move(data), .cluster = cluster, .namespaces = {change.node.ns}});
}

void FeedSources::cluster_checked(const ClusterRecord& record, const std::string& former_status) {
    const bool healthy = record.status == "connected";
    if (healthy == (former_status == "connected") && former_status != "unknown") return;
    // That the hub's own cluster is there when it is first asked is what everybody expects.
    if (former_status == "unknown" && healthy && record.builtin) return;
    Json data = {{"cluster_id", record.name}, {"cluster_name", record.display_name}, {"status", healthy ? "healthy" : "unhealthy"}, {"message", record.message}};
    if (const std::string version = text_at(record.metadata, "version"); !version.empty()) data["kubernetes_version"] = version;
    if (const Json& count = value_at(record.metadata, "nodeCount"); count.is_number_integer()) data["node_count"] = count;
    feed_.publish({.type = "cluster_status_update", .resource_type = "cluster", .data = std::move(data), .cluster = record.name});
}

void FeedSources::project(const std::string& cluster, const WorkflowRecord& record, std::string_view status, std::string message) {
    feed_.publish({.type = "project_status_update",
                   .resource_type = "project",
                   .data = {{"project_id", record.id}, {"project_name", record.name()}, {"cluster_id", cluster}, {"status", status}, {"message", std::move(message)}},
                   .cluster = cluster,
                   .namespaces = namespaces_of(record)});
}

void FeedSources::run_started(const std::string& cluster, const WorkflowRecord& record) {
    project(cluster, record, "Creating", "Run " + std::to_string(record.state.run_count + 1) + " has started");
}

void FeedSources::run_ended(const std::string& cluster, const RunOutcome& outcome) {
    if (outcome.problems.empty()) {
        const std::size_t nodes = outcome.record.nodes().size();
        return project(cluster, outcome.record, "Ready", counted(nodes, "node") + (nodes == 1 ? " is applied" : " are applied"));
    }
    std::string message = outcome.problems.front();
    if (outcome.problems.size() > 1) message += " (and " + std::to_string(outcome.problems.size() - 1) + " more)";
    project(cluster, outcome.record, "Error", std::move(message));
}

void FeedSources::run_refused(const std::string& cluster, const WorkflowRecord& record, const base::Error& error) {
    feed_.publish({.type = "error_report",
                   .resource_type = "project",
                   .data = {{"error_type", "run_failed"}, {"message", error.message}, {"resource_id", record.id}, {"project_id", record.id}, {"project_name", record.name()}, {"cluster_id", cluster}},
                   .cluster = cluster,
                   .namespaces = namespaces_of(record)});
}

void FeedSources::project_removed(const WorkflowRecord& record, bool whole) {
    project(text_at(record.document, "cluster_id"), record, "Deleting", whole ? "The workflow is deleted" : "The workflow is archived, its objects are deleted");
}

void FeedSources::plugin_changed(std::string_view id, std::string_view title, bool enabled) {
    feed_.publish({.type = "addon_status_update",
                   .resource_type = "addon",
                   .data = {{"addon_id", id},
                            {"addon_name", title},
                            {"status", enabled ? "Enabled" : "Disabled"},
                            {"message", enabled ? "Its node types can be added to workflows now" : "Workflows with its nodes cannot run until it is enabled again"}}});
}

void FeedSources::build_ended(const BuildNews& build) {
    Json data = {{"build_id", build.build_id}, {"workload_id", build.workload_id}, {"workload_name", build.workload_name}, {"project_id", build.project_id},
                 {"project_name", build.project_name}, {"image", build.image}, {"build_duration", static_cast<double>(build.duration_ms) / 1'000}, {"message", build.message}};
    if (build.failed) data["error"] = build.error;
    else data["image_digest"] = build.image_digest;
    if (!build.cluster.empty()) data["cluster_id"] = build.cluster;
    feed_.publish({.type = build.failed ? "build_failed" : "build_complete", .resource_type = "build", .data = std::move(data), .cluster = build.cluster, .users = build.users});
}

}  // namespace hub
