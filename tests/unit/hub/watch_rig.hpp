// WatchRig: what a WatchHub stands on, with a scripted cluster as the hub's own and another one, "staging", that is shared.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/testing/virtual_scheduler.hpp"
#include "fake_connector.hpp"
#include "fake_kube.hpp"
#include "hub/memory_document_store.hpp"
#include "hub/services.hpp"
#include "hub_rig.hpp"
#include "watch_mirror.hpp"

namespace hub::testing {

struct WatchRig {
    explicit WatchRig(AuthMode auth = AuthMode::none, std::size_t channels = 50) : WatchRig(nullptr, auth, channels) {}
    // With `api` as the hub's own cluster in place of `kube`.
    WatchRig(net::HttpHandler* api, AuthMode auth, std::size_t channels = 50) : client(time, api != nullptr ? *api : kube) {
        connector.servers["https://staging:6443"] = &staging;
        connector.servers["https://staging-2:6443"] = &staging_2;
        HubOptions options;
        options.auth = auth;
        options.watch_channels = channels;
        services.emplace(HubPorts{.kube = client, .documents = documents, .scheduler = time, .random = random, .passwords = &hasher, .connector = &connector}, options);
        for (const auto& [id, role] : {std::pair{"ada", "admin"}, {"ben", "user"}, {"eve", "user"}}) {
            documents.put("users", id, dump_json({{"email", std::string(id) + "@example.org"}, {"name", id}, {"role", role}}), DocumentStore::kMustNotExist, [](const base::Result<std::int64_t>&) {});
        }
        services->auth.load([](const base::Result<void>&) {});
        time.run_ready();
    }
    WatchHub& hub() { return services->watches; }
    // In mode builtin; with none it does not matter who asks.
    User user(const std::string& id) const {
        const User* found = services->auth.find_user(id);
        return found != nullptr ? *found : User{.id = id, .email = {}, .name = id, .role = "admin", .created_at = {}, .password_hash = {}};
    }
    void add_staging(std::vector<ClusterShare> shares = {}, const std::string& server = "https://staging:6443") {
        ClusterRecord record;
        record.name = "staging";
        record.access.server = server;
        record.shares = std::move(shares);
        services->clusters.add(std::move(record), [](const base::Result<Clusters::Entry*>&) {});
        time.run_ready();
    }
    // Changes what is stored of it.
    template <class Change>
    void change_staging(Change change, bool with_credentials = false) {
        ClusterRecord record = services->clusters.find("staging")->record;
        change(record);
        services->clusters.change(std::move(record), with_credentials, [](const base::Result<Clusters::Entry*>&) {});
        time.run_ready();
    }
    base::Result<std::string> join(WatchSink& sink, WatchSpec spec, const std::string& who = "ada") {
        auto channel = hub().join(user(who), spec, sink);
        time.run_ready();
        return channel;
    }
    static Json pod(const std::string& name, const std::string& ns = "default") {
        return {{"kind", "Pod"}, {"apiVersion", "v1"}, {"metadata", {{"name", name}, {"namespace", ns}, {"managedFields", Json::array({{{"manager", "kubelet"}}})}}}};
    }
    // Made, or changed.
    void put(const std::string& name) {
        put_quietly(name);
        time.run_ready();
    }
    void put_quietly(const std::string& name) {
        const std::string path = "/api/v1/namespaces/default/pods/" + name;
        Json object = pod(name);
        if (const auto known = kube.objects.find(path); known != kube.objects.end()) object["metadata"]["uid"] = text_at(known->second, "metadata", "uid");
        kube.put(path, std::move(object));
    }
    void drop(const std::string& name) {
        kube.drop("/api/v1/namespaces/default/pods/" + name);
        time.run_ready();
    }
    std::size_t stat(const char* name) { return hub().stats()[name].get<std::size_t>(); }

    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{5};
    MemoryDocumentStore documents{time};
    PlainHasher hasher{time};
    FakeKube kube;
    FakeKube staging;
    FakeKube staging_2;
    FakeConnector connector{time};
    net::LoopbackClient client;
    std::optional<Services> services;
};

inline WatchSpec pods() { return {.resource_type = "api/v1/pods", .ns = "default"}; }

}  // namespace hub::testing
