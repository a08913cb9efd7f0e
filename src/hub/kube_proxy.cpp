#include "hub/kube_proxy.hpp"

#include "base/url.hpp"
#include "hub/kube_access.hpp"

namespace hub {

namespace {

constexpr const char* kProxyRoot = "/api/proxy";
constexpr std::size_t kMaxErrorBytes = 64 * 1024;

}  // namespace

struct KubeProxy::Transfer {
    explicit Transfer(Writer its_writer) : writer(std::move(its_writer)) {}
    Writer writer;
    net::RequestHandle upstream;
    bool started = false;
    bool refused = false;      // a 401: its body is collected for the words
    std::string refusal;
    bool paused = false;
};

void KubeProxy::add_routes(net::Router& router) {
    router.route("GET", std::string(kProxyRoot) + "/*path", [this](const net::RoutedRequest& routed, const Writer& writer) {
        const auto caller = services_.auth.authenticate(routed.request, TokenFrom::header);
        if (!caller) return send_error(*writer, caller.error());
        get(*caller, routed, writer);
    });
}

void KubeProxy::get(const User& caller, const net::RoutedRequest& routed, const Writer& writer) {
    const net::SplitTarget split = net::split_target(routed.request.target);
    auto query = base::parse_query(split.query);
    if (!query) return send_error(*writer, query.error());
    const auto place = parse_kube_path(split.path.substr(std::string_view(kProxyRoot).size()));
    if (!place) return send_error(*writer, place.error());
    if (query->flag("watch", query->has("watch")) || query->flag("follow", query->has("follow"))) {
        return send_error(*writer, 400, "Streams do not come through the proxy.", {"Subscribe at /api/watch/subscribe"});
    }
    // exec, attach, port-forward, proxy: what is behind them is no part of the API any more.
    if (!place->subresource.empty() && place->subresource != "status" && place->subresource != "scale" && place->subresource != "log") {
        return send_error(*writer, 400, "The subresource " + place->subresource + " is not read through the proxy.");
    }
    const std::string cluster(query->get("cluster"));
    query->remove("cluster");
    const auto link = reach_kube_place(services_.clusters, caller, cluster, *place);
    if (!link) return send_error(*writer, link.error());

    const std::uint64_t id = next_id_++;
    auto transfer = std::make_shared<Transfer>(writer);
    transfers_[id] = transfer;
    writer->on_close([this, id, weak = std::weak_ptr<Transfer>(transfer)] {
        if (!weak.expired()) transfers_.erase(id);
    });
    net::Request request{.method = "GET", .target = place->path() + query->to_suffix()};
    const std::string_view accept = routed.request.headers.get("accept");
    request.headers.set("accept", accept.empty() ? std::string("application/json") : std::string(accept));
    transfer->upstream = (*link)->kube.client().send(std::move(request), {.on_head = [this, id](net::ResponseHead head) { on_head(id, std::move(head)); },
                                                                           .on_data = [this, id](std::string_view bytes) { on_data(id, bytes); },
                                                                           .on_done = [this, id](const base::Result<void>& result) { on_done(id, result); }});
}

void KubeProxy::on_head(std::uint64_t id, net::ResponseHead head) {
    const auto found = transfers_.find(id);
    if (found == transfers_.end()) return;
    Transfer& transfer = *found->second;
    transfer.refused = head.status == 401;
    if (transfer.refused) return;
    net::ResponseHead out{.status = head.status, .headers = {{"Cache-Control", "no-store"}}};
    for (const char* name : {"Content-Type", "Retry-After", "Warning"}) {
        if (head.headers.has(name)) out.headers.set(name, std::string(head.headers.get(name)));
    }
    transfer.started = true;
    transfer.writer->start(std::move(out));
}

void KubeProxy::on_data(std::uint64_t id, std::string_view bytes) {
    const auto found = transfers_.find(id);
    if (found == transfers_.end()) return;
    const std::shared_ptr<Transfer> transfer = found->second;
    if (transfer->refused) {
        if (transfer->refusal.size() < kMaxErrorBytes) transfer->refusal.append(bytes.substr(0, kMaxErrorBytes - transfer->refusal.size()));
        return;
    }
    if (transfer->writer->write(bytes) || transfer->paused) return;
    transfer->paused = true;
    transfer->upstream.set_paused(true);
    transfer->writer->on_drain([weak = std::weak_ptr<Transfer>(transfer)] {
        const auto drained = weak.lock();
        if (!drained) return;
        drained->paused = false;
        drained->upstream.set_paused(false);
    });
}

void KubeProxy::on_done(std::uint64_t id, const base::Result<void>& result) {
    const auto node = transfers_.extract(id);  // ends with this call
    if (node.empty()) return;
    const std::shared_ptr<Transfer>& transfer = node.mapped();
    if (transfer->refused) return send_error(*transfer->writer, kube_error(401, transfer->refusal));
    if (result) return transfer->writer->end();
    if (!transfer->started) return send_error(*transfer->writer, kube_transport_error(result.error()));
    transfer->writer->abort();
}

}  // namespace hub
