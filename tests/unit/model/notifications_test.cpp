#include "model/notifications.hpp"

#include <catch2/catch_test_macros.hpp>

#include "feeds_rig.hpp"
#include "model/query_keys.hpp"

using namespace model;
using namespace model::testing;

namespace {

const std::string kFirstPage = "GET /user-notifications?limit=30&offset=0";

Json item(const std::string& id, bool read = false, const std::string& at = "2026-01-02T03:04:05.000Z") {
    return {{"id", id}, {"type", "workflow_failed"}, {"title", "Shop failed"}, {"message", "why"}, {"read", read}, {"link", "/workflows/w1"}, {"createdAt", at}};
}

struct Rig : FeedsRig {
    using FeedsRig::FeedsRig;
    Notifications notifications{context};
    void serve(Json items, int total, int unread) { hub.replies[kFirstPage] = {200, {{"notifications", std::move(items)}, {"total", total}, {"unreadCount", unread}}}; }
};

}  // namespace

TEST_CASE("the stream gives the count, and new notifications go to the head of the list") {
    Rig rig;
    rig.serve(Json::array({item("a"), item("b", true)}), 2, 1);
    rig.notifications.start();
    rig.pass();
    CHECK(rig.notifications.state().live);
    rig.hub.send("connected", {{"unreadCount", 1}});
    rig.pass();
    CHECK(rig.notifications.state().unread == 1);
    CHECK(rig.hub.count(kFirstPage) == 0);  // nobody looks yet
    rig.notifications.ensure();
    rig.pass();
    REQUIRE(rig.notifications.state().items.size() == 2);
    rig.hub.send("new_notification", item("c"));
    rig.hub.send("new_notification", item("c"));  // twice, as after a reconnect
    rig.pass();
    REQUIRE(rig.notifications.state().items.size() == 3);
    CHECK(rig.notifications.state().items[0].id == "c");
    CHECK(rig.notifications.state().unread == 2);
    CHECK(rig.notifications.state().total == 3);
    CHECK((rig.topics & kTopicChrome) != 0);
}

TEST_CASE("a stream that was away reads the list anew when it is back") {
    Rig rig;
    rig.serve(Json::array({item("a")}), 1, 1);
    rig.notifications.start();
    rig.pass();
    rig.notifications.ensure();
    rig.pass();
    rig.serve(Json::array({item("b"), item("a")}), 2, 2);
    rig.hub.stream->abort();
    rig.pass();
    CHECK_FALSE(rig.notifications.state().live);
    rig.pass(10'000);
    rig.hub.send("connected", {{"unreadCount", 2}});
    rig.pass();
    CHECK(rig.notifications.state().live);
    CHECK(rig.notifications.state().items.size() == 2);
    CHECK(rig.notifications.state().unread == 2);
}

TEST_CASE("marking as read shows at once, and is taken back if the hub refuses") {
    Rig rig;
    rig.serve(Json::array({item("a"), item("b")}), 2, 2);
    rig.notifications.ensure();
    rig.pass();
    rig.hub.replies["PATCH /user-notifications/a/read"] = {200, {{"unreadCount", 1}}};
    rig.notifications.mark_read("a");
    CHECK(rig.notifications.state().items[0].read);
    CHECK(rig.notifications.state().unread == 1);
    rig.notifications.mark_read("a");
    rig.pass();
    CHECK(rig.hub.count("PATCH /user-notifications/a/read") == 1);
    rig.hub.replies["PATCH /user-notifications/b/read"] = {500, {{"error", "disk away"}}};
    rig.notifications.mark_read("b");
    CHECK(rig.notifications.state().unread == 0);
    rig.pass(2'000);  // it is tried twice
    CHECK(rig.notifications.state().unread == 1);
    CHECK_FALSE(rig.notifications.state().items[1].read);
    CHECK(rig.toasts.size() == 1);
    rig.hub.replies["POST /user-notifications/mark-all-read"] = {500, {{"error", "disk away"}}};
    rig.notifications.mark_all_read();
    CHECK(rig.notifications.state().unread == 0);
    rig.notifications.mark_all_read();  // not while the first is under way
    rig.pass(2'000);
    CHECK(rig.hub.count("POST /user-notifications/mark-all-read") == 2);
    CHECK(rig.notifications.state().unread == 1);
    CHECK(rig.notifications.state().items[0].read);
    CHECK_FALSE(rig.notifications.state().items[1].read);
    rig.hub.replies["POST /user-notifications/mark-all-read"] = {200, {{"marked", 1}}};
    rig.notifications.mark_all_read();
    rig.pass();
    CHECK(rig.notifications.state().unread == 0);
}

TEST_CASE("the query cache owns the list: what comes while a mark is under way stays unread") {
    Rig rig;
    rig.serve(Json::array({item("a")}), 40, 5);  // four unread ones are further down
    rig.notifications.start();
    rig.pass();
    rig.notifications.ensure();
    rig.pass();
    rig.hub.hang["POST /user-notifications/mark-all-read"] = true;
    rig.notifications.mark_all_read();
    CHECK(rig.notifications.state().unread == 0);
    rig.pass();
    rig.hub.send("new_notification", item("b"));
    rig.pass();
    REQUIRE(rig.notifications.state().items.size() == 2);
    CHECK_FALSE(rig.notifications.state().items[0].read);
    CHECK(rig.notifications.state().items[1].read);
    CHECK(rig.notifications.state().unread == 1);
    const auto cached = rig.queries.get_data(keys::notifications());
    REQUIRE(cached);
    CHECK(cached->member("notifications").size() == 2);
    CHECK(cached->integer_or("unreadCount", -1) == 1);
    rig.hub.hang.clear();
    rig.hub.hanging.back()->respond({200, {{"content-type", "application/json"}}, R"({"marked":5})"});
    rig.pass();
    CHECK(rig.notifications.state().unread == 1);
    CHECK(rig.notifications.state().items[1].read);
}

TEST_CASE("one that is gone at the hub stays read") {
    Rig rig;
    rig.serve(Json::array({item("a")}), 1, 1);
    rig.notifications.ensure();
    rig.pass();
    rig.notifications.mark_read("a");  // the hub answers 404
    rig.pass(2'000);
    CHECK(rig.notifications.state().items[0].read);
    CHECK(rig.toasts.empty());
}

TEST_CASE("older notifications come a page at a time, without doubles") {
    Rig rig;
    Json first = Json::array();
    for (int i = 0; i < 30; ++i) first.push_back(item("n" + std::to_string(i), true));
    rig.serve(first, 32, 0);
    rig.hub.replies["GET /user-notifications?limit=30&offset=30"] = {200, {{"notifications", Json::array({item("n29", true), item("n30", true), item("n31", true)})}, {"total", 32}, {"unreadCount", 0}}};
    rig.notifications.ensure();
    rig.pass();
    rig.notifications.load_more();
    CHECK(rig.notifications.state().loading_more);
    rig.notifications.load_more();
    rig.pass();
    CHECK(rig.notifications.state().items.size() == 32);
    CHECK(rig.hub.count("GET /user-notifications?limit=30&offset=30") == 1);
    rig.notifications.load_more();
    rig.pass();
    CHECK(rig.hub.calls.size() == 2);
}

TEST_CASE("a list that cannot be read says why, and a stale one stays") {
    Rig rig;
    rig.hub.replies[kFirstPage] = {503, {{"error", "disk away"}}};
    rig.notifications.ensure();
    rig.pass(10'000);
    CHECK(rig.notifications.state().phase == LoadPhase::failed);
    CHECK(rig.notifications.state().error.message == "disk away");
    rig.serve(Json::array({item("a")}), 1, 1);
    rig.notifications.ensure();
    rig.pass();
    CHECK(rig.notifications.state().phase == LoadPhase::ready);
    rig.hub.replies[kFirstPage] = {503, {{"error", "disk away"}}};
    rig.notifications.reload();
    rig.pass(10'000);
    CHECK(rig.notifications.state().phase == LoadPhase::ready);
    CHECK(rig.notifications.state().items.size() == 1);
    CHECK(rig.notifications.state().error.message == "disk away");
    CHECK(rig.notifications.state().loaded_at_ms > 0);
}

TEST_CASE("signing out ends the stream and forgets everything, and no late reply brings it back") {
    state::MemoryStorage storage;
    Rig rig(storage);
    rig.notifications.start();
    rig.pass();
    rig.hub.send("connected", {{"unreadCount", 4}});
    rig.hub.hang[kFirstPage] = true;
    rig.notifications.ensure();
    rig.notifications.set_unread_only(true);
    rig.pass();
    rig.persist.flush();
    CHECK(storage.get("binnacle-notifications").value().has_value());
    rig.notifications.clear_notification_state();
    rig.persist.flush();
    CHECK_FALSE(storage.get("binnacle-notifications").value().has_value());
    CHECK(rig.hub.stream->closed());
    for (auto& writer : rig.hub.hanging) writer->respond({200, {{"content-type", "application/json"}}, Json{{"notifications", Json::array({item("a")})}, {"total", 1}, {"unreadCount", 1}}.dump()});
    rig.pass(10'000);
    CHECK(rig.notifications.state() == NotificationsState{});
    CHECK_FALSE(rig.notifications.preferences().unread_only);
}

TEST_CASE("only links of known forms are followed") {
    CHECK(parse_notification_link("/workflows/w1") == NotificationLink{"w1", "", ""});
    CHECK(parse_notification_link("/workflows/w1/nodes/a%2Fb") == NotificationLink{"w1", "a/b", ""});
    CHECK(parse_notification_link("/settings/plugins") == NotificationLink{"", "", "settings/plugins"});
    CHECK(parse_notification_link("/clusters/demo") == NotificationLink{"", "", "clusters"});
    for (const char* link : {"", "https://evil.example", "//evil.example", "javascript:alert(1)", "/workflows", "/workflows/a/b/c/d", "/%zz", "/elsewhere"}) {
        INFO(link);
        CHECK(parse_notification_link(link) == NotificationLink{});
    }
}

TEST_CASE("events of a hostile hub change nothing they should not") {
    Rig rig;
    rig.notifications.start();
    rig.pass();
    rig.hub.stream->write("event:connected\ndata:{\"unreadCount\":-5}\n\n");
    rig.hub.stream->write("event:connected\ndata:nonsense\n\nevent:new_notification\ndata:[]\n\nevent:new_notification\ndata:{\"id\":7}\n\n");
    rig.pass();
    CHECK(rig.notifications.state().unread == 0);
    CHECK(rig.notifications.state().items.empty());
}
