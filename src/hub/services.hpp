// What the hub's route groups share. Built once by Hub, in this order; destroyed in reverse, so that streams end before the
// clients they use.
#pragma once

#include "hub/auth.hpp"
#include "hub/clusters.hpp"
#include "hub/event_feed.hpp"
#include "hub/feed_sources.hpp"
#include "hub/heartbeat.hpp"
#include "hub/notification_center.hpp"
#include "hub/plugin_settings.hpp"
#include "hub/run_recorder.hpp"
#include "hub/versions.hpp"
#include "hub/watch_hub.hpp"
#include "hub/workflow_repository.hpp"

namespace hub {

inline constexpr const char* kApiPrefix = "/v1/api";

struct Services {
    Services(HubPorts hub_ports, HubOptions hub_options)
        : ports(hub_ports),
          options(std::move(hub_options)),
          auth(ports, options.auth),
          heartbeat(ports.scheduler, options.heartbeat_ms),
          events(ports.scheduler, ports.random, options.heartbeat_ms, [this](const User& caller, const FeedEvent& event) { return may_see(caller, event); }),
          news(events),
          notifications(ports.documents, ports.scheduler, ports.random, heartbeat),
          plugins(ports.documents),
          repository(ports.documents),
          versions(ports.documents, ports.scheduler),
          runs(repository, ports.scheduler),
          clusters(ports, options, auth, repository, heartbeat),
          watches(clusters, auth, ports.scheduler, ports.random, {.channels_per_client = options.watch_channels}) {
        clusters.observe({.node_failed = [this](const NodeFailure& failure) { tell_node_failed(failure); },
                          .node_changed = [this](const std::string& cluster, const NodeChange& change) { node_changed(cluster, change); },
                          .checked = [this](const Clusters::Entry& entry, const std::string& former) { news.cluster_checked(entry.record, former); }});
        events.on_first_reader([this] { keep_watching(); });
    }

    HubPorts ports;
    HubOptions options;
    Auth auth;
    Heartbeat heartbeat;
    EventFeed events;
    FeedSources news;
    NotificationCenter notifications;
    PluginSettings plugins;
    WorkflowRepository repository;
    WorkflowVersions versions;
    RunRecorder runs;
    Clusters clusters;
    WatchHub watches;
    base::Timer watching;
    Lifetime lifetime;

    // False after a 403; `what` completes "Only an admin may ...".
    [[nodiscard]] static bool require_admin(const User& caller, std::string_view what, net::ResponseWriter& writer) {
        if (caller.role == "admin") return true;
        send_error(writer, 403, "Only an admin may " + std::string(what) + ".", {"Ask an admin of this hub to do it."});
        return false;
    }

    void tell_everybody(const Notice& notice) { notifications.tell(auth.user_ids(Auth::Whom::everybody), notice); }
    void tell_admins(const Notice& notice) { notifications.tell(auth.user_ids(Auth::Whom::admins), notice); }
    // Those whom a workflow concerns: its owner, and who else is named; the admins when it belongs to nobody any more.
    void tell_about_workflow(const std::string& owner_id, const std::string& also, const Notice& notice);
    void tell_node_failed(const NodeFailure& failure);
    void node_changed(const std::string& cluster, const NodeChange& change);
    // Whether an event of the feed is this caller's to see, now.
    [[nodiscard]] bool may_see(const User& caller, const FeedEvent& event);
    // While somebody reads the feed the trackers of deployed workflows stay open, else nobody would notice what happens to them.
    void keep_watching();
    static constexpr std::int64_t kWatchAgainMs = 4 * 60'000;  // less than a tracker stays open after linger()
    static constexpr std::size_t kMaxWatched = 50;             // the workflows that ran last

    // Registers a route that needs a signed-in caller: handle(caller, routed_request, writer).
    template <class F>
    void route(net::Router& router, const char* method, const std::string& path, F handle, TokenFrom from = TokenFrom::header) {
        route_at(router, method, kApiPrefix + path, std::move(handle), from);
    }
    // The same at a path of another contract.
    template <class F>
    void route_at(net::Router& router, const char* method, const std::string& path, F handle, TokenFrom from = TokenFrom::header) {
        router.route(method, path, [this, from, handle = std::move(handle)](net::RoutedRequest routed, const Writer& writer) mutable {
            const auto caller = auth.authenticate(routed.request, from);
            if (!caller) return send_error(*writer, caller.error());
            handle(*caller, std::move(routed), writer);
        });
    }
};

}  // namespace hub
