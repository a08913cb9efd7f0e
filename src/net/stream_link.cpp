#include "net/stream_link.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "wire/json_reader.hpp"

namespace net {

namespace {

constexpr std::int64_t kHeadTimeoutMs = 15'000;
constexpr std::int64_t kFirstRetryMs = 200;   // at most, so that the tabs of a restarted hub do not come all at once
constexpr std::int64_t kRetryMs = 500;
constexpr std::int64_t kCreditRetryMs = 500;
constexpr std::size_t kMaxAnswerBytes = 256 * 1024;

bool is_event_stream(std::string_view content_type) {
    return equals_ignoring_case(base::trim(content_type.substr(0, content_type.find(';'))), "text/event-stream");
}

// The hub's word for what went wrong with a POST, "" when there is none.
std::string reason_of(const Response& response) {
    const auto json = base::parse_json(response.body, {.max_bytes = kMaxAnswerBytes, .max_depth = 8});
    if (!json) return {};
    wire::JsonErrors errors;
    return wire::JsonReader(*json, errors).string_or("reason", "");
}

}  // namespace

std::string_view to_string(StreamLink::Phase phase) {
    switch (phase) {
        case StreamLink::Phase::idle: return "idle";
        case StreamLink::Phase::connecting: return "connecting";
        case StreamLink::Phase::open: return "open";
        case StreamLink::Phase::waiting: return "waiting";
        case StreamLink::Phase::released: return "released";
        case StreamLink::Phase::unsupported: return "unsupported";
    }
    return "idle";
}

std::string make_uuid(base::Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    std::string text = base::hex_encode(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

StreamLink::StreamLink(HttpClient& http, base::Scheduler& scheduler, base::Random& random, Options options)
    : http_(http), scheduler_(scheduler), random_(random), options_(std::move(options)), self_(std::make_shared<StreamLink*>(this)) {
    if (options_.root.empty()) status_.phase = Phase::unsupported;
}

StreamLink::~StreamLink() { *self_ = nullptr; }

void StreamLink::add(User& user) { users_.push_back(&user); }
void StreamLink::remove(User& user) { std::erase(users_, &user); }

template <class F>
void StreamLink::each_user(F call) {
    const std::vector<User*> users = users_;
    for (User* user : users) call(*user);
}

bool StreamLink::wanted() const {
    return std::any_of(users_.begin(), users_.end(), [](const User* user) { return user->wants_link(); });
}

// ---- when there is a connection

void StreamLink::want() {
    linger_timer_.cancel();
    if (status_.phase != Phase::idle) return;
    if (!visible_ && !hidden_timer_.pending()) hidden_timer_ = scheduler_.after(kHiddenMs, [this] { release(); });
    attempt();
}

void StreamLink::want_less() {
    if (status_.phase == Phase::idle || status_.phase == Phase::unsupported || linger_timer_.pending() || wanted()) return;
    linger_timer_ = scheduler_.after(kLingerMs, [this] {
        if (wanted()) return;
        ++generation_;
        stream_.cancel();
        timer_.cancel();
        const bool was_open = std::exchange(greeted_, false);
        drop_session();
        set_phase(Phase::idle);
        if (was_open) each_user([](User& user) { user.on_connected(false); });
    });
}

void StreamLink::set_visible(bool visible) {
    if (std::exchange(visible_, visible) == visible) return;
    hidden_timer_.cancel();
    if (!visible) {
        hidden_timer_ = scheduler_.after(kHiddenMs, [this] { release(); });
    } else if (status_.phase == Phase::released) {
        status_.retries = 0;
        set_phase(Phase::idle);
        if (session_ || wanted()) attempt();
    }
}

void StreamLink::release() {
    if (status_.phase != Phase::connecting && status_.phase != Phase::open && status_.phase != Phase::waiting) return;
    ++generation_;
    stream_.cancel();
    timer_.cancel();
    const bool was_open = std::exchange(greeted_, false);
    if (was_open) cut_at_ms_ = now_ms();
    set_phase(Phase::released);
    if (was_open) each_user([](User& user) { user.on_connected(false); });
}

void StreamLink::wake() {
    if (status_.phase == Phase::waiting) attempt();
}

void StreamLink::reset() {
    if (session_ && options_.acknowledges) {
        Request request{.method = "POST", .target = options_.root + "/unsubscribe"};
        request.headers.set("content-type", "application/json");
        authorize(request);
        request.body = base::dump_json({{"clientId", status_.client_id}, {"all", true}});
        farewell_ = fetch(http_, std::move(request), [](const base::Result<Response>&) {}, kMaxAnswerBytes);
    }
    ++generation_;
    stream_.cancel();
    timer_.cancel();
    linger_timer_.cancel();
    renewed_ = false;
    greeted_ = false;
    status_.retries = 0;
    status_.last_error.clear();
    if (!options_.root.empty()) set_phase(Phase::idle);
    lose({base::ErrorCode::unavailable, "The session has ended", {}});
}

// ---- one attempt

void StreamLink::authorize(Request& request) {
    if (!options_.authorization) return;
    if (std::string value = options_.authorization(); !value.empty()) request.headers.set("authorization", std::move(value));
}

void StreamLink::attempt() {
    timer_.cancel();
    if (session_ && now_ms() - cut_at_ms_ >= kResumeMs) lose({base::ErrorCode::unavailable, "The connection was away for too long", {}});
    if (!session_ && !wanted()) {
        drop_session();
        return set_phase(Phase::idle);
    }
    if (status_.client_id.empty()) status_.client_id = make_uuid(random_);
    parser_.reset_connection();
    accepted_ = greeted_ = false;
    const std::uint64_t generation = ++generation_;
    ++status_.attempts;

    Request request;
    request.target = options_.root + "/stream?cid=" + status_.client_id;
    request.headers.set("accept", "text/event-stream");
    request.headers.set("cache-control", "no-cache");
    if (session_ && !parser_.last_event_id().empty()) request.headers.set("last-event-id", std::string(parser_.last_event_id()));
    authorize(request);
    request.head_timeout_ms = kHeadTimeoutMs;
    request.idle_timeout_ms = kIdleMs;
    const auto guarded = [self = self_, generation](auto method) {
        return [self, generation, method](auto&&... args) {
            StreamLink* link = *self;
            if (link && link->generation_ == generation) (link->*method)(args...);
        };
    };
    stream_ = http_.send(std::move(request), {.on_head = guarded(&StreamLink::on_head), .on_data = guarded(&StreamLink::on_data), .on_done = guarded(&StreamLink::on_done)});
    set_phase(Phase::connecting);
}

void StreamLink::on_head(const ResponseHead& head) {
    const bool is_stream = is_event_stream(head.headers.get("content-type"));
    if (head.status == 200 && is_stream) {
        accepted_ = true;
        return;
    }
    if (head.status == 401 && options_.renew && !renewed_) {
        renewed_ = true;
        ++generation_;
        stream_.cancel();
        return renew([this](bool ok) {
            if (ok) return attempt();
            fail({base::ErrorCode::unauthenticated, "The session could not be renewed", "Sign in again"});
        });
    }
    if (head.status == 404 || head.status == 405 || head.status == 501 || (head.status == 200 && !is_stream)) {
        ++generation_;
        stream_.cancel();
        const base::Error why{base::ErrorCode::not_found, "This backend has no shared stream", {}};
        status_.last_error = why.message;
        set_phase(Phase::unsupported);
        lose(why);
        return each_user([&](User& user) { user.on_failed(why); });
    }
    const auto code = head.status == 401 ? base::ErrorCode::unauthenticated : head.status == 403 ? base::ErrorCode::forbidden : base::ErrorCode::unavailable;
    fail({code, "The server answered with status " + std::to_string(head.status), {}}, head.status < 500 ? kMaxDelayMs : 0);
}

// The callback runs unless the link is gone, or has gone on to something else meanwhile.
void StreamLink::renew(base::UniqueFunction<void(bool)> done) {
    options_.renew([self = self_, generation = generation_, done = std::move(done)](bool ok) mutable {
        StreamLink* link = *self;
        if (link && link->generation_ == generation) done(ok);
    });
}

void StreamLink::on_data(std::string_view bytes) {
    if (!accepted_) return;
    status_.bytes += bytes.size();
    unacknowledged_bytes_ += static_cast<std::int64_t>(bytes.size());
    const std::uint64_t generation = generation_;
    parser_.feed(bytes, [&](const wire::SseEvent& event) {
        if (generation_ == generation) on_event(event);
        if (generation_ != generation) parser_.stop();
    });
    if (generation_ == generation && greeted_ && unacknowledged_bytes_ >= kAckBytes) credit_soon();
}

void StreamLink::on_done(const base::Result<void>& result) {
    fail(result ? base::Error{base::ErrorCode::unavailable, "The server ended the stream", {}} : result.error());
}

void StreamLink::on_event(const wire::SseEvent& event) {
    ++status_.frames;
    status_.last_frame_ms = now_ms();
    if (event.type == "heartbeat") return;
    if (!greeted_) {
        if (event.type == "connected") return greeted(event);
        if (event.type != "error") return;
        const auto json = base::parse_json(event.data, {.max_bytes = kMaxAnswerBytes, .max_depth = 8});
        wire::JsonErrors errors;
        return fail({base::ErrorCode::unavailable, json ? wire::JsonReader(*json, errors).string_or("message", "The server refused the stream") : std::string(event.data), {}},
                    kMaxDelayMs);
    }
    const std::vector<User*> users = users_;
    for (User* user : users) {
        if (user->on_frame(event)) return;
    }
    ++status_.unknown_frames;
}

void StreamLink::greeted(const wire::SseEvent& event) {
    const auto json = base::parse_json(event.data, {.max_bytes = kMaxAnswerBytes, .max_depth = 8});
    wire::JsonErrors errors;
    const bool resumed = session_ && json && wire::JsonReader(*json, errors).boolean_or("resumed", false);
    const std::uint64_t generation = generation_;
    if (session_ && !resumed) {
        // The id stays: the hub knows it by now as that of the new session.
        std::string id = status_.client_id;
        lose({base::ErrorCode::unavailable, "The server has started the stream anew", {}});
        status_.client_id = std::move(id);
    }
    if (generation != generation_) return;
    session_ = greeted_ = true;
    renewed_ = false;
    ++(resumed ? status_.resumes : status_.sessions);
    status_.opened_at_ms = now_ms();
    status_.last_error.clear();
    set_phase(Phase::open);
    each_user([](User& user) { user.on_connected(true); });
    each_user([](User& user) { user.on_open(); });
    pump_posts();
    if (credit_due_ || unacknowledged_bytes_ > 0) credit_soon();
}

void StreamLink::fail(const base::Error& why, std::int64_t at_least_ms) {
    ++generation_;
    stream_.cancel();
    accepted_ = false;
    const bool was_open = std::exchange(greeted_, false);
    if (was_open) {
        cut_at_ms_ = now_ms();
        if (now_ms() - status_.opened_at_ms >= kGoodAfterMs) status_.retries = 0;
    }
    std::int64_t delay_ms = 0;
    if (was_open && status_.retries == 0) {
        delay_ms = static_cast<std::int64_t>(random_.below(kFirstRetryMs));
    } else {
        delay_ms = std::min(kRetryMs << std::clamp(status_.retries - 1, 0, 16), kMaxDelayMs);
        delay_ms -= static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(delay_ms) / 2 + 1));
    }
    ++status_.retries;
    status_.last_error = why.message;
    retry_in(std::max(delay_ms, at_least_ms));
    if (was_open) each_user([](User& user) { user.on_connected(false); });
    else each_user([&](User& user) { user.on_failed(why); });
}

void StreamLink::retry_in(std::int64_t delay_ms) {
    status_.retry_at_ms = now_ms() + delay_ms;
    timer_ = scheduler_.after(delay_ms, [this] { attempt(); });
    set_phase(Phase::waiting);
}

void StreamLink::drop_session() {
    ++epoch_;
    session_ = false;
    status_.client_id.clear();
    parser_ = wire::SseParser();
    posts_.clear();
    running_.clear();
    credit_timer_.cancel();
    credit_due_ = credit_busy_ = false;
    credit_again_ = base::Json::object();
    unacknowledged_bytes_ = 0;
}

void StreamLink::lose(const base::Error& why) {
    drop_session();
    each_user([&](User& user) { user.on_lost(why); });
}

void StreamLink::set_phase(Phase phase) {
    if (status_.phase == phase && phase != Phase::waiting) return;
    status_.phase = phase;
    if (std::exchange(notify_posted_, true)) return;
    scheduler_.post([self = self_] {
        StreamLink* link = *self;
        if (!link) return;
        link->notify_posted_ = false;
        if (link->on_change_) link->on_change_();
    });
}

// ---- what goes up

void StreamLink::post(std::string_view action, std::string lane, base::Json body, PostDone done) {
    posts_.push_back({std::string(action), std::move(lane), std::move(body), std::move(done)});
    pump_posts();
}

void StreamLink::pump_posts() {
    while (open() && running_.size() < kMaxPosts + (credit_busy_ ? 1 : 0)) {
        const auto free = [this](const Post& post) {
            return std::none_of(running_.begin(), running_.end(), [&](const auto& each) { return each.second.lane == post.lane; });
        };
        const auto next = std::find_if(posts_.begin(), posts_.end(), free);
        if (next == posts_.end()) return;
        Post post = std::move(*next);
        posts_.erase(next);
        send_post(std::move(post));
    }
}

void StreamLink::send_post(Post post) {
    ++status_.posts;
    post.body["clientId"] = status_.client_id;
    Request request{.method = "POST", .target = options_.root + "/" + post.action};
    request.headers.set("content-type", "application/json");
    authorize(request);
    request.body = base::dump_json(post.body);
    const std::uint64_t id = next_post_++;
    Running& running = running_[id];
    running.lane = post.lane;
    running.handle = fetch(http_, std::move(request), [this, id, epoch = epoch_, post = std::move(post)](base::Result<Response> response) mutable {
        const auto node = running_.extract(id);  // keeps the handle until this is over
        if (epoch == epoch_) post_answered(std::move(post), std::move(response));
        pump_posts();
    }, kMaxAnswerBytes);
}

void StreamLink::post_answered(Post post, base::Result<Response> response) {
    if (response && response->status == 401 && options_.renew && !post.renewed) {
        post.renewed = true;
        options_.renew([self = self_, epoch = epoch_, post = std::move(post)](bool ok) mutable {
            StreamLink* link = *self;
            if (!link || link->epoch_ != epoch) return;
            if (!ok) return post.done(base::fail(base::ErrorCode::unauthenticated, "The session could not be renewed", "Sign in again"));
            link->posts_.push_front(std::move(post));
            link->pump_posts();
        });
        return;
    }
    const std::string reason = response && response->status >= 400 ? reason_of(*response) : std::string();
    if (reason == "unknown_client" || reason == "other_owner") {
        const base::Error why{base::ErrorCode::unavailable, "The server has forgotten this tab's stream", {}};
        lose(why);
        if (greeted_) fail(why);
        return;
    }
    post.done(std::move(response));
}

void StreamLink::credit_soon() {
    if (!options_.acknowledges) {
        unacknowledged_bytes_ = 0;
        return;
    }
    credit_due_ = true;
    if (credit_busy_ || credit_timer_.pending() || !open()) return;
    credit_timer_ = scheduler_.after(0, [this] { send_credit(); });
}

void StreamLink::send_credit() {
    if (!open() || credit_busy_ || !credit_due_) return;
    credit_due_ = false;
    credit_busy_ = true;
    unacknowledged_bytes_ = 0;
    base::Json channels = std::exchange(credit_again_, base::Json::object());
    each_user([&](User& user) { user.add_credit(channels); });
    Post post{"credit", "credit", {{"ack", std::string(parser_.last_event_id())}, {"channels", channels}}, {}};
    post.done = [this, channels = std::move(channels)](const base::Result<Response>& response) mutable { credit_answered(response, std::move(channels)); };
    send_post(std::move(post));
}

void StreamLink::credit_answered(const base::Result<Response>& response, base::Json channels) {
    credit_busy_ = false;
    if (response && response->status < 300) {
        if (credit_due_) send_credit();
        return;
    }
    // Counts are absolute: the next one makes up for this.
    credit_again_ = std::move(channels);
    credit_due_ = true;
    credit_timer_ = scheduler_.after(kCreditRetryMs, [this] { send_credit(); });
}

}  // namespace net
