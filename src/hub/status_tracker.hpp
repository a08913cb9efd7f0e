// Live status of workflows: watches on the objects that runs have put into the cluster, and the event streams that tell
// what they say (contracts: KubeOrch core, /workflows/:id/status/stream).
//
// One WorkflowTracker per workflow, shared by all of its subscribers; it ends 10 s after the last one has left. Status is
// computed from watched objects when they change, never from a timer. A burst of changes is one update per node. A reader
// that lags gets one workflow_sync when it has caught up, instead of what it missed.
//
//   StatusTracker tracker(kube, random, heartbeat);
//   tracker.subscribe(record, writer);
//   tracker.update(record);                                  // a run has announced, applied or removed objects
//   tracker.note_object(workflow_id, deployed, object);      // what an apply answered: seen at once, before the watch has it
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "hub/answers.hpp"
#include "hub/heartbeat.hpp"
#include "hub/kube_api.hpp"
#include "hub/kube_watch.hpp"
#include "hub/lifetime.hpp"
#include "hub/workflow_repository.hpp"

namespace hub {

// A node that had been fine, or under way, and is not any more.
struct NodeFailure {
    std::string workflow_id;
    std::string workflow_name;
    std::string owner_id;
    std::string node_id;
    std::string node_name;
    std::string message;
};

// A node that is in another state now, or in its first one that is known.
struct NodeChange {
    std::string workflow_id;
    std::string workflow_name;
    DeployedNode node;
    std::string before;   // the former state's word; empty: it was not known
    const Json& status;   // the present one: state, message, replicas, ...
};

class WorkflowTracker final : public KubeWatch::Listener {
public:
    struct Callbacks {
        base::UniqueFunction<void()> on_last_subscriber_left;
        base::UniqueFunction<void(const NodeFailure&)> on_node_failed;
        base::UniqueFunction<void(const NodeChange&)> on_node_changed;
        base::UniqueFunction<void()> on_doubt;  // the cluster does not answer as it should, or does so again
    };
    WorkflowTracker(KubeApi& kube, base::Random& random, std::string workflow_id, Callbacks callbacks);
    ~WorkflowTracker() override;  // ends its streams with `complete`

    void update(const WorkflowRecord& record);
    void note_object(const DeployedNode& node, Json object);
    void subscribe(const WorkflowRecord& record, Writer writer);
    [[nodiscard]] std::size_t subscriber_count() const { return subscribers_.size(); }
    // By node id; what is known now.
    [[nodiscard]] const std::map<std::string, Json>& statuses() const { return statuses_; }

private:
    struct Entry {
        Json object;
        std::uint64_t noted_in_list = 0;  // number of the list that may not contain it yet, 0 = seen by the watch
    };
    struct Collection {
        std::unique_ptr<KubeWatch> watch;
        std::map<std::string, Entry> objects;  // by name
    };
    struct Subscriber {
        std::uint64_t id = 0;
        Writer writer;
        bool lagging = false;
        bool missed = false;  // something was not sent meanwhile
    };

    void on_reset(KubeWatch& watch, std::vector<Json> objects) override;
    void on_changed(KubeWatch& watch, Json object) override;
    void on_deleted(KubeWatch& watch, const Json& object) override;
    void on_trouble(KubeWatch& watch, const base::Error& error) override;
    void on_recovered(KubeWatch& watch) override;

    void open_needed_watches();
    void mark_dirty(const Json& object);
    void mark_all_dirty();
    void schedule_flush();
    void flush();
    void recompute(const DeployedNode& node);
    void tell_failure(const DeployedNode& node, std::string_view before, const Json& status);
    [[nodiscard]] Collection* collection(const std::string& path);
    [[nodiscard]] std::vector<const Json*> pods_of(const DeployedNode& node, const Json* object);
    void send(Subscriber& subscriber, const std::string& bytes);
    void send_sync(Subscriber& subscriber);
    void send_to_all(const std::string& bytes);
    [[nodiscard]] std::string envelope(std::string_view type, Json data) const;
    [[nodiscard]] Json metadata(const WorkflowRecord& record) const;
    void drop(std::uint64_t subscriber_id);

    KubeApi& kube_;
    base::Random& random_;
    std::string workflow_id_;
    Callbacks callbacks_;
    std::string workflow_name_;
    std::string owner_id_;
    std::map<std::string, std::int64_t> told_ms_;         // when somebody was last told that a node failed, monotonic
    std::vector<DeployedNode> deployed_;                  // without the stale ones
    std::map<std::string, std::string> node_by_label_;    // label value -> node id
    std::map<std::string, Collection> collections_;       // by path
    std::map<std::string, Json> statuses_;
    std::set<std::string> dirty_;
    bool sync_all_ = false;
    bool flush_posted_ = false;
    std::vector<Subscriber> subscribers_;
    std::uint64_t next_subscriber_ = 1;
    Lifetime lifetime_;
};

class StatusTracker {
public:
    StatusTracker(KubeApi& kube, base::Random& random, Heartbeat& heartbeat)
        : kube_(kube), random_(random), heartbeat_(heartbeat) {}

    void subscribe(const WorkflowRecord& record, Writer writer);
    void update(const WorkflowRecord& record);
    void note_object(const std::string& workflow_id, const DeployedNode& node, Json object);
    // Keeps an eye on a workflow that has just been run although nobody subscribes, so that what fails soon after is noticed.
    void linger(const WorkflowRecord& record);
    // Told once per node and while of trouble; not of what a run could not apply, which its own answer says.
    void on_node_failed(base::UniqueFunction<void(const NodeFailure&)> callback) { on_node_failed_ = std::move(callback); }
    // Told of every change of a node's state, in workflows that somebody watches or that have just been run.
    void on_node_changed(base::UniqueFunction<void(const NodeChange&)> callback) { on_node_changed_ = std::move(callback); }
    // A watch has failed, or works again: a reason to ask how the cluster is.
    void on_doubt(base::UniqueFunction<void()> callback) { on_doubt_ = std::move(callback); }
    // Ends the workflow's streams.
    void forget(const std::string& workflow_id);
    // By node id; null while nobody watches that workflow.
    [[nodiscard]] const std::map<std::string, Json>* statuses_of(const std::string& workflow_id) const {
        const auto found = trackers_.find(workflow_id);
        return found == trackers_.end() ? nullptr : &found->second.tracker->statuses();
    }
    [[nodiscard]] std::size_t open_trackers() const { return trackers_.size(); }

private:
    struct Slot {
        std::unique_ptr<WorkflowTracker> tracker;
        base::Timer closing;
        std::int64_t stay_until_ms = 0;  // monotonic; not closed before
    };
    Slot& slot_for(const WorkflowRecord& record);
    void close_later(const std::string& workflow_id, std::int64_t delay_ms);

    KubeApi& kube_;
    base::Random& random_;
    Heartbeat& heartbeat_;
    base::UniqueFunction<void(const NodeFailure&)> on_node_failed_;
    base::UniqueFunction<void(const NodeChange&)> on_node_changed_;
    base::UniqueFunction<void()> on_doubt_;
    std::map<std::string, Slot> trackers_;
    Lifetime lifetime_;
};

}  // namespace hub
