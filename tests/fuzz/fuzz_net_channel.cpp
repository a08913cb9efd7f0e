// Any bytes as frames of the channel between tabs: reading never fails otherwise than by refusing, what was read writes back the same, and
// neither host nor client do anything but answer (a host serving an echo, a client with an exchange open).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"
#include "net/channel_transport.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Echo final : net::HttpHandler {
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        writer->respond({200, {}, std::move(request.body)});
    }
};

void check_frame(std::string_view text) {
    if (const auto frame = net::read_frame(text)) {
        const std::string again = net::write_frame(*frame);
        const auto same = net::read_frame(again);
        require(same && same->kind == frame->kind && same->from == frame->from && same->to == frame->to && same->exchange == frame->exchange &&
                same->number == frame->number && same->payload == frame->payload);
    }
    if (const auto head = net::read_head(text)) {
        const auto same = net::read_head(net::write_head(head->first_line, head->headers));
        require(same && same->headers.fields().size() == head->headers.fields().size());
    }
    (void)net::read_error(text);
}

}  // namespace

// Input: frames, each up to a NUL; in them "@H" and "@C" stand for the ids of host and client.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    base::testing::VirtualBrowser browser(time);
    const auto host_tab = browser.open_tab();
    const auto client_tab = browser.open_tab();
    const auto stranger_tab = browser.open_tab();
    Echo echo;
    net::ChannelLink host_link(host_tab->channel("hub"), random);
    net::ChannelHost host({.link = host_link, .scheduler = time, .handler = echo}, 1);
    host_link.on_frame([&](const net::ChannelFrame& frame) { host.receive(frame); });
    net::ChannelLink client_link(client_tab->channel("hub"), random);
    net::ChannelClient client(client_link, time, host_link.id());
    client_link.on_frame([&](const net::ChannelFrame& frame) { client.receive(frame); });
    int done = 0;
    auto handle = net::fetch(client, {.method = "POST", .target = "/", .body = "hello"}, [&](const base::Result<net::Response>&) { ++done; });

    const auto stranger = stranger_tab->channel("hub");
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\0'), rest.size());
        std::string text(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        for (std::size_t at = text.find('@'); at != std::string::npos && at + 1 < text.size(); at = text.find('@', at + 1)) {
            if (text[at + 1] == 'H') text.replace(at, 2, host_link.id());
            else if (text[at + 1] == 'C') text.replace(at, 2, client_link.id());
        }
        check_frame(text);
        stranger->post(text);
        time.run_ready();
        time.advance(1);
    }
    time.advance(60'000);
    require(done == 1);  // whatever was forged, the exchange has one end
    require(host.exchanges() <= net::ChannelHost::kMaxExchanges);
    return 0;
}
