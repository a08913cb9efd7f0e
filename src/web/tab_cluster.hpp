// TabCluster: hub and cluster inside the tab, for the site without a backend. Documents and a snapshot of the cluster live in
// IndexedDB, so a reload goes on where it was: the snapshot is written a second after a change and when the page is hidden.
//
//   TabCluster::start(scheduler, random, version, sample_json, [](std::unique_ptr<TabCluster> cluster) { use cluster->client(); });
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

namespace web {

class TabCluster {
public:
    static constexpr std::int64_t kSnapshotDelayMs = 1000;
    using Started = base::UniqueFunction<void(std::unique_ptr<TabCluster>)>;

    static void start(base::Scheduler& scheduler, base::Random& random, std::string version, std::string sample_json, Started done);
    TabCluster(const TabCluster&) = delete;
    TabCluster& operator=(const TabCluster&) = delete;

    [[nodiscard]] net::HttpClient& client() { return *hub_client_; }
    // Empty when everything is kept between visits, else a sentence for the user.
    [[nodiscard]] const std::string& storage_notice() const { return notice_; }
    // Writes the snapshot now, if something changed.
    void flush();

private:
    TabCluster(base::Scheduler& scheduler, std::unique_ptr<hub::DocumentStore> documents, std::string notice);
    void build(base::Random& random, std::string version, std::string sample_json, const std::string& snapshot);

    base::Scheduler& scheduler_;
    std::unique_ptr<hub::DocumentStore> documents_;
    std::string notice_;
    std::unique_ptr<kube::Cluster> cluster_;
    std::unique_ptr<net::LoopbackClient> kube_client_;
    std::unique_ptr<hub::Hub> hub_;
    std::unique_ptr<net::LoopbackClient> hub_client_;
    kube::Subscription changes_;
    base::Timer snapshot_timer_;
    bool dirty_ = false;
};

}  // namespace web
