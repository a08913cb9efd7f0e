// Store<T>: one value that views read and actions change; whoever depends on it is told.
//
//   state::Store<PanelState> panels;
//   panels.update([](PanelState& s) { s.dock_height_px = 240; });
//   panels.get().dock_height_px;
//   panels.update("dock/resize", [](PanelState& s) { ... });              // the same with a name for the trace (state/trace.hpp)
//   sub_ = panels.subscribe([](const PanelState& s) { return s.dock_open; },
//                           [](bool now, bool before) { ... });          // ends when sub_ is dropped
//
// Promises
//   - update() compares by ==: an update that leaves an equal value changes nothing, neither version() nor does anybody hear
//     of it. (zustand notifies on equal values; here that would cost a frame.)
//   - version() grows by one with every change; "did anything change since I last looked" is an integer comparison.
//   - A selector subscription hears only changes of what it selects (compared by ==).
//   - Re-entrancy: an update made inside a callback (or inside an updater) is queued and applied after the running round of
//     notifications, in order, so every subscriber sees every state in the same order and get() is the same throughout a round.
//     update() returns what is known at once: nothing. At most kMaxQueuedUpdates follow one outer update; beyond that the
//     callbacks feed each other for ever, which is a bug: the rest is dropped and counted by dropped_updates().
//   - Subscribers are called in the order they subscribed. One that is dropped during a round is not called any more; one that is
//     added during a round first hears of the next change.
//   - The store may be destroyed inside a callback; subscriptions may outlive it.
//   - reset() goes back to the value the store was made with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/unique_function.hpp"

namespace state {

// Ends its subscription when dropped. Move-only.
class Subscription {
public:
    class Entry {
    public:
        virtual ~Entry() = default;
        bool live = true;
    };

    Subscription() = default;
    explicit Subscription(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}
    Subscription(Subscription&& other) noexcept : entry_(std::move(other.entry_)) {}
    Subscription& operator=(Subscription&& other) noexcept {
        if (this != &other) {
            reset();
            entry_ = std::move(other.entry_);
        }
        return *this;
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription() { reset(); }

    void reset() {
        if (entry_) entry_->live = false;
        entry_.reset();
    }
    [[nodiscard]] bool active() const { return entry_ != nullptr; }

private:
    std::shared_ptr<Entry> entry_;
};

template <class T>
class Store {
public:
    static constexpr std::size_t kMaxQueuedUpdates = 1000;

    explicit Store(T initial = T{}) : core_(std::make_shared<Core>(initial)), initial_(std::move(initial)) {}
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    Store(Store&&) = delete;
    Store& operator=(Store&&) = delete;
    ~Store() {
        if (core_->busy) core_->abandoned = true;
    }

    [[nodiscard]] const T& get() const { return core_->value; }
    [[nodiscard]] std::uint64_t version() const { return core_->version; }

    // fn(T&) works on a copy, which takes the value's place if it differs. Action names live for ever: literals.
    template <class F>
        requires std::is_invocable_v<F&, T&>
    void update(F fn) {
        update("", std::move(fn));
    }
    template <class F>
        requires std::is_invocable_v<F&, T&>
    void update(const char* action, F fn) {
        run(action, [fn = std::move(fn)](T& value) mutable {
            T next = value;
            fn(next);
            if (next == value) return false;
            value = std::move(next);
            return true;
        });
    }
    void set(T next) { set("", std::move(next)); }
    void set(const char* action, T next) {
        run(action, [next = std::move(next)](T& value) mutable {
            if (next == value) return false;
            value = std::move(next);
            return true;
        });
    }
    void reset(const char* action = "reset") { set(action, initial_); }
    // For large values: bool fn(T&) works in place and says whether it changed anything.
    template <class F>
        requires std::is_invocable_r_v<bool, F&, T&>
    void mutate(F fn) {
        run("", std::move(fn));
    }
    template <class F>
        requires std::is_invocable_r_v<bool, F&, T&>
    void mutate(const char* action, F fn) {
        run(action, std::move(fn));
    }
    // Within a callback: the name of the action that led to it, or "".
    [[nodiscard]] const char* action() const { return core_->action; }

    // callback(const T&) after every change.
    template <class F>
        requires std::is_invocable_v<F&, const T&>
    [[nodiscard]] Subscription subscribe(F callback) {
        struct Plain final : Listener {
            explicit Plain(F f) : function(std::move(f)) {}
            void notify(const T& value) override { function(value); }
            F function;
        };
        return add(std::make_shared<Plain>(std::move(callback)));
    }
    // callback(now, before) when selector(const T&) gives something else than last time; with `call_now` once at once too (both
    // arguments are the present value then).
    template <class Selector, class F>
        requires std::is_invocable_v<Selector&, const T&>
    [[nodiscard]] Subscription subscribe(Selector selector, F callback, bool call_now = false) {
        using Selected = std::remove_cvref_t<std::invoke_result_t<Selector&, const T&>>;
        struct Selecting final : Listener {
            Selecting(Selector s, F f, const T& value) : select(std::move(s)), function(std::move(f)), last(std::invoke(select, value)) {}
            void notify(const T& value) override {
                Selected now = std::invoke(select, value);
                if (now == last) return;
                const Selected before = std::exchange(last, std::move(now));
                function(std::as_const(last), before);
            }
            Selector select;
            F function;
            Selected last;
        };
        auto listener = std::make_shared<Selecting>(std::move(selector), std::move(callback), core_->value);
        if (call_now) {
            const Selected now = listener->last;
            listener->function(now, now);
        }
        return add(std::move(listener));
    }

    [[nodiscard]] std::size_t subscriber_count() const {
        std::size_t count = 0;
        for (const auto& listener : core_->listeners) count += listener->live ? 1 : 0;
        return count;
    }
    [[nodiscard]] std::uint64_t dropped_updates() const { return core_->dropped; }

private:
    class Listener : public Subscription::Entry {
    public:
        virtual void notify(const T& value) = 0;
    };

    // Outlives the store while a round is running.
    struct Core {
        explicit Core(T initial) : value(std::move(initial)) {}
        T value;
        std::uint64_t version = 0;
        std::vector<std::shared_ptr<Listener>> listeners;
        std::deque<std::pair<const char*, base::UniqueFunction<bool(T&)>>> queue;
        const char* action = "";
        std::uint64_t dropped = 0;
        bool busy = false;
        bool abandoned = false;
    };

    Subscription add(std::shared_ptr<Listener> listener) {
        if (!core_->busy) sweep(*core_);
        core_->listeners.push_back(listener);
        return Subscription(std::move(listener));
    }
    static void sweep(Core& core) {
        std::erase_if(core.listeners, [](const auto& listener) { return !listener->live; });
    }

    // A step is called where it is; only one that has to wait is kept. What depends on its type is small: there are hundreds of them.
    template <class Step>
    void run(const char* action, Step step) {
        if (core_->busy) return wait(action, base::UniqueFunction<bool(T&)>(std::move(step)));
        run_now(action, [](void* it, T& value) -> bool { return (*static_cast<Step*>(it))(value); }, &step);
    }
    void wait(const char* action, base::UniqueFunction<bool(T&)> step) { core_->queue.push_back({action, std::move(step)}); }
    void run_now(const char* action, bool (*step)(void*, T&), void* it) {
        const std::shared_ptr<Core> core = core_;
        core->busy = true;
        core->action = action;
        if (step(it, core->value)) tell(*core);
        for (std::size_t ran = 0; !core->queue.empty() && !core->abandoned; ++ran) {
            if (ran == kMaxQueuedUpdates) {
                core->dropped += core->queue.size();
                core->queue.clear();
                break;
            }
            auto queued = std::move(core->queue.front());
            core->queue.pop_front();
            core->action = queued.first;
            if (queued.second(core->value)) tell(*core);
        }
        core->queue.clear();
        core->action = "";
        core->busy = false;
        sweep(*core);
    }
    static void tell(Core& core) {
        ++core.version;
        const std::size_t count = core.listeners.size();
        for (std::size_t i = 0; i < count && !core.abandoned; ++i) {
            const std::shared_ptr<Listener> listener = core.listeners[i];
            if (listener->live) listener->notify(core.value);
        }
    }

    std::shared_ptr<Core> core_;
    T initial_;
};

}  // namespace state
