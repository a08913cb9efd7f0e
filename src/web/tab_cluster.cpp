#include "web/tab_cluster.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "web/indexed_db_store.hpp"

namespace web {

namespace {

constexpr std::string_view kCollection = IndexedDbStore::kOwnerCollection;
constexpr std::string_view kOwnerId = IndexedDbStore::kOwnerId;
constexpr std::string_view kSnapshotId = "cluster";  // "cluster-EPOCH"; without one: of a tab alone

std::string owner_json(std::int64_t epoch) { return "{\"epoch\":" + std::to_string(epoch) + "}"; }

// The epoch in a snapshot's id; nothing for other documents.
std::optional<std::int64_t> epoch_of(std::string_view id) {
    if (id == kSnapshotId) return 0;
    if (!id.starts_with(kSnapshotId) || id.size() < kSnapshotId.size() + 2 || id[kSnapshotId.size()] != '-') return std::nullopt;
    return base::parse_integer<std::int64_t>(id.substr(kSnapshotId.size() + 1));
}

}  // namespace

TabCluster::TabCluster(Options options, std::unique_ptr<hub::DocumentStore> documents, IndexedDbStore* database, std::string notice)
    : options_(std::move(options)), outbound_(options_.scheduler), documents_(std::move(documents)), database_(database), notice_(std::move(notice)), connector_(options_.scheduler) {}

void TabCluster::start(Options options, Started done) {
    base::Scheduler& scheduler = options.scheduler;
    IndexedDbStore::open(scheduler, "binnacle", [options = std::move(options), done = std::move(done)](std::unique_ptr<hub::DocumentStore> store,
                                                                                                      base::Result<void> persistent) mutable {
        auto* database = persistent ? static_cast<IndexedDbStore*>(store.get()) : nullptr;
        std::string notice = persistent ? "" : persistent.error().message;
        claim(std::unique_ptr<TabCluster>(new TabCluster(std::move(options), std::move(store), database, std::move(notice))), std::move(done));
    });
}

// First the epoch, then the snapshot: what an earlier owner has not written by now it will not write any more.
void TabCluster::claim(std::unique_ptr<TabCluster> self, Started done) {
    TabCluster* raw = self.get();
    const auto read = [raw](std::unique_ptr<TabCluster> tab, Started then) {
        raw->documents_->list(kCollection, [tab = std::move(tab), then = std::move(then)](base::Result<std::vector<hub::Document>> stored) mutable {
            tab->read_snapshot(stored ? *stored : std::vector<hub::Document>());
            then(std::move(tab));
        });
    };
    if (raw->options_.alone) return read(std::move(self), std::move(done));
    raw->documents_->get(kCollection, kOwnerId, [raw, read, self = std::move(self), done = std::move(done)](base::Result<hub::Document> owner) mutable {
        raw->epoch_ = raw->next_epoch(owner);
        raw->documents_->put(kCollection, kOwnerId, owner_json(raw->epoch_), hub::DocumentStore::kAnyRevision,
                             [raw, read, self = std::move(self), done = std::move(done)](const base::Result<std::int64_t>& written) mutable {
                                 if (written && raw->database_) raw->database_->guard(owner_json(raw->epoch_), [raw] { raw->reclaim(); });
                                 read(std::move(self), std::move(done));
                             });
    });
}

// By the clock, so that it rises also when the site's data were cleared under other tabs.
std::int64_t TabCluster::next_epoch(const base::Result<hub::Document>& owner) const {
    std::int64_t last = 0;
    if (owner) {
        const auto json = base::parse_json(owner->json);
        if (json && json->is_object()) {
            if (const auto found = json->find("epoch"); found != json->end() && found->is_number_integer()) last = found->get<std::int64_t>();
        }
    }
    return std::max(last + 1, options_.scheduler.clock().unix_ms());
}

// Somebody else has claimed the data. If that was right, this tab learns in a moment that it has lost the lock and all this ends. If it holds
// the lock still, the other was one that woke up in the middle of its own claim.
void TabCluster::reclaim() {
    if (reclaim_timer_.pending()) return;
    reclaim_timer_ = options_.scheduler.after(kReclaimMs, [this] {
        documents_->get(kCollection, kOwnerId, [this](const base::Result<hub::Document>& owner) {
            epoch_ = next_epoch(owner);
            database_->guard("", nullptr);
            database_->put(kCollection, kOwnerId, owner_json(epoch_), hub::DocumentStore::kAnyRevision, [this](const base::Result<std::int64_t>&) {
                database_->guard(owner_json(epoch_), [this] { reclaim(); });
                dirty_ = true;
                flush();
            });
        });
    });
}

std::string TabCluster::snapshot_id() const {
    std::string id(kSnapshotId);
    if (epoch_ > 0) id += '-' + std::to_string(epoch_);
    return id;
}

void TabCluster::read_snapshot(const std::vector<hub::Document>& stored) {
    const hub::Document* newest = nullptr;
    std::int64_t newest_epoch = -1;
    for (const hub::Document& document : stored) {
        const auto epoch = epoch_of(document.id);
        if (!epoch || *epoch <= newest_epoch) continue;
        newest = &document;
        newest_epoch = *epoch;
    }
    build(newest ? newest->json : std::string());
    if (options_.alone) {
        epoch_ = std::max<std::int64_t>(newest_epoch, 0);
        return;
    }
    // Under this epoch's name before anything else; then the others are of no use.
    dirty_ = true;
    flush();
    for (const hub::Document& document : stored) {
        if (epoch_of(document.id)) documents_->remove(kCollection, document.id, hub::DocumentStore::kAnyRevision, [](const base::Result<void>&) {});
    }
}

void TabCluster::build(const std::string& snapshot) {
    const auto empty = [this] {
        return std::make_unique<kube::Cluster>(kube::ClusterPorts{options_.scheduler, options_.random}, kube::ClusterOptions{.speed = options_.speed});
    };
    cluster_ = empty();
    if (!snapshot.empty()) {
        // A snapshot of another version may not fit; then the cluster starts empty and the workflow can be run again.
        if (const auto restored = cluster_->restore(snapshot); !restored) {
            cluster_ = empty();
            notice_ = "The cluster of your last visit could not be restored: " + restored.error().message;
        }
    }
    kube_client_ = std::make_unique<net::LoopbackClient>(options_.scheduler, cluster_->api());
    hub::HubOptions options;
    options.version = options_.version;
    options.cluster_name = "demo cluster";
    options.sample_workflow_json = std::move(options_.sample_json);
    options.simulated_registries = true;
    const hub::HubPorts ports{.kube = *kube_client_, .documents = *documents_, .scheduler = options_.scheduler, .random = options_.random, .outbound = &outbound_, .connector = &connector_};
    hub_ = std::make_unique<hub::Hub>(ports, std::move(options));
    changes_ = cluster_->store().subscribe("", [this](const kube::StoreEvent&) {
        dirty_ = true;
        if (snapshot_timer_.pending()) return;
        snapshot_timer_ = options_.scheduler.after(shared_ ? kSharedSnapshotDelayMs : kSnapshotDelayMs, [this] { flush(); });
    });
}

void TabCluster::flush() {
    if (!std::exchange(dirty_, false)) return;
    snapshot_timer_.cancel();
    documents_->put(kCollection, snapshot_id(), cluster_->snapshot(), hub::DocumentStore::kAnyRevision, [this](base::Result<std::int64_t> written) {
        if (written) return;
        notice_ = written.error().message;
        dirty_ = true;  // with the next change, or at the end
    });
}

void TabCluster::flush_last() {
    if (!database_) return;
    if (std::exchange(dirty_, false)) database_->put_last(kCollection, snapshot_id(), cluster_->snapshot());
}

}  // namespace web
