#include "kube/object_store.hpp"

#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"

namespace {

using kube::EventType;
using kube::Json;
using kube::ObjectKey;
using kube::StoreEvent;

struct Rig {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    kube::ObjectStore store{time, random, 8};
};

const ObjectKey kWeb{"configmaps", "default", "web"};

Json config_map(std::string value) { return Json{{"kind", "ConfigMap"}, {"data", {{"key", std::move(value)}}}}; }

std::string meta(const Json& object, const char* name) { return object["metadata"].value(name, ""); }

}  // namespace

TEST_CASE("create fills identity, time, version and generation") {
    Rig rig;
    auto made = rig.store.create(kWeb, config_map("a"));
    REQUIRE(made);
    const Json& object = **made;
    CHECK(meta(object, "name") == "web");
    CHECK(meta(object, "namespace") == "default");
    CHECK(meta(object, "uid").size() == 36);
    CHECK(meta(object, "uid")[14] == '4');
    CHECK(meta(object, "creationTimestamp") == "2026-01-01T00:00:00Z");
    CHECK(meta(object, "resourceVersion") == "1");
    CHECK(object["metadata"]["generation"] == 1);
    CHECK(rig.store.get(kWeb) == *made);
    CHECK(rig.store.create(kWeb, config_map("b")).error().code == base::ErrorCode::conflict);
}

TEST_CASE("an update with a stale resourceVersion is a conflict, without one it is unconditional") {
    Rig rig;
    Json first = **rig.store.create(kWeb, config_map("a"));
    REQUIRE(rig.store.update(kWeb, config_map("b")));
    first["data"]["key"] = "c";
    CHECK(rig.store.update(kWeb, first).error().code == base::ErrorCode::conflict);
    CHECK((*rig.store.get(kWeb))["data"]["key"] == "b");
    CHECK(rig.store.update({"configmaps", "default", "gone"}, first).error().code == base::ErrorCode::not_found);
}

TEST_CASE("generation follows the spec, not metadata or status; identity cannot be rewritten") {
    Rig rig;
    const Json first = **rig.store.create(kWeb, config_map("a"));
    auto labelled = rig.store.modify(kWeb, [](Json& object) {
        object["metadata"]["labels"]["app"] = "x";
        object["metadata"]["uid"] = "forged";
        object["status"]["ready"] = true;
    });
    REQUIRE(labelled);
    CHECK((**labelled)["metadata"]["generation"] == 1);
    CHECK(meta(**labelled, "uid") == meta(first, "uid"));
    auto changed = rig.store.modify(kWeb, [](Json& object) { object["data"]["key"] = "b"; });
    REQUIRE(changed);
    CHECK((**changed)["metadata"]["generation"] == 2);
}

TEST_CASE("a write that changes nothing takes no version and makes no event") {
    Rig rig;
    REQUIRE(rig.store.create(kWeb, config_map("a")));
    int events = 0;
    auto subscription = rig.store.subscribe("configmaps", [&](const StoreEvent&) { ++events; });
    auto same = rig.store.modify(kWeb, [](Json&) {});
    REQUIRE(same);
    rig.time.run_ready();
    CHECK(rig.store.resource_version() == 1);
    CHECK(events == 0);
}

TEST_CASE("subscribers are told later, in order, only of what came after, and never after dropping") {
    Rig rig;
    REQUIRE(rig.store.create(kWeb, config_map("a")));
    std::vector<std::string> told;
    auto all = rig.store.subscribe("", [&](const StoreEvent& event) {
        told.push_back(std::to_string(static_cast<int>(event.type)) + event.key.name);
    });
    auto pods = rig.store.subscribe("pods", [&](const StoreEvent& event) { told.push_back("pod " + event.key.name); });
    REQUIRE(rig.store.create({"pods", "default", "p"}, Json{{"kind", "Pod"}}));
    REQUIRE(rig.store.modify(kWeb, [](Json& object) { object["data"]["key"] = "b"; }));
    REQUIRE(rig.store.remove(kWeb));
    CHECK(told.empty());
    rig.time.run_ready();
    CHECK(told == std::vector<std::string>{"0p", "pod p", "1web", "2web"});
    REQUIRE(rig.store.remove({"pods", "default", "p"}));
    pods = {};
    all = {};
    rig.time.run_ready();
    CHECK(told.size() == 4);
}

TEST_CASE("a listener may write and drop its own subscription") {
    Rig rig;
    kube::Subscription subscription;
    int events = 0;
    subscription = rig.store.subscribe("configmaps", [&](const StoreEvent&) {
        if (++events == 3) subscription = {};
        (void)rig.store.modify(kWeb, [&](Json& object) { object["data"]["key"] = std::to_string(events); });
    });
    REQUIRE(rig.store.create(kWeb, config_map("a")));
    rig.time.run_ready();
    CHECK(events == 3);
    CHECK((*rig.store.get(kWeb))["data"]["key"] == "3");
}

TEST_CASE("an object marked for deletion goes when nothing holds it any more") {
    Rig rig;
    REQUIRE(rig.store.create(kWeb, config_map("a")));
    REQUIRE(rig.store.modify(kWeb, [](Json& object) {
        object["metadata"]["finalizers"] = {"example.com/hold"};
        object["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
    }));
    CHECK(rig.store.get(kWeb));
    REQUIRE(rig.store.modify(kWeb, [](Json& object) { object["metadata"]["finalizers"] = Json::array(); }));
    CHECK_FALSE(rig.store.get(kWeb));

    const ObjectKey pod{"pods", "default", "p"};
    REQUIRE(rig.store.create(pod, Json{{"kind", "Pod"}}));
    REQUIRE(rig.store.modify(pod, [](Json& object) {
        object["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:30Z";
        object["metadata"]["deletionGracePeriodSeconds"] = 30;
    }));
    CHECK(rig.store.get(pod));
    REQUIRE(rig.store.modify(pod, [](Json& object) { object["metadata"]["deletionGracePeriodSeconds"] = 0; }));
    CHECK_FALSE(rig.store.get(pod));
}

TEST_CASE("history answers from any version not compacted, and says when it cannot") {
    Rig rig;
    REQUIRE(rig.store.create(kWeb, config_map("0")));
    for (int i = 1; i <= 9; ++i) {
        REQUIRE(rig.store.modify(kWeb, [&](Json& object) { object["data"]["key"] = std::to_string(i); }));
    }
    CHECK(rig.store.resource_version() == 10);
    CHECK(rig.store.compacted_version() == 2);  // 8 of 10 events are kept
    CHECK_FALSE(rig.store.events_after("configmaps", 1));
    auto events = rig.store.events_after("configmaps", 2);
    REQUIRE(events);
    CHECK(events->size() == 8);
    CHECK(events->front().resource_version == 3);
    CHECK(events->front().type == EventType::modified);
    CHECK((*events->front().previous)["data"]["key"] == "1");
    CHECK(rig.store.events_after("pods", 2)->empty());
    CHECK(rig.store.events_after("configmaps", 99)->empty());
    rig.store.compact();
    CHECK_FALSE(rig.store.events_after("configmaps", 9));
    CHECK(rig.store.events_after("configmaps", 10)->empty());
}

TEST_CASE("lists are ordered by namespace and name, and stop at the namespace asked for") {
    Rig rig;
    for (const ObjectKey& key : {ObjectKey{"pods", "b", "a"}, ObjectKey{"pods", "a", "z"}, ObjectKey{"pods", "a", "c"},
                                 ObjectKey{"pod", "a", "x"}, ObjectKey{"podtemplates", "a", "x"}}) {
        REQUIRE(rig.store.create(key, Json{{"kind", "Pod"}}));
    }
    std::string names;
    for (const auto& object : rig.store.list("pods")) names += meta(*object, "namespace") + "/" + meta(*object, "name") + " ";
    CHECK(names == "a/c a/z b/a ");
    CHECK(rig.store.list("pods", "a").size() == 2);
    CHECK(rig.store.list("pods", "c").empty());
}

TEST_CASE("a snapshot restores objects and the version counter; history before it is gone") {
    Rig rig;
    REQUIRE(rig.store.create(kWeb, config_map("a")));
    REQUIRE(rig.store.create({"nodes", "", "n1"}, Json{{"kind", "Node"}}));
    const Json snapshot = rig.store.to_json();

    Rig other;
    REQUIRE(other.store.from_json(snapshot));
    CHECK(other.store.to_json() == snapshot);
    CHECK(other.store.resource_version() == 2);
    CHECK_FALSE(other.store.events_after("", 1));
    CHECK(meta(*other.store.get({"nodes", "", "n1"}), "name") == "n1");
}

TEST_CASE("a broken snapshot is refused and changes nothing") {
    Rig rig;
    REQUIRE(rig.store.create(kWeb, config_map("a")));
    for (const char* text : {"null", "[]", "{}", R"({"resourceVersion":"1","objects":[]})", R"({"resourceVersion":1,"objects":{}})",
                             R"({"resourceVersion":1,"objects":[1]})", R"({"resourceVersion":1,"objects":[{"resource":"pods","object":{}}]})",
                             R"({"resourceVersion":1,"objects":[{"resource":"pods","object":{"metadata":{"name":"x","resourceVersion":"1x"}}}]})"}) {
        CHECK(rig.store.from_json(Json::parse(text)).error().code == base::ErrorCode::invalid_argument);
    }
    CHECK(rig.store.get(kWeb));
}

TEST_CASE("a store may go away with events still to be delivered") {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    int events = 0;
    {
        kube::ObjectStore store{time, random, 8};
        auto subscription = store.subscribe("", [&](const StoreEvent&) { ++events; });
        REQUIRE(store.create(kWeb, config_map("a")));
    }
    time.run_ready();
    CHECK(events == 0);
}
