// A backend that knows one good token, tabs that share a stored one, and a client in each.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"
#include "net/api_client.hpp"
#include "net/loopback.hpp"
#include "wire/json_reader.hpp"

namespace token_rig {

using namespace net;

// Accepts the bearer `good`. /auth/refresh answers as told: by default with the next token for the good or an expired one.
class Backend final : public HttpHandler {
public:
    using Answer = std::function<void(const ServerRequest&, ResponseWriter&)>;

    void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) override {
        requests.push_back(request);
        const std::string path = request.target.substr(0, request.target.find('?')).substr(7);  // behind "/v1/api"
        if (path == "/auth/refresh") {
            ++refreshes;
            if (hold_refresh) return held.push_back({std::move(request), std::move(writer)});
            return answer_refresh(request, *writer);
        }
        if (hold.contains(path)) return held.push_back({std::move(request), std::move(writer)});
        answer(request, *writer);
    }
    void answer(const ServerRequest& request, ResponseWriter& writer) {
        const std::string path = request.target.substr(0, request.target.find('?')).substr(7);
        if (const auto special = answers.find(path); special != answers.end()) return special->second(request, writer);
        if (path == "/auth/login") return json(writer, 200, R"({"token":"t1"})");
        if (request.headers.get("authorization") != "Bearer " + good) return json(writer, 401, R"({"error":"token expired"})");
        json(writer, 200, R"({"ok":true})");
    }
    void answer_refresh(const ServerRequest& request, ResponseWriter& writer) {
        if (refresh_answer) return refresh_answer(request, writer);
        good = "t" + std::to_string(++issued);
        json(writer, 200, R"({"token":")" + good + "\"}");
    }
    // Answers what was held, oldest first.
    void release() {
        auto now = std::exchange(held, {});
        for (auto& [request, writer] : now) request.target.ends_with("/auth/refresh") ? answer_refresh(request, *writer) : answer(request, *writer);
    }
    static void json(ResponseWriter& writer, int status, const std::string& text) { writer.respond({status, {{"content-type", "application/json"}}, text}); }
    static Answer always(int status, std::string text) {
        return [status, text = std::move(text)](const ServerRequest&, ResponseWriter& writer) { json(writer, status, text); };
    }
    [[nodiscard]] int count(std::string_view path) const {
        int n = 0;
        for (const auto& request : requests) n += request.target == "/v1/api" + std::string(path) ? 1 : 0;
        return n;
    }

    std::vector<ServerRequest> requests;
    std::vector<std::pair<ServerRequest, std::shared_ptr<ResponseWriter>>> held;
    std::map<std::string, Answer> answers;
    std::map<std::string, bool> hold;
    Answer refresh_answer;
    std::string good = "t1";
    int issued = 1;
    int refreshes = 0;
    bool hold_refresh = false;
};

// What localStorage is to real tabs.
struct Stored {
    std::string token = "t1";
    std::uint64_t epoch = 1;
    bool expired = false;
};

struct TabSession final : Session {
    explicit TabSession(Stored& storage) : stored(storage) { sync(); }
    std::string token() const override { return value; }
    bool token_expired() const override { return expired; }
    bool renewal_due() const override { return expired || due; }
    void renewed(const Json& json) override {
        const auto fresh = json.find("token");
        if (fresh == json.end() || !fresh->is_string()) return;
        ++renewals;
        stored = {fresh->get_ref<const std::string&>(), epoch_now, false};
        due = false;
        sync();
    }
    void ended() override { ++endings; }
    std::uint64_t epoch() const override { return epoch_now; }
    void sync() override {
        if (asleep) return;
        if (stored.token != value) due = false;
        value = stored.token;
        expired = stored.expired;
        epoch_now = stored.epoch;
    }
    base::TabLocks* locks() override { return lock_port; }
    void answered(const ReplyTiming& timing) override { timings.push_back(timing); }

    Stored& stored;
    std::string value;
    std::uint64_t epoch_now = 0;
    bool expired = false;
    bool due = false;
    bool asleep = false;  // hears nothing of the storage
    base::TabLocks* lock_port = nullptr;
    int renewals = 0;
    int endings = 0;
    std::vector<ReplyTiming> timings;
};

// One tab.
struct Tab {
    Tab(base::testing::VirtualScheduler& scheduler, Backend& backend, Stored& stored) : time(scheduler), http(scheduler, backend), session(stored), api(http, scheduler, "/v1/api", session) {}

    std::size_t call(std::string path, std::string method = "GET", Headers headers = {}) {
        const std::size_t index = replies.size();
        replies.emplace_back();
        handles.push_back(api.call({.method = std::move(method), .path = std::move(path), .headers = std::move(headers), .timeout_ms = timeout_ms},
                                   [this, index](base::Result<ApiReply> reply) { replies[index].push_back(std::move(reply)); }));
        return index;
    }
    [[nodiscard]] bool good(std::size_t index) const { return replies[index].size() == 1 && replies[index][0].has_value(); }
    [[nodiscard]] std::string error(std::size_t index) const {
        if (replies[index].empty()) return "none yet";
        if (replies[index].size() > 1) return "several";
        return replies[index][0] ? "good" : std::string(base::to_string(replies[index][0].error().code));
    }

    base::testing::VirtualScheduler& time;
    LoopbackClient http;
    TabSession session;
    ApiClient api;
    std::int64_t timeout_ms = 30'000;
    std::vector<RequestHandle> handles;
    std::vector<std::vector<base::Result<ApiReply>>> replies;  // per call; one each
};

struct Rig {
    base::testing::VirtualScheduler time;
    Backend backend;
    Stored stored;
    Tab tab{time, backend, stored};
    // The stored token is no longer good, and everybody knows (expired) or will learn by a 401.
    void spoil(bool known) {
        stored.expired = known;
        backend.good = "another";
        tab.session.sync();
    }
};

}  // namespace token_rig
