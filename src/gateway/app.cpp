#include "gateway/app.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "base/url.hpp"
#include "gateway/argon2_hasher.hpp"
#include "gateway/beast_client.hpp"
#include "gateway/beast_server.hpp"
#include "gateway/cluster_connector.hpp"
#include "gateway/openssl_signatures.hpp"
#include "gateway/outbound.hpp"
#include "gateway/sample_workflow.hpp"
#include "gateway/security.hpp"
#include "gateway/sodium_random.hpp"
#include "gateway/sqlite_store.hpp"
#include "gateway/static_files.hpp"
#include "kube/cluster.hpp"
#include "net/loopback.hpp"
#include "net/router.hpp"

namespace gateway {

namespace {

// Lets requests to the cluster through that the hub knows. Answers like an API server, since kubectl is the one who asks.
class ClusterGuard final : public net::HttpHandler {
public:
    ClusterGuard(const hub::Hub& hub, net::HttpHandler& cluster) : hub_(hub), cluster_(cluster) {}
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        if (hub_.authorizes(request.headers.get("Authorization"))) return cluster_.handle(std::move(request), std::move(writer));
        writer->respond({401,
                         {{"Content-Type", "application/json"}, {"WWW-Authenticate", "Bearer"}},
                         R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized",)"
                         R"("reason":"Unauthorized","code":401})"});
    }

private:
    const hub::Hub& hub_;
    net::HttpHandler& cluster_;
};

class NoSite final : public net::HttpHandler {
public:
    void handle(net::ServerRequest, std::shared_ptr<net::ResponseWriter> writer) override {
        writer->respond(net::error_response(404, "this gateway serves no site; start it with --static DIR"));
    }
};

// dist/ of the checkout this program was built in, or of the folder it is started from.
std::string find_site() {
    std::array<char, 4096> path{};
    std::error_code error;
    std::vector<std::filesystem::path> candidates;
    const auto size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    if (size > 0) candidates.push_back(std::filesystem::path(path.data()).parent_path() / "../../dist");
    candidates.emplace_back("dist");
    for (const auto& candidate : candidates) {
        if (std::filesystem::is_regular_file(candidate / "index.html", error)) return candidate.string();
    }
    return {};
}

void print_access(const AccessRecord& record) {
    std::fprintf(stderr, "%s %s %s %d %llu bytes %lld ms\n", record.peer.c_str(), record.method.c_str(), record.path.c_str(), record.status,
                 static_cast<unsigned long long>(record.body_bytes), static_cast<long long>(record.duration_ms));
}

void print_problem(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

}  // namespace

// In order of dependence: the server goes first when all this ends.
struct App::Parts {
    SodiumRandom random;
    std::unique_ptr<SqliteStore> store;
    std::optional<Argon2Hasher> hasher;
    std::optional<Outbound> outbound;
    OpensslSignatures signatures;
    std::optional<hub::OAuth> oauth;
    std::optional<BeastConnector> connector;
    std::optional<kube::Cluster> cluster;
    std::unique_ptr<net::HttpClient> kube;
    std::optional<hub::Hub> hub;
    std::optional<ClusterGuard> cluster_guard;
    std::unique_ptr<net::HttpHandler> site;
    net::Mounts mounts;
    std::optional<OriginGuard> origin_guard;
    std::unique_ptr<BeastServer> server;
};

base::Result<std::unique_ptr<App>> App::start(AsioScheduler& loop, const Options& options) {
    auto parts = std::make_unique<Parts>();

    const std::string site = options.static_dir.empty() ? find_site() : options.static_dir;
    if (site.empty()) {
        parts->site = std::make_unique<NoSite>();
    } else {
        auto files = StaticFiles::open(site);
        if (!files) return base::fail(files.error());
        parts->site = std::move(*files);
    }

    auto store = SqliteStore::open(loop, options.data_dir, {.key_file = options.key_file, .rotate_key = options.rotate_key});
    if (!store) return base::fail(store.error());
    parts->store = std::move(*store);

    hub::HubOptions hub_options;
    hub_options.auth = options.auth;
    hub_options.version = version_text();
    hub_options.sample_workflow_json = sample_workflow_json();
    hub_options.watch_clients = options.watch_clients;
    hub_options.watch_channels = options.watch_channels;
    if (options.kubernetes_url.empty()) {
        hub_options.simulated_registries = true;
        kube::ClusterOptions cluster_options;
        cluster_options.speed = options.kube_speed;
        parts->cluster.emplace(kube::ClusterPorts{loop, parts->random}, cluster_options);
        parts->kube = std::make_unique<net::LoopbackClient>(loop, parts->cluster->api());
    } else {
        auto client = BeastClient::create(loop, {.base_url = options.kubernetes_url});
        if (!client) return base::fail(client.error());
        parts->kube = std::move(*client);
        if (const auto url = base::parse_http_url(options.kubernetes_url)) hub_options.cluster_name = url->authority();
    }
    if (options.auth == hub::AuthMode::builtin) parts->hasher.emplace(loop);
    parts->outbound.emplace(loop);
    parts->connector.emplace(loop);
    hub::HubPorts ports{.kube = *parts->kube, .documents = *parts->store, .scheduler = loop, .random = parts->random, .outbound = &*parts->outbound, .connector = &*parts->connector};
    if (parts->hasher) ports.passwords = &*parts->hasher;
    if (options.oauth.any()) {
        auto oauth_options = read_oauth_secrets(options.oauth);
        if (!oauth_options) return base::fail(oauth_options.error());
        parts->oauth.emplace(std::move(*oauth_options), hub::OAuthPorts{.outbound = *parts->outbound,
                                                                        .scheduler = loop,
                                                                        .random = parts->random,
                                                                        .signatures = &parts->signatures,
                                                                        .log = print_problem});
        ports.external = &*parts->oauth;
    }
    parts->hub.emplace(ports, std::move(hub_options));

    for (const char* prefix : {"/v1/api", "/api/watch", "/api/proxy", "/api/v1/events"}) parts->mounts.mount(prefix, *parts->hub);
    if (parts->cluster) {
        parts->cluster_guard.emplace(*parts->hub, parts->cluster->api());
        parts->mounts.mount("/k8s", *parts->cluster_guard, net::Mounts::Prefix::strip);
    }
    parts->mounts.mount("/", *parts->site);
    parts->origin_guard.emplace(parts->mounts, OriginGuardOptions{options.bind, options.allowed_hosts, options.allowed_origins});

    ServerOptions server_options;
    server_options.address = options.bind;
    server_options.port = options.port;
    server_options.extra_headers = security_headers({options.frame_ancestors, options.connect_sources});
    if (options.log_requests) {
        server_options.on_access = std::make_shared<base::UniqueFunction<void(const AccessRecord&)>>(print_access);
    }
    auto server = BeastServer::listen(loop, *parts->origin_guard, std::move(server_options));
    if (!server) return base::fail(server.error());
    parts->server = std::move(*server);
    if (parts->oauth && options.oauth.public_url.empty()) parts->oauth->set_listening_url(parts->server->url());
    return std::unique_ptr<App>(new App(std::move(parts)));
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;
std::string App::url() const { return parts_->server->url(); }
void App::shutdown(base::UniqueFunction<void()> done) { parts_->server->shutdown(std::move(done)); }

}  // namespace gateway
