// HubRig: a hub over loopback with a fake or a real cluster behind it, in virtual time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "hub/hub.hpp"
#include "hub/json_text.hpp"
#include "hub/memory_document_store.hpp"
#include "net/loopback.hpp"
#include "wire/sse_parser.hpp"

namespace hub::testing {

// Hashes in virtual time without hashing: "h:" + password.
class PlainHasher final : public PasswordHasher {
public:
    explicit PlainHasher(base::Scheduler& scheduler) : scheduler_(scheduler) {}
    void hash(std::string password, base::UniqueFunction<void(base::Result<std::string>)> done) override {
        ++hashed;
        scheduler_.post([password = std::move(password), done = std::move(done)]() mutable { done("h:" + password); });
    }
    void verify(std::string password, std::string encoded, base::UniqueFunction<void(base::Result<bool>)> done) override {
        ++verified;
        scheduler_.post([right = encoded == "h:" + password, done = std::move(done)]() mutable { done(right); });
    }
    int hashed = 0;
    int verified = 0;

private:
    base::Scheduler& scheduler_;
};

struct Answer {
    int status = 0;
    net::Headers headers;
    Json body;
};

struct Event {
    std::string type;
    std::string data;
    [[nodiscard]] Json json() const {
        auto parsed = base::parse_json(data);
        return parsed ? *parsed : Json();
    }
};

// An open event stream and what came over it.
struct Stream {
    net::RequestHandle handle;
    int status = 0;
    std::string bytes;
    bool done = false;
    wire::SseParser parser;
    std::vector<Event> events;

    [[nodiscard]] std::vector<Event> of_type(const std::string& type) const {
        std::vector<Event> found;
        for (const Event& event : events) {
            if (event.type == type) found.push_back(event);
        }
        return found;
    }
};

class HubRig {
public:
    explicit HubRig(net::HttpHandler& kube, AuthMode auth = AuthMode::none, std::string sample = {})
        : HubRig(std::make_shared<base::testing::VirtualScheduler>(), kube, auth, std::move(sample)) {}
    // For a cluster that runs on the same scheduler.
    HubRig(std::shared_ptr<base::testing::VirtualScheduler> scheduler, net::HttpHandler& kube, AuthMode auth, std::string sample)
        : time_owner(std::move(scheduler)), time(*time_owner), kube_client(time, kube), store(time), hasher(time) {
        options.auth = auth;
        options.version = "1.2.3";
        options.sample_workflow_json = std::move(sample);
        start();
    }
    void start() {
        client.reset();
        HubPorts ports{.kube = kube_client, .documents = store, .scheduler = time, .random = random, .passwords = &hasher, .outbound = outbound, .external = external, .connector = connector};
        hub = std::make_unique<Hub>(ports, options);
        client = std::make_unique<net::LoopbackClient>(time, *hub);
    }

    Answer call(const std::string& method, const std::string& path, Json body = nullptr, net::Headers headers = {}) {
        return call_raw(method, path, body.is_null() ? std::string() : dump_json(body), std::move(headers));
    }
    Answer call_raw(const std::string& method, const std::string& path, std::string body, net::Headers headers = {}) {
        if (!token.empty() && !headers.has("authorization")) headers.set("authorization", "Bearer " + token);
        std::optional<Answer> answer;
        const auto handle = net::fetch(*client, {.method = method, .target = "/v1/api" + path, .headers = std::move(headers), .body = std::move(body)},
                                       [&](base::Result<net::Response> response) {
                                           answer.emplace();
                                           if (!response) return;
                                           answer->status = response->status;
                                           answer->headers = response->headers;
                                           if (auto json = base::parse_json(response->body)) answer->body = std::move(*json);
                                       });
        for (int i = 0; i < 200 && !answer; ++i) {
            time.run_ready();
            if (!answer) time.advance(100);
        }
        return answer.value_or(Answer{});
    }

    std::unique_ptr<Stream> open(const std::string& path, const std::string& last_event_id = "") {
        auto stream = std::make_unique<Stream>();
        Stream* raw = stream.get();
        net::Headers headers;
        if (!token.empty()) headers.set("authorization", "Bearer " + token);
        if (!last_event_id.empty()) headers.set("last-event-id", last_event_id);
        stream->handle = client->send({.method = "GET", .target = "/v1/api" + path, .headers = headers},
                                      {.on_head = [raw](net::ResponseHead head) { raw->status = head.status; },
                                       .on_data =
                                           [raw](std::string_view bytes) {
                                               raw->bytes.append(bytes);
                                               raw->parser.feed(bytes, [raw](const wire::SseEvent& event) {
                                                   raw->events.push_back({std::string(event.type), std::string(event.data)});
                                               });
                                           },
                                       .on_done = [raw](base::Result<void>) { raw->done = true; }});
        time.run_ready();
        return stream;
    }

    std::string create_workflow(const std::string& name, Json nodes, Json edges, bool publish = true) {
        const Answer made = call("POST", "/workflows", {{"name", name}, {"cluster_id", "demo"}, {"nodes", std::move(nodes)}, {"edges", std::move(edges)}});
        const std::string id = text_at(made.body, "id");
        if (publish) (void)call("PUT", "/workflows/" + id + "/status", {{"status", "published"}});
        return id;
    }

    std::shared_ptr<base::testing::VirtualScheduler> time_owner;
    base::testing::VirtualScheduler& time;
    base::testing::SeededRandom random{7};
    net::LoopbackClient kube_client;
    MemoryDocumentStore store;
    PlainHasher hasher;
    HubOptions options;
    OutboundHttp* outbound = nullptr;      // set, then start()
    ExternalSignIn* external = nullptr;
    ClusterConnector* connector = nullptr;  // set it and start() again
    std::unique_ptr<Hub> hub;
    std::unique_ptr<net::LoopbackClient> client;
    std::string token;
};

inline Json node(const std::string& id, const std::string& type, Json data) {
    return {{"id", id}, {"type", type}, {"position", {{"x", 0}, {"y", 0}}}, {"data", std::move(data)}};
}
inline Json edge(const std::string& source, const std::string& target) {
    return {{"id", source + ">" + target}, {"source", source}, {"target", target}};
}

}  // namespace hub::testing
