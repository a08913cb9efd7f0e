// The open workflow's past: restored versions, and past runs shown in place of what is live.
#include "model/app_impl.hpp"

namespace model {

Versions::Ports App::Impl::version_ports() {
    return {.present = graph,
            .save = [this](std::function<void(bool)> done) { save(std::move(done)); },
            .etag = [this] { return autosave.revision().starts_with("content-") ? std::string() : autosave.revision(); },
            .restored = [this](std::int64_t number, const Json& json, const net::Headers& headers) { version_restored(number, json, headers); },
            .meet_other = [this] { read_again(true); }};
}

void App::Impl::version_restored(std::int64_t number, const Json& json, const net::Headers& headers) {
    auto version = read_version(json, headers);
    if (!version || workflow.get().phase != LoadPhase::ready || document.dirty()) return read_again(true);  // edited meanwhile: as with any other version
    const std::string base = autosave.revision();
    document.adopt(version->graph, version->name, "Restore version " + std::to_string(number), ports.scheduler.clock().monotonic_ms());
    document.mark_saved(document.present());
    autosave.resolved(version->etag);
    remote_applied();
    tabs.post("workflow", Json{{"id", workflow.get().id}, {"base", base}, {"etag", version->etag}});
    toast(ToastKind::info, "Version " + std::to_string(number) + " is restored", "Undo brings back what was there; Run applies it to the cluster.");
}

void App::Impl::show_states(const std::map<std::string, NodeStatus>* states) {
    const bool begins = states && !live_states;
    const bool ends = !states && live_states;
    if (!states && !ends) return;
    if (begins) {
        live_states.emplace();
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (graph.node_alive(i)) (*live_states)[graph.node(i).id] = graph.status(i);
        }
    }
    const std::map<std::string, NodeStatus>& shown = states ? *states : *live_states;
    std::vector<std::string> ids;
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (graph.node_alive(i)) ids.push_back(graph.node(i).id);
    }
    for (const std::string& id : ids) {
        const auto state = shown.find(id);
        document.set_status(id, state == shown.end() ? NodeStatus{} : state->second);
    }
    if (ends) live_states.reset();
    recount();
    changed(kTopicCanvas | kTopicInspector | kTopicChrome);
}

void App::Impl::forget_history() {
    live_states.reset();  // the statuses go with the document
    versions.clear();
    runs.clear();
    run_inputs.clear();
    dry_run.close();
    node_actions.clear();
}

void App::Impl::set_replicas(const std::string& node_id, std::int64_t replicas) {
    const NodeIndex index = graph.find_node(node_id);
    if (index == kNoIndex) return;
    Json data = graph.node(index).data;
    data["replicas"] = replicas;
    (void)edit(SetNodeData{node_id, std::move(data)}, {.title = "Scale " + graph.node(index).name + " to " + std::to_string(replicas)});
}

}  // namespace model
