#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"
#include "model/tab_sync.hpp"

using model::Json;
using model::TabSync;

namespace {

struct TwoTabs {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser{time};
    std::unique_ptr<base::testing::VirtualBrowser::Tab> tab_a = browser.open_tab(), tab_b = browser.open_tab();
    std::unique_ptr<base::TabChannel> channel_a = tab_a->channel("binnacle"), channel_b = tab_b->channel("binnacle");
    TabSync a{channel_a.get(), ""}, b{channel_b.get(), ""};
    std::vector<Json> heard;
    TwoTabs() {
        b.on("session", [this](const Json& message) { heard.push_back(message); });
    }
};

}  // namespace

TEST_CASE("a message reaches the handler of its kind in the other tab and nobody else [R16]") {
    TwoTabs t;
    int echoes = 0;
    t.a.on("session", [&](const Json&) { ++echoes; });
    CHECK(t.a.post("session", {{"epoch", 7}}));
    CHECK(t.a.post("theme"));
    t.time.advance(10);
    REQUIRE(t.heard.size() == 1);
    CHECK(t.heard[0] == Json{{"v", 1}, {"kind", "session"}, {"backend", ""}, {"epoch", 7}});
    CHECK(echoes == 0);
    CHECK(t.b.counters().handled == 1);
    CHECK(t.b.counters().ignored == 1);  // "theme" has no handler here
}

TEST_CASE("messages of another version, another backend or without sense are counted and change nothing [R16]") {
    TwoTabs t;
    t.b.receive(R"({"v":2,"kind":"session","epoch":1})");
    t.b.receive(R"({"v":1,"kind":"session","backend":"elsewhere"})");
    t.b.receive(R"({"v":1,"kind":"session","backend":7})");
    CHECK(t.b.counters().ignored == 3);
    for (const char* text : {"", "{", "[]", "7", "null", R"({"kind":"session"})", R"({"v":"1","kind":"session"})", R"({"v":1,"kind":null})", R"({"v":1})"}) t.b.receive(text);
    t.b.receive(std::string(TabSync::kMaxMessageBytes + 1, ' '));
    CHECK(t.b.counters().malformed == 10);
    CHECK(t.heard.empty());
}

TEST_CASE("a message for the whole origin reaches the tabs of every backend") {
    TwoTabs t;
    const auto channel = t.tab_b->channel("binnacle");
    TabSync other(channel.get(), "elsewhere");
    int themes = 0;
    other.on("theme", [&](const Json&) { ++themes; });
    t.a.post("theme", {{"theme", "dark"}}, TabSync::Reach::origin);
    t.a.post("theme", {{"theme", "dark"}});
    t.time.advance(10);
    CHECK(themes == 1);
}

TEST_CASE("a handler may drop its TabSync, and a dropped one hears nothing more") {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser(time);
    const auto tab_a = browser.open_tab(), tab_b = browser.open_tab();
    const auto channel_a = tab_a->channel("binnacle"), channel_b = tab_b->channel("binnacle");
    TabSync a(channel_a.get(), "");
    auto b = std::make_unique<TabSync>(channel_b.get(), "");
    int heard = 0;
    b->on("session", [&](const Json&) {
        ++heard;
        b.reset();
    });
    a.post("session");
    a.post("session");
    time.advance(10);
    CHECK(heard == 1);
}

TEST_CASE("a post that the browser refuses, or that is too large, is counted and costs nothing else [X4]") {
    class Refusing final : public base::TabChannel {
    public:
        base::Result<void> post(std::string_view) override { return base::fail(base::ErrorCode::unavailable, "The channel is closed"); }
        void on_message(base::UniqueFunction<void(std::string_view)>) override {}
    } refusing;
    TabSync sync(&refusing, "");
    CHECK_FALSE(sync.post("session"));
    CHECK(sync.counters().unsent == 1);
    CHECK(sync.counters().sent == 0);
    TwoTabs tabs;
    CHECK_FALSE(tabs.a.post("session", {{"text", std::string(TabSync::kMaxMessageBytes, 'x')}}));
    CHECK(tabs.a.counters().unsent == 1);
    CHECK(tabs.a.post("session", {{"text", "short"}}));
    tabs.time.advance(10);
    REQUIRE(tabs.heard.size() == 1);
    CHECK(tabs.heard[0]["text"] == "short");
}

TEST_CASE("without a channel a post does nothing and says so [X4]") {
    TabSync alone(nullptr, "");
    CHECK_FALSE(alone.connected());
    CHECK_FALSE(alone.post("session"));
    CHECK(alone.counters().unsent == 0);
}
