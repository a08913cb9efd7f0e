#include "model/node_actions.hpp"

#include <utility>

#include "base/url.hpp"

namespace model {

namespace {

std::string text_of(const Json& data, const char* key, const char* otherwise) {
    const auto found = data.is_object() ? data.find(key) : data.end();
    if (!data.is_object() || found == data.end()) return otherwise;
    const auto* text = found->get_ptr<const Json::string_t*>();
    return text && !text->empty() ? *text : std::string(otherwise);
}

}  // namespace

bool NodeActions::can_restart(NodeKind kind) { return kind == NodeKind::deployment || kind == NodeKind::statefulset || kind == NodeKind::daemonset; }
bool NodeActions::can_scale(NodeKind kind) { return kind == NodeKind::deployment || kind == NodeKind::statefulset; }

std::string workload_path(const Node& node) {
    if (!NodeActions::can_restart(node.kind)) return {};
    const std::string plural = node.kind == NodeKind::deployment ? "deployments" : node.kind == NodeKind::statefulset ? "statefulsets" : "daemonsets";
    return "/apis/apps/v1/namespaces/" + base::percent_encode_segment(text_of(node.data, "namespace", "default")) + "/" + plural + "/" + base::percent_encode_segment(node.name);
}

void NodeActions::restart(const Node& node) {
    if (!can_restart(node.kind)) return;
    send("restart", node, Json::object(), &NodeActionsState::restarting, [this, name = node.name] { context_.toast(ToastKind::success, name + " is restarting", "Its pods are replaced one after another."); });
}

void NodeActions::scale(const Node& node, std::int64_t replicas) {
    if (!can_scale(node.kind) || replicas < 0 || replicas > kMaxReplicas) return;
    send("scale", node, {{"replicas", replicas}}, &NodeActionsState::scaling, [this, id = node.id, name = node.name, replicas] {
        ports_.set_replicas(id, replicas);
        context_.toast(ToastKind::success, name + " is scaled to " + std::to_string(replicas), "The node says so too; Undo changes only the node.");
    });
}

void NodeActions::send(const std::string& what, const Node& node, Json body, std::set<std::string> NodeActionsState::*busy, std::function<void()> done) {
    if ((state().*busy).contains(node.id)) return;
    body["path"] = workload_path(node);
    if (const std::string cluster = ports_.cluster(); !cluster.empty()) body["cluster"] = cluster;
    state_.update([&](NodeActionsState& s) { (s.*busy).insert(node.id); });
    context_.changed(kTopicInspector);
    slots_.call(what + " " + node.id, {.method = "POST", .path = "/objects/" + what, .body = std::move(body)}, [this, what, id = node.id, name = node.name, busy, done = std::move(done)](base::Result<net::ApiReply> reply) {
        state_.update([&](NodeActionsState& s) { (s.*busy).erase(id); });
        context_.changed(kTopicInspector);
        if (reply) return done();
        const bool gone = reply.error().code == base::ErrorCode::not_found;
        context_.toast(ToastKind::danger, "Could not " + what + " " + name, gone ? "It is not in the cluster. Run the workflow to make it." : reply.error().message + (reply.error().hint.empty() ? "" : ". " + reply.error().hint));
    });
}

void NodeActions::clear() {
    slots_.clear();
    state_.set({});
}

}  // namespace model
