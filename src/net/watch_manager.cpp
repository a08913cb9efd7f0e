#include "net/watch_manager.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/url.hpp"
#include "net/watch_store.hpp"
#include "wire/flat_json.hpp"
#include "wire/json_reader.hpp"

namespace net {

namespace {

constexpr std::size_t kMaxHeldBytes = 8 * 1024 * 1024;
constexpr std::size_t kListPage = 500;
constexpr std::size_t kMaxPageBytes = 64 * 1024 * 1024;
constexpr std::size_t kMaxKeyBytes = 200;  // of a spec in status()

base::Json subscribe_body(const WatchSpec& spec) {
    base::Json body = {{"resourceType", spec.resource_type}};
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) body[name] = value;
    };
    add("orgId", spec.org);
    add("projectId", spec.project);
    add("namespace", spec.ns);
    add("name", spec.name);
    add("labelSelector", spec.label_selector);
    add("fieldSelector", spec.field_selector);
    add("cluster", spec.cluster);
    if (spec.user_scoped) body["userScoped"] = true;
    return body;
}

std::string words_for(const WatchSpec& spec) {
    std::string text = spec.resource_type;
    for (const std::string* part : {&spec.cluster, &spec.org, &spec.project, &spec.ns, &spec.name, &spec.label_selector, &spec.field_selector}) {
        if (!part->empty()) text += ' ' + *part;
    }
    if (text.size() > kMaxKeyBytes) text.resize(kMaxKeyBytes);
    return text;
}

base::Error error_of(const Response& response) {
    base::Error error{base::ErrorCode::unavailable, "The server answered with status " + std::to_string(response.status), {}};
    if (response.status == 403) error.code = base::ErrorCode::forbidden;
    if (response.status == 404) error.code = base::ErrorCode::not_found;
    if (response.status == 400) error.code = base::ErrorCode::invalid_argument;
    const auto json = base::parse_json(response.body, {.max_bytes = 256 * 1024, .max_depth = 8});
    if (!json) return error;
    wire::JsonErrors errors;
    const wire::JsonReader body(*json, errors);
    error.message = body.string_or("error", body.string_or("message", error.message));
    if (const wire::JsonArray details = body.array_or_empty("details"); !details.empty()) error.hint = details[0].as_string();
    return error;
}

// Trying again without anybody changing something is in vain.
bool is_refusal(const base::Error& error) {
    return error.code == base::ErrorCode::forbidden || error.code == base::ErrorCode::not_found || error.code == base::ErrorCode::invalid_argument;
}

// One spec that somebody looks at, whatever the number of views.
struct WatchEntry {
    std::string key;
    WatchSpec spec;
    std::string channel;               // as the hub calls it; empty until it has answered
    WatchState state;
    WatchStore objects;
    bool running = false;              // wanted, and not stopped for good
    bool asking = false;               // a subscribe is under way
    std::uint64_t generation = 0;      // of what is asked of the hub: an older answer counts no more
    base::Timer grace_timer;
    base::Timer retry_timer;
    RequestHandle list;
    int retries = 0;
    std::int64_t retry_at_ms = 0;
    std::int64_t opened_at_ms = 0;
    std::int64_t last_event_ms = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t events = 0;
    std::uint64_t resyncs = 0;
    std::string resource_version;
};

}  // namespace

std::string_view to_string(WatchPhase phase) {
    switch (phase) {
        case WatchPhase::waiting: return "waiting";
        case WatchPhase::syncing: return "syncing";
        case WatchPhase::live: return "live";
        case WatchPhase::retrying: return "retrying";
        case WatchPhase::stopped: return "stopped";
    }
    return "waiting";
}

std::string list_target(const WatchSpec& spec) {
    std::string path = "/" + spec.resource_type;
    if (!spec.ns.empty()) path.insert(path.rfind('/'), "/namespaces/" + base::percent_encode_segment(spec.ns));
    base::Query query;
    if (!spec.label_selector.empty()) query.add("labelSelector", spec.label_selector);
    std::string fields = spec.field_selector;
    if (!spec.name.empty()) fields += (fields.empty() ? "" : ",") + ("metadata.name=" + spec.name);
    if (!fields.empty()) query.add("fieldSelector", fields);
    return path + query.to_suffix();
}

class WatchManager::Impl final : public std::enable_shared_from_this<Impl>, private StreamLink::User {
public:
    Impl(HttpClient& http, base::Scheduler& scheduler, base::Random& random, StreamLink& link, Options options)
        : http_(http), scheduler_(scheduler), random_(random), link_(link), options_(std::move(options)) {
        link_.add(*this);
    }

    void close() {
        link_.remove(*this);
        clear();
    }

    // ---- those who look

    // A place in an entry, or a wait; the handle outside owns it.
    struct Subscriber {
        WatchCallbacks callbacks;
        std::shared_ptr<WatchEntry> entry;
        bool synced = false;   // has had its on_synced
        bool gone = false;
    };

    class Handle final : public WatchSubscription::Impl {
    public:
        Handle(std::weak_ptr<WatchManager::Impl> manager, std::shared_ptr<Subscriber> subscriber) : manager_(std::move(manager)), subscriber_(std::move(subscriber)) {}
        ~Handle() override {
            subscriber_->gone = true;
            // A callback that is running now goes on: whoever runs it holds the subscriber.
            if (const auto manager = manager_.lock()) manager->leave(subscriber_);
        }

    private:
        std::weak_ptr<WatchManager::Impl> manager_;
        std::shared_ptr<Subscriber> subscriber_;
    };

    std::shared_ptr<Subscriber> join(const WatchSpec& spec, WatchCallbacks callbacks) {
        std::string key = base::dump_json(subscribe_body(spec));
        std::shared_ptr<WatchEntry>& entry = entries_[key];
        if (!entry) {
            entry = std::make_shared<WatchEntry>();
            entry->key = std::move(key);
            entry->spec = spec;
            entry->objects = WatchStore(options_.snapshots);
        }
        auto subscriber = std::make_shared<Subscriber>();
        subscriber->callbacks = std::move(callbacks);
        subscriber->entry = entry;
        subscribers_[entry.get()].push_back(subscriber);
        entry->grace_timer.cancel();
        if (entry->state.synced || entry->state.phase == WatchPhase::stopped) {
            scheduler_.post([weak = weak_from_this(), subscriber] {
                const auto self = weak.lock();
                if (self && !subscriber->gone) self->welcome(*subscriber);
            });
        }
        if (!entry->running) start(entry);
        return subscriber;
    }

    WatchSubscription subscribe(const WatchSpec& spec, WatchCallbacks callbacks) {
        return WatchSubscription(std::make_unique<Handle>(weak_from_this(), join(spec, std::move(callbacks))));
    }

    WatchSubscription wait_for(const WatchSpec& spec, base::UniqueFunction<bool(const WatchedObject&)> predicate, std::int64_t timeout_ms,
                               base::UniqueFunction<void(base::Result<WatchedPtr>)> done);

    void clear() {
        for (auto& [entry, list] : std::exchange(subscribers_, {})) {
            for (const auto& subscriber : list) subscriber->gone = true;
        }
        for (auto& [key, entry] : std::exchange(entries_, {})) unsubscribe(*entry);
        by_channel_.clear();
        drop_held();
        link_.want_less();
    }

    void wake() {
        for (const auto& [key, entry] : copy_of_entries()) {
            if (entry->retry_timer.pending()) start(entry);
        }
    }

    [[nodiscard]] std::vector<Status> list() const {
        std::vector<Status> all;
        for (const auto& [key, entry] : entries_) {
            Status status;
            status.key = words_for(entry->spec);
            status.channel = entry->channel;
            const auto found = subscribers_.find(entry.get());
            status.subscribers = found == subscribers_.end() ? 0 : found->second.size();
            status.state = entry->state;
            status.objects = entry->objects.all().size();
            status.bytes = entry->objects.bytes();
            status.received_bytes = entry->received_bytes;
            status.events = entry->events;
            status.resyncs = entry->resyncs;
            status.retries = entry->retries;
            status.retry_at_ms = entry->retry_at_ms;
            status.opened_at_ms = entry->opened_at_ms;
            status.last_event_ms = entry->last_event_ms;
            status.resource_version = entry->resource_version;
            all.push_back(std::move(status));
        }
        return all;
    }
    [[nodiscard]] std::uint64_t ignored_frames() const { return ignored_frames_; }

    [[nodiscard]] base::Json status() const {
        const StreamLink::Status& link = link_.status();
        const std::int64_t now = now_ms();
        base::Json json = {{"state", to_string(link.phase)},
                           {"clientId", link.client_id.substr(0, 8)},
                           {"attempts", link.attempts},
                           {"sessions", link.sessions},
                           {"resumes", link.resumes},
                           {"retries", link.retries},
                           {"frames", link.frames},
                           {"bytes", link.bytes},
                           {"unknownFrames", link.unknown_frames + ignored_frames_},
                           {"channels", base::Json::array()}};
        if (link.last_frame_ms > 0) json["lastFrameAgeMs"] = now - link.last_frame_ms;
        if (link.phase == StreamLink::Phase::waiting) json["retryInMs"] = std::max<std::int64_t>(link.retry_at_ms - now, 0);
        if (!link.last_error.empty()) json["lastError"] = link.last_error;
        for (const Status& each : list()) {
            base::Json channel = {{"key", each.key},         {"channel", each.channel}, {"state", to_string(each.state.phase)}, {"subscribers", each.subscribers},
                                  {"objects", each.objects}, {"bytes", each.received_bytes}, {"events", each.events},  {"resyncs", each.resyncs},
                                  {"retries", each.retries}, {"resourceVersion", each.resource_version}};
            if (each.last_event_ms > 0) channel["lastEventAgeMs"] = now - each.last_event_ms;
            if (!each.state.error.message.empty()) channel["error"] = each.state.error.message;
            json["channels"].push_back(std::move(channel));
        }
        return json;
    }

private:
    using EntryPtr = std::shared_ptr<WatchEntry>;

    [[nodiscard]] std::int64_t now_ms() const { return scheduler_.clock().monotonic_ms(); }
    [[nodiscard]] std::map<std::string, EntryPtr> copy_of_entries() const { return entries_; }

    void welcome(Subscriber& subscriber) {
        const EntryPtr entry = subscriber.entry;
        if (entry->state.synced && !subscriber.synced) {
            subscriber.synced = true;
            if (subscriber.callbacks.on_synced) subscriber.callbacks.on_synced(entry->objects.all(), true);
        }
        if (entry->state.phase == WatchPhase::stopped && !subscriber.gone && subscriber.callbacks.on_state) subscriber.callbacks.on_state(entry->state);
    }

    void leave(const std::shared_ptr<Subscriber>& subscriber) {
        const auto found = subscribers_.find(subscriber->entry.get());
        if (found == subscribers_.end()) return;
        std::erase(found->second, subscriber);
        if (!found->second.empty()) return;
        subscribers_.erase(found);
        const EntryPtr entry = subscriber->entry;
        entry->grace_timer = scheduler_.after(kGraceMs, [weak = weak_from_this(), entry = std::weak_ptr<WatchEntry>(entry)] {
            const auto self = weak.lock();
            const auto ended = entry.lock();
            if (self && ended) self->end(ended);
        });
    }

    // The grace is over.
    void end(const EntryPtr& entry) {
        unsubscribe(*entry);
        entries_.erase(entry->key);
        link_.want_less();
    }

    void unsubscribe(WatchEntry& entry) {
        entry.running = entry.asking = false;
        ++entry.generation;
        entry.retry_timer.cancel();
        entry.grace_timer.cancel();
        entry.list.cancel();
        if (entry.channel.empty()) return;
        by_channel_.erase(entry.channel);
        tell_gone(entry, std::exchange(entry.channel, {}));
    }

    // In one lane with the entry's subscribe, so that the hub hears them in order.
    void tell_gone(const WatchEntry& entry, const std::string& channel) {
        link_.post("unsubscribe", entry.key, {{"channel", channel}}, [](const base::Result<Response>&) {});
    }

    // ---- subscribing

    void start(const EntryPtr& entry) {
        entry->retry_timer.cancel();
        entry->running = true;
        if (entry->state.phase == WatchPhase::retrying || entry->state.phase == WatchPhase::stopped) set_state(entry, WatchPhase::waiting);
        if (!link_.open()) return link_.want();
        const std::uint64_t generation = ++entry->generation;
        entry->asking = true;
        ++asking_;
        link_.post("subscribe", entry->key, subscribe_body(entry->spec), [weak = weak_from_this(), entry, generation](base::Result<Response> response) {
            if (const auto self = weak.lock()) self->subscribed(entry, generation, std::move(response));
        });
    }

    void subscribed(const EntryPtr& entry, std::uint64_t generation, base::Result<Response> response) {
        --asking_;
        const auto release_held = [this] {
            if (asking_ == 0) drop_held();
        };
        std::string channel;
        if (response && response->status < 300) {
            const auto json = base::parse_json(response->body, {.max_bytes = 64 * 1024, .max_depth = 8});
            wire::JsonErrors errors;
            if (json) channel = wire::JsonReader(*json, errors).string_or("channel", "");
        }
        if (entry->generation != generation || !entry->running) {
            // Nobody wants it any more, and the hub does not know that yet. If somebody does again, the next answer names the same channel.
            const auto again = entries_.find(entry->key);
            if (!channel.empty() && !by_channel_.contains(channel) && (again == entries_.end() || !again->second->running)) tell_gone(*entry, channel);
            return release_held();
        }
        entry->asking = false;
        if (channel.empty()) {
            if (!response) retry(entry, response.error());
            else if (response->status < 300) retry(entry, {base::ErrorCode::protocol, "The server named no channel", {}});
            else retry(entry, error_of(*response));
            return release_held();
        }
        entry->channel = channel;
        entry->opened_at_ms = now_ms();
        by_channel_[channel] = entry;
        entry->objects.begin_snapshot();
        set_state(entry, WatchPhase::syncing);
        if (!options_.snapshots) read_list(entry, {});
        // What came before this answer.
        std::vector<Held> mine;
        const auto rest = std::stable_partition(held_.begin(), held_.end(), [&](const Held& frame) { return frame.channel != channel; });
        std::move(rest, held_.end(), std::back_inserter(mine));
        held_.erase(rest, held_.end());
        const bool lost_some = held_lost_;
        for (const Held& frame : mine) {
            if (entry->generation == generation) apply(entry, frame.type, frame.data);
        }
        release_held();
        if (lost_some && entry->generation == generation) subscribe_anew(entry, {base::ErrorCode::unavailable, "Frames were lost", {}});
    }

    // Failed: what is known stays, and it is tried again.
    void retry(const EntryPtr& entry, base::Error error) {
        ++entry->generation;
        entry->asking = false;
        entry->list.cancel();
        const bool refused = is_refusal(error);
        std::int64_t delay_ms = kRecheckMs;
        if (!refused) {
            delay_ms = std::min(kRetryMs << std::min(entry->retries, 10), kMaxRetryMs);
            delay_ms -= static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(delay_ms) / 2 + 1));
        }
        ++entry->retries;
        entry->retry_at_ms = now_ms() + delay_ms;
        entry->retry_timer = scheduler_.after(delay_ms, [weak = weak_from_this(), entry = std::weak_ptr<WatchEntry>(entry)] {
            const auto self = weak.lock();
            const auto again = entry.lock();
            if (self && again) self->start(again);
        });
        set_state(entry, refused ? WatchPhase::stopped : WatchPhase::retrying, std::move(error));
    }

    // The channel as it is is of no use.
    void subscribe_anew(const EntryPtr& entry, base::Error why) {
        if (!entry->channel.empty()) {
            by_channel_.erase(entry->channel);
            tell_gone(*entry, std::exchange(entry->channel, {}));
        }
        entry->objects.abandon_snapshot();
        retry(entry, std::move(why));
    }

    // ---- StreamLink::User

    [[nodiscard]] bool wants_link() const override {
        return std::any_of(entries_.begin(), entries_.end(), [](const auto& each) { return each.second->running; });
    }

    void on_open() override {
        for (const auto& [key, entry] : copy_of_entries()) {
            const bool refused = entry->retry_timer.pending() && entry->state.phase == WatchPhase::stopped;
            if (entry->running && entry->channel.empty() && !entry->asking && !refused) start(entry);
        }
    }

    void on_lost(const base::Error&) override {
        by_channel_.clear();
        drop_held();
        asking_ = 0;
        for (const auto& [key, entry] : copy_of_entries()) {
            if (!entry->running) continue;
            ++entry->generation;
            entry->asking = false;
            entry->channel.clear();
            entry->list.cancel();
            entry->objects.abandon_snapshot();
            if (!entry->retry_timer.pending()) set_state(entry, WatchPhase::waiting);
        }
        if (wants_link()) link_.want();
    }

    void on_failed(const base::Error& why) override {
        const bool for_good = link_.unsupported();
        for (const auto& [key, entry] : copy_of_entries()) {
            if (!entry->running || entry->retry_timer.pending()) continue;
            set_state(entry, for_good ? WatchPhase::stopped : WatchPhase::waiting, why);
        }
    }

    void on_connected(bool) override {}
    void add_credit(base::Json&) override {}

    bool on_frame(const wire::SseEvent& event) override {
        if (event.type == "subscribed" || event.type == "unsubscribed") return true;
        if (event.type != "watch" && event.type != "resync" && event.type != "watch-error") return false;
        wire::FlatJson fields(event.data);
        std::string scratch;
        std::string channel;
        while (channel.empty() && fields.next()) {
            if (fields.key_is("channel")) channel = fields.string(scratch);
        }
        const auto found = by_channel_.find(channel);
        if (found != by_channel_.end()) {
            const EntryPtr entry = found->second;
            apply(entry, event.type, event.data);
        } else if (asking_ > 0) {
            hold(std::move(channel), event);
        } else {
            ++ignored_frames_;
        }
        return true;
    }

    // ---- frames

    struct Held {
        std::string channel, type, data;
    };

    void hold(std::string channel, const wire::SseEvent& event) {
        if (held_.size() >= kMaxHeldFrames || held_bytes_ + event.data.size() > kMaxHeldBytes) {
            held_lost_ = true;
            ++ignored_frames_;
            return;
        }
        held_bytes_ += event.data.size();
        held_.push_back({std::move(channel), std::string(event.type), std::string(event.data)});
    }

    void drop_held() {
        ignored_frames_ += held_.size();
        held_.clear();
        held_bytes_ = 0;
        held_lost_ = false;
    }

    void apply(const EntryPtr& entry, std::string_view event_type, std::string_view data) {
        entry->received_bytes += data.size();
        entry->last_event_ms = now_ms();
        if (event_type == "resync") {
            ++entry->resyncs;
            entry->objects.begin_snapshot();
            return set_state(entry, WatchPhase::syncing);
        }
        if (event_type == "watch-error") return apply_error(entry, data);
        const auto frame = read_watch_frame(data);
        if (!frame) {
            // Something has happened that is not known: only a new list tells what.
            return subscribe_anew(entry, {base::ErrorCode::protocol, "A change could not be read", {}});
        }
        ++entry->events;
        // The hub goes on after trouble of its own.
        if (entry->state.phase == WatchPhase::retrying && entry->objects.in_snapshot()) set_state(entry, WatchPhase::syncing);
        else if (entry->state.phase == WatchPhase::retrying) set_state(entry, WatchPhase::live);
        entry->retries = 0;
        if (!frame->resource_version.empty()) entry->resource_version = frame->resource_version;
        if (frame->type == WatchFrame::Type::bookmark) {
            if (frame->ends_snapshot && entry->objects.in_snapshot() && options_.snapshots) synced(entry);
            return;
        }
        if (entry->objects.bytes() + frame->object->text.size() > kMaxBytes) {
            return subscribe_stopped(entry, {base::ErrorCode::too_large, "There are too many objects to show at once", "Narrow it down by namespace or label"});
        }
        const auto told = entry->objects.apply(*frame);
        for (const auto& [change, object] : told) tell(entry, change, object);
    }

    void apply_error(const EntryPtr& entry, std::string_view data) {
        const auto json = base::parse_json(data, {.max_bytes = 256 * 1024, .max_depth = 16});
        wire::JsonErrors errors;
        const base::Json nothing = base::Json::object();
        const wire::JsonReader error(json ? *json : nothing, errors);
        const auto code = error.integer_or("code", 0);
        base::Error why{base::ErrorCode::unavailable, error.string_or("message", "The cluster does not answer"), {}};
        if (code == 403) why.code = base::ErrorCode::forbidden;
        if (code == 404) why.code = base::ErrorCode::not_found;
        // A hub of another kind has given up when it says so.
        if (error.boolean_or("terminal", !options_.snapshots)) {
            by_channel_.erase(entry->channel);
            entry->channel.clear();
            entry->objects.abandon_snapshot();
            return retry(entry, std::move(why));
        }
        set_state(entry, WatchPhase::retrying, std::move(why));
    }

    void subscribe_stopped(const EntryPtr& entry, base::Error why) {
        unsubscribe(*entry);
        entry->objects.abandon_snapshot();
        set_state(entry, WatchPhase::stopped, std::move(why));
    }

    void synced(const EntryPtr& entry) {
        const std::uint64_t generation = entry->generation;
        const auto differences = entry->objects.end_snapshot();
        entry->state.synced = true;
        set_state(entry, WatchPhase::live);
        for (const auto& [change, object] : differences) tell(entry, change, object);
        for (const auto& subscriber : subscribers_of(entry)) {
            if (entry->generation != generation) return;
            const bool first = !std::exchange(subscriber->synced, true);
            if (!subscriber->gone && subscriber->callbacks.on_synced) subscriber->callbacks.on_synced(entry->objects.all(), first);
        }
    }

    // ---- a hub that sends no snapshot

    void read_list(const EntryPtr& entry, const std::string& next) {
        std::string target = options_.proxy_root + list_target(entry->spec);
        target += (target.find('?') == std::string::npos ? "?limit=" : "&limit=") + std::to_string(kListPage);
        if (!next.empty()) target += "&continue=" + base::percent_encode(next);
        Request request{.method = "GET", .target = std::move(target)};
        request.headers.set("accept", "application/json");
        if (options_.authorization) {
            if (std::string value = options_.authorization(); !value.empty()) request.headers.set("authorization", std::move(value));
        }
        entry->list = fetch(http_, std::move(request), [weak = weak_from_this(), entry = std::weak_ptr<WatchEntry>(entry), generation = entry->generation](base::Result<Response> response) {
            const auto self = weak.lock();
            const auto read = entry.lock();
            if (self && read && read->generation == generation) self->list_read(read, std::move(response));
        }, kMaxPageBytes);
    }

    void list_read(const EntryPtr& entry, base::Result<Response> response) {
        const RequestHandle keep = std::move(entry->list);
        if (!response) return subscribe_anew(entry, response.error());
        if (response->status != 200) return subscribe_anew(entry, error_of(*response));
        const auto json = base::parse_json(response->body, {.max_bytes = kMaxPageBytes});
        if (!json) return subscribe_anew(entry, {base::ErrorCode::protocol, "The list could not be read", {}});
        wire::JsonErrors errors;
        const wire::JsonReader list(*json, errors);
        for (const wire::JsonReader item : list.array_or_empty("items")) {
            if (auto object = read_watched(base::dump_json(*item.raw()))) entry->objects.add_listed(std::make_shared<WatchedObject>(std::move(*object)));
        }
        if (const std::string next = list.optional_object("metadata").string_or("continue", ""); !next.empty()) return read_list(entry, next);
        synced(entry);
    }

    // ---- telling

    [[nodiscard]] std::vector<std::shared_ptr<Subscriber>> subscribers_of(const EntryPtr& entry) const {
        const auto found = subscribers_.find(entry.get());
        return found == subscribers_.end() ? std::vector<std::shared_ptr<Subscriber>>() : found->second;
    }

    void tell(const EntryPtr& entry, WatchChange change, const WatchedPtr& object) {
        for (const auto& subscriber : subscribers_of(entry)) {
            if (!subscriber->gone && subscriber->synced && subscriber->callbacks.on_event) subscriber->callbacks.on_event(change, object);
        }
    }

    void set_state(const EntryPtr& entry, WatchPhase phase, base::Error error = {}) {
        if (entry->state.phase == phase && entry->state.error == error) return;
        entry->state.phase = phase;
        entry->state.error = std::move(error);
        for (const auto& subscriber : subscribers_of(entry)) {
            if (!subscriber->gone && subscriber->callbacks.on_state) subscriber->callbacks.on_state(entry->state);
        }
    }

    HttpClient& http_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    StreamLink& link_;
    Options options_;
    std::map<std::string, EntryPtr> entries_;      // by the text of their spec
    std::map<std::string, EntryPtr> by_channel_;   // those the hub knows
    std::map<const WatchEntry*, std::vector<std::shared_ptr<Subscriber>>> subscribers_;
    std::vector<Held> held_;                       // frames that came before the answer which names their channel
    std::size_t held_bytes_ = 0;
    bool held_lost_ = false;
    std::size_t asking_ = 0;                       // subscribe POSTs without answer
    std::uint64_t ignored_frames_ = 0;
};

WatchSubscription WatchManager::Impl::wait_for(const WatchSpec& spec, base::UniqueFunction<bool(const WatchedObject&)> predicate, std::int64_t timeout_ms,
                                               base::UniqueFunction<void(base::Result<WatchedPtr>)> done) {
    // Owned by the handle; ends its subscription as soon as it is settled.
    struct Wait final : WatchSubscription::Impl {
        base::UniqueFunction<bool(const WatchedObject&)> predicate;
        base::UniqueFunction<void(base::Result<WatchedPtr>)> done;
        WatchSubscription subscription;
        base::Timer timer;
        std::shared_ptr<Wait*> self = std::make_shared<Wait*>(this);
        ~Wait() override { *self = nullptr; }

        void settle(base::Result<WatchedPtr> result) {
            timer.cancel();
            subscription.reset();
            auto callback = std::move(done);
            done.reset();
            if (callback) callback(std::move(result));  // may drop this
        }
        void look_at(const WatchedPtr& object) {
            if (done && predicate(*object)) settle(object);
        }
    };
    auto wait = std::make_unique<Wait>();
    wait->predicate = std::move(predicate);
    wait->done = std::move(done);
    const auto self = wait->self;
    WatchCallbacks callbacks;
    callbacks.on_synced = [self](const WatchedObjects& all, bool) {
        const std::vector<WatchedPtr> objects = [&] {
            std::vector<WatchedPtr> list;
            for (const auto& [key, object] : all) list.push_back(object);
            return list;
        }();
        for (const WatchedPtr& object : objects) {
            if (*self) (*self)->look_at(object);
        }
    };
    callbacks.on_event = [self](WatchChange change, const WatchedPtr& object) {
        if (*self && change != WatchChange::deleted) (*self)->look_at(object);
    };
    callbacks.on_state = [self](const WatchState& state) {
        if (*self && state.phase == WatchPhase::stopped) (*self)->settle(base::fail(state.error));
    };
    wait->subscription = subscribe(spec, std::move(callbacks));
    wait->timer = scheduler_.after(timeout_ms, [self] {
        if (*self) (*self)->settle(base::fail(base::ErrorCode::timed_out, "It did not happen in time", "Look at the object's conditions and events"));
    });
    return WatchSubscription(std::move(wait));
}

WatchManager::WatchManager(HttpClient& http, base::Scheduler& scheduler, base::Random& random, StreamLink& link, Options options)
    : impl_(std::make_shared<Impl>(http, scheduler, random, link, std::move(options))) {}
WatchManager::~WatchManager() { impl_->close(); }
WatchSubscription WatchManager::subscribe(const WatchSpec& spec, WatchCallbacks callbacks) { return impl_->subscribe(spec, std::move(callbacks)); }
WatchSubscription WatchManager::wait_for(const WatchSpec& spec, base::UniqueFunction<bool(const WatchedObject&)> predicate, std::int64_t timeout_ms,
                                         base::UniqueFunction<void(base::Result<WatchedPtr>)> done) {
    return impl_->wait_for(spec, std::move(predicate), timeout_ms, std::move(done));
}
void WatchManager::clear() { impl_->clear(); }
void WatchManager::wake() { impl_->wake(); }
std::vector<WatchManager::Status> WatchManager::list() const { return impl_->list(); }
std::uint64_t WatchManager::ignored_frames() const { return impl_->ignored_frames(); }
base::Json WatchManager::status() const { return impl_->status(); }

}  // namespace net
