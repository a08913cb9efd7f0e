#include "wire/watch_machine.hpp"

#include <algorithm>

#include "base/json_check.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "wire/flat_json.hpp"

namespace wire {

namespace {

constexpr std::int64_t kFirstPause_ms = 800;  // as client-go
constexpr std::int64_t kLongestPause_ms = 30'000;
constexpr std::int64_t kWellAfter_ms = 30'000;
constexpr std::int64_t kShortWatch_ms = 1'000;
constexpr std::int64_t kServerGrace_ms = 5'000;       // beyond what the server was told
constexpr std::int64_t kListSilence_ms = 60'000;      // within a page
constexpr std::int64_t kAnswerSilence_ms = 30'000;    // before a head
constexpr std::int64_t kStreamSilence_ms = 10'000;    // within a streaming list: a server that does not know them sends nothing more
constexpr std::int64_t kUnauthenticatedPause_ms = 5 * 60'000;
constexpr std::int64_t kForbiddenPause_ms = 60'000;
constexpr std::int64_t kNotFoundPause_ms = 30'000;
constexpr std::int64_t kRefusedPause_ms = 5 * 60'000;
constexpr std::int64_t kLongestRetryAfter_ms = 10 * 60'000;
constexpr int kShortWatchesAllowed = 5;
constexpr int kBrokenStreamsAllowed = 3;
constexpr int kInternalErrorsAllowed = 3;
constexpr int kUnreadableAllowed = 3;
constexpr std::uint64_t kMaxPages = 20'000;
constexpr std::size_t kMaxErrorBytes = 64 * 1024;
constexpr std::size_t kMaxDepth = 128;

using Kind = WatchTrouble::Kind;

std::string message_of(const WatchStatus& status) {
    return status.message.empty() ? "The Kubernetes API answered with status " + std::to_string(status.code) + "." : status.message;
}

}  // namespace

WatchMachine::WatchMachine(WatchOptions options, base::Random& random, WatchConsumer& consumer)
    : options_(std::move(options)),
      random_(random),
      consumer_(consumer),
      lines_({.max_line_bytes = options_.max_object_bytes, .skip_blank = true}),
      freshness_(options_.any_version_first ? Freshness::any : Freshness::newest) {}

// ---- time

std::optional<std::int64_t> WatchMachine::deadline_ms() const {
    switch (state_) {
        case State::idle:
        case State::renewing: return std::nullopt;
        case State::waiting: return wake_ms_;
        case State::listing:
        case State::streaming:
        case State::watching: break;
    }
    if (!sent_) return std::nullopt;
    if (state_ == State::watching) return last_byte_ms_ + watch_ms_ + kServerGrace_ms;  // a proxy may hold the head back, too
    if (status_ == 0) return last_byte_ms_ + kAnswerSilence_ms;
    return last_byte_ms_ + (state_ == State::streaming && status_ == 200 ? kStreamSilence_ms : kListSilence_ms);
}

void WatchMachine::tick(std::int64_t now_ms) {
    now_ms_ = now_ms;
    const auto deadline = deadline_ms();
    if (!deadline || now_ms < *deadline) return;
    switch (state_) {
        case State::waiting:
            if (then_ == State::watching || (then_ == State::listing && !continue_.empty())) return ask(then_, now_ms);
            return begin_list(now_ms);
        case State::streaming:
            // Silence after a head is a server that took this for a plain watch; silence before it may be any trouble.
            if (status_ != 0 || ++broken_streams_ >= kBrokenStreamsAllowed) return fall_back(now_ms);
            break;
        case State::watching:
            if (status_ == 0) break;
            return stream_ended(now_ms, nullptr);  // as if the server had kept its word
        case State::listing: break;
        case State::idle:
        case State::renewing: return;
    }
    fail(now_ms, {.kind = Kind::unreachable, .status = 0, .reason = {}, .message = "The Kubernetes API does not answer."});
}

std::int64_t WatchMachine::jittered(std::int64_t ms) { return ms + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(ms) + 1)); }

std::int64_t WatchMachine::backoff_ms() { return jittered(std::min(kLongestPause_ms, kFirstPause_ms << std::clamp(failures_ - 1, 0, 6))); }

void WatchMachine::wait(std::int64_t now_ms, std::int64_t delay_ms, State then) {
    request_.reset();
    state_ = State::waiting;
    then_ = then;
    wake_ms_ = now_ms + delay_ms;
}

// ---- asking

void WatchMachine::start(std::int64_t now_ms) {
    now_ms_ = now_ms;
    if (state_ != State::idle) forget_version(Freshness::newest);
    failures_ = short_watches_ = broken_streams_ = internal_errors_ = unreadable_ = 0;
    renewed_ = false;
    well_since_ms_.reset();
    begin_list(now_ms);
}

void WatchMachine::stop() {
    request_.reset();
    state_ = State::idle;
}

void WatchMachine::sent(std::uint64_t id, std::int64_t now_ms) {
    if (!request_ || request_->id != id) return;
    sent_ = true;
    started_ms_ = last_byte_ms_ = now_ms;
}

void WatchMachine::begin_list(std::int64_t now_ms) {
    ++stats_.lists;
    continue_.clear();
    pages_ = 0;
    ask(options_.streaming_list && !streaming_refused_ ? State::streaming : State::listing, now_ms);
}

void WatchMachine::ask(State state, std::int64_t now_ms) {
    state_ = state;
    request_ = Request{next_id_++, target_of(state)};
    if (state != State::listing) ++stats_.watches;
    sent_ = false;
    started_ms_ = last_byte_ms_ = now_ms;
    status_ = 0;
    retry_after_ms_ = 0;
    events_of_request_ = 0;
    body_.clear();
    lines_.reset();
    verdict_ = {};
}

std::string WatchMachine::target_of(State state) {
    std::string target = options_.path + "?";
    if (!options_.query.empty()) target += options_.query + "&";
    const bool floor = freshness_ == Freshness::not_older && !seen_version_.empty();
    if (state == State::listing) {
        target += "limit=" + std::to_string(options_.page_limit);
        if (!continue_.empty()) return target + "&continue=" + base::percent_encode(continue_);
        if (freshness_ == Freshness::any) return target + "&resourceVersion=0";
        if (floor) target += "&resourceVersion=" + base::percent_encode(seen_version_) + "&resourceVersionMatch=NotOlderThan";
        return target;
    }
    const std::int64_t seconds = options_.shortest_watch_s + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(options_.shortest_watch_s)));
    watch_ms_ = seconds * 1'000;
    target += "watch=1&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(seconds);
    if (state == State::watching) return target + "&resourceVersion=" + base::percent_encode(version_);
    target += "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    if (floor) target += "&resourceVersion=" + base::percent_encode(seen_version_);
    return target;
}

void WatchMachine::forget_version(Freshness next) {
    version_.clear();
    freshness_ = next;
}

// ---- failing

void WatchMachine::tell(WatchTrouble trouble) {
    const bool news = !trouble_ || trouble_->kind != trouble.kind;
    trouble_ = std::move(trouble);
    if (news) consumer_.on_trouble(*trouble_);
}

void WatchMachine::recovered() {
    renewed_ = false;
    if (!trouble_) return;
    trouble_.reset();
    consumer_.on_recovered();
}

// Waits, and then goes on with what was being done.
void WatchMachine::fail(std::int64_t now_ms, WatchTrouble trouble, std::int64_t at_least_ms) {
    const State then = state_ == State::watching && version_.empty() ? State::streaming : state_;
    if (well_since_ms_ && now_ms - *well_since_ms_ >= kWellAfter_ms) failures_ = 0;
    well_since_ms_.reset();
    ++failures_;
    ++stats_.failures;
    const std::int64_t pause_ms = backoff_ms();
    // Whoever is told to come back at one time does not come with everybody else.
    const std::int64_t asked_ms = at_least_ms > 0 ? std::min(at_least_ms, kLongestRetryAfter_ms) + static_cast<std::int64_t>(random_.below(1'000)) : 0;
    wait(now_ms, std::max(pause_ms, asked_ms), then);
    trouble.retry_at_ms = wake_ms_;
    tell(std::move(trouble));
}

// Waits long: nothing will be better soon.
void WatchMachine::park(std::int64_t now_ms, WatchTrouble trouble, std::int64_t delay_ms) {
    const State then = state_ == State::watching && !version_.empty() ? State::watching : State::streaming;
    well_since_ms_.reset();
    ++failures_;
    ++stats_.failures;
    continue_.clear();
    wait(now_ms, jittered(delay_ms), then);
    trouble.retry_at_ms = wake_ms_;
    tell(std::move(trouble));
}

// Once is normal after a long sleep; again and again it is waited out like any failure.
void WatchMachine::relist_after_410(std::int64_t now_ms) {
    ++stats_.expired;
    forget_version(Freshness::newest);
    if (well_since_ms_ && now_ms - *well_since_ms_ >= kWellAfter_ms) failures_ = 0;
    well_since_ms_.reset();
    if (failures_ == 0) {
        ++failures_;
        return begin_list(now_ms);
    }
    continue_.clear();
    state_ = State::streaming;
    fail(now_ms, {.kind = Kind::server_error, .status = 410, .reason = "Expired", .message = "The API server has forgotten what it has just said, several times in a row."});
}

void WatchMachine::fall_back(std::int64_t now_ms) {
    streaming_refused_ = true;
    continue_.clear();
    ask(State::listing, now_ms);
}

void WatchMachine::refused(std::int64_t now_ms, WatchStatus status, bool in_stream) {
    WatchTrouble trouble{.kind = Kind::refused, .status = status.code, .reason = status.reason, .message = message_of(status)};
    if (status.expired()) return relist_after_410(now_ms);
    if (status.too_large_version && freshness_ != Freshness::newest) {
        // A replica that is behind, or a restored backup: what the newest state is decides the storage.
        forget_version(Freshness::newest);
        state_ = State::streaming;
        continue_.clear();
        trouble.kind = Kind::server_error;
        return fail(now_ms, std::move(trouble), status.retry_after_ms);
    }
    if (state_ == State::streaming && (status.code == 400 || status.code == 422)) return fall_back(now_ms);
    switch (status.code) {
        case 401:
            trouble.kind = Kind::unauthenticated;
            if (renewed_) return park(now_ms, std::move(trouble), kUnauthenticatedPause_ms);
            then_ = state_;
            state_ = State::renewing;
            request_.reset();
            return;
        case 403: trouble.kind = Kind::forbidden; return park(now_ms, std::move(trouble), kForbiddenPause_ms);
        case 404:
            trouble.kind = Kind::not_found;
            forget_version(Freshness::newest);
            return park(now_ms, std::move(trouble), kNotFoundPause_ms);
        case 408:
        case 425: trouble.kind = Kind::server_error; return fail(now_ms, std::move(trouble), status.retry_after_ms);
        case 429: trouble.kind = Kind::busy; return fail(now_ms, std::move(trouble), status.retry_after_ms);
        default: break;
    }
    if (status.code >= 400 && status.code < 500) return park(now_ms, std::move(trouble), kRefusedPause_ms);
    trouble.kind = status.code >= 500 ? Kind::server_error : Kind::protocol;
    if (in_stream && status.code == 500 && ++internal_errors_ > kInternalErrorsAllowed) {
        internal_errors_ = 0;
        forget_version(Freshness::not_older);
    }
    fail(now_ms, std::move(trouble), status.retry_after_ms);
}

void WatchMachine::on_renewed(std::int64_t now_ms) {
    if (state_ != State::renewing) return;
    now_ms_ = now_ms;
    renewed_ = true;
    if (then_ == State::streaming) begin_list(now_ms);
    else ask(then_, now_ms);
}

// ---- hearing

void WatchMachine::on_head(std::uint64_t id, std::int64_t now_ms, const Head& head) {
    if (!request_ || request_->id != id) return;
    now_ms_ = last_byte_ms_ = now_ms;
    status_ = head.status;
    const auto seconds = base::parse_integer<std::int64_t>(base::trim(head.retry_after)).value_or(0);
    retry_after_ms_ = std::clamp<std::int64_t>(seconds, 0, kLongestRetryAfter_ms / 1'000) * 1'000;
    if (status_ != 200 || state_ == State::listing) return;
    if (state_ == State::streaming) return consumer_.on_init();
    if (!well_since_ms_) well_since_ms_ = now_ms;
    recovered();
}

void WatchMachine::on_data(std::uint64_t id, std::int64_t now_ms, std::string_view bytes) {
    if (!request_ || request_->id != id) return;
    now_ms_ = last_byte_ms_ = now_ms;
    if (status_ != 200) {
        body_.append(bytes.substr(0, kMaxErrorBytes - std::min(kMaxErrorBytes, body_.size())));
        return;
    }
    if (state_ == State::listing) {
        if (body_.size() + bytes.size() > options_.max_page_bytes) {
            body_ = {};
            continue_.clear();
            options_.page_limit = std::max(1, options_.page_limit / 4);
            return fail(now_ms, {.kind = Kind::too_large, .status = 200, .reason = {},
                                 .message = "A page of the list is larger than " + base::human_bytes(options_.max_page_bytes) + "."});
        }
        body_.append(bytes);
        return;
    }
    lines_.feed(
        bytes, [this](std::string_view line) { take_line(line, true); },
        [this](std::string_view) {
            if (verdict_.kind == Verdict::Kind::none) verdict_.kind = Verdict::Kind::oversized;
        });
    judge(now_ms);
}

void WatchMachine::on_end(std::uint64_t id, std::int64_t now_ms, const base::Error* cut) {
    if (!request_ || request_->id != id) return;
    now_ms_ = now_ms;
    if (status_ == 0) {
        const std::string why = cut != nullptr ? ": " + cut->message : std::string(".");
        return fail(now_ms, {.kind = Kind::unreachable, .status = 0, .reason = {}, .message = "The Kubernetes API does not answer" + why});
    }
    if (status_ != 200) {
        WatchStatus status = read_watch_status(body_);
        status.code = status_;  // what a proxy made of it is what counts
        status.retry_after_ms = std::max(status.retry_after_ms, retry_after_ms_);
        return refused(now_ms, std::move(status), false);
    }
    if (state_ == State::listing) {
        if (cut == nullptr) return take_page(now_ms);
        return fail(now_ms, {.kind = Kind::unreachable, .status = 0, .reason = {}, .message = "The Kubernetes API does not answer: " + cut->message});
    }
    // Whole JSON at the end counts without its line end; half of it is no JSON.
    lines_.finish([this](std::string_view line) { take_line(line, false); });
    if (verdict_.kind != Verdict::Kind::none) return judge(now_ms);
    stream_ended(now_ms, cut);
}

void WatchMachine::take_page(std::int64_t now_ms) {
    const auto nonsense = [&](std::string message) {
        body_ = {};
        fail(now_ms, {.kind = Kind::protocol, .status = 200, .reason = {}, .message = std::move(message)});
    };
    const std::string body = std::exchange(body_, {});
    WatchPage page;
    if (!base::check_json(body, {.max_bytes = options_.max_page_bytes, .max_depth = kMaxDepth}) || !read_watch_page(body, page)) {
        return nonsense("The server's answer is no list of the Kubernetes API.");
    }
    if (continue_.empty()) consumer_.on_init();
    FlatArray items(page.items.empty() ? std::string_view("[]") : page.items);
    std::uint64_t count = 0;
    while (items.next()) {
        if (!reader_.read(items.raw(), page.api_version, page.kind)) {
            continue_.clear();  // the list is begun anew
            return nonsense("The server's list has an item without a name or a resourceVersion.");
        }
        ++count;
        consumer_.on_init_apply(reader_.object());
    }
    if (!page.continue_token.empty()) {
        if (++pages_ > kMaxPages || (count == 0 && page.continue_token == continue_)) {
            continue_.clear();
            return nonsense("The server's list has no end.");
        }
        continue_ = std::move(page.continue_token);
        return ask(State::listing, now_ms);
    }
    continue_.clear();
    initial_events_ended(page.resource_version);
    ask(State::watching, now_ms);
}

void WatchMachine::initial_events_ended(const std::string& version) {
    version_ = seen_version_ = version;
    freshness_ = Freshness::not_older;
    synced_ = true;
    broken_streams_ = 0;
    consumer_.on_init_done(version_);
    recovered();
}

// Sets verdict_ when the rest of the request is of no use.
void WatchMachine::take_line(std::string_view line, bool whole) {
    if (verdict_.kind != Verdict::Kind::none) return;
    WatchEvent event;
    if (!base::check_json(line, {.max_bytes = options_.max_object_bytes, .max_depth = kMaxDepth}) || !read_watch_event(line, event)) {
        if (!whole) return;
        ++stats_.unreadable;
        verdict_.kind = Verdict::Kind::unreadable;
        return;
    }
    if (event.type == WatchEventType::error) {
        verdict_.kind = Verdict::Kind::status;
        verdict_.status = read_watch_status(event.object);
        return;
    }
    if (event.type == WatchEventType::unknown) {
        ++stats_.unknown;
        return;
    }
    if (event.type == WatchEventType::bookmark) return take_bookmark(event.object);
    if (!reader_.read(event.object)) {
        ++stats_.unreadable;
        verdict_.kind = Verdict::Kind::incomplete;
        return;
    }
    ++stats_.events;
    ++events_of_request_;
    unreadable_ = internal_errors_ = 0;
    const WatchObject& object = reader_.object();
    const bool deleted = event.type == WatchEventType::deleted;
    if (state_ == State::streaming) {
        if (!deleted) return consumer_.on_init_apply(object);
        ++stats_.misplaced;
        return consumer_.on_deleted(object);
    }
    version_ = seen_version_ = object.resource_version;
    if (deleted) consumer_.on_deleted(object);
    else consumer_.on_apply(object);
}

void WatchMachine::take_bookmark(std::string_view object) {
    const WatchBookmark bookmark = read_bookmark(object);
    if (bookmark.resource_version.empty()) {
        ++stats_.unreadable;
        verdict_.kind = Verdict::Kind::incomplete;
        return;
    }
    ++stats_.bookmarks;
    ++events_of_request_;
    if (state_ == State::streaming) {
        if (!bookmark.ends_initial_events) return;
        state_ = State::watching;
        well_since_ms_ = well_since_ms_.value_or(now_ms_);
        return initial_events_ended(bookmark.resource_version);
    }
    version_ = seen_version_ = bookmark.resource_version;
    consumer_.on_bookmark(version_);
}

void WatchMachine::judge(std::int64_t now_ms) {
    const Verdict verdict = std::exchange(verdict_, {});
    switch (verdict.kind) {
        case Verdict::Kind::none: return;
        case Verdict::Kind::status: return refused(now_ms, verdict.status, true);
        case Verdict::Kind::oversized:
            forget_version(Freshness::not_older);
            return fail(now_ms, {.kind = Kind::too_large, .status = 200, .reason = {},
                                 .message = "An event is larger than " + base::human_bytes(options_.max_object_bytes) + "."});
        case Verdict::Kind::incomplete: forget_version(Freshness::not_older); break;
        case Verdict::Kind::unreadable:
            // The version has not moved on: the same event comes again, whole this time, unless the server is at fault.
            if (++unreadable_ > kUnreadableAllowed) {
                unreadable_ = 0;
                forget_version(Freshness::not_older);
            }
            break;
    }
    fail(now_ms, {.kind = Kind::protocol, .status = 200, .reason = {}, .message = "The server sends events that cannot be read."});
}

// Ends are normal, and so are cuts after some life. A server that ends every watch at once is not hammered.
void WatchMachine::stream_ended(std::int64_t now_ms, const base::Error* cut) {
    const std::string why = cut != nullptr ? ": " + cut->message : std::string(".");
    if (state_ == State::streaming) {
        if (++broken_streams_ >= kBrokenStreamsAllowed) return fall_back(now_ms);
        return fail(now_ms, {.kind = Kind::unreachable, .status = 200, .reason = {}, .message = "The connection to the Kubernetes API ends early" + why});
    }
    const bool is_short = now_ms - started_ms_ < kShortWatch_ms;
    short_watches_ = is_short ? short_watches_ + 1 : 0;
    if (is_short && (events_of_request_ == 0 || short_watches_ > kShortWatchesAllowed)) {
        return fail(now_ms, {.kind = Kind::unreachable, .status = 200, .reason = {}, .message = "The connection to the Kubernetes API ends early" + why});
    }
    ask(State::watching, now_ms);
}

}  // namespace wire
