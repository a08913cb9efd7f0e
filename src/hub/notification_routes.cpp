#include "hub/notification_routes.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"

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
    const auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    std::size_t limit = kDefaultPage;
    std::size_t offset = 0;
    if (query->has("limit")) {
        const auto value = base::parse_integer_in<std::int64_t>(query->get("limit"), 1, 1'000'000);
        if (!value) return send_error(*writer, 400, "limit: expected a number from 1 to 100");
        limit = std::min(static_cast<std::size_t>(*value), kLargestPage);
    }
    if (query->has("offset")) {
        const auto value = base::parse_integer_in<std::int64_t>(query->get("offset"), 0, 1'000'000);
        if (!value) return send_error(*writer, 400, "offset: expected a number from 0");
        offset = static_cast<std::size_t>(*value);
    }
    services_.notifications.list(caller.id, limit, offset, writer);
}

}  // namespace hub
