// binnacle-sse-service: the test service of our SSE client (sse_service.hpp), for conformance harnesses.
//
//   binnacle-sse-service [--port N]
//
// Prints "SSE service is at http://127.0.0.1:PORT/" and ends on SIGTERM or DELETE /.
#include <cstdio>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "gateway/beast_server.hpp"
#include "gateway/sodium_random.hpp"
#include "sse_service/sse_service.hpp"

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    for (int i = 1; i < argc; ++i) {
        const std::string_view flag = argv[i];
        const auto value = i + 1 < argc ? base::parse_integer<std::uint16_t>(argv[i + 1]) : std::nullopt;
        if (flag != "--port" || !value) {
            std::fprintf(stderr, "usage: binnacle-sse-service [--port N]\n");
            return 2;
        }
        port = *value;
        ++i;
    }
    gateway::AsioScheduler loop;
    gateway::SodiumRandom random;
    std::unique_ptr<gateway::BeastServer> server;
    const auto quit = [&] { server->shutdown([&loop] { loop.stop(); }); };
    sse_service::SseService service(loop, random, quit);
    auto listening = gateway::BeastServer::listen(loop, service, {.port = port});
    if (!listening) {
        std::fprintf(stderr, "%s. %s\n", listening.error().message.c_str(), listening.error().hint.c_str());
        return 1;
    }
    server = std::move(*listening);
    std::printf("SSE service is at %s\n", server->url().c_str());
    std::fflush(stdout);
    loop.on_termination(quit);
    loop.run();
    return 0;
}
