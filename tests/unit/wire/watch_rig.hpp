// Rig of the watch machine: a scripted server, a clock, and a consumer that writes down what it hears.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "wire/watch_machine.hpp"

namespace wire::testing {

struct Recorder final : WatchConsumer {
    void on_init() override { heard.emplace_back("init"); }
    void on_init_apply(const WatchObject& object) override { hear("+", object); }
    void on_init_done(std::string_view version) override { heard.push_back("done " + std::string(version)); }
    void on_apply(const WatchObject& object) override { hear("apply ", object); }
    void on_deleted(const WatchObject& object) override { hear("deleted ", object); }
    void on_bookmark(std::string_view version) override { heard.push_back("bookmark " + std::string(version)); }
    void on_trouble(const WatchTrouble& trouble) override {
        heard.emplace_back("trouble");
        troubles.push_back(trouble);
    }
    void on_recovered() override { heard.emplace_back("recovered"); }
    void hear(std::string_view what, const WatchObject& object) {
        heard.push_back(std::string(what) + std::string(object.name) + "@" + std::string(object.resource_version));
        last_json = object.json;
    }

    // What was heard since the last call.
    std::vector<std::string> take() { return std::exchange(heard, {}); }

    std::vector<std::string> heard;
    std::vector<WatchTrouble> troubles;
    std::string last_json;
};

inline std::string object(std::string_view name, int version, std::string_view more = {}) {
    return R"({"metadata":{"name":")" + std::string(name) + R"(","namespace":"default","uid":"u-)" + std::string(name) + R"(","resourceVersion":")" + std::to_string(version) +
           R"("})" + std::string(more) + "}";
}
inline std::string event(std::string_view type, std::string_view json) { return R"({"type":")" + std::string(type) + R"(","object":)" + std::string(json) + "}\n"; }
inline std::string bookmark(int version, bool ends = false) {
    const std::string annotations = ends ? R"(,"annotations":{"k8s.io/initial-events-end":"true"})" : "";
    return event("BOOKMARK", R"({"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":")" + std::to_string(version) + "\"" + annotations + "}}");
}
inline std::string list(int version, const std::vector<std::string>& items, std::string_view token = {}) {
    std::string text = R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":")" + std::to_string(version) + "\"";
    if (!token.empty()) text += R"(,"continue":")" + std::string(token) + "\"";
    text += R"(},"items":[)";
    for (std::size_t i = 0; i < items.size(); ++i) text += (i > 0 ? "," : "") + items[i];
    return text + "]}";
}
inline std::string status(int code, std::string_view reason, std::string_view details = {}) {
    return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"it says )" + std::string(reason) + R"(","reason":")" + std::string(reason) + R"(","code":)" +
           std::to_string(code) + std::string(details) + "}";
}
inline const std::string kTooLarge = R"(,"details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1})";

struct Rig {
    explicit Rig(WatchOptions options = pages()) : machine(std::move(options), random, consumer) {
        machine.start(now);
        sync();
    }
    static WatchOptions pages() { return {.path = "/api/v1/pods", .streaming_list = false}; }
    static WatchOptions streaming() { return {.path = "/api/v1/pods"}; }

    // What a driver does after every call.
    void sync() {
        if (!machine.request() || machine.request()->id == id) return;
        id = machine.request()->id;
        targets.push_back(machine.request()->target);
        machine.sent(id, now);
    }
    [[nodiscard]] bool asking() const { return machine.request().has_value(); }
    [[nodiscard]] bool last_has(std::string_view part) const { return targets.back().find(part) != std::string::npos; }

    void head(int code, std::string_view retry_after = {}) {
        machine.on_head(id, now, {.status = code, .retry_after = retry_after});
        sync();
    }
    void data(std::string_view bytes) {
        machine.on_data(id, now, bytes);
        sync();
    }
    void end() {
        machine.on_end(id, now, nullptr);
        sync();
    }
    void cut() {
        const base::Error error{base::ErrorCode::unavailable, "connection reset", {}};
        machine.on_end(id, now, &error);
        sync();
    }
    void answer(int code, std::string_view body, std::string_view retry_after = {}) {
        head(code, retry_after);
        if (!body.empty()) data(body);
        end();
    }
    // Time passes; ticks come when they are due.
    void pass(std::int64_t ms) {
        const std::int64_t until = now + ms;
        while (const auto due = machine.deadline_ms()) {
            if (*due > until) break;
            now = std::max(now, *due);
            machine.tick(now);
            sync();
        }
        now = until;
    }
    // To the next thing that is due; how long that took.
    std::int64_t pass_to_next() {
        const std::int64_t before = now;
        if (const auto due = machine.deadline_ms()) pass(*due - now);
        return now - before;
    }
    // A list of `names` at 10, and the watch on it open.
    void open(const std::vector<std::string>& items = {}) {
        answer(200, list(10, items));
        head(200);
        consumer.take();
    }

    base::testing::SeededRandom random{3};
    Recorder consumer;
    WatchMachine machine;
    std::int64_t now = 1'000;
    std::uint64_t id = 0;
    std::vector<std::string> targets;
};

using Heard = std::vector<std::string>;

}  // namespace wire::testing
