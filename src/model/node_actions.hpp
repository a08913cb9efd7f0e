// NodeActions: what can be done at once to the object that a run has made of a node: restart its pods, change how many there are.
//
//   if (actions.can_restart(node.kind)) actions.restart(node);
//   actions.scale(node, 3);      // the object at once; the node's replicas follow, so that the next run says the same
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "model/api_slots.hpp"
#include "model/graph.hpp"
#include "model/model_context.hpp"
#include "state/store.hpp"

namespace model {

struct NodeActionsState {
    std::set<std::string> restarting, scaling;  // node ids
    friend bool operator==(const NodeActionsState&, const NodeActionsState&) = default;
};

class NodeActions {
public:
    static constexpr std::int64_t kMaxReplicas = 1'000;

    struct Ports {
        std::function<std::string()> cluster;  // of the open workflow
        std::function<void(const std::string& node_id, std::int64_t replicas)> set_replicas;  // in the document
    };
    NodeActions(ModelContext& context, Ports ports) : context_(context), ports_(std::move(ports)), slots_(context.api) {}

    [[nodiscard]] const NodeActionsState& state() const { return state_.get(); }
    [[nodiscard]] static bool can_restart(NodeKind kind);
    [[nodiscard]] static bool can_scale(NodeKind kind);
    void restart(const Node& node);
    void scale(const Node& node, std::int64_t replicas);
    void clear();

private:
    void send(const std::string& what, const Node& node, Json body, std::set<std::string> NodeActionsState::*busy, std::function<void()> done);

    ModelContext& context_;
    Ports ports_;
    state::Store<NodeActionsState> state_;
    ApiSlots slots_;
};

// The path of the object in the Kubernetes API; empty for kinds that are no workload.
[[nodiscard]] std::string workload_path(const Node& node);

}  // namespace model
