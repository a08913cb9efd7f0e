#include <catch2/catch_test_macros.hpp>

#include <string>

#include "base/testing/virtual_scheduler.hpp"
#include "state/trace.hpp"

namespace {

struct Session {
    std::string user;
    std::string token;
    int width = 100;
    friend bool operator==(const Session&, const Session&) = default;
};

base::Json shown(const Session& s) { return {{"user", s.user}, {"token", state::redacted(s.token)}, {"panel", {{"width", s.width}}}}; }

std::string text_of(const state::TraceEntry& entry) {
    std::string text = entry.store + " " + entry.action + " x" + std::to_string(entry.count);
    for (const auto& change : entry.changes) text += " " + change.path + ": " + change.from + " -> " + change.to;
    return text;
}

}  // namespace

TEST_CASE("a named update is traced with its time, store, action and difference [Z6]") {
    base::testing::VirtualScheduler time;
    state::Trace trace(time);
    state::Store<Session> store;
    const auto watching = trace.watch(store, "session", shown);
    time.advance(500);
    store.update("login", [](Session& s) {
        s.user = "ada";
        s.token = "very-secret";
    });
    REQUIRE(trace.entries().size() == 1);
    CHECK(text_of(trace.entries()[0]) == R"_(session login x1 /token: "(none)" -> "(set)" /user: "" -> "ada")_");
    CHECK(trace.entries()[0].unix_ms == time.unix_ms());
    CHECK(base::dump_json(trace.to_json()).find("very-secret") == std::string::npos);
    CHECK(base::dump_json(trace.to_json()).find("2026-01-01T00:00:00.5") != std::string::npos);
}

TEST_CASE("what the projection does not show makes no entry, and an update without a name is a change [Z6]") {
    base::testing::VirtualScheduler time;
    state::Trace trace(time);
    state::Store<Session> store(Session{"ada", "a", 100});
    const auto watching = trace.watch(store, "session", shown);
    store.update("renew", [](Session& s) { s.token = "b"; });
    CHECK(trace.entries().empty());
    store.update([](Session& s) { s.width = 120; });
    REQUIRE(trace.entries().size() == 1);
    CHECK(text_of(trace.entries()[0]) == "session change x1 /panel/width: 100 -> 120");
}

TEST_CASE("a drag is one entry with a count, from where it began to where it is [Z6]") {
    base::testing::VirtualScheduler time;
    state::Trace trace(time);
    state::Store<Session> store;
    const auto watching = trace.watch(store, "session", shown);
    for (int i = 1; i <= 60; ++i) {
        time.advance(16);
        store.update("resize", [&](Session& s) { s.width = 100 + i; });
    }
    REQUIRE(trace.entries().size() == 1);
    CHECK(text_of(trace.entries()[0]) == "session resize x60 /panel/width: 100 -> 160");
    time.advance(state::Trace::kCoalesceMs);
    store.update("resize", [](Session& s) { s.width = 7; });
    CHECK(trace.entries().size() == 2);
}

TEST_CASE("actions of updates made in callbacks keep their own names [Z5 Z6]") {
    base::testing::VirtualScheduler time;
    state::Trace trace(time);
    state::Store<Session> store;
    const auto watching = trace.watch(store, "session", shown);
    const auto reacting = store.subscribe([](const Session& s) { return s.user; },
                                          [&](const std::string&, const std::string&) { store.update("widen", [](Session& s) { s.width = 300; }); });
    store.update("login", [](Session& s) { s.user = "ada"; });
    REQUIRE(trace.entries().size() == 2);
    CHECK(text_of(trace.entries()[0]) == R"(session login x1 /user: "" -> "ada")");
    CHECK(text_of(trace.entries()[1]) == "session widen x1 /panel/width: 100 -> 300");
}

TEST_CASE("a large difference is cut, in entries, in number and within no character") {
    base::Json from = base::Json::object();
    base::Json to = base::Json::object();
    for (int i = 0; i < 100; ++i) to["key/" + std::to_string(i)] = i;
    CHECK(state::differences(from, to, 16).size() == 16);
    CHECK(state::differences(from, to, 16)[0].path == "/key~10");

    std::string umlauts;
    for (int i = 0; i < 200; ++i) umlauts += "ä";
    const auto changes = state::differences({{"text", ""}}, {{"text", umlauts}}, 16);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].to.size() <= state::Trace::kMaxValueBytes + 3);
    CHECK(base::dump_json(base::Json(changes[0].to)).find("\xEF\xBF\xBD") == std::string::npos);

    base::testing::VirtualScheduler time;
    state::Trace trace(time);
    for (std::size_t i = 0; i < state::Trace::kCapacity + 10; ++i) trace.record("s", "a" + std::to_string(i), i, i + 1);
    CHECK(trace.entries().size() == state::Trace::kCapacity);
    CHECK(trace.to_json()["older"] == 10);
    CHECK(trace.to_json()["entries"].size() == state::Trace::kCapacity);
}
