// One event out of many words: names, members, times, ids; and what is asked of a list of them.
#include "model/feed_event.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "model/feed_query.hpp"

using namespace model;

namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

FeedEvent read(std::string_view type, const Json& data, std::string_view id = {}) {
    const auto event = read_feed_event(type, data.dump(), id, kNow);
    INFO(type << " " << data.dump());
    REQUIRE(event);
    return *event;
}

FeedEventPtr made(const std::string& id, std::int64_t time_ms, EventLevel level = EventLevel::info, EventAbout about = EventAbout::workload) {
    FeedEvent event;
    event.id = id;
    event.type = "workload_status_update";
    event.about = about;
    event.level = level;
    event.time_ms = time_ms;
    event.title = "title of " + id;
    return std::make_shared<const FeedEvent>(std::move(event));
}

}  // namespace

TEST_CASE("every event of the contract is read with its words") {
    const FeedEvent failed = read("workload_status_update", {{"event_type", "workload_status_update"}, {"timestamp", 1'767'225'590}, {"workload_id", "wl-123"}, {"project_id", "p1"}, {"status", "Failed"}, {"message", "CrashLoopBackOff"}});
    CHECK(failed.type == "workload_status_update");
    CHECK(failed.about == EventAbout::workload);
    CHECK(failed.title == "wl-123 failed");
    CHECK(failed.message == "CrashLoopBackOff");
    CHECK(failed.level == EventLevel::danger);
    CHECK(failed.priority == EventPriority::high);
    CHECK(failed.time_ms == kNow - 10'000);
    CHECK(failed.project_id == "p1");
    CHECK(read("project_status_update", {{"project_id", "p1"}, {"project_name", "Shop"}, {"status", "Ready"}}).title == "Shop is deployed");
    const FeedEvent cluster = read("cluster_status_update", {{"cluster_id", "c1"}, {"status", "unhealthy"}});
    CHECK(cluster.title == "Cluster c1 is unhealthy");
    CHECK(cluster.priority == EventPriority::critical);
    CHECK(read("addon_status_update", {{"addon_id", "keda"}, {"addon_name", "KEDA"}, {"status", "Enabled"}}).title == "KEDA is enabled");
    const FeedEvent built = read("build_complete", {{"build_id", "b1"}, {"workload_id", "web"}, {"image_digest", "sha256:x"}, {"build_duration", 61.5}});
    CHECK(built.title == "The build of web is finished");
    CHECK(built.level == EventLevel::success);
    CHECK(built.resource_id == "b1");
    const FeedEvent broken = read("build_failed", {{"build_id", "b1"}, {"workload_id", "web"}, {"error", "exit 1"}});
    CHECK(broken.title == "The build of web failed");
    CHECK(broken.message == "exit 1");
    const FeedEvent report = read("error_report", {{"error_type", "run_failed"}, {"message", "disk away"}, {"resource_id", "w1"}});
    CHECK(report.title == "Run failed");
    CHECK(report.level == EventLevel::danger);
    CHECK(report.resource_id == "w1");
}

TEST_CASE("every name of every vocabulary stands for one canonical type, once") {
    std::set<std::string> names;
    for (const EventName& row : event_names()) {
        INFO(row.name);
        REQUIRE_FALSE(row.name.empty());
        CHECK(names.insert(base::to_ascii_lower(row.name)).second);
        REQUIRE(find_event_name(row.type));
        CHECK(find_event_name(row.type)->type == row.type);   // canonical names stand for themselves
        CHECK(find_event_name(row.type)->about == row.about);
        const FeedEvent event = read(row.name, {{"workload_id", "x"}, {"project_id", "x"}, {"cluster_id", "x"}});
        CHECK(event.type == row.type);
        CHECK(event.about == row.about);
        if (!row.status.empty()) CHECK(event.status == row.status);
        CHECK_FALSE(event.title.empty());
    }
    CHECK(find_event_name("Workload.Running")->status == "Running");
    CHECK(find_event_name("nonsense") == nullptr);
}

TEST_CASE("both styles of members, at the top or within data, give the same event") {
    const FeedEvent flat = read("message", {{"event_type", "workload_status_update"}, {"timestamp", 1'767'225'590}, {"workload_id", "w"}, {"project_id", "p"}, {"cluster_id", "c"}, {"status", "Running"}, {"id", "e1"}});
    const FeedEvent nested = read("message", {{"id", "e1"}, {"type", "workload.running"}, {"timestamp", "2025-12-31T23:59:50Z"}, {"clusterId", "c"}, {"projectId", "p"}, {"data", {{"workloadId", "w"}}}});
    FeedEvent same = nested;
    same.details = flat.details;
    CHECK(same == flat);
    // What the event says counts more than what its name says.
    CHECK(read("workload.running", {{"status", "Degraded"}, {"workload_id", "w"}}).status == "Degraded");
    CHECK(read("workload_status", {{"status", "failed"}, {"workload_id", "w"}}).status == "Failed");
}

TEST_CASE("the name is the data's own, then the frame's") {
    CHECK(read("message", {{"event_type", "build_failed"}}).type == "build_failed");
    CHECK(read("project_status_update", {{"type", "Warning"}}).type == "project_status_update");
    CHECK(read("message", {{"type", "cluster.connected"}, {"clusterId", "c"}}).status == "healthy");
    const FeedEvent unknown = read("quota.exceeded", {{"message", "CPU"}, {"name", "team-a"}});
    CHECK(unknown.type == "quota.exceeded");
    CHECK(unknown.about == EventAbout::other);
    CHECK(unknown.title == "Quota exceeded");
    CHECK(unknown.resource == "team-a");
    CHECK_FALSE(read_feed_event("message", "{}", "", kNow));
    for (const char* frame : {"connected", "heartbeat", "gap"}) {
        CHECK(is_stream_frame(frame));
        CHECK_FALSE(read_feed_event(frame, "{}", "", kNow));
    }
}

TEST_CASE("times come in any unit, and absurd ones are replaced") {
    const Json same[] = {1'767'225'590, 1'767'225'590'000, 1'767'225'590'000'000, 1'767'225'590'000'000'000, 1'767'225'590.0, "1767225590", "2025-12-31T23:59:50Z", "2026-01-01T00:59:50.000+01:00"};
    for (const Json& value : same) {
        INFO(value.dump());
        CHECK(read_event_time(value) == kNow - 10'000);
        CHECK(read("error", {{"timestamp", value}}).time_ms == kNow - 10'000);
    }
    for (const Json& value : {Json(0), Json(-1), Json(1e300), Json("yesterday"), Json(""), Json(true), Json(nullptr), Json(Json::array()), Json("1850-01-01T00:00:00Z"), Json(12)}) {
        INFO(value.dump());
        CHECK_FALSE(read_event_time(value));
        CHECK(read("error", {{"timestamp", value}}).time_ms == kNow);
    }
    CHECK(read("error", {{"timestamp", kNow + 30LL * 24 * 3'600'000}}).time_ms == kNow);  // a month ahead
    CHECK(read("error", {{"timestamp", kNow + 60'000}}).time_ms == kNow + 60'000);         // clocks differ
    CHECK(read("error", {{"timestamp", 1'767'225'590}, {"time", "2025-12-31T23:59:50.250Z"}}).time_ms == kNow - 9'750);
}

TEST_CASE("an event without an id gets one of what it says: the same in every tab, another for another event") {
    const Json data = {{"workload_id", "w"}, {"status", "Running"}, {"timestamp", 1'767'225'590}};
    const std::string id = read("workload_status_update", data).id;
    CHECK(id.starts_with("made-"));
    CHECK(read_feed_event("workload_status_update", data.dump(), "", kNow + 500)->id == id);
    CHECK(read("workload.running", {{"workloadId", "w"}, {"timestamp", "2025-12-31T23:59:50Z"}}).id == id);  // in other words
    Json other = data;
    other["status"] = "Failed";
    CHECK(read("workload_status_update", other).id != id);
    other = data;
    other["timestamp"] = 1'767'225'591;
    CHECK(read("workload_status_update", other).id != id);
    CHECK(read("workload_status_update", data, "life-7").id == "life-7");
    CHECK(read("workload_status_update", {{"id", 42}}, "life-7").id == "42");
    CHECK(read("workload_status_update", {{"eventId", "e"}}).id == "e");
}

TEST_CASE("a backend's own priority counts") {
    CHECK(read("workload_status_update", {{"status", "Running"}, {"priority", "critical"}}).priority == EventPriority::critical);
    CHECK(read("workload_status_update", {{"status", "Running"}, {"priority", "urgent!"}}).priority == EventPriority::normal);
}

TEST_CASE("hostile data is refused or cut") {
    CHECK_FALSE(read_feed_event("error", "", "", kNow));
    CHECK_FALSE(read_feed_event("error", "[1,2]", "", kNow));
    CHECK_FALSE(read_feed_event("error", "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", "", kNow));
    CHECK_FALSE(read_feed_event("error", Json{{"message", std::string(FeedEvent::kMaxDataBytes, 'x')}}.dump(), "", kNow));
    const FeedEvent large = read("error", {{"message", std::string(30'000, 'm')}, {"id", std::string(5'000, 'i')}, {"resource_id", Json::object()}});
    CHECK(large.message.size() == FeedEvent::kMaxTextBytes);
    CHECK(large.id.size() == FeedEvent::kMaxIdBytes);
    CHECK(large.resource_id.empty());
    CHECK(large.details.empty());
    CHECK(read("error", {{"message", "two\nlines\x01"}}).message == "two lines ");
    CHECK(read("error", {{"message", 7}}).message == "7");
    CHECK(read("error", {{"message", true}}).message.empty());
}

TEST_CASE("what the archive keeps is what was there") {
    FeedEvent event = read("workload_status_update", {{"workload_id", "w"}, {"workload_name", "web"}, {"project_id", "p"}, {"cluster_id", "c"}, {"status", "Degraded"}, {"message", "1 of 2"}, {"time", "2025-12-31T23:59:50.250Z"}, {"id", "e"}});
    event.acknowledged = true;
    CHECK(feed_event_from_json(feed_event_to_json(event)) == event);
    for (const EventName& row : event_names()) {
        const FeedEvent each = read(row.name, {{"id", "x"}});
        CHECK(feed_event_from_json(feed_event_to_json(each)) == each);
    }
    CHECK_FALSE(feed_event_from_json(Json::array()));
    CHECK_FALSE(feed_event_from_json({{"id", "x"}, {"type", "error"}}));
    CHECK_FALSE(feed_event_from_json({{"id", ""}, {"type", "error"}, {"time", "2026-01-01T00:00:00Z"}}));
    const auto strange = feed_event_from_json({{"id", "x"}, {"type", "later"}, {"time", "2026-01-01T00:00:00Z"}, {"about", "dream"}, {"priority", 3}, {"level", "loud"}});
    REQUIRE(strange);
    CHECK(strange->about == EventAbout::other);
    CHECK(strange->priority == EventPriority::normal);
}

TEST_CASE("a filter lets pass what has every word, the type, the resource, the priority and the state") {
    const FeedEvent event = read("workload_status_update", {{"workload_id", "w-1"}, {"workload_name", "checkout"}, {"project_id", "shop"}, {"status", "Failed"}, {"message", "ImagePullBackOff: no such tag"}});
    const auto passes = [&](EventFilter filter) { return filter.passes(event); };
    CHECK(passes({}));
    CHECK(EventFilter{}.any());
    CHECK(passes({.search = "  image   TAG "}));
    CHECK(passes({.search = "checkout failed"}));
    CHECK_FALSE(passes({.search = "image healthy"}));
    CHECK(passes({.search = "", .about = EventAbout::workload}));
    CHECK_FALSE(passes({.search = "", .about = EventAbout::build}));
    CHECK(passes({.search = "", .resource = "checkout"}));
    CHECK(passes({.search = "", .resource = "shop"}));
    CHECK_FALSE(passes({.search = "", .resource = "check"}));
    CHECK(passes({.search = "", .least = EventPriority::high}));
    CHECK_FALSE(passes({.search = "", .least = EventPriority::critical}));
    CHECK(passes({.search = "", .acknowledged = EventFilter::Acknowledged::open}));
    CHECK_FALSE(passes({.search = "", .acknowledged = EventFilter::Acknowledged::done}));
}

TEST_CASE("counts over time add up, and each bar has its own") {
    std::vector<FeedEventPtr> events;
    for (int i = 0; i < 100; ++i) events.push_back(made(std::to_string(i), kNow + i * 1'000, i % 10 == 0 ? EventLevel::danger : EventLevel::info));
    const auto bars = count_over_time(events, kNow, kNow + 100'000, 7);
    REQUIRE(bars.size() == 7);
    CHECK(bars.front().from_ms == kNow);
    CHECK(bars.back().to_ms == kNow + 100'000);
    int total = 0;
    int failed = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        if (i > 0) CHECK(bars[i].from_ms == bars[i - 1].to_ms);
        total += bars[i].total();
        failed += bars[i].of(EventLevel::danger);
    }
    CHECK(total == 100);
    CHECK(failed == 10);
    const auto part = count_over_time(events, kNow + 10'000, kNow + 20'000, 1);
    CHECK(part[0].total() == 10);
    CHECK(count_over_time(events, kNow, kNow, 3).size() == 3);
    CHECK(count_over_time({}, kNow, kNow + 1, 0).size() == 1);
}

TEST_CASE("an export is whole, quoted, and runs nothing in a spreadsheet") {
    FeedEvent event = *made("e1", kNow);
    event.title = "=cmd|' /C calc'!A0";
    event.message = "says \"no\", then\nends";
    event.details = R"({"event_type":"x","n":1})";
    const std::vector<FeedEventPtr> events{std::make_shared<const FeedEvent>(event), made("e2", kNow + 1)};
    const std::string csv = events_to_csv(events);
    CHECK(csv.starts_with("time,type,priority"));
    CHECK(csv.find("\"'=cmd|' /C calc'!A0\"") != std::string::npos);
    CHECK(csv.find("\"says \"\"no\"\", then\nends\"") != std::string::npos);
    CHECK(csv.find("\"2026-01-01T00:00:00.000Z\"") != std::string::npos);
    const auto json = base::parse_json(events_to_json(events));
    REQUIRE(json);
    REQUIRE((*json)["events"].size() == 2);
    CHECK((*json)["events"][0]["details"]["n"] == 1);
    CHECK((*json)["events"][1]["id"] == "e2");
}

TEST_CASE("an event leads to what it is about") {
    CHECK(event_link(read("workload_status_update", {{"workload_id", "a/b"}, {"project_id", "p"}})) == "/workflows/p/nodes/a%2Fb");
    CHECK(event_link(read("project_status_update", {{"project_id", "p"}})) == "/workflows/p");
    CHECK(event_link(read("cluster_status_update", {{"cluster_id", "c"}})) == "/clusters");
    CHECK(event_link(read("addon_status_update", {{"addon_id", "keda"}})) == "/settings/plugins");
    CHECK(event_link(read("error_report", Json::object())).empty());
}
