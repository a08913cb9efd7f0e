#include "hub/run_plan_routes.hpp"

#include <algorithm>

#include "hub/manifests.hpp"
#include "hub/run_values.hpp"

namespace hub {

namespace {

std::string describe(NodeKind kind, std::string_view name) { return std::string(info_of(kind).kube_kind) + " " + std::string(name); }

bool is_bookkeeping(const std::string& path) {
    for (const std::string_view known : {"metadata.managedFields", "metadata.resourceVersion", "metadata.generation", "metadata.uid", "metadata.creationTimestamp", "status"}) {
        if (path == known) return true;
    }
    return false;
}

struct Differ {
    Json out = Json::array();
    std::size_t most;
    bool secret;
    std::size_t skipped = 0;

    void say(const std::string& path, Json from, Json to) {
        if (out.size() == most) {
            ++skipped;
            return;
        }
        const bool hidden = secret && path.starts_with("data.");
        const auto shown = [&](Json value) { return hidden && !value.is_null() ? Json("(not shown)") : std::move(value); };
        out.push_back({{"path", path}, {"from", shown(std::move(from))}, {"to", shown(std::move(to))}});
    }
    void objects(const Json& before, const Json& after, const std::string& prefix) {
        for (const auto& [key, value] : before.items()) {
            const Json* other = field(after, key);
            values(value, other ? *other : shared_null(), prefix + key);
        }
        for (const auto& [key, value] : after.items()) {
            if (!field(before, key)) values(shared_null(), value, prefix + key);
        }
    }
    void values(const Json& before, const Json& after, const std::string& path) {
        if (before == after || is_bookkeeping(path)) return;
        if (before.is_object() && after.is_object()) return objects(before, after, path + ".");
        if (before.is_array() && after.is_array() && before.size() == after.size()) {
            for (std::size_t i = 0; i < before.size(); ++i) values(before[i], after[i], path + "[" + std::to_string(i) + "]");
            return;
        }
        say(path, before, after);
    }
};

}  // namespace

Json changes_of_object(const Json& before, const Json& after, std::size_t most) {
    Differ differ{.most = most, .secret = text_at(after, "kind") == "Secret" || text_at(before, "kind") == "Secret"};
    differ.objects(before, after, "");
    if (differ.skipped > 0) differ.out.push_back({{"path", "…"}, {"from", nullptr}, {"to", std::to_string(differ.skipped) + " more"}});
    return std::move(differ.out);
}

// Looked at one node after another: a plan is read by a person, and the cluster has others to answer.
struct RunPlanRoutes::Plan {
    WorkflowRecord record;
    WorkflowGraph graph;
    std::vector<std::size_t> order;
    ClusterLink* link = nullptr;
    bool dry_run = false;
    std::size_t position = 0;
    Json inputs = Json::array();
    Json nodes = Json::array();
    Writer writer;
};

void RunPlanRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    services_.route(router, "GET", "/workflows/:id/inputs", [this](const User& caller, const Routed& routed, const Writer& writer) { begin(caller, std::string(routed.param("id")), false, writer); });
    services_.route(router, "POST", "/workflows/:id/dry-run", [this](const User& caller, const Routed& routed, const Writer& writer) { begin(caller, std::string(routed.param("id")), true, writer); });
}

void RunPlanRoutes::begin(const User& caller, std::string id, bool dry_run, const Writer& writer) {
    services_.repository.load(std::move(id), lifetime_.guard([this, caller, dry_run, writer](base::Result<WorkflowRecord> record) {
        if (!record) return send_error(*writer, record.error());
        const auto link = services_.clusters.reach_for(caller, *record, ClusterUse::run);
        if (!link) return send_error(*writer, link.error());
        auto plan = std::make_shared<Plan>();
        plan->record = std::move(*record);
        plan->graph = read_graph(plan->record.nodes(), plan->record.edges(), (*link)->default_namespace);
        plan->order = apply_order(plan->graph);
        plan->link = *link;
        plan->dry_run = dry_run;
        plan->writer = writer;
        next(plan);
    }));
}

void RunPlanRoutes::next(const std::shared_ptr<Plan>& plan) {
    while (plan->position < plan->order.size()) {
        const std::size_t index = plan->order[plan->position++];
        const GraphNode& node = plan->graph.nodes[index];
        if (!plan->dry_run && expected_keys(node).empty()) continue;
        if (node.name.empty()) {
            plan->nodes.push_back({{"node_id", node.id}, {"action", "refused"}, {"message", "It has no name yet"}, {"changes", Json::array()}});
            continue;
        }
        plan->link->kube.get(resource_path(node.kind, node.ns, node.name), lifetime_.guard([this, plan, index](base::Result<Json> existing) { look_at(plan, index, std::move(existing)); }));
        return;
    }
    answer(*plan);
}

void RunPlanRoutes::look_at(const std::shared_ptr<Plan>& plan, std::size_t index, base::Result<Json> existing) {
    const GraphNode& node = plan->graph.nodes[index];
    const bool missing = !existing && existing.error().code == base::ErrorCode::not_found;
    if (!existing && !missing) return send_error(*plan->writer, existing.error());
    const Json object = existing ? std::move(*existing) : Json();
    if (plan->dry_run) return try_apply(plan, index, object);
    for (const ExpectedKey& key : expected_keys(node)) {
        plan->inputs.push_back({{"node_id", node.id},
                                {"node_name", node.name},
                                {"kind", node.kind == NodeKind::secret ? "secret" : "env"},
                                {"key", key.name},
                                {"generate", key.generate},
                                {"kept", kept_value(node, object, key.name).has_value()}});
    }
    next(plan);
}

void RunPlanRoutes::try_apply(const std::shared_ptr<Plan>& plan, std::size_t index, Json existing) {
    const GraphNode& node = plan->graph.nodes[index];
    const auto say = [this, plan, id = node.id, what = describe(node.kind, node.name)](std::string_view action, const std::string& message, Json changes) {
        plan->nodes.push_back({{"node_id", id}, {"object", what}, {"action", action}, {"message", message}, {"changes", std::move(changes)}});
        next(plan);
    };
    const std::string owner = text_at(existing, "metadata", "labels", kWorkflowLabel);
    if (!owner.empty() && owner != plan->record.id) return say("refused", "It belongs to another workflow (" + owner + ")", Json::array());
    ManifestInput input{.workflow_id = plan->record.id};
    std::string asked;
    for (const ExpectedKey& key : expected_keys(node)) {
        const auto value = kept_value(node, existing, key.name);
        if (!value && !key.generate) asked += (asked.empty() ? "" : ", ") + key.name;
        (node.kind == NodeKind::secret ? input.secrets : input.env)[node.id][key.name] = value.value_or("value");
    }
    const Json manifest = make_manifest(plan->graph, index, input);
    const std::string note = asked.empty() ? std::string() : "Run asks for a value of " + asked;
    if (node.kind == NodeKind::job && existing.is_object()) {
        const bool same = text_at(existing, "metadata", "annotations", kSpecHashAnnotation) == text_at(manifest, "metadata", "annotations", kSpecHashAnnotation);
        return say(same ? "unchanged" : "replace", same ? "" : "A Job cannot be changed: it is deleted and made again", Json::array());
    }
    const std::string target = resource_path(node.kind, node.ns, node.name) + "?fieldManager=binnacle&force=true&dryRun=All";
    plan->link->kube.send({.method = "PATCH", .target = target, .headers = {{"content-type", "application/apply-patch+yaml"}}, .body = dump_json(manifest)},
                          lifetime_.guard([say, note, existing = std::move(existing)](base::Result<Json> applied) {
                              if (!applied) return say("refused", applied.error().message, Json::array());
                              Json changes = existing.is_object() ? changes_of_object(existing, *applied) : Json::array();
                              const char* action = !existing.is_object() ? "create" : changes.empty() ? "unchanged" : "change";
                              say(action, note, std::move(changes));
                          }));
}

void RunPlanRoutes::answer(Plan& plan) {
    if (!plan.dry_run) return send_json(*plan.writer, 200, {{"inputs", plan.inputs}});
    for (const DeployedNode& known : plan.record.state.deployed) {
        const bool wanted = std::any_of(plan.graph.nodes.begin(), plan.graph.nodes.end(), [&](const GraphNode& node) { return node.kind == known.kind && node.ns == known.ns && node.name == known.name; });
        if (!wanted) plan.nodes.push_back({{"node_id", known.node_id}, {"object", describe(known.kind, known.name)}, {"action", "delete"}, {"message", "Its node is gone"}, {"changes", Json::array()}});
    }
    send_json(*plan.writer, 200, {{"nodes", plan.nodes}});
}

}  // namespace hub
