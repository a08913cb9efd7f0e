// Builds: what a request becomes, how it runs, and its stream.
#include <catch2/catch_test_macros.hpp>

#include <set>

#include "fake_kube.hpp"
#include "hub/build_plan.hpp"
#include "hub/git_source.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

struct BuildRig {
    BuildRig() : rig(kube) { registry_id = add_registry("Packages", "custom", "registry.local"); }

    std::string add_registry(const std::string& name, const std::string& type, const std::string& url) {
        const Answer made = rig.call("POST", "/admin/registries", {{"name", name}, {"registryType", type}, {"registryUrl", url}});
        REQUIRE(made.status == 201);
        return text_at(made.body, "registry", "id");
    }
    Json body(Json changes = Json::object()) const {
        Json json = {{"repoUrl", "https://github.com/acme/shop"}, {"registryId", registry_id}, {"imageName", "acme/shop"}, {"imageTag", "1.4"}};
        json.update(changes);
        return json;
    }
    std::string start(Json changes = Json::object()) {
        const Answer answer = rig.call("POST", "/builds/start", body(std::move(changes)));
        INFO(answer.body.dump());
        REQUIRE(answer.status == 201);
        return text_at(answer.body, "build", "id");
    }
    Json build(const std::string& id) { return rig.call("GET", "/builds/" + id).body["build"]; }
    // What became of it: {errorStage, errorMessage}, or its image.
    Json run(Json changes) {
        const std::string id = start(std::move(changes));
        rig.time.advance(60'000);
        return build(id);
    }

    FakeKube kube;
    HubRig rig;
    std::string registry_id;
};

Json data_of(const Event& event) { return event.json()["data"]; }

}  // namespace

TEST_CASE("a build goes through its stages and ends with an image") {
    BuildRig rig;
    const std::string id = rig.start({{"branch", "release/2"}, {"workflowId", "w1"}, {"nodeId", "web"}});
    const auto stream = rig.rig.open("/builds/" + id + "/stream");
    CHECK(stream->status == 200);
    REQUIRE(stream->events.size() >= 1);
    CHECK(stream->events[0].type == "metadata");
    CHECK(stream->events[0].json()["progress"] == 0);
    rig.rig.time.advance(60'000);

    std::set<std::string> stages;
    std::int64_t progress = 0;
    for (const Event& event : stream->of_type("progress")) {
        const Json data = data_of(event);
        CHECK(event.json()["stream_key"] == "build:" + id);
        CHECK(data["progress"].get<std::int64_t>() >= progress);
        progress = data["progress"].get<std::int64_t>();
        stages.insert(text_at(data, "current_stage"));
    }
    CHECK(stages == std::set<std::string>{"cloning", "building", "pushing"});
    CHECK(progress == 100);
    CHECK(text_at(data_of(stream->of_type("log").front()), "message").starts_with("Simulated"));
    CHECK(data_of(stream->of_type("log").front())["level"] == "warning");
    REQUIRE(stream->events.back().type == "complete");
    CHECK(data_of(stream->events.back())["final_image_ref"] == "registry.local/acme/shop:1.4");
    CHECK(stream->done);

    const Json done = rig.build(id);
    CHECK(done["status"] == "completed");
    CHECK(done["finalImageRef"] == "registry.local/acme/shop:1.4");
    CHECK(text_at(done, "imageDigest").size() == 71);
    CHECK(done["imageSize"].get<std::int64_t>() > 1'000'000);
    CHECK(done["duration"].get<std::int64_t>() > 1'000);
    CHECK(done["simulated"] == true);
    CHECK(done["nodeId"] == "web");
    CHECK(text_at(done, "commit").size() == 40);

    const Json notices = rig.rig.call("GET", "/user-notifications").body["notifications"];
    REQUIRE(notices.size() == 1);
    CHECK(notices[0]["type"] == "build_completed");
    CHECK(notices[0]["link"] == "/builds/" + id);
}

TEST_CASE("the same request gives the same image, another one another") {
    BuildRig rig;
    const std::string digest = text_at(rig.run(Json::object()), "imageDigest");
    CHECK(text_at(rig.run(Json::object()), "imageDigest") == digest);
    CHECK(text_at(rig.run({{"branch", "next"}}), "imageDigest") != digest);
    CHECK(text_at(rig.run({{"useNixpacks", true}}), "imageDigest") != digest);
    CHECK(text_at(rig.run({{"buildArgs", {{"A", "1"}}}}), "imageDigest") != digest);
}

TEST_CASE("what is asked for decides how a build fails, at which stage and with which words") {
    BuildRig rig;
    const auto fails = [&](Json changes, std::string_view stage, std::string_view words) {
        const Json build = rig.run(std::move(changes));
        INFO(build.dump());
        CHECK(build["status"] == "failed");
        CHECK(build["errorStage"] == stage);
        CHECK(text_at(build, "errorMessage").find(words) != std::string::npos);
    };
    fails({{"repoUrl", "https://git.invalid/acme/shop"}}, "cloning", "git.invalid is not known");
    fails({{"repoUrl", "https://github.com/acme/missing"}}, "cloning", "no repository acme/missing");
    fails({{"repoUrl", "https://github.com/private/shop"}}, "cloning", "not public");
    fails({{"branch", "feature/nonexistent"}}, "cloning", "no branch feature/nonexistent");
    fails({{"buildContext", "services/missing"}}, "building", "no folder services/missing");
    fails({{"dockerfile", "deploy/build.txt"}}, "building", "no deploy/build.txt");
    fails({{"repoUrl", "https://github.com/acme/no-dockerfile"}}, "building", "build with Nixpacks");
    fails({{"repoUrl", "https://github.com/acme/docs"}, {"useNixpacks", true}}, "building", "nothing to run in docs");
    fails({{"repoUrl", "https://github.com/acme/broken-api"}}, "building", "does not compile");
    fails({{"registryId", rig.add_registry("Hub", "dockerhub", "")}}, "pushing", "takes images with credentials only");
    const Json notices = rig.rig.call("GET", "/user-notifications").body["notifications"];
    CHECK(notices.size() == 10);
    CHECK(notices[0]["type"] == "build_failed");
    // Nixpacks needs no Dockerfile, and Node.js is what it takes when a name says nothing else.
    CHECK(rig.run({{"repoUrl", "https://github.com/acme/no-dockerfile"}, {"useNixpacks", true}})["status"] == "completed");
}

TEST_CASE("a request that cannot be built is refused with every mistake") {
    BuildRig rig;
    const Answer answer = rig.rig.call("POST", "/builds/start", {{"repoUrl", "shop"}, {"registryId", "x"}, {"imageName", "Acme/Shop:1"}, {"imageTag", "a b"}, {"branch", "a..b"}, {"buildContext", "../x"}, {"dockerfile", "/etc/passwd"}});
    CHECK(answer.status == 400);
    const std::string error = text_at(answer.body, "error");
    for (const char* field : {"repoUrl", "imageName", "imageTag", "branch", "buildContext", "and 1 more"}) {
        INFO(field << " in " << error);
        CHECK(error.find(field) != std::string::npos);
    }
    CHECK(rig.rig.call("POST", "/builds/start", Json::object()).status == 400);
    const Answer unknown = rig.rig.call("POST", "/builds/start", rig.body({{"registryId", "gone"}}));
    CHECK(unknown.status == 400);
    CHECK(text_at(unknown.body, "error").find("no registry gone") != std::string::npos);
    CHECK(rig.rig.call("POST", "/builds/start", rig.body({{"repoUrl", "https://ada:secret@github.com/acme/shop"}})).status == 400);
    CHECK(rig.rig.call("GET", "/builds").body["total"] == 0);
}

TEST_CASE("two builds run at a time, the others wait their turn") {
    BuildRig rig;
    std::vector<std::string> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(rig.start({{"imageTag", "t" + std::to_string(i)}}));
    rig.rig.time.advance(1'000);
    CHECK(rig.build(ids[0])["status"] == "cloning");
    CHECK(rig.build(ids[1])["status"] == "cloning");
    CHECK(rig.build(ids[2])["status"] == "pending");
    CHECK(rig.rig.call("POST", "/builds/" + ids[2] + "/cancel").status == 200);
    rig.rig.time.advance(60'000);
    CHECK(rig.build(ids[2])["status"] == "cancelled");
    CHECK(rig.build(ids[3])["status"] == "completed");
    const Json page = rig.rig.call("GET", "/builds?limit=2&offset=1").body;
    CHECK(page["total"] == 4);
    REQUIRE(page["builds"].size() == 2);
    CHECK(page["builds"][0]["id"] == ids[2]);  // newest first
    CHECK(rig.rig.call("GET", "/builds?limit=0").status == 400);
}

TEST_CASE("a build that runs can be cancelled, and its stream says so and ends") {
    BuildRig rig;
    const std::string id = rig.start();
    const auto stream = rig.rig.open("/builds/" + id + "/stream");
    rig.rig.time.advance(2'000);
    const Answer cancelled = rig.rig.call("POST", "/builds/" + id + "/cancel");
    CHECK(cancelled.status == 200);
    CHECK(cancelled.body["build"]["status"] == "cancelled");
    rig.rig.time.run_ready();
    CHECK(stream->events.back().type == "cancelled");
    CHECK(stream->done);
    CHECK(rig.rig.call("POST", "/builds/" + id + "/cancel").status == 409);
    rig.rig.time.advance(60'000);
    CHECK(rig.build(id)["status"] == "cancelled");
    CHECK(rig.rig.call("GET", "/user-notifications").body["total"] == 0);  // who cancels knows it
    CHECK(rig.rig.call("POST", "/builds/none/cancel").status == 404);
}

TEST_CASE("a stream that comes late has the whole log; one that comes when all is over a bare status") {
    BuildRig rig;
    const std::string id = rig.start();
    const auto early = rig.rig.open("/builds/" + id + "/stream");
    rig.rig.time.advance(3'000);
    const auto late = rig.rig.open("/builds/" + id + "/stream");
    rig.rig.time.advance(60'000);
    CHECK(late->of_type("log").size() == early->of_type("log").size());
    const auto over = rig.rig.open("/builds/" + id + "/stream");
    rig.rig.time.run_ready();
    CHECK(over->of_type("log").size() == early->of_type("log").size());
    CHECK(over->events.back().type == "complete");
    CHECK(over->events.back().json() == Json{{"status", "completed"}});
    CHECK(over->done);
}

TEST_CASE("a reader who comes back with the last line's number gets each line once") {
    BuildRig rig;
    const std::string id = rig.start();
    rig.rig.time.advance(2'500);
    const auto first = rig.rig.open("/builds/" + id + "/stream");
    const std::size_t seen = first->of_type("log").size();
    REQUIRE(seen > 2);
    first->handle.cancel();
    rig.rig.time.advance(2'000);
    std::string bytes;
    std::vector<std::string> logs;
    wire::SseParser parser;
    net::Headers headers;
    headers.set("last-event-id", std::to_string(seen));
    const auto handle = rig.rig.client->send({.method = "GET", .target = "/v1/api/builds/" + id + "/stream", .headers = headers},
                                             {.on_head = {}, .on_data = [&](std::string_view data) { parser.feed(data, [&](const wire::SseEvent& event) { if (event.type == "log") logs.emplace_back(event.data); }); }, .on_done = {}});
    rig.rig.time.advance(60'000);
    const auto all = rig.rig.open("/builds/" + id + "/stream");
    rig.rig.time.run_ready();
    const auto whole = all->of_type("log");
    REQUIRE(whole.size() == seen + logs.size());
    for (std::size_t i = 0; i < logs.size(); ++i) CHECK(whole[seen + i].data == logs[i]);
}

TEST_CASE("builds outlive the hub, and one that was under way has failed") {
    BuildRig rig;
    const std::string done = rig.start();
    rig.rig.time.advance(60'000);
    const std::string interrupted = rig.start();
    rig.rig.time.advance(2'000);
    rig.rig.start();
    const Json build = rig.build(interrupted);
    CHECK(build["status"] == "failed");
    CHECK(text_at(build, "errorMessage").find("The hub ended") != std::string::npos);
    CHECK(rig.build(done)["status"] == "completed");
    const auto stream = rig.rig.open("/builds/" + done + "/stream");
    rig.rig.time.run_ready();
    CHECK(stream->of_type("log").size() > 10);
    CHECK(rig.rig.call("GET", "/builds").body["total"] == 2);
}

TEST_CASE("a person's builds are nobody else's business, but an admin's") {
    FakeKube kube;
    HubRig rig(kube, AuthMode::builtin);
    const auto sign_up = [&](const std::string& email, const std::string& invite) {
        rig.token.clear();
        Json body = {{"email", email}, {"password", "secret1"}, {"name", email}};
        if (!invite.empty()) body["inviteCode"] = invite;
        const Answer answer = rig.call("POST", "/auth/register", body);
        INFO(answer.body.dump());
        REQUIRE(answer.status == 201);
        return text_at(answer.body, "token");
    };
    const std::string admin = sign_up("admin@example.org", "");
    rig.token = admin;
    const std::string registry = text_at(rig.call("POST", "/admin/registries", {{"name", "R"}, {"registryType", "custom"}, {"registryUrl", "registry.local"}}).body, "registry", "id");
    const std::string code = text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    const std::string ada = sign_up("ada@example.org", code);
    const std::string bob = sign_up("bob@example.org", code);
    rig.token = ada;
    const std::string id = text_at(rig.call("POST", "/builds/start", {{"repoUrl", "https://github.com/acme/shop"}, {"registryId", registry}, {"imageName", "shop"}}).body, "build", "id");
    REQUIRE_FALSE(id.empty());
    rig.token = bob;
    CHECK(rig.call("GET", "/builds/" + id).status == 404);
    CHECK(rig.call("GET", "/builds/" + id + "/stream").status == 404);
    CHECK(rig.call("GET", "/builds").body["total"] == 0);
    rig.token = admin;
    CHECK(rig.call("GET", "/builds/" + id).status == 200);
    rig.token.clear();
    CHECK(rig.call("GET", "/builds").status == 401);
}

TEST_CASE("addresses of repositories in the ways people write them") {
    const auto source = [](const char* text) { return parse_git_source(text); };
    CHECK(source("https://github.com/acme/shop.git")->path == "acme/shop");
    CHECK(source("git@github.com:acme/shop.git")->web_address() == "https://github.com/acme/shop");
    CHECK(source("github.com/acme/shop/")->name() == "shop");
    CHECK(source("ssh://git@GitLab.com/group/sub/shop")->path == "group/sub/shop");
    CHECK(source("https://github.com/acme/shop/tree/next")->ref == "next");
    const auto file = source("https://gitlab.com/acme/shop/-/blob/main/deploy/app.yaml?ref_type=heads");
    CHECK(file->path == "acme/shop");
    CHECK(file->ref == "main");
    CHECK(file->file == "deploy/app.yaml");
    for (const char* bad : {"", "shop", "https://github.com/acme", "https://u:p@github.com/a/b", "ftp://host/a/b", "https://host/a/../b", "https:///a/b", "https://ho st/a/b"}) {
        INFO(bad);
        CHECK_FALSE(source(bad));
    }
}
