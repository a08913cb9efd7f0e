// What the watch hub is made of: the queue of a client that lags, the gate for lists, paths and who may read them.
#include <catch2/catch_test_macros.hpp>

#include "hub/kube_access.hpp"
#include "hub/list_gate.hpp"
#include "hub/node_kinds.hpp"
#include "hub/watch_queue.hpp"
#include "watch_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

using Change = WatchQueue::Change;

wire::StoredObject stored(const std::string& version) { return {"uid", version, std::make_shared<const std::string>("{}")}; }

std::vector<std::string> drain(WatchQueue& queue) {
    std::vector<std::string> out;
    while (const auto item = queue.pop()) {
        const char* word = item->change == Change::added ? "added " : item->change == Change::modified ? "modified " : "deleted ";
        out.push_back(word + item->object.resource_version);
    }
    return out;
}

}  // namespace

TEST_CASE("of many changes of an object the last is told, as the client has to hear it [S11]") {
    const auto told = [](std::vector<std::pair<Change, const char*>> changes) {
        WatchQueue queue(10);
        for (const auto& [change, version] : changes) REQUIRE(queue.push(change, "a", stored(version)));
        return drain(queue);
    };
    using Out = std::vector<std::string>;
    CHECK(told({{Change::modified, "1"}, {Change::modified, "2"}}) == Out{"modified 2"});
    CHECK(told({{Change::added, "1"}, {Change::modified, "2"}}) == Out{"added 2"});
    CHECK(told({{Change::added, "1"}, {Change::deleted, "2"}}).empty());
    CHECK(told({{Change::modified, "1"}, {Change::deleted, "2"}}) == Out{"deleted 2"});
    CHECK(told({{Change::deleted, "1"}, {Change::added, "2"}}) == Out{"deleted 1", "added 2"});
    CHECK(told({{Change::deleted, "1"}, {Change::added, "2"}, {Change::modified, "3"}}) == Out{"deleted 1", "added 3"});
    CHECK(told({{Change::modified, "0"}, {Change::deleted, "1"}, {Change::added, "2"}, {Change::deleted, "3"}}) == Out{"deleted 1"});
}

TEST_CASE("the queue keeps the order of the latest changes, and is empty again when it is full [H5]") {
    WatchQueue queue(3);
    REQUIRE(queue.push(Change::modified, "a", stored("1")));
    REQUIRE(queue.push(Change::modified, "b", stored("2")));
    REQUIRE(queue.push(Change::modified, "a", stored("3")));
    CHECK(queue.size() == 2);
    CHECK(drain(queue) == std::vector<std::string>{"modified 2", "modified 3"});
    for (const char* key : {"a", "b", "c"}) REQUIRE(queue.push(Change::modified, key, stored("1")));
    CHECK(queue.push(Change::modified, "b", stored("2")));
    CHECK_FALSE(queue.push(Change::modified, "d", stored("2")));
    CHECK(queue.empty());
    CHECK_FALSE(queue.pop());
}

TEST_CASE("a change that comes between the two halves of a recreated object is told in order") {
    WatchQueue queue(3);
    REQUIRE(queue.push(Change::deleted, "a", stored("1")));
    REQUIRE(queue.push(Change::added, "a", stored("2")));
    CHECK(queue.pop()->change == Change::deleted);
    REQUIRE(queue.push(Change::modified, "a", stored("3")));
    CHECK(drain(queue) == std::vector<std::string>{"added 3"});
}

TEST_CASE("a gate lets its number in, the others in the order they came, and not those that gave up [B3]") {
    base::testing::VirtualScheduler time;
    std::vector<int> turns;
    ListGate gate(time, 2);
    auto first = gate.enter([] {});
    auto second = gate.enter([] {});
    auto third = gate.enter([&] { turns.push_back(3); });
    auto fourth = gate.enter([&] { turns.push_back(4); });
    auto fifth = gate.enter([&] { turns.push_back(5); });
    CHECK(first.granted());
    CHECK(second.granted());
    CHECK_FALSE(third.granted());
    third = {};
    first = {};
    CHECK(fourth.granted());
    CHECK(turns.empty());  // told by the scheduler
    time.run_ready();
    CHECK(turns == std::vector<int>{4});
    fourth = {};
    fifth = {};  // before it could be told
    time.run_ready();
    CHECK(turns == std::vector<int>{4});
    CHECK(gate.inside() == 1);
    second = {};
    CHECK(gate.inside() == 0);
}

TEST_CASE("Kubernetes paths are taken apart and put together the same [H13]") {
    for (const char* path : {"/api/v1/pods", "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/pods/web/log", "/api/v1/namespaces", "/api/v1/namespaces/default", "/api/v1/namespaces/default/status",
                             "/apis/apps/v1/namespaces/a/deployments/b/scale", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode", "/api", "/apis", "/apis/apps", "/apis/apps/v1", "/version", "/openapi/v3",
                             "/apis/resourcemanager.miloapis.com/v1alpha1/projects/p-1/control-plane/apis/dns.networking.miloapis.com/v1alpha1/namespaces/default/dnszones"}) {
        INFO(path);
        const auto place = parse_kube_path(path);
        REQUIRE(place);
        CHECK(place->path() == path);
        CHECK(parse_kube_path(std::string_view(path).substr(1)).has_value());
    }
    const auto pod = parse_kube_path("/api/v1/namespaces/default/pods/web/log");
    CHECK(pod->ns == "default");
    CHECK(pod->resource == "pods");
    CHECK(pod->name == "web");
    CHECK(pod->subresource == "log");
    CHECK(parse_kube_path("/api/v1/namespaces/default")->name == "default");
}

TEST_CASE("what is no path of the API does not get through [H13]") {
    for (const char* path : {"", "/", "//", "/api/v1//pods", "/api/v1/../secrets", "/api/v1/pods/..", "/api/v1/namespaces/../pods", "/api/v1/namespaces/%2e%2e/pods", "/api/v1/namespaces/a%2Fb/pods", "/api/v1/pods/a%2Fb",
                             "/metrics", "/debug/pprof", "/logs", "/healthz", "/api/v1/pods?watch=1", "/api/v1/namespaces/Default/pods", "/apis/apps/deployments/x/y/z/1/2", "/api/v1/pods/a/b/c", "/api/v1/pods/a%00",
                             "/api/v1/pods/%zz", "http://evil/api/v1/pods", "/k8s/api/v1/pods", "/openapi/v3/apis/apps"}) {
        INFO(path);
        CHECK_FALSE(parse_kube_path(path));
    }
    CHECK_FALSE(parse_kube_path("/api/v1/pods/" + std::string(300, 'a')));
    CHECK_FALSE(parse_kube_path("/api/v1/" + std::string(3'000, 'a')));
}

TEST_CASE("names are judged by the rules of Kubernetes") {
    for (const char* good : {"a", "a-b", "0", "a1"}) CHECK(is_dns_label(good));
    for (const char* bad : {"", "-a", "a-", "A", "a.b", "a_b", "\xC3\xA4"}) CHECK_FALSE(is_dns_label(bad));
    CHECK_FALSE(is_dns_label(std::string(64, 'a')));
    CHECK(is_dns_subdomain("a.b-c.d"));
    for (const char* bad : {"", ".", "a.", ".a", "a..b"}) CHECK_FALSE(is_dns_subdomain(bad));
    for (const char* good : {"system:node", "a,b", "x y"}) CHECK(is_path_segment_name(good));
    for (const char* bad : {"", ".", "..", "a/b", "a%b", "a\\b", "a\nb", "\xff"}) CHECK_FALSE(is_path_segment_name(bad));
}

TEST_CASE("discovery is open to whoever sees the cluster, a place in it is not [H1]") {
    WatchRig rig(AuthMode::builtin);
    rig.add_staging({{.user_id = "ben", .role = "editor", .namespaces = {"team"}}});
    const auto reach = [&](const char* who, const char* path) {
        return reach_kube_place(rig.services->clusters, rig.user(who), "staging", *parse_kube_path(path)).has_value();
    };
    CHECK(reach("ben", "/apis/apps/v1"));
    CHECK(reach("ben", "/api/v1/namespaces/team/pods/web/log"));
    CHECK(reach("ben", "/api/v1/namespaces/team/secrets"));  // an editor may
    CHECK(reach("ben", "/api/v1/namespaces/team"));
    CHECK_FALSE(reach("ben", "/api/v1/namespaces/other/pods"));
    CHECK_FALSE(reach("ben", "/api/v1/pods"));
    CHECK_FALSE(reach("ben", "/api/v1/namespaces"));
    CHECK_FALSE(reach("ben", "/api/v1/nodes/n1"));
    CHECK_FALSE(reach("ben", "/apis/resourcemanager.miloapis.com/v1alpha1/projects/p/control-plane/api/v1/namespaces/team/pods"));
    CHECK_FALSE(reach("eve", "/version"));
    CHECK(reach("ada", "/api/v1/pods"));
}

TEST_CASE("who may only look at a shared cluster reads no secrets, by whatever way [H1]") {
    WatchRig rig(AuthMode::builtin);
    rig.add_staging({{.user_id = "ben", .role = "viewer", .namespaces = {}}, {.user_id = "eve", .role = "editor", .namespaces = {}}});
    for (const char* path : {"/api/v1/secrets", "/api/v1/namespaces/team/secrets", "/api/v1/namespaces/team/secrets/token"}) {
        INFO(path);
        const auto ben = reach_kube_place(rig.services->clusters, rig.user("ben"), "staging", *parse_kube_path(path));
        REQUIRE_FALSE(ben);
        CHECK(ben.error().code == base::ErrorCode::forbidden);
        CHECK(ben.error().hint == "Ask an admin for the role editor");
        CHECK(reach_kube_place(rig.services->clusters, rig.user("eve"), "staging", *parse_kube_path(path)));
    }
    CHECK(reach_kube_place(rig.services->clusters, rig.user("ben"), "staging", *parse_kube_path("/api/v1/namespaces/team/configmaps")));
    WatchMirror ben;
    WatchMirror eve;
    const WatchSpec secrets{.cluster = "staging", .resource_type = "api/v1/secrets", .ns = "team"};
    REQUIRE(rig.join(eve, secrets, "eve"));
    // That somebody else's watch of them is open gives him no way in.
    const auto refused = rig.join(ben, secrets, "ben");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::ErrorCode::forbidden);
    CHECK(ben.frames == 0);
    // Nor does a role that he had.
    rig.change_staging([](ClusterRecord& record) { record.shares[1].role = "viewer"; });
    CHECK(flag_at(eve.channels.begin()->second.last_error, "terminal"));
}
