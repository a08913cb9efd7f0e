// WatchUpstream: one collection of one cluster, watched once and kept, for all the channels that show it (watch_hub.hpp).
//
// Keeps the objects as text, so that a late joiner gets a snapshot without asking the cluster, and so that a new list after 410 is told as a
// difference. What the audience is told is the store's differences: each is news.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/kube_access.hpp"
#include "hub/watch_driver.hpp"
#include "wire/watch_store.hpp"

namespace hub {

class WatchSubscription;

class WatchUpstream final : private wire::WatchConsumer {
public:
    using Change = wire::WatchStore::Change;

    // May not destroy the upstream from within a call.
    class Audience {
    public:
        virtual ~Audience() = default;
        virtual void on_change(WatchUpstream& upstream, Change change, const std::string& key, const wire::StoredObject& object) = 0;
        virtual void on_synced(WatchUpstream& upstream) = 0;  // there is a snapshot; told once
        virtual void on_bookmark(WatchUpstream& upstream) = 0;
        virtual void on_trouble(WatchUpstream& upstream) = 0;
        virtual void on_recovered(WatchUpstream& upstream) = 0;
        virtual void on_too_large(WatchUpstream& upstream) = 0;  // more than `max_bytes`; told once
        virtual void on_streaming_refused(WatchUpstream& upstream) = 0;
    };

    struct Options {
        std::string key;             // the hub's name for it
        std::string cluster;
        std::string api_version;     // of the objects, for bookmarks
        std::string kind_of_list;    // what is remembered of the kind: its path without namespace
        wire::WatchOptions watch;
        bool ordered_versions = false;
        std::size_t max_bytes = 0;
    };

    WatchUpstream(ClusterLink& link, base::Random& random, ListGate& gate, Options options, Audience& audience);

    // The cluster is reached in another way now, or (null) not at all, for `why`.
    void move_to(ClusterLink* link, const base::Error& why);

    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] ClusterLink* link() const { return link_; }
    [[nodiscard]] bool synced() const { return synced_; }
    [[nodiscard]] const wire::WatchStore& store() const { return store_; }
    [[nodiscard]] const std::string& resource_version() const { return version_; }
    // Why nothing comes at present.
    [[nodiscard]] const std::optional<wire::WatchTrouble>& trouble() const { return trouble_; }
    [[nodiscard]] const wire::WatchStats& stats() const { return driver_ ? driver_->machine().stats() : no_stats_; }

    // The data of a `watch` frame. Built once for all channels of one name that want the same next.
    [[nodiscard]] const std::string& frame(std::string_view channel_json, Change change, const wire::StoredObject& object);
    [[nodiscard]] std::string bookmark_frame(std::string_view channel_json, bool ends_initial_events) const;

    // Kept by the hub.
    std::vector<WatchSubscription*> subscriptions;
    base::Timer closing;

private:
    void on_init() override;
    void on_init_apply(const wire::WatchObject& object) override;
    void on_init_done(std::string_view resource_version) override;
    void on_apply(const wire::WatchObject& object) override;
    void on_deleted(const wire::WatchObject& object) override;
    void on_bookmark(std::string_view resource_version) override;
    void on_trouble(const wire::WatchTrouble& trouble) override;
    void on_recovered() override;
    void drive();
    void check_size();

    Options options_;
    base::Random& random_;
    ListGate& gate_;
    Audience& audience_;
    ClusterLink* link_;
    wire::WatchStore store_;
    wire::WatchStats no_stats_;
    std::string version_;
    std::optional<wire::WatchTrouble> trouble_;
    bool synced_ = false;
    bool too_large_ = false;
    std::string frame_;
    std::string frame_channel_;
    std::shared_ptr<const std::string> frame_of_;  // held, so that no other text gets its address
    Change frame_change_ = Change::added;
    std::unique_ptr<WatchDriver> driver_;  // null while there is no link
};

}  // namespace hub
