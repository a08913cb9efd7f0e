// TabCluster: hub and cluster inside the tab, for the site without a backend: what the tab that owns them (web::TabHub) serves to all. Documents
// and a snapshot of the cluster live in IndexedDB, so a reload, or another tab, goes on where it was.
//
//   TabCluster::start({.scheduler = loop, .random = random, .version = "1.2", .sample_json = text, .alone = false},
//                     [](std::unique_ptr<TabCluster> cluster) { ... });
//
// One owner writes: it puts its epoch into the document tab/owner, and from then on every write of an earlier owner is refused
// (IndexedDbStore::guard). Its snapshot has the epoch in its name, because the last one, at pagehide, cannot be guarded: an old owner that
// wakes only to die writes where nobody reads. `alone` (no locks between tabs): no epoch, no guard, the last writer wins.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "hub/document_store.hpp"
#include "hub/hub.hpp"
#include "kube/cluster.hpp"
#include "kube/object_store.hpp"
#include "net/loopback.hpp"
#include "net/tab_group.hpp"
#include "web/fetch_outbound.hpp"
#include "web/tab_connector.hpp"

namespace web {

class IndexedDbStore;

class TabCluster final : public net::TabServer {
public:
    static constexpr std::int64_t kSnapshotDelayMs = 1000;
    static constexpr std::int64_t kSharedSnapshotDelayMs = 250;  // while other tabs see what happens here
    static constexpr std::int64_t kReclaimMs = 1000;
    struct Options {
        base::Scheduler& scheduler;
        base::Random& random;
        std::string version;
        std::string sample_json;
        bool alone = false;
        double speed = 1;  // kube::ClusterOptions
    };
    using Started = base::UniqueFunction<void(std::unique_ptr<TabCluster>)>;

    static void start(Options options, Started done);
    TabCluster(const TabCluster&) = delete;
    TabCluster& operator=(const TabCluster&) = delete;

    [[nodiscard]] net::HttpHandler& handler() override { return *hub_; }
    [[nodiscard]] std::int64_t epoch() const override { return epoch_; }
    // Empty when everything is kept between visits, else a sentence for the user.
    [[nodiscard]] const std::string& storage_notice() const { return notice_; }
    void set_shared(bool shared) { shared_ = shared; }
    // Writes the snapshot now, if something changed.
    void flush();
    // The same when the page goes, or is frozen: nothing runs afterwards.
    void flush_last();

private:
    TabCluster(Options options, std::unique_ptr<hub::DocumentStore> documents, IndexedDbStore* database, std::string notice);
    static void claim(std::unique_ptr<TabCluster> self, Started done);
    void reclaim();
    void read_snapshot(const std::vector<hub::Document>& stored);
    void build(const std::string& snapshot);
    [[nodiscard]] std::string snapshot_id() const;
    [[nodiscard]] std::int64_t next_epoch(const base::Result<hub::Document>& owner) const;

    Options options_;
    FetchOutbound outbound_;
    std::unique_ptr<hub::DocumentStore> documents_;
    IndexedDbStore* database_;  // null: the documents are in memory
    std::string notice_;
    std::int64_t epoch_ = 0;
    std::unique_ptr<kube::Cluster> cluster_;
    std::unique_ptr<net::LoopbackClient> kube_client_;
    TabConnector connector_;
    std::unique_ptr<hub::Hub> hub_;
    kube::Subscription changes_;
    base::Timer snapshot_timer_;
    base::Timer reclaim_timer_;
    bool dirty_ = false;
    bool shared_ = false;
};

}  // namespace web
