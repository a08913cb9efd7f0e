// FakeWatchHub: the hub's end of watches, scripted: what it holds is a list of objects per channel, and it does as told.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "net/router.hpp"

namespace watch_fake {

using base::Json;

inline Json object(const std::string& name, int version, const std::string& uid = {}, const std::string& ns = "default") {
    return {{"kind", "Pod"}, {"metadata", {{"name", name}, {"namespace", ns}, {"uid", uid.empty() ? "uid-" + name : uid}, {"resourceVersion", std::to_string(version)}}}};
}

class FakeWatchHub final : public net::HttpHandler {
public:
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const std::string path(net::split_target(request.target).path);
        calls.push_back(request.method + " " + request.target);
        if (down) return writer->abort();
        if (path == "/api/watch/stream") return open(std::move(writer));
        if (path.starts_with("/api/proxy")) return list(request, *writer);
        auto body = base::parse_json(request.body);
        if (!body) return writer->respond(net::error_response(400, "no body"));
        bodies.push_back(*body);
        if (path == "/api/watch/subscribe") return subscribe(std::move(*body), std::move(writer));
        if (path == "/api/watch/unsubscribe") {
            if (body->contains("all")) channels.clear();
            else channels.erase((*body)["channel"].get<std::string>());
            return json(*writer, 200, {{"ok", true}});
        }
        if (path == "/api/watch/credit") return json(*writer, 200, {{"ok", true}});
        writer->respond(net::error_response(404, "no such route"));
    }

    // To everybody on the channel that serves this resource type.
    void send(const std::string& resource_type, const std::string& type, const Json& changed) {
        frame("watch", {{"channel", "ch:" + resource_type}, {"type", type}, {"object", changed}});
    }
    void frame(const std::string& event, const Json& data) {
        if (stream) stream->write("event:" + event + "\ndata:" + data.dump() + "\n\n");
    }
    void snapshot(const std::string& resource_type) {
        for (const Json& each : objects) send(resource_type, "ADDED", each);
        send(resource_type, "BOOKMARK", {{"metadata", {{"resourceVersion", "100"}, {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}});
    }
    void cut() {
        if (stream) stream->abort();
        stream.reset();
    }
    [[nodiscard]] int count(const std::string& call) const {
        return static_cast<int>(std::count_if(calls.begin(), calls.end(), [&](const std::string& each) { return each.starts_with(call); }));
    }

    std::vector<Json> objects;             // what a snapshot holds
    bool sends_snapshot = true;
    bool forgets = true;                   // a reconnect is another session
    bool down = false;
    int refuse_with = 0;                   // subscriptions
    bool frames_first = false;             // the snapshot overtakes the answer
    std::vector<std::pair<std::shared_ptr<net::ResponseWriter>, Json>> waiting;  // with hold_answers
    bool hold_answers = false;
    std::vector<std::string> calls;
    std::vector<Json> bodies;
    std::map<std::string, int> channels;
    std::shared_ptr<net::ResponseWriter> stream;

    void answer_all() {
        for (auto& [writer, body] : std::exchange(waiting, {})) answer(body, *writer);
    }

private:
    static void json(net::ResponseWriter& writer, int status, const Json& body) { writer.respond({status, {{"content-type", "application/json"}}, body.dump()}); }

    void open(std::shared_ptr<net::ResponseWriter> writer) {
        writer->start({200, {{"content-type", "text/event-stream"}}});
        stream = std::move(writer);
        if (forgets) channels.clear();
        frame("connected", {{"clientId", "c"}, {"resumed", !forgets}});
    }

    void subscribe(Json body, std::shared_ptr<net::ResponseWriter> writer) {
        if (refuse_with != 0) return json(*writer, refuse_with, {{"error", "refused"}, {"details", {"because"}}});
        const std::string type = body["resourceType"].get<std::string>();
        const bool fresh = channels["ch:" + type]++ == 0;
        if (hold_answers) {
            if (frames_first && fresh) snapshot(type);
            waiting.emplace_back(std::move(writer), std::move(body));
            return;
        }
        answer(body, *writer);
        if (fresh && sends_snapshot) snapshot(type);
    }
    void answer(const Json& body, net::ResponseWriter& writer) { json(writer, 200, {{"channel", "ch:" + body["resourceType"].get<std::string>()}}); }

    void list(const net::ServerRequest& request, net::ResponseWriter& writer) const {
        // Two pages, if there are two objects.
        const bool second = request.target.find("continue=") != std::string::npos;
        Json items = Json::array();
        for (std::size_t i = 0; i < objects.size(); ++i) {
            if ((i > 0) == second) items.push_back(objects[i]);
        }
        Json metadata = {{"resourceVersion", "50"}};
        if (!second && objects.size() > 1) metadata["continue"] = "more";
        json(writer, 200, {{"kind", "PodList"}, {"metadata", metadata}, {"items", items}});
    }
};

}  // namespace watch_fake
