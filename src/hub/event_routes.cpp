#include "hub/event_routes.hpp"

#include <algorithm>
#include <array>

#include "base/url.hpp"

namespace hub {

namespace {

constexpr std::array<std::string_view, 6> kResourceTypes{"cluster", "project", "workload", "build", "addon", "all"};
constexpr std::size_t kMaxQueryIdBytes = 256;

}  // namespace

void EventRoutes::add_routes(net::Router& router) {
    const auto handle = [this](const User& caller, net::RoutedRequest routed, const Writer& writer) { stream(caller, routed.request, writer); };
    services_.route(router, "GET", "/events/stream", handle, TokenFrom::header_or_query);
    services_.route_at(router, "GET", std::string(kPath), handle, TokenFrom::header_or_query);
}

void EventRoutes::stream(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto query = base::parse_query(net::split_target(request.target).query);
    if (!query) return send_error(*writer, query.error());
    FeedFilter filter{.cluster_id = std::string(query->get("cluster_id")),
                      .project_id = std::string(query->get("project_id")),
                      .workload_id = std::string(query->get("workload_id")),
                      .resource_type = std::string(query->get("resource_type"))};
    for (const std::string* id : {&filter.cluster_id, &filter.project_id, &filter.workload_id}) {
        if (id->size() > kMaxQueryIdBytes) return send_error(*writer, 400, "An id in the query is longer than " + std::to_string(kMaxQueryIdBytes) + " bytes.");
    }
    if (!filter.resource_type.empty() && std::find(kResourceTypes.begin(), kResourceTypes.end(), filter.resource_type) == kResourceTypes.end()) {
        return send_error(*writer, 400, "resource_type: expected one of cluster, project, workload, build, addon, all");
    }
    std::string_view last = request.headers.get("last-event-id");
    if (last.empty()) last = query->get("last_event_id");
    services_.events.stream(caller, std::move(filter), last, writer);
}

}  // namespace hub
