// Clusters: which Kubernetes clusters the backend knows, how they are, and the way to add one. The ClusterStore of seed 1:
// clusters, selectedCluster, clusterStatuses, defaultClusterId; selectedCluster and defaultClusterId are persisted under
// "binnacle-cluster".
//
//   model::Clusters& clusters = app.clusters();
//   clusters.seen();                                  // a view shows them: loads, and asks again for what is older than two minutes
//   for (const ClusterInfo& cluster : clusters.state().clusters) row(cluster, clusters.status(cluster.name));
//   clusters.select("staging");                       // details of it are loaded; new workflows go there
//   clusters.begin_add(); ... clusters.form() ...; clusters.submit();
//
// Promises: a list that cannot be loaded again keeps what it had, marked with its age; an action that fails says so in `problem`, at
// its cluster, until the next one; after clear() no late answer brings anything back. List, states, metrics and log are the query cache's
// (keys::clusters): what is here is read from it, and what an action answers is patched into it. Secrets are in the form only, and go with it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/app_state.hpp"
#include "model/model_context.hpp"
#include "state/forms/form.hpp"
#include "state/store.hpp"

namespace model {

struct ClusterInfo {
    std::string id, name, display_name, description, server, auth_type, ns, context;
    bool is_default = false;
    bool builtin = false;
    bool can_change = false;
    bool can_run = true;
    bool insecure = false;
    std::map<std::string, std::string> labels;
    // metadata
    std::string version, platform, provider, region, metadata_at;
    int node_count = -1;  // -1: not known
    double cpu_capacity = 0, memory_capacity = 0;
    std::vector<std::string> storage_classes, namespaces, capabilities;
    friend bool operator==(const ClusterInfo&, const ClusterInfo&) = default;
};

enum class ClusterHealth : std::uint8_t { unknown, connected, disconnected, error };

struct ClusterStatus {
    ClusterHealth health = ClusterHealth::unknown;
    std::string message, hint;     // why not connected, or a limitation
    std::string last_check;        // RFC 3339; empty: never
    std::int64_t latency_ms = -1;
    bool stale = true;
    friend bool operator==(const ClusterStatus&, const ClusterStatus&) = default;
};

struct ClusterUsage {
    double used = 0, capacity = 0, percentage = 0;
    friend bool operator==(const ClusterUsage&, const ClusterUsage&) = default;
};

struct ClusterHealthRow {
    std::string name, status, message;  // status: healthy, warning, error, unknown
    friend bool operator==(const ClusterHealthRow&, const ClusterHealthRow&) = default;
};

struct ClusterLogLine {
    std::string timestamp, level, message;
    friend bool operator==(const ClusterLogLine&, const ClusterLogLine&) = default;
};

// Of the selected cluster.
struct ClusterDetails {
    std::string name;
    LoadPhase metrics_phase = LoadPhase::idle;
    base::Error metrics_error;
    ClusterUsage cpu, memory, storage;  // cores, bytes, bytes
    bool measured = false;              // else the sums of what pods request
    int pod_count = 0;
    std::vector<ClusterHealthRow> health;
    std::string metrics_at;
    LoadPhase log_phase = LoadPhase::idle;
    base::Error log_error;
    std::vector<ClusterLogLine> log;    // newest first
    friend bool operator==(const ClusterDetails&, const ClusterDetails&) = default;
};

enum class ClusterAction : std::uint8_t { test, refresh, make_default, change, remove };

struct ClustersState {
    LoadPhase phase = LoadPhase::idle;
    base::Error error;                  // of the last load; with clusters there it is a banner, else the page
    std::int64_t loaded_at_ms = 0;      // unix, when the list last came
    std::vector<ClusterInfo> clusters;
    std::map<std::string, ClusterStatus> statuses;                 // clusterStatuses, by name
    std::string selected;                                          // selectedCluster: a name; empty: none
    std::string default_id;                                        // defaultClusterId
    std::set<std::string> checking;                                // being asked for their status
    std::map<std::string, ClusterAction> busy;                     // by name
    std::string problem_of;                                        // the cluster that `problem` is about
    base::Error problem;
    std::vector<std::string> delete_blocked_by;                    // workflows with objects there: deleting needs force
    ClusterDetails details;
    friend bool operator==(const ClustersState&, const ClustersState&) = default;
};

// A context of the kubeconfig in the form.
struct KubeContextChoice {
    std::string name, server, user, ns, problem, hint;
    friend bool operator==(const KubeContextChoice&, const KubeContextChoice&) = default;
};

// Besides the form's fields.
struct ClusterFormState {
    bool open = false;
    std::string replaces;                    // a cluster's name: new credentials for it; empty: a new cluster
    bool inspecting = false;                 // the hub looks at the pasted kubeconfig
    std::vector<KubeContextChoice> contexts;
    bool may_skip_test = false;              // it was refused because the cluster does not answer: "Add anyway" is offered
    friend bool operator==(const ClusterFormState&, const ClusterFormState&) = default;
};

class Clusters {
public:
    static constexpr std::int64_t kInspectDelayMs = 400;
    static constexpr std::size_t kParallelChecks = 4;

    // `context` must outlive this.
    explicit Clusters(ModelContext& context);
    ~Clusters();
    Clusters(const Clusters&) = delete;
    Clusters& operator=(const Clusters&) = delete;

    [[nodiscard]] const ClustersState& state() const;
    [[nodiscard]] std::uint64_t version() const;
    [[nodiscard]] const ClusterInfo* find(std::string_view name) const;
    [[nodiscard]] const ClusterInfo* selected() const;
    [[nodiscard]] const ClusterInfo* default_cluster() const;
    [[nodiscard]] ClusterStatus status(std::string_view name) const;
    // How a cluster is called on screen; the name itself when it is not known.
    [[nodiscard]] std::string display_name(std::string_view name) const;
    // Where a new workflow goes: the selected cluster if it may be used, else "" (the backend's default).
    [[nodiscard]] std::string for_new_workflow() const;

    // ---- actions
    // A view that shows clusters is drawn. Answers in how many ms it should be drawn again to notice that they are stale.
    std::int64_t seen();
    void reload();
    void select(std::string name);
    void test(const std::string& name);
    void refresh(const std::string& name);          // metadata and metrics anew
    void make_default(const std::string& name);
    void change(const std::string& name, std::string display_name, std::string description);
    void remove(const std::string& name, bool force);
    void retry_details();
    void dismiss_problem();

    // ---- adding, replacing credentials
    void begin_add();
    void begin_replace(const std::string& name);
    void end_form();
    [[nodiscard]] const ClusterFormState& form_state() const;
    [[nodiscard]] state::Form* form();              // null while no form is open
    // The kubeconfig's text has changed: the hub says which contexts it has, a moment later.
    void kubeconfig_changed();
    // `skip_test`: keep it although it does not answer.
    void submit(bool skip_test = false);

    // Signed out: everything goes, the persisted choice too.
    void clear();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace model
