// BrowserTabChannel and BrowserTabLocks: base/tabs.hpp on BroadcastChannel and Web Locks. Messages are bytes, copied as they are.
//
//   std::unique_ptr<base::TabChannel> channel = BrowserTabChannel::open("binnacle");   // null where the browser has none
//   BrowserTabChannel::open("binnacle-hub", says_nothing);   // sealed: whoever listens without the origin's key (lib_secrets.js) reads nothing.
//                                                            // Where there is no key (load_secrets), only what may go in the clear arrives
//   BrowserTabLocks locks;
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/tabs.hpp"

namespace web {

// Whether the tabs of this origin have a key in common; answered later, once.
void load_secrets(base::UniqueFunction<void(bool)> done);

class BrowserTabChannel final : public base::TabChannel {
public:
    // Which messages a sealed channel sends as they are: those that hold no secret and must leave a closing page at once. They overtake
    // what is still being sealed.
    using InTheClear = bool (*)(std::string_view message);
    // Without a rule nothing is sealed.
    [[nodiscard]] static std::unique_ptr<base::TabChannel> open(std::string_view name, InTheClear in_the_clear = nullptr);
    ~BrowserTabChannel() override;
    BrowserTabChannel(const BrowserTabChannel&) = delete;
    BrowserTabChannel& operator=(const BrowserTabChannel&) = delete;

    base::Result<void> post(std::string_view message) override;
    void on_message(base::UniqueFunction<void(std::string_view)> callback) override;

    // Called by the browser.
    void receive(std::string_view message);

private:
    explicit BrowserTabChannel(InTheClear in_the_clear);
    InTheClear in_the_clear_;
    std::shared_ptr<base::UniqueFunction<void(std::string_view)>> callback_;  // may close the channel while it runs
};

// Outlives its handles, or the page does.
class BrowserTabLocks final : public base::TabLocks {
public:
    BrowserTabLocks();
    ~BrowserTabLocks() override;
    BrowserTabLocks(const BrowserTabLocks&) = delete;
    BrowserTabLocks& operator=(const BrowserTabLocks&) = delete;

    [[nodiscard]] bool available() const override;
    [[nodiscard]] base::LockHandle request(std::string name, Options options, base::UniqueFunction<void(base::Result<void>)> granted) override;

    // Called by the browser.
    void on_event(int id, int what);

private:
    class Held;
    struct Claim {
        base::UniqueFunction<void(base::Result<void>)> granted;
        base::UniqueFunction<void()> lost;
    };
    using Claims = std::map<int, Claim>;
    std::shared_ptr<Claims> claims_;
    int last_id_ = 0;
};

}  // namespace web
