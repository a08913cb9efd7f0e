// The Activity page and the toasts of events, with a real hub and cluster behind them.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "base/time_text.hpp"
#include "model/event_feed.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using namespace ui::testing;

namespace {

void run_sample(Rig& rig) {
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(90'000);
}

void open_page(Rig& rig) {
    rig.app->clear_selection();
    rig.type("ga");
    rig.pass(300);
    REQUIRE(rig.find(Role::main, "Activity"));
}

int rows(const Rig& rig) {
    const auto& records = rig.shell->semantics().records();
    const SemanticRecord* list = rig.find(Role::list, "Events");
    return list ? static_cast<int>(std::count_if(records.begin(), records.end(), [&](const SemanticRecord& record) { return record.role == Role::listitem && record.parent == list->id; })) : 0;
}

void choose(Rig& rig, std::string_view what, std::string_view option) {
    rig.click(Role::combobox, what);
    rig.click(Role::option, option);
    rig.pass(300);
}

// Each stream is a request of its own, which can be made to fail.
void without_shared_stream(Rig& rig) { rig.interceptor->add({.method = "", .path_part = "/api/watch", .kind = Interceptor::Kind::answer, .status = 404, .body = R"({"error":"no such route"})"}); }

// Events of an earlier visit, one a minute, the newest a minute ago.
void fill_archive(Rig& rig, int count) {
    for (int i = 0; i < count; ++i) {
        model::FeedEvent event;
        event.id = "kept-" + std::to_string(i);
        event.type = "error_report";
        event.about = model::EventAbout::error;
        event.level = model::EventLevel::danger;
        event.priority = model::EventPriority::high;
        event.time_ms = rig.time.unix_ms() - (i + 1) * 60'000LL;
        event.title = "Trouble " + std::to_string(i);
        event.message = "it broke";
        rig.events.rows["1/" + std::to_string(event.time_ms) + "/" + event.id] = base::dump_json(model::feed_event_to_json(event));
    }
    rig.events.rows["0"] = R"({"schema":1,"owner":"local"})";
}

}  // namespace

TEST_CASE("a run fills the Activity page, and an event leads to the node it is about") {
    Rig rig;
    run_sample(rig);
    open_page(rig);
    CHECK(rig.app->ui().rail == "activity");
    CHECK(rig.shows("Live"));
    CHECK(rig.unrecorded().empty());
    rig.set_text(Role::searchbox, "Search events", "deployed");
    CHECK(rig.find_part(Role::listitem, "Online shop is deployed"));
    rig.set_text(Role::searchbox, "Search events", "");
    // The chart is a table for who does not see it, and its rows add up to what the list has.
    const SemanticRecord* chart = rig.find(Role::grid, "Events over time");
    REQUIRE(chart);
    CHECK(chart->description.find(" events from ") != std::string::npos);
    int bars = 0;
    for (const SemanticRecord& record : rig.shell->semantics().records()) {
        if (record.role != Role::row || record.parent != chart->id) continue;
        ++bars;
        CHECK(record.value.find("event") != std::string::npos);
    }
    CHECK(bars > 0);
    rig.set_text(Role::searchbox, "Search events", "checkout failed");
    REQUIRE(rig.find_part(Role::listitem, "checkout failed, high, not acknowledged"));
    rig.click(Role::listitem, rig.find_part(Role::listitem, "checkout failed")->name);
    REQUIRE(rig.find(Role::dialog, "checkout failed"));
    CHECK(rig.shows("workload_status_update"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Show what it is about");
    rig.pass(500);
    CHECK_FALSE(rig.find(Role::dialog, "checkout failed"));
    CHECK(rig.app->ui().rail == "workflows");
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("checkout")});
}

TEST_CASE("search and filters narrow the list, say when nothing fits, and are cleared") {
    Rig rig;
    run_sample(rig);
    open_page(rig);
    const int all = rows(rig);
    REQUIRE(all > 4);
    rig.set_text(Role::searchbox, "Search events", "checkout failed");
    CHECK(rows(rig) == 1);
    rig.set_text(Role::searchbox, "Search events", "");
    choose(rig, "Type", "Projects");
    CHECK(rows(rig) == 2);
    choose(rig, "Priority", "High and up");
    REQUIRE(rig.find(Role::status, "No event fits these filters"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Clear filters");
    CHECK(rows(rig) == all);
    choose(rig, "Priority", "High and up");
    CHECK(rows(rig) == 1);
    choose(rig, "Priority", "Any priority");
    choose(rig, "Resource", "checkout");
    CHECK(rows(rig) >= 1);
    CHECK(rows(rig) < all);
    // The slash goes to the search of the page that is shown.
    rig.type("/");
    rig.type("nothing of the kind");
    CHECK(rig.value(Role::searchbox, "Search events") == "nothing of the kind");
    CHECK(rig.find(Role::status, "No event fits these filters"));
}

TEST_CASE("one event is acknowledged by its box, all that are shown by a button") {
    Rig rig;
    run_sample(rig);
    open_page(rig);
    rig.set_text(Role::searchbox, "Search events", "checkout failed");
    const SemanticRecord* box = rig.find(Role::checkbox, "Acknowledged: checkout failed");
    REQUIRE(box);
    CHECK((box->flags & kChecked) == 0);
    rig.click(Role::checkbox, "Acknowledged: checkout failed");
    CHECK((rig.find(Role::checkbox, "Acknowledged: checkout failed")->flags & kChecked) != 0);
    CHECK(rig.find_part(Role::listitem, "checkout failed, high")->name == "checkout failed, high");
    rig.set_text(Role::searchbox, "Search events", "");
    choose(rig, "Acknowledged", "Acknowledged");
    CHECK(rows(rig) == 1);
    choose(rig, "Acknowledged", "Not acknowledged");
    REQUIRE(rows(rig) > 2);
    rig.click(Role::button, "Acknowledge all that are shown");
    CHECK(rig.find(Role::status, "No event fits these filters"));
    rig.pass(1'000);
    // Kept by the browser.
    int open = 0;
    for (const auto& [key, text] : rig.events.rows) open += text.find("\"acknowledged\":false") != std::string::npos ? 1 : 0;
    CHECK(open == 0);
}

TEST_CASE("what is shown is exported as a file or to the clipboard") {
    Rig rig;
    run_sample(rig);
    open_page(rig);
    rig.set_text(Role::searchbox, "Search events", "checkout failed");
    rig.click(Role::button, "Export");
    CHECK(rig.find_part(Role::menuitem, "Save as CSV"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::menuitem, "Save as CSV");
    CHECK(rig.platform.saved_name.starts_with("activity-2026-"));
    CHECK(rig.platform.saved_name.ends_with(".csv"));
    CHECK(rig.platform.saved_mime == "text/csv");
    CHECK(std::count(rig.platform.saved.begin(), rig.platform.saved.end(), '\n') == 2);
    CHECK(rig.platform.saved.find("\"checkout failed\"") != std::string::npos);
    rig.click(Role::button, "Export");
    rig.click(Role::menuitem, "Copy as JSON");
    const auto json = base::parse_json(rig.platform.copied);
    REQUIRE(json);
    REQUIRE((*json)["events"].size() == 1);
    CHECK((*json)["events"][0]["status"] == "Failed");
}

TEST_CASE("one looks back out of the archive, over a reload, through thousands of rows of which a screenful is drawn") {
    Rig rig;
    fill_archive(rig, 3'000);
    rig.start();
    open_page(rig);
    CHECK(rig.app->event_feed().state().events.size() == model::EventFeed::kKept);
    choose(rig, "From", "Last hour");
    CHECK(rig.app->event_feed().state().replay.events.size() == 59);
    choose(rig, "From", "Last 30 days");
    CHECK(rig.app->event_feed().state().replay.events.size() == model::EventFeed::kMaxReplay);
    CHECK(rig.shows("These are the newest 2,000"));
    CHECK(rig.find(Role::list, "Events")->description == "2,000 events");
    CHECK(rows(rig) > 2);
    CHECK(rows(rig) < 30);
    REQUIRE(rig.find_part(Role::listitem, "Trouble 0,"));
    for (int i = 0; i < 10; ++i) rig.wheel(ImVec2(600, 500), -20);
    const SemanticRecord* first = rig.find_part(Role::listitem, "Trouble 0,");  // ImGui may submit it for the keyboard
    CHECK((first == nullptr || first->rect.y < 0));
    CHECK(rows(rig) > 5);
    CHECK(rows(rig) < 30);
    for (int i = 0; i < 20; ++i) rig.wheel(ImVec2(600, 500), 40);
    choose(rig, "From", "Latest");
    CHECK(rig.app->event_feed().state().replay.phase == model::LoadPhase::idle);
}

TEST_CASE("a time in which nothing happened says so and leads back") {
    Rig rig;
    fill_archive(rig, 0);
    rig.start();
    open_page(rig);
    REQUIRE(rig.find(Role::status, "Nothing has happened yet"));
    CHECK(rig.unrecorded().empty());
    choose(rig, "From", "Last hour");
    REQUIRE(rig.find(Role::status, "Nothing happened in this time"));
    rig.click(Role::button, "Show the latest");
    REQUIRE(rig.find(Role::status, "Nothing has happened yet"));
    rig.click(Role::button, "Go to workflows");
    CHECK(rig.app->ui().rail == "workflows");
}

TEST_CASE("the page says when it loads and when the archive cannot be read, and retries") {
    Rig rig;
    rig.start();
    open_page(rig);
    rig.events.hang(true);
    choose(rig, "From", "Last hour");
    rig.pass(400);
    CHECK(rig.find(Role::status, "Loading"));
    rig.events.hang(false);
    rig.pass(300);
    CHECK_FALSE(rig.find(Role::status, "Loading"));
    choose(rig, "From", "Latest");
    rig.events.fail_next({base::ErrorCode::unavailable, "The disk is away", ""});
    choose(rig, "From", "Last hour");
    REQUIRE(rig.find(Role::alert, "The disk is away"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Retry");
    rig.pass(300);
    CHECK(rig.find(Role::status, "Nothing happened in this time"));
}

TEST_CASE("after ten tries the feed waits for a person, who reconnects by a button") {
    Rig rig;
    without_shared_stream(rig);
    run_sample(rig);
    open_page(rig);
    const int before = rows(rig);
    rig.interceptor->add({.method = "GET", .path_part = "/events/stream", .kind = Interceptor::Kind::cut});
    rig.app->event_feed().start("local");
    rig.pass(2'000);
    CHECK(rig.shows("Reconnecting in"));
    CHECK(rows(rig) == before);  // as it was
    rig.pass(400'000);
    CHECK(rig.shows("Not connected"));
    REQUIRE(rig.find_part(Role::alert, "does not answer after 10 tries"));
    CHECK(rig.unrecorded().empty());
    CHECK(rig.frames_during(10'000) <= 1);
    rig.interceptor->clear();
    rig.click(Role::button, "Reconnect");
    rig.pass(500);
    CHECK(rig.shows("Live"));
    CHECK_FALSE(rig.find_part(Role::alert, "does not answer"));
    CHECK(rows(rig) == before);
}

TEST_CASE("a feed that is not for this user, or not there at all, says which") {
    Rig rig;
    without_shared_stream(rig);
    rig.interceptor->add({.method = "GET", .path_part = "/events/stream", .kind = Interceptor::Kind::answer, .status = 403, .body = R"({"error":"no"})"});
    rig.start();
    open_page(rig);
    REQUIRE(rig.find(Role::alert, "You have no permission for this"));
    CHECK(rig.unrecorded().empty());
    rig.interceptor->clear();
    rig.interceptor->add({.method = "GET", .path_part = "/events/stream", .kind = Interceptor::Kind::answer, .status = 404, .body = R"({"error":"no"})"});
    rig.click(Role::button, "Retry");
    rig.pass(500);
    CHECK(rig.find(Role::alert, "The stream no longer exists"));
    rig.interceptor->clear();
    rig.click(Role::button, "Retry");
    rig.pass(500);
    CHECK(rig.find(Role::status, "Nothing has happened yet"));
}

TEST_CASE("a row has the keyboard: Enter opens its details, Space acknowledges") {
    Rig rig;
    run_sample(rig);
    open_page(rig);
    rig.set_text(Role::searchbox, "Search events", "checkout failed");
    const auto focus = [&](Role role, std::string_view name) {
        const SemanticRecord* record = rig.find_part(role, name);
        REQUIRE(record);
        rig.shell->semantics().post_action({.kind = ActionKind::focus, .id = record->id, .text = {}});
        rig.settle();
        REQUIRE(rig.focused());
        REQUIRE(rig.focused()->role == role);
    };
    focus(Role::listitem, "checkout failed");
    rig.press(ImGuiKey_Enter);
    REQUIRE(rig.find(Role::dialog, "checkout failed"));
    rig.press(ImGuiKey_Escape);
    REQUIRE_FALSE(rig.find(Role::dialog, "checkout failed"));
    focus(Role::checkbox, "Acknowledged: checkout failed");
    rig.press(ImGuiKey_Space);
    CHECK((rig.find(Role::checkbox, "Acknowledged: checkout failed")->flags & kChecked) != 0);
}

TEST_CASE("an open page with a live feed draws nothing while nothing happens") {
    Rig rig;
    run_sample(rig);
    rig.pass(60'000);
    open_page(rig);
    rig.pass(2'000);
    // Ages change, "6 min ago" becomes "7 min ago": each at its own second, and those of one second in one frame.
    int frames = 0;
    for (int second = 0; second < 60; ++second) {
        const int drawn = rig.frames_during(1'000);
        frames += drawn;
        CHECK(drawn <= 1);
    }
    CHECK(frames < 10);
}

TEST_CASE("the page fits a phone, and fingers hit what is there") {
    Rig rig;
    run_sample(rig);
    rig.input.coarse_pointer = true;
    rig.resize(390, 844);
    rig.app->set_rail("activity");
    rig.pass(500);
    const SemanticRecord* page = rig.find(Role::main, "Activity");
    REQUIRE(page);
    for (const SemanticRecord& record : rig.shell->semantics().records()) {
        if (record.role != Role::listitem && record.role != Role::combobox && record.role != Role::searchbox && record.role != Role::checkbox) continue;
        INFO(role_word(record.role) << " " << record.name);
        CHECK(record.rect.x >= 0);
        CHECK(record.rect.x + record.rect.w <= 390.5f);
        CHECK(record.rect.h >= 43.5f);
    }
    CHECK(rig.unrecorded().empty());
}

TEST_CASE("a workload that fails is one toast, which leads to it from any page") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    rig.app->set_rail("settings");
    int most = 0;
    bool led = false;
    for (int i = 0; i < 900 && !led; ++i) {
        rig.pass(100);
        const auto& toasts = rig.app->toasts();
        const auto count = std::count_if(toasts.begin(), toasts.end(), [](const model::Toast& toast) { return toast.title == "checkout failed"; });
        most = std::max(most, static_cast<int>(count));
        if (count == 0) continue;
        CHECK(rig.unrecorded().empty());
        rig.click(Role::button, "Show checkout failed");
        led = true;
    }
    REQUIRE(led);
    CHECK(most == 1);
    CHECK(rig.app->ui().rail == "workflows");
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("checkout")});
    for (int i = 0; i < 300; ++i) {
        rig.pass(1'000);
        for (const model::Toast& toast : rig.app->toasts()) CHECK(toast.title != "checkout failed");  // a crash loop says it once
    }
}

TEST_CASE("how long toasts stay, and whether events make any, is chosen in the settings") {
    Rig rig;
    rig.start();
    rig.app->set_rail("settings");
    rig.settle();
    rig.click(Role::button, "Toasts");
    CHECK(rig.unrecorded().empty());
    choose(rig, "Shown for", "10 seconds");
    choose(rig, "Failures shown for", "Until dismissed");
    CHECK(rig.app->ui().toast_seconds == 10);
    CHECK(rig.app->ui().toast_error_seconds == 0);
    rig.click(Role::button, "Show an example");
    rig.app->show_toast(model::ToastKind::danger, "Broken", "for good");
    rig.pass(9'000);
    CHECK(rig.app->toasts().size() == 2);
    rig.pass(1'500);
    REQUIRE(rig.app->toasts().size() == 1);
    rig.pass(3'600'000);
    REQUIRE(rig.app->toasts().size() == 1);
    rig.app->dismiss_toast(rig.app->toasts()[0].id);
    rig.click(Role::switch_, "Events as toasts");
    CHECK_FALSE(rig.app->ui().event_toasts);
    rig.app->set_rail("workflows");
    rig.settle();
    rig.click(Role::button, "Run");
    for (int i = 0; i < 90; ++i) {
        rig.pass(1'000);
        for (const model::Toast& toast : rig.app->toasts()) CHECK(toast.title != "checkout failed");
    }
    CHECK_FALSE(rig.app->event_feed().events_of_type("workload.failed").empty());
}

TEST_CASE("who presses Run is told once how it went") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    for (int i = 0; i < 100; ++i) {
        rig.pass(100);
        for (const model::Toast& toast : rig.app->toasts()) CHECK(toast.title != "Online shop is deployed");
    }
    CHECK_FALSE(rig.app->event_feed().events_of_type("project.ready").empty());
}
