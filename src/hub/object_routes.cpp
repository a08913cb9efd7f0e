#include "hub/object_routes.hpp"

#include <algorithm>
#include <array>

#include "base/time_text.hpp"

namespace hub {

void ObjectRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    services_.route(router, "POST", "/objects/delete", [this](const User& caller, const Routed& routed, const Writer& writer) { remove(caller, routed.request, writer); });
    services_.route(router, "POST", "/objects/restart", [this](const User& caller, const Routed& routed, const Writer& writer) { restart(caller, routed.request, writer); });
    services_.route(router, "POST", "/objects/scale", [this](const User& caller, const Routed& routed, const Writer& writer) { scale(caller, routed.request, writer); });
}

bool ObjectRoutes::read(const User& caller, const net::ServerRequest& request, net::ResponseWriter& writer, Wanted& wanted) {
    auto body = read_body(request);
    if (!body) {
        send_error(writer, body.error());
        return false;
    }
    const auto place = parse_kube_path(text_at(*body, "path"));
    if (!place) {
        send_error(writer, place.error());
        return false;
    }
    if (!place->discovery.empty() || place->name.empty() || !place->subresource.empty()) {
        send_error(writer, 400, "path: expected the path of one object", {"Like /apis/apps/v1/namespaces/default/deployments/web"});
        return false;
    }
    const auto link = reach_kube_place(services_.clusters, caller, text_at(*body, "cluster"), *place);
    if (!link) {
        send_error(writer, link.error());
        return false;
    }
    const Clusters::Entry* entry = services_.clusters.find((*link)->name);
    if (entry != nullptr && !services_.clusters.may(caller, *entry, ClusterUse::run)) {
        send_error(writer, 403, "The cluster \"" + (*link)->name + "\" is shared with you for looking only.", {"Ask an admin for the role editor"});
        return false;
    }
    wanted = {*link, *place, std::move(*body)};
    return true;
}

void ObjectRoutes::remove(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    Wanted wanted;
    if (!read(caller, request, *writer, wanted)) return;
    Json options = {{"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"propagationPolicy", "Background"}};
    if (const std::string uid = text_at(wanted.body, "uid"); !uid.empty()) options["preconditions"] = {{"uid", uid}};
    wanted.link->kube.send({.method = "DELETE", .target = wanted.place.path(), .headers = {{"content-type", "application/json"}}, .body = dump_json(options)},
                           lifetime_.guard([writer](const base::Result<Json>& answer) {
                               if (!answer) return send_error(*writer, answer.error());
                               // An object that is only marked comes back whole: something holds it, or it takes its time to end.
                               if (text_at(*answer, "kind") == "Status") return send_json(*writer, 200, {{"deleted", true}});
                               std::string waiting = "It is being ended";
                               const Json& finalizers = array_at(*answer, "metadata", "finalizers");
                               if (!finalizers.empty() && finalizers[0].is_string()) waiting = "It waits for its finalizer " + finalizers[0].get_ref<const std::string&>();
                               send_json(*writer, 200, {{"deleted", false}, {"waiting", waiting}});
                           }));
}

void ObjectRoutes::restart(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    Wanted wanted;
    if (!read(caller, request, *writer, wanted)) return;
    constexpr auto kRestartable = std::to_array<std::string_view>({"deployments", "statefulsets", "daemonsets"});
    if (wanted.place.group != "apps" || std::find(kRestartable.begin(), kRestartable.end(), wanted.place.resource) == kRestartable.end()) {
        return send_error(*writer, 400, "Only Deployments, StatefulSets and DaemonSets can be restarted.", {"Delete the pod: what made it makes a new one"});
    }
    // What `kubectl rollout restart` writes: a new template, so a rollout.
    const std::string now = base::format_rfc3339(services_.ports.scheduler.clock().unix_ms());
    const Json patch = {{"spec", {{"template", {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/restartedAt", now}}}}}}}}}};
    wanted.link->kube.send({.method = "PATCH", .target = wanted.place.path() + "?fieldManager=binnacle", .headers = {{"content-type", "application/strategic-merge-patch+json"}}, .body = dump_json(patch)},
                           lifetime_.guard([writer](const base::Result<Json>& answer) {
                               if (!answer) return send_error(*writer, answer.error());
                               send_json(*writer, 200, Json::object());
                           }));
}

void ObjectRoutes::scale(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    Wanted wanted;
    if (!read(caller, request, *writer, wanted)) return;
    const Json& replicas = value_at(wanted.body, "replicas");
    if (!replicas.is_number_integer() || replicas.get<std::int64_t>() < 0 || replicas.get<std::int64_t>() > kMaxReplicas) {
        return send_error(*writer, 400, "replicas: expected a whole number from 0 to " + std::to_string(kMaxReplicas));
    }
    const Json patch = {{"spec", {{"replicas", replicas}}}};
    wanted.link->kube.send({.method = "PATCH", .target = wanted.place.path() + "/scale?fieldManager=binnacle", .headers = {{"content-type", "application/merge-patch+json"}}, .body = dump_json(patch)},
                           lifetime_.guard([writer](const base::Result<Json>& answer) {
                               if (!answer) return send_error(*writer, answer.error());
                               send_json(*writer, 200, {{"replicas", number_at(*answer, 0, "spec", "replicas")}});
                           }));
}

}  // namespace hub
