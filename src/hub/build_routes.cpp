#include "hub/build_routes.hpp"

#include "base/url.hpp"
#include "hub/page_query.hpp"

namespace hub {

BuildRoutes::BuildRoutes(Services& services)
    : services_(services), builds_(services.ports.documents, services.ports.scheduler, services.ports.random, services.heartbeat, [this](const Json& build) { tell(build); }) {}

void BuildRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    services_.route(router, "POST", "/builds/start", [this](const User& caller, Routed routed, const Writer& writer) { start(caller, routed.request, writer); });
    services_.route(router, "GET", "/builds", [this](const User& caller, Routed routed, const Writer& writer) { list(caller, routed.query(), writer); });
    services_.route(router, "GET", "/builds/:id", [this](const User& caller, Routed routed, const Writer& writer) { builds_.get(caller, std::string(routed.param("id")), writer); });
    services_.route(router, "POST", "/builds/:id/cancel", [this](const User& caller, Routed routed, const Writer& writer) { builds_.cancel(caller, std::string(routed.param("id")), writer); });
    services_.route(router, "GET", "/builds/:id/stream",
                    [this](const User& caller, Routed routed, const Writer& writer) {
                        builds_.stream(caller, std::string(routed.param("id")), std::string(routed.request.headers.get("last-event-id")), writer);
                    },
                    TokenFrom::header_or_query);
}

void BuildRoutes::start(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    auto build = read_build_request(*body);
    if (!build) return send_error(*writer, build.error());
    const std::string registry_id = build->registry_id;
    services_.ports.documents.get(kRegistriesCollection, registry_id, lifetime_.guard([this, caller, build = std::move(*build), writer](base::Result<Document> document) mutable {
        if (!document) {
            if (document.error().code != base::ErrorCode::not_found) return send_error(*writer, document.error());
            return send_error(*writer, 400, "registryId: there is no registry " + build.registry_id, {"Choose one of Settings, Registries."});
        }
        const auto json = base::parse_json(document->json);
        if (!json) return send_error(*writer, 500, "The registry " + build.registry_id + " cannot be read.");
        builds_.start(caller, std::move(build), registry_from_document(document->id, *json), writer);
    }));
}

void BuildRoutes::list(const User& caller, std::string_view query, const Writer& writer) {
    const auto page = read_page(query, {.limit = 25, .largest = 100});
    if (!page) return send_error(*writer, page.error());
    builds_.list(caller, page->limit, page->offset, writer);
}

void BuildRoutes::tell(const Json& build) {
    const bool completed = text_at(build, "status") == "completed";
    const std::string image = text_at(build, "imageName") + ":" + text_at(build, "imageTag");
    const std::string id = text_at(build, "id");
    services_.notifications.tell({text_at(build, "userId")}, {.type = completed ? "build_completed" : "build_failed",
                                                             .title = completed ? image + " is built" : image + " was not built",
                                                             .message = completed ? text_at(build, "finalImageRef") + " (simulated)" : text_at(build, "errorMessage"),
                                                             .link = "/builds/" + id,
                                                             .ref_id = id});
    services_.news.build_ended({.build_id = id,
                                .workload_id = text_at(build, "nodeId"),
                                .project_id = text_at(build, "workflowId"),
                                .image = image,
                                .image_digest = text_at(build, "imageDigest"),
                                .duration_ms = number_at(build, 0, "duration"),
                                .failed = !completed,
                                .error = text_at(build, "errorMessage"),
                                .message = completed ? text_at(build, "finalImageRef") + " (simulated)" : std::string(),
                                .users = {text_at(build, "userId")}});
}

}  // namespace hub
