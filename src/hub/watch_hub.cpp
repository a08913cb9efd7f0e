#include "hub/watch_hub.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/auth.hpp"
#include "hub/clusters.hpp"
#include "hub/kube_access.hpp"
#include "hub/lifetime.hpp"
#include "hub/node_kinds.hpp"
#include "hub/watch_subscription.hpp"
#include "hub/watch_upstream.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxSelector = 4'096;
constexpr std::size_t kFramesPerTurn = 256;  // of one client, before others get their turn
constexpr std::size_t kFramesPerChannel = 64;
constexpr std::string_view kControlPlanes = "binnacle.dev/control-planes";

base::Result<void> bad_field(std::string_view field, std::string_view expected) {
    return base::fail(base::ErrorCode::invalid_argument, std::string(field) + ": expected " + std::string(expected));
}

bool is_selector(std::string_view text) {
    return text.size() <= kMaxSelector && base::is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

base::Result<void> check(const WatchSpec& spec) {
    if (!spec.ns.empty() && !is_dns_label(spec.ns)) return bad_field("namespace", "the name of a namespace");
    if (!spec.name.empty() && !is_path_segment_name(spec.name)) return bad_field("name", "the name of an object");
    if (!spec.org.empty() && !is_path_segment_name(spec.org)) return bad_field("orgId", "the name of an organization");
    if (!spec.project.empty() && !is_path_segment_name(spec.project)) return bad_field("projectId", "the name of a project");
    if (!is_selector(spec.label_selector)) return bad_field("labelSelector", "a label selector");
    if (!is_selector(spec.field_selector)) return bad_field("fieldSelector", "a field selector");
    return {};
}

// Of a value in a field selector: ',', '=' and '\' have a meaning there.
std::string escaped_value(std::string_view value) {
    std::string escaped;
    for (const char c : value) {
        if (c == ',' || c == '=' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string query_of(const WatchSpec& spec) {
    std::string fields = spec.field_selector;
    if (!spec.name.empty()) fields += (fields.empty() ? "" : ",") + ("metadata.name=" + escaped_value(spec.name));
    base::Query query;
    if (!spec.label_selector.empty()) query.add("labelSelector", spec.label_selector);
    if (!fields.empty()) query.add("fieldSelector", fields);
    return query.to_string();
}

// The colon-joined parts that the portals of seed 2 know, with what is a colon within a part escaped.
std::string channel_of(const WatchSpec& spec) {
    std::string channel;
    const auto add = [&](std::string_view part) {
        for (const char c : part) {
            if (c == ':') channel += "%3A";
            else if (c == '%') channel += "%25";
            else channel += c;
        }
        channel += ':';
    };
    add(spec.resource_type);
    add(spec.org);
    add(spec.project);
    add(spec.ns);
    add(spec.name);
    add(spec.label_selector);
    add(spec.field_selector);
    channel += spec.user_scoped ? "user" : "";
    if (spec.cluster.empty()) return channel;
    channel += ':';
    add(spec.cluster);
    channel.pop_back();
    return channel;
}

// Versions can be compared from Kubernetes 1.35 on (KEP-5504).
bool has_ordered_versions(const ClusterRecord& record) {
    const std::string version = text_at(record.metadata, "version");  // "v1.35.2"
    const auto parts = base::split(std::string_view(version).substr(version.starts_with('v') ? 1 : 0), '.');
    if (parts.size() < 2) return false;
    const auto major = base::parse_integer<int>(parts[0]);
    const auto minor = base::parse_integer<int>(parts[1]);
    return major && minor && (*major > 1 || (*major == 1 && *minor >= 35));
}

std::string_view reason_of(const base::Error& error) { return error.code == base::ErrorCode::not_found ? "NotFound" : "Forbidden"; }

}  // namespace

class WatchHub::Impl final : private WatchUpstream::Audience {
public:
    Impl(Clusters& clusters, const Auth& auth, base::Scheduler& scheduler, base::Random& random, WatchHubOptions options)
        : clusters_(clusters), auth_(auth), scheduler_(scheduler), random_(random), options_(options) {
        clusters_.on_changed(lifetime_.guard([this] { recheck(); }));
    }

    base::Result<std::string> join(const User& caller, const WatchSpec& spec, WatchSink& sink) {
        auto place = locate(caller, spec);
        if (!place) {
            ++counters_.refused;
            return base::fail(place.error());
        }
        std::string channel = channel_of(spec);
        const auto known = clients_.find(&sink);
        const std::size_t open = known == clients_.end() ? 0 : known->second->channels.size();
        if (open > 0 && known->second->channels.contains(channel)) return channel;
        if (open >= options_.channels_per_client) {
            ++counters_.refused;
            return base::fail(base::ErrorCode::invalid_argument, "There are " + std::to_string(open) + " watches open already, and no more are allowed.", "Close some first");
        }
        auto upstream = upstream_for(*place);
        if (!upstream) return base::fail(upstream.error());
        WatchClient& client = known == clients_.end() ? add_client(sink) : *known->second;
        auto subscription = std::make_unique<WatchSubscription>(client, channel, std::make_shared<const User>(caller), spec, options_.queued_events, counters_);
        attach(*subscription, **upstream, {});
        client.channels.emplace(channel, std::move(subscription));
        schedule(client);
        return channel;
    }

    void leave(WatchSink& sink, const std::string& channel) {
        const auto client = clients_.find(&sink);
        if (client == clients_.end()) return;
        const auto found = client->second->channels.find(channel);
        if (found == client->second->channels.end()) return;
        detach(*found->second);
        client->second->channels.erase(found);
        if (client->second->channels.empty()) clients_.erase(client);
    }

    void leave_all(WatchSink& sink) {
        const auto client = clients_.extract(&sink);
        if (client.empty()) return;
        for (const auto& [channel, subscription] : client.mapped()->channels) detach(*subscription);
    }

    void drained(WatchSink& sink) {
        const auto client = clients_.find(&sink);
        if (client == clients_.end() || !std::exchange(client->second->lagging, false)) return;
        schedule(*client->second);
    }

    void recheck() {
        std::vector<WatchSubscription*> all;
        for (const auto& [sink, client] : clients_) {
            for (const auto& [channel, subscription] : client->channels) all.push_back(subscription.get());
        }
        for (WatchSubscription* subscription : all) recheck(*subscription);
        std::erase_if(clients_, [](const auto& entry) { return entry.second->channels.empty(); });
        without_streaming_.clear();  // a cluster may be another server now
        for (const auto& [key, upstream] : upstreams_) {
            Clusters::Entry* entry = clusters_.find(upstream->options().cluster);
            ClusterLink* link = entry != nullptr ? entry->link.get() : nullptr;
            upstream->move_to(link, entry != nullptr ? entry->link_error : base::Error{});
        }
    }

    [[nodiscard]] Json stats() const {
        Json subscriptions = Json::object();
        std::map<std::string, std::size_t> counts;
        for (const auto& [sink, client] : clients_) {
            for (const auto& [channel, subscription] : client->channels) ++counts[channel];
        }
        for (const auto& [channel, count] : counts) subscriptions[channel] = count;
        wire::WatchStats total = ended_;
        std::size_t objects = 0;
        std::size_t bytes = 0;
        for (const auto& [key, upstream] : upstreams_) {
            add(total, upstream->stats());
            objects += upstream->store().objects().size();
            bytes += upstream->store().bytes();
        }
        return {{"clients", clients_.size()},
                {"upstreams", upstreams_.size()},
                {"subscriptions", std::move(subscriptions)},
                {"lists", total.lists},
                {"watches", total.watches},
                {"events", total.events},
                {"expired", total.expired},
                {"failures", total.failures},
                {"unreadable", total.unreadable},
                {"frames", counters_.frames},
                {"resyncs", counters_.resyncs},
                {"refused", counters_.refused},
                {"objects", objects},
                {"bytes", bytes}};
    }

private:
    struct Located {
        ClusterLink* link = nullptr;
        const Clusters::Entry* entry = nullptr;
        KubePlace collection;
        WatchSpec spec;
        std::string key;  // of the upstream
    };

    // Where the spec leads this caller, or why it leads him nowhere.
    base::Result<Located> locate(const User& caller, const WatchSpec& spec) {
        if (const auto good = check(spec); !good) return base::fail(good.error());
        auto place = parse_resource_type(spec.resource_type);
        if (!place) return base::fail(place.error());
        auto link = clusters_.reach(caller, spec.cluster, ClusterUse::see);
        if (!link) return base::fail(link.error());
        const Clusters::Entry* entry = clusters_.find((*link)->name);
        place->control_plane = control_plane_of(*entry, caller, spec);
        place->ns = spec.ns;
        place->name = spec.name;
        link = reach_kube_place(clusters_, caller, spec.cluster, *place);
        if (!link) return base::fail(link.error());
        place->name.clear();
        // Everything that tells one upstream from another, and nothing that could be read in two ways.
        const Json key = {(*link)->name, place->path(), spec.org, spec.project, query_of(spec), spec.user_scoped ? caller.id : std::string()};
        return Located{*link, entry, std::move(*place), spec, dump_json(key)};
    }

    static std::string control_plane_of(const Clusters::Entry& entry, const User& caller, const WatchSpec& spec) {
        if (text_at(entry.record.labels, kControlPlanes) != "milo") return {};
        const auto plane = [](std::string_view kinds, std::string_view name) {
            return "/apis/" + std::string(kinds) + "/" + base::percent_encode_segment(name) + "/control-plane";
        };
        if (!spec.project.empty()) return plane("resourcemanager.miloapis.com/v1alpha1/projects", spec.project);
        if (!spec.org.empty()) return plane("resourcemanager.miloapis.com/v1alpha1/organizations", spec.org);
        if (spec.user_scoped) return plane("iam.miloapis.com/v1alpha1/users", caller.auth_subject.empty() ? caller.id : caller.auth_subject);
        return {};
    }

    base::Result<WatchUpstream*> upstream_for(const Located& place) {
        if (const auto found = upstreams_.find(place.key); found != upstreams_.end()) return found->second.get();
        if (upstreams_.size() >= options_.upstreams) {
            ++counters_.refused;
            return base::fail(base::ErrorCode::unavailable, "This hub watches " + std::to_string(options_.upstreams) + " collections already.", "Try again when others have closed theirs");
        }
        const std::string kind = place.link->name + place.collection.control_plane + place.collection.api_root() + "/" + place.collection.resource;
        WatchUpstream::Options options{.key = place.key,
                                       .cluster = place.link->name,
                                       .api_version = place.collection.group.empty() ? place.collection.version : place.collection.group + "/" + place.collection.version,
                                       .kind_of_list = kind,
                                       .watch = {.path = place.collection.path(), .query = query_of(place.spec), .streaming_list = !without_streaming_.contains(kind)},
                                       .ordered_versions = has_ordered_versions(place.entry->record),
                                       .max_bytes = options_.upstream_bytes};
        ListGate& gate = gates_.try_emplace(place.link->name, scheduler_, options_.lists_at_once).first->second;
        auto upstream = std::make_unique<WatchUpstream>(*place.link, random_, gate, std::move(options), static_cast<WatchUpstream::Audience&>(*this));
        return upstreams_.emplace(place.key, std::move(upstream)).first->second.get();
    }

    // ---- who shows what
    WatchClient& add_client(WatchSink& sink) { return *clients_.emplace(&sink, std::make_unique<WatchClient>(next_client_++, sink)).first->second; }

    void attach(WatchSubscription& subscription, WatchUpstream& upstream, std::string resync) {
        upstream.closing.cancel();
        upstream.subscriptions.push_back(&subscription);
        subscription.show(upstream, std::move(resync));
    }

    void detach(WatchSubscription& subscription) {
        WatchUpstream& upstream = *subscription.upstream();
        std::erase(upstream.subscriptions, &subscription);
        if (!upstream.subscriptions.empty()) return;
        upstream.closing = scheduler_.after(options_.grace_ms, [this, key = upstream.options().key] {
            // Not from within the timer that goes with it.
            scheduler_.post(lifetime_.guard([this, key] {
                const auto found = upstreams_.find(key);
                if (found != upstreams_.end() && found->second->subscriptions.empty() && !found->second->closing.pending()) close(key);
            }));
        });
    }

    void close(const std::string& key) {
        const auto found = upstreams_.find(key);
        if (found == upstreams_.end()) return;
        add(ended_, found->second->stats());
        upstreams_.erase(found);
    }

    // Tells the client and lets go; an empty client stays until the caller drops it.
    void end(WatchSubscription& subscription, int code, std::string_view reason, const base::Error& error) {
        subscription.send_end(code, reason, error);
        detach(subscription);
        subscription.client().channels.erase(std::string(subscription.channel()));
    }

    void recheck(WatchSubscription& subscription) {
        const User* caller = auth_.mode() == AuthMode::none ? subscription.caller().get() : auth_.find_user(subscription.caller()->id);
        if (caller == nullptr) {
            return end(subscription, 403, "Forbidden", {base::ErrorCode::forbidden, "This account does not exist any more.", {}});
        }
        const auto place = locate(*caller, subscription.spec());
        if (!place) {
            // A cluster that cannot be reached for the moment is no reason to let go.
            if (place.error().code == base::ErrorCode::unavailable) return;
            return end(subscription, place.error().code == base::ErrorCode::not_found ? 404 : 403, reason_of(place.error()), place.error());
        }
        if (place->key == subscription.upstream()->options().key) return;
        auto upstream = upstream_for(*place);
        if (!upstream) return end(subscription, 503, "ServiceUnavailable", upstream.error());
        detach(subscription);
        attach(subscription, **upstream, "cluster");
        schedule(subscription.client());
    }

    // ---- sending
    void schedule(WatchClient& client) {
        if (std::exchange(client.pump_posted, true)) return;
        scheduler_.post(lifetime_.guard([this, sink = &client.sink, id = client.id] {
            const auto found = clients_.find(sink);
            if (found != clients_.end() && found->second->id == id) pump(*found->second);
        }));
    }

    // Begins after the channel that was served last, so that long snapshots do not keep the others waiting.
    void pump(WatchClient& client) {
        client.pump_posted = false;
        std::size_t left = kFramesPerTurn;
        bool more = false;
        auto next = client.channels.upper_bound(client.served_last);
        for (std::size_t count = client.channels.size(); count > 0 && !client.lagging; --count, ++next) {
            if (next == client.channels.end()) next = client.channels.begin();
            std::size_t budget = std::min(left, kFramesPerChannel);
            left -= budget;
            more = next->second->pump(budget) || more;
            left += budget;
            client.served_last = next->first;
            if (left == 0) break;
        }
        if ((more || left == 0) && !client.lagging) schedule(client);
    }

    void on_change(WatchUpstream& upstream, WatchUpstream::Change change, const std::string& key, const wire::StoredObject& object) override {
        for (WatchSubscription* subscription : upstream.subscriptions) {
            if (subscription->change(change, key, object)) schedule(subscription->client());
        }
    }
    void on_synced(WatchUpstream& upstream) override {
        for (WatchSubscription* subscription : upstream.subscriptions) schedule(subscription->client());
    }
    void on_bookmark(WatchUpstream& upstream) override {
        for (WatchSubscription* subscription : upstream.subscriptions) subscription->bookmark();
    }
    void on_trouble(WatchUpstream& upstream) override {
        for (WatchSubscription* subscription : upstream.subscriptions) {
            if (subscription->trouble()) schedule(subscription->client());
        }
    }
    void on_recovered(WatchUpstream& upstream) override {
        for (WatchSubscription* subscription : upstream.subscriptions) {
            if (subscription->recovered()) schedule(subscription->client());
        }
    }
    void on_too_large(WatchUpstream& upstream) override {
        scheduler_.post(lifetime_.guard([this, key = upstream.options().key] {
            const auto found = upstreams_.find(key);
            if (found == upstreams_.end()) return;
            const base::Error error{base::ErrorCode::too_large, "The objects are more than the " + base::human_bytes(options_.upstream_bytes) + " that this hub keeps of one list.",
                                    "Choose a namespace or a selector"};
            const std::vector<WatchSubscription*> all = found->second->subscriptions;
            for (WatchSubscription* subscription : all) end(*subscription, 413, "RequestEntityTooLarge", error);
            close(key);
            std::erase_if(clients_, [](const auto& entry) { return entry.second->channels.empty(); });
        }));
    }
    void on_streaming_refused(WatchUpstream& upstream) override { without_streaming_.insert(upstream.options().kind_of_list); }

    static void add(wire::WatchStats& sum, const wire::WatchStats& more) {
        sum.lists += more.lists;
        sum.watches += more.watches;
        sum.events += more.events;
        sum.bookmarks += more.bookmarks;
        sum.expired += more.expired;
        sum.failures += more.failures;
        sum.unreadable += more.unreadable;
        sum.unknown += more.unknown;
        sum.misplaced += more.misplaced;
    }

    Clusters& clusters_;
    const Auth& auth_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    WatchHubOptions options_;
    WatchCounters counters_;
    wire::WatchStats ended_;  // of upstreams that are closed
    std::map<std::string, ListGate> gates_;  // by cluster
    std::set<std::string> without_streaming_;  // kinds of clusters that refuse streaming lists
    std::map<std::string, std::unique_ptr<WatchUpstream>> upstreams_;
    std::map<WatchSink*, std::unique_ptr<WatchClient>> clients_;
    std::uint64_t next_client_ = 1;
    Lifetime lifetime_;
};

WatchHub::WatchHub(Clusters& clusters, const Auth& auth, base::Scheduler& scheduler, base::Random& random, WatchHubOptions options)
    : impl_(std::make_unique<Impl>(clusters, auth, scheduler, random, options)) {}
WatchHub::~WatchHub() = default;

base::Result<std::string> WatchHub::join(const User& caller, const WatchSpec& spec, WatchSink& sink) { return impl_->join(caller, spec, sink); }
void WatchHub::leave(WatchSink& sink, const std::string& channel) { impl_->leave(sink, channel); }
void WatchHub::leave_all(WatchSink& sink) { impl_->leave_all(sink); }
void WatchHub::drained(WatchSink& sink) { impl_->drained(sink); }
void WatchHub::recheck() { impl_->recheck(); }
Json WatchHub::stats() const { return impl_->stats(); }

}  // namespace hub
