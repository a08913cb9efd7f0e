#include "hub/hub.hpp"

#include <deque>
#include <utility>

#include "hub/alert_routes.hpp"
#include "hub/build_routes.hpp"
#include "hub/cluster_routes.hpp"
#include "hub/event_routes.hpp"
#include "hub/export_routes.hpp"
#include "hub/import_routes.hpp"
#include "hub/kube_proxy.hpp"
#include "hub/node_templates.hpp"
#include "hub/notification_routes.hpp"
#include "hub/object_routes.hpp"
#include "hub/plugin_routes.hpp"
#include "hub/registry_routes.hpp"
#include "hub/resource_routes.hpp"
#include "hub/run_plan_routes.hpp"
#include "hub/services.hpp"
#include "hub/version_routes.hpp"
#include "hub/watch_routes.hpp"
#include "hub/workflow_routes.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxWaiting = 1'000;  // requests that arrive before the hub has read its documents

}  // namespace

class Hub::Impl {
public:
    Impl(HubPorts ports, HubOptions options)
        : services_(ports, std::move(options)), workflows_(services_), versions_(services_), plans_(services_), resources_(services_), clusters_(services_), registries_(services_), plugins_(services_),
          notifications_(services_), events_(services_), builds_(services_), imports_(services_), exports_(services_), alerts_(services_), watches_(services_, router_), proxy_(services_), objects_(services_) {
        services_.auth.add_routes(router_, kApiPrefix);
        workflows_.add_routes(router_);
        versions_.add_routes(router_);
        plans_.add_routes(router_);
        resources_.add_routes(router_);
        clusters_.add_routes(router_);
        registries_.add_routes(router_);
        plugins_.add_routes(router_);
        notifications_.add_routes(router_);
        watches_.add_routes(router_);
        proxy_.add_routes(router_);
        objects_.add_routes(router_);
        builds_.add_routes(router_);
        imports_.add_routes(router_);
        exports_.add_routes(router_);
        alerts_.add_routes(router_);
        events_.add_routes(router_);
        router_.route("GET", std::string(kApiPrefix) + "/health", [this](net::RoutedRequest, const Writer& writer) { health(*writer); });
        services_.route(router_, "GET", "/templates", [this](const User&, net::RoutedRequest, const Writer& writer) {
            send_json(*writer, 200, node_templates(services_.plugins.enabled()));
        });
        services_.ports.scheduler.post(lifetime_.guard([this] { load(); }));
    }

    void handle(net::ServerRequest request, Writer writer) {
        if (request.body.size() > services_.options.max_body_bytes) {
            return send_error(*writer, 413, "The body is larger than " + std::to_string(services_.options.max_body_bytes) + " bytes.");
        }
        if (phase_ == Phase::ready) return router_.handle(std::move(request), std::move(writer));
        if (waiting_.size() >= kMaxWaiting) return send_error(*writer, 503, "The server is still starting.");
        waiting_.emplace_back(std::move(request), std::move(writer));
        if (phase_ == Phase::failed) load();
    }

    [[nodiscard]] bool authorizes(std::string_view authorization) const { return services_.auth.authorizes(authorization); }

private:
    enum class Phase { loading, ready, failed };

    void load() {
        phase_ = Phase::loading;
        services_.auth.load(lifetime_.guard([this](base::Result<void> loaded) {
            if (!loaded) return fail(loaded.error());
            services_.clusters.load(lifetime_.guard([this](base::Result<void> clusters) {
                if (!clusters) return fail(clusters.error());
                load_plugins();
            }));
        }));
    }
    void load_plugins() {
        services_.plugins.load(lifetime_.guard([this](base::Result<void> plugins_loaded) {
            if (!plugins_loaded) return fail(plugins_loaded.error());
            seed();
        }));
    }

    void seed() {
        if (services_.options.sample_workflow_json.empty()) return become_ready();
        services_.ports.documents.list("workflows", lifetime_.guard([this](base::Result<std::vector<Document>> documents) {
            if (!documents) return fail(documents.error());
            if (!documents->empty()) return become_ready();
            const auto sample = workflows_.make_sample(services_.options.sample_workflow_json);
            if (!sample) return fail(sample.error());
            services_.repository.save_document(*sample, DocumentStore::kMustNotExist, lifetime_.guard([this](base::Result<std::int64_t> saved) {
                if (!saved) return fail(saved.error());
                become_ready();
            }));
        }));
    }

    void become_ready() {
        phase_ = Phase::ready;
        alerts_.start();
        workflows_.end_cut_off_runs();
        for (auto& [request, writer] : std::exchange(waiting_, {})) router_.handle(std::move(request), std::move(writer));
    }

    void fail(const base::Error& error) {
        phase_ = Phase::failed;
        for (auto& [request, writer] : std::exchange(waiting_, {})) {
            send_error(*writer, 503, "The server cannot read its data: " + error.message);
        }
    }

    void health(net::ResponseWriter& writer) const {
        const bool builtin = services_.auth.mode() == AuthMode::builtin;
        send_json(writer, 200,
                  {{"status", "ok"},
                   {"product", "binnacle"},
                   {"version", services_.options.version},
                   {"auth", builtin ? "builtin" : "none"},
                   {"cluster", services_.options.cluster_name}});
    }

    Services services_;
    WorkflowRoutes workflows_;
    VersionRoutes versions_;
    RunPlanRoutes plans_;
    ResourceRoutes resources_;
    ClusterRoutes clusters_;
    RegistryRoutes registries_;
    PluginRoutes plugins_;
    NotificationRoutes notifications_;
    EventRoutes events_;
    BuildRoutes builds_;
    ImportRoutes imports_;
    ExportRoutes exports_;
    AlertRoutes alerts_;
    net::Router router_;
    WatchRoutes watches_;  // asks the router for what its channels carry
    KubeProxy proxy_;
    ObjectRoutes objects_;
    Phase phase_ = Phase::loading;
    std::deque<std::pair<net::ServerRequest, Writer>> waiting_;
    Lifetime lifetime_;
};

Hub::Hub(HubPorts ports, HubOptions options) : impl_(std::make_unique<Impl>(ports, std::move(options))) {}
Hub::~Hub() = default;

void Hub::handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
    impl_->handle(std::move(request), std::move(writer));
}

bool Hub::authorizes(std::string_view authorization) const { return impl_->authorizes(authorization); }

}  // namespace hub
