// ChannelHost and ChannelClient: the seam between two tabs. The host serves an HttpHandler to the other tabs of the origin; a client
// reaches one host. Both speak ChannelFrames over a ChannelLink, whose frames their owner hands on:
//
//   net::ChannelLink link(browser.channel("binnacle-hub"), random);
//   net::ChannelHost host({.link = link, .scheduler = loop, .handler = hub});     // in the tab that owns the hub
//   link.on_frame([&](const net::ChannelFrame& frame) { host.receive(frame); });
//
//   net::ChannelClient client(link, loop, host_id);                               // in another tab
//   link.on_frame([&](const net::ChannelFrame& frame) { client.receive(frame); });
//   client.on_lost([&] { ... });
//
// Promises, beyond the seam's own (http.hpp):
//   - Credit per exchange: the host sends kCreditWindowBytes beyond what the client's reader has taken, then pauses the handler. Nothing
//     between the tabs grows with a slow reader.
//   - Messages may be lost (a tab in the back/forward cache): a gap, or an exchange that the other side does not know, ends with
//     `unavailable`, so that callers try again.
//   - A client with open exchanges pings; kMissedPings pings without any sign of the host are its death (on_lost, every exchange
//     `unavailable`). The host has no timer for this: it answers messages, which browsers do not slow down in hidden tabs.
//   - A client that is not heard of for kLeaseMs is gone, and its exchanges with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/scheduler.hpp"
#include "net/channel_frame.hpp"
#include "net/http.hpp"

namespace net {

class ChannelHost {
public:
    // A hidden tab's timers may be a minute apart.
    static constexpr std::int64_t kLeaseMs = 180'000;
    static constexpr std::size_t kMaxExchanges = 1024;  // of all tabs
    static constexpr std::int64_t kMaxBodyBytes = 64 * 1024 * 1024;

    struct Ports {
        ChannelLink& link;
        base::Scheduler& scheduler;
        HttpHandler& handler;
        // A ping came: something to run that the tab's own timers are too slow for.
        base::UniqueFunction<void()> on_ping{};
        // The number of other tabs changed.
        base::UniqueFunction<void(std::size_t)> on_tabs{};
    };
    // All must outlive the host. `epoch` goes with each announcement: clients follow the highest.
    ChannelHost(Ports ports, std::int64_t epoch);
    ~ChannelHost();  // ends the exchanges; says nothing (see leave())
    ChannelHost(const ChannelHost&) = delete;
    ChannelHost& operator=(const ChannelHost&) = delete;

    void receive(const ChannelFrame& frame);
    // "I have the hub", to all tabs.
    void announce();
    void set_hidden(bool hidden);
    // The tab closes: tells the others, who need not wait for a ping to fail.
    void leave();
    [[nodiscard]] std::size_t tabs() const;
    [[nodiscard]] std::size_t exchanges() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

class ChannelClient final : public HttpClient {
public:
    static constexpr std::int64_t kPingMs = 2000;
    static constexpr std::int64_t kPulseMs = 1000;        // while the host is hidden
    static constexpr std::int64_t kHiddenPingMs = 30'000; // while this tab is
    static constexpr int kMissedPings = 3;

    // Link and scheduler must outlive the client.
    ChannelClient(ChannelLink& link, base::Scheduler& scheduler, std::string host_id);
    ~ChannelClient() override;  // exchanges end silently here and are cancelled there
    ChannelClient(const ChannelClient&) = delete;
    ChannelClient& operator=(const ChannelClient&) = delete;

    [[nodiscard]] RequestHandle send(Request request, ResponseCallbacks callbacks) override;
    void receive(const ChannelFrame& frame);
    // Runs once, from a task of its own, after all exchanges have failed.
    void on_lost(base::UniqueFunction<void()> callback);
    // A hidden tab pings rarely and never declares the host dead: whether it is slow cannot be told.
    void set_visible(bool visible);
    [[nodiscard]] const std::string& host_id() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace net
