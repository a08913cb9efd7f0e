// What an import makes of files: golden analyses, what each construct becomes, hostile input.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "hub/import_analysis.hpp"
#include "hub/import_compose_values.hpp"
#include "hub/workflow_rules.hpp"

using namespace hub;

namespace {

std::string data_path(const std::string& name) { return std::string(BINNACLE_TEST_DATA) + "/hub/import/" + name; }

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    INFO(path);
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// BINNACLE_WRITE_GOLDEN=1 writes the file anew, for review in the diff.
Json check_golden(const std::string& name, const std::string& ns = {}) {
    const Json got = analyze_import(read_file(data_path(name + ".yaml")), {.file_name = name + ".yaml", .ns = ns});
    const std::string golden = data_path(name + ".analysis.json");
    if (std::getenv("BINNACLE_WRITE_GOLDEN")) std::ofstream(golden) << got.dump(2) << "\n";
    CHECK(got.dump(2) + "\n" == read_file(golden));
    CHECK(check_structure(got["suggestedNodes"], got["suggestedEdges"]).empty());
    return got;
}

Json analyze(std::string_view text, std::string file = "compose.yaml") { return analyze_import(text, {.file_name = std::move(file)}); }

const Json& node_of(const Json& analysis, const std::string& id) {
    for (const Json& node : analysis["suggestedNodes"]) {
        if (node["id"] == id) return node;
    }
    FAIL("there is no node " << id << " in " << analysis["suggestedNodes"].dump());
    return shared_null();
}

bool has_edge(const Json& analysis, const std::string& source, const std::string& target) {
    return std::any_of(analysis["suggestedEdges"].begin(), analysis["suggestedEdges"].end(), [&](const Json& edge) { return edge["source"] == source && edge["target"] == target; });
}

// The line of the first issue of that code; 0 when it has none, -1 when there is no such issue.
int line_of_issue(const Json& list, std::string_view code) {
    for (const Json& issue : list) {
        if (issue["code"] == code) return static_cast<int>(number_at(issue, 0, "line"));
    }
    return -1;
}

}  // namespace

TEST_CASE("a compose file of a shop gives its golden analysis, and no secret value of it") {
    const Json analysis = check_golden("shop.compose");
    CHECK(analysis["detectedType"] == "docker-compose");
    CHECK(analysis["errors"].empty());
    CHECK(analysis["needsBuild"] == true);
    CHECK(analysis["sourceBuildConfig"]["api_gateway"]["dockerfile"] == "Dockerfile.prod");
    const std::string words = analysis.dump();
    CHECK(words.find("s3cret") == std::string::npos);
    CHECK(words.find("never-in-the-answer") == std::string::npos);
    // What the file says in other words.
    const Json& storefront = node_of(analysis, "deployment-storefront")["data"];
    CHECK(storefront["image"] == "ghcr.io/acme/storefront:2.4");
    CHECK(storefront["replicas"] == 3);
    CHECK(storefront["memory"] == "256Mi");
    CHECK(storefront["resources"]["limits"]["cpu"] == "500m");
    CHECK(storefront["env"]["THEME"] == "harbour");
    CHECK(node_of(analysis, "statefulset-db")["data"]["mountPath"] == "/var/lib/postgresql/data");
    CHECK(node_of(analysis, "job-migrate")["data"]["args"] == Json::array({"node", "migrate.js"}));
    CHECK(node_of(analysis, "daemonset-agent")["type"] == "daemonset");
    CHECK(node_of(analysis, "deployment-api-gateway")["data"]["args"] == Json::array({"node", "server.js", "--port", "3000"}));
    CHECK(node_of(analysis, "deployment-worker")["data"]["command"] == Json::array({"/usr/bin/worker"}));
    CHECK(has_edge(analysis, "service-storefront", "deployment-storefront"));
    CHECK(has_edge(analysis, "secret-api-gateway-secrets", "deployment-api-gateway"));
    CHECK(has_edge(analysis, "persistentvolumeclaim-uploads", "deployment-worker"));
    CHECK(has_edge(analysis, "configmap-worker-rules", "deployment-worker"));
    CHECK(has_edge(analysis, "secret-smtp", "deployment-worker"));
}

TEST_CASE("a compose file with mistakes names each with its line") {
    const Json analysis = check_golden("broken.compose");
    CHECK(line_of_issue(analysis["errors"], "invalid_image") == 3);
    CHECK(line_of_issue(analysis["errors"], "invalid_port") == 4);
    CHECK(line_of_issue(analysis["errors"], "depends_on_cycle") > 0);
    CHECK(line_of_issue(analysis["errors"], "unknown_service") == 7);
    CHECK(line_of_issue(analysis["errors"], "no_image") == 6);
    CHECK(line_of_issue(analysis["errors"], "unknown_volume") == 11);
    CHECK(line_of_issue(analysis["warnings"], "unknown_field") == 8);
    CHECK(line_of_issue(analysis["warnings"], "anonymous_volume") == 11);
    CHECK(line_of_issue(analysis["warnings"], "bind_mount") == 11);
    CHECK(line_of_issue(analysis["warnings"], "asked_at_run") == 12);
    CHECK(line_of_issue(analysis["warnings"], "variable") == 12);
    // UDP ports of a range, each with its host's.
    const Json& ports = node_of(analysis, "service-web")["data"]["ports"];
    CHECK(ports.size() == 3);
    CHECK(ports[2]["protocol"] == "UDP");
    CHECK(ports[2]["port"] == 9002);
}

TEST_CASE("manifests of a shop give their golden analysis, and no secret value of them") {
    const Json analysis = check_golden("shop.kubernetes");
    CHECK(analysis["detectedType"] == "kubernetes");
    CHECK(analysis["errors"].empty());
    const std::string words = analysis.dump();
    CHECK(words.find("never-in-the-answer") == std::string::npos);
    CHECK(words.find("bmV2ZXIg") == std::string::npos);
    const Json& api = node_of(analysis, "deployment-api")["data"];
    CHECK(api["image"] == "ghcr.io/acme/api:2.4");
    CHECK(api["strategy"] == "Recreate");
    CHECK(api["labels"] == Json{{"team", "checkout"}});
    CHECK(api["envKeys"] == Json::array({{{"id", "ADMIN_TOKEN"}, {"name", "ADMIN_TOKEN"}}}));
    const Json& ports = node_of(analysis, "service-api")["data"]["ports"];
    CHECK(ports[0]["targetPort"] == 3000);  // by the container's name for it
    CHECK(ports[0]["nodePort"] == 30080);
    CHECK(has_edge(analysis, "ingress-shop", "service-api"));
    CHECK(has_edge(analysis, "service-api", "deployment-api"));
    CHECK(has_edge(analysis, "secret-api-keys", "deployment-api"));
    CHECK(has_edge(analysis, "configmap-api-config", "deployment-api"));
    CHECK(has_edge(analysis, "persistentvolumeclaim-uploads", "deployment-api"));
    CHECK(has_edge(analysis, "hpa-api", "deployment-api"));
    CHECK(has_edge(analysis, "networkpolicy-api-only", "deployment-api"));
    CHECK(node_of(analysis, "ingress-shop-2")["data"]["host"] == "admin.example");
    CHECK(line_of_issue(analysis["warnings"], "more_containers") > 0);
    CHECK(line_of_issue(analysis["warnings"], "missing_reference") > 0);  // the service of admin.example
}

TEST_CASE("a list, and documents with mistakes, give what can be read and an error for the rest") {
    const Json analysis = check_golden("batch.kubernetes", "shop");
    CHECK(node_of(analysis, "statefulset-db")["data"]["storage"] == "20Gi");
    CHECK(node_of(analysis, "statefulset-db")["data"]["namespace"] == "shop");
    CHECK(node_of(analysis, "service-db")["data"]["headless"] == true);
    CHECK(node_of(analysis, "cronjob-backup")["data"]["schedule"] == "0 3 * * *");
    CHECK(line_of_issue(analysis["warnings"], "unsupported_kind") == 38);
    CHECK(line_of_issue(analysis["errors"], "not_an_object") == 41);
    CHECK(line_of_issue(analysis["errors"], "no_name") > 41);
    CHECK(line_of_issue(analysis["errors"], "no_container") > 0);
    CHECK(line_of_issue(analysis["errors"], "invalid_yaml") >= 54);
}

TEST_CASE("what is neither compose nor manifests is told, with what was expected") {
    CHECK(line_of_issue(analyze("", "x.yaml")["errors"], "empty") == 0);
    CHECK(line_of_issue(analyze("a: 1\n", "x.yaml")["errors"], "unknown_format") == 1);
    CHECK(text_at(analyze("web:\n  image: nginx\n")["errors"][0], "message").find("\"services\"") != std::string::npos);
    CHECK(line_of_issue(analyze("services: []\n")["errors"], "no_services") == 1);
    CHECK(line_of_issue(analyze("services: {web: 7}\n")["errors"], "not_a_service") == 1);
    CHECK(line_of_issue(analyze("services:\n  web:\n   image: x\n  image: y: z\n")["errors"], "invalid_yaml") == 4);
    CHECK(line_of_issue(analyze("apiVersion: v1\nkind: {{ .Values.kind }}\n", "x.yaml")["errors"], "template") == 2);
    CHECK(analyze("{{{")["detectedType"] == "unknown");
    CHECK(line_of_issue(analyze("include: [other.yaml]\nservices: {a: {image: x}}\n")["errors"], "include") == 1);
}

TEST_CASE("an import is a layout: what leads to another stands left of it, and nothing on another") {
    for (const char* name : {"shop.compose", "shop.kubernetes", "batch.kubernetes"}) {
        const Json analysis = analyze_import(read_file(data_path(std::string(name) + ".yaml")), {});
        INFO(name);
        const Json& places = analysis["layoutPositions"];
        for (const Json& edge : analysis["suggestedEdges"]) {
            CHECK(places[text_at(edge, "source")]["x"].get<int>() < places[text_at(edge, "target")]["x"].get<int>());
        }
        for (const Json& a : analysis["suggestedNodes"]) {
            CHECK(a["position"] == places[text_at(a, "id")]);
            for (const Json& b : analysis["suggestedNodes"]) {
                if (a["id"] == b["id"] || a["position"]["x"] != b["position"]["x"]) continue;
                CHECK(std::abs(a["position"]["y"].get<int>() - b["position"]["y"].get<int>()) >= 72);
            }
        }
    }
}

TEST_CASE("hostile files cost little and are refused with a reason") {
    // An alias bomb.
    std::string bomb = "services:\n  a0: &a0 {image: x, labels: [x, x, x, x, x, x, x, x, x, x]}\n";
    for (int i = 1; i < 12; ++i) {
        bomb += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " {labels: [";
        for (int k = 0; k < 10; ++k) bomb += (k ? ", *a" : "*a") + std::to_string(i - 1);
        bomb += "]}\n";
    }
    CHECK(line_of_issue(analyze(bomb)["errors"], "too_large") > 1);
    // One byte more than a megabyte.
    CHECK(line_of_issue(analyze(std::string(kMaxImportBytes + 1, '#'))["errors"], "too_large") == 0);
    CHECK(line_of_issue(analyze(std::string(kMaxImportBytes, '#'))["errors"], "empty") == 0);
    // Everybody waits for the next one, in a ring; and one for itself.
    std::string ring = "services:\n";
    for (int i = 0; i < 500; ++i) ring += "  s" + std::to_string(i) + ": {image: x, depends_on: [s" + std::to_string((i + 1) % 500) + "]}\n";
    const Json cycle = analyze(ring);
    CHECK(line_of_issue(cycle["errors"], "depends_on_cycle") > 0);
    CHECK(text_at(cycle["errors"][0], "message").size() < 300);
    CHECK(cycle["suggestedNodes"].size() == 500);
    CHECK(text_at(analyze("services: {a: {image: x, depends_on: [a]}}\n")["errors"][0], "message").find("a → a") != std::string::npos);
    // More nodes than a canvas is for.
    std::string many = "services:\n";
    for (int i = 0; i < 1'500; ++i) many += "  s" + std::to_string(i) + ": {image: x, ports: [80]}\n";
    const Json full = analyze(many);
    CHECK(full["suggestedNodes"].size() == 1'000);
    CHECK(line_of_issue(full["errors"], "too_many_objects") == 0);
    CHECK(check_structure(full["suggestedNodes"], full["suggestedEdges"]).empty());
    std::string objects;
    for (int i = 0; i < 1'500; ++i) objects += "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s" + std::to_string(i) + "}\n";
    CHECK(line_of_issue(analyze(objects)["errors"], "too_many_objects") > 4'000);
    // Names and values of odd types and sizes.
    const Json odd = analyze("services:\n  ? ''\n  : {image: [], ports: {a: b}, environment: 7, volumes: x, depends_on: {x: null}, deploy: []}\n  '" + std::string(5'000, 'A') +
                             "': {image: 12, command: {}, environment: [[], {}, '=x', a], secrets: [{}], scale: -1}\n");
    CHECK(check_structure(odd["suggestedNodes"], odd["suggestedEdges"]).empty());
    CHECK(analyze("services:\n  a: {image: '" + std::string(200'000, '$') + "{x:-'}\n").contains("errors"));
}

TEST_CASE("issues are counted, not listed without end") {
    std::string text = "services:\n  web:\n    image: nginx\n    ports:\n";
    for (int i = 0; i < 500; ++i) text += "    - x" + std::to_string(i) + "\n";
    const Json errors = analyze(text)["errors"];
    CHECK(errors.size() == 201);
    CHECK(errors.back()["message"] == "And 300 more of these.");
}

TEST_CASE("compose variables take their defaults; what has no value is named") {
    CHECK(interpolate("a$$b ${X:-y} ${X-${Y:-z}}").text == "a$b y z");
    CHECK(interpolate("$A-${B}-${C:?needed}").missing == std::vector<std::string>{"A", "B", "C"});
    CHECK(interpolate("${X:+other}").missing.empty());
    CHECK(interpolate("${unclosed").text == "${unclosed");
    CHECK(interpolate("cost: 5$").text == "cost: 5$");
}

TEST_CASE("compose ports in all their forms") {
    using Ports = std::vector<ComposePort>;
    const auto port = [](const char* text) { return parse_compose_port(Json(text)); };
    CHECK(port("80") == Ports{{80, 0, "TCP"}});
    CHECK(port("8080:80") == Ports{{80, 8080, "TCP"}});
    CHECK(port("127.0.0.1:8080:80/udp") == Ports{{80, 8080, "UDP"}});
    CHECK(port("[::1]:8080:80") == Ports{{80, 8080, "TCP"}});
    CHECK(port("3000-3001") == Ports{{3000, 0, "TCP"}, {3001, 0, "TCP"}});
    CHECK(port("9000-9001:80-81") == Ports{{80, 9000, "TCP"}, {81, 9001, "TCP"}});
    CHECK(port("8000-9000:80") == std::nullopt);  // a range too long to mean anything
    CHECK(port("8000-8010:80") == Ports{{80, 8000, "TCP"}});
    CHECK(parse_compose_port(Json(8080)) == Ports{{8080, 0, "TCP"}});
    CHECK(parse_compose_port(Json{{"target", 53}, {"published", "5353"}, {"protocol", "udp"}}) == Ports{{53, 5353, "UDP"}});
    for (const char* bad : {"", "0", "65536", "a:b", "80/sctp", "90-80"}) CHECK_FALSE(port(bad));
}

TEST_CASE("compose sizes, command lines and mounts") {
    CHECK(kube_memory("512M") == "512Mi");
    CHECK(kube_memory("1.5gb") == "1536Mi");
    CHECK(kube_memory("100") == "100");
    CHECK(kube_memory("much").empty());
    CHECK(kube_cpu("0.25") == "250m");
    CHECK(kube_cpu("2") == "2");
    CHECK(kube_cpu("-1").empty());
    CHECK(shell_words("a 'b c' \"d \\\" e\" f\\ g ''") == std::vector<std::string>{"a", "b c", "d \" e", "f g", ""});
    CHECK(parse_compose_mount(Json("data:/var/data:ro"))->target == "/var/data");
    CHECK(parse_compose_mount(Json("./x:/y"))->kind == ComposeMount::Kind::bind);
    CHECK(parse_compose_mount(Json("C:\\x:/y"))->source == "C:\\x");
    CHECK(parse_compose_mount(Json("/only"))->kind == ComposeMount::Kind::anonymous);
    CHECK(parse_compose_mount(Json{{"type", "tmpfs"}, {"target", "/t"}})->kind == ComposeMount::Kind::tmpfs);
    CHECK_FALSE(parse_compose_mount(Json{{"type", "npipe"}, {"target", "/t"}}));
}
