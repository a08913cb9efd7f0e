// TabGroup: the tabs of one origin share one server, which runs in one of them. An HttpClient that reaches it from every tab: directly in
// the tab that owns it, over a channel (ChannelClient) in the others; and that stays the same object when the server moves.
//
//   net::TabGroup group({.scheduler = loop, .random = random, .locks = locks, .channel = browser.channel("binnacle-hub"),
//                        .open = [](net::TabGroup::Opened done) { ... done(std::move(server)); }});
//   group.on_role([&](net::TabRole role) { ... });
//   group.start();
//   group.send(...)   // at once if somebody has the server, else as soon as somebody has
//
// Who owns: the holder of the Web Lock kLockName. It opens the server, announces itself and serves the others. When its tab closes, the next in the lock's
// queue opens the server from what the last one has stored. An owner that does not answer (frozen, hung) loses the lock to a visible tab.
// A server that has lost it must not write any more; its own guard (an epoch beside the data) sees to that, as it may wake up late.
// Announcements carry the epoch, and nobody follows an older one.
//
// A request that had no answer yet when the owner went: GET and HEAD are sent again to the next owner, others end with `unavailable`;
// so do streams under way, whose callers reconnect. Nothing waits for an owner longer than kPatienceMs.
//
// Without locks or channel (an old browser, plain http, some iframes) the tab works alone; on_company() tells when there are others like it,
// who write the same data.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "base/tabs.hpp"
#include "net/http.hpp"

namespace net {

enum class TabRole {
    waiting,   // nobody is known to have the server
    opening,   // this tab is about to have it
    owner,
    follower,
    alone,     // owner of one that nobody shares
};
[[nodiscard]] std::string_view to_string(TabRole role);

// What the owner runs. Destroyed when the ownership is lost.
class TabServer {
public:
    virtual ~TabServer() = default;
    [[nodiscard]] virtual HttpHandler& handler() = 0;
    // Rises with each owner.
    [[nodiscard]] virtual std::int64_t epoch() const = 0;
};

class TabGroup final : public HttpClient {
public:
    static constexpr std::string_view kLockName = "binnacle-hub";
    static constexpr std::int64_t kPatienceMs = 10'000;
    static constexpr std::int64_t kSeekMs = 1000;         // "who owns?", while nobody is known
    static constexpr int kUnansweredSeeks = 4;            // before the lock is stolen
    static constexpr std::int64_t kStealJitterMs = 1000;  // several visible windows do not steal from one another
    static constexpr std::int64_t kReopenMs = 5000;       // after a failure

    using Opened = base::UniqueFunction<void(base::Result<std::unique_ptr<TabServer>>)>;
    struct Ports {
        base::Scheduler& scheduler;
        base::Random& random;
        base::TabLocks& locks;
        std::unique_ptr<base::TabChannel> channel;  // null: there is none
        // Builds the server; `alone`: nothing guards it against other tabs. A late answer is dropped.
        base::UniqueFunction<void(bool alone, Opened)> open;
        base::UniqueFunction<void()> on_ping{};               // ChannelHost::Ports
        base::UniqueFunction<void(std::size_t)> on_tabs{};
    };

    explicit TabGroup(Ports ports);
    ~TabGroup() override;
    TabGroup(const TabGroup&) = delete;
    TabGroup& operator=(const TabGroup&) = delete;

    // After each change. `follower` is also told when the owner is another one than before.
    void on_role(base::UniqueFunction<void(TabRole)> callback);
    // The server could not be opened; it is tried again later, or by another tab.
    void on_failure(base::UniqueFunction<void(const base::Error&)> callback);
    // Once: this tab works alone, and so does another one.
    void on_company(base::UniqueFunction<void()> callback);
    // `share` false: the channel may not carry requests (nothing could be sealed), so this tab works alone, and only says that it is there.
    void start(bool share = true);
    [[nodiscard]] RequestHandle send(Request request, ResponseCallbacks callbacks) override;

    [[nodiscard]] TabRole role() const;
    [[nodiscard]] std::size_t other_tabs() const;  // served by this one
    // Only visible tabs ping often and steal.
    void set_visible(bool visible);
    // pagehide: the others need not find out by themselves. And back from the back/forward cache.
    void leave();
    void came_back();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace net
