// Clusters: all the clusters a hub knows, in memory, each with what works on it. The built-in one (what the hub was started with) is
// always there and is the default until another is chosen; the others come from the store and through ClusterConnector.
//
//   clusters.load([](base::Result<void> loaded) { ... });                  // before anything else
//   auto link = clusters.reach_for(caller, workflow, ClusterUse::run);      // by its cluster_id
//   if (!link) return send_error(*writer, link.error());                    // unknown, not shared with this caller, cannot be reached
//   (*link)->kube.get(...);
//
// A ClusterLink lives until its cluster is removed or gets other credentials; its calls end silently then and its streams with
// `complete`. So use it at once or in callbacks of its own `kube`, never after waiting for something else.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/alert_watch.hpp"
#include "hub/auth.hpp"
#include "hub/cluster_probe.hpp"
#include "hub/cluster_repository.hpp"
#include "hub/log_stream.hpp"
#include "hub/runner.hpp"
#include "hub/status_tracker.hpp"

namespace hub {

// What works on one cluster.
struct ClusterLink {
    ClusterLink(std::unique_ptr<net::HttpClient> its_client, net::HttpClient& client, std::string its_name, std::string its_default_namespace,
                bool is_builtin, const HubPorts& ports, WorkflowRepository& repository, Heartbeat& heartbeat)
        : owned(std::move(its_client)),
          name(std::move(its_name)),
          default_namespace(std::move(its_default_namespace)),
          id_suffix(is_builtin ? std::string() : "~" + name),
          kube(client, ports.scheduler),
          tracker(kube, ports.random, heartbeat),
          logs(kube, heartbeat),
          runner({kube, repository, tracker, ports.random, default_namespace}),
          alerts(kube, ports.random) {}

    std::unique_ptr<net::HttpClient> owned;  // null for the built-in one
    std::string name;
    std::string default_namespace;
    std::string id_suffix;  // of the ids of its resources
    KubeApi kube;
    StatusTracker tracker;
    LogStreams logs;
    Runner runner;
    AlertWatch alerts;
};

enum class ClusterUse { see, run };

class Clusters {
public:
    static constexpr std::int64_t kStaleAfterMs = 2 * 60'000;     // contract: isStale
    static constexpr std::int64_t kMetricsFreshMs = 15'000;
    static constexpr std::size_t kMaxClusters = 200;
    static constexpr std::size_t kKeptLog = 200;
    static constexpr std::int64_t kDoubtPauseMs = 10'000;         // between two checks because a watch failed

    struct Entry {
        ClusterRecord record;
        std::unique_ptr<ClusterLink> link;  // null: cannot be reached from here, see link_error
        base::Error link_error;
        std::vector<base::UniqueFunction<void(Entry&)>> waiting_for_check;
        Json metrics;
        std::int64_t metrics_ms = 0;        // monotonic
        Json log = Json::array();           // oldest first
        bool log_loaded = false;
        base::Timer doubt;                  // a check because of a watch
    };

    Clusters(const HubPorts& ports, const HubOptions& options, const Auth& auth, WorkflowRepository& workflows, Heartbeat& heartbeat);
    ~Clusters();

    void load(base::UniqueFunction<void(base::Result<void>)> done);
    // What happens in any of the clusters. Set once, before load().
    struct Observer {
        base::UniqueFunction<void(const NodeFailure&)> node_failed;  // see StatusTracker
        base::UniqueFunction<void(const std::string& cluster, const NodeChange&)> node_changed;
        base::UniqueFunction<void(const Entry&, const std::string& former_status)> checked;  // the cluster was asked how it is
    };
    void observe(Observer observer) { observer_ = std::move(observer); }
    // A cluster can be reached, for the first time or with other credentials. One callback; not told of those that are there already.
    void on_link(std::function<void(ClusterLink&)> callback) { link_made_ = std::move(callback); }
    void on_removed(std::function<void(const std::string& name)> callback) { removed_ = std::move(callback); }
    void each_link(const std::function<void(ClusterLink&)>& visit);

    // Shares, links, the default or the set of clusters have changed. A link that is replaced lives on until the callback has returned.
    // Set once.
    void on_changed(base::UniqueFunction<void()> callback) { changed_ = std::move(callback); }

    // ---- who may what
    [[nodiscard]] bool may(const User& caller, const Entry& entry, ClusterUse use) const;
    // Namespaces that this caller is limited to there; empty: all.
    [[nodiscard]] std::vector<std::string> namespaces_of(const User& caller, const Entry& entry) const;

    // ---- finding
    [[nodiscard]] Entry* find(std::string_view name);
    // not_found also for those the caller may not see.
    [[nodiscard]] base::Result<Entry*> visible(const User& caller, std::string_view name);
    [[nodiscard]] std::vector<Entry*> all_visible(const User& caller);
    [[nodiscard]] Entry& default_entry();
    // The link by name ("" and "default": the default one), or why this caller cannot use it.
    [[nodiscard]] base::Result<ClusterLink*> reach(const User& caller, std::string_view name, ClusterUse use);
    // Of a workflow; all of its namespaces must be open to this caller.
    [[nodiscard]] base::Result<ClusterLink*> reach_for(const User& caller, const WorkflowRecord& workflow, ClusterUse use);
    // Ends the streams of a deleted workflow.
    void forget_workflow(const std::string& workflow_id);

    // ---- changing; `record` has been checked and carries a name nobody has
    void add(ClusterRecord record, base::UniqueFunction<void(base::Result<Entry*>)> done);
    void change(ClusterRecord record, bool with_credentials, base::UniqueFunction<void(base::Result<Entry*>)> done);
    void remove(const std::string& name, base::UniqueFunction<void(base::Result<void>)> done);
    void make_default(const std::string& name, base::UniqueFunction<void(base::Result<void>)> done);

    // ---- asking
    // Tries an access that is not kept. `done` does not run when the hub ends first.
    void try_access(const ClusterRecord& record, base::UniqueFunction<void(base::Result<CheckResult>)> done);
    // Asks the cluster, keeps what it says, and then runs `done`; several at once are one.
    void check(Entry& entry, base::UniqueFunction<void(Entry&)> done);
    // Nodes, capacities, namespaces, ...: kept, then `done`. Only with a link.
    void read_metadata(Entry& entry, base::UniqueFunction<void(Entry&)> done);
    [[nodiscard]] bool stale(const Entry& entry) const;
    void log(Entry& entry, std::string_view level, std::string message);
    void with_log(Entry& entry, base::UniqueFunction<void(const Json&)> done);

private:
    [[nodiscard]] base::Result<void> may_use_namespaces(const User& caller, const ClusterLink& link, const WorkflowRecord& workflow);
    void connect(Entry& entry);
    void adopt(Entry& entry, std::unique_ptr<ClusterLink> link);
    void checked(const std::string& name, CheckResult result);
    void doubt(const std::string& name);
    void start_check(Entry& entry);
    void forget_link(std::unique_ptr<ClusterLink> link);
    void tell_changed() {
        if (changed_) changed_();
    }
    [[nodiscard]] std::int64_t unix_ms() const { return ports_.scheduler.clock().unix_ms(); }

    HubPorts ports_;
    const HubOptions& options_;
    const Auth& auth_;
    WorkflowRepository& workflows_;
    Heartbeat& heartbeat_;
    ClusterRepository repository_;
    std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
    std::string default_name_;
    Observer observer_;
    base::UniqueFunction<void()> changed_;
    std::function<void(ClusterLink&)> link_made_;
    std::function<void(const std::string&)> removed_;
    struct Trial {
        std::unique_ptr<net::HttpClient> client;
        std::unique_ptr<KubeApi> kube;
    };
    std::map<std::uint64_t, Trial> trials_;
    std::uint64_t next_trial_ = 1;
    Lifetime lifetime_;
};

}  // namespace hub
