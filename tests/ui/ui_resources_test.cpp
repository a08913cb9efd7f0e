// The Resources page in each of its states, over a real hub and the cluster in memory.
#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

#include "kube/object_store.hpp"
#include "model/resources.hpp"
#include "ui/ui_raster.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;  // a test file
using ui::testing::Interceptor;
using ui::testing::Rig;
using ui::testing::RigOptions;

namespace {

using kube::Json;

Json deployment(const std::string& name, const std::string& image = "nginx:1.27", int replicas = 1) {
    return {{"apiVersion", "apps/v1"},
            {"kind", "Deployment"},
            {"metadata", {{"name", name}, {"namespace", "default"}, {"labels", {{"app", name}}}}},
            {"spec", {{"replicas", replicas}, {"selector", {{"matchLabels", {{"app", name}}}}}, {"template", {{"metadata", {{"labels", {{"app", name}}}}}, {"spec", {{"containers", Json::array({{{"name", "main"}, {"image", image}}})}}}}}}}};
}

struct Page {
    Rig rig;
    explicit Page(RigOptions options = {}) : rig(std::move(options)) {}
    void make(const std::string& name, const std::string& image = "nginx:1.27", int replicas = 1) {
        (void)rig.cluster.store().create({"deployments", "default", name}, deployment(name, image, replicas));
    }
    void open() {
        rig.start();
        rig.click(Role::button, "Resources");
        rig.pass(1'000);
    }
    void show(const std::string& kind) {
        rig.click(Role::button, kind);
        rig.pass(1'000);
    }
    [[nodiscard]] std::string row(const std::string& name) const {
        const SemanticRecord* record = rig.find(Role::row, name);
        return record ? record->value : "";
    }
    [[nodiscard]] std::vector<std::string> rows() const {
        std::vector<std::string> names;
        for (const SemanticRecord& record : rig.shell->semantics().records()) {
            if (record.role == Role::row) names.push_back(record.name);
        }
        return names;
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

TEST_CASE("the Resources page lists the kinds of the cluster and the objects of one of them, live") {
    Page page;
    page.make("web", "nginx:1.27", 2);
    page.make("api");
    page.open();
    page.rig.pass(20'000);
    CHECK(page.rig.find(Role::main, "Resources"));
    CHECK(page.rig.find(Role::navigation, "Kinds"));
    CHECK(page.rig.find(Role::heading, "Deployments"));
    CHECK(page.rig.find(Role::button, "DNSZones"));  // custom kinds too
    CHECK(page.rows() == std::vector<std::string>{"api", "web"});
    CHECK(page.row("web").starts_with("2/2 ready, namespace default, "));
    CHECK(page.rig.find(Role::button, "Sort by up-to-date"));  // the server's own column
    check_all_recorded(page.rig);
    // Made elsewhere, it appears by itself.
    page.make("later");
    page.rig.pass(10'000);
    CHECK(page.rows() == std::vector<std::string>{"api", "later", "web"});
    (void)page.rig.cluster.store().remove({"deployments", "default", "api"});
    page.rig.pass(10'000);
    CHECK(page.rows() == std::vector<std::string>{"later", "web"});
}

TEST_CASE("another kind is a click away, and the kinds can be searched") {
    Page page;
    page.open();
    page.show("Nodes");
    CHECK(page.rig.find(Role::heading, "Nodes"));
    CHECK(page.rows().size() == 3);
    CHECK(page.row("node-1").starts_with("Ready"));
    page.rig.set_text(Role::searchbox, "Find a kind", "dnsz");
    CHECK(page.rig.find(Role::button, "DNSZones"));
    CHECK_FALSE(page.rig.find(Role::button, "Pods"));
    page.show("DNSZones");
    page.rig.pass(10'000);
    CHECK(page.row("shop-example").starts_with("Ready"));
    page.rig.set_text(Role::searchbox, "Find a kind", "nothing like it");
    CHECK(page.rig.shows("No kind has that name"));
}

TEST_CASE("the list is filtered by words, labels and problems, and says when nothing fits") {
    Page page;
    page.make("web");
    page.make("broken", "nginx:nonexistent");
    page.open();
    page.rig.pass(30'000);
    page.rig.set_text(Role::searchbox, "Filter", "WEB");
    page.rig.pass(200);
    CHECK(page.rows() == std::vector<std::string>{"web"});
    CHECK(page.rig.shows("1 of 2"));
    page.rig.set_text(Role::searchbox, "Filter", "nothing");
    page.rig.pass(200);
    CHECK(page.rig.shows("Nothing fits the filter"));
    page.rig.click(Role::button, "Clear filter");
    page.rig.pass(1'000);
    CHECK(page.rows().size() == 2);
    page.show("Pods");
    page.rig.pass(5'000);
    page.rig.click(Role::checkbox, "Problems only");
    page.rig.pass(500);
    REQUIRE(page.rows().size() == 1);
    CHECK(page.rows()[0].starts_with("broken-"));
    page.rig.click(Role::checkbox, "Problems only");
    page.rig.app->resources().set_labels("app=web");
    page.rig.pass(1'500);
    REQUIRE(page.rows().size() == 1);
    CHECK(page.rows()[0].starts_with("web-"));
    page.rig.app->resources().set_labels("app in (");
    page.rig.pass(1'500);
    CHECK(page.rig.shows("unable to parse requirement"));
    check_all_recorded(page.rig);
}

TEST_CASE("columns are sorted by a click, and the other way by a second one") {
    Page page;
    for (const char* name : {"web-10", "web-2", "api"}) page.make(name);
    page.open();
    CHECK(page.rows() == std::vector<std::string>{"api", "web-2", "web-10"});
    page.rig.click(Role::button, "Sort by name");
    CHECK(page.rows() == std::vector<std::string>{"web-10", "web-2", "api"});
    CHECK(page.rig.value(Role::button, "Sort by name") == "descending");
}

TEST_CASE("an object's details: overview, YAML, events, and the way to its owner") {
    Page page;
    page.make("web");
    page.open();
    page.rig.pass(20'000);
    page.rig.click(Role::row, "web");
    page.rig.pass(1'000);
    CHECK(page.rig.find(Role::region, "Details of web"));
    CHECK(page.rig.find(Role::tab, "Overview"));
    CHECK(page.rig.shows("apps/v1 Deployment"));
    CHECK(page.rig.shows("Available: True · MinimumReplicasAvailable"));
    check_all_recorded(page.rig);
    page.rig.click(Role::tab, "YAML");
    CHECK(page.rig.value(Role::textbox, "YAML").starts_with("apiVersion: apps/v1\nkind: Deployment\n"));
    CHECK(page.rig.value(Role::textbox, "YAML").find("managedFields") == std::string::npos);
    check_all_recorded(page.rig);
    page.rig.click(Role::button, "Copy YAML");
    CHECK(page.rig.platform.copied.find("image: nginx:1.27\n") != std::string::npos);
    const SemanticRecord* events = page.rig.find_part(Role::tab, "Events");
    REQUIRE(events);
    page.rig.click(Role::tab, std::string(events->name));
    CHECK(page.rig.shows("Scaled up replica set"));
    page.rig.click(Role::tab, "Overview");
    page.show("ReplicaSets");
    page.rig.pass(2'000);
    REQUIRE(page.rows().size() == 1);
    page.rig.click(Role::row, page.rows()[0]);
    page.rig.pass(500);
    page.rig.click(Role::link, "Deployment web");
    page.rig.pass(2'000);
    CHECK(page.rig.find(Role::region, "Details of web"));
    CHECK(page.rig.find(Role::heading, "Deployments"));
    // It goes: the last state stays, and says so.
    (void)page.rig.cluster.store().remove({"deployments", "default", "web"});
    page.rig.pass(10'000);
    CHECK(page.rig.shows("Deleted. This is how it was last"));
}

TEST_CASE("an object is deleted after a question that says what is lost") {
    Page page;
    page.make("web");
    page.open();
    page.rig.pass(10'000);
    page.rig.click(Role::row, "web");
    page.rig.pass(500);
    page.rig.click(Role::button, "Delete");
    page.rig.pass(200);
    REQUIRE(page.rig.find(Role::dialog, "Delete web?"));
    CHECK(page.rig.shows("Deployment web is deleted with its pods."));
    check_all_recorded(page.rig);
    page.rig.click(Role::button, "Cancel");
    page.rig.pass(200);
    CHECK(page.rig.cluster.store().get({"deployments", "default", "web"}));
    page.rig.press(ImGuiKey_Delete);
    page.rig.pass(200);
    REQUIRE(page.rig.find(Role::dialog, "Delete web?"));
    page.rig.app->resources().remove();
    page.rig.pass(10'000);
    CHECK_FALSE(page.rig.cluster.store().get({"deployments", "default", "web"}));
}

TEST_CASE("a workload is scaled and restarted through the API") {
    Page page;
    page.make("web");
    page.open();
    page.rig.pass(10'000);
    page.rig.click(Role::row, "web");
    page.rig.pass(500);
    page.rig.click(Role::button, "Scale");
    page.rig.pass(200);
    REQUIRE(page.rig.find(Role::dialog, "Scale web"));
    CHECK(page.rig.value(Role::textbox, "Replicas") == "1");
    page.rig.set_text(Role::textbox, "Replicas", "3");
    page.rig.press(ImGuiKey_Enter);
    page.rig.pass(20'000);
    CHECK((*page.rig.cluster.store().get({"deployments", "default", "web"}))["spec"]["replicas"] == 3);
    CHECK(page.row("web").starts_with("3/3 ready"));
    page.rig.click(Role::button, "Restart");
    page.rig.pass(200);
    REQUIRE(page.rig.find(Role::dialog, "Restart web?"));
    page.rig.app->resources().restart();
    page.rig.pass(1'000);
    CHECK((*page.rig.cluster.store().get({"deployments", "default", "web"}))["spec"]["template"]["metadata"]["annotations"].contains("kubectl.kubernetes.io/restartedAt"));
}

TEST_CASE("the list is walked by keys alone") {
    Page page;
    for (const char* name : {"a", "b", "c", "d"}) page.make(name);
    page.open();
    const auto selected = [&] { return page.rig.app->resources().state().selected; };
    page.rig.type("j");
    CHECK(selected() == "default/a");
    CHECK_FALSE(page.rig.app->resources().state().details_open);
    page.rig.type("j");
    page.rig.type("j");
    page.rig.type("k");
    CHECK(selected() == "default/b");
    page.rig.press(ImGuiKey_End);
    CHECK(selected() == "default/d");
    page.rig.type("j");
    CHECK(selected() == "default/d");  // it is the last
    page.rig.type("gg");
    CHECK(selected() == "default/a");
    page.rig.press(ImGuiKey_Enter);
    CHECK(page.rig.find(Role::region, "Details of a"));
    page.rig.press(ImGuiKey_Escape);
    CHECK_FALSE(page.rig.find(Role::region, "Details of a"));
    page.rig.type("/");
    page.rig.type("c");
    page.rig.pass(200);
    CHECK(page.rows() == std::vector<std::string>{"c"});
    page.rig.press(ImGuiKey_Escape);
    page.rig.app->set_rail("workflows");
    page.rig.settle();
    page.rig.type("gr");
    CHECK(page.rig.app->ui().rail == "resources");
}

TEST_CASE("a list that may not be seen, or is still on its way, says so") {
    Page page;
    page.make("web");
    page.rig.interceptor->add({"POST", "/api/watch/subscribe", Interceptor::Kind::hang});
    page.open();
    CHECK(page.rows().empty());
    CHECK_FALSE(page.rig.shows("Nothing"));
    CHECK_FALSE(page.rig.shows("No Deployments"));
    page.rig.interceptor->clear();
    page.rig.interceptor->add({"POST", "/api/watch/subscribe", Interceptor::Kind::answer, 403, R"({"error":"You may not list deployments"})"});
    page.show("Pods");
    CHECK(page.rig.shows("You have no permission for this"));
    CHECK(page.rig.shows("You may not list deployments"));
    check_all_recorded(page.rig);
    page.rig.interceptor->clear();
    page.rig.click(Role::button, "Retry");
    page.rig.pass(3'000);
    CHECK(page.rows().size() == 1);
}

TEST_CASE("without its kinds the page says what is wrong, and Retry reads them") {
    Page page;
    page.make("web");
    page.rig.interceptor->add({"GET", "/api/proxy/apis", Interceptor::Kind::answer, 503, R"({"error":"The cluster does not answer"})"});
    page.open();
    CHECK(page.rig.shows("The cluster does not answer"));
    check_all_recorded(page.rig);
    page.rig.interceptor->clear();
    page.rig.click(Role::button, "Retry");
    page.rig.pass(3'000);
    CHECK(page.rows() == std::vector<std::string>{"web"});
}

TEST_CASE("an empty namespace says so and offers the others") {
    Page page;
    page.make("web");
    page.open();
    page.rig.app->resources().set_namespace("kube-public");
    page.rig.pass(2'000);
    CHECK(page.rig.shows("No Deployments in kube-public"));
    page.rig.click(Role::button, "All namespaces");
    page.rig.pass(2'000);
    CHECK(page.rows() == std::vector<std::string>{"web"});
}

TEST_CASE("five thousand rows draw only what is on screen, as a list, as cards, and narrow") {
    Page page;
    page.rig.start();
    for (int i = 0; i < 5'000; ++i) {
        (void)page.rig.cluster.store().create({"configmaps", "default", "c-" + std::to_string(i)}, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "c-" + std::to_string(i)}, {"namespace", "default"}}}, {"data", {{"a", "b"}}}});
    }
    page.rig.click(Role::button, "Resources");
    page.rig.pass(1'000);
    page.show("ConfigMaps");
    page.rig.pass(6'000);
    CHECK(page.rig.app->resources().rows().size() == 5'000);
    CHECK(page.rows().size() < 60);
    CHECK(page.rows().size() > 10);
    CHECK(page.rows()[1] == "c-1");
    page.rig.press(ImGuiKey_End);
    page.rig.pass(200);
    CHECK(page.rows().back() == "c-4999");
    page.rig.click(Role::button, "Show as cards");
    page.rig.pass(200);
    CHECK(page.rows().size() < 80);
    page.rig.click(Role::button, "Show as a list");
    page.rig.resize(390, 844);
    page.rig.pass(200);
    CHECK(page.rows().size() < 40);
    CHECK(page.rows().size() > 5);
    check_all_recorded(page.rig);
}

TEST_CASE("narrow windows choose the kind from a list and show details in place of the list") {
    Page page({.input = {.width = 390, .height = 844, .coarse_pointer = true}});
    page.make("web");
    page.open();
    page.rig.pass(5'000);
    CHECK_FALSE(page.rig.find(Role::navigation, "Kinds"));
    CHECK(page.rig.find(Role::combobox, "Kind"));
    CHECK(page.row("web").find("default") != std::string::npos);
    check_all_recorded(page.rig);
    page.rig.click(Role::row, "web");
    page.rig.pass(500);
    CHECK(page.rig.find(Role::region, "Details of web"));
    CHECK(page.rows().empty());
    page.rig.click(Role::button, "Back to the list");
    page.rig.pass(200);
    CHECK(page.rows() == std::vector<std::string>{"web"});
}

TEST_CASE("an address leads to a list and an object of it, and follows what is shown") {
    Page page;
    page.make("web");
    page.rig.app->go(model::read_route("view=resources&kind=apis%2Fapps%2Fv1%2Fdeployments&namespace=default&object=default%2Fweb"));
    page.rig.start();
    page.rig.pass(2'000);
    CHECK(page.rig.find(Role::region, "Details of web"));
    const std::string address = model::write_route(page.rig.app->route(), "");
    CHECK(address.starts_with("view=resources&"));
    CHECK(address.ends_with("&kind=apis%2Fapps%2Fv1%2Fdeployments&namespace=default&object=default%2Fweb"));
    page.show("Pods");
    CHECK(page.rig.app->route().resources.type == "api/v1/pods");
    CHECK(page.rig.app->route().resources.object.empty());
    page.rig.app->set_rail("clusters");
    page.rig.settle();
    CHECK(page.rig.app->route().resources.type.empty());
    page.rig.pass(1'000);
    const int before = page.rig.interceptor->count("/api/proxy") + page.rig.interceptor->count("/api/watch/subscribe");
    page.rig.pass(30'000);
    CHECK(page.rig.interceptor->count("/api/proxy") + page.rig.interceptor->count("/api/watch/subscribe") == before);  // closed, it asks nothing
}

TEST_CASE("pictures of the Resources page", "[.shot]") {
    const char* folder = std::getenv("BINNACLE_SHOTS");
    REQUIRE(folder != nullptr);
    const std::string dir = std::string(folder) + "/";
    Page page;
    page.rig.start();
    page.rig.app->run();
    page.make("web-with-a-rather-long-name-that-will-not-fit", "nginx:1.27", 3);
    page.make("broken", "nginx:nonexistent");
    page.rig.pass(40'000);
    page.rig.click(Role::button, "Resources");
    page.rig.pass(5'000);
    REQUIRE(write_picture(page.rig, dir + "resources-list.ppm"));
    page.show("Pods");
    page.rig.pass(3'000);
    REQUIRE(write_picture(page.rig, dir + "resources-pods.ppm"));
    page.show("Deployments");
    page.rig.click(Role::row, "broken");
    page.rig.pass(2'000);
    REQUIRE(write_picture(page.rig, dir + "resources-details.ppm"));
    page.rig.click(Role::tab, "YAML");
    page.rig.pass(300);
    REQUIRE(write_picture(page.rig, dir + "resources-yaml.ppm"));
    page.rig.app->set_theme(model::ThemeChoice::light);
    page.rig.settle();
    REQUIRE(write_picture(page.rig, dir + "resources-yaml-light.ppm"));
    page.rig.press(ImGuiKey_Escape);
    page.rig.pass(300);
    REQUIRE(write_picture(page.rig, dir + "resources-light.ppm"));
    page.rig.click(Role::button, "Show as cards");
    page.rig.pass(300);
    REQUIRE(write_picture(page.rig, dir + "resources-cards-light.ppm"));
    page.rig.app->set_theme(model::ThemeChoice::dark);
    page.rig.app->resources().set_namespace("kube-public");
    page.rig.pass(2'000);
    REQUIRE(write_picture(page.rig, dir + "resources-empty.ppm"));
    page.rig.app->resources().set_namespace("");
    page.rig.resize(820, 900);
    page.rig.pass(2'000);
    REQUIRE(write_picture(page.rig, dir + "resources-compact.ppm"));
    page.rig.input.coarse_pointer = true;
    page.rig.input.pixel_ratio = 2;
    page.rig.resize(390, 844);
    page.rig.pass(1'000);
    REQUIRE(write_picture(page.rig, dir + "resources-phone.ppm"));
    page.rig.click(Role::row, "broken");
    page.rig.pass(1'000);
    REQUIRE(write_picture(page.rig, dir + "resources-phone-details.ppm"));
}
