#include "kube/watch_stream.hpp"

#include <algorithm>
#include <unordered_map>

#include "kube/api_json.hpp"

namespace kube::api {
namespace {

constexpr std::int64_t kShortestWatch_ms = 30 * 60 * 1000;
constexpr std::int64_t kLongestTimeout_s = 24 * 60 * 60;

std::string_view type_word(EventType type) {
    switch (type) {
        case EventType::added: return "ADDED";
        case EventType::modified: return "MODIFIED";
        case EventType::deleted: return "DELETED";
    }
    return "ERROR";
}

}  // namespace

struct WatchStreams::Shared {
    ObjectStore& store;
    base::Scheduler& scheduler;
    base::Random& random;
    std::int64_t bookmark_interval_ms;
    std::unordered_map<Stream*, std::shared_ptr<Stream>> streams;
};

class WatchStreams::Stream : public std::enable_shared_from_this<Stream> {
public:
    Stream(std::weak_ptr<Shared> owner, WatchRequest request, std::shared_ptr<net::ResponseWriter> writer)
        : owner_(std::move(owner)), request_(std::move(request)), writer_(std::move(writer)) {}

    void start(Shared& shared) {
        position_ = request_.from.value_or(shared.store.resource_version());
        told_ = position_;
        if (!request_.from) initial_ = shared.store.list(request_.type->store_key(), request_.ns);
        writer_->on_close([weak = weak_from_this()] {
            if (auto self = weak.lock()) self->forget();
        });
        // Every write counts, also of other resources: it moves the position on, so that a quiet watch is not compacted away.
        subscription_ = shared.store.subscribe("", [this](const StoreEvent&) { pump(); });
        const std::int64_t timeout_ms =
            request_.timeout_ms > 0 ? request_.timeout_ms
                                    : kShortestWatch_ms + static_cast<std::int64_t>(shared.random.below(kShortestWatch_ms));
        timeout_ = shared.scheduler.after(timeout_ms, [this] { finish(); });
        writer_->start({200, {{"Content-Type", "application/json"}, {"Cache-Control", "no-cache, private"}}});
        pump();
    }

    void finish() {
        const auto keep = shared_from_this();
        auto writer = std::move(writer_);
        forget();
        if (writer) writer->end();
    }

private:
    // Sends what there is until the reader lags. May end the stream.
    void pump() {
        const auto keep = shared_from_this();
        const auto shared = owner_.lock();
        if (!shared || !writer_) return;
        while (writer_ && !lagging_ && initial_at_ < initial_.size()) {
            const ObjectPtr object = std::move(initial_[initial_at_++]);
            if (request_.selection.matches(*object)) send("ADDED", encoded(*object));
        }
        if (lagging_ || !writer_) return;
        initial_.clear();
        initial_at_ = 0;
        if (request_.mark_initial_end) {
            request_.mark_initial_end = false;
            send_bookmark(true);
        }
        while (writer_ && !lagging_ && position_ < shared->store.resource_version()) pump_events(*shared);
        // The definition went and took its objects along: all of them are told of, the kind is not served any more.
        if (writer_ && !lagging_ && request_.custom && !shared->store.get({std::string(kDefinitions), "", request_.custom->store_key})) {
            return finish();
        }
        if (writer_ && request_.bookmarks && position_ > told_ && !bookmark_.pending()) {
            bookmark_ = shared->scheduler.after(shared->bookmark_interval_ms, [this] {
                if (writer_ && !lagging_ && position_ > told_) send_bookmark(false);
            });
        }
    }

    void pump_events(Shared& shared) {
        const std::uint64_t newest = shared.store.resource_version();
        const auto events = shared.store.events_after(request_.type->store_key(), position_);
        if (!events) {
            const ApiError error = expired("too old resource version: " + std::to_string(position_) + " (" +
                                           std::to_string(shared.store.compacted_version()) + ")");
            send("ERROR", dump(to_status(error)));
            finish();
            return;
        }
        for (const StoreEvent& event : *events) {
            if (lagging_ || !writer_) return;
            position_ = event.resource_version;
            deliver(event);
        }
        if (!lagging_) position_ = newest;
    }

    void deliver(const StoreEvent& event) {
        if (!request_.ns.empty() && event.key.ns != request_.ns) return;
        const bool matched = event.previous && request_.selection.matches(*event.previous);
        const bool matches = event.type != EventType::deleted && request_.selection.matches(*event.object);
        if (!matched && !matches) return;
        told_ = event.resource_version;
        if (matches) {
            send(type_word(matched ? EventType::modified : EventType::added), encoded(*event.object));
        } else if (event.type == EventType::deleted) {
            send(type_word(EventType::deleted), encoded(*event.object));
        } else {
            Json last = *event.previous;
            member(last, {"metadata"})["resourceVersion"] = std::to_string(event.resource_version);
            send(type_word(EventType::deleted), encoded(last));
        }
    }

    [[nodiscard]] std::string encoded(const Json& object) {
        const auto shared = owner_.lock();
        const std::int64_t now_ms = shared ? shared->scheduler.clock().unix_ms() : 0;
        const bool first = std::exchange(first_, false);
        return encode_object(*request_.type, object, request_.form, request_.include, now_ms, first);
    }

    void send_bookmark(bool ends_initial_events) {
        Json metadata{{"resourceVersion", std::to_string(position_)}, {"creationTimestamp", nullptr}};
        if (ends_initial_events) metadata["annotations"] = Json{{"k8s.io/initial-events-end", "true"}};
        Json object{{"kind", request_.type->kind}, {"apiVersion", request_.type->api_version()}, {"metadata", metadata}};
        if (request_.form.shape != AnswerShape::object) object["apiVersion"] = "meta.k8s.io/" + request_.form.version;
        if (request_.form.shape == AnswerShape::metadata) object["kind"] = "PartialObjectMetadata";
        if (request_.form.shape == AnswerShape::table) {
            object["kind"] = "Table";
            object["metadata"].erase("creationTimestamp");
            object["columnDefinitions"] = Json::array();
            object["rows"] = Json::array();
        }
        told_ = position_;
        send("BOOKMARK", dump(object));
    }

    void send(std::string_view type, const std::string& object) {
        if (!writer_) return;
        std::string line = R"({"type":")";
        line += type;
        line += R"(","object":)";
        line += object;
        line += "}\n";
        if (writer_->write(line) || !writer_) return;
        lagging_ = true;
        writer_->on_drain([weak = weak_from_this()] {
            auto self = weak.lock();
            if (!self) return;
            self->lagging_ = false;
            self->pump();
        });
    }

    // No timer, no subscription, no place in the set.
    void forget() {
        const auto keep = shared_from_this();
        writer_.reset();
        subscription_ = {};
        bookmark_.cancel();
        timeout_.cancel();
        initial_.clear();
        if (const auto shared = owner_.lock()) shared->streams.erase(this);
    }

    std::weak_ptr<Shared> owner_;
    WatchRequest request_;
    std::shared_ptr<net::ResponseWriter> writer_;  // null once ended
    Subscription subscription_;
    base::Timer bookmark_;
    base::Timer timeout_;
    std::vector<ObjectPtr> initial_;
    std::size_t initial_at_ = 0;
    std::uint64_t position_ = 0;  // every event up to here is sent or does not concern this watch
    std::uint64_t told_ = 0;      // the newest version the reader knows of
    bool first_ = true;
    bool lagging_ = false;
};

ApiResult<WatchRequest> parse_watch(const ObjectStore& store, const ResourcePath& path, Selection selection, const base::Query& query,
                                    const AnswerForm& form) {
    WatchRequest request;
    request.type = path.type;
    request.custom = path.custom;
    request.ns = path.ns;
    request.selection = std::move(selection);
    request.form = form;
    const auto bookmarks = parse_flag(query, "allowWatchBookmarks");
    const auto initial = parse_flag(query, "sendInitialEvents");
    const auto timeout_s = parse_count(query, "timeoutSeconds");
    const auto version = parse_version(query);
    const auto include = parse_include_object(query);
    if (!bookmarks) return fail(bookmarks.error());
    if (!initial) return fail(initial.error());
    if (!timeout_s) return fail(timeout_s.error());
    if (!version) return fail(version.error());
    if (!include) return fail(include.error());
    request.bookmarks = *bookmarks;
    request.include = *include;
    request.timeout_ms = std::min(timeout_s->value_or(0), kLongestTimeout_s) * 1000;

    static constexpr ResourceType kListOptions{"meta.k8s.io", "v1", "listoptions", "listoptions", "ListOptions", ""};
    Causes causes;
    const auto match = query.get("resourceVersionMatch");
    if (query.has("sendInitialEvents")) {
        if (match != "NotOlderThan") {
            causes.forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
        if (*initial && !*bookmarks) {
            causes.forbidden("sendInitialEvents", "sendInitialEvents requires setting allowWatchBookmarks to true");
        }
    } else if (!match.empty()) {
        causes.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    }
    if (!causes.empty()) return fail(invalid(kListOptions, "", causes));

    const std::uint64_t from = version->value_or(0);
    // A version this store never had is from an earlier life of the server: the client must list again.
    if (from > store.resource_version()) {
        return fail(expired("too large resource version: " + std::to_string(from) + " (" + std::to_string(store.resource_version()) + ")"));
    }
    request.mark_initial_end = *initial;
    if (from == 0 && query.has("sendInitialEvents") && !*initial) request.from = store.resource_version();
    if (from != 0 && !*initial) {
        if (from < store.compacted_version()) {
            return fail(expired("too old resource version: " + std::to_string(from) + " (" + std::to_string(store.compacted_version()) + ")"));
        }
        request.from = from;
    }
    return request;
}

WatchStreams::WatchStreams(ObjectStore& store, base::Scheduler& scheduler, base::Random& random, std::int64_t bookmark_interval_ms)
    : shared_(std::make_shared<Shared>(Shared{store, scheduler, random, bookmark_interval_ms, {}})) {}

WatchStreams::~WatchStreams() {
    const auto streams = std::exchange(shared_->streams, {});
    for (const auto& [raw, stream] : streams) stream->finish();
}

void WatchStreams::open(WatchRequest request, std::shared_ptr<net::ResponseWriter> writer) {
    auto stream = std::make_shared<Stream>(shared_, std::move(request), std::move(writer));
    shared_->streams.emplace(stream.get(), stream);
    stream->start(*shared_);
}

std::size_t WatchStreams::size() const { return shared_->streams.size(); }

}  // namespace kube::api
