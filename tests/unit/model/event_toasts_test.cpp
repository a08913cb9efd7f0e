// Which events pop up, how many at once, and in which tab.
#include "model/event_toasts.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>

#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"

using namespace model;

namespace {

FeedEvent event(const std::string& id, const std::string& status, const std::string& workload = "web") {
    const Json data = {{"id", id}, {"workload_id", workload}, {"project_id", "shop"}, {"status", status}, {"message", "why"}};
    return *read_feed_event("workload_status_update", data.dump(), "", 1'767'225'600'000);
}

struct Tab {
    std::unique_ptr<base::testing::VirtualBrowser::Tab> page;
    std::unique_ptr<base::TabChannel> channel;
    TabSync sync;
    std::vector<EventToast> shown;
    EventToasts toasts;

    Tab(base::testing::VirtualScheduler& time, base::testing::VirtualBrowser& browser, bool locks = true)
        : page(browser.open_tab()), channel(page->channel("binnacle")), sync(channel.get(), ""),
          toasts({.scheduler = time, .locks = locks ? page.get() : nullptr, .tabs = sync, .lock_name = "toasts", .show = [this](EventToast toast) { shown.push_back(std::move(toast)); }}) {}
};

struct Rig {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser{time};
    Tab tab{time, browser};
    void pass(std::int64_t ms = 100) { time.advance(ms); }
    void show() {
        tab.toasts.set_visible(true);
        pass();
    }
};

}  // namespace

TEST_CASE("a failure is a toast with its words and where it leads") {
    Rig rig;
    rig.show();
    rig.tab.toasts.consider(event("1", "Failed"));
    REQUIRE(rig.tab.shown.size() == 1);
    const EventToast& toast = rig.tab.shown[0];
    CHECK(toast.level == EventLevel::danger);
    CHECK(toast.about == EventAbout::workload);
    CHECK(toast.title == "web failed");
    CHECK(toast.text == "why");
    CHECK(toast.link == "/workflows/shop/nodes/web");
    CHECK(toast.grouped == 0);
}

TEST_CASE("what goes well is no toast, but what is well again is") {
    Rig rig;
    rig.show();
    int id = 0;
    for (const char* status : {"Pending", "Deploying", "Running"}) rig.tab.toasts.consider(event(std::to_string(++id), status));
    CHECK(rig.tab.shown.empty());
    rig.tab.toasts.consider(event(std::to_string(++id), "Failed"));
    rig.tab.toasts.consider(event(std::to_string(++id), "Deploying"));
    rig.tab.toasts.consider(event(std::to_string(++id), "Running"));
    rig.tab.toasts.consider(event(std::to_string(++id), "Running"));
    REQUIRE(rig.tab.shown.size() == 2);
    CHECK(rig.tab.shown[1].title == "web is running");
    CHECK(rig.tab.shown[1].level == EventLevel::success);
}

TEST_CASE("a crash loop is said once in five minutes, another workload at once") {
    Rig rig;
    rig.show();
    for (int i = 0; i < 20; ++i) {
        rig.tab.toasts.consider(event("f" + std::to_string(i), "Failed"));
        rig.tab.toasts.consider(event("d" + std::to_string(i), "Deploying"));
        rig.pass(10'000);
    }
    CHECK(rig.tab.shown.size() == 1);
    rig.tab.toasts.consider(event("x", "Failed", "db"));
    CHECK(rig.tab.shown.size() == 2);
    rig.pass(EventToasts::kAgainMs);
    rig.tab.toasts.consider(event("y", "Failed"));
    CHECK(rig.tab.shown.size() == 3);
}

TEST_CASE("many at once are three toasts and one that counts the rest") {
    Rig rig;
    rig.show();
    for (int i = 0; i < 10; ++i) rig.tab.toasts.consider(event(std::to_string(i), i % 2 ? "Degraded" : "Failed", "w" + std::to_string(i)));
    REQUIRE(rig.tab.shown.size() == 10);  // the group is shown anew with each
    for (int i = 0; i < 3; ++i) CHECK(rig.tab.shown[static_cast<std::size_t>(i)].grouped == 0);
    const EventToast& group = rig.tab.shown.back();
    CHECK(group.grouped == 7);
    CHECK(group.title == "7 more events");
    CHECK(group.text == "3 failed, 4 in trouble");
    CHECK(group.level == EventLevel::danger);
    CHECK(group.link == "/activity");
    rig.pass(EventToasts::kWindowMs + 1);
    rig.tab.toasts.consider(event("later", "Failed", "later"));
    CHECK(rig.tab.shown.back().grouped == 0);
}

TEST_CASE("of two tabs in front only one shows an event") {
    Rig rig;
    Tab other(rig.time, rig.browser);
    rig.show();
    other.toasts.set_visible(true);
    rig.pass();
    for (int i = 0; i < 3; ++i) {
        const FeedEvent each = event(std::to_string(i), "Failed", "w" + std::to_string(i));
        rig.tab.toasts.consider(each);
        other.toasts.consider(each);
        rig.pass(EventToasts::kTurnWaitMs + 1'000);
    }
    CHECK(rig.tab.shown.size() == 3);
    CHECK(other.shown.empty());
}

TEST_CASE("the tab that comes to the front takes over, and does not repeat what the other has shown") {
    Rig rig;
    Tab other(rig.time, rig.browser);
    rig.show();
    const FeedEvent first = event("1", "Failed");
    rig.tab.toasts.consider(first);
    other.toasts.consider(first);
    rig.pass();
    rig.tab.toasts.set_visible(false);
    other.toasts.set_visible(true);
    other.toasts.consider(first);  // its stream was slower
    const FeedEvent second = event("2", "Failed", "db");
    other.toasts.consider(second);  // before the lock has come
    rig.tab.toasts.consider(second);
    rig.pass();
    CHECK(rig.tab.shown.size() == 1);
    REQUIRE(other.shown.size() == 1);
    CHECK(other.shown[0].title == "db failed");
}

TEST_CASE("nobody sees a hidden tab, and what happened meanwhile does not pop up when it is shown") {
    Rig rig;
    rig.tab.toasts.consider(event("1", "Failed"));
    rig.show();
    CHECK(rig.tab.shown.empty());
    rig.tab.toasts.set_visible(false);
    rig.tab.toasts.consider(event("2", "Failed", "db"));
    rig.show();
    rig.pass(10'000);
    CHECK(rig.tab.shown.empty());
    // But that it was in trouble is known.
    rig.tab.toasts.consider(event("3", "Running"));
    CHECK(rig.tab.shown.size() == 1);
}

TEST_CASE("a tab that does not get its turn in time lets it be") {
    Rig rig;
    Tab holder(rig.time, rig.browser);
    holder.toasts.set_visible(true);
    rig.pass();
    rig.show();
    rig.tab.toasts.consider(event("1", "Failed"));
    rig.pass(EventToasts::kTurnWaitMs + 1);
    holder.toasts.set_visible(false);
    rig.pass(1'000);
    CHECK(rig.tab.shown.empty());
    rig.tab.toasts.consider(event("2", "Failed", "db"));
    CHECK(rig.tab.shown.size() == 1);
}

TEST_CASE("without locks each tab shows what no other has shown") {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser(time);
    Tab one(time, browser, false);
    Tab two(time, browser, false);
    one.toasts.set_visible(true);
    two.toasts.set_visible(true);
    one.toasts.consider(event("1", "Failed"));
    time.advance(100);
    two.toasts.consider(event("1", "Failed"));
    CHECK(one.shown.size() == 1);
    CHECK(two.shown.empty());
}

TEST_CASE("events that are switched off pop up nowhere, and signing out forgets") {
    Rig rig;
    rig.show();
    rig.tab.toasts.set_enabled(false);
    rig.tab.toasts.consider(event("1", "Failed"));
    CHECK(rig.tab.shown.empty());
    rig.tab.toasts.set_enabled(true);
    rig.tab.toasts.clear();
    rig.tab.toasts.consider(event("2", "Running"));  // whose trouble was another user's
    CHECK(rig.tab.shown.empty());
    rig.tab.toasts.consider(event("3", "Failed"));
    CHECK(rig.tab.shown.size() == 1);
}
