// The one seam: HttpClient sends requests, HttpHandler answers them, and everything composes from the two.
//
// Client side
//   handle = client.send({.method = "GET", .target = "/v1/api/workflows"},
//                        {.on_head = ..., .on_data = ..., .on_done = ...});
//   - No callback runs inside send(). Order: on_head once, on_data any number of times, on_done exactly once.
//   - on_done gets success at the end of the body, or the error that cut the exchange (ErrorCode timed_out, unavailable,
//     protocol, too_large, cancelled by the peer's abort). An HTTP error status is not an error here: it arrives by on_head.
//   - Dropping or cancelling the handle ends the exchange: no callback runs after that, the server side sees on_close.
//     It may be dropped inside a callback.
//   - The client may be destroyed before its handles; the exchanges end silently.
//   - A callback may send further requests.
//
// Server side
//   void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) override;
//   - The handler answers now or later: respond() for a complete answer, or start(), write()..., end().
//   - write() returns false when the reader lags (kHighWaterBytes are queued): the bytes are taken all the same, but a
//     well-behaved producer waits for on_drain. After the reader went away every call is a no-op and on_close has run.
//   - Dropping the writer without an end is an abort: the client sees an `unavailable` error (or a 500, before start()).
//
// One suite, tests/support/http_behaviour.*, runs against loopback, Beast and Fetch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/unique_function.hpp"

namespace net {

// Header fields in order; names compare without regard to ASCII case (RFC 9110, 5.1).
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields);

    // First value of that name, or an empty view.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    // Replaces all fields of that name.
    void set(std::string_view name, std::string value);
    void add(std::string_view name, std::string value);
    void remove(std::string_view name);
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

struct Request {
    std::string method = "GET";
    std::string target = "/";  // path and query, already percent-encoded; a client is bound to one origin (and prefix)
    Headers headers{};
    std::string body{};
    // Time to the first byte of the answer's head, 0 = none.
    std::int64_t head_timeout_ms = 30'000;
    // Longest silence within the body, 0 = none (live streams set their own).
    std::int64_t idle_timeout_ms = 0;
};

struct ResponseHead {
    int status = 200;
    Headers headers{};
};

struct Response {
    int status = 200;
    Headers headers{};
    std::string body{};
};

struct ResponseCallbacks {
    base::UniqueFunction<void(ResponseHead)> on_head{};
    base::UniqueFunction<void(std::string_view)> on_data{};  // the view is valid during the call only
    base::UniqueFunction<void(base::Result<void>)> on_done{};
};

// Owns one exchange; dropping it cancels.
class RequestHandle {
public:
    class Impl {
    public:
        virtual ~Impl() = default;  // cancels
        // While paused no on_data/on_done is delivered; the transport may buffer (Fetch has no back-pressure).
        virtual void set_paused(bool paused) = 0;
    };

    RequestHandle() = default;
    explicit RequestHandle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
    void cancel() { impl_.reset(); }
    void set_paused(bool paused) {
        if (impl_) impl_->set_paused(paused);
    }
    [[nodiscard]] bool active() const { return impl_ != nullptr; }

private:
    std::unique_ptr<Impl> impl_;
};

class HttpClient {
public:
    virtual ~HttpClient() = default;
    [[nodiscard]] virtual RequestHandle send(Request request, ResponseCallbacks callbacks) = 0;
};

struct ServerRequest {
    std::string method{};
    std::string target{};  // as received: path and query, percent-encoded
    Headers headers{};
    std::string body{};
    std::string peer{};    // for logs and rate limits: an address, "loopback", or a tab id
};

inline constexpr std::size_t kHighWaterBytes = 256 * 1024;

class ResponseWriter {
public:
    virtual ~ResponseWriter() = default;
    virtual void respond(Response response) = 0;
    virtual void start(ResponseHead head) = 0;
    // False: more than kHighWaterBytes wait for the reader. The bytes are taken in any case.
    virtual bool write(std::string_view bytes) = 0;
    virtual void end() = 0;
    // Cuts the answer: the client's on_done gets an error.
    virtual void abort() = 0;
    // Called once when the queue has drained after a write() that returned false; set again for the next time.
    virtual void on_drain(base::UniqueFunction<void()> callback) = 0;
    // Called once if the client goes away before the end; never after end(). Called soon if that has already happened.
    virtual void on_close(base::UniqueFunction<void()> callback) = 0;
    // True once nothing more can be sent: the reader is gone, or end(), respond() or abort() was called.
    [[nodiscard]] virtual bool closed() const = 0;
    [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
};

class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    virtual void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) = 0;
};

// Collects a whole answer: `done` gets it, or the error. Bodies over `max_bytes` fail with too_large.
[[nodiscard]] RequestHandle fetch(HttpClient& client, Request request, base::UniqueFunction<void(base::Result<Response>)> done,
                                  std::size_t max_bytes = 16 * 1024 * 1024);

}  // namespace net
