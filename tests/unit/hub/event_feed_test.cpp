// The event feed: what is published, who gets which part of it, and what a reader that was away or is slow gets.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>

#include "base/time_text.hpp"
#include "fake_kube.hpp"
#include "hub/event_feed.hpp"
#include "hub/feed_sources.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kFeed = "/events/stream";
const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments/";
const std::string kPods = "/api/v1/namespaces/default/pods/";

Json web() { return node("d", "deployment", {{"name", "web"}, {"image", "nginx:1.27"}}); }

Json rolled_out() { return {{"observedGeneration", 9}, {"replicas", 1}, {"updatedReplicas", 1}, {"readyReplicas", 1}, {"availableReplicas", 1}}; }
Json rolling_out() { return {{"observedGeneration", 9}, {"replicas", 1}, {"updatedReplicas", 1}, {"unavailableReplicas", 1}}; }

Json failing_pod(const std::string& workflow) {
    return {{"metadata", {{"name", "web-1"}, {"namespace", "default"}, {"labels", {{"app", "web"}, {"binnacle.dev/workflow-id", workflow}, {"binnacle.dev/node-id", "d"}}}}},
            {"status",
             {{"phase", "Pending"},
              {"containerStatuses", Json::array({{{"name", "web"}, {"state", {{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "no such tag"}}}}}}})}}}};
}

// The statuses of a type of event, in order.
std::vector<std::string> statuses(const Stream& stream, const std::string& type) {
    std::vector<std::string> found;
    for (const Event& event : stream.of_type(type)) found.push_back(text_at(event.json(), "status"));
    return found;
}

std::unique_ptr<Stream> open_at(HubRig& rig, const std::string& target, const std::string& last_event_id = {}) {
    auto stream = std::make_unique<Stream>();
    Stream* raw = stream.get();
    net::Headers headers;
    if (!rig.token.empty()) headers.set("authorization", "Bearer " + rig.token);
    if (!last_event_id.empty()) headers.set("last-event-id", last_event_id);
    stream->handle = rig.client->send({.method = "GET", .target = target, .headers = headers},
                                      {.on_head = [raw](net::ResponseHead head) { raw->status = head.status; },
                                       .on_data =
                                           [raw](std::string_view bytes) {
                                               raw->parser.feed(bytes, [raw](const wire::SseEvent& event) { raw->events.push_back({std::string(event.type), std::string(event.data)}); });
                                           },
                                       .on_done = [raw](base::Result<void>) { raw->done = true; }});
    rig.time.run_ready();
    return stream;
}

void toggle(HubRig& rig, int times = 1) {
    for (int i = 0; i < times; ++i) {
        const bool on = array_at(rig.call("GET", "/plugins/enabled").body, "plugins").empty();
        REQUIRE(rig.call("POST", std::string("/plugins/keda/") + (on ? "enable" : "disable")).status == 200);
    }
}

// A reader that takes what it is given but says when it is full.
class SlowWriter final : public net::ResponseWriter {
public:
    void respond(net::Response response) override { status = response.status; }
    void start(net::ResponseHead head) override { status = head.status; }
    bool write(std::string_view bytes) override {
        parser.feed(bytes, [this](const wire::SseEvent& event) { events.push_back({std::string(event.type), std::string(event.data)}); });
        return !full;
    }
    void end() override { ended = true; }
    void abort() override { ended = true; }
    void on_drain(base::UniqueFunction<void()> callback) override { drain = std::move(callback); }
    void on_close(base::UniqueFunction<void()> callback) override { close = std::move(callback); }
    [[nodiscard]] bool closed() const override { return ended; }
    [[nodiscard]] std::size_t queued_bytes() const override { return full ? net::kHighWaterBytes : 0; }

    int status = 0;
    bool full = false;
    bool ended = false;
    base::UniqueFunction<void()> drain, close;
    wire::SseParser parser;
    std::vector<Event> events;
};

struct FeedRig {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    std::set<std::string> hidden;  // clusters that nobody sees
    EventFeed feed{time, random, 15'000, [this](const User&, const FeedEvent& event) { return !hidden.contains(event.cluster); }};
    std::shared_ptr<SlowWriter> open(std::string_view last = {}, FeedFilter filter = {}) {
        auto writer = std::make_shared<SlowWriter>();
        feed.stream({}, std::move(filter), last, writer);
        time.run_ready();
        return writer;
    }
    void tell(int number, const std::string& cluster = "c") {
        feed.publish({.type = "cluster_status_update", .resource_type = "cluster", .data = {{"cluster_id", cluster}, {"number", number}}, .cluster = cluster});
        time.run_ready();
    }
};

std::vector<int> numbers(const SlowWriter& writer) {
    std::vector<int> found;
    for (const Event& event : writer.events) {
        if (event.type == "cluster_status_update") found.push_back(static_cast<int>(number_at(event.json(), -1, "number")));
    }
    return found;
}

}  // namespace

TEST_CASE("the feed greets, then sends what happens with an id, a type and the time") {
    FakeKube kube;
    HubRig rig(kube);
    const auto stream = rig.open(kFeed);
    REQUIRE(stream->status == 200);
    REQUIRE(stream->of_type("connected").size() == 1);
    const Json greeting = stream->of_type("connected")[0].json();
    CHECK(text_at(greeting, "event_type") == "connected");
    CHECK_FALSE(text_at(greeting, "connection_id").empty());
    CHECK(flag_at(greeting, "complete"));
    REQUIRE(rig.call("POST", "/plugins/keda/enable").status == 200);
    REQUIRE(stream->of_type("addon_status_update").size() == 1);
    const Json event = stream->of_type("addon_status_update")[0].json();
    CHECK(text_at(event, "event_type") == "addon_status_update");
    CHECK(text_at(event, "addon_id") == "keda");
    CHECK(text_at(event, "addon_name") == "KEDA");
    CHECK(text_at(event, "status") == "Enabled");
    CHECK(number_at(event, 0, "timestamp") == rig.time.clock().unix_ms() / 1'000);
    CHECK(base::parse_rfc3339_ms(text_at(event, "time")) == rig.time.clock().unix_ms());
    CHECK(text_at(event, "id") == stream->parser.last_event_id());
    CHECK_FALSE(text_at(event, "id").empty());
    CHECK(rig.call("POST", "/plugins/keda/enable").status == 200);  // no change, no news
    CHECK(stream->of_type("addon_status_update").size() == 1);
    rig.hub.reset();
    rig.time.run_ready();
    CHECK(stream->done);
}

TEST_CASE("the feed is at the path of its contract too, and refuses what it does not know") {
    FakeKube kube;
    HubRig rig(kube);
    CHECK(open_at(rig, "/api/v1/events/stream")->of_type("connected").size() == 1);
    CHECK(open_at(rig, "/api/v1/events/stream?resource_type=all&cluster_id=&project_id=")->of_type("connected").size() == 1);
    CHECK(open_at(rig, "/api/v1/events/stream?resource_type=secrets")->status == 400);
    CHECK(open_at(rig, "/api/v1/events/stream?workload_id=" + std::string(300, 'x'))->status == 400);
    CHECK(open_at(rig, "/api/v1/events/stream?cluster_id=%zz")->status == 400);
}

TEST_CASE("a run is told of from its start to the last workload that comes up") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    const auto stream = rig.open(kFeed);
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    kube.change(kDeployments + "web", "/status", rolling_out());
    rig.time.advance(1'000);
    kube.change(kDeployments + "web", "/status", rolled_out());
    rig.time.advance(1'000);
    CHECK(statuses(*stream, "project_status_update") == std::vector<std::string>{"Creating", "Ready"});
    const Json ready = stream->of_type("project_status_update").back().json();
    CHECK(text_at(ready, "project_id") == id);
    CHECK(text_at(ready, "project_name") == "Shop");
    CHECK(text_at(ready, "cluster_id") == "demo");
    CHECK(text_at(ready, "message") == "1 node is applied");
    const auto workloads = stream->of_type("workload_status_update");
    REQUIRE_FALSE(workloads.empty());
    const Json last = workloads.back().json();
    CHECK(text_at(last, "status") == "Running");
    CHECK(text_at(last, "workload_id") == "d");
    CHECK(text_at(last, "workload_name") == "web");
    CHECK(text_at(last, "workload_kind") == "Deployment");
    CHECK(text_at(last, "namespace") == "default");
    CHECK(number_at(last, -1, "available_replicas") == 1);
    // No status twice in a row.
    const std::vector<std::string> seen = statuses(*stream, "workload_status_update");
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("a run with a refused node is an error of its project") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    const auto stream = rig.open(kFeed);
    kube.failures["PATCH " + kDeployments + "web"] = {403, FakeKube::status(403, "Forbidden", "deployments.apps is forbidden")};
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 500);
    REQUIRE(statuses(*stream, "project_status_update") == std::vector<std::string>{"Creating", "Error"});
    CHECK(text_at(stream->of_type("project_status_update").back().json(), "message").find("deployments.apps is forbidden") != std::string::npos);
    CHECK(stream->of_type("error_report").empty());
}

TEST_CASE("what has no status of its own is an error report; builds say how they ended") {
    FeedRig rig;
    FeedSources news(rig.feed);
    auto reader = rig.open();
    WorkflowRecord record;
    record.id = "w1";
    record.document["name"] = "Shop";
    news.run_refused("demo", record, {base::ErrorCode::unavailable, "disk away", ""});
    const Json report = reader->events.back().json();
    CHECK(text_at(report, "event_type") == "error_report");
    CHECK(text_at(report, "error_type") == "run_failed");
    CHECK(text_at(report, "resource_id") == "w1");
    CHECK(text_at(report, "message") == "disk away");
    news.build_ended({.build_id = "b1", .workload_id = "d", .workload_name = "web", .project_id = "w1", .image = "shop/web:7", .image_digest = "sha256:ab", .duration_ms = 61'500, .message = "Built"});
    const Json built = reader->events.back().json();
    CHECK(text_at(built, "event_type") == "build_complete");
    CHECK(text_at(built, "image_digest") == "sha256:ab");
    CHECK(built["build_duration"] == 61.5);
    CHECK_FALSE(built.contains("error"));
    news.build_ended({.build_id = "b2", .failed = true, .error = "exit 1"});
    const Json broken = reader->events.back().json();
    CHECK(text_at(broken, "event_type") == "build_failed");
    CHECK(text_at(broken, "error") == "exit 1");
    CHECK_FALSE(broken.contains("image_digest"));
}

TEST_CASE("a cluster's health is told of when it changes, and when a new one is first reached") {
    FeedRig rig;
    FeedSources news(rig.feed);
    auto reader = rig.open();
    ClusterRecord record;
    record.name = "staging";
    const auto told = [&](const char* before, const char* now, bool builtin) {
        const std::size_t count = reader->events.size();
        record.status = now;
        record.builtin = builtin;
        news.cluster_checked(record, before);
        return reader->events.size() > count ? text_at(reader->events.back().json(), "status") : std::string();
    };
    CHECK(told("unknown", "connected", true).empty());
    CHECK(told("unknown", "connected", false) == "healthy");
    CHECK(told("unknown", "error", true) == "unhealthy");
    CHECK(told("connected", "connected", true).empty());
    CHECK(told("connected", "disconnected", true) == "unhealthy");
    CHECK(told("disconnected", "error", true).empty());
    CHECK(told("error", "connected", true) == "healthy");
}

TEST_CASE("a workload that fails is told of while somebody reads, though nobody watches its workflow") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    kube.change(kDeployments + "web", "/status", rolled_out());
    rig.time.advance(20 * 60'000);
    REQUIRE(kube.open_watches() == 0);
    auto stream = rig.open(kFeed);
    rig.time.advance(30 * 60'000);
    CHECK(kube.open_watches() > 0);
    kube.change(kDeployments + "web", "/status", rolling_out());
    kube.put(kPods + "web-1", failing_pod(id));
    rig.time.advance(1'000);
    REQUIRE_FALSE(stream->of_type("workload_status_update").empty());
    const Json failed = stream->of_type("workload_status_update").back().json();
    CHECK(text_at(failed, "status") == "Failed");
    CHECK(text_at(failed, "message").starts_with("ImagePullBackOff"));
    stream.reset();
    rig.time.advance(30 * 60'000);
    CHECK(kube.open_watches() == 0);
}

TEST_CASE("filters of the request choose by cluster, project, workload and type of resource") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string shop = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    const std::string other = rig.create_workflow("Other", Json::array({node("o", "configmap", {{"name", "other"}})}), Json::array());
    const auto all = rig.open(kFeed);
    const auto projects = rig.open(kFeed + "?resource_type=project");
    const auto of_shop = rig.open(kFeed + "?project_id=" + shop);
    const auto of_web = rig.open(kFeed + "?workload_id=d");
    const auto elsewhere = rig.open(kFeed + "?cluster_id=elsewhere");
    REQUIRE(rig.call("POST", "/workflows/" + shop + "/run").status == 200);
    REQUIRE(rig.call("POST", "/workflows/" + other + "/run").status == 200);
    kube.change(kDeployments + "web", "/status", rolled_out());
    toggle(rig);
    rig.time.advance(1'000);
    CHECK(all->of_type("addon_status_update").size() == 1);
    CHECK(projects->of_type("project_status_update").size() == 4);
    CHECK(projects->of_type("workload_status_update").empty());
    CHECK(of_shop->of_type("project_status_update").size() == 2);
    CHECK_FALSE(of_shop->of_type("workload_status_update").empty());
    CHECK_FALSE(of_web->of_type("workload_status_update").empty());
    CHECK(of_web->of_type("project_status_update").empty());
    CHECK(elsewhere->events.size() == 1);  // connected
}

TEST_CASE("a reader that was away gets exactly what it missed, first") {
    FakeKube kube;
    HubRig rig(kube);
    auto stream = rig.open(kFeed);
    toggle(rig, 2);
    const std::string last(stream->parser.last_event_id());
    stream.reset();
    toggle(rig, 3);
    const auto back = open_at(rig, "/v1/api" + kFeed, last);
    REQUIRE(back->events.size() == 4);
    CHECK(back->events[0].type == "connected");
    CHECK(flag_at(back->events[0].json(), "complete"));
    CHECK(statuses(*back, "addon_status_update") == std::vector<std::string>{"Enabled", "Disabled", "Enabled"});
    toggle(rig);
    CHECK(back->of_type("addon_status_update").size() == 4);
    // By the query too, for a first request that knows where an earlier visit ended.
    CHECK(rig.open(kFeed + "?last_event_id=" + last)->of_type("addon_status_update").size() == 4);
    // An id that is not of this life of the hub: all that is kept, and no claim that it is everything.
    for (const char* unknown : {"0", "someone-7", "-", "zzz"}) {
        const auto stranger = open_at(rig, "/v1/api" + kFeed, unknown);
        INFO(unknown);
        CHECK(stranger->of_type("addon_status_update").size() == 6);
        CHECK_FALSE(flag_at(stranger->events[0].json(), "complete"));
    }
    CHECK(rig.open(kFeed)->of_type("addon_status_update").empty());
}

TEST_CASE("what fell out of memory is not claimed to be there") {
    FeedRig rig;
    auto reader = rig.open();
    rig.tell(0);
    const std::string last(reader->parser.last_event_id());
    for (int i = 1; i <= static_cast<int>(EventFeed::kKept) + 5; ++i) rig.tell(i);
    const auto back = rig.open(last);
    CHECK_FALSE(flag_at(back->events[0].json(), "complete"));
    REQUIRE(numbers(*back).size() == EventFeed::kKept);
    CHECK(numbers(*back).front() == 6);
    CHECK(numbers(*back).back() == static_cast<int>(EventFeed::kKept) + 5);
}

TEST_CASE("a slow reader is not written to until it has caught up, and is told what it lost") {
    FeedRig rig;
    auto slow = rig.open();
    auto quick = rig.open();
    slow->full = true;
    for (int i = 1; i <= 10; ++i) rig.tell(i);
    CHECK(numbers(*slow) == std::vector<int>{1});
    CHECK(numbers(*quick).size() == 10);
    slow->full = false;
    slow->drain();
    CHECK(numbers(*slow) == numbers(*quick));
    slow->full = true;
    for (int i = 11; i <= 11 + static_cast<int>(EventFeed::kKept) + 20; ++i) rig.tell(i);
    rig.time.advance(60'000);  // no heartbeats for one that lags
    CHECK(numbers(*slow).size() == 11);
    slow->full = false;
    slow->drain();
    const auto gap = std::find_if(slow->events.begin(), slow->events.end(), [](const Event& event) { return event.type == "gap"; });
    REQUIRE(gap != slow->events.end());
    CHECK(number_at(gap->json(), 0, "missed") == 20);
    CHECK(numbers(*slow).size() == 11 + EventFeed::kKept);
    CHECK(numbers(*slow).back() == numbers(*quick).back());
}

TEST_CASE("hearts beat at the interval, carry no id, and stop with the last reader") {
    FeedRig rig;
    auto reader = rig.open();
    rig.tell(1);
    const std::string last(reader->parser.last_event_id());
    rig.time.advance(46'000);
    CHECK(std::count_if(reader->events.begin(), reader->events.end(), [](const Event& event) { return event.type == "heartbeat"; }) == 3);
    CHECK(text_at(reader->events.back().json(), "event_type") == "heartbeat");
    CHECK(number_at(reader->events.back().json(), 0, "timestamp") > 0);
    CHECK(reader->parser.last_event_id() == last);
    reader->close();
    CHECK(rig.feed.readers() == 0);
    rig.time.advance(60'000);
    CHECK(rig.time.pending() == 0);
}

TEST_CASE("what a caller may not see is left out when it is sent, also from a replay") {
    FeedRig rig;
    rig.hidden.insert("secret");
    auto reader = rig.open();
    rig.tell(1, "open");
    rig.tell(2, "secret");
    rig.tell(3, "open");
    CHECK(numbers(*reader) == std::vector<int>{1, 3});
    CHECK(numbers(*rig.open("0")) == std::vector<int>{1, 3});
    rig.hidden.clear();
    CHECK(numbers(*rig.open("0")) == std::vector<int>{1, 2, 3});
}

TEST_CASE("long texts are cut, and too many readers are refused") {
    FeedRig rig;
    auto reader = rig.open();
    rig.feed.publish({.type = "error_report", .resource_type = "project", .data = {{"message", std::string(100'000, 'x')}}});
    CHECK(text_at(reader->events.back().json(), "message").size() == EventFeed::kMaxTextBytes);
    std::vector<std::shared_ptr<SlowWriter>> many;
    for (std::size_t i = 1; i < EventFeed::kMaxReaders; ++i) many.push_back(rig.open());
    CHECK(rig.open()->status == 503);
    many.back()->close();
    CHECK(rig.open()->status == 200);
}

TEST_CASE("the feed needs a session, and each caller gets what is shared with them") {
    FakeKube kube;
    HubRig rig(kube, AuthMode::builtin);
    const auto join = [&](const std::string& email, const std::string& code) {
        Json body = {{"email", email}, {"password", "secret1"}, {"name", email}};
        if (!code.empty()) body["inviteCode"] = code;
        return text_at(rig.call("POST", "/auth/register", body).body, "token");
    };
    const std::string admin = join("admin@x.example", "");
    rig.token = admin;
    const std::string code = text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    rig.token.clear();
    const std::string bob = join("bob@x.example", code);
    CHECK(rig.open(kFeed)->status == 401);
    CHECK(rig.open(kFeed + "?token=" + bob)->of_type("connected").size() == 1);
    rig.token = bob;
    const auto of_bob = rig.open(kFeed);
    rig.token = admin;
    const auto of_admin = rig.open(kFeed);
    toggle(rig);
    CHECK(of_bob->of_type("addon_status_update").size() == 1);
    CHECK(of_admin->of_type("addon_status_update").size() == 1);
    // The hub's own cluster is open to all of its users.
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    CHECK(of_bob->of_type("project_status_update").size() == 2);
}

TEST_CASE("of a shared cluster a caller gets what is in the namespaces that are shared") {
    class Connector final : public ClusterConnector {
    public:
        Connector(base::Scheduler& scheduler, net::HttpHandler& server) : scheduler_(scheduler), server_(server) {}
        base::Result<std::unique_ptr<net::HttpClient>> connect(const ClusterAccess&) override {
            return std::unique_ptr<net::HttpClient>(std::make_unique<net::LoopbackClient>(scheduler_, server_));
        }

    private:
        base::Scheduler& scheduler_;
        net::HttpHandler& server_;
    };
    FakeKube kube;
    FakeKube staging;
    HubRig rig(kube, AuthMode::builtin);
    Connector connector(rig.time, staging);
    rig.connector = &connector;
    rig.start();
    const auto join = [&](const std::string& email, const std::string& code) {
        Json body = {{"email", email}, {"password", "secret1"}, {"name", email}};
        if (!code.empty()) body["inviteCode"] = code;
        return text_at(rig.call("POST", "/auth/register", body).body, "token");
    };
    const std::string admin = join("admin@x.example", "");
    rig.token = admin;
    const std::string code = text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    rig.token.clear();
    const std::string bob = join("bob@x.example", code);
    rig.token = admin;
    REQUIRE(rig.call("POST", "/clusters", {{"name", "staging"}, {"server", "https://staging:6443"}, {"authType", "token"}, {"credentials", {{"token", "s3cret-token"}, {"namespace", "team"}}}}).status == 201);
    const Answer made = rig.call("POST", "/workflows", {{"name", "Shop"}, {"cluster_id", "staging"}, {"nodes", Json::array({node("c", "configmap", {{"name", "settings"}})})}, {"edges", Json::array()}});
    const std::string id = text_at(made.body, "id");
    REQUIRE(rig.call("PUT", "/workflows/" + id + "/status", {{"status", "published"}}).status == 200);
    rig.token = bob;
    const auto of_bob = rig.open(kFeed);
    rig.token = admin;
    const auto run = [&] {
        const Answer answer = rig.call("POST", "/workflows/" + id + "/run");
        INFO(dump_json(answer.body));
        REQUIRE(answer.status == 200);
        rig.time.advance(1'000);
        return of_bob->of_type("project_status_update").size();
    };
    const auto share = [&](Json namespaces) {
        REQUIRE(rig.call("POST", "/clusters/staging/share", {{"targetUserId", "bob@x.example"}, {"role", "viewer"}, {"namespaces", std::move(namespaces)}}).status == 200);
    };
    CHECK(run() == 0);
    share(Json::array({"other"}));
    CHECK(run() == 0);
    share(Json::array({"team"}));
    CHECK(run() == 2);
    share(Json::array());
    CHECK(run() == 4);
}

TEST_CASE("deleting and archiving a workflow are told of") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    const auto stream = rig.open(kFeed + "?resource_type=project");
    REQUIRE(rig.call("PUT", "/workflows/" + id + "/status", {{"status", "archived"}}).status == 200);
    REQUIRE(rig.call("DELETE", "/workflows/" + id).status == 200);
    CHECK(statuses(*stream, "project_status_update") == std::vector<std::string>{"Deleting", "Deleting"});
    CHECK(text_at(stream->of_type("project_status_update").back().json(), "message") == "The workflow is deleted");
}

TEST_CASE("a cluster that goes and comes back is noticed by its watches and told of once each way") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    (void)rig.call("GET", "/clusters");
    const auto stream = rig.open(kFeed);
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    rig.time.advance(20'000);
    CHECK(stream->of_type("cluster_status_update").empty());
    const Json away = FakeKube::status(503, "ServiceUnavailable", "etcd is away");
    for (const char* path : {"/version", "/apis/apps/v1/namespaces/default/deployments", "/api/v1/namespaces/default/pods"}) kube.failures[std::string("GET ") + path] = {503, away};
    kube.end_watches();
    rig.time.advance(60'000);
    REQUIRE(statuses(*stream, "cluster_status_update") == std::vector<std::string>{"unhealthy"});
    CHECK(text_at(stream->of_type("cluster_status_update")[0].json(), "cluster_id") == "demo");
    CHECK_FALSE(text_at(stream->of_type("cluster_status_update")[0].json(), "message").empty());
    kube.failures.clear();
    rig.time.advance(120'000);
    REQUIRE(statuses(*stream, "cluster_status_update") == std::vector<std::string>{"unhealthy", "healthy"});
    CHECK(text_at(stream->of_type("cluster_status_update").back().json(), "kubernetes_version") == "v1.34.0");
}
