// WatchHub: sharing, snapshots, lag, limits, who may see what.
#include <catch2/catch_test_macros.hpp>

#include "base/url.hpp"
#include "kube/cluster.hpp"
#include "kube/object_store.hpp"
#include "watch_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";

std::size_t lists(const FakeKube& kube, const std::string& path = kPods) { return kube.count("GET " + path + "?limit="); }

}  // namespace

TEST_CASE("a channel begins with its snapshot and the marked bookmark, and goes on with changes") {
    WatchRig rig;
    rig.put("a");
    rig.put("b");
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    REQUIRE(channel);
    CHECK(mirror.take_log() == std::vector<std::string>{"watch ADDED a", "watch ADDED b", "watch BOOKMARK "});
    rig.put("c");
    rig.put("a");
    rig.drop("b");
    CHECK(mirror.take_log() == std::vector<std::string>{"watch ADDED c", "watch MODIFIED a", "watch DELETED b"});
    CHECK(mirror.channels.at(*channel).objects.size() == 2);
    CHECK(mirror.complaints.empty());
    CHECK(mirror.channels.size() == 1);
}

TEST_CASE("no frame is sent within join") {
    WatchRig rig;
    rig.put("a");
    WatchMirror first;
    REQUIRE(rig.join(first, pods()));
    WatchMirror second;
    REQUIRE(rig.hub().join(rig.user("ada"), pods(), second));
    CHECK(second.frames == 0);
    rig.time.run_ready();
    CHECK(second.frames == 2);
}

TEST_CASE("any number of clients costs one upstream watch, and a late joiner gets the present state without asking the cluster [H3]") {
    WatchRig rig;
    rig.put("a");
    std::vector<std::unique_ptr<WatchMirror>> mirrors;
    for (int i = 0; i < 20; ++i) {
        mirrors.push_back(std::make_unique<WatchMirror>());
        REQUIRE(rig.join(*mirrors.back(), pods()));
    }
    rig.put("b");
    WatchMirror late;
    const auto channel = rig.join(late, pods());
    REQUIRE(channel);
    CHECK(late.channels.at(*channel).objects.size() == 2);
    CHECK(late.channels.at(*channel).synced);
    CHECK(rig.kube.open_watches() == 1);
    CHECK(lists(rig.kube) == 1);
    CHECK(rig.stat("upstreams") == 1);
    CHECK(rig.stat("clients") == 21);
    CHECK(rig.hub().stats()["subscriptions"][*channel] == 21);
    for (const auto& mirror : mirrors) CHECK(mirror->channels.at(*channel).objects.size() == 2);
}

TEST_CASE("joining again what one has joined changes nothing") {
    WatchRig rig;
    WatchMirror mirror;
    const auto first = rig.join(mirror, pods());
    const auto again = rig.join(mirror, pods());
    REQUIRE(first);
    REQUIRE(again);
    CHECK(*first == *again);
    CHECK(mirror.channels.at(*first).snapshots == 1);
    CHECK(rig.hub().stats()["subscriptions"][*first] == 1);
}

TEST_CASE("the channel's name has the parts that portals know, and no two specs share one [H2]") {
    WatchRig rig;
    WatchMirror mirror;
    const auto named = rig.join(mirror, {.resource_type = "apis/networking.datumapis.com/v1alpha/domains", .project = "proj-abc", .ns = "default"});
    REQUIRE(named);
    CHECK(*named == "apis/networking.datumapis.com/v1alpha/domains::proj-abc:default::::");
    std::set<std::string> seen;
    const std::vector<WatchSpec> specs{
        {.resource_type = "api/v1/pods", .label_selector = "a:b"},
        {.resource_type = "api/v1/pods", .label_selector = "a", .field_selector = "b"},
        {.resource_type = "api/v1/pods", .label_selector = "a%3Ab"},
        {.resource_type = "api/v1/pods", .field_selector = "a:b"},
        {.resource_type = "api/v1/pods", .org = "a"},
        {.resource_type = "api/v1/pods", .project = "a"},
        {.resource_type = "api/v1/pods", .user_scoped = true},
        {.resource_type = "api/v1/pods", .field_selector = "user"},
        {.resource_type = "api/v1/pods", .ns = "a"},
        {.resource_type = "api/v1/pods", .name = "a"},
        {.cluster = "demo", .resource_type = "api/v1/pods"},
    };
    for (const WatchSpec& spec : specs) {
        const auto channel = rig.join(mirror, spec);
        REQUIRE(channel);
        CHECK(seen.insert(*channel).second);
    }
    CHECK(rig.stat("upstreams") == 1 + specs.size());  // not one of them joined another's watch
}

TEST_CASE("what is no resource type, name or selector is refused with the field's name [H13]") {
    WatchRig rig;
    WatchMirror mirror;
    for (const char* type : {"", "pods", "api/v1", "api/v1/", "/api/v1/pods", "api/v1/pods/", "api/v1/../pods", "apis/v1/pods", "apis/apps/v1", "apis/apps/v1/deployments/scale", "apis/a..b/v1/c", "api/v1/pods?watch=1",
                             "api/v1/Pods", "../secrets", "api/v1/namespaces/x/pods", "apis/%2e%2e/v1/pods", "k8s/v1/pods", "api/1/pods"}) {
        INFO(type);
        const auto refused = rig.join(mirror, {.resource_type = type});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == base::ErrorCode::invalid_argument);
        CHECK(refused.error().message.find("resourceType") != std::string::npos);
    }
    const auto refused = [&](WatchSpec spec, const char* field) {
        spec.resource_type = "api/v1/pods";
        const auto channel = rig.join(mirror, spec);
        INFO(field);
        REQUIRE_FALSE(channel);
        CHECK(channel.error().message.starts_with(field));
    };
    refused({.ns = "a/b"}, "namespace");
    refused({.ns = ".."}, "namespace");
    refused({.ns = "Default"}, "namespace");
    refused({.name = "a/b"}, "name");
    refused({.name = ".."}, "name");
    refused({.name = "%2e"}, "name");
    refused({.org = "../x"}, "orgId");
    refused({.project = "a/control-plane"}, "projectId");
    refused({.label_selector = std::string(5'000, 'a')}, "labelSelector");
    refused({.field_selector = "a\nb"}, "fieldSelector");
    CHECK(rig.kube.requests.empty());
    CHECK(rig.stat("clients") == 0);
}

TEST_CASE("selectors and names go to the cluster encoded, each parameter once [S7] [H11]") {
    WatchRig rig;
    WatchMirror mirror;
    REQUIRE(rig.join(mirror, {.resource_type = "api/v1/pods", .ns = "default", .name = "a,b=c", .label_selector = "app in (x,y)", .field_selector = "status.phase=Running"}));
    REQUIRE(rig.kube.requests.size() >= 2);
    for (const std::string& request : rig.kube.requests) {
        INFO(request);
        const auto target = base::parse_target(request.substr(4));
        REQUIRE(target);
        CHECK(target->query.get("labelSelector") == "app in (x,y)");
        CHECK(target->query.get("fieldSelector") == "status.phase=Running,metadata.name=a\\,b\\=c");
        for (const auto& [name, value] : target->query.fields()) CHECK(target->query.all(name).size() == 1);
    }
}

TEST_CASE("an upstream that nobody watches ends after ten seconds; who joins before that gets the snapshot at once [M5] [H9]") {
    WatchRig rig;
    rig.put("a");
    WatchMirror first;
    const auto channel = rig.join(first, pods());
    rig.hub().leave(first, *channel);
    rig.time.advance(9'000);
    CHECK(rig.kube.open_watches() == 1);
    WatchMirror second;
    REQUIRE(rig.join(second, pods()));
    CHECK(second.channels.at(*channel).synced);
    rig.time.advance(60'000);
    CHECK(rig.kube.open_watches() == 1);
    CHECK(lists(rig.kube) == 1);
    rig.hub().leave_all(second);
    rig.time.advance(10'001);
    CHECK(rig.kube.open_watches() == 0);
    CHECK(rig.stat("upstreams") == 0);
    CHECK(rig.time.pending() == 0);
    CHECK(first.frames == 2);  // nothing after it had left
}

TEST_CASE("an upstream that fails while it waits to be closed is closed all the same, and a joiner in between is served [H9]") {
    WatchRig rig;
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    rig.hub().leave(mirror, *channel);
    rig.kube.failures["GET " + kPods] = {500, FakeKube::status(500, "InternalError", "etcd is away")};
    rig.kube.cut_watches();
    rig.time.advance(5'000);
    REQUIRE(rig.join(mirror, pods()));
    CHECK(mirror.channels.at(*channel).in_trouble);
    rig.kube.failures.clear();
    rig.time.advance(60'000);
    CHECK_FALSE(mirror.channels.at(*channel).in_trouble);
    rig.hub().leave(mirror, *channel);
    rig.kube.failures["GET " + kPods] = {500, FakeKube::status(500, "InternalError", "etcd is away")};
    rig.kube.cut_watches();
    rig.time.advance(10'001);
    CHECK(rig.stat("upstreams") == 0);
    CHECK(rig.time.pending() == 0);
}

TEST_CASE("after 410 the hub lists anew and tells the difference only [E1] [S8]") {
    WatchRig rig;
    for (const char* name : {"a", "b", "c"}) rig.put(name);
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    rig.time.advance(5'000);
    mirror.take_log();
    rig.kube.gone = true;
    rig.kube.end_watches();
    rig.kube.drop(kPods + "/b");
    rig.put_quietly("c");
    rig.put_quietly("d");
    rig.time.advance(5'000);
    CHECK(mirror.take_log() == std::vector<std::string>{"watch DELETED b", "watch MODIFIED c", "watch ADDED d"});
    CHECK(rig.stat("expired") == 1);
    CHECK(mirror.channels.at(*channel).resyncs == 0);
    CHECK(mirror.complaints.empty());
}

TEST_CASE("an object that was deleted and made anew under its name while the hub was away is told as both [S1]") {
    WatchRig rig;
    rig.put("a");
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    rig.time.advance(5'000);
    mirror.take_log();
    rig.kube.gone = true;
    rig.kube.end_watches();
    rig.kube.drop(kPods + "/a");
    rig.kube.put(kPods + "/a", WatchRig::pod("a"));
    rig.time.advance(5'000);
    CHECK(mirror.take_log() == std::vector<std::string>{"watch DELETED a", "watch ADDED a"});
    CHECK(mirror.complaints.empty());
}

TEST_CASE("a kind whose streaming list was refused is listed by pages from then on, until the cluster changes [K4]") {
    WatchRig rig;
    const auto asked = [&] {
        std::size_t count = 0;
        for (const std::string& request : rig.kube.requests) count += request.find("sendInitialEvents") != std::string::npos ? 1 : 0;
        return count;
    };
    WatchMirror mirror;
    for (const char* ns : {"a", "b", "a"}) {
        const auto channel = rig.join(mirror, {.resource_type = "api/v1/pods", .ns = ns});
        CHECK(mirror.channels.at(*channel).synced);
        rig.hub().leave(mirror, *channel);
        mirror.channels.clear();
        rig.time.advance(10'001);
    }
    CHECK(asked() == 1);
    rig.hub().recheck();
    REQUIRE(rig.join(mirror, {.resource_type = "api/v1/pods", .ns = "c"}));
    CHECK(asked() == 2);
}

TEST_CASE("bookmarks are handed on, without an object") {
    WatchRig rig;
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    rig.kube.watches[0].writer->write(R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"777"}}})"
                                      "\n");
    rig.time.run_ready();
    CHECK(mirror.log.back() == "watch BOOKMARK ");
    CHECK(mirror.channels.at(*channel).version == "777");
    CHECK(mirror.channels.at(*channel).objects.empty());
}

TEST_CASE("trouble upstream is told with what the cluster says, and the next frame ends it") {
    WatchRig rig;
    rig.kube.failures["GET " + kPods] = {403, FakeKube::status(403, "Forbidden", "pods is forbidden: binnacle cannot list them")};
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    REQUIRE(channel);
    const auto& seen = mirror.channels.at(*channel);
    CHECK(seen.in_trouble);
    CHECK(number_at(seen.last_error, 0, "code") == 403);
    CHECK(text_at(seen.last_error, "reason") == "Forbidden");
    CHECK(text_at(seen.last_error, "message") == "pods is forbidden: binnacle cannot list them");
    CHECK_FALSE(flag_at(seen.last_error, "terminal"));
    WatchMirror late;
    REQUIRE(rig.join(late, pods()));
    CHECK(late.channels.at(*channel).in_trouble);
    rig.kube.failures.clear();
    rig.time.advance(3 * 60'000);
    CHECK_FALSE(seen.in_trouble);
    CHECK(seen.synced);
    CHECK(seen.errors == 1);
    CHECK(late.channels.at(*channel).synced);
}

TEST_CASE("a quiet collection that was in trouble says by a bookmark that it is well again") {
    WatchRig rig;
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    rig.time.advance(5'000);
    rig.kube.failures["GET " + kPods] = {503, FakeKube::status(503, "ServiceUnavailable", "starting")};
    rig.kube.cut_watches();
    rig.time.advance(20'000);
    CHECK(mirror.channels.at(*channel).in_trouble);
    rig.kube.failures.clear();
    rig.time.advance(60'000);
    CHECK_FALSE(mirror.channels.at(*channel).in_trouble);
    CHECK(mirror.channels.at(*channel).errors == 1);
    CHECK(mirror.log.back() == "watch BOOKMARK ");
    CHECK(lists(rig.kube) == 1);
}

TEST_CASE("a 401 of the cluster is not told as one: the caller's own session is good") {
    WatchRig rig;
    rig.kube.failures["GET " + kPods] = {401, FakeKube::status(401, "Unauthorized", "Unauthorized")};
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    CHECK(number_at(mirror.channels.at(*channel).last_error, 0, "code") == 403);
    CHECK(text_at(mirror.channels.at(*channel).last_error, "message").starts_with("The cluster refuses the credentials"));
    CHECK(rig.kube.count("GET " + kPods) == 2);  // once more, and then it rests
}

// ---- lag

TEST_CASE("a client that lags is sent nothing until it has drained, and then each object as it is [H5] [S11]") {
    WatchRig rig;
    rig.put("a");
    WatchMirror slow;
    WatchMirror quick;
    const auto channel = rig.join(slow, pods());
    REQUIRE(rig.join(quick, pods()));
    slow.room = 1;
    rig.put("a");
    slow.take_log();
    for (int i = 0; i < 10; ++i) rig.put("a");
    rig.put("b");
    rig.put("c");
    rig.drop("c");
    rig.put("b");
    CHECK(slow.take_log().empty());
    CHECK(quick.frames == 2 + 1 + 10 + 1 + 1 + 1 + 1);
    rig.hub().drained(slow);
    rig.time.run_ready();
    CHECK(slow.take_log() == std::vector<std::string>{"watch MODIFIED a", "watch ADDED b"});
    CHECK(slow.channels.at(*channel).resyncs == 0);
    CHECK(slow.complaints.empty());
}

TEST_CASE("when more objects have changed than its queue holds, a client that lags is told to begin anew [H5]") {
    WatchRig rig;
    WatchMirror slow;
    const auto channel = rig.join(slow, pods());
    rig.put("first");
    slow.room = 1;
    rig.put("second");
    for (int i = 0; i < 1'200; ++i) rig.kube.put(kPods + "/p" + std::to_string(i), WatchRig::pod("p" + std::to_string(i)));
    rig.time.run_ready();
    slow.take_log();
    rig.hub().drained(slow);
    rig.time.run_ready();
    const auto& seen = slow.channels.at(*channel);
    CHECK(slow.log.front() == "resync overflow ");
    CHECK(seen.resyncs == 1);
    CHECK(seen.objects.size() == 1'202);
    CHECK(seen.synced);
    CHECK(slow.complaints.empty());
    CHECK(rig.stat("resyncs") == 1);
}

TEST_CASE("a slow reader gets to the end of a long snapshot although the objects change under it") {
    WatchRig rig;
    for (int i = 0; i < 100; ++i) rig.put("p" + std::to_string(i));
    WatchMirror slow;
    slow.room = 7;
    const auto channel = rig.join(slow, pods());
    int rounds = 0;
    while (!slow.channels[*channel].synced && ++rounds < 100) {
        const std::string some = "p" + std::to_string((rounds * 37) % 100);
        rounds % 3 == 0 && rig.kube.objects.contains(kPods + "/" + some) ? rig.drop(some) : rig.put(some);
        rig.put("new-" + std::to_string(rounds));
        slow.room = 7;
        rig.hub().drained(slow);
        rig.time.run_ready();
    }
    CHECK(rounds < 60);
    slow.room = 0;
    rig.hub().drained(slow);
    rig.time.run_ready();
    CHECK(slow.channels[*channel].resyncs == 0);
    CHECK(slow.channels[*channel].objects.size() == rig.kube.objects.size());
    CHECK(slow.complaints.empty());
}

TEST_CASE("one channel that overflows leaves the other channels of its client alone") {
    WatchRig rig;
    rig.kube.put("/api/v1/namespaces/default/services/s", {{"metadata", {{"name", "s"}, {"namespace", "default"}}}});
    WatchMirror slow;
    const auto busy = rig.join(slow, pods());
    const auto quiet = rig.join(slow, {.resource_type = "api/v1/services", .ns = "default"});
    slow.room = 1;
    rig.put("x");
    for (int i = 0; i < 1'200; ++i) rig.kube.put(kPods + "/p" + std::to_string(i), WatchRig::pod("p" + std::to_string(i)));
    rig.time.run_ready();
    rig.hub().drained(slow);
    rig.time.run_ready();
    CHECK(slow.channels.at(*busy).resyncs == 1);
    CHECK(slow.channels.at(*quiet).resyncs == 0);
    CHECK(slow.channels.at(*quiet).objects.size() == 1);
}

TEST_CASE("a client that left while it lagged is not spoken to again") {
    WatchRig rig;
    WatchMirror slow;
    REQUIRE(rig.join(slow, pods()));
    slow.room = 1;
    rig.put("a");
    rig.put("b");
    rig.hub().leave_all(slow);
    const std::size_t frames = slow.frames;
    rig.hub().drained(slow);
    rig.hub().leave_all(slow);
    rig.hub().leave(slow, "nothing");
    rig.put("c");
    CHECK(slow.frames == frames);
    CHECK(rig.stat("clients") == 0);
}

// ---- limits

TEST_CASE("a client has at most its number of channels, and is told so [H7]") {
    WatchRig rig(AuthMode::none, 3);
    WatchMirror mirror;
    for (const char* ns : {"a", "b", "c"}) REQUIRE(rig.join(mirror, {.resource_type = "api/v1/pods", .ns = ns}));
    const auto refused = rig.join(mirror, {.resource_type = "api/v1/pods", .ns = "d"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::ErrorCode::invalid_argument);
    CHECK(refused.error().message.find("3 watches") != std::string::npos);
    REQUIRE(rig.join(mirror, {.resource_type = "api/v1/pods", .ns = "b"}));  // that one it has
    rig.hub().leave(mirror, *rig.join(mirror, {.resource_type = "api/v1/pods", .ns = "a"}));
    CHECK(rig.join(mirror, {.resource_type = "api/v1/pods", .ns = "d"}));
    WatchMirror other;
    CHECK(rig.join(other, {.resource_type = "api/v1/pods", .ns = "e"}));
}

TEST_CASE("the hub's upstreams are limited, and so are the bytes of one [H7] [S12]") {
    WatchRig rig;
    WatchHub hub(rig.services->clusters, rig.services->auth, rig.time, rig.random, {.upstreams = 2, .upstream_bytes = 2'000});
    WatchMirror mirror;
    REQUIRE(hub.join(rig.user("ada"), {.resource_type = "api/v1/pods", .ns = "default"}, mirror));
    REQUIRE(hub.join(rig.user("ada"), {.resource_type = "api/v1/services"}, mirror));
    const auto refused = hub.join(rig.user("ada"), {.resource_type = "api/v1/configmaps"}, mirror);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::ErrorCode::unavailable);
    for (int i = 0; i < 40; ++i) rig.put("p" + std::to_string(i));
    rig.time.run_ready();
    const auto& seen = mirror.channels.at("api/v1/pods:::default::::");
    CHECK(seen.in_trouble);
    CHECK(flag_at(seen.last_error, "terminal"));
    CHECK(number_at(seen.last_error, 0, "code") == 413);
    CHECK(hub.stats()["upstreams"] == 1);
    hub.leave_all(mirror);
}

TEST_CASE("after a restart of the API server no more than eight lists are asked for at once, and all get theirs [B3]") {
    WatchRig rig;
    WatchMirror mirror;
    std::vector<std::string> channels;
    for (int i = 0; i < 30; ++i) channels.push_back(*rig.join(mirror, {.resource_type = "api/v1/pods", .ns = "ns" + std::to_string(i)}));
    rig.time.advance(60'000);
    for (int i = 0; i < 30; ++i) rig.kube.hang_paths.insert("/api/v1/namespaces/ns" + std::to_string(i) + "/pods");
    // All histories are gone: every watch gets 410, and a list that takes long.
    for (const auto& watch : rig.kube.watches) watch.writer->write(R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})"
                                                                   "\n");
    rig.time.run_ready();
    CHECK(rig.kube.hanging.size() == 8);
    rig.time.advance(20'000);
    CHECK(rig.kube.hanging.size() == 8);
    rig.kube.hang_paths.clear();
    for (const auto& writer : std::exchange(rig.kube.hanging, {})) writer->respond({.status = 200, .headers = {}, .body = R"({"metadata":{"resourceVersion":"100"},"items":[]})"});
    rig.time.advance(10'000);
    CHECK(rig.kube.open_watches() == 30);
    for (const std::string& channel : channels) CHECK_FALSE(mirror.channels.at(channel).in_trouble);
}

// ---- who may see what

TEST_CASE("two users share an upstream of what both may see, and not of a channel that is scoped to the user [H1]") {
    WatchRig rig(AuthMode::builtin);
    WatchMirror ben;
    WatchMirror eve;
    const auto shared = rig.join(ben, pods(), "ben");
    REQUIRE(rig.join(eve, pods(), "eve") == shared);
    CHECK(rig.stat("upstreams") == 1);
    WatchSpec own = pods();
    own.user_scoped = true;
    const auto of_ben = rig.join(ben, own, "ben");
    const auto of_eve = rig.join(eve, own, "eve");
    REQUIRE(of_ben);
    CHECK(*of_ben == *of_eve);  // the name is each client's own affair
    CHECK(rig.stat("upstreams") == 3);
}

TEST_CASE("a cluster that is not shared with a user does not exist for him, and a namespace that is not is forbidden [H1]") {
    WatchRig rig(AuthMode::builtin);
    rig.add_staging({{.user_id = "ben", .role = "viewer", .namespaces = {"team"}}});
    WatchMirror ben;
    WatchMirror eve;
    const auto join = [&](WatchMirror& mirror, const char* who, WatchSpec spec) {
        spec.cluster = "staging";
        return rig.join(mirror, spec, who);
    };
    CHECK(join(eve, "eve", pods()).error().code == base::ErrorCode::not_found);
    CHECK(join(ben, "ben", {.resource_type = "api/v1/pods", .ns = "team"}));
    CHECK(join(ben, "ben", {.resource_type = "api/v1/pods", .ns = "other"}).error().code == base::ErrorCode::forbidden);
    const auto all = join(ben, "ben", {.resource_type = "api/v1/pods"});
    REQUIRE_FALSE(all);
    CHECK(all.error().code == base::ErrorCode::forbidden);
    CHECK(all.error().hint == "Use one of the namespaces: team");
    CHECK(join(ben, "ben", {.resource_type = "api/v1/nodes"}).error().code == base::ErrorCode::forbidden);
    CHECK(join(ben, "ben", {.resource_type = "api/v1/namespaces", .name = "team"}));
    CHECK(join(ben, "ben", {.resource_type = "api/v1/namespaces", .name = "other"}).error().code == base::ErrorCode::forbidden);
    CHECK(join(ben, "ben", {.resource_type = "api/v1/secrets", .ns = "team"}).error().code == base::ErrorCode::forbidden);
    WatchMirror ada;
    CHECK(join(ada, "ada", {.resource_type = "api/v1/secrets"}));
    // An admin's upstream of all namespaces is nothing ben could slip into.
    CHECK(join(ada, "ada", {.resource_type = "api/v1/pods"}));
    CHECK_FALSE(join(ben, "ben", {.resource_type = "api/v1/pods"}));
}

TEST_CASE("a revoked share ends the channel with a last word, for that user alone [H1]") {
    WatchRig rig(AuthMode::builtin);
    rig.add_staging({{.user_id = "ben", .role = "viewer", .namespaces = {}}, {.user_id = "eve", .role = "viewer", .namespaces = {}}});
    WatchMirror ben;
    WatchMirror eve;
    const WatchSpec spec{.cluster = "staging", .resource_type = "api/v1/pods", .ns = "default"};
    const auto channel = rig.join(ben, spec, "ben");
    REQUIRE(rig.join(eve, spec, "eve"));
    REQUIRE(rig.join(eve, pods(), "eve"));
    rig.change_staging([](ClusterRecord& record) { record.shares.pop_back(); });
    const auto& ended = eve.channels.at(*channel);
    CHECK(ended.in_trouble);
    CHECK(flag_at(ended.last_error, "terminal"));
    CHECK(number_at(ended.last_error, 0, "code") == 404);
    CHECK_FALSE(ben.channels.at(*channel).in_trouble);
    const std::size_t frames = eve.frames;
    rig.staging.put("/api/v1/namespaces/default/pods/a", WatchRig::pod("a"));
    rig.time.run_ready();
    CHECK(eve.frames == frames);
    CHECK(ben.channels.at(*channel).objects.size() == 1);
    // Another role or other namespaces, the same.
    rig.change_staging([](ClusterRecord& record) { record.shares[0].namespaces = {"team"}; });
    CHECK(number_at(ben.channels.at(*channel).last_error, 0, "code") == 403);
    CHECK(rig.stat("clients") == 1);
}

TEST_CASE("a deleted cluster ends its channels, and its watches are not used again") {
    WatchRig rig;
    rig.add_staging();
    WatchMirror mirror;
    const auto channel = rig.join(mirror, {.cluster = "staging", .resource_type = "api/v1/pods", .ns = "default"});
    REQUIRE(channel);
    rig.services->clusters.remove("staging", [](const base::Result<void>&) {});
    rig.time.run_ready();
    CHECK(flag_at(mirror.channels.at(*channel).last_error, "terminal"));
    rig.time.advance(60'000);
    CHECK(rig.staging.open_watches() == 0);
    CHECK(rig.stat("upstreams") == 0);
}

TEST_CASE("other credentials of a cluster move its watches there, and clients see the difference only [H4] [E7]") {
    WatchRig rig;
    rig.add_staging();
    for (const char* name : {"a", "b"}) rig.staging.put("/api/v1/namespaces/default/pods/" + std::string(name), WatchRig::pod(name));
    WatchMirror mirror;
    const auto channel = rig.join(mirror, {.cluster = "staging", .resource_type = "api/v1/pods", .ns = "default"});
    mirror.take_log();
    rig.staging.failures["GET " + kPods] = {401, FakeKube::status(401, "Unauthorized", "expired")};
    rig.staging.end_watches();
    rig.time.advance(60'000);
    CHECK(mirror.channels.at(*channel).in_trouble);
    rig.staging.failures.clear();
    rig.staging.drop("/api/v1/namespaces/default/pods/b");
    mirror.take_log();
    rig.change_staging([](ClusterRecord& record) { record.access.token = "fresh"; }, true);
    CHECK(mirror.take_log() == std::vector<std::string>{"watch DELETED b"});
    CHECK_FALSE(mirror.channels.at(*channel).in_trouble);
    CHECK(rig.connector.connected.back().token == "fresh");
    rig.staging.put("/api/v1/namespaces/default/pods/c", WatchRig::pod("c"));
    rig.time.run_ready();
    CHECK(mirror.channels.at(*channel).objects.size() == 2);
    CHECK(rig.staging.open_watches() == 1);
    CHECK(mirror.complaints.empty());
}

TEST_CASE("a cluster that cannot be reached any more is trouble, not the end, and comes back [H4]") {
    WatchRig rig;
    rig.add_staging();
    WatchMirror mirror;
    const WatchSpec spec{.cluster = "staging", .resource_type = "api/v1/pods", .ns = "default"};
    const auto channel = rig.join(mirror, spec);
    rig.change_staging([](ClusterRecord& record) { record.access.server = "https://nowhere:1"; }, true);
    CHECK(mirror.channels.at(*channel).in_trouble);
    CHECK_FALSE(flag_at(mirror.channels.at(*channel).last_error, "terminal"));
    CHECK(text_at(mirror.channels.at(*channel).last_error, "message") == "no way to https://nowhere:1");
    WatchMirror late;
    CHECK(rig.join(late, spec).error().code == base::ErrorCode::unavailable);
    rig.staging_2.put("/api/v1/namespaces/default/pods/z", WatchRig::pod("z"));
    rig.change_staging([](ClusterRecord& record) { record.access.server = "https://staging-2:6443"; }, true);
    CHECK_FALSE(mirror.channels.at(*channel).in_trouble);
    CHECK(mirror.channels.at(*channel).objects.size() == 1);
    CHECK(rig.staging.open_watches() == 0);
    CHECK(mirror.complaints.empty());
}

TEST_CASE("another default cluster moves the channels that name none, with a resync") {
    WatchRig rig;
    rig.add_staging();
    rig.put("here");
    rig.staging.put("/api/v1/namespaces/default/pods/there", WatchRig::pod("there"));
    WatchMirror mirror;
    const auto channel = rig.join(mirror, pods());
    rig.services->clusters.make_default("staging", [](const base::Result<void>&) {});
    rig.time.run_ready();
    const auto& seen = mirror.channels.at(*channel);
    CHECK(seen.resyncs == 1);
    CHECK(seen.objects.size() == 1);
    CHECK(seen.objects.contains("there"));
    CHECK(mirror.complaints.empty());
}

TEST_CASE("projects are control planes of their own where the cluster's label says so, and nothing elsewhere") {
    WatchRig rig;
    rig.add_staging();
    rig.change_staging([](ClusterRecord& record) { record.labels["binnacle.dev/control-planes"] = "milo"; });
    WatchMirror mirror;
    REQUIRE(rig.join(mirror, {.cluster = "staging", .resource_type = "apis/dns.networking.miloapis.com/v1alpha1/dnszones", .project = "p-1", .ns = "default"}));
    CHECK(rig.staging.requests.back().starts_with("GET /apis/resourcemanager.miloapis.com/v1alpha1/projects/p-1/control-plane/apis/dns.networking.miloapis.com/v1alpha1/namespaces/default/dnszones?"));
    REQUIRE(rig.join(mirror, {.cluster = "staging", .resource_type = "api/v1/secrets", .org = "o-1"}));
    CHECK(rig.staging.count("GET /apis/resourcemanager.miloapis.com/v1alpha1/organizations/o-1/control-plane/api/v1/secrets?") > 0);
    REQUIRE(rig.join(mirror, {.resource_type = "api/v1/pods", .project = "p-1", .ns = "default"}));
    CHECK(rig.kube.requests.back().starts_with("GET /api/v1/namespaces/default/pods?"));
}

TEST_CASE("a deleted account loses its channels when that is looked at") {
    WatchRig rig(AuthMode::builtin);
    WatchMirror mirror;
    const User gone{.id = "gone", .email = {}, .name = "gone", .role = "user", .created_at = {}, .password_hash = {}};
    const auto channel = rig.hub().join(gone, pods(), mirror);
    REQUIRE(channel);
    rig.time.run_ready();
    rig.hub().recheck();
    CHECK(flag_at(mirror.channels.at(*channel).last_error, "terminal"));
    CHECK(rig.stat("clients") == 0);
}

// ---- all of it

TEST_CASE("the cluster in memory is watched by one streaming list, and what kubectl does is seen") {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    kube::Cluster cluster{{.scheduler = time, .random = random}, {}};
    struct Counting final : net::HttpHandler {
        explicit Counting(net::HttpHandler& its_inner) : inner(its_inner) {}
        void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
            targets.push_back(request.target);
            inner.handle(std::move(request), std::move(writer));
        }
        net::HttpHandler& inner;
        std::vector<std::string> targets;
    } counting(cluster.api());
    net::LoopbackClient client(time, counting);
    MemoryDocumentStore documents(time);
    Services services({.kube = client, .documents = documents, .scheduler = time, .random = random}, {});
    WatchMirror mirror;
    const User caller{.id = "local", .email = {}, .name = {}, .role = "admin", .created_at = {}, .password_hash = {}};
    const auto channel = services.watches.join(caller, {.resource_type = "api/v1/configmaps", .ns = "default"}, mirror);
    REQUIRE(channel);
    time.advance(1'000);
    auto& seen = mirror.channels.at(*channel);
    CHECK(seen.synced);
    const std::size_t at_first = seen.objects.size();
    const kube::ObjectKey key{"configmaps", "default", "settings"};
    REQUIRE(cluster.store().create(key, {{"metadata", {{"name", "settings"}, {"namespace", "default"}}}, {"data", {{"a", "1"}}}}));
    time.advance(10);
    REQUIRE(seen.objects.contains("settings"));
    CHECK(text_at(seen.objects.at("settings"), "kind") == "ConfigMap");
    REQUIRE(cluster.store().modify(key, [](kube::Json& object) { object["data"]["a"] = "2"; }));
    time.advance(10);
    CHECK(text_at(seen.objects.at("settings"), "data", "a") == "2");
    REQUIRE(counting.targets.size() == 1);
    CHECK(counting.targets[0].find("sendInitialEvents=true") != std::string::npos);
    // Its history is compacted while the watch is cut: the hub bridges the gap by a difference.
    REQUIRE(cluster.store().remove(key));
    time.advance(10);
    CHECK(seen.objects.size() == at_first);
    time.advance(20 * 60'000);
    CHECK(seen.synced);
    CHECK(seen.resyncs == 0);
    CHECK(mirror.complaints.empty());
    services.watches.leave_all(mirror);
}
