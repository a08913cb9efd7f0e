#include "net/stream_mux.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "net/loopback.hpp"
#include "net/stream_frame.hpp"

namespace net {

namespace {

bool is_stream(const Request& request) {
    return request.method == "GET" && request.body.empty() && request.headers.get("accept").find("text/event-stream") != std::string_view::npos;
}

// What belongs to the connection, not to the channel.
bool travels_with_channel(std::string_view header) {
    constexpr std::array<std::string_view, 4> kOwn{"authorization", "cookie", "connection", "host"};
    return std::none_of(kOwn.begin(), kOwn.end(), [header](std::string_view own) { return equals_ignoring_case(header, own); });
}

}  // namespace

// The loopback in front keeps the seam's rules; behind it a channel is a writer and two counts.
class StreamMux::Impl final : public std::enable_shared_from_this<Impl>, private StreamLink::User {
public:
    Impl(HttpClient& inner, base::Scheduler& scheduler, StreamLink& link, std::size_t budget)
        : inner_(inner), scheduler_(scheduler), link_(link), direct_(inner, budget == 0 ? SIZE_MAX : budget),
          front_(std::make_unique<LoopbackClient>(
              scheduler, [this](ServerRequest request, std::shared_ptr<RelayWriter> writer) { open(std::move(request), std::move(writer)); })) {
        link_.add(*this);
    }

    RequestHandle send(Request request, ResponseCallbacks callbacks) {
        if (!is_stream(request)) return inner_.send(std::move(request), std::move(callbacks));
        if (link_.unsupported()) return direct_.send(std::move(request), std::move(callbacks));
        return front_->send(std::move(request), std::move(callbacks));
    }

    // The client is destroyed: nothing is delivered any more.
    void close() {
        front_.reset();
        link_.remove(*this);
        for (const auto& [id, channel] : std::exchange(channels_, {})) tell_gone(id, channel.subscribed);
        link_.want_less();
    }

    [[nodiscard]] std::vector<ChannelStatus> channels() const {
        std::vector<ChannelStatus> list;
        for (const auto& [id, channel] : channels_) {
            list.push_back({id, channel.target, channel.subscribed, channel.opened_at_ms, static_cast<std::uint64_t>(channel.received), channel.writer->queued_bytes()});
        }
        return list;
    }
    [[nodiscard]] std::vector<std::string> queued() const { return direct_.queued(); }
    [[nodiscard]] std::uint64_t stray_frames() const { return stray_frames_; }

private:
    struct Channel {
        std::shared_ptr<RelayWriter> writer;
        std::string target;
        base::Json headers = base::Json::array();
        std::int64_t opened_at_ms = 0;
        bool subscribed = false;   // the POST is on its way or was answered
        bool has_head = false;
        std::int64_t received = 0;
        std::int64_t granted = 0;  // consumed, as the hub knows it
    };
    using Channels = std::map<std::string, Channel, std::less<>>;

    void open(ServerRequest request, std::shared_ptr<RelayWriter> writer) {
        const std::string id = std::to_string(++last_id_);
        writer->on_close([weak = weak_from_this(), id] {
            if (const auto self = weak.lock()) self->dropped(id);
        });
        Channel channel{.writer = std::move(writer), .target = std::move(request.target), .opened_at_ms = scheduler_.clock().monotonic_ms()};
        for (const auto& [name, value] : request.headers.fields()) {
            if (travels_with_channel(name)) channel.headers.push_back({name, value});
        }
        if (!link_.open()) channel.writer->set_silent(true);
        channels_.emplace(id, std::move(channel));
        if (link_.open()) subscribe(id);
        else link_.want();
    }

    void subscribe(const std::string& id) {
        Channel& channel = channels_.find(id)->second;
        channel.subscribed = true;
        base::Json body = {{"stream", {{"id", id}, {"target", channel.target}, {"headers", channel.headers}}}};
        link_.post("subscribe", id, std::move(body), [weak = weak_from_this(), id](base::Result<Response> response) {
            if (const auto self = weak.lock()) self->subscribed(id, std::move(response));
        });
    }

    void subscribed(const std::string& id, base::Result<Response> response) {
        if (response && response->status < 300) return;  // the rest comes by frames
        const auto found = channels_.find(id);
        if (found == channels_.end()) return;
        // Whether the hub has opened it is not known; if so, its frames will be strays, and answered as such.
        const auto writer = take(found);
        if (response) writer->respond(std::move(*response));
        else writer->fail({base::ErrorCode::unavailable, response.error().message, response.error().hint});
    }

    // The caller has dropped it.
    void dropped(const std::string& id) {
        const auto found = channels_.find(id);
        if (found == channels_.end()) return;
        const bool subscribed = found->second.subscribed;
        take(found);
        tell_gone(id, subscribed);
    }

    void tell_gone(const std::string& id, bool subscribed) {
        if (subscribed) link_.post("unsubscribe", id, {{"channel", id}}, [](const base::Result<Response>&) {});
    }

    std::shared_ptr<RelayWriter> take(Channels::iterator found) {
        auto writer = std::move(found->second.writer);
        channels_.erase(found);
        link_.want_less();
        return writer;
    }

    void fail(const std::string& id, base::Error error) {
        const auto found = channels_.find(id);
        if (found != channels_.end()) take(found)->fail(std::move(error));
    }

    // ---- StreamLink::User

    [[nodiscard]] bool wants_link() const override { return !channels_.empty(); }

    bool on_frame(const wire::SseEvent& event) override {
        if (event.type == "data") on_data(event.data);
        else if (event.type == "head") on_head(event.data);
        else if (event.type == "end") on_end(event.data);
        else if (event.type == "stream-error") on_error(event.data);
        else return false;
        return true;
    }

    void on_head(std::string_view data) {
        auto frame = read_stream_head(data);
        if (!frame) return;
        const auto found = channels_.find(frame->channel);
        if (found == channels_.end()) return stray(frame->channel);
        if (std::exchange(found->second.has_head, true)) return lose(frame->channel);
        found->second.writer->start(std::move(frame->head));
    }

    void on_data(std::string_view data) {
        const auto frame = read_stream_data(data, scratch_);
        if (!frame) return;
        const auto found = channels_.find(frame->channel);
        if (found == channels_.end()) return stray(frame->channel);
        Channel& channel = found->second;
        const std::int64_t received = channel.received + static_cast<std::int64_t>(frame->bytes.size());
        // A frame was lost or doubled, or the hub goes beyond its credit.
        const bool sound = channel.has_head && frame->offset == channel.received && received - channel.granted <= kStreamWindowBytes;
        if (!sound) return lose(frame->channel);
        channel.received = received;
        if (!channel.writer->write(frame->bytes)) {
            channel.writer->on_drain([weak = weak_from_this(), id = std::string(frame->channel)] {
                if (const auto self = weak.lock()) self->credit_if(id, 1);
            });
        }
        credit_if(frame->channel, kStreamWindowBytes / 4);
    }

    void on_end(std::string_view data) {
        const auto frame = read_stream_end(data);
        if (!frame) return;
        const auto found = channels_.find(frame->channel);
        if (found == channels_.end()) return;
        if (!found->second.has_head || frame->bytes != found->second.received) return lose(frame->channel);
        take(found)->end();
    }

    void on_error(std::string_view data) {
        if (auto frame = read_stream_error(data)) fail(frame->channel, std::move(frame->error));
    }

    void on_open() override {
        std::vector<std::string> waiting;
        for (const auto& [id, channel] : channels_) {
            if (!channel.subscribed) waiting.push_back(id);
        }
        for (const std::string& id : waiting) subscribe(id);
    }

    void on_lost(const base::Error& why) override { fail_all(why, /*subscribed=*/true); }

    // Those that wait need not wait for longer than their callers' own retries do.
    void on_failed(const base::Error& why) override { fail_all({base::ErrorCode::unavailable, why.message, why.hint}, /*subscribed=*/false); }

    void on_connected(bool connected) override {
        for (const auto& [id, channel] : channels_) channel.writer->set_silent(!connected);
    }

    void add_credit(base::Json& channels) override {
        for (auto& [id, channel] : channels_) {
            const std::int64_t consumed = consumed_of(channel);
            if (consumed <= channel.granted) continue;
            channel.granted = consumed;
            channels[id] = consumed;
        }
    }

    void fail_all(const base::Error& why, bool subscribed) {
        std::vector<std::string> ids;
        for (const auto& [id, channel] : channels_) {
            if (channel.subscribed == subscribed) ids.push_back(id);
        }
        for (const std::string& id : ids) fail(id, why);
    }

    static std::int64_t consumed_of(const Channel& channel) { return channel.received - static_cast<std::int64_t>(channel.writer->queued_bytes()); }

    // Tells the hub what was consumed, if that is at least `least_bytes` of news.
    void credit_if(std::string_view id, std::int64_t least_bytes) {
        const auto found = channels_.find(id);
        if (found != channels_.end() && consumed_of(found->second) - found->second.granted >= least_bytes) link_.credit_soon();
    }

    void lose(std::string_view id) {
        tell_gone(std::string(id), true);
        fail(std::string(id), {base::ErrorCode::unavailable, "A part of the stream was lost", {}});
    }

    // It was closed here before the hub knew. Should it not know still, it hears it once more.
    void stray(std::string_view id) {
        ++stray_frames_;
        if (stray_told_ == id) return;
        stray_told_ = std::string(id);
        tell_gone(stray_told_, true);
    }

    HttpClient& inner_;
    base::Scheduler& scheduler_;
    StreamLink& link_;
    StreamBudget direct_;
    Channels channels_;
    std::uint64_t last_id_ = 0;
    std::uint64_t stray_frames_ = 0;
    std::string stray_told_;
    std::string scratch_;
    std::unique_ptr<LoopbackClient> front_;
};

StreamMux::StreamMux(HttpClient& inner, base::Scheduler& scheduler, StreamLink& link, std::size_t budget)
    : impl_(std::make_shared<Impl>(inner, scheduler, link, budget)) {}
StreamMux::~StreamMux() { impl_->close(); }
RequestHandle StreamMux::send(Request request, ResponseCallbacks callbacks) { return impl_->send(std::move(request), std::move(callbacks)); }
std::vector<StreamMux::ChannelStatus> StreamMux::channels() const { return impl_->channels(); }
std::vector<std::string> StreamMux::queued() const { return impl_->queued(); }
std::uint64_t StreamMux::stray_frames() const { return impl_->stray_frames(); }

}  // namespace net
