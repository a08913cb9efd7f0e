#include <catch2/catch_test_macros.hpp>

#include <set>

#include "base/text.hpp"
#include "fake_kube.hpp"
#include "hub/plugin_catalogue.hpp"
#include "hub/workflow_rules.hpp"
#include "base/yaml_text.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kCertificates = "/apis/cert-manager.io/v1/namespaces/default/certificates/";

Json certificate(Json more = Json::object()) {
    Json data = {{"name", "shop-cert"}, {"dnsNames", Json::array({"shop.example"})}, {"secretName", "shop-tls"}, {"issuer", "letsencrypt"}};
    data.update(more);
    return node("c", "certificate", std::move(data));
}

}  // namespace

TEST_CASE("the catalogue is sound: thirteen categories, every plugin with kinds, node types and fields") {
    CHECK(plugins().size() >= 24);
    CHECK(plugin_categories().size() == 13);
    std::set<std::string_view> ids;
    std::set<std::string_view> types;
    for (const Plugin& plugin : plugins()) {
        INFO(plugin.id);
        CHECK(ids.insert(plugin.id).second);
        CHECK_FALSE(plugin.crd_kinds.empty());
        CHECK(plugin.home.starts_with("https://"));
        CHECK_FALSE(plugin.node_types.empty());
        for (const PluginNodeType& type : plugin.node_types) {
            INFO(type.name);
            CHECK(types.insert(type.name).second);
            CHECK(is_dns_label(type.name));
            CHECK_FALSE(type.fields.empty());
            CHECK(type.api_version.starts_with(std::string(plugin.crd_group) + "/"));
            CHECK((" " + std::string(plugin.crd_kinds) + " ").find(" " + std::string(type.kube_kind) + " ") != std::string::npos);
            REQUIRE(base::parse_json(type.body));
            const auto kind = node_kind_from_type(type.name);
            REQUIRE(kind);
            CHECK(plugin_node_type(*kind) == &type);
            CHECK(plugin_of(*kind) == &plugin);
            CHECK(info_of(*kind).kube_kind == type.kube_kind);
        }
    }
    for (const NodeKindInfo& core : kNodeKinds) CHECK_FALSE(types.contains(core.type));
}

TEST_CASE("every mark of a body names a field, and every field is used") {
    for (const Plugin& plugin : plugins()) {
        for (const PluginNodeType& type : plugin.node_types) {
            INFO(type.name);
            for (const PluginField& field : type.fields) {
                INFO(field.id);
                const std::string body(type.body);
                const std::string id(field.id);
                const bool used = body.find("$" + id + "\"") != std::string::npos || body.find("$*" + id + "\"") != std::string::npos || body.find("$%" + id + "\"") != std::string::npos ||
                                  body.find("$?" + id + "\"") != std::string::npos || body.find("$~" + id + "\"") != std::string::npos || body.find("${" + id + "}") != std::string::npos;
                CHECK(used);
                if (field.type == PluginFieldType::lines) CHECK(body.find("$*" + id) != std::string::npos);
                if (field.type == PluginFieldType::pairs) CHECK(body.find("$%" + id) != std::string::npos);
            }
            // With examples for everything nothing is left unfilled.
            CHECK(default_yaml(type).find('$') == std::string::npos);
        }
    }
}

TEST_CASE("presets and examples of a node type pass its own checks") {
    for (const Plugin& plugin : plugins()) {
        for (const PluginNodeType& type : plugin.node_types) {
            Json data = Json::object();
            for (const PluginField& field : type.fields) {
                const std::string_view text = field.preset.empty() ? field.placeholder : field.preset;
                if (!text.empty()) data[std::string(field.id)] = field.type == PluginFieldType::json ? std::string(text) : base::replace_all(text, "|", "\n");
            }
            const auto problems = check_fields(type, data);
            INFO(type.name << (problems.empty() ? "" : ": " + std::string(problems.front().field) + " " + problems.front().message));
            CHECK(problems.empty());
        }
    }
}

TEST_CASE("a body takes numbers as numbers, lists as lists, and leaves out what is empty") {
    const PluginNodeType& route = *plugin_node_type(*node_kind_from_type("http-route"));
    Json body = fill_body(route, {{"gateway", "public"}, {"path", "/"}, {"service", "web"}, {"port", "8080"}});
    CHECK(body["spec"]["rules"][0]["backendRefs"][0]["port"] == 8080);
    CHECK_FALSE(body["spec"].contains("hostnames"));
    body = fill_body(route, {{"hostnames", Json::array({"a.example", " "})}, {"port", 80}});
    CHECK(body["spec"]["hostnames"] == Json::array({"a.example"}));
    const PluginNodeType& topic = *plugin_node_type(*node_kind_from_type("kafka-topic"));
    body = fill_body(topic, {{"cluster", "events"}, {"config", "retention.ms = 5\nnonsense"}});
    CHECK(text_at(body, "metadata", "labels", "strimzi.io/cluster") == "events");
    CHECK(body["spec"]["config"] == Json({{"retention.ms", "5"}}));
    const PluginNodeType& policy = *plugin_node_type(*node_kind_from_type("kyverno-policy"));
    body = fill_body(policy, {{"kinds", Json::array({"Pod"})}, {"label", "team"}});
    CHECK(text_at(body["spec"]["rules"][0], "validate", "pattern", "metadata", "labels", "team") == "?*");
    const PluginNodeType& application = *plugin_node_type(*node_kind_from_type("argocd-application"));
    CHECK(fill_body(application, {{"prune", "true"}})["spec"]["syncPolicy"]["automated"]["prune"] == true);
}

TEST_CASE("YAML quotes what it would misread") {
    CHECK(base::yaml_text({{"a", "x"}, {"b", "true"}, {"c", "8080"}, {"d", 8080}, {"e", "0 3 * * *"}, {"f", ""}, {"g", Json::array()}, {"h", "*.example"}, {"i", "k: v"}, {"j", "2160h"}}) ==
          "a: x\nb: \"true\"\nc: \"8080\"\nd: 8080\ne: 0 3 * * *\nf: \"\"\ng: []\nh: \"*.example\"\ni: \"k: v\"\nj: 2160h\n");
    CHECK(base::yaml_text({{"list", Json::array({{{"name", "a"}, {"port", 1}}, Json::array({1, 2})})}}) == "list:\n  - name: a\n    port: 1\n  - - 1\n    - 2\n");
    CHECK(default_yaml(*plugin_node_type(*node_kind_from_type("certificate"))).starts_with("apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata:\n  name: certificate\n"));
}

TEST_CASE("enabling a plugin adds its node types, is kept over a restart, and disabling takes them away") {
    FakeKube kube;
    HubRig rig(kube);
    const auto template_of = [&](const std::string& type) {
        const Answer answer = rig.call("GET", "/templates");
        for (const Json& entry : array_at(answer.body, "templates")) {
            if (text_at(entry, "type") == type) return entry;
        }
        return Json();
    };
    CHECK(rig.call("GET", "/templates").body["templates"].size() == 12);
    const Answer all = rig.call("GET", "/plugins");
    CHECK(all.body["plugins"].size() == plugins().size());
    CHECK_FALSE(flag_at(all.body["plugins"][0], "enabled"));
    CHECK(rig.call("GET", "/plugins/categories").body["categories"].size() == 13);
    CHECK(rig.call("GET", "/plugins/enabled").body["plugins"].empty());
    CHECK(rig.call("POST", "/plugins/nope/enable").status == 404);
    REQUIRE(rig.call("POST", "/plugins/cert-manager/enable").status == 200);
    const Json entry = template_of("certificate");
    CHECK(text_at(entry, "id") == "cert-manager/certificate");
    CHECK(flag_at(entry, "isPlugin"));
    CHECK(text_at(entry, "pluginId") == "cert-manager");
    CHECK(entry["parameters"].size() >= 6);
    rig.start();
    CHECK(rig.call("GET", "/plugins/enabled").body["plugins"].size() == 1);
    CHECK_FALSE(template_of("certificate").is_null());
    const Answer one = rig.call("GET", "/plugins/cert-manager");
    CHECK(flag_at(one.body, "enabled"));
    CHECK(text_at(one.body["plugin"]["nodeTypes"][0], "defaultYaml").find("kind: Certificate") != std::string::npos);
    REQUIRE(rig.call("POST", "/plugins/cert-manager/disable").status == 200);
    CHECK(template_of("certificate").is_null());
}

TEST_CASE("a plugin's node is saved at any time, and runs once its plugin is enabled and its fields are filled in") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("w", Json::array({certificate({{"secretName", ""}, {"issuerKind", "Thing"}})}), Json::array());
    REQUIRE_FALSE(id.empty());
    const Answer problems = rig.call("GET", "/workflows/" + id + "/problems");
    INFO(dump_json(problems.body));
    REQUIRE(problems.body["problems"].size() == 3);
    CHECK(text_at(problems.body["problems"][0], "message").find("enable the plugin cert-manager") != std::string::npos);
    CHECK(text_at(problems.body["problems"][1], "path") == "nodes[0].data.secretName");
    CHECK(text_at(problems.body["problems"][2], "message").find("is not one of Issuer, ClusterIssuer") != std::string::npos);
    CHECK(rig.call("POST", "/workflows/" + id + "/run").status == 400);
    CHECK(kube.requests.empty());
    REQUIRE(rig.call("POST", "/plugins/cert-manager/enable").status == 200);
    REQUIRE(rig.call("PUT", "/workflows/" + id, {{"nodes", Json::array({certificate()})}, {"edges", Json::array()}}).status == 200);
    const Answer run = rig.call("POST", "/workflows/" + id + "/run");
    INFO(dump_json(run.body));
    REQUIRE(run.status == 200);
    const Json& object = kube.objects.at(kCertificates + "shop-cert");
    CHECK(text_at(object, "apiVersion") == "cert-manager.io/v1");
    CHECK(text_at(object, "spec", "issuerRef", "kind").empty());
    CHECK(text_at(object, "spec", "secretName") == "shop-tls");
    CHECK(text_at(object, "metadata", "labels", "binnacle.dev/workflow-id") == id);
    const auto stream = rig.open("/workflows/" + id + "/status/stream");
    kube.change(kCertificates + "shop-cert", "/status", {{"conditions", Json::array({{{"type", "Ready"}, {"status", "True"}, {"message", "Certificate is up to date"}}})}});
    rig.time.advance(1'000);
    INFO(stream->bytes);
    REQUIRE_FALSE(stream->of_type("node_update").empty());
    CHECK(text_at(stream->of_type("node_update").back().json(), "data", "status", "state") == "healthy");
    REQUIRE(rig.call("DELETE", "/workflows/" + id).status == 200);
    CHECK(kube.objects.empty());
}

TEST_CASE("a kind that the cluster does not know fails the run with the CRD's name, and nothing is watched in vain") {
    FakeKube kube;
    HubRig rig(kube);
    REQUIRE(rig.call("POST", "/plugins/cert-manager/enable").status == 200);
    const std::string id = rig.create_workflow("w", Json::array({certificate()}), Json::array());
    kube.failures["PATCH " + kCertificates + "shop-cert"] = {404, FakeKube::status(404, "NotFound", "the server could not find the requested resource")};
    const Answer run = rig.call("POST", "/workflows/" + id + "/run");
    CHECK(run.status == 500);
    const std::string why = text_at(run.body, "error");
    INFO(why);
    CHECK(why.find("certificates.cert-manager.io") != std::string::npos);
    CHECK(why.find("Install cert-manager") != std::string::npos);
    const auto stream = rig.open("/workflows/" + id + "/status/stream");
    rig.time.advance(60'000);
    CHECK(kube.count("GET /apis/cert-manager.io/v1/namespaces/default/certificates?") == 0);
    CHECK(stream->of_type("error").empty());
    const auto sync = stream->of_type("workflow_sync");
    const auto updates = stream->of_type("node_update");
    const std::string told = sync.back().data + (updates.empty() ? "" : updates.back().data);
    CHECK(told.find("certificates.cert-manager.io") != std::string::npos);
    CHECK(rig.call("DELETE", "/workflows/" + id).status == 200);
}
