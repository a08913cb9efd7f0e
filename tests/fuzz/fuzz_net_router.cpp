// Any method and target through Mounts and Router over loopback: exactly one whole answer, and captured parameters are UTF-8.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/testing/virtual_scheduler.hpp"
#include "base/text.hpp"
#include "net/loopback.hpp"
#include "net/router.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void answer(net::RoutedRequest request, const std::shared_ptr<net::ResponseWriter>& writer) {
    for (const auto& [name, value] : request.params) require(base::is_valid_utf8(value));
    writer->respond({200, {}, std::string(request.query())});
}

}  // namespace

// Input: the method up to the first blank, then the target.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const auto blank = text.find(' ');
    net::Request request;
    request.method = text.substr(0, blank);
    request.target = blank == std::string::npos ? "/" : text.substr(blank + 1);

    net::Router router;
    for (const char* pattern : {"/", "/workflows", "/workflows/:id", "/workflows/:id/status/stream", "/workflows/import", "/files/*path"}) {
        router.route("GET", pattern, answer);
        router.route("POST", pattern, answer);
    }
    net::Mounts mounts;
    mounts.mount("/api", router, net::Mounts::Prefix::strip);
    mounts.mount("/", router);

    base::testing::VirtualScheduler time;
    net::LoopbackClient client(time, mounts);
    int answers = 0;
    auto handle = net::fetch(client, std::move(request), [&](base::Result<net::Response> response) {
        ++answers;
        require(response.has_value());
        require(response->status == 200 || response->status == 204 || response->status == 400 || response->status == 404 || response->status == 405);
        require(response->status != 405 || !response->headers.get("Allow").empty());
    });
    time.run_ready();
    require(answers == 1);
    return 0;
}
