// ?bench=graph: a large document that comes from nowhere and is never stored.
#include <algorithm>
#include <cmath>

#include "model/app_impl.hpp"

namespace model {

void App::Impl::load_bench_graph(int count) {
    constexpr NodeKind kCycle[] = {NodeKind::deployment, NodeKind::service, NodeKind::configmap, NodeKind::statefulset, NodeKind::job};
    constexpr const char* kTypes[] = {"deployment", "service", "configmap", "statefulset", "job"};
    constexpr NodeState kStatesShown[] = {NodeState::healthy, NodeState::healthy, NodeState::running, NodeState::error, NodeState::pending};
    close_workflow();
    bench = true;
    count = std::clamp(count, 1, 200'000);
    const int columns = std::max(1, static_cast<int>(std::lround(std::sqrt(static_cast<double>(count)))));
    Json nodes = Json::array();
    Json edges = Json::array();
    for (int i = 0; i < count; ++i) {
        const std::string id = "n" + std::to_string(i);
        const auto kind = static_cast<std::size_t>(i) % std::size(kCycle);
        nodes.push_back({{"id", id}, {"type", kTypes[kind]}, {"position", {{"x", (i % columns) * 240}, {"y", (i / columns) * 110}}},
                         {"data", {{"name", "node-" + std::to_string(i)}, {"image", "registry.local/app:" + std::to_string(i)}}}});
        if (i > 0) edges.push_back({{"id", "e" + std::to_string(i)}, {"source", "n" + std::to_string(i - 1)}, {"target", id}});
    }
    auto built = Graph::from_json(Json{{"nodes", std::move(nodes)}, {"edges", std::move(edges)}});
    if (!built) return;
    document.open(std::move(*built), "Bench");
    for (int i = 0; i < count; ++i) {
        NodeStatus status;
        status.state = kStatesShown[static_cast<std::size_t>(i / 7) % std::size(kStatesShown)];
        status.wire_state = std::string(wire_word(status.state));
        status.replicas = 3;
        status.ready_replicas = status.state == NodeState::healthy ? 3 : i % 3;
        document.set_status("n" + std::to_string(i), std::move(status));
    }
    session.update([](SessionState& s) { s.phase = SessionPhase::signed_in; });
    workflow.update([](WorkflowState& s) {
        s.id = "bench";
        s.name = "Bench";
        s.phase = LoadPhase::ready;
    });
    changed(~0U);
}

}  // namespace model
