// FeedsRig: a part of the model against scripted routes, in virtual time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "model/model_context.hpp"
#include "net/loopback.hpp"
#include "state/storage.hpp"

namespace model::testing {

class ScriptedHub final : public net::HttpHandler {
public:
    struct Reply {
        int status = 200;
        Json body = Json::object();
    };
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const std::string call = request.method + " " + request.target.substr(std::string_view("/v1/api").size());
        calls.push_back(call);
        bodies.push_back(request.body);
        if (call.starts_with("GET ") && call.ends_with("/stream")) {
            if (streams_down) return writer->abort();
            last_event_id = request.headers.get("last-event-id");
            writer->start({200, {{"content-type", "text/event-stream"}}});
            stream = std::move(writer);  // the latest
            return;
        }
        if (hang.contains(call)) {
            hanging.push_back(std::move(writer));
            return;
        }
        const auto found = replies.find(call);
        const Reply reply = found == replies.end() ? Reply{404, {{"error", "no such route"}}} : found->second;
        writer->respond({reply.status, {{"content-type", "application/json"}}, reply.body.dump()});
    }
    void send(const std::string& type, const Json& data) { stream->write("event:" + type + "\ndata:" + data.dump() + "\n\n"); }
    [[nodiscard]] int count(const std::string& call) const {
        int n = 0;
        for (const std::string& each : calls) n += each == call ? 1 : 0;
        return n;
    }

    std::map<std::string, Reply> replies;
    std::map<std::string, bool> hang;
    std::vector<std::shared_ptr<net::ResponseWriter>> hanging;
    std::vector<std::string> calls;
    std::vector<std::string> bodies;
    std::shared_ptr<net::ResponseWriter> stream;
    std::string last_event_id;  // that the latest stream asked to go on from
    bool streams_down = false;
};

class NoSession final : public net::Session {
public:
    [[nodiscard]] std::string token() const override { return {}; }
    [[nodiscard]] bool token_expired() const override { return false; }
    void renewed(const Json&) override {}
    void ended() override {}
};

struct FeedsRig {
    explicit FeedsRig(state::MemoryStorage& kept) : persist(kept) {}
    FeedsRig() : FeedsRig(own_storage) {}
    void pass(std::int64_t ms = 100) { time.advance(ms); }

    state::MemoryStorage own_storage;
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{11};
    ScriptedHub hub;
    net::LoopbackClient http{time, hub};
    NoSession session;
    net::ApiClient api{http, time, "/v1/api", session};
    state::QueryClient queries{time};
    state::PersistHub persist;
    TopicSet topics = 0;
    std::vector<std::string> toasts;  // titles
    net::SharedStreams streams{http, time, random};
    ModelContext context{.api = api, .queries = queries, .scheduler = time, .random = random, .persist = persist, .streams = streams, .changed = [this](TopicSet t) { topics |= t; },
                         .toast = [this](ToastKind, std::string title, std::string) { toasts.push_back(std::move(title)); }};
};

}  // namespace model::testing
