// The operators of the sample kinds: what is created becomes Ready, and what cannot says why.
#include <catch2/catch_test_macros.hpp>

#include "controller_world.hpp"
#include "kube/cluster.hpp"
#include "kube/sample_resources.hpp"

namespace kube::testing {
namespace {

const std::string kZones = "dnszones.dns.networking.miloapis.com";
const std::string kRecords = "dnsrecordsets.dns.networking.miloapis.com";
const std::string kDomains = "domains.networking.datumapis.com";
const std::string kProxies = "httpproxies.networking.datumapis.com";
const std::string kPolicies = "exportpolicies.telemetry.miloapis.com";

Json object(const char* kind, const char* name, Json spec) {
    return {{"apiVersion", "example/v1"}, {"kind", kind}, {"metadata", {{"name", name}, {"namespace", "default"}}}, {"spec", std::move(spec)}};
}
Json zone(const char* name, const char* domain) { return object("DNSZone", name, {{"domainName", domain}}); }
Json records(const char* name, const char* of_zone) {
    return object("DNSRecordSet", name, {{"dnsZoneRef", {{"name", of_zone}}}, {"recordType", "A"}, {"records", Json::array({Json{{"name", "@"}}, Json{{"name", "www"}}})}});
}
std::string reason(const Json& object, const char* type) {
    const Json* found = condition(object, type);
    return found ? text(*found, {"status"}) + " " + text(*found, {"reason"}) : "absent";
}

TEST_CASE("a new DNS zone is accepted, then programmed and Ready") {
    World world;
    world.put(kZones, zone("shop", "shop.test"));
    REQUIRE(world.until([&] { return condition_is(world.get(kZones, "shop"), "Accepted", "True"); }));
    CHECK(reason(world.get(kZones, "shop"), "Ready") == "Unknown Pending");
    REQUIRE(world.until([&] { return condition_is(world.get(kZones, "shop"), "Ready", "True"); }));
    CHECK(array(world.get(kZones, "shop"), {"status", "nameservers"}).size() == 4);
    CHECK(world.events("Ready", "shop").size() == 1);
    const auto version = world.store.resource_version();
    world.time.advance(30'000);
    CHECK(world.store.resource_version() == version);  // at rest
}

TEST_CASE("a record set waits for its zone and is counted by it") {
    World world;
    world.put(kRecords, records("shop-a", "shop"));
    REQUIRE(world.until([&] { return reason(world.get(kRecords, "shop-a"), "Accepted") == "False DNSZoneNotFound"; }));
    CHECK(world.events("DNSZoneNotFound", "shop-a").size() == 1);
    world.put(kZones, zone("shop", "shop.test"));
    REQUIRE(world.until([&] { return condition_is(world.get(kRecords, "shop-a"), "Ready", "True"); }));
    REQUIRE(world.until([&] { return integer(world.get(kZones, "shop"), {"status", "recordCount"}) == 2; }));
    (void)world.store.remove({kRecords, "default", "shop-a"});
    CHECK(world.until([&] { return integer(world.get(kZones, "shop"), {"status", "recordCount"}, -1) == 0; }));
}

TEST_CASE("one domain has one zone; the other gets its turn when the first is deleted") {
    World world;
    world.put(kZones, zone("first", "shop.test"));
    REQUIRE(world.until([&] { return condition_is(world.get(kZones, "first"), "Ready", "True"); }));
    world.put(kZones, zone("second", "shop.test"));
    REQUIRE(world.until([&] { return reason(world.get(kZones, "second"), "Accepted") == "False DNSZoneInUse"; }));
    (void)world.store.remove({kZones, "default", "first"});
    CHECK(world.until([&] { return condition_is(world.get(kZones, "second"), "Ready", "True"); }));
}

TEST_CASE("a domain tells how to verify it, and stays unverified when its name never resolves") {
    World world;
    world.put(kDomains, object("Domain", "good", {{"domainName", "shop.test"}}));
    world.put(kDomains, object("Domain", "bad", {{"domainName", "shop.invalid"}}));
    REQUIRE(world.until([&] { return condition_is(world.get(kDomains, "good"), "Verified", "True"); }));
    REQUIRE(world.until([&] { return condition_is(world.get(kDomains, "bad"), "Verified", "False"); }));
    CHECK(text(world.get(kDomains, "bad"), {"status", "verification", "dnsRecord", "name"}) == "_dnsverify.shop.invalid");
    CHECK(reason(world.get(kDomains, "bad"), "Ready") == "False PendingVerification");
    CHECK(text(world.get(kDomains, "good"), {"status", "registration", "registrar", "name"}) == "Example Registrar");
}

TEST_CASE("a changed spec is judged anew") {
    World world;
    const auto proxy = [](const char* endpoint) { return Json{{"hostnames", {"www.shop.test"}}, {"rules", Json::array({Json{{"backends", Json::array({Json{{"endpoint", endpoint}}})}}})}}; };
    world.put(kProxies, object("HTTPProxy", "front", proxy("ftp://nowhere")));
    REQUIRE(world.until([&] { return reason(world.get(kProxies, "front"), "Accepted") == "False InvalidBackend"; }));
    world.change(kProxies, "front", [&](Json& changed) { changed["spec"] = proxy("http://web.invalid"); });
    REQUIRE(world.until([&] { return reason(world.get(kProxies, "front"), "Programmed") == "False BackendUnreachable"; }));
    world.change(kProxies, "front", [&](Json& changed) { changed["spec"] = proxy("http://web.default.svc"); });
    REQUIRE(world.until([&] { return condition_is(world.get(kProxies, "front"), "Ready", "True"); }));
    CHECK(array(world.get(kProxies, "front"), {"status", "hostnames"}).size() == 2);
    CHECK(integer(*condition(world.get(kProxies, "front"), "Ready"), {"observedGeneration"}) == 3);
}

TEST_CASE("an export policy reports on each sink") {
    World world;
    const auto policy = [](const char* endpoint) { return Json{{"sinks", Json::array({Json{{"name", "out"}, {"target", {{"prometheusRemoteWrite", {{"endpoint", endpoint}}}}}}})}}; };
    world.put(kPolicies, object("ExportPolicy", "good", policy("https://metrics.test/push")));
    world.put(kPolicies, object("ExportPolicy", "bad", policy("https://metrics.invalid/push")));
    REQUIRE(world.until([&] { return condition_is(world.get(kPolicies, "good"), "Ready", "True"); }));
    REQUIRE(world.until([&] { return reason(world.get(kPolicies, "bad"), "Ready") == "False SinkUnreachable"; }));
    CHECK(text(array(world.get(kPolicies, "good"), {"status", "sinks"})[0], {"name"}) == "out");
}

TEST_CASE("a new cluster has the samples, Ready after a moment, and keeps them over a restore") {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    Cluster cluster({time, random}, {});
    time.advance(20'000);
    const auto ready = [](Cluster& of, const std::string& resource, const char* name) {
        const ObjectPtr found = of.store().get({resource, "default", name});
        return found && condition_is(*found, "Ready", "True");
    };
    CHECK(ready(cluster, kZones, "shop-example"));
    CHECK(ready(cluster, kRecords, "shop-example-a"));
    CHECK(ready(cluster, kDomains, "shop-example"));
    CHECK_FALSE(ready(cluster, kDomains, "legacy-invalid"));
    CHECK(ready(cluster, kProxies, "storefront"));
    CHECK(ready(cluster, kPolicies, "metrics-to-grafana"));
    (void)cluster.store().remove({kProxies, "default", "storefront"});
    Cluster second({time, random}, {});
    REQUIRE(second.restore(cluster.snapshot()));
    CHECK(ready(second, kZones, "shop-example"));
    CHECK(second.store().get({kProxies, "default", "storefront"}) == nullptr);  // deleted samples stay deleted
}

}  // namespace
}  // namespace kube::testing
