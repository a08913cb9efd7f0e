#include <catch2/catch_test_macros.hpp>

#include "feeds_rig.hpp"
#include "model/plugins.hpp"
#include "model/query_keys.hpp"
#include "model/registries.hpp"

using namespace model;
using namespace model::testing;

namespace {

Json registry(const std::string& id, bool is_default, const std::string& status = "unknown") {
    return {{"id", id}, {"name", "R " + id}, {"registryType", "ghcr"}, {"registryUrl", "ghcr.io"}, {"isDefault", is_default}, {"status", status}, {"lastCheck", nullptr}};
}

Json plugin(const std::string& id, const std::string& category, bool enabled) {
    return {{"id", id}, {"displayName", id}, {"category", category}, {"crdKinds", Json::array({"Thing"})}, {"enabled", enabled},
            {"nodeTypes", Json::array({{{"name", "thing"}, {"displayName", "Thing"}, {"defaultYaml", "kind: Thing\n"}, {"fields", Json::array({{{"id", "a"}, {"label", "A"}, {"required", true}}})}}})}};
}

}  // namespace

TEST_CASE("registries are read once, and their default is known") {
    FeedsRig rig;
    Registries registries(rig.context);
    rig.hub.replies["GET /registries"] = {200, {{"registries", Json::array({registry("a", false), registry("b", true)})}}};
    registries.ensure();
    registries.ensure();
    rig.pass();
    registries.ensure();
    rig.pass();
    CHECK(rig.hub.count("GET /registries") == 1);
    REQUIRE(registries.default_registry());
    CHECK(registries.default_registry()->id == "b");
    CHECK(registries.find("a")->url == "ghcr.io");
    CHECK((rig.topics & kTopicPages) != 0);
}

TEST_CASE("registries that cannot be read again stay, with their age and the reason, until they can") {
    FeedsRig rig;
    Registries registries(rig.context);
    rig.hub.replies["GET /registries"] = {200, {{"registries", Json::array({registry("a", true)})}}};
    registries.ensure();
    rig.pass();
    const std::int64_t read_at_ms = registries.state().loaded_at_ms;
    CHECK(read_at_ms > 0);
    rig.hub.replies["GET /registries"] = {503, {{"error", "disk away"}}};
    rig.pass(10'000);
    registries.reload();
    rig.pass();
    CHECK(registries.state().phase == LoadPhase::ready);
    CHECK(registries.state().error.message == "disk away");
    CHECK(registries.state().registries.size() == 1);
    CHECK(registries.state().loaded_at_ms == read_at_ms);
    rig.hub.replies["GET /registries"] = {200, {{"registries", Json::array({registry("a", true)})}}};
    rig.pass(3'000);  // by itself
    CHECK(registries.state().error.message.empty());
    CHECK(registries.state().loaded_at_ms > read_at_ms);
}

TEST_CASE("saving a registry answers its form, and reads the list again") {
    FeedsRig rig;
    Registries registries(rig.context);
    rig.hub.replies["GET /registries"] = {200, {{"registries", Json::array()}}};
    rig.hub.replies["POST /admin/registries"] = {400, {{"error", "credentials.password: is needed"}}};
    std::vector<std::string> answers;
    const auto done = [&](base::Result<void> saved) { answers.push_back(saved ? "saved" : saved.error().message); };
    registries.save("", {{"name", "x"}}, done);
    rig.pass();
    rig.hub.replies["POST /admin/registries"] = {201, {{"registry", registry("a", true)}}};
    registries.save("", {{"name", "x"}}, done);
    rig.pass();
    rig.hub.replies["PUT /admin/registries/a"] = {200, {{"registry", registry("a", true)}}};
    registries.save("a", {{"name", "y"}}, done);
    rig.pass();
    CHECK(answers == std::vector<std::string>{"credentials.password: is needed", "saved", "saved"});
    CHECK(rig.hub.count("GET /registries") == 2);
}

TEST_CASE("a check marks its registry busy, tells how it went, and does not run twice") {
    FeedsRig rig;
    Registries registries(rig.context);
    rig.hub.replies["GET /registries"] = {200, {{"registries", Json::array({registry("a", true)})}}};
    registries.ensure();
    rig.pass();
    rig.hub.replies["POST /admin/registries/a/test"] = {503, {{"error", "The registry refuses the credentials"}, {"details", Json::array({"Enter them again."})}}};
    registries.test("a");
    registries.test("a");
    CHECK(registries.state().busy.contains("a"));
    rig.pass();
    CHECK(registries.state().busy.empty());
    CHECK(rig.hub.count("POST /admin/registries/a/test") == 1);
    CHECK(rig.toasts == std::vector<std::string>{"R a: the check failed"});
    rig.hub.replies["POST /admin/registries/a/test"] = {200, {{"status", "connected"}, {"message", "ok"}}};
    registries.test("a");
    rig.pass();
    CHECK(rig.toasts.back() == "R a is connected");
    CHECK(rig.hub.count("GET /registries") == 3);
}

TEST_CASE("a look-up keeps the question beside its answer") {
    FeedsRig rig;
    Registries registries(rig.context);
    rig.hub.replies["GET /registries/lookup?image=ghcr.io%2Fa%2Fb"] = {200, {{"found", true}, {"message", "from GitHub"}}};
    registries.lookup("ghcr.io/a/b");
    CHECK(registries.state().lookup_answer.empty());
    rig.pass();
    CHECK(registries.state().lookup_answer == "from GitHub");
    registries.lookup("nonsense");
    rig.pass();
    CHECK(registries.state().lookup_failed);
    registries.clear();
    CHECK(registries.state() == RegistriesState{});
}

TEST_CASE("a plugin is enabled at once, its node types are read, and a refusal takes it back") {
    FeedsRig rig;
    int read_types = 0;
    Plugins plugins(rig.context, [&] { ++read_types; });
    rig.hub.replies["GET /plugins"] = {200, {{"plugins", Json::array({plugin("keda", "Scaling", false), plugin("istio", "Mesh", true), plugin("linkerd", "Mesh", false)})}}};
    plugins.ensure();
    rig.pass();
    REQUIRE(plugins.state().plugins.size() == 3);
    CHECK(plugins.state().categories == std::vector<std::string>{"Scaling", "Mesh"});
    CHECK(plugins.state().plugins[0].node_types[0].fields == std::vector<std::string>{"A *"});
    CHECK(plugins.enabled_count() == 1);
    rig.hub.replies["POST /plugins/keda/enable"] = {200, Json::object()};
    plugins.set_enabled("keda", true);
    CHECK(plugins.enabled_count() == 2);
    CHECK(plugins.state().busy.contains("keda"));
    plugins.set_enabled("keda", false);  // not while the first is under way
    rig.pass();
    CHECK(plugins.enabled_count() == 2);
    CHECK(read_types == 1);
    rig.hub.replies["POST /plugins/istio/disable"] = {403, {{"error", "Only an admin may enable or disable plugins."}}};
    plugins.set_enabled("istio", false);
    rig.pass();
    CHECK(plugins.enabled_count() == 2);
    CHECK(read_types == 1);
    CHECK(rig.toasts.size() == 1);
    CHECK(plugins.state().busy.empty());
    // The cache knows it too: reading the list again brings nothing older back.
    CHECK(rig.queries.get_data(keys::plugins())->member("plugins").item(0).boolean_or("enabled", false));
    plugins.set_enabled("unknown", true);
    plugins.set_enabled("istio", true);  // as it is
    rig.pass();
    CHECK(rig.hub.calls.size() == 3);
}

TEST_CASE("a catalogue that cannot be read says why") {
    FeedsRig rig;
    Plugins plugins(rig.context, [] {});
    plugins.ensure();
    rig.pass();
    CHECK(plugins.state().phase == LoadPhase::failed);
    plugins.ensure();  // a frame that draws the error does not ask again
    rig.pass();
    CHECK(rig.hub.calls.size() == 1);
    plugins.clear();
    CHECK(plugins.state() == PluginsState{});
}
