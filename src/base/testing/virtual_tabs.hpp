// VirtualBrowser: several tabs of one origin in virtual time: channels and locks (base/tabs.hpp).
//
//   base::testing::VirtualBrowser browser(time);
//   auto a = browser.open_tab();  auto b = browser.open_tab();
//   auto channel = a->channel("binnacle");
//   b->close();        // its channels fall silent, its locks are freed
//   b->freeze(true);   // it hears nothing (messages are lost, as with a tab in the back/forward cache)
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/scheduler.hpp"
#include "base/tabs.hpp"

namespace base::testing {

class VirtualBrowser {
    struct World;
    struct TabState {
        bool open = true;
        bool frozen = false;
    };

public:
    class Tab final : public TabLocks {
    public:
        Tab(std::shared_ptr<World> world, std::shared_ptr<TabState> state) : world_(std::move(world)), state_(std::move(state)) {}
        ~Tab() override { close(); }
        [[nodiscard]] std::unique_ptr<TabChannel> channel(std::string name);
        void close();
        void freeze(bool frozen) { state_->frozen = frozen; }
        void deny_locks(bool denied) { locks_denied_ = denied; }
        [[nodiscard]] bool available() const override { return !locks_denied_; }
        [[nodiscard]] LockHandle request(std::string name, Options options, UniqueFunction<void(Result<void>)> granted) override;

    private:
        std::shared_ptr<World> world_;
        std::shared_ptr<TabState> state_;
        bool locks_denied_ = false;
    };

    explicit VirtualBrowser(Scheduler& scheduler, std::int64_t message_delay_ms = 1);
    [[nodiscard]] std::unique_ptr<Tab> open_tab();
    [[nodiscard]] std::uint64_t messages() const;
    // Every message ever posted, for tests that look for secrets.
    [[nodiscard]] const std::vector<std::string>& posted() const;

private:
    class Channel;
    class Held;
    std::shared_ptr<World> world_;
};

}  // namespace base::testing
