// Tabs with channels in virtual time, for the tests of the transport between tabs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"
#include "net/channel_transport.hpp"

namespace channel_rig {

// What a test saw of one exchange.
struct Seen {
    int status = 0;
    std::string body;
    bool done = false;
    std::optional<base::Error> error;
    net::RequestHandle handle;
};

inline std::unique_ptr<Seen> send(net::HttpClient& client, net::Request request) {
    auto seen = std::make_unique<Seen>();
    Seen* raw = seen.get();
    net::ResponseCallbacks callbacks;
    callbacks.on_head = [raw](const net::ResponseHead& head) { raw->status = head.status; };
    callbacks.on_data = [raw](std::string_view bytes) { raw->body += bytes; };
    callbacks.on_done = [raw](const base::Result<void>& result) {
        raw->done = true;
        if (!result) raw->error = result.error();
    };
    seen->handle = client.send(std::move(request), std::move(callbacks));
    return seen;
}

struct HostTab {
    HostTab(base::testing::VirtualBrowser& browser, base::Scheduler& scheduler, base::Random& random, net::HttpHandler& handler)
        : tab(browser.open_tab()), link(tab->channel("hub"), random), host({.link = link, .scheduler = scheduler, .handler = handler, .on_ping = [this] { ++pings; }}, 1) {
        link.on_frame([this](const net::ChannelFrame& frame) { host.receive(frame); });
    }
    int pings = 0;
    std::unique_ptr<base::testing::VirtualBrowser::Tab> tab;
    net::ChannelLink link;
    net::ChannelHost host;
};

// A client with a tab of its own.
class ClientTab final : public net::HttpClient {
public:
    ClientTab(base::testing::VirtualBrowser& browser, base::Scheduler& scheduler, base::Random& random, std::string host_id)
        : tab(browser.open_tab()), link(tab->channel("hub"), random), client(link, scheduler, std::move(host_id)) {
        link.on_frame([this](const net::ChannelFrame& frame) { client.receive(frame); });
        client.on_lost([this] { ++lost; });
    }
    net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override { return client.send(std::move(request), std::move(callbacks)); }

    int lost = 0;
    std::unique_ptr<base::testing::VirtualBrowser::Tab> tab;
    net::ChannelLink link;
    net::ChannelClient client;
};

}  // namespace channel_rig
