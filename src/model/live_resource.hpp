// LiveResource: how one Kubernetes object fares, live (contracts: KubeOrch core, /resources/:id/stream). One at a time: that which the
// view in front is about.
//
//   status.follow(pod_id);                    // each frame that shows it; the same id again changes nothing
//   status.state().words; status.state().ready;
//   status.follow({});                        // nobody looks
//
// Whoever else follows the same object shares the connection. An object that is deleted says so and is not asked for again.
#pragma once

#include <string>

#include "model/model_context.hpp"
#include "model/stream_payloads.hpp"
#include "state/store.hpp"

namespace model {

struct LiveResourceState {
    std::string id;          // what is followed; empty: nothing
    std::string name, ns, type;
    std::string word;        // "running", "pending", "failed", "deleted", ...; empty until something was heard
    std::string message;     // in Kubernetes' words
    std::string reason;      // of a pod: "CrashLoopBackOff"
    int restarts = -1;       // of a pod; -1: not said
    int replicas = -1, ready_replicas = -1;
    bool ready = false;
    bool live = false;
    friend bool operator==(const LiveResourceState&, const LiveResourceState&) = default;
};

class LiveResource {
public:
    explicit LiveResource(ModelContext& context) : context_(context) {}

    [[nodiscard]] const LiveResourceState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }
    void follow(const std::string& id);
    void clear() { follow({}); }

private:
    void on_event(const wire::SseEvent& event);
    void update(std::function<void(LiveResourceState&)> change);

    ModelContext& context_;
    state::Store<LiveResourceState> state_;
    net::SharedStreams::Lease stream_;
};

// For people: "Running", "CrashLoopBackOff, 4 restarts", "2 of 3 ready", "Deleted".
[[nodiscard]] std::string resource_words(const LiveResourceState& state);

}  // namespace model
