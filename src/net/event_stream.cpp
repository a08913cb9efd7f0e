#include "net/event_stream.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"

namespace net {

namespace {

constexpr std::int64_t kMaxRetryAfterMs = 3'600'000;

bool is_event_stream(std::string_view content_type) {
    return base::equals_ascii_case(base::trim(content_type.substr(0, content_type.find(';'))), "text/event-stream");
}

// RFC 9110, 10.2.3: seconds, or a date.
std::int64_t retry_after_ms(const Headers& headers, std::int64_t unix_now_ms) {
    const std::string_view text = base::trim(headers.get("retry-after"));
    if (const auto seconds = base::parse_integer_in<std::int64_t>(text, 0, kMaxRetryAfterMs / 1000)) return *seconds * 1000;
    if (const auto date_ms = base::parse_http_date_ms(text)) return std::clamp<std::int64_t>(*date_ms - unix_now_ms, 0, kMaxRetryAfterMs);
    return std::all_of(text.begin(), text.end(), base::is_ascii_digit) && !text.empty() ? kMaxRetryAfterMs : 0;
}

bool is_sendable(std::string_view id) {
    return !id.empty() && id.size() <= EventStream::kMaxSentIdBytes &&
           std::none_of(id.begin(), id.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string_view bearer_of(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    return base::starts_with_ascii_case(authorization, kScheme) ? authorization.substr(kScheme.size()) : authorization;
}

}  // namespace

EventStreamOptions stream_options(const StreamProfile& profile, std::string target) {
    EventStreamOptions options;
    options.target = std::move(target);
    options.base_delay_ms = profile.base_delay_ms;
    options.growth = profile.growth;
    options.max_delay_ms = profile.max_delay_ms;
    options.idle_timeout_ms = profile.idle_timeout_ms();
    options.max_retries = profile.max_retries;
    options.reconnect_on_end = profile.reconnect_on_end;
    options.last_events = profile.last_events;
    options.token_parameter = profile.token_parameter;
    return options;
}

// What the parser finds goes to the callbacks while the attempt it belongs to is the current one.
class EventStream::Delivery final : public wire::SseSink {
public:
    explicit Delivery(EventStream& stream)
        : self_(stream.self_), parser_(stream.parser_), callbacks_(stream.callbacks_), generation_(stream.generation_) {}

    void on_event(const wire::SseEvent& event) override {
        EventStream* stream = current();
        if (stream == nullptr) return;
        ++stream->state_.events;
        stream->failures_ = 0;
        stream->keep_position();
        const bool last = stream->is_last(event.type);
        if (callbacks_->on_event) callbacks_->on_event(event);
        stream = current();
        if (stream != nullptr && last) stream->stop(StopReason::ended, {});
        (void)current();
    }
    void on_comment(std::string_view text) override {
        if (current() == nullptr) return;
        if (callbacks_->on_comment) callbacks_->on_comment(text);
        (void)current();
    }
    void on_overflow() override {
        if (EventStream* stream = current()) ++stream->state_.too_large;
    }
    // Null, and the parser told to stop, once the attempt is over.
    EventStream* current() {
        EventStream* const stream = *self_;
        if (stream != nullptr && stream->generation_ == generation_) return stream;
        parser_->stop();
        return nullptr;
    }

private:
    std::shared_ptr<EventStream*> self_;
    std::shared_ptr<wire::SseParser> parser_;
    std::shared_ptr<Callbacks> callbacks_;
    std::uint64_t generation_;
};

EventStream::EventStream(HttpClient& http, base::Scheduler& scheduler, base::Random& random, EventStreamOptions options, Callbacks callbacks)
    : http_(http), scheduler_(scheduler), random_(random), options_(std::move(options)), callbacks_(std::make_shared<Callbacks>(std::move(callbacks))),
      last_event_id_(options_.last_event_id), self_(std::make_shared<EventStream*>(this)) {}

EventStream::~EventStream() { *self_ = nullptr; }

void EventStream::open() {
    if (state_.phase == Phase::closed || state_.phase == Phase::stopped || state_.phase == Phase::gave_up) reconnect_now();
}

void EventStream::close() {
    ++generation_;
    handle_.cancel();
    timer_.cancel();
    state_.phase = Phase::closed;
    state_.phase_since_ms = scheduler_.clock().monotonic_ms();
}

void EventStream::reconnect_now() {
    if (state_.phase == Phase::open || state_.phase == Phase::connecting) return;
    if (state_.phase != Phase::retrying) state_.retries = 0;
    renewed_ = false;
    failures_ = 0;
    attempt();
}

void EventStream::restart() {
    if (state_.phase == Phase::open || state_.phase == Phase::connecting) retry("The stream was restarted");
}

void EventStream::attempt() {
    timer_.cancel();
    handle_.cancel();
    parser_ = std::make_shared<wire::SseParser>(
        wire::SseLimits{.max_event_bytes = options_.max_event_bytes, .report_comments = static_cast<bool>(callbacks_->on_comment)}, last_event_id_);
    accepted_ = false;
    const std::uint64_t generation = ++generation_;
    ++state_.attempts;
    state_.reason = StopReason::none;

    Request request{.method = options_.method, .target = options_.target, .headers = options_.headers, .body = options_.body};
    request.headers.set("accept", "text/event-stream");
    request.headers.set("cache-control", "no-cache");
    if (options_.authorization) {
        if (std::string value = options_.authorization(); value.empty()) {
        } else if (options_.token_parameter.empty()) {
            request.headers.set("authorization", std::move(value));
        } else {
            request.target += request.target.find('?') == std::string::npos ? '?' : '&';
            request.target += options_.token_parameter + "=" + base::percent_encode(bearer_of(value));
        }
    }
    if (is_sendable(last_event_id_)) request.headers.set("last-event-id", last_event_id_);
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
    const StatusRule& rule = status_rule(head.status);
    const auto why = [&] { return rule.words.empty() ? "The server answered with status " + std::to_string(head.status) : std::string(rule.words); };
    switch (rule.action) {
        case StatusAction::accept: break;
        case StatusAction::retry: return retry(why(), retry_after_ms(head.headers, scheduler_.clock().unix_ms()));
        case StatusAction::renew:
            if (renewed_ || !options_.renew) return stop(rule.reason, why());
            return renew_token();
        case StatusAction::stop: return stop(rule.reason, rule.reason == StopReason::ended ? std::string{} : why());
    }
    if (!is_event_stream(head.headers.get("content-type"))) return stop(StopReason::not_a_stream, "The server's answer is not an event stream");
    accepted_ = true;
    opened_at_ms_ = scheduler_.clock().monotonic_ms();
    state_.last_error.clear();
    set_phase(Phase::open);
}

void EventStream::renew_token() {
    renewed_ = true;
    const std::uint64_t generation = ++generation_;
    handle_.cancel();
    options_.renew([self = self_, generation](bool ok) {
        EventStream* stream = *self;
        if (!stream || stream->generation_ != generation) return;
        if (ok) return stream->attempt();
        stream->retry("The session could not be renewed");
    });
}

void EventStream::on_data(std::string_view bytes) {
    if (!accepted_) return;
    state_.bytes += bytes.size();
    Delivery delivery(*this);
    const std::shared_ptr<wire::SseParser> parser = parser_;
    parser->feed(bytes, delivery);
    if (delivery.current() != nullptr) keep_position();
}

// What the parser knows outlives the attempt: the id, which a block without data may have changed, and the server's delay.
void EventStream::keep_position() {
    if (parser_->last_event_id() != last_event_id_) last_event_id_ = parser_->last_event_id();
    if (const auto retry_ms = parser_->retry_ms()) {
        if (server_retry_ms_ != retry_ms) state_.retries = 0;
        server_retry_ms_ = retry_ms;
    }
}

bool EventStream::is_last(std::string_view type) const {
    if (options_.last_events.empty()) return false;
    const auto types = base::split(options_.last_events, ' ');
    return std::find(types.begin(), types.end(), type) != types.end();
}

void EventStream::on_done(const base::Result<void>& result) {
    if (result && accepted_ && !options_.reconnect_on_end) return stop(StopReason::ended, {});
    retry(result ? "The server ended the stream" : result.error().message);
}

void EventStream::retry(std::string why, std::int64_t at_least_ms) {
    ++generation_;
    handle_.cancel();
    timer_.cancel();
    const std::int64_t now_ms = scheduler_.clock().monotonic_ms();
    if (accepted_ && now_ms - opened_at_ms_ >= options_.good_after_ms) {
        state_.retries = 0;
        renewed_ = false;
    }
    accepted_ = false;
    state_.last_error = std::move(why);
    if (++failures_ > options_.max_retries && options_.max_retries != kForever) return set_phase(Phase::gave_up);
    // In floating point nothing overflows, however many attempts there were.
    const double grown_ms = static_cast<double>(server_retry_ms_.value_or(options_.base_delay_ms)) * std::pow(options_.growth, std::min(state_.retries, 64));
    auto delay_ms = static_cast<std::int64_t>(std::clamp(grown_ms, 0.0, static_cast<double>(options_.max_delay_ms)));
    delay_ms -= static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(delay_ms) / 2 + 1));
    delay_ms = std::max({delay_ms, at_least_ms, options_.min_delay_ms});
    ++state_.retries;
    state_.retry_at_ms = now_ms + delay_ms;
    timer_ = scheduler_.after(delay_ms, [this] { attempt(); });
    set_phase(Phase::retrying);
}

void EventStream::stop(StopReason reason, std::string why) {
    ++generation_;
    handle_.cancel();
    timer_.cancel();
    state_.reason = reason;
    state_.last_error = std::move(why);
    set_phase(Phase::stopped);
}

void EventStream::set_phase(Phase phase) {
    if (state_.phase == phase && phase != Phase::retrying) return;
    state_.phase = phase;
    state_.phase_since_ms = scheduler_.clock().monotonic_ms();
    const std::shared_ptr<Callbacks> callbacks = callbacks_;
    if (callbacks->on_change) callbacks->on_change();
}

}  // namespace net
