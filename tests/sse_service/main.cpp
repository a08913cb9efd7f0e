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
    const bool has_port = argc == 3 && std::string_view(argv[1]) == "--port";
    const auto port = base::parse_integer<std::uint16_t>(has_port ? argv[2] : "0");
    if (!port || (argc != 1 && !has_port)) {
        std::fprintf(stderr, "usage: binnacle-sse-service [--port N]\n");
        return 2;
    }
    gateway::AsioScheduler loop;
    gateway::SodiumRandom random;
    std::unique_ptr<gateway::BeastServer> server;
    const auto quit = [&] { server->shutdown([&loop] { loop.stop(); }); };
    sse_service::SseService service(loop, random, quit);
    auto listening = gateway::BeastServer::listen(loop, service, {.port = *port});
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
