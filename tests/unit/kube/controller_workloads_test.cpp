#include <catch2/catch_test_macros.hpp>
#include <set>

#include "controller_world.hpp"
#include "kube/controllers/cron_schedule.hpp"

using namespace kube;
using namespace kube::testing;

TEST_CASE("a stateful set makes its pods one after another, each with its own bound claim, and shrinks from the top") {
    World world;
    Json set = workload("apps/v1", "StatefulSet", "db", "postgres:17", 3);
    set["spec"]["serviceName"] = "db";
    set["spec"]["volumeClaimTemplates"] = Json::array(
        {Json{{"metadata", {{"name", "data"}}}, {"spec", {{"accessModes", Json::array({"ReadWriteOnce"})}, {"resources", {{"requests", {{"storage", "2Gi"}}}}}}}}});
    world.put("statefulsets", set);
    bool out_of_order = false;
    REQUIRE(world.until([&] {
        const auto pods = world.list("pods");
        for (std::size_t i = 0; i + 1 < pods.size(); ++i) out_of_order = out_of_order || !is_ready(pods[i]);
        return world.ready_pods("db") == 3;
    }, 120'000));
    CHECK_FALSE(out_of_order);
    CHECK(name_of(world.list("pods")[2]) == "db-2");
    CHECK(text(world.get("pods", "db-1"), {"spec", "subdomain"}) == "db");
    const Json claim = world.get("persistentvolumeclaims", "data-db-0");
    CHECK(text(claim, {"status", "phase"}) == "Bound");
    CHECK(text(claim, {"status", "capacity", "storage"}) == "2Gi");
    CHECK(text(claim, {"spec", "volumeName"}) == "pvc-" + uid_of(claim));
    CHECK(integer(world.get("statefulsets", "db"), {"status", "readyReplicas"}) == 3);

    world.change("statefulsets", "db", [](Json& object) { object["spec"]["replicas"] = 1; });
    bool kept_first = true;
    REQUIRE(world.until([&] {
        kept_first = kept_first && !world.get("pods", "db-0").is_null();
        if (world.get("pods", "db-1").is_null()) kept_first = kept_first && world.get("pods", "db-2").is_null();
        return world.list("pods").size() == 1;
    }));
    CHECK(kept_first);
    CHECK(world.list("persistentvolumeclaims").size() == 3);  // claims outlive their pods
}

TEST_CASE("a stateful set rolls from the top down to its partition, and OnDelete waits for the user") {
    World world;
    Json set = workload("apps/v1", "StatefulSet", "db", "postgres:16", 3);
    set["spec"]["podManagementPolicy"] = "Parallel";
    set["spec"]["updateStrategy"] = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"partition", 1}}}};
    world.put("statefulsets", set);
    REQUIRE(world.until([&] { return world.ready_pods("db") == 3; }));
    const auto image = [&](const char* name) {
        const Json object = world.get("pods", name);
        const Json& containers = array(object, {"spec", "containers"});
        return containers.empty() ? std::string() : text(containers[0], {"image"});
    };
    world.change("statefulsets", "db", [](Json& object) { set_image(object, "postgres:17"); });
    REQUIRE(world.until([&] { return world.ready_pods("db") == 3 && image("db-1") == "postgres:17" && image("db-2") == "postgres:17"; }, 120'000));
    CHECK(image("db-0") == "postgres:16");
    // A pod below the partition comes back as it was.
    world.end("pods", "db-0");
    world.time.advance(3000);
    REQUIRE(world.until([&] { return world.ready_pods("db") == 3; }));
    CHECK(image("db-0") == "postgres:16");
    CHECK(integer(world.get("statefulsets", "db"), {"status", "updatedReplicas"}) == 2);

    world.change("statefulsets", "db", [](Json& object) { object["spec"]["updateStrategy"] = {{"type", "OnDelete"}}; });
    world.time.advance(10'000);
    CHECK(image("db-0") == "postgres:16");
    world.end("pods", "db-0");
    world.time.advance(3000);
    REQUIRE(world.until([&] { return world.ready_pods("db") == 3; }));
    CHECK(image("db-0") == "postgres:17");
}

TEST_CASE("a stateful set with a broken image heals when the template is repaired") {
    World world;
    world.put("statefulsets", workload("apps/v1", "StatefulSet", "db", "postgres:99", 2));
    world.time.advance(20'000);
    CHECK(world.list("pods").size() == 1);
    CHECK(world.ready_pods("db") == 0);
    world.change("statefulsets", "db", [](Json& object) { set_image(object, "postgres:17"); });
    CHECK(world.until([&] { return world.ready_pods("db") == 2; }));
}

TEST_CASE("a daemon set has one pod on every node, follows node labels, and rolls one node at a time") {
    World world;
    Json set = workload("apps/v1", "DaemonSet", "agent", "registry.local/node-agent:0.5", 0);
    set["spec"].erase("replicas");
    world.put("daemonsets", set);
    REQUIRE(world.until([&] { return world.ready_pods("agent") == 3; }));
    std::set<std::string> nodes;
    for (const Json& each : world.list("pods")) nodes.insert(text(each, {"spec", "nodeName"}));
    CHECK(nodes == std::set<std::string>{"node-1", "node-2", "node-3"});
    CHECK(integer(world.get("daemonsets", "agent"), {"status", "numberAvailable"}) == 3);

    world.change("daemonsets", "agent", [](Json& object) { set_image(object, "registry.local/node-agent:0.6"); });
    bool low = false;
    REQUIRE(world.until([&] {
        low = low || world.ready_pods("agent") < 2;
        return integer(world.get("daemonsets", "agent"), {"status", "updatedNumberScheduled"}) == 3 && world.ready_pods("agent") == 3;
    }));
    CHECK_FALSE(low);

    world.change("daemonsets", "agent", [](Json& object) { object["spec"]["template"]["spec"]["nodeSelector"] = {{"role", "edge"}}; });
    REQUIRE(world.until([&] { return world.list("pods").empty(); }));
    (void)world.store.modify({"nodes", "", "node-2"}, [](Json& node) { node["metadata"]["labels"]["role"] = "edge"; });
    REQUIRE(world.until([&] { return world.ready_pods("agent") == 1; }));
    CHECK(text(world.list("pods")[0], {"spec", "nodeName"}) == "node-2");
}

TEST_CASE("a job runs its pods to completion and says so") {
    World world;
    world.put("jobs", job("migrate", "registry.local/catalog:2.4", {{"completions", 3}, {"parallelism", 2}}));
    std::int64_t most_active = 0;
    REQUIRE(world.until([&] {
        most_active = std::max(most_active, integer(world.get("jobs", "migrate"), {"status", "active"}));
        return condition_is(world.get("jobs", "migrate"), "Complete", "True");
    }));
    const Json object = world.get("jobs", "migrate");
    CHECK(most_active == 2);
    CHECK(integer(object, {"status", "succeeded"}) == 3);
    CHECK(find(object, {"status", "active"}) == nullptr);
    CHECK_FALSE(text(object, {"status", "completionTime"}).empty());
    CHECK(world.events("Completed", "migrate").size() == 1);
    const auto pods = world.list("pods", "job-name", "migrate");
    REQUIRE(pods.size() == 3);
    CHECK(text(pods[0], {"status", "phase"}) == "Succeeded");
    CHECK(text(array(pods[0], {"status", "containerStatuses"})[0], {"state", "terminated", "reason"}) == "Completed");
}

TEST_CASE("a failing job backs off between its pods and gives up at backoffLimit") {
    World world;
    Json object = job("broken", "busybox:1.36", {{"backoffLimit", 2}});
    object["spec"]["template"]["spec"]["containers"][0]["command"] = Json::array({"sh", "-c", "echo no; exit 3"});
    world.put("jobs", object);
    REQUIRE(world.until([&] { return integer(world.get("jobs", "broken"), {"status", "failed"}) == 1; }));
    world.time.advance(7000);
    CHECK(world.list("pods").size() == 1);  // 10 s first
    REQUIRE(world.until([&] { return world.list("pods").size() == 2; }, 10'000));
    REQUIRE(world.until([&] { return condition_is(world.get("jobs", "broken"), "Failed", "True"); }, 120'000));
    CHECK(text(*condition(world.get("jobs", "broken"), "Failed"), {"reason"}) == "BackoffLimitExceeded");
    CHECK(world.list("pods").size() == 3);
}

TEST_CASE("an indexed job gives each pod its index; ttlSecondsAfterFinished removes job and pods; suspend stops it") {
    World world;
    world.put("jobs", job("shards", "busybox", {{"completions", 3}, {"parallelism", 3}, {"completionMode", "Indexed"}, {"ttlSecondsAfterFinished", 20}}));
    // A bare busybox in a job is a task of a few seconds.
    REQUIRE(world.until([&] { return condition_is(world.get("jobs", "shards"), "Complete", "True"); }));
    std::set<std::string> indexes;
    for (const Json& each : world.list("pods")) indexes.insert(annotation(each, "batch.kubernetes.io/job-completion-index"));
    CHECK(indexes == std::set<std::string>{"0", "1", "2"});
    world.time.advance(25'000);
    CHECK(world.get("jobs", "shards").is_null());
    CHECK(world.list("pods").empty());

    world.put("jobs", job("later", "busybox", {{"suspend", true}}));
    world.time.advance(5000);
    CHECK(world.list("pods").empty());
    CHECK(condition_is(world.get("jobs", "later"), "Suspended", "True"));
    world.change("jobs", "later", [](Json& object) { object["spec"]["suspend"] = false; });
    CHECK(world.until([&] { return condition_is(world.get("jobs", "later"), "Complete", "True"); }));
}

TEST_CASE("a cron job starts jobs on time, keeps its history limits and honours Forbid") {
    World world;
    Json cron{{"apiVersion", "batch/v1"},
              {"kind", "CronJob"},
              {"metadata", {{"name", "report"}, {"namespace", "default"}}},
              {"spec",
               {{"schedule", "*/5 * * * *"},
                {"concurrencyPolicy", "Forbid"},
                {"successfulJobsHistoryLimit", 2},
                {"jobTemplate", {{"spec", map(job("x", "busybox:1.36"), {"spec"})}}}}}};
    world.put("cronjobs", cron);
    world.time.advance(4 * 60'000);
    CHECK(world.list("jobs").empty());
    world.time.advance(61'000);
    REQUIRE(world.list("jobs").size() == 1);
    CHECK(name_of(world.list("jobs")[0]) == "report-" + std::to_string((world.time.unix_ms() - 1000) / 60'000));
    CHECK(text(world.get("cronjobs", "report"), {"status", "lastScheduleTime"}) == "2026-01-01T00:05:00Z");
    world.time.advance(20 * 60'000 + 30'000);  // the one of 00:25 has ended too
    CHECK(world.list("jobs").size() == 2);
    world.change("cronjobs", "report", [](Json& object) {
        object["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["command"] = Json::array({"sleep", "3600"});
    });
    world.time.advance(16 * 60'000);
    CHECK(array(world.get("cronjobs", "report"), {"status", "active"}).size() == 1);
    CHECK_FALSE(world.events("JobAlreadyActive", "report").empty());
    world.change("cronjobs", "report", [](Json& object) { object["spec"]["suspend"] = true; });
    const auto version = world.list("jobs").size();
    world.time.advance(20 * 60'000);
    CHECK(world.list("jobs").size() <= version);
}

TEST_CASE("cron schedules: fields, names, steps, days, macros, and what is refused") {
    using controllers::CronSchedule;
    const auto next = [](std::string_view schedule, std::string_view from) {
        const auto parsed = CronSchedule::parse(schedule);
        REQUIRE(parsed);
        const auto at = parsed->next_after(controllers::parse_time_ms(from).value());
        return at ? controllers::format_time(*at) : std::string("never");
    };
    CHECK(next("0 12 * * *", "2026-01-01T12:00:00Z") == "2026-01-02T12:00:00Z");
    CHECK(next("30 4 1,15 * *", "2026-01-02T00:00:00Z") == "2026-01-15T04:30:00Z");
    CHECK(next("0 0 * * MON-FRI", "2026-01-02T10:00:00Z") == "2026-01-05T00:00:00Z");
    CHECK(next("0 0 13 * 5", "2026-01-03T00:00:00Z") == "2026-01-09T00:00:00Z");  // either day field
    CHECK(next("*/20 8-9 * feb ?", "2026-01-01T00:00:00Z") == "2026-02-01T08:00:00Z");
    CHECK(next("0 0 29 2 *", "2026-01-01T00:00:00Z") == "2028-02-29T00:00:00Z");
    CHECK(next("0 0 31 2 *", "2026-01-01T00:00:00Z") == "never");
    CHECK(next("0 0 * * 7", "2026-01-01T00:00:00Z") == "2026-01-04T00:00:00Z");
    CHECK(next("@hourly", "2026-01-01T00:30:00Z") == "2026-01-01T01:00:00Z");
    CHECK(next("@every 90s", "2026-01-01T00:00:00Z") == "2026-01-01T00:01:30Z");
    for (const char* bad : {"", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "*/0 * * * *", "a b c d e", "@never", "5-1 * * * *", "@every 1", "* * * * * *"}) {
        CHECK_FALSE(CronSchedule::parse(bad));
    }
}
