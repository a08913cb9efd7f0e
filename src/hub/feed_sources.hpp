// FeedSources: what the hub knows, in the words of the event feed (contract: KubeNest events). A workflow is a project there, a node a
// workload, a plugin an addon; ids are ours, names stand beside them.
//
//   services.news.run_ended(outcome);
//   services.news.build_ended({.build_id = id, .workload_id = node_id, .project_id = workflow_id, .failed = true, .error = "go build: exit 1"});
//
// One fact is one event. A run that could be carried out is a project_status_update, also when nodes were refused; error_report is for what
// has no status: a run that could not even be carried out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/cluster_record.hpp"
#include "hub/event_feed.hpp"
#include "hub/runner.hpp"
#include "hub/status_tracker.hpp"

namespace hub {

// The end of a build; for whoever builds.
struct BuildNews {
    std::string build_id = {};
    std::string workload_id = {};      // the node it is for; may be empty
    std::string workload_name = {};
    std::string project_id = {};       // the workflow; may be empty
    std::string project_name = {};
    std::string image = {};            // "registry.example/shop/web:7"
    std::string image_digest = {};     // of one that worked
    std::int64_t duration_ms = 0;
    bool failed = false;
    std::string error = {};            // of one that failed
    std::string message = {};
    std::string cluster = {};          // who may see it: see FeedEvent
    std::vector<std::string> users = {};
};

class FeedSources {
public:
    explicit FeedSources(EventFeed& feed) : feed_(feed) {}

    void node_changed(const std::string& cluster, const NodeChange& change);
    void cluster_checked(const ClusterRecord& record, const std::string& former_status);
    void run_started(const std::string& cluster, const WorkflowRecord& record);
    void run_ended(const std::string& cluster, const RunOutcome& outcome);
    void run_refused(const std::string& cluster, const WorkflowRecord& record, const base::Error& error);
    // Its objects are gone from the cluster; `whole`: the workflow too.
    void project_removed(const WorkflowRecord& record, bool whole);
    void plugin_changed(std::string_view id, std::string_view title, bool enabled);
    void build_ended(const BuildNews& build);

    // The contract's word for a node's state.
    [[nodiscard]] static std::string_view workload_status(std::string_view state);

private:
    void project(const std::string& cluster, const WorkflowRecord& record, std::string_view status, std::string message);

    EventFeed& feed_;
};

}  // namespace hub
