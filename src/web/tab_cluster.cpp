#include "web/tab_cluster.hpp"

#include <utility>

#include "web/indexed_db_store.hpp"

namespace web {

namespace {
constexpr std::string_view kCollection = "tab";
constexpr std::string_view kSnapshotId = "cluster";
}  // namespace

TabCluster::TabCluster(base::Scheduler& scheduler, std::unique_ptr<hub::DocumentStore> documents, std::string notice)
    : scheduler_(scheduler), documents_(std::move(documents)), notice_(std::move(notice)) {}

void TabCluster::start(base::Scheduler& scheduler, base::Random& random, std::string version, std::string sample_json, Started done) {
    IndexedDbStore::open(scheduler, "binnacle", [&scheduler, &random, version = std::move(version), sample = std::move(sample_json),
                                                 done = std::move(done)](std::unique_ptr<hub::DocumentStore> store,
                                                                         base::Result<void> persistent) mutable {
        std::unique_ptr<TabCluster> tab(new TabCluster(scheduler, std::move(store), persistent ? "" : persistent.error().message));
        TabCluster* raw = tab.get();
        raw->documents_->get(kCollection, kSnapshotId, [&random, tab = std::move(tab), version = std::move(version), sample = std::move(sample),
                                                        done = std::move(done)](base::Result<hub::Document> snapshot) mutable {
            tab->build(random, std::move(version), std::move(sample), snapshot ? snapshot->json : std::string());
            done(std::move(tab));
        });
    });
}

void TabCluster::build(base::Random& random, std::string version, std::string sample_json, const std::string& snapshot) {
    cluster_ = std::make_unique<kube::Cluster>(kube::ClusterPorts{scheduler_, random}, kube::ClusterOptions{});
    if (!snapshot.empty()) {
        // A snapshot of another version may not fit; then the cluster starts empty and the workflow can be run again.
        if (const auto restored = cluster_->restore(snapshot); !restored) {
            cluster_ = std::make_unique<kube::Cluster>(kube::ClusterPorts{scheduler_, random}, kube::ClusterOptions{});
            notice_ = "The cluster of your last visit could not be restored: " + restored.error().message;
        }
    }
    kube_client_ = std::make_unique<net::LoopbackClient>(scheduler_, cluster_->api());
    hub::HubOptions options;
    options.version = std::move(version);
    options.cluster_name = "demo cluster";
    options.sample_workflow_json = std::move(sample_json);
    hub_ = std::make_unique<hub::Hub>(hub::HubPorts{*kube_client_, *documents_, scheduler_, random}, std::move(options));
    hub_client_ = std::make_unique<net::LoopbackClient>(scheduler_, *hub_);
    changes_ = cluster_->store().subscribe("", [this](const kube::StoreEvent&) {
        dirty_ = true;
        if (!snapshot_timer_.pending()) snapshot_timer_ = scheduler_.after(kSnapshotDelayMs, [this] { flush(); });
    });
}

void TabCluster::flush() {
    if (!std::exchange(dirty_, false)) return;
    snapshot_timer_.cancel();
    documents_->put(kCollection, kSnapshotId, cluster_->snapshot(), hub::DocumentStore::kAnyRevision, [this](base::Result<std::int64_t> written) {
        if (!written) notice_ = written.error().message;
    });
}

}  // namespace web
