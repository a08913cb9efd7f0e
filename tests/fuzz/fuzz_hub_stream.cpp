// Any bytes as what a client POSTs to the shared stream: every request has one answer of a known kind, limits hold, and once the client has left
// nothing of it is open.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/testing/virtual_scheduler.hpp"
#include "hub/stream_api.hpp"
#include "hub/stream_sessions.hpp"
#include "net/loopback.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr std::string_view kClient = "0b8e2c34-7d54-4f0e-9a3b-111111111111";

// The hub's routes: an endless stream for every target.
struct Routes final : net::HttpHandler {
    void handle(net::ServerRequest, std::shared_ptr<net::ResponseWriter> writer) override {
        writer->start({200, {}});
        writer->write(std::string(100'000, 'x'));
        ++open;
        writer->on_close([this] { --open; });
        writers.push_back(std::move(writer));
    }
    int open = 0;
    std::vector<std::shared_ptr<net::ResponseWriter>> writers;
};

struct Server final : net::HttpHandler {
    Server(base::Scheduler& scheduler, net::HttpHandler& routes) : sessions(scheduler, routes, nullptr, {.max_channels = 4, .kept_bytes = 200'000}), api(sessions, nullptr) { user.id = "u"; }
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        if (request.target.starts_with("/stream")) return api.stream(user, request, writer);
        if (request.target == "/subscribe") return api.subscribe(user, request, writer);
        if (request.target == "/unsubscribe") return api.unsubscribe(user, request, writer);
        api.credit(user, request, writer);
    }
    hub::User user;
    hub::StreamSessions sessions;
    hub::StreamApi api;
};

}  // namespace

// Input: lines; the first letter says what it is: s(ubscribe), u(nsubscribe), c(redit) with the rest as body, where "@" is the client's id;
// r(econnect) with the rest as Last-Event-ID.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::testing::VirtualScheduler time;
    Routes routes;
    Server server(time, routes);
    net::LoopbackClient client(time, server);
    net::RequestHandle stream;
    const auto connect = [&](std::string last_event_id) {
        net::Request request{.target = "/stream?cid=" + std::string(kClient)};
        if (!last_event_id.empty()) request.headers.set("last-event-id", std::move(last_event_id));
        stream = client.send(std::move(request), {.on_head = [](const net::ResponseHead& head) { require(head.status == 200); }, .on_data = {}, .on_done = {}});
        time.advance(1);
    };
    connect({});
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    for (int lines = 0; !rest.empty() && lines < 100; ++lines) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty()) continue;
        std::string body(line.substr(1));
        if (line[0] == 'r') {
            connect(std::move(body));
            continue;
        }
        for (std::size_t at = body.find('@'); at != std::string::npos; at = body.find('@', at + kClient.size())) body.replace(at, 1, kClient);
        const char* target = line[0] == 's' ? "/subscribe" : line[0] == 'u' ? "/unsubscribe" : "/credit";
        int status = 0;
        const auto handle = net::fetch(client, {.method = "POST", .target = target, .body = std::move(body)}, [&](const base::Result<net::Response>& response) {
            require(status == 0 && response.has_value());
            status = response->status;
        });
        time.advance(1);
        require(status == 200 || status == 400 || status == 403 || status == 404 || status == 409 || status == 413);
        require(server.sessions.stats().at("clients").get<int>() <= 1);
        require(routes.open <= 4);
    }
    stream.cancel();
    time.advance(300'000);
    require(server.sessions.stats().at("clients").get<int>() == 0);
    require(routes.open == 0);
    return 0;
}
