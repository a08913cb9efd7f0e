#include "hub/alert_routes.hpp"

#include "base/url.hpp"

namespace hub {

void AlertRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    const auto route = [&](const char* method, const std::string& path, auto handle, TokenFrom from = TokenFrom::header) {
        services_.route(router, method, "/alerts" + path,
                        [handle](const User& caller, Routed routed, const Writer& writer) mutable { handle(caller, routed, writer); }, from);
    };
    const auto admin = [&](const char* method, const std::string& path, auto handle) {
        route(method, path, [handle](const User& caller, Routed& routed, const Writer& writer) mutable {
            if (Services::require_admin(caller, "change alert rules", *writer)) handle(caller, routed, writer);
        });
    };
    const auto id_of = [](const Routed& routed) { return std::string(routed.param("id")); };
    // Answers what is wrong with the body itself.
    const auto with_body = [](const Routed& routed, const Writer& writer, auto then) {
        auto body = read_body(routed.request);
        if (!body) return send_error(*writer, body.error());
        then(std::move(*body));
    };

    route("GET", "/overview", [this](const User& caller, Routed&, const Writer& writer) { alerts_.overview(caller, writer); });
    route("GET", "/rules", [this](const User&, Routed&, const Writer& writer) { alerts_.list_rules(writer); });
    route("GET", "/rules/:id", [this, id_of](const User&, Routed& routed, const Writer& writer) { alerts_.get_rule(id_of(routed), writer); });
    admin("POST", "/rules", [this, with_body](const User& caller, Routed& routed, const Writer& writer) {
        with_body(routed, writer, [&](Json body) { alerts_.create_rule(caller, std::move(body), writer); });
    });
    admin("PUT", "/rules/:id", [this, id_of, with_body](const User&, Routed& routed, const Writer& writer) {
        with_body(routed, writer, [&](Json body) { alerts_.change_rule(id_of(routed), std::move(body), writer); });
    });
    admin("DELETE", "/rules/:id", [this, id_of](const User&, Routed& routed, const Writer& writer) { alerts_.remove_rule(id_of(routed), writer); });
    admin("POST", "/rules/:id/toggle", [this, id_of](const User&, Routed& routed, const Writer& writer) { alerts_.toggle_rule(id_of(routed), writer); });
    admin("POST", "/rules/:id/test-fire", [this, id_of](const User& caller, Routed& routed, const Writer& writer) { alerts_.test_fire(caller, id_of(routed), writer); });
    route("GET", "/templates", [](const User&, Routed&, const Writer& writer) { send_json(*writer, 200, {{"templates", alert_templates()}}); });
    admin("POST", "/templates/:id/enable", [this, id_of](const User& caller, Routed& routed, const Writer& writer) { alerts_.enable_template(caller, id_of(routed), writer); });
    route("GET", "/events", [this](const User& caller, Routed& routed, const Writer& writer) { events(caller, routed.query(), writer); });
    route("PATCH", "/events/:id/acknowledge", [this, id_of](const User& caller, Routed& routed, const Writer& writer) { alerts_.acknowledge(caller, id_of(routed), writer); });
    route("PATCH", "/events/:id/resolve", [this, id_of](const User& caller, Routed& routed, const Writer& writer) { alerts_.resolve(caller, id_of(routed), writer); });
    route("GET", "/stream", [this](const User& caller, Routed&, const Writer& writer) { alerts_.stream(caller, writer); }, TokenFrom::header_or_query);
}

void AlertRoutes::events(const User& caller, std::string_view query_text, const Writer& writer) {
    const auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    const auto page = read_page(query_text, {.limit = 50, .largest = 100});
    if (!page) return send_error(*writer, page.error());
    alerts_.list_events(caller, {.severity = std::string(query->get("severity")), .status = std::string(query->get("status")), .type = std::string(query->get("type")), .page = *page}, writer);
}

}  // namespace hub
