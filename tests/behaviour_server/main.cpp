// binnacle-behaviour-server: the server end of the seam suite (support/http_behaviour.hpp) for clients in a browser.
//
//   binnacle-behaviour-server [--port N] [--static DIR]
//
// /behaviour -> BehaviourHandler (prefix stripped), /mux -> the same over the shared stream (/mux/api/watch, /mux/v1/api), where POST
// /mux/restart forgets every client as a restarted hub does and GET /mux/calls counts requests by route; / -> DIR with the gateway's own headers, so the page under test meets the
// CSP it will live under. Prints "Behaviour server is at http://127.0.0.1:PORT/" and ends on SIGTERM.
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/text.hpp"
#include "gateway/beast_server.hpp"
#include "gateway/security.hpp"
#include "gateway/static_files.hpp"
#include "net/router.hpp"
#include "support/behaviour_handler.hpp"
#include "unit/hub/mux_server.hpp"

namespace {

class MuxPort final : public net::HttpHandler {
public:
    MuxPort(base::Scheduler& scheduler, net::HttpHandler& routes) : server_(scheduler, routes, {.max_channels = 200, .away_ms = 2'000}) {}
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        if (request.target == "/restart") {
            server_.restart();
            return hub::send_json(*writer, 200, {{"ok", true}});
        }
        if (request.target == "/calls") return hub::send_json(*writer, 200, server_.calls);
        server_.handle(std::move(request), std::move(writer));
    }

private:
    hub::testing::MuxServer server_;
};

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    std::string directory;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string flag = argv[i];
        if (flag == "--port") port = base::parse_integer<std::uint16_t>(argv[i + 1]).value_or(0);
        if (flag == "--static") directory = argv[i + 1];
    }

    gateway::AsioScheduler loop;
    support::BehaviourHandler behaviour;
    std::unique_ptr<gateway::StaticFiles> files;
    net::Mounts mounts;
    mounts.mount("/behaviour", behaviour, net::Mounts::Prefix::strip);
    MuxPort mux(loop, behaviour);
    mounts.mount("/mux", mux, net::Mounts::Prefix::strip);
    if (!directory.empty()) {
        auto opened = gateway::StaticFiles::open(directory);
        if (!opened) {
            std::fprintf(stderr, "%s\n", opened.error().message.c_str());
            return 1;
        }
        files = std::move(*opened);
        mounts.mount("/", *files);
    }
    auto server = gateway::BeastServer::listen(loop, mounts, {.port = port, .extra_headers = gateway::security_headers({})});
    if (!server) {
        std::fprintf(stderr, "%s. %s\n", server.error().message.c_str(), server.error().hint.c_str());
        return 1;
    }
    std::printf("Behaviour server is at %s\n", (*server)->url().c_str());
    std::fflush(stdout);
    loop.on_termination([&] { (*server)->shutdown([&loop] { loop.stop(); }); });
    loop.run();
    return 0;
}
