#include "model/event_archive.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::string_view kMetaKey = "0";  // before every row: {"schema": newest seen, "owner": user id}
constexpr std::size_t kMaxRowBytes = 64 * 1024;

std::string first_key(int schema) { return std::to_string(schema) + "/"; }
std::string last_key(int schema) { return std::to_string(schema) + "0"; }  // '0' follows '/'

std::string padded(std::int64_t unix_ms) {
    std::string digits = std::to_string(std::max<std::int64_t>(unix_ms, 0));
    return std::string(13 - std::min<std::size_t>(digits.size(), 13), '0') + digits;
}

}  // namespace

template <class F>
auto EventArchive::guard(F function) {
    return [this, alive = std::weak_ptr<char>(alive_), session = session_, function = std::move(function)](auto&&... args) mutable {
        if (!alive.expired() && session == session_) function(std::forward<decltype(args)>(args)...);
    };
}

std::string EventArchive::key_at(std::int64_t unix_ms) { return first_key(kSchema) + padded(unix_ms); }
std::string EventArchive::key_of(const FeedEvent& event) { return key_at(event.time_ms) + "/" + event.id; }

void EventArchive::open(std::string owner, Opened done) {
    ++session_;
    owner_ = std::move(owner);
    newer_kept_ = false;
    newest_schema_ = kSchema;
    most_ = kMaxEvents;
    since_trim_ = 0;
    problem_.clear();
    if (!store_) {
        phase_ = Phase::failed;
        problem_ = "This browser keeps no events for this page";
        scheduler_.post([call = guard(std::move(done))]() mutable { call(base::Result<void>(base::fail(base::ErrorCode::unavailable, "There is no archive"))); });
        return;
    }
    phase_ = Phase::opening;
    store_->read(std::string(kMetaKey), std::string(kMetaKey) + "\x01", 1, guard([this, done = std::move(done)](base::Result<std::vector<EventArchiveStore::Row>> rows) mutable {
        if (!rows) {
            fail(rows.error());
            return done(base::fail(rows.error()));
        }
        std::string owner_there;
        if (!rows->empty()) {
            const auto json = base::parse_json(rows->front().text, {.max_bytes = kMaxRowBytes});
            wire::JsonErrors errors;
            const Json none = Json::object();
            const wire::JsonReader meta(json ? *json : none, errors);
            owner_there = meta.string_or("owner", "");
            newest_schema_ = std::max(kSchema, static_cast<int>(meta.integer_or("schema", kSchema, {.min = 1, .max = 1'000'000})));
        }
        if (!rows->empty() && owner_there != owner_) {
            // Of somebody else who did not get to sign out.
            return store_->clear(guard([this, done = std::move(done)](base::Result<void> cleared) mutable {
                if (!cleared) {
                    fail(cleared.error());
                    return done(base::fail(cleared.error()));
                }
                newest_schema_ = kSchema;
                claim(std::move(done));
            }));
        }
        claim(std::move(done));
    }));
}

void EventArchive::claim(Opened done) {
    newer_kept_ = newest_schema_ > kSchema;
    const std::string meta = base::dump_json({{"schema", newest_schema_}, {"owner", owner_}});
    store_->write({{std::string(kMetaKey), meta}}, true, guard([this, done = std::move(done)](base::Result<void> written) mutable {
        if (!written) {
            fail(written.error());
            return done(base::fail(written.error()));
        }
        phase_ = Phase::open;
        trim();
        if (!waiting_.empty()) flush();
        done({});
    }));
}

void EventArchive::fail(const base::Error& error) {
    phase_ = Phase::failed;
    waiting_.clear();
    timer_.cancel();
    problem_ = error.message;
}

void EventArchive::add(FeedEventPtr event) {
    if (phase_ != Phase::open && phase_ != Phase::opening) return;
    waiting_.push_back(std::move(event));
    if (waiting_.size() > kMaxPending) waiting_.erase(waiting_.begin());
    if (!timer_.pending()) timer_ = scheduler_.after(kWriteDelayMs, [this] { flush(); });
}

void EventArchive::put(std::vector<FeedEventPtr> events) {
    if (phase_ != Phase::open) return;
    flush();  // first those that may be among them
    std::vector<EventArchiveStore::Row> rows;
    for (const FeedEventPtr& event : events) rows.push_back({key_of(*event), base::dump_json(feed_event_to_json(*event))});
    write(std::move(rows), true);
}

void EventArchive::flush() {
    timer_.cancel();
    if (phase_ != Phase::open || waiting_.empty()) return;
    std::vector<EventArchiveStore::Row> rows;
    for (const FeedEventPtr& event : std::exchange(waiting_, {})) rows.push_back({key_of(*event), base::dump_json(feed_event_to_json(*event))});
    since_trim_ += rows.size();
    write(std::move(rows), false);
    if (since_trim_ >= kTrimEvery) trim();
}

void EventArchive::write(std::vector<EventArchiveStore::Row> rows, bool replace) {
    store_->write(std::move(rows), replace, guard([this](base::Result<void> written) {
        if (written) {
            problem_.clear();
            return;
        }
        problem_ = written.error().message;
        if (written.error().code != base::ErrorCode::quota) return fail(written.error());
        // Half of what there is makes room for what comes; this batch is lost.
        most_ = std::max<std::size_t>(most_ / 2, 100);
        trim();
    }));
}

void EventArchive::trim() {
    since_trim_ = 0;
    const std::int64_t now_ms = scheduler_.clock().unix_ms();
    store_->trim(first_key(kSchema), last_key(kSchema), key_at(now_ms - kMaxAgeMs), most_, guard([](base::Result<void>) {}));
}

void EventArchive::read(std::int64_t from_ms, std::size_t most, Found done) {
    if (phase_ != Phase::open) {
        const std::string why = problem_.empty() ? "The archive of events is not open" : problem_;
        scheduler_.post([call = guard(std::move(done)), why]() mutable { call(base::Result<std::vector<FeedEventPtr>>(base::fail(base::ErrorCode::unavailable, why))); });
        return;
    }
    flush();
    store_->read(key_at(from_ms), last_key(kSchema), most, guard([done = std::move(done)](base::Result<std::vector<EventArchiveStore::Row>> rows) mutable {
        if (!rows) return done(base::fail(rows.error()));
        std::vector<FeedEventPtr> events;
        std::set<std::string> known;
        for (std::size_t i = rows->size(); i-- > 0;) {
            const auto json = base::parse_json((*rows)[i].text, {.max_bytes = kMaxRowBytes, .max_depth = 16});
            auto event = json ? feed_event_from_json(*json) : std::nullopt;
            if (event && known.insert(event->id).second) events.push_back(std::make_shared<const FeedEvent>(std::move(*event)));
        }
        done(std::move(events));
    }));
}

void EventArchive::clear() {
    ++session_;
    phase_ = Phase::closed;
    waiting_.clear();
    timer_.cancel();
    problem_.clear();
    newer_kept_ = false;
    if (store_) store_->clear([](base::Result<void>) {});
}

}  // namespace model
