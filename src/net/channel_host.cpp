#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "net/channel_transport.hpp"
#include "net/loopback.hpp"

namespace net {

namespace {
constexpr std::int64_t kLeaseCheckMs = 30'000;
}

// Behind each exchange is one of a loopback client, paused while the credit is used up.
class ChannelHost::Impl {
public:
    Impl(Ports ports, std::int64_t epoch)
        : ports_(std::move(ports)), epoch_(epoch), client_(ports_.scheduler, ports_.handler, "tab") {}

    void receive(const ChannelFrame& frame) {
        if (frame.kind == FrameKind::hello) return announce(frame.from);
        if (frame.to == "*") return;
        const bool known = tabs_.contains(std::string(frame.from));
        if (frame.kind == FrameKind::bye) {
            if (known) forget(std::string(frame.from));
            return;
        }
        if (frame.kind == FrameKind::request) {
            heard_of(frame.from);
            return open(frame);
        }
        if (frame.kind == FrameKind::ping) {
            heard_of(frame.from);
            return on_ping(frame);
        }
        const auto found = exchanges_.find(key_of(frame));
        if (found == exchanges_.end()) return;
        heard_of(frame.from);
        switch (frame.kind) {
            case FrameKind::body: on_body(found, frame); break;
            case FrameKind::credit: on_credit(found->second, found->first, frame.number); break;
            case FrameKind::cancel: exchanges_.erase(found); break;
            default: break;
        }
    }

    void announce(std::string_view to) {
        std::int64_t bits = kAnnounceReady;
        if (hidden_) bits |= kAnnounceHidden;
        ports_.link.post(FrameKind::announce, to, 0, bits, std::to_string(epoch_));
    }

    void set_hidden(bool hidden) {
        if (std::exchange(hidden_, hidden) != hidden && !tabs_.empty()) announce("*");
    }
    void leave() { ports_.link.post(FrameKind::gone, "*"); }
    [[nodiscard]] std::size_t tabs() const { return tabs_.size(); }
    [[nodiscard]] std::size_t exchanges() const { return exchanges_.size(); }

private:
    using Key = std::pair<std::string, std::uint64_t>;  // tab, its number
    struct Exchange {
        Request request;               // until its body is complete
        std::int64_t body_bytes = 0;
        RequestHandle handle;
        std::string pending;           // what the credit did not cover: the rest of one write
        std::int64_t sent = 0;
        std::int64_t consumed = 0;
    };
    using Exchanges = std::map<Key, Exchange>;

    static Key key_of(const ChannelFrame& frame) { return {std::string(frame.from), frame.exchange}; }

    void refuse(const ChannelFrame& frame, const base::Error& error) {
        ports_.link.post(FrameKind::error, frame.from, frame.exchange, 0, write_error(error));
    }

    void open(const ChannelFrame& frame) {
        const auto head = read_head(frame.payload);
        const auto blank = head ? head->first_line.find(' ') : std::string::npos;
        if (blank == std::string::npos) return refuse(frame, {base::ErrorCode::protocol, "the request could not be read", {}});
        if (frame.number > kMaxBodyBytes) return refuse(frame, {base::ErrorCode::too_large, "the request is too large", {}});
        if (exchanges_.size() >= kMaxExchanges) return refuse(frame, {base::ErrorCode::unavailable, "too many requests at once", {}});
        const auto [place, fresh] = exchanges_.try_emplace(key_of(frame));
        if (!fresh) return;
        Request& request = place->second.request;
        request.method = head->first_line.substr(0, blank);
        request.target = head->first_line.substr(blank + 1);
        request.headers = head->headers;
        // The clock for both is in the tab that asks.
        request.head_timeout_ms = request.idle_timeout_ms = 0;
        place->second.body_bytes = frame.number;
        if (frame.number == 0) start(place);
    }

    void on_body(Exchanges::iterator place, const ChannelFrame& frame) {
        Exchange& exchange = place->second;
        std::string& body = exchange.request.body;
        const bool fits = static_cast<std::int64_t>(body.size()) == frame.number && !exchange.handle.active() &&
                          frame.number + static_cast<std::int64_t>(frame.payload.size()) <= exchange.body_bytes;
        if (!fits) {
            refuse(frame, {base::ErrorCode::unavailable, "a part of the request was lost", {}});
            exchanges_.erase(place);
            return;
        }
        body += frame.payload;
        if (static_cast<std::int64_t>(body.size()) == exchange.body_bytes) start(place);
    }

    void start(Exchanges::iterator place) {
        const Key key = place->first;
        ResponseCallbacks callbacks;
        callbacks.on_head = [this, key](ResponseHead head) {
            ports_.link.post(FrameKind::head, key.first, key.second, 0, write_head(std::to_string(head.status), head.headers));
        };
        callbacks.on_data = [this, key](std::string_view bytes) {
            Exchange& exchange = exchanges_.find(key)->second;  // it owns the handle whose callback this is
            const std::size_t sent = send(exchange, key, bytes);
            if (sent == bytes.size()) return;
            exchange.pending.assign(bytes.substr(sent));
            exchange.handle.set_paused(true);
        };
        callbacks.on_done = [this, key](const base::Result<void>& result) {
            const std::int64_t sent = exchanges_.find(key)->second.sent;
            exchanges_.erase(key);
            if (result) ports_.link.post(FrameKind::end, key.first, key.second, sent);
            else ports_.link.post(FrameKind::error, key.first, key.second, 0, write_error(result.error()));
        };
        place->second.handle = client_.send(std::move(place->second.request), std::move(callbacks));
    }

    // As much as the credit covers; how much that was.
    std::size_t send(Exchange& exchange, const Key& key, std::string_view bytes) {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const std::int64_t credit = exchange.consumed + kCreditWindowBytes - exchange.sent;
            if (credit <= 0) break;
            const std::string_view piece = bytes.substr(done, std::min(kFrameDataBytes, static_cast<std::size_t>(credit)));
            ports_.link.post(FrameKind::data, key.first, key.second, exchange.sent, piece);
            exchange.sent += static_cast<std::int64_t>(piece.size());
            done += piece.size();
        }
        return done;
    }

    void on_credit(Exchange& exchange, const Key& key, std::int64_t consumed) {
        exchange.consumed = std::clamp(consumed, exchange.consumed, exchange.sent);
        if (exchange.pending.empty()) return;
        exchange.pending.erase(0, send(exchange, key, exchange.pending));
        if (exchange.pending.empty()) exchange.handle.set_paused(false);
    }

    void on_ping(const ChannelFrame& frame) {
        if (hidden_ && ports_.on_ping) ports_.on_ping();
        announce(frame.from);
        // What it holds open and we do not have: lost while one of us slept.
        for (const std::string_view word : base::split(frame.payload, ' ')) {
            const auto id = base::parse_integer<std::uint64_t>(word);
            if (!id || exchanges_.contains(Key{std::string(frame.from), *id})) continue;
            ports_.link.post(FrameKind::error, frame.from, *id, 0,
                             write_error({base::ErrorCode::unavailable, "the tab that runs the hub has dropped this exchange", {}}));
        }
    }

    void heard_of(std::string_view tab) {
        const auto [place, fresh] = tabs_.insert_or_assign(std::string(tab), ports_.scheduler.clock().monotonic_ms());
        if (!fresh) return;
        if (!lease_timer_.pending()) lease_timer_ = ports_.scheduler.after(kLeaseCheckMs, [this] { check_leases(); });
        if (ports_.on_tabs) ports_.on_tabs(tabs_.size());
    }

    void forget(const std::string& tab) {
        tabs_.erase(tab);
        // Dropping a handle runs the handler's on_close later, never here.
        exchanges_.erase(exchanges_.lower_bound({tab, 0}), exchanges_.upper_bound({tab, UINT64_MAX}));
        if (ports_.on_tabs) ports_.on_tabs(tabs_.size());
    }

    void check_leases() {
        const std::int64_t now_ms = ports_.scheduler.clock().monotonic_ms();
        std::vector<std::string> silent;
        for (const auto& [tab, heard_ms] : tabs_) {
            if (now_ms - heard_ms >= kLeaseMs) silent.push_back(tab);
        }
        for (const std::string& tab : silent) forget(tab);
        if (!tabs_.empty()) lease_timer_ = ports_.scheduler.after(kLeaseCheckMs, [this] { check_leases(); });
    }

    Ports ports_;
    std::int64_t epoch_;
    bool hidden_ = false;
    std::map<std::string, std::int64_t> tabs_;  // when last heard of
    base::Timer lease_timer_;
    LoopbackClient client_;
    Exchanges exchanges_;
};

ChannelHost::ChannelHost(Ports ports, std::int64_t epoch) : impl_(std::make_unique<Impl>(std::move(ports), epoch)) {}
ChannelHost::~ChannelHost() = default;
void ChannelHost::receive(const ChannelFrame& frame) { impl_->receive(frame); }
void ChannelHost::announce() { impl_->announce("*"); }
void ChannelHost::set_hidden(bool hidden) { impl_->set_hidden(hidden); }
void ChannelHost::leave() { impl_->leave(); }
std::size_t ChannelHost::tabs() const { return impl_->tabs(); }
std::size_t ChannelHost::exchanges() const { return impl_->exchanges(); }

}  // namespace net
