// The seam suite: one list of named cases that every HttpClient/HttpHandler pair must pass - loopback, Beast, Fetch.
//
// A case is a coroutine that waits by predicates, so it needs no blocking loop: natively a test polls it between steps of
// its event loop, in the browser a timer polls it. No case measures time: the server end (BehaviourHandler, reached by
// HTTP only) is stepped by requests, and timeouts are tried against an exchange that never answers.
//
//   for (const auto& behaviour : support::http_behaviours()) {          // in Catch2: DYNAMIC_SECTION(behaviour.name)
//       MyRig rig;                                                      // mounts a BehaviourHandler somewhere
//       support::BehaviourRun run(behaviour, rig);
//       while (!run.poll()) if (!step_the_event_loop()) { run.give_up(); break; }
//       for (const auto& failure : run.failures()) ...;                 // empty: passed
//   }
//
// In the browser: call poll() every few milliseconds until it is true; give_up() after a generous time (20 s).
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/scheduler.hpp"
#include "net/http.hpp"

namespace support {

// What a case needs from its surroundings.
class HttpRig {
public:
    virtual ~HttpRig() = default;
    // A fresh client whose target "/echo" reaches a BehaviourHandler's "/echo" (the client may add a prefix on the way that
    // the server strips).
    [[nodiscard]] virtual std::unique_ptr<net::HttpClient> make_client() = 0;
    // A client to an address where nobody listens; null where there is no such thing (loopback).
    [[nodiscard]] virtual std::unique_ptr<net::HttpClient> make_refused_client() = 0;
    [[nodiscard]] virtual base::Scheduler& scheduler() = 0;
    // True when a paused reader stops the producer (Fetch cannot).
    [[nodiscard]] virtual bool has_back_pressure() const = 0;
    // Different for each run against the same server process: letters and digits.
    [[nodiscard]] virtual std::string run_id() const = 0;
};

class BehaviourContext;

// The coroutine of a case.
class BehaviourTask {
public:
    struct promise_type {
        BehaviourTask get_return_object() { return BehaviourTask(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { __builtin_trap(); }
    };

    explicit BehaviourTask(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    BehaviourTask(BehaviourTask&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    BehaviourTask& operator=(BehaviourTask&&) = delete;
    ~BehaviourTask() {
        if (handle_) handle_.destroy();
    }
    [[nodiscard]] bool done() const { return handle_.done(); }
    void resume() { handle_.resume(); }

private:
    std::coroutine_handle<promise_type> handle_;
};

struct Behaviour {
    std::string_view name;
    BehaviourTask (*body)(BehaviourContext&);
};

[[nodiscard]] const std::vector<Behaviour>& http_behaviours();

// One exchange as the client saw it. Breaches of the callback rules land in `violations`.
struct Recording {
    bool in_send = false;
    int heads = 0;
    int status = 0;
    net::Headers headers;
    std::string body;
    int chunks = 0;
    bool done = false;
    std::optional<base::Error> error;
    bool dropped = false;  // the case cancelled it: nothing may come any more
    bool is_step = false;  // of the suite itself (control, wait, state): must succeed
    std::vector<std::string> violations;
    net::RequestHandle handle;
    // What the case does inside the callbacks.
    base::UniqueFunction<void()> then_on_head;
    base::UniqueFunction<void()> then_on_data;
    base::UniqueFunction<void()> then_on_done;

    void drop() {
        dropped = true;
        handle.cancel();
    }
    // All values of that name, joined by ", " (as Fetch does it).
    [[nodiscard]] std::string header(std::string_view name) const;
};

// What a case body works with.
class BehaviourContext {
public:
    explicit BehaviourContext(HttpRig& rig);
    ~BehaviourContext();
    BehaviourContext(const BehaviourContext&) = delete;
    BehaviourContext& operator=(const BehaviourContext&) = delete;

    [[nodiscard]] HttpRig& rig() { return rig_; }
    [[nodiscard]] net::HttpClient& client() { return *client_; }
    void destroy_client() { client_.reset(); }

    void check(bool condition, std::string what);
    void skip(std::string reason) { skip_reason_ = std::move(reason); }

    // Sends; by the case's own client unless told otherwise.
    Recording& send(net::Request request, net::HttpClient* client = nullptr);
    Recording& get(std::string target) { return send({.method = "GET", .target = std::move(target)}); }
    // Server-side steps, by a client of their own: POST /control and GET /wait.
    Recording& control(std::string_view op, std::string body = {});
    Recording& wait_for(std::string_view what);
    Recording& state();
    // This case's key on the server, "key=..." ready for a query.
    [[nodiscard]] std::string key() const { return "key=" + rig_.run_id() + "n" + std::to_string(key_); }
    void next_key() { ++key_; }

    struct Until {
        BehaviourContext& context;
        [[nodiscard]] bool await_ready() const { return context.predicate_(); }
        void await_suspend(std::coroutine_handle<>) const {}
        void await_resume() const { context.predicate_.reset(); }
    };
    // co_await t.until("the head is there", [&] { return r.heads == 1; });
    [[nodiscard]] Until until(std::string what, base::UniqueFunction<bool()> predicate);
    // co_await t.finished(recording);
    [[nodiscard]] Until finished(const Recording& recording);

private:
    friend class BehaviourRun;
    Recording& step(net::Request request);

    HttpRig& rig_;
    std::unique_ptr<net::HttpClient> client_;
    std::unique_ptr<net::HttpClient> control_client_;
    std::vector<std::unique_ptr<Recording>> recordings_;
    std::vector<std::string> failures_;
    std::string skip_reason_;
    std::string waiting_for_;
    base::UniqueFunction<bool()> predicate_;
    int key_ = 0;
};

class BehaviourRun {
public:
    BehaviourRun(const Behaviour& behaviour, HttpRig& rig);
    ~BehaviourRun();
    // Goes on as far as possible; true when the case is over.
    [[nodiscard]] bool poll();
    // Ends a case that is stuck, as a failure.
    void give_up();
    [[nodiscard]] const std::vector<std::string>& failures() const { return context_->failures_; }
    // Empty unless the case does not apply to this rig.
    [[nodiscard]] const std::string& skip_reason() const { return context_->skip_reason_; }

private:
    void finish();
    std::unique_ptr<BehaviourContext> context_;
    std::optional<BehaviourTask> task_;
};

}  // namespace support
