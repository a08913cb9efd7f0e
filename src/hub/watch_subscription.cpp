#include "hub/watch_subscription.hpp"

#include "base/json.hpp"
#include "hub/kube_watch.hpp"

namespace hub {

namespace {

struct ErrorWords {
    int code;
    std::string_view reason;
};

// For trouble without a status or reason of its own.
ErrorWords words_of(wire::WatchTrouble::Kind kind) {
    using Kind = wire::WatchTrouble::Kind;
    switch (kind) {
        case Kind::unreachable: return {503, "ServiceUnavailable"};
        case Kind::busy: return {429, "TooManyRequests"};
        case Kind::server_error: return {500, "InternalError"};
        case Kind::protocol: return {502, "InvalidAnswer"};
        case Kind::too_large: return {413, "RequestEntityTooLarge"};
        case Kind::unauthenticated: return {403, "Unauthorized"};  // of the hub; a 401 would read as the caller's own
        case Kind::forbidden: return {403, "Forbidden"};
        case Kind::not_found: return {404, "NotFound"};
        case Kind::refused: return {400, "BadRequest"};
    }
    return {500, "InternalError"};
}

}  // namespace

WatchSubscription::WatchSubscription(WatchClient& client, std::string channel, std::shared_ptr<const User> caller, WatchSpec spec, std::size_t queue_limit, WatchCounters& counters)
    : client_(client), channel_(std::move(channel)), caller_(std::move(caller)), spec_(std::move(spec)), counters_(counters), queue_(queue_limit) {
    base::append_json_string(channel_json_, channel_);
}

void WatchSubscription::show(WatchUpstream& upstream, std::string resync) {
    upstream_ = &upstream;
    phase_ = Phase::waiting;
    cursor_.reset();
    queue_.clear();
    resync_ = std::move(resync);
    tell_alive_ = trouble_told_ = false;
    tell_trouble_ = upstream.trouble().has_value();
}

bool WatchSubscription::change(Change change, const std::string& key, const wire::StoredObject& object) {
    if (phase_ == Phase::waiting) return false;
    if (phase_ == Phase::snapshot && (!cursor_ || key > *cursor_)) return false;  // the snapshot will come to it, or find it gone
    if (phase_ == Phase::live && !client_.lagging && queue_.empty() && !tell_trouble_) {
        send(change, object);
        return false;
    }
    if (!queue_.push(change, key, object)) {
        phase_ = Phase::snapshot;
        cursor_.reset();
        resync_ = "overflow";
    }
    return !client_.lagging;
}

void WatchSubscription::bookmark() {
    const bool all_told = phase_ == Phase::live && !client_.lagging && queue_.empty() && !tell_trouble_;
    if (all_told) send("watch", upstream_->bookmark_frame(channel_json_, false));
}

bool WatchSubscription::trouble() {
    tell_trouble_ = true;
    tell_alive_ = false;
    return !client_.lagging;
}

bool WatchSubscription::recovered() {
    tell_trouble_ = false;
    tell_alive_ = trouble_told_;
    return tell_alive_ && !client_.lagging;
}

bool WatchSubscription::pump(std::size_t& budget) {
    while (!client_.lagging && budget > 0) {
        if (!pump_one()) return false;
        --budget;
    }
    return !client_.lagging;
}

// One frame. False: there is none. Trouble comes last: after it a `watch` frame would say that all is well.
bool WatchSubscription::pump_one() {
    const bool all_sent = phase_ == Phase::live && queue_.empty();
    if (tell_trouble_ && (all_sent || !upstream_->synced())) {
        tell_trouble_ = false;
        if (!upstream_->trouble()) return true;
        const wire::WatchTrouble& trouble = *upstream_->trouble();
        const ErrorWords words = words_of(trouble.kind);
        const bool own = trouble.kind != wire::WatchTrouble::Kind::unauthenticated && trouble.status >= 400;
        trouble_told_ = true;
        send_error(own ? trouble.status : words.code, trouble.reason.empty() ? words.reason : std::string_view(trouble.reason), watch_error(trouble).message, false);
        return true;
    }
    if (!upstream_->synced()) return false;
    if (phase_ == Phase::waiting) phase_ = Phase::snapshot;
    if (phase_ == Phase::snapshot) {
        if (!resync_.empty()) {
            ++counters_.resyncs;
            send("resync", dump_json({{"channel", channel_}, {"reason", std::exchange(resync_, {})}}));
            return true;
        }
        const auto& objects = upstream_->store().objects();
        const auto next = cursor_ ? objects.upper_bound(*cursor_) : objects.begin();
        if (next != objects.end()) {
            cursor_ = next->first;
            send(Change::added, next->second);
            return true;
        }
    }
    if (const auto item = queue_.pop()) {
        send(item->change, item->object);
        return true;
    }
    const bool ends_snapshot = phase_ == Phase::snapshot;
    if (!ends_snapshot && !std::exchange(tell_alive_, false)) return false;
    phase_ = Phase::live;
    tell_alive_ = false;
    send("watch", upstream_->bookmark_frame(channel_json_, ends_snapshot));
    return true;
}

void WatchSubscription::send(std::string_view event, std::string_view data) {
    ++counters_.frames;
    if (event == "watch") trouble_told_ = false;  // that said that all is well
    if (!client_.sink.send(event, data)) client_.lagging = true;
}

void WatchSubscription::send_error(int code, std::string_view reason, std::string_view message, bool terminal) {
    send("watch-error", dump_json({{"channel", channel_}, {"code", code}, {"reason", reason}, {"message", message}, {"terminal", terminal}}));
}

void WatchSubscription::send_end(int code, std::string_view reason, const base::Error& error) {
    const std::string message = error.hint.empty() ? error.message : error.message + " " + error.hint + ".";
    send_error(code, reason, message, true);
}

}  // namespace hub
