#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "net/channel_transport.hpp"
#include "net/loopback.hpp"

namespace net {

// The loopback in front keeps the seam's rules; behind it an exchange is a writer and two counts.
class ChannelClient::Impl final : public std::enable_shared_from_this<Impl> {
public:
    Impl(ChannelLink& link, base::Scheduler& scheduler, std::string host_id)
        : link_(link),
          scheduler_(scheduler),
          host_id_(std::move(host_id)),
          front_(std::make_unique<LoopbackClient>(
              scheduler, [this](ServerRequest request, std::shared_ptr<RelayWriter> writer) { open(std::move(request), std::move(writer)); })) {}

    HttpClient& front() { return *front_; }
    [[nodiscard]] const std::string& host_id() const { return host_id_; }

    // The client is destroyed: nothing is delivered any more, and the host need not wait for the lease.
    void close() {
        front_.reset();
        timer_.cancel();
        on_lost_.reset();
        const auto open = std::move(exchanges_);
        exchanges_.clear();
        for (const auto& [id, exchange] : open) link_.post(FrameKind::cancel, host_id_, id);
    }

    void receive(const ChannelFrame& frame) {
        if (frame.from != host_id_) return;
        unanswered_ = 0;
        if (frame.kind == FrameKind::announce) {
            const bool hidden = (frame.number & kAnnounceHidden) != 0;
            if (std::exchange(host_hidden_, hidden) != hidden) arm();
            return;
        }
        const auto found = exchanges_.find(frame.exchange);
        if (found == exchanges_.end()) return;
        switch (frame.kind) {
            case FrameKind::head: on_head(found, frame); break;
            case FrameKind::data: on_data(found->second, frame); break;
            case FrameKind::end:
                if (found->second.has_head && frame.number == found->second.received) {
                    const auto writer = take(found);
                    writer->end();
                } else {
                    lose(frame.exchange);
                }
                break;
            case FrameKind::error: fail(frame.exchange, read_error(frame.payload)); break;
            default: break;
        }
    }

    void on_lost(base::UniqueFunction<void()> callback) { on_lost_ = std::move(callback); }

    void set_visible(bool visible) {
        if (std::exchange(visible_, visible) == visible) return;
        unanswered_ = 0;
        if (visible && !exchanges_.empty()) ping();
        arm();
    }

private:
    struct Exchange {
        std::shared_ptr<RelayWriter> writer;
        bool has_head = false;
        std::int64_t received = 0;
        std::int64_t granted = 0;  // consumed, as the host knows it
    };
    using Exchanges = std::map<std::uint64_t, Exchange>;

    void open(ServerRequest request, std::shared_ptr<RelayWriter> writer) {
        const std::uint64_t id = link_.next_exchange();
        writer->on_close([weak = weak_from_this(), id] {
            const auto self = weak.lock();
            if (self && self->exchanges_.erase(id) > 0) self->link_.post(FrameKind::cancel, self->host_id_, id);
        });
        exchanges_[id] = {std::move(writer)};
        const std::string_view body = request.body;
        const auto posted = link_.post(FrameKind::request, host_id_, id, static_cast<std::int64_t>(body.size()),
                                       write_head(request.method + ' ' + request.target, request.headers));
        for (std::size_t at = 0; posted && at < body.size(); at += kFrameDataBytes) {
            link_.post(FrameKind::body, host_id_, id, static_cast<std::int64_t>(at), body.substr(at, kFrameDataBytes));
        }
        if (!posted) return fail(id, posted.error());
        if (!timer_.pending()) arm();
    }

    void on_head(Exchanges::iterator found, const ChannelFrame& frame) {
        auto head = read_head(frame.payload);
        const auto status = head ? base::parse_integer_in<int>(head->first_line, 100, 599) : std::nullopt;
        if (!status) {
            link_.post(FrameKind::cancel, host_id_, frame.exchange);
            return fail(frame.exchange, {base::ErrorCode::protocol, "the answer's head could not be read", {}});
        }
        found->second.has_head = true;
        found->second.writer->start({*status, std::move(head->headers)});
    }

    void on_data(Exchange& exchange, const ChannelFrame& frame) {
        // A message was lost, or the host goes beyond its credit.
        const std::int64_t received = exchange.received + static_cast<std::int64_t>(frame.payload.size());
        const bool sound = exchange.has_head && frame.number == exchange.received && received - exchange.granted <= kCreditWindowBytes;
        if (!sound) return lose(frame.exchange);
        exchange.received = received;
        if (!exchange.writer->write(frame.payload)) {
            exchange.writer->on_drain([weak = weak_from_this(), id = frame.exchange] {
                if (const auto self = weak.lock()) self->grant(id, 1);
            });
        }
        grant(frame.exchange, kCreditWindowBytes / 4);
    }

    // Tells the host what was consumed, if that is at least `least_bytes` of news.
    void grant(std::uint64_t id, std::int64_t least_bytes) {
        const auto found = exchanges_.find(id);
        if (found == exchanges_.end()) return;
        Exchange& exchange = found->second;
        const std::int64_t consumed = exchange.received - static_cast<std::int64_t>(exchange.writer->queued_bytes());
        if (consumed - exchange.granted < least_bytes) return;
        exchange.granted = consumed;
        link_.post(FrameKind::credit, host_id_, id, consumed);
    }

    std::shared_ptr<RelayWriter> take(Exchanges::iterator found) {
        auto writer = std::move(found->second.writer);
        exchanges_.erase(found);
        return writer;
    }

    void fail(std::uint64_t id, base::Error error) {
        const auto found = exchanges_.find(id);
        if (found == exchanges_.end()) return;
        take(found)->fail(std::move(error));
    }

    void lose(std::uint64_t id) {
        link_.post(FrameKind::cancel, host_id_, id);
        fail(id, {base::ErrorCode::unavailable, "a message from the tab that runs the hub was lost", {}});
    }

    void arm() {
        timer_.cancel();
        if (exchanges_.empty()) return;
        const std::int64_t delay_ms = !visible_ ? kHiddenPingMs : host_hidden_ ? kPulseMs : kPingMs;
        timer_ = scheduler_.after(delay_ms, [this] { tick(); });
    }

    void tick() {
        if (exchanges_.empty()) {
            unanswered_ = 0;
            return;
        }
        if (visible_ && unanswered_ >= kMissedPings) return give_up();
        ping();
        arm();
    }

    void ping() {
        ++unanswered_;
        std::string open;
        for (const auto& [id, exchange] : exchanges_) {
            if (!open.empty()) open += ' ';
            open += std::to_string(id);
        }
        link_.post(FrameKind::ping, host_id_, 0, 0, open);
    }

    void give_up() {
        auto lost = std::move(exchanges_);
        exchanges_.clear();
        for (auto& [id, exchange] : lost) {
            exchange.writer->fail({base::ErrorCode::unavailable, "the tab that runs the hub does not answer", {}});
        }
        if (!on_lost_) return;
        scheduler_.post([weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self || !self->on_lost_) return;
            auto callback = std::move(self->on_lost_);
            callback();
        });
    }

    ChannelLink& link_;
    base::Scheduler& scheduler_;
    std::string host_id_;
    Exchanges exchanges_;
    base::Timer timer_;
    base::UniqueFunction<void()> on_lost_;
    int unanswered_ = 0;
    bool host_hidden_ = false;
    bool visible_ = true;
    std::unique_ptr<LoopbackClient> front_;
};

ChannelClient::ChannelClient(ChannelLink& link, base::Scheduler& scheduler, std::string host_id)
    : impl_(std::make_shared<Impl>(link, scheduler, std::move(host_id))) {}
ChannelClient::~ChannelClient() { impl_->close(); }
RequestHandle ChannelClient::send(Request request, ResponseCallbacks callbacks) {
    return impl_->front().send(std::move(request), std::move(callbacks));
}
void ChannelClient::receive(const ChannelFrame& frame) { impl_->receive(frame); }
void ChannelClient::on_lost(base::UniqueFunction<void()> callback) { impl_->on_lost(std::move(callback)); }
void ChannelClient::set_visible(bool visible) { impl_->set_visible(visible); }
const std::string& ChannelClient::host_id() const { return impl_->host_id(); }

}  // namespace net
