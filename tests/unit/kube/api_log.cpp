#include "api_rig.hpp"

using namespace kube::test;

namespace {

class FakeLogs final : public kube::LogSource {
public:
    base::Result<void> open(const kube::ObjectKey& pod, const kube::LogOptions& options, std::shared_ptr<net::ResponseWriter> writer) override {
        seen = options;
        key = pod;
        if (refuses) return base::fail(base::ErrorCode::unavailable, "the node is gone");
        writer->start({200, {{"Content-Type", "text/plain"}}});
        writer->write("one\ntwo\n");
        writer->end();
        return {};
    }
    kube::LogOptions seen;
    kube::ObjectKey key;
    bool refuses = false;
};

struct LogRig : ApiRig {
    FakeLogs logs;
    LogRig() { server.set_logs(&logs); }
    ~LogRig() { server.set_logs(nullptr); }

    void run(const std::string& name, const char* statuses) {
        ok("POST", kPods + "/" + name + "/binding", Json{{"target", {{"name", "node-1"}}}});
        Json object = ok("GET", kPods + "/" + name);
        object["status"]["containerStatuses"] = Json::parse(statuses);
        ok("PUT", kPods + "/" + name + "/status", object);
    }
};

Json two_containers() {
    Json object = pod("two");
    object["spec"]["containers"].push_back(Json{{"name", "side"}, {"image", "s"}});
    object["spec"]["initContainers"] = Json::array({Json{{"name", "setup"}, {"image", "s"}}});
    return object;
}

}  // namespace

TEST_CASE("the log of a running container is streamed with the options asked for") {
    LogRig rig;
    rig.ok("POST", kPods, pod("web"));
    rig.run("web", R"([{"name":"app","state":{"running":{}}}])");
    const Answer answer = rig.call("GET", kPods + "/web/log?follow=true&tailLines=0&timestamps=1&limitBytes=99&sinceTime=2026-01-01T00:00:00.5Z");
    CHECK(answer.status == 200);
    CHECK(answer.text == "one\ntwo\n");
    CHECK(answer.headers.get("Content-Type") == "text/plain");
    CHECK(rig.logs.key == kube::ObjectKey{"pods", "default", "web"});
    CHECK(rig.logs.seen.container == "app");
    CHECK(rig.logs.seen.follow);
    CHECK(rig.logs.seen.timestamps);
    CHECK(rig.logs.seen.tail_lines == 0);
    CHECK(rig.logs.seen.limit_bytes == 99);
    CHECK(rig.logs.seen.since_time_ns == 1767225600'500'000'000);
    CHECK_FALSE(rig.logs.seen.previous);
    rig.logs.refuses = true;
    CHECK(rig.call("GET", kPods + "/web/log").message() == "the node is gone");
}

TEST_CASE("why there is no log is said as kubelet says it") {
    LogRig rig;
    const auto message = [&](const std::string& path) {
        const Answer answer = rig.call("GET", kPods + path);
        CHECK(answer.status == 400);
        CHECK(answer.reason() == "BadRequest");
        return answer.message();
    };
    CHECK(rig.call("GET", kPods + "/none/log").status == 404);
    rig.ok("POST", kPods, two_containers());
    CHECK(message("/two/log") == "a container name must be specified for pod two, choose one of: [app side] or one of the init containers: [setup]");
    CHECK(message("/two/log?container=x") == "container x is not valid for pod two");
    CHECK(message("/two/log?container=app") == "pod two does not have a host assigned");
    rig.run("two", R"([{"name":"app","state":{"waiting":{"reason":"ImagePullBackOff"}}},{"name":"side","state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1}}}])");
    CHECK(message("/two/log?container=app") == "container \"app\" in pod \"two\" is waiting to start: trying and failing to pull image");
    CHECK(message("/two/log?container=setup") == "container \"setup\" in pod \"two\" is waiting to start: PodInitializing");
    CHECK(message("/two/log?container=app&previous=true") == "previous terminated container \"app\" in pod \"two\" not found");
    CHECK(rig.call("GET", kPods + "/two/log?container=side&previous=true").status == 200);
    CHECK(rig.logs.seen.previous);
    CHECK(rig.call("GET", kPods + "/two/log?container=side").status == 200);
    CHECK(rig.call("GET", kPods + "/two/log?container=side&tailLines=-1").status == 400);
    CHECK(rig.call("GET", kPods + "/two/log?container=side&sinceTime=yesterday").status == 400);
    CHECK(rig.call("GET", kPods + "/two/log?container=side&sinceSeconds=0").status == 422);
    CHECK(rig.call("GET", kPods + "/two/log?container=side&sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z").status == 422);
    rig.server.set_logs(nullptr);
    CHECK(rig.call("GET", kPods + "/two/log?container=side").status == 503);
}
