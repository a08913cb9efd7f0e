#include "hub/stream_sessions.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "net/stream_frame.hpp"
#include "net/stream_link.hpp"
#include "wire/json_reader.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

namespace {

// A client acknowledges when it has so much. Whoever keeps less, and stops until it does, waits for it as it waits for them; the rest is for
// frames that it had in part when it did.
constexpr std::size_t kLeastKeptBytes = static_cast<std::size_t>(net::StreamLink::kAckBytes) + 2 * net::kMaxStreamDataBytes;

}  // namespace

// ---- one client

StreamSession::StreamSession(StreamSessions& sessions, std::string client_id, const User& user)
    : sessions_(sessions), client_id_(std::move(client_id)), user_id_(user.id), channels_(sessions.scheduler_, sessions.routes_, *this) {}

StreamSession::~StreamSession() {
    if (sessions_.watches_) sessions_.watches_->leave_all(*this);
    channels_.close_all();
    if (writer_) writer_->end();
}

bool StreamSession::has_room() const { return channels_.size() + watches_.size() < sessions_.options_.max_channels; }

bool StreamSession::full() const {
    const bool kept_full = (acknowledges_ || !writer_) && kept_bytes_ >= sessions_.options_.kept_bytes;
    if (lagging_ || kept_full) was_full_ = true;
    return lagging_ || kept_full;
}

bool StreamSession::send(std::string_view event, std::string_view data) {
    if (event == "watch-error") forget_ended(data);
    const auto frame = sessions_.shared_frame(event, data);
    kept_.push_back(frame);
    kept_bytes_ += frame->size();
    write(++last_id_, *frame);
    // Who never acknowledges, yet reads, has had the oldest ones long ago.
    if (!acknowledges_ && writer_) {
        while (kept_.size() > 1 && (kept_bytes_ > sessions_.options_.kept_bytes || kept_.size() > sessions_.options_.kept_frames)) drop_kept(1);
    }
    return !full();
}

// A terminal error is the last word of a channel: it takes no place any more.
void StreamSession::forget_ended(std::string_view data) {
    const auto json = base::parse_json(data, {.max_bytes = 256 * 1024, .max_depth = 16});
    if (!json) return;
    wire::JsonErrors errors;
    const wire::JsonReader frame(*json, errors);
    if (frame.boolean_or("terminal", false)) watches_.erase(frame.string_or("channel", ""));
}

void StreamSession::write(std::uint64_t id, std::string_view frame) {
    if (!writer_) return;
    std::string bytes = "id:" + std::to_string(id) + "\n";
    bytes += frame;
    if (writer_->write(bytes) || std::exchange(lagging_, true)) return;
    writer_->on_drain(lifetime_.guard([this, generation = generation_] {
        if (generation != generation_) return;
        lagging_ = false;
        resume();
    }));
}

void StreamSession::beat(const std::string& frame) {
    if (writer_ && !lagging_) write(last_id_, frame);
}

void StreamSession::drop_kept(std::size_t count) {
    for (; count > 0; --count) {
        kept_bytes_ -= kept_.front()->size();
        kept_.pop_front();
    }
}

void StreamSession::acknowledge(std::uint64_t id) {
    acknowledges_ = true;
    const std::uint64_t first = last_id_ - kept_.size() + 1;
    if (id >= first && id <= last_id_) drop_kept(static_cast<std::size_t>(id - first + 1));
    resume();
}

void StreamSession::resume() {
    if (!was_full_ || full()) return;
    was_full_ = false;
    channels_.resume();
    if (sessions_.watches_ && !full()) sessions_.watches_->drained(*this);
}

void StreamSession::attach(Writer writer, std::string_view last_event_id) {
    const std::uint64_t generation = ++generation_;
    if (const Writer old = std::exchange(writer_, std::move(writer))) old->end();
    lagging_ = false;
    writer_->start(event_stream_head());
    writer_->on_close(lifetime_.guard([this, generation] {
        if (generation == generation_) detach();
    }));
    const auto seen = base::parse_integer<std::uint64_t>(last_event_id);
    const std::uint64_t first = last_id_ - kept_.size() + 1;
    const bool resumed = seen && *seen > 0 && *seen <= last_id_ && *seen + 1 >= first;
    if (!resumed) {
        if (sessions_.watches_) sessions_.watches_->leave_all(*this);
        watches_.clear();
        channels_.close_all();
        kept_.clear();
        kept_bytes_ = 0;
        acknowledges_ = was_full_ = false;
        send("connected", dump_json({{"clientId", client_id_}, {"resumed", false}}));
        return;
    }
    drop_kept(static_cast<std::size_t>(*seen + 1 - first));
    write(*seen, wire::sse_event("connected", dump_json({{"clientId", client_id_}, {"resumed", true}})));
    for (std::size_t i = 0; i < kept_.size(); ++i) write(last_id_ - kept_.size() + 1 + i, *kept_[i]);
    resume();
}

void StreamSession::detach() {
    ++generation_;
    writer_.reset();
    lagging_ = false;
    away_since_ms_ = sessions_.now_ms();
    sessions_.arm_prune();
}

// ---- all of them

StreamSessions::StreamSessions(base::Scheduler& scheduler, net::HttpHandler& routes, WatchHub* watches, StreamSessionOptions options)
    : scheduler_(scheduler), routes_(routes), watches_(watches), options_(options) {
    options_.kept_bytes = std::max(options_.kept_bytes, kLeastKeptBytes);
}

StreamSessions::~StreamSessions() { sessions_.clear(); }

void StreamSessions::open(const User& caller, const std::string& client_id, std::string_view last_event_id, Writer writer) {
    auto place = sessions_.find(client_id);
    if (place != sessions_.end() && place->second->user_id() != caller.id) {
        return send_error(*writer, 403, "This client id belongs to somebody else.", {"Choose another one"});
    }
    if (place == sessions_.end()) {
        if (sessions_.size() >= options_.max_clients) {
            // Those that are away have had their chance.
            const auto away = std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
                return std::pair(a.second->writer_ != nullptr, a.second->away_since_ms_) < std::pair(b.second->writer_ != nullptr, b.second->away_since_ms_);
            });
            if (away != sessions_.end() && !away->second->writer_) sessions_.erase(away);
        }
        if (sessions_.size() >= options_.max_clients) {
            writer->start(event_stream_head());
            writer->write(wire::sse_event("error", dump_json({{"message", "Too many connections"}})));
            return writer->end();
        }
        place = sessions_.emplace(client_id, std::make_unique<StreamSession>(*this, client_id, caller)).first;
        last_event_id = {};
    }
    place->second->attach(std::move(writer), last_event_id);
    if (options_.heartbeat_ms > 0 && !beat_timer_.pending()) beat_timer_ = scheduler_.after(options_.heartbeat_ms, [this] { beat(); });
}

base::Result<StreamSession*> StreamSessions::find(const User& caller, std::string_view client_id) {
    const auto place = sessions_.find(client_id);
    if (place == sessions_.end()) return base::fail(base::ErrorCode::not_found, "There is no open stream with this client id.", "Open /api/watch/stream first");
    if (place->second->user_id() != caller.id) return base::fail(base::ErrorCode::forbidden, "This client id belongs to somebody else.");
    return place->second.get();
}

void StreamSessions::end(const StreamSession& session) { sessions_.erase(session.client_id()); }

Json StreamSessions::stats() const {
    std::map<std::string, int> targets;
    std::size_t away = 0;
    for (const auto& [id, session] : sessions_) {
        session->channels_.count_targets(targets);
        if (!session->writer_) ++away;
    }
    return {{"clients", sessions_.size()}, {"away", away}, {"streams", targets}};
}

void StreamSessions::beat() {
    const std::string frame = wire::sse_event("heartbeat", dump_json({{"ts", scheduler_.clock().unix_ms()}}));
    bool connected = false;
    for (const auto& [id, session] : sessions_) {
        connected = connected || session->writer_;
        session->beat(frame);
    }
    if (connected) beat_timer_ = scheduler_.after(options_.heartbeat_ms, [this] { beat(); });
}

void StreamSessions::arm_prune() {
    if (prune_timer_.pending()) return;
    std::int64_t oldest_ms = -1;
    for (const auto& [id, session] : sessions_) {
        if (!session->writer_ && (oldest_ms < 0 || session->away_since_ms_ < oldest_ms)) oldest_ms = session->away_since_ms_;
    }
    if (oldest_ms >= 0) prune_timer_ = scheduler_.after(std::max<std::int64_t>(oldest_ms + options_.away_ms - now_ms(), 0), [this] { prune(); });
}

void StreamSessions::prune() {
    std::erase_if(sessions_, [this](const auto& each) { return !each.second->writer_ && now_ms() - each.second->away_since_ms_ >= options_.away_ms; });
    arm_prune();
}

std::shared_ptr<const std::string> StreamSessions::shared_frame(std::string_view event, std::string_view data) {
    constexpr std::string_view kEvent = "event:";
    constexpr std::string_view kData = "\ndata:";
    // A watch's event goes to many clients one after another.
    const auto is_newest = [&](std::string_view frame) {
        return frame.size() == kEvent.size() + event.size() + kData.size() + data.size() + 2 && frame.substr(kEvent.size(), event.size()) == event &&
               frame.substr(kEvent.size() + event.size(), kData.size()) == kData && frame.substr(frame.size() - 2 - data.size(), data.size()) == data;
    };
    if (newest_ && is_newest(*newest_)) return newest_;
    ++frames_made_;
    newest_ = std::make_shared<const std::string>(wire::sse_event(event, data));
    return newest_;
}

}  // namespace hub
