// The Clusters page in each of its states, over a real hub that reaches a second cluster in memory.
#include <catch2/catch_test_macros.hpp>

#include "hub/cluster_connector.hpp"
#include "model/clusters.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;  // a test file
using ui::testing::Interceptor;
using ui::testing::Rig;
using ui::testing::RigOptions;

namespace {

// Reaches "https://staging:6443" with the token "right".
class Staging final : public hub::ClusterConnector {
public:
    base::Result<std::unique_ptr<net::HttpClient>> connect(const hub::ClusterAccess& access) override {
        if (!cluster || access.server != "https://staging:6443") return base::fail(base::ErrorCode::invalid_argument, "There is no way to " + access.server + ".", "Check the address");
        return std::unique_ptr<net::HttpClient>(std::make_unique<net::LoopbackClient>(*time, access.token == "right" ? cluster->api() : static_cast<net::HttpHandler&>(refusing)));
    }
    class Refusing final : public net::HttpHandler {
        void handle(net::ServerRequest, std::shared_ptr<net::ResponseWriter> writer) override { writer->respond({401, {}, R"({"kind":"Status","message":"Unauthorized"})"}); }
    } refusing;
    base::Scheduler* time = nullptr;
    kube::Cluster* cluster = nullptr;
};

struct Page {
    Staging staging;
    Rig rig;
    base::testing::SeededRandom random{5};
    kube::Cluster cluster;
    explicit Page(hub::AuthMode auth = hub::AuthMode::none) : rig(RigOptions{.auth = auth, .connector = &staging}), cluster({.scheduler = rig.time, .random = random}, {}) {
        staging.time = &rig.time;
        staging.cluster = &cluster;
    }
    // Without what reaches the second cluster, which ends before the rig.
    ~Page() {
        staging.cluster = nullptr;
        rig.restart_hub();
        rig.time.run_ready();
    }
    void open() {
        rig.start();
        rig.click(Role::button, "Clusters");
        rig.pass(500);
    }
    void add(const std::string& name = "staging") {
        rig.click(Role::button, "Add cluster");
        rig.pass(200);
        rig.activate(Role::tab, "Token");
        rig.settle();
        rig.set_text(Role::textbox, "API server", "https://staging:6443");
        rig.set_text(Role::textbox, "Token", "right");
        rig.set_text(Role::textbox, "Name", name);
        rig.settle();
        rig.app->clusters().submit();
        rig.pass(500);
    }
};

void check_all_recorded(Rig& rig) {
    const auto missing = rig.unrecorded();
    std::string list;
    for (const std::string& item : missing) list += item + "\n";
    INFO("items without a record:\n" << list);
    CHECK(missing.empty());
}

}  // namespace

TEST_CASE("the Clusters page lists the server's own cluster with its state") {
    Page page;
    page.open();
    const SemanticRecord* row = page.rig.find(Role::button, "demo");
    REQUIRE(row);
    CHECK(page.rig.value(Role::button, "demo").find("Connected") == 0);
    CHECK(page.rig.value(Role::button, "demo").find("default") != std::string::npos);
    page.rig.click(Role::button, "demo");
    page.rig.pass(500);
    CHECK(page.rig.find(Role::region, "Details of demo"));
    CHECK(page.rig.find(Role::progressbar, "CPU"));
    CHECK(page.rig.find(Role::progressbar, "Memory"));
    CHECK(page.rig.find(Role::button, "Test connection"));
    CHECK_FALSE(page.rig.find(Role::button, "Delete this cluster"));  // it is the server's own
    check_all_recorded(page.rig);
}

TEST_CASE("a cluster is added by token; what is wrong stands at its field, or above the form") {
    Page page;
    page.open();
    page.rig.click(Role::button, "Add cluster");
    page.rig.pass(200);
    REQUIRE(page.rig.find(Role::dialog, "Add cluster"));
    page.rig.activate(Role::tab, "Token");
    page.rig.settle();
    page.rig.set_text(Role::textbox, "API server", "staging:6443");
    page.rig.set_text(Role::textbox, "Name", "Staging One");
    page.rig.app->clusters().submit();
    page.rig.settle();
    CHECK(page.rig.shows("An address looks like https://10.0.0.1:6443"));
    CHECK(page.rig.shows("Lower case letters, digits and '-', at most 63"));
    CHECK(page.rig.shows("Paste a token"));
    check_all_recorded(page.rig);
    page.rig.set_text(Role::textbox, "API server", "https://staging:6443");
    page.rig.set_text(Role::textbox, "Token", "wrong");
    page.rig.set_text(Role::textbox, "Name", "staging");
    page.rig.app->clusters().submit();
    page.rig.pass(500);
    CHECK(page.rig.shows("The cluster refuses the credentials: Unauthorized"));
    CHECK(page.rig.find(Role::link, "Keep it all the same"));
    page.rig.set_text(Role::textbox, "Token", "right");
    page.rig.app->clusters().submit();
    page.rig.pass(500);
    CHECK_FALSE(page.rig.find(Role::dialog, "Add cluster"));
    CHECK(page.rig.find(Role::region, "Details of staging"));
    CHECK(page.rig.value(Role::button, "staging").find("Connected") == 0);
    CHECK_FALSE(page.rig.shows("right"));  // the token is gone
}

TEST_CASE("a pasted kubeconfig offers its contexts and names the cluster") {
    Page page;
    page.open();
    page.rig.click(Role::button, "Add cluster");
    page.rig.pass(200);
    page.rig.set_text(Role::textbox, "Kubeconfig", "kind: Config\n  broken: [");
    page.rig.pass(1'000);
    CHECK(page.rig.shows("cannot be read: line "));
    page.rig.set_text(Role::textbox, "Kubeconfig",
                      "kind: Config\ncurrent-context: kind-staging\nclusters: [{name: c, cluster: {server: 'https://staging:6443'}}]\n"
                      "contexts: [{name: kind-staging, context: {cluster: c, user: u}}, {name: cloud, context: {cluster: c, user: v}}]\n"
                      "users: [{name: u, user: {token: right}}, {name: v, user: {exec: {command: aws}}}]\n");
    page.rig.pass(1'000);
    CHECK(page.rig.find(Role::combobox, "Context"));
    CHECK(page.rig.value(Role::textbox, "Name") == "kind-staging");
    page.rig.click(Role::combobox, "Context");
    page.rig.click(Role::option, "cloud · https://staging:6443");
    CHECK(page.rig.shows("signs in by running \"aws\""));
    page.rig.click(Role::combobox, "Context");
    page.rig.click(Role::option, "kind-staging · https://staging:6443");
    CHECK_FALSE(page.rig.shows("signs in by running"));
    check_all_recorded(page.rig);
    page.rig.click_last(Role::button, "Add cluster");
    page.rig.pass(500);
    CHECK_FALSE(page.rig.find(Role::dialog, "Add cluster"));
    CHECK(page.rig.find(Role::region, "Details of kind-staging"));
    CHECK(page.rig.value(Role::button, "kind-staging").find("Connected") == 0);
    CHECK_FALSE(page.rig.shows("right"));  // the token is gone
}

TEST_CASE("a cluster is added by kubeconfig with the keyboard alone") {
    Page page;
    page.open();
    page.rig.app->clusters().begin_add();
    page.rig.app->open_modal("cluster-form");
    page.rig.pass(200);
    REQUIRE(page.rig.focused());
    CHECK(page.rig.focused()->name == "Kubeconfig");  // the dialog opens where one has to type
    page.rig.type("{clusters: [{name: c, cluster: {server: 'https://staging:6443'}}], contexts: [{name: far, context: {cluster: c, user: u}}], current-context: far, users: [{name: u, user: {token: right}}]}");
    page.rig.pass(1'000);
    CHECK(page.rig.value(Role::textbox, "Name") == "far");
    page.rig.press(ImGuiKey_Enter, ImGuiMod_Ctrl);
    page.rig.pass(500);
    CHECK_FALSE(page.rig.find(Role::dialog, "Add cluster"));
    CHECK(page.rig.find(Role::region, "Details of far"));
}

TEST_CASE("after a change of tab in the dialog the first click meets its field") {
    Page page;
    page.open();
    page.rig.click(Role::button, "Add cluster");
    page.rig.pass(200);
    for (const char* way : {"Token", "Certificate", "Kubeconfig", "Token"}) {
        INFO(way);
        page.rig.click(Role::tab, way);
        const char* first = std::string_view(way) == "Kubeconfig" ? "Kubeconfig" : "API server";
        page.rig.click(Role::textbox, first);
        page.rig.type("x");
        CHECK(page.rig.value(Role::textbox, first).ends_with("x"));
        CHECK((page.rig.find(Role::textbox, first)->flags & kFocused) != 0);
    }
}

TEST_CASE("closing the dialog forgets the secrets") {
    Page page;
    page.open();
    page.rig.click(Role::button, "Add cluster");
    page.rig.pass(200);
    page.rig.set_text(Role::textbox, "Kubeconfig", "secret");
    page.rig.press(ImGuiKey_Escape);
    page.rig.settle();
    CHECK_FALSE(page.rig.find(Role::dialog, "Add cluster"));
    CHECK(page.rig.app->clusters().form() == nullptr);
}

TEST_CASE("a new workflow is made on the selected cluster, and the bars say so") {
    Page page;
    page.open();
    page.add();
    REQUIRE(page.rig.app->clusters().state().selected == "staging");
    page.rig.app->create_workflow("There");
    page.rig.pass(1'000);
    CHECK(page.rig.app->workflow().cluster == "staging");
    page.rig.app->set_rail("workflows");
    page.rig.settle();
    CHECK(page.rig.find_part(Role::button, "Cluster staging"));
    CHECK(page.rig.find_part(Role::text, "staging"));
}

TEST_CASE("a workflow moves to another cluster by the chip in the top bar, unless it has objects where it is") {
    Page page;
    page.open();
    page.add();
    page.rig.app->set_rail("workflows");
    page.rig.settle();
    REQUIRE(page.rig.app->workflow().cluster == "demo");
    page.rig.click(Role::button, "Cluster demo: Connected");
    page.rig.settle();
    page.rig.click(Role::menuitem, "staging");
    page.rig.pass(1'000);
    CHECK(page.rig.app->workflow().cluster == "staging");
    page.rig.click(Role::button, "Run");
    page.rig.pass(5'000);
    page.rig.app->move_workflow("demo");
    page.rig.pass(1'000);
    CHECK(page.rig.app->workflow().cluster == "staging");
    CHECK(page.rig.shows("Archive it first"));
}

TEST_CASE("default, test and delete work from the details, and deleting asks first") {
    Page page;
    page.open();
    page.add();
    page.rig.click(Role::button, "Make default");
    page.rig.pass(500);
    CHECK(page.rig.value(Role::button, "staging").find("default") != std::string::npos);
    page.rig.click(Role::button, "Test connection");
    page.rig.pass(500);
    CHECK(page.rig.shows("The cluster answers"));
    CHECK(page.rig.shows("Test passed in"));
    page.rig.click(Role::button, "Delete this cluster");
    page.rig.pass(200);
    REQUIRE(page.rig.find(Role::dialog, "Delete cluster?"));
    page.rig.click(Role::button, "Delete cluster");
    page.rig.pass(500);
    CHECK_FALSE(page.rig.find(Role::button, "staging"));
    CHECK(page.rig.value(Role::button, "demo").find("default") != std::string::npos);
}

TEST_CASE("a cluster that stops answering says so with what to do, and keeps what was known") {
    Page page;
    page.open();
    page.add();
    page.rig.interceptor->add({.method = "POST", .path_part = "/clusters/staging/test", .kind = Interceptor::Kind::answer, .status = 503,
                               .body = R"({"error":"The Kubernetes API does not answer: cut","details":["Check the server's address"]})"});
    page.rig.click(Role::button, "Test connection");
    page.rig.pass(500);
    CHECK(page.rig.find(Role::alert, "The Kubernetes API does not answer: cut"));
    page.rig.interceptor->add({.method = "GET", .path_part = "/clusters", .kind = Interceptor::Kind::answer, .status = 500, .body = R"({"error":"The server is unwell."})"});
    page.rig.click(Role::button, "Check all clusters again");
    page.rig.pass(500);
    CHECK(page.rig.shows("The server is unwell. Shown is the state of"));
    CHECK(page.rig.find(Role::button, "staging"));
}

TEST_CASE("the Clusters page while loading, and when it cannot be loaded") {
    Page page;
    page.rig.interceptor->add({.method = "GET", .path_part = "/clusters", .kind = Interceptor::Kind::answer, .status = 500, .body = R"({"error":"The server is unwell."})"});
    page.open();
    CHECK(page.rig.find(Role::button, "Retry"));
    CHECK(page.rig.shows("The server is unwell."));
    page.rig.interceptor->clear();
    page.rig.click(Role::button, "Retry");
    page.rig.pass(500);
    CHECK(page.rig.find(Role::button, "demo"));
}

TEST_CASE("on a phone the details take the list's place, with targets for fingers") {
    Page page;
    page.rig.input.coarse_pointer = true;
    page.rig.resize(390, 844);
    page.open();
    page.rig.click(Role::button, "demo");
    page.rig.pass(500);
    CHECK(page.rig.find(Role::region, "Details of demo"));
    CHECK_FALSE(page.rig.find(Role::button, "Add cluster"));
    const SemanticRecord* test = page.rig.find(Role::button, "Test connection");
    REQUIRE(test);
    page.rig.click(Role::button, "Back to the list");
    page.rig.pass(200);
    CHECK(page.rig.find(Role::button, "Add cluster"));
    check_all_recorded(page.rig);
}

TEST_CASE("on the Clusters page nothing is drawn while nothing changes") {
    Page page;
    page.open();
    page.rig.pass(100'000);
    CHECK(page.rig.frames_during(5'000) == 0);
}
