#include "kube/log_server.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "kube/controllers/object_access.hpp"

namespace kube {
namespace {

constexpr std::int64_t kMillisecond_ns = 1'000'000;
// A follower with no line in sight looks again after this long.
constexpr std::int64_t kLookAgain_ms = 60'000;
// Lines closer together than this go out together.
constexpr std::int64_t kLeastDelay_ms = 20;

bool precedes(const LogPosition& a, const LogPosition& b) { return a.slot != b.slot ? a.slot < b.slot : a.index < b.index; }

}  // namespace

struct LogServer::Follower {
    ObjectKey key;
    std::string container;
    LogRun run;
    LogPosition next;
    std::shared_ptr<net::ResponseWriter> writer;
    bool timestamps = false;
    bool follow = false;
    bool blocked = false;  // the reader lags: on_drain goes on
    bool done = false;
    std::int64_t until_ns = std::numeric_limits<std::int64_t>::max();  // without follow: the moment it was asked
    std::int64_t bytes_left = std::numeric_limits<std::int64_t>::max();
    base::Timer timer;

    void send(const LogLine& line) {
        std::string text = timestamps ? controllers::format_time_nano(line.time_ns) + " " : std::string();
        text += line.text;
        text += '\n';
        if (static_cast<std::int64_t>(text.size()) >= bytes_left) {
            text.resize(static_cast<std::size_t>(bytes_left));
            done = true;
        }
        bytes_left -= static_cast<std::int64_t>(text.size());
        blocked = !writer->write(text);
    }
};

LogServer::LogServer(ObjectStore& store, base::Scheduler& scheduler, double speed)
    : store_(store), scheduler_(scheduler), speed_(speed > 0 ? speed : 1.0) {}

LogServer::~LogServer() = default;

base::Result<void> LogServer::open(const ObjectKey& key, const LogOptions& options, std::shared_ptr<net::ResponseWriter> writer) {
    const ObjectPtr pod = store_.get(key);
    if (!pod) return base::fail(base::ErrorCode::not_found, "pods \"" + key.name + "\" not found");
    auto run = LogRun::of(*pod, options.container, options.previous, speed_);
    if (!run) {
        return base::fail(base::ErrorCode::invalid_argument,
                          options.previous ? "previous terminated container \"" + options.container + "\" in pod \"" + key.name + "\" not found"
                                           : "container \"" + options.container + "\" in pod \"" + key.name + "\" is waiting to start");
    }
    auto follower = std::make_shared<Follower>(Follower{
        .key = key, .container = options.container, .run = std::move(*run), .next = {}, .writer = std::move(writer), .timer = {}});
    follower->timestamps = options.timestamps;
    follower->follow = options.follow && !options.previous;
    if (options.limit_bytes) follower->bytes_left = std::max<std::int64_t>(0, *options.limit_bytes);
    const std::int64_t now = now_ns();
    if (!follower->follow) follower->until_ns = now;
    seek(*follower, options, now);

    follower->writer->start({.status = 200, .headers = {{"Content-Type", "text/plain"}}});
    follower->writer->on_close([this, weak = std::weak_ptr<Follower>(follower)] {
        if (const auto closed = weak.lock()) drop(*closed);
    });
    followers_.push_back(follower);
    if (follower->follow && !subscribed_) {
        subscribed_ = true;
        subscription_ = store_.subscribe("pods", [this](const StoreEvent& event) { observe(event); });
    }
    pump(follower);
    return {};
}

// Where to begin: the history that is kept, without what is too old, and of that the newest tail_lines.
void LogServer::seek(Follower& follower, const LogOptions& options, std::int64_t now) {
    std::int64_t since_ns = std::numeric_limits<std::int64_t>::min();
    if (options.since_seconds) since_ns = now - std::clamp<std::int64_t>(*options.since_seconds, 0, 1'000'000'000) * 1'000'000'000;
    if (options.since_time_ns) since_ns = *options.since_time_ns;
    std::vector<LogPosition> starts;
    LogPosition position = follower.run.history_begin(now);
    while (true) {
        LogPosition after = position;
        const auto line = follower.run.line_at(after, now);
        if (line && line->time_ns >= since_ns) starts.push_back({after.slot, after.index - 1});
        position = after;
        if (!line) break;
    }
    std::size_t wanted = starts.size();
    if (options.tail_lines) wanted = std::min(wanted, static_cast<std::size_t>(std::max<std::int64_t>(0, *options.tail_lines)));
    follower.next = wanted == 0 ? position : starts[starts.size() - wanted];
}

void LogServer::observe(const StoreEvent& event) {
    const auto followers = followers_;
    for (const auto& follower : followers) {
        if (!follower->follow || follower->done || follower->key != event.key) continue;
        auto run = LogRun::of(*event.object, follower->container, false, speed_);
        const bool same = run && run->identity() == follower->run.identity();
        if (same) follower->run = std::move(*run);
        if (!same || event.type == EventType::deleted) follower->run.end(now_ns());
        pump(follower);
    }
}

void LogServer::pump(const std::shared_ptr<Follower>& follower) {
    if (follower->done || follower->blocked) return;
    const std::int64_t until_ns = std::min(now_ns(), follower->until_ns);
    while (!follower->done && !follower->blocked) {
        const auto line = follower->run.line_at(follower->next, until_ns);
        if (!line) break;
        follower->send(*line);
    }
    if (follower->writer->closed()) return drop(*follower);
    if (follower->blocked && !follower->done) return wait_for_reader(follower);
    if (follower->done || !follower->follow || follower->run.has_ended()) {
        const auto writer = follower->writer;
        drop(*follower);
        writer->end();
        return;
    }
    wait_for_line(follower);
}

void LogServer::wait_for_reader(const std::shared_ptr<Follower>& follower) {
    follower->timer.cancel();
    follower->writer->on_drain([this, weak = std::weak_ptr<Follower>(follower)] {
        const auto drained = weak.lock();
        if (!drained || drained->done) return;
        drained->blocked = false;
        const LogPosition oldest = drained->run.history_begin(std::min(now_ns(), drained->until_ns));
        if (drained->follow && precedes(drained->next, oldest)) drained->next = oldest;
        pump(drained);
    });
}

void LogServer::wait_for_line(const std::shared_ptr<Follower>& follower) {
    LogPosition position = follower->next;
    const std::int64_t now = now_ns();
    const auto due_ns = follower->run.next_time_ns(position, now);
    if (!due_ns && follower->run.is_silent_from(follower->next)) return follower->timer.cancel();
    const std::int64_t delay_ms = due_ns ? (*due_ns - now) / kMillisecond_ns + 1 : kLookAgain_ms;
    follower->timer = scheduler_.after(std::clamp(delay_ms, kLeastDelay_ms, kLookAgain_ms), [this, weak = std::weak_ptr<Follower>(follower)] {
        if (const auto due = weak.lock()) pump(due);
    });
}

void LogServer::drop(Follower& follower) {
    follower.done = true;
    follower.timer.cancel();
    std::erase_if(followers_, [&](const auto& each) { return each.get() == &follower; });
    const bool any = std::any_of(followers_.begin(), followers_.end(), [](const auto& each) { return each->follow; });
    if (any) return;
    subscribed_ = false;
    subscription_ = {};
}

}  // namespace kube
