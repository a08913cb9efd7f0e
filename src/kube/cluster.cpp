#include "kube/cluster.hpp"

#include "base/json.hpp"
#include "kube/api_endpoint_slices.hpp"
#include "kube/api_server.hpp"
#include "kube/controllers/controller_manager.hpp"
#include "kube/object_store.hpp"
#include "kube/sample_resources.hpp"

namespace kube {
namespace {

// The snapshot is ours, but it has been in somebody's storage.
constexpr std::size_t kMaxSnapshotBytes = 256 * 1024 * 1024;

}  // namespace

class Cluster::Impl {
public:
    Impl(ClusterPorts ports, ClusterOptions options)
        : ports_(ports),
          options_(options),
          store_(ports.scheduler, ports.random, options.watch_history),
          server_({store_, ports.scheduler, ports.random},
                  {.bookmark_interval_ms = options.bookmark_interval_ms, .max_body_bytes = options.max_body_bytes}) {
        start();
    }
    ~Impl() { stop(); }

    void start() {
        api::create_system_objects(store_);
        create_sample_resources(store_);
        server_.reload();
        controllers_ = std::make_unique<ControllerManager>(ControllerPorts{store_, ports_.scheduler, ports_.random},
                                                           ControllerOptions{options_.node_count, options_.speed});
        slices_ = std::make_unique<api::EndpointSliceMirror>(store_);
        server_.set_logs(&controllers_->logs());
    }
    void stop() {
        server_.set_logs(nullptr);
        slices_.reset();
        controllers_.reset();
    }

    ClusterPorts ports_;
    ClusterOptions options_;
    ObjectStore store_;
    api::ApiServer server_;
    std::unique_ptr<ControllerManager> controllers_;
    std::unique_ptr<api::EndpointSliceMirror> slices_;
};

Cluster::Cluster(ClusterPorts ports, ClusterOptions options) : impl_(std::make_unique<Impl>(ports, options)) {}
Cluster::~Cluster() = default;

net::HttpHandler& Cluster::api() { return impl_->server_; }
ObjectStore& Cluster::store() { return impl_->store_; }

std::string Cluster::snapshot() const { return base::dump_json(impl_->store_.to_json()); }

base::Result<void> Cluster::restore(std::string_view snapshot_json) {
    auto json = base::parse_json(snapshot_json, {.max_bytes = kMaxSnapshotBytes});
    if (!json) return base::fail(json.error());
    // Controllers begin anew on what was restored; what they hold of the old content goes first.
    impl_->stop();
    auto restored = impl_->store_.from_json(*json);
    impl_->start();
    return restored;
}

}  // namespace kube
