// The parts of the UI that need no window.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "ui/commands.hpp"
#include "ui/semantics.hpp"
#include "ui/theme.hpp"
#include "ui/views/layout.hpp"
#include "ui/views/log_view.hpp"
#include "ui/views/views.hpp"

using namespace ui;  // a test file

TEST_CASE("every text colour of both themes has a contrast of at least 4.5 on every surface") {
    for (const Theme& theme : {dark_theme(), light_theme()}) {
        for (const ImU32 surface : {theme.background, theme.surface, theme.raised, theme.hover}) {
            CAPTURE(theme.dark, to_rgb_hex(surface));
            CHECK(contrast_ratio(theme.text, surface) >= 4.5);
            CHECK(contrast_ratio(theme.muted, surface) >= 4.5);
            CHECK(contrast_ratio(theme.danger_text, surface) >= 4.5);
        }
        CHECK(contrast_ratio(theme.on_accent, theme.accent) >= 4.5);
        CHECK(contrast_ratio(theme.on_danger, theme.danger_fill) >= 4.5);
        CHECK(contrast_ratio(theme.log_time, theme.background) >= 4.5);
        CHECK(contrast_ratio(theme.text, theme.match) >= 4.5);
        CHECK(contrast_ratio(theme.text, theme.danger_soft) >= 4.5);
        CHECK(contrast_ratio(theme.text, theme.accent_soft) >= 4.5);
        CHECK(contrast_ratio(theme.warning, theme.background) >= 4.5);
        for (const char* source : {"a", "checkout", "web-0", "orders-db-0"}) CHECK(contrast_ratio(source_color(theme, source), theme.background) >= 4.5);
    }
}

TEST_CASE("snapping puts lines on device pixels at every pixel ratio") {
    for (const float ratio : {1.0f, 1.25f, 2.0f, 3.0f}) {
        const float snapped = snap(10.37f, ratio);
        CHECK_THAT(snapped * ratio, Catch::Matchers::WithinAbs(std::round(10.37f * ratio), 1e-3));
    }
}

TEST_CASE("key texts parse and read back as people write them") {
    const auto chords = parse_keys("Mod+Shift+Z");
    REQUIRE(chords.size() == 1);
    CHECK(chords[0] == KeyChord{.key = "z", .mod = true, .shift = true});
    CHECK(parse_keys("+") == std::vector<KeyChord>{{.key = "+"}});
    CHECK(parse_keys("Mod++") == std::vector<KeyChord>{{.key = "+", .mod = true}});
    CHECK(parse_keys("G W").size() == 2);
    CHECK(parse_keys("Hyper+Z").empty());
    CHECK(keys_label("Mod+Shift+Z", false) == "Ctrl Shift Z");
    CHECK(keys_label("Mod+Shift+Z", true) == "⇧⌘Z");
    CHECK(keys_label("G W", false) == "G then W");
}

TEST_CASE("commands run by chord and sequence, and not while text is edited") {
    CommandTable table(false);
    std::string ran;
    bool allowed = true;
    table.add({.id = "palette", .title = "Palette", .keys = {"Mod+K"}, .run = [&] { ran += "k"; }});
    table.add({.id = "help", .title = "Help", .keys = {"?"}, .run = [&] { ran += "?"; }});
    table.add({.id = "go", .title = "Go", .keys = {"G W"}, .run = [&] { ran += "w"; }});
    table.add({.id = "guarded", .title = "Guarded", .keys = {"X"}, .enabled = [&] { return allowed; }, .run = [&] { ran += "x"; }});

    CHECK(table.press({.key = "k", .ctrl = true}, 0));
    CHECK_FALSE(table.press({.key = "k"}, 0));
    CHECK(table.press({.key = "?", .shift = true}, 0));
    CHECK(table.press({.key = "g"}, 1000));
    CHECK(table.press({.key = "w"}, 1500));
    CHECK(ran == "k?w");
    SECTION("a sequence ends after a second") {
        CHECK(table.press({.key = "g"}, 2000));
        CHECK_FALSE(table.press({.key = "w"}, 3500));
        CHECK(ran == "k?w");
    }
    SECTION("text fields keep plain keys, chords still work") {
        CHECK_FALSE(table.owns({.key = "?", .text_editing = true}, 0));
        CHECK(table.owns({.key = "k", .ctrl = true, .text_editing = true}, 0));
    }
    SECTION("a command that is not enabled owns no key") {
        allowed = false;
        CHECK_FALSE(table.owns({.key = "x"}, 0));
        CHECK_FALSE(table.run("guarded"));
    }
    SECTION("what the browser owns stays with it") {
        for (const char* key : {"l", "t", "w", "f"}) CHECK_FALSE(table.owns({.key = key, .ctrl = true}, 0));
    }
}

TEST_CASE("on a Mac the command key is the one that counts") {
    CommandTable table(true);
    table.add({.id = "palette", .title = "Palette", .keys = {"Mod+K"}, .run = [] {}});
    CHECK(table.owns({.key = "k", .meta = true}, 0));
    CHECK_FALSE(table.owns({.key = "k", .ctrl = true}, 0));
}

TEST_CASE("fuzzy search prefers starts of words and needs all letters in order") {
    CHECK_FALSE(fuzzy_score("xyz", "Run workflow"));
    CHECK(fuzzy_score("rw", "Run workflow").value() > fuzzy_score("rw", "Error window").value());
    CHECK(fuzzy_score("run", "Run workflow").value() > fuzzy_score("run", "Prune").value());
}

TEST_CASE("only landmarks and announcements are kept until the full tree is wanted") {
    Semantics tree;
    auto fill = [&] {
        tree.begin_frame();
        tree.begin_group({.id = 1, .role = Role::region, .name = "Panel"});
        tree.push({.id = 2, .role = Role::button, .name = "Run"});
        tree.push({.id = 3, .role = Role::text, .flags = kLive, .name = "5 of 6 ready"});
        tree.end_group();
    };
    fill();
    CHECK(tree.finish_frame());
    CHECK(tree.records().size() == 2);
    tree.set_full(true);
    fill();
    CHECK(tree.finish_frame());
    REQUIRE(tree.records().size() == 3);
    CHECK(tree.records()[1].parent == 1);
    fill();
    CHECK_FALSE(tree.finish_frame());
}

TEST_CASE("records with the same id get different stable ids") {
    Semantics tree;
    tree.set_full(true);
    std::vector<std::uint32_t> first;
    for (int frame = 0; frame < 2; ++frame) {
        tree.begin_frame();
        for (int i = 0; i < 3; ++i) tree.push({.id = 7, .role = Role::text, .name = "Pods"});
        std::vector<std::uint32_t> ids;
        for (const auto& record : tree.records()) ids.push_back(record.id);
        CHECK(ids[0] != ids[1]);
        CHECK(ids[1] != ids[2]);
        if (frame == 0) first = ids;
        else CHECK(ids == first);
    }
}

TEST_CASE("an action that nobody takes is dropped after two frames") {
    Semantics tree;
    tree.post_action({.kind = ActionKind::activate, .id = 5});
    tree.expire_actions();
    CHECK(tree.has_actions());
    tree.expire_actions();
    CHECK_FALSE(tree.has_actions());
}

TEST_CASE("the layout of the guide at its three widths") {
    SECTION("wide: rail, bars, inspector and dock around the canvas") {
        const Layout layout = make_layout({.width = 1280, .height = 800});
        CHECK_FALSE(layout.compact);
        CHECK(layout.rail.width() == 48);
        CHECK(layout.top_bar.height() == 44);
        CHECK(layout.inspector.width() == 320);
        CHECK(layout.dock.height() == 240);
        CHECK(layout.status_bar.height() == 24);
        CHECK(layout.canvas.width() == 1280 - 48 - 320);
        CHECK(layout.canvas.height() == 800 - 44 - 240 - 24);
    }
    SECTION("below 900 px the inspector is a sheet over the canvas and the dock a strip") {
        const Layout layout = make_layout({.width = 820, .height = 700, .inspector = true, .dock_open = false});
        CHECK(layout.compact);
        CHECK_FALSE(layout.narrow);
        CHECK(layout.canvas.max.x == 820);
        CHECK(layout.inspector.min.x < layout.canvas.max.x);
        CHECK(layout.dock.height() == 36);
        const Layout open = make_layout({.width = 820, .height = 700, .dock_open = true});
        CHECK(open.dock.height() == open.main.height());
        CHECK(open.inspector.empty());
    }
    SECTION("below 600 px the rail is at the bottom") {
        const Layout layout = make_layout({.width = 390, .height = 844, .coarse_pointer = true, .inspector = false, .dock_open = false});
        CHECK(layout.narrow);
        CHECK(layout.rail.width() == 390);
        CHECK(layout.rail.max.y == 844);
        CHECK(layout.dock.height() >= 44);
    }
    SECTION("embedded: no rail, no top bar") {
        const Layout layout = make_layout({.width = 1000, .height = 600, .embed = true});
        CHECK(layout.rail.empty());
        CHECK(layout.top_bar.empty());
        CHECK(layout.canvas.min.x == 0);
        CHECK(layout.canvas.min.y == 0);
    }
    SECTION("no size makes a part negative") {
        for (const float width : {1.0f, 200.0f, 599.0f, 899.0f, 900.0f, 4000.0f}) {
            for (const float height : {1.0f, 120.0f, 400.0f, 2000.0f}) {
                const Layout layout = make_layout({.width = width, .height = height, .sizes = {.inspector_width = 5000, .dock_height = 5000}});
                CAPTURE(width, height);
                CHECK(layout.canvas.max.x >= layout.canvas.min.x);
                CHECK(layout.dock.max.y >= layout.dock.min.y);
                CHECK(layout.main.max.y >= layout.main.min.y);
            }
        }
    }
}

TEST_CASE("log search follows the ring: new lines are found, dropped ones forgotten") {
    model::LogBuffer log(3);
    LogSearch search;
    log.append("GET /a 200 200");
    log.append("GET /b 404");
    search.update(log, "200");
    CHECK(search.total() == 2);
    log.append("get /c 200");
    search.update(log, "200");
    CHECK(search.total() == 3);
    CHECK(search.move(1) == 2);  // the newest first
    CHECK(search.current_number() == 3);
    CHECK(search.move(1) == 0);  // around to the oldest
    CHECK(search.current_number() == 1);
    CHECK(search.move(-1) == 2);
    log.append("x");             // line 0 falls out
    search.update(log, "200");
    CHECK(search.total() == 1);
    CHECK(search.current_number() == 1);
    search.update(log, "GET");
    CHECK(search.total() == 2);
    search.update(log, "");
    CHECK(search.total() == 0);
    CHECK(search.move(1) == LogSearch::kNone);
}

TEST_CASE("the rate of lines rises with them and falls to zero two seconds after the last") {
    LineRate rate;
    CHECK(rate.update(100, 0) == 0.0);
    CHECK(rate.settles_in_ms(0) == -1);
    const double fast = rate.update(1100, 1000);
    CHECK(fast >= 900);
    CHECK(fast <= 1100);
    CHECK(rate.settles_in_ms(1000) == 2000);
    CHECK(rate.update(1100, 3100) == 0.0);
}

TEST_CASE("wrapped lines take the rows that their characters need") {
    model::LogBuffer log;
    log.append("short");
    log.append("0123456789abcdefghij-");
    log.append("äöüäöüäöüä");  // ten characters, twenty bytes
    WrapIndex wrap;
    wrap.update(log, 10, 0);
    CHECK(wrap.rows() == 1 + 3 + 1);
    CHECK(wrap.row_of(1) == 1);
    CHECK(wrap.row_of(2) == 4);
    CHECK(wrap.line_at(0) == 0);
    CHECK(wrap.line_at(3) == 1);
    CHECK(wrap.line_at(4) == 2);
    CHECK(wrap.line_at(99) == 2);
}

TEST_CASE("log columns: the clock of a stamp and the level taken off a message") {
    CHECK(clock_of("2026-01-01T14:02:31.204567891Z") == "14:02:31.204");
    CHECK(clock_of("2026-01-01T14:02:31Z") == "14:02:31");
    CHECK(without_level("INFO  started", model::LogLevel::info) == "started");
    CHECK(without_level("[error] no", model::LogLevel::error) == "no");
    CHECK(without_level("warning: low", model::LogLevel::warning) == "low");
    CHECK(without_level("INFORMATION", model::LogLevel::info) == "INFORMATION");
    CHECK(without_level("GET / 200", model::LogLevel::none) == "GET / 200");
}

TEST_CASE("a line's own time is not shown beside the same one in the time column") {
    constexpr std::string_view kStamp = "2026-11-20T18:48:53.204Z";
    CHECK(without_time("2026-11-20T18:48:53.1Z started", kStamp) == "started");
    CHECK(without_time("2026-11-20 19:48:52,991+01:00 INFO started", kStamp) == "INFO started");
    CHECK(without_time("2026/11/20 18:48:53 [notice] 1#1: start", kStamp) == "[notice] 1#1: start");
    CHECK(without_time("[18:48:55] up", kStamp) == "up");
    CHECK(without_time("18:48:57.5  up", kStamp) == "up");
    CHECK(without_time("2026-11-20T18:59:59Z x", "2026-11-20T19:00:01Z") == "x");
    // Another time says something of its own.
    CHECK(without_time("2026-11-20T18:40:53Z replayed", kStamp) == "2026-11-20T18:40:53Z replayed");
    for (const std::string_view kept : {"18:48:53", "18:48:53 ", "[18:48:53 up", "18:48:53up", "18:48:5", "2026-11-20", "2026-11-20T", "", "["}) CHECK(without_time(kept, kStamp) == kept);
    CHECK(without_time("18:48:53 up", "") == "18:48:53 up");
}

TEST_CASE("a status message splits into Kubernetes' reason and the sentence") {
    CHECK(split_reason("ImagePullBackOff: no tag 9.9").reason == "ImagePullBackOff");
    CHECK(split_reason("ImagePullBackOff: no tag 9.9").detail == "no tag 9.9");
    CHECK(split_reason("The pod failed: why").reason.empty());
    CHECK(image_problem_words("ErrImagePull: x: a:1: not found (newest known tag: 3.1)", "host:5000/a:1") == "The registry has no tag 1. Newest known tag: 3.1");
    CHECK(image_problem_words("ErrImagePull: x: a: not found", "host:5000/a") == "The registry has no such image");
    CHECK(image_problem_words("ErrImagePull: no route to host", "a:1") == "no route to host");
    CHECK(is_image_problem("ErrImagePull: x"));
    CHECK_FALSE(is_image_problem("CrashLoopBackOff"));
}
