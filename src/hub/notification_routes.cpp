#include "hub/notification_routes.hpp"

#include "hub/page_query.hpp"

namespace hub {

namespace {

constexpr std::size_t kDefaultPage = 20;
constexpr std::size_t kLargestPage = 100;

}  // namespace

void NotificationRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    const std::string root = "/user-notifications";
    services_.route(router, "GET", root, [this](const User& caller, Routed routed, const Writer& writer) { list(caller, routed.query(), writer); });
    services_.route(router, "GET", root + "/unread-count",
                    [this](const User& caller, Routed, const Writer& writer) { services_.notifications.count_unread(caller.id, writer); });
    services_.route(router, "PATCH", root + "/:id/read", [this](const User& caller, Routed routed, const Writer& writer) {
        services_.notifications.mark_read(caller.id, std::string(routed.param("id")), writer);
    });
    services_.route(router, "POST", root + "/mark-all-read",
                    [this](const User& caller, Routed, const Writer& writer) { services_.notifications.mark_all_read(caller.id, writer); });
    services_.route(router, "GET", root + "/stream",
                    [this](const User& caller, Routed, const Writer& writer) { services_.notifications.stream(caller.id, writer); },
                    TokenFrom::header_or_query);
}

void NotificationRoutes::list(const User& caller, std::string_view query_text, const Writer& writer) {
    const auto page = read_page(query_text, {.limit = kDefaultPage, .largest = kLargestPage});
    if (!page) return send_error(*writer, page.error());
    services_.notifications.list(caller.id, page->limit, page->offset, writer);
}

}  // namespace hub
