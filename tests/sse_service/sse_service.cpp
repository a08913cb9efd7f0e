#include "sse_service/sse_service.hpp"

#include <deque>
#include <utility>

#include "base/url.hpp"
#include "net/event_stream.hpp"
#include "sse_service/redirect_client.hpp"
#include "wire/json_reader.hpp"

namespace sse_service {

namespace {

using base::Json;
using Phase = net::EventStream::Phase;

void answer(net::ResponseWriter& writer, int status) { writer.respond({status, {}, ""}); }

void refuse(net::ResponseWriter& writer, const std::string& why) {
    writer.respond({400, {{"content-type", "application/json"}}, base::dump_json(Json{{"error", why}})});
}

std::string target_of(const base::HttpUrl& url) { return url.path + (url.query.empty() ? "" : "?" + url.query); }

}  // namespace

// One open stream and the queue of what it tells.
class SseService::Stream {
public:
    Stream(gateway::AsioScheduler& loop, base::Random& random, std::unique_ptr<RedirectClient> source, std::unique_ptr<gateway::BeastClient> callback,
           std::string callback_target, net::EventStreamOptions options)
        : source_(std::move(source)), callback_(std::move(callback)), callback_target_(std::move(callback_target)),
          stream_(*source_, loop, random, std::move(options),
                  {.on_event = [this](const wire::SseEvent& event) {
                       tell({{"kind", "event"}, {"event", {{"type", std::string(event.type)}, {"data", std::string(event.data)}, {"id", std::string(event.last_event_id)}}}});
                   },
                   .on_change =
                       [this] {
                           const auto& state = stream_.state();
                           if (!state.last_error.empty() && (state.phase == Phase::retrying || state.phase == Phase::stopped || state.phase == Phase::gave_up)) {
                               tell({{"kind", "error"}, {"comment", state.last_error}});
                           }
                       },
                   .on_comment = [this](std::string_view text) { tell({{"kind", "comment"}, {"comment", std::string(text)}}); }}) {
        stream_.open();
    }
    void restart() { stream_.restart(); }

private:
    void tell(const Json& message) {
        waiting_.push_back(base::dump_json(message));
        if (!calling_) call_next();
    }
    void call_next() {
        if (waiting_.empty()) return;
        calling_ = true;
        net::Request request{.method = "POST", .target = callback_target_ + "/" + std::to_string(next_message_++), .headers = {{"content-type", "application/json"}}};
        request.body = std::move(waiting_.front());
        waiting_.pop_front();
        // Whether anybody listened makes no difference: the numbers go on.
        call_ = net::fetch(*callback_, std::move(request), [this](const base::Result<net::Response>&) {
            calling_ = false;
            call_next();
        });
    }

    std::unique_ptr<RedirectClient> source_;
    std::unique_ptr<gateway::BeastClient> callback_;
    std::string callback_target_;
    std::deque<std::string> waiting_;
    std::uint64_t next_message_ = 1;
    bool calling_ = false;
    net::RequestHandle call_;
    net::EventStream stream_;
};

SseService::SseService(gateway::AsioScheduler& loop, base::Random& random, base::UniqueFunction<void()> quit) : loop_(loop), random_(random), quit_(std::move(quit)) {
    using Writer = std::shared_ptr<net::ResponseWriter>;
    router_.route("GET", "/", [](const net::RoutedRequest&, const Writer& writer) {
        static const Json kAnswer{{"name", "binnacle"},
                                  {"capabilities", {"bom", "comments", "headers", "last-event-id", "post", "report", "read-timeout", "restart", "server-directed-shutdown-request"}}};
        writer->respond({200, {{"content-type", "application/json"}}, base::dump_json(kAnswer)});
    });
    router_.route("POST", "/", [this](net::RoutedRequest request, const Writer& writer) { open(std::move(request), *writer); });
    router_.route("DELETE", "/", [this](const net::RoutedRequest&, const Writer& writer) {
        answer(*writer, 204);
        quit_();
    });
    router_.route("POST", "/streams/:id", [this](net::RoutedRequest request, const Writer& writer) { command(std::move(request), *writer); });
    router_.route("DELETE", "/streams/:id", [this](const net::RoutedRequest& request, const Writer& writer) {
        const auto found = streams_.find(request.param("id"));
        if (found == streams_.end()) return answer(*writer, 404);
        streams_.erase(found);
        answer(*writer, 204);
    });
}

SseService::~SseService() = default;

void SseService::open(net::RoutedRequest request, net::ResponseWriter& writer) {
    const auto json = wire::parse_json(request.request.body);
    if (!json) return refuse(writer, json.error().message);
    wire::JsonErrors errors;
    const wire::JsonReader reader(*json, errors);
    net::EventStreamOptions options;
    const std::string stream_url = reader.string("streamUrl");
    const std::string callback_url = reader.string("callbackUrl");
    (void)reader.optional_string("tag");
    constexpr std::int64_t kDayMs = 86'400'000;
    options.base_delay_ms = reader.integer_or("initialDelayMs", options.base_delay_ms, {.min = 0, .max = kDayMs});
    options.min_delay_ms = 1;
    options.idle_timeout_ms = reader.integer_or("readTimeoutMs", 0, {.min = 0, .max = kDayMs});
    options.last_event_id = reader.string_or("lastEventId", "");
    options.method = reader.string_or("method", "GET");
    options.body = reader.string_or("body", "");
    for (auto& [name, value] : reader.string_map("headers")) options.headers.set(name, value);
    if (!errors.empty()) return refuse(writer, errors.to_error().message);
    const auto from = base::parse_http_url(stream_url);
    const auto to = base::parse_http_url(callback_url);
    if (!from) return refuse(writer, "streamUrl: " + from.error().message);
    if (!to) return refuse(writer, "callbackUrl: " + to.error().message);
    options.target = target_of(*from);
    auto source = RedirectClient::create(loop_, from->origin());
    auto callback = gateway::BeastClient::create(loop_, {.base_url = to->origin()});
    if (!source) return refuse(writer, source.error().message);
    if (!callback) return refuse(writer, callback.error().message);
    const std::string id = std::to_string(next_id_++);
    streams_[id] = std::make_unique<Stream>(loop_, random_, std::move(*source), std::move(*callback), target_of(*to), std::move(options));
    writer.respond({201, {{"location", "/streams/" + id}}, ""});
}

void SseService::command(net::RoutedRequest request, net::ResponseWriter& writer) {
    const auto found = streams_.find(request.param("id"));
    if (found == streams_.end()) return answer(writer, 404);
    const auto json = wire::parse_json(request.request.body);
    if (!json) return refuse(writer, json.error().message);
    wire::JsonErrors errors;
    const std::string command = wire::JsonReader(*json, errors).string_or("command", "");
    if (command == "restart") {
        found->second->restart();
    } else if (command != "listen") {  // every type is told in any case
        return refuse(writer, "unknown command");
    }
    answer(writer, 202);
}

}  // namespace sse_service
