// /import: files, uploads, repositories; into a workflow.
#include <catch2/catch_test_macros.hpp>

#include "base/encoding.hpp"
#include "fake_kube.hpp"
#include "hub/import_source.hpp"
#include "hub/multipart.hpp"
#include "hub/testing/fake_issuer.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

constexpr const char* kCompose = "services:\n  web:\n    image: nginx:1.27\n    ports: [\"8080:80\"]\n  db:\n    image: postgres:17\n    volumes: [data:/var/lib/postgresql/data]\nvolumes: {data: {}}\n";

// Files by target, as a host of repositories has them.
class FakeFiles final : public net::HttpHandler {
public:
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        asked.push_back(request.target);
        if (hold) return held.push_back({std::move(request), std::move(writer)});
        const auto found = files.find(request.target);
        if (found == files.end()) return writer->respond({.status = missing_status, .headers = {}, .body = "no"});
        writer->respond({.status = 200, .headers = {{"content-type", "text/plain"}}, .body = found->second});
    }
    // Answers what has been held back, and from now on at once.
    void release() {
        hold = false;
        for (auto& [request, writer] : std::exchange(held, {})) handle(std::move(request), std::move(writer));
    }

    std::map<std::string, std::string> files;
    std::vector<std::string> asked;
    bool hold = false;
    std::vector<std::pair<net::ServerRequest, std::shared_ptr<net::ResponseWriter>>> held;
    int missing_status = 404;
};

Json analyze_body(std::string_view text, Json more = Json::object()) {
    Json body = {{"source", "file"}, {"fileName", "compose.yaml"}, {"fileContent", base::base64_encode(text)}};
    body.update(more);
    return body;
}

struct ImportRig {
    ImportRig() : rig(kube), outbound(rig.time) {
        outbound.serve("https://raw.githubusercontent.com", files);
        rig.outbound = &outbound;
        rig.start();
    }
    FakeKube kube;
    HubRig rig;
    FakeFiles files;
    LoopbackOutbound outbound;
};

}  // namespace

TEST_CASE("a file is analysed at once") {
    FakeKube kube;
    HubRig rig(kube);
    const Answer answer = rig.call("POST", "/import/analyze", analyze_body(kCompose, {{"namespace", "shop"}}));
    CHECK(answer.status == 200);
    CHECK(answer.body["async"] == false);
    const Json& analysis = answer.body["analysis"];
    CHECK(analysis["detectedType"] == "docker-compose");
    CHECK(analysis["suggestedNodes"].size() == 4);
    CHECK(analysis["suggestedNodes"][0]["data"]["namespace"] == "shop");
    CHECK(rig.call("POST", "/import/analyze", {{"source", "file"}}).status == 400);
    CHECK(rig.call("POST", "/import/analyze", {{"source", "file"}, {"fileContent", "***"}}).status == 400);
    CHECK(rig.call("POST", "/import/analyze", {{"source", "svn"}, {"url", "x"}}).status == 400);
    CHECK(rig.call("POST", "/import/analyze", analyze_body(kCompose, {{"namespace", "No Name"}})).status == 400);
    CHECK(rig.call("POST", "/import/analyze", analyze_body(std::string(1024 * 1024 + 1, '#'))).status == 413);
    const Answer nonsense = rig.call("POST", "/import/analyze", analyze_body("\xff\xfe\x00"));
    CHECK(nonsense.status == 200);
    CHECK(nonsense.body["analysis"]["errors"].size() == 1);
}

TEST_CASE("an upload is analysed, and gives the file back") {
    FakeKube kube;
    HubRig rig(kube);
    const auto upload = [&](const std::string& file_name, const std::string& content) {
        const std::string body = "--xyz\r\nContent-Disposition: form-data; name=\"namespace\"\r\n\r\nshop\r\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + file_name +
                                 "\"\r\nContent-Type: application/yaml\r\n\r\n" + content + "\r\n--xyz--\r\n";
        return rig.call_raw("POST", "/import/upload", body, {{"content-type", "multipart/form-data; boundary=xyz"}});
    };
    const Answer answer = upload("C:\\files\\compose.yml", kCompose);
    CHECK(answer.status == 200);
    CHECK(answer.body["fileName"] == "compose.yml");
    CHECK(answer.body["fileSize"] == std::string_view(kCompose).size());
    CHECK(base::base64_decode(text_at(answer.body, "fileContent")) == kCompose);
    CHECK(answer.body["analysis"]["suggestedNodes"].size() == 4);
    CHECK(upload("notes.txt", "x").status == 400);
    CHECK(upload("big.yaml", std::string(1024 * 1024 + 1, ' ')).status == 413);
    CHECK(rig.call_raw("POST", "/import/upload", "x", {{"content-type", "text/plain"}}).status == 400);
}

TEST_CASE("a form's parts, and what is no form") {
    const auto parse = [](std::string_view body, std::string_view type = "multipart/form-data; boundary=\"b b\"") { return parse_multipart(type, body); };
    const auto parts = parse("preamble\r\n--b b\r\ncontent-disposition: form-data; name=a\r\n\r\none\r\ntwo\r\n--b b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x \\\"y\\\".yaml\"\r\n\r\n\r\n--b b--\r\n");
    REQUIRE(parts);
    REQUIRE(parts->size() == 2);
    CHECK(find_part(*parts, "a")->body == "one\r\ntwo");
    CHECK(find_part(*parts, "f")->file_name == "x \"y\".yaml");
    CHECK(find_part(*parts, "f")->body.empty());
    CHECK(find_part(*parts, "g") == nullptr);
    for (const char* bad : {"", "--b b", "--b b\r\n", "--b b\r\nx: y\r\n\r\nno end", "--b b\r\nx: y\r\n", "--b bb\r\n\r\n\r\n--b b--"}) {
        INFO(bad);
        CHECK_FALSE(parse(bad));
    }
    CHECK_FALSE(parse("--\r\n", "multipart/form-data"));
    CHECK_FALSE(parse("--\r\n", "multipart/form-data; boundary="));
    std::string many;
    for (int i = 0; i < 40; ++i) many += "--b b\r\n\r\nx\r\n";
    CHECK_FALSE(parse(many + "--b b--"));
}

TEST_CASE("a repository is read in stages, and its stream ends with the analysis") {
    ImportRig rig;
    rig.files.files["/acme/shop/HEAD/docker-compose.yml"] = kCompose;
    rig.files.hold = true;
    const Answer begun = rig.rig.call("POST", "/import/analyze", {{"source", "github"}, {"url", "https://github.com/acme/shop"}});
    CHECK(begun.status == 202);
    CHECK(begun.body["async"] == true);
    const std::string id = text_at(begun.body, "sessionId");
    const auto stream = rig.rig.open("/import/" + id + "/stream");
    rig.files.asked.clear();
    rig.files.release();
    rig.rig.time.advance(1'000);
    CHECK(stream->events.front().type == "metadata");
    CHECK(rig.files.asked == std::vector<std::string>{"/acme/shop/HEAD/compose.yaml", "/acme/shop/HEAD/compose.yml", "/acme/shop/HEAD/docker-compose.yml"});
    const auto progress = stream->of_type("progress");
    REQUIRE(progress.size() > 2);
    CHECK(progress.front().json()["status"] == "cloning");  // bare, without an envelope
    CHECK(progress.back().json() == Json{{"status", "completed"}, {"current_stage", "completed"}, {"progress", 100}});
    CHECK(text_at(stream->of_type("log").front().json(), "message").find("compose.yaml") != std::string::npos);
    REQUIRE(stream->events.back().type == "complete");
    CHECK(stream->events.back().json()["data"]["analysis"]["suggestedNodes"].size() == 4);
    CHECK(stream->done);
    const Json session = rig.rig.call("GET", "/import/" + id).body["session"];
    CHECK(session["status"] == "completed");
    CHECK(session["fileName"] == "docker-compose.yml");
    // Those that come when it is over get the analysis bare.
    const auto late = rig.rig.open("/import/" + id + "/stream");
    rig.rig.time.run_ready();
    CHECK(late->events.back().type == "complete");
    CHECK(late->events.back().json()["detectedType"] == "docker-compose");
    CHECK(rig.rig.call("GET", "/import/none").status == 404);
}

TEST_CASE("an import that cannot be read fails with what to do") {
    ImportRig rig;
    const auto run = [&](Json body) {
        const Answer begun = rig.rig.call("POST", "/import/analyze", std::move(body));
        INFO(begun.body.dump());
        REQUIRE(begun.status == 202);
        const std::string id = text_at(begun.body, "sessionId");
        const auto stream = rig.rig.open("/import/" + id + "/stream");
        rig.rig.time.advance(60'000);
        CHECK(stream->events.back().type == "failed");
        CHECK(stream->done);
        const auto late = rig.rig.open("/import/" + id + "/stream");
        rig.rig.time.run_ready();
        CHECK(late->events.back().type == "failed");
        CHECK(late->events.back().json().contains("error"));
        return text_at(rig.rig.call("GET", "/import/" + id).body, "session", "errorMessage");
    };
    CHECK(run({{"source", "github"}, {"url", "https://github.com/acme/empty"}}).find("none of compose.yaml") != std::string::npos);
    CHECK(run({{"source", "github"}, {"url", "https://github.com/acme/shop/blob/main/a.yaml"}}).find("a.yaml is not there") != std::string::npos);
    CHECK(run({{"source", "git_url"}, {"url", "https://git.example/acme/shop"}}).find("cannot be reached") != std::string::npos);
    rig.files.missing_status = 503;
    CHECK(run({{"source", "github"}, {"url", "https://github.com/acme/shop"}}).find("Try again later") != std::string::npos);
    rig.files.files["/acme/big/HEAD/compose.yaml"] = std::string(1024 * 1024 + 1, ' ');
    CHECK(run({{"source", "github"}, {"url", "https://github.com/acme/big"}}).find("larger than") != std::string::npos);
    CHECK(rig.rig.call("POST", "/import/analyze", {{"source", "github"}, {"url", "https://gitlab.com/a/b"}}).status == 400);
    CHECK(rig.rig.call("POST", "/import/analyze", {{"source", "github"}, {"url", "https://github.com/a/b"}, {"branch", "a..b"}}).status == 400);
    // A hub without a way out says so at once.
    rig.rig.outbound = nullptr;
    rig.rig.start();
    CHECK(run({{"source", "github"}, {"url", "https://github.com/acme/shop"}}).find("cannot reach servers outside") != std::string::npos);
}

TEST_CASE("hosts that may be inside of the hub's network are for admins") {
    FakeKube kube;
    HubRig rig(kube, AuthMode::builtin);
    rig.token = text_at(rig.call("POST", "/auth/register", {{"email", "admin@example.org"}, {"password", "secret1"}, {"name", "A"}}).body, "token");
    const std::string code = text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    CHECK(rig.call("POST", "/import/analyze", {{"source", "git_url"}, {"url", "https://git.internal/a/b"}}).status == 202);
    const Answer session = rig.call("POST", "/import/analyze", {{"source", "github"}, {"url", "https://github.com/a/b"}});
    rig.token = text_at(rig.call("POST", "/auth/register", {{"email", "ada@example.org"}, {"password", "secret1"}, {"name", "B"}, {"inviteCode", code}}).body, "token");
    CHECK(rig.call("POST", "/import/analyze", {{"source", "git_url"}, {"url", "https://git.internal/a/b"}}).status == 403);
    CHECK(rig.call("POST", "/import/analyze", {{"source", "gitlab"}, {"url", "https://git.internal/a/b"}}).status == 403);
    CHECK(rig.call("POST", "/import/analyze", {{"source", "gitlab"}, {"url", "https://gitlab.com/a/b"}}).status == 202);
    CHECK(rig.call("GET", "/import/" + text_at(session.body, "sessionId")).status == 404);
    rig.token.clear();
    CHECK(rig.call("POST", "/import/analyze", analyze_body(kCompose)).status == 401);
}

TEST_CASE("where the files of a repository are read") {
    const auto first = [](const ImportSource& source) {
        const auto places = import_places(source);
        REQUIRE(places);
        return places->front().origin + places->front().target;
    };
    CHECK(first({"github", "github.com/acme/shop", "next/one"}) == "https://raw.githubusercontent.com/acme/shop/next/one/compose.yaml");
    CHECK(first({"gitlab", "https://gitlab.com/g/s/shop", ""}) == "https://gitlab.com/g/s/shop/-/raw/HEAD/compose.yaml");
    CHECK(first({"git_url", "https://code.example/acme/shop", "main"}) == "https://code.example/acme/shop/raw/branch/main/compose.yaml");
    CHECK(first({"git_url", "https://files.example/deploy/app.yaml?v=2", ""}) == "https://files.example/deploy/app.yaml?v=2");
    CHECK(first({"git_url", "https://github.com/acme/shop/blob/main/k8s/app.yaml", ""}) == "https://raw.githubusercontent.com/acme/shop/main/k8s/app.yaml");
    CHECK(is_public_place({"https://gitlab.com", "/x", "x"}));
    CHECK_FALSE(is_public_place({"https://10.0.0.1", "/x", "x"}));
}

TEST_CASE("an analysis becomes a workflow, with its positions") {
    FakeKube kube;
    HubRig rig(kube);
    const Json analysis = rig.call("POST", "/import/analyze", analyze_body(kCompose)).body["analysis"];
    const Answer made = rig.call("POST", "/import/create-workflow", {{"name", " Imported "}, {"clusterId", "demo"}, {"analysis", analysis}});
    CHECK(made.status == 201);
    const std::string id = text_at(made.body, "workflow", "id");
    const Json stored = rig.call("GET", "/workflows/" + id).body;
    CHECK(stored["name"] == "Imported");
    CHECK(stored["nodes"].size() == 4);
    CHECK(stored["edges"].size() == 2);
    CHECK(stored["nodes"][0]["position"] == analysis["layoutPositions"][text_at(stored["nodes"][0], "id")]);
    CHECK(rig.call("POST", "/import/create-workflow", {{"name", ""}, {"analysis", analysis}}).status == 400);
    CHECK(rig.call("POST", "/import/create-workflow", {{"name", "x"}, {"clusterId", "mars"}, {"analysis", analysis}}).status == 400);
    CHECK(rig.call("POST", "/import/create-workflow", {{"name", "x"}, {"analysis", {{"suggestedNodes", Json::array({7})}}}}).status == 400);
    // It can be run: what is wanted by people comes later, nothing is malformed.
    CHECK(rig.call("GET", "/workflows/" + id + "/problems").status == 200);
}

TEST_CASE("nodes of an import join a workflow under ids that are free") {
    FakeKube kube;
    HubRig rig(kube);
    const Json analysis = rig.call("POST", "/import/analyze", analyze_body(kCompose)).body["analysis"];
    const std::string id = rig.create_workflow("Shop", Json::array({node("deployment-web", "deployment", {{"name", "web"}, {"image", "web:1"}})}), Json::array());
    const Json body = {{"workflowId", id}, {"nodes", analysis["suggestedNodes"]}, {"edges", analysis["suggestedEdges"]}, {"positions", {{"deployment-web", {{"x", 900}, {"y", 40}}}}}};
    const Answer applied = rig.call("POST", "/import/apply", body);
    CHECK(applied.status == 200);
    CHECK(applied.body["nodeIds"]["deployment-web"] == "deployment-web-2");
    const Json stored = rig.call("GET", "/workflows/" + id).body;
    CHECK(stored["nodes"].size() == 5);
    CHECK(stored["edges"].size() == 2);
    for (const Json& one : stored["nodes"]) {
        if (one["id"] == "deployment-web-2") CHECK(one["position"]["x"] == 900);
    }
    CHECK(rig.call("POST", "/import/apply", body).status == 200);  // again: other ids again
    CHECK(rig.call("GET", "/workflows/" + id).body["nodes"].size() == 9);
    CHECK(rig.call("POST", "/import/apply", {{"workflowId", "none"}, {"nodes", Json::array()}}).status == 404);
    CHECK(rig.call("POST", "/import/apply", {{"workflowId", id}, {"nodes", Json::array({{{"id", "x"}}})}}).status == 400);
    CHECK(rig.call("POST", "/import/apply", {{"workflowId", id}}).status == 400);
}
