// What the tabs of one origin share: messages and locks. Ports; src/web implements them with BroadcastChannel and Web Locks,
// testing/virtual_tabs.hpp with a browser made of virtual time.
//
//   channel.on_message([](std::string_view text) { ... });      // what other tabs posted; never one's own
//   channel.post(R"({"kind":"logout"})");
//
//   request_ = locks.request("binnacle-refresh", {}, [this](Lock lock) { lock_ = std::move(lock); ... });
//
// Promises, as the browser's (HTML 9.6, Web Locks API):
//   - A message reaches every other open channel of the same name, later, in the order of its sender; not those opened afterwards,
//     and perhaps not a tab that is frozen: what matters must also be in storage. Messages carry no secrets.
//   - At most one tab holds a lock of a name. Requests are granted in order; a tab that dies or drops its Lock frees it.
//   - No callback runs inside the call that leads to it, none after its handle was dropped.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "base/unique_function.hpp"

namespace base {

class TabChannel {
public:
    virtual ~TabChannel() = default;  // closes
    // An error (unavailable) when the browser refuses it.
    virtual Result<void> post(std::string_view message) = 0;
    virtual void on_message(UniqueFunction<void(std::string_view)> callback) = 0;
};

// Held, or waiting to be granted; dropping it frees the lock or withdraws the request.
class LockHandle {
public:
    class Impl {
    public:
        virtual ~Impl() = default;
    };
    LockHandle() = default;
    explicit LockHandle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
    void release() { impl_.reset(); }
    [[nodiscard]] bool active() const { return impl_ != nullptr; }

private:
    std::unique_ptr<Impl> impl_;
};

class TabLocks {
public:
    virtual ~TabLocks() = default;
    // False where the browser has no Web Locks or denies them: then request() fails at once.
    [[nodiscard]] virtual bool available() const = 0;
    // `granted` runs once when the lock is this tab's (until the handle is dropped). If another tab steals it, `lost` runs.
    // With `steal` the present holder loses it: only with a guard against what it may still write.
    struct Options {
        bool steal = false;
        UniqueFunction<void()> lost = {};
    };
    [[nodiscard]] virtual LockHandle request(std::string name, Options options, UniqueFunction<void(Result<void>)> granted) = 0;
};

}  // namespace base
