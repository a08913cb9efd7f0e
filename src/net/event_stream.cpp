#include "net/event_stream.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace net {

namespace {

bool is_event_stream(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    const auto end = type.find_last_not_of(" \t");
    return end != std::string_view::npos && equals_ignoring_case(type.substr(0, end + 1), "text/event-stream");
}

// Seconds of a Retry-After header; dates are not worth a parser here.
std::int64_t retry_after_ms(const Headers& headers) {
    const std::string_view text = headers.get("retry-after");
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return 0;
    return std::min<std::int64_t>(seconds, 3600) * 1000;
}

}  // namespace

EventStream::EventStream(HttpClient& http, base::Scheduler& scheduler, base::Random& random, EventStreamOptions options, Callbacks callbacks)
    : http_(http), scheduler_(scheduler), random_(random), options_(std::move(options)), callbacks_(std::move(callbacks)),
      self_(std::make_shared<EventStream*>(this)) {}

EventStream::~EventStream() { *self_ = nullptr; }

void EventStream::open() {
    if (state_.phase == Phase::closed || state_.phase == Phase::stopped) attempt();
}

void EventStream::close() {
    ++generation_;
    handle_.cancel();
    timer_.cancel();
    state_.phase = Phase::closed;
}

void EventStream::reconnect_now() {
    if (state_.phase == Phase::open || state_.phase == Phase::connecting) return;
    renewed_ = false;
    attempt();
}

void EventStream::attempt() {
    timer_.cancel();
    parser_.reset_connection();
    accepted_ = false;
    const std::uint64_t generation = ++generation_;
    ++state_.attempts;

    Request request;
    request.target = options_.target;
    request.headers.set("accept", "text/event-stream");
    request.headers.set("cache-control", "no-cache");
    if (options_.authorization) {
        if (std::string value = options_.authorization(); !value.empty()) request.headers.set("authorization", std::move(value));
    }
    // An id that cannot be a header value would make every attempt fail.
    const std::string_view id = parser_.last_event_id();
    const bool sendable = std::none_of(id.begin(), id.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!id.empty() && sendable) request.headers.set("last-event-id", std::string(id));
    request.idle_timeout_ms = options_.idle_timeout_ms;

    const auto guarded = [self = self_, generation](auto method) {
        return [self, generation, method](auto&&... args) {
            EventStream* stream = *self;
            if (stream && stream->generation_ == generation) (stream->*method)(args...);
        };
    };
    handle_ = http_.send(std::move(request), {.on_head = guarded(&EventStream::on_head),
                                              .on_data = guarded(&EventStream::on_data),
                                              .on_done = guarded(&EventStream::on_done)});
    set_phase(Phase::connecting);
}

void EventStream::on_head(const ResponseHead& head) {
    if (head.status == 204) return stop({});
    if (head.status == 401) {
        if (renewed_ || !options_.renew) return stop("Not signed in");
        renewed_ = true;
        const std::uint64_t generation = ++generation_;
        handle_.cancel();
        options_.renew([self = self_, generation](bool ok) {
            EventStream* stream = *self;
            if (!stream || stream->generation_ != generation) return;
            if (ok) return stream->attempt();
            stream->retry("The session could not be renewed");
        });
        return;
    }
    if (head.status == 408 || head.status == 429 || head.status >= 500) {
        return retry("The server answered with status " + std::to_string(head.status), retry_after_ms(head.headers));
    }
    if (head.status == 403) return stop("You may not read this stream");
    if (head.status == 404 || head.status == 410) return stop("The stream no longer exists");
    if (head.status != 200) return stop("The server answered with status " + std::to_string(head.status));
    if (!is_event_stream(head.headers.get("content-type"))) return stop("The server's answer is not an event stream");
    accepted_ = true;
    opened_at_ms_ = scheduler_.clock().monotonic_ms();
    state_.last_error.clear();
    set_phase(Phase::open);
}

void EventStream::on_data(std::string_view bytes) {
    if (!accepted_) return;
    state_.bytes += bytes.size();
    const std::uint64_t generation = generation_;
    parser_.feed(bytes, [&](const wire::SseEvent& event) {
        if (generation_ != generation) return;
        ++state_.events;
        if (callbacks_.on_event) callbacks_.on_event(event);
        if (generation_ != generation) parser_.stop();
    });
}

void EventStream::on_done(const base::Result<void>& result) {
    if (result && !options_.reconnect_on_end) return stop({});
    retry(result ? "The server ended the stream" : result.error().message);
}

void EventStream::retry(std::string why, std::int64_t at_least_ms) {
    ++generation_;
    handle_.cancel();
    const std::int64_t now_ms = scheduler_.clock().monotonic_ms();
    if (accepted_ && now_ms - opened_at_ms_ >= options_.good_after_ms) {
        state_.retries = 0;
        renewed_ = false;
    }
    const std::int64_t base_ms = std::clamp<std::int64_t>(parser_.retry_ms().value_or(options_.base_delay_ms), 100, options_.max_delay_ms);
    std::int64_t delay_ms = std::min(base_ms << std::min(state_.retries, 16), options_.max_delay_ms);
    delay_ms -= static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(delay_ms) / 2 + 1));
    delay_ms = std::max(delay_ms, at_least_ms);
    ++state_.retries;
    state_.last_error = std::move(why);
    state_.retry_at_ms = now_ms + delay_ms;
    timer_ = scheduler_.after(delay_ms, [this] { attempt(); });
    set_phase(Phase::retrying);
}

void EventStream::stop(std::string why) {
    ++generation_;
    handle_.cancel();
    timer_.cancel();
    state_.last_error = std::move(why);
    set_phase(Phase::stopped);
}

void EventStream::set_phase(Phase phase) {
    if (state_.phase == phase && phase != Phase::retrying) return;
    state_.phase = phase;
    if (callbacks_.on_change) callbacks_.on_change();
}

}  // namespace net
