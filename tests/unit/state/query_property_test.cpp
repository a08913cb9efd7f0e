// Random interleavings of everything that starts, joins, cancels and ends fetches.
#include <algorithm>
#include <map>

#include "query_fixture.hpp"

using namespace query_test;

namespace {

// Answers at its own time, counts what runs at once per key.
struct CountingServer {
    base::testing::VirtualScheduler& time;
    std::map<std::string, int> running;
    int most = 0;
    int calls = 0;
    int value = 0;

    state::QueryFunction function(std::int64_t delay_ms, bool fails) {
        return [this, delay_ms, fails](const state::QueryContext& context, state::QueryDone done) -> state::QueryWork {
            ++calls;
            const std::string key = context.key.text();
            most = std::max(most, ++running[key]);
            struct Running {
                CountingServer* server;
                std::string key;
                base::Timer timer;
                Running(CountingServer* s, std::string k) : server(s), key(std::move(k)) {}
                Running(Running&& o) noexcept : server(std::exchange(o.server, nullptr)), key(std::move(o.key)), timer(std::move(o.timer)) {}
                Running(const Running&) = delete;
                void end() {
                    if (server) --server->running[key];
                    server = nullptr;
                }
                ~Running() { end(); }
            };
            auto work = std::make_shared<Running>(this, key);
            // The timer may not own the work, which owns it.
            work->timer = time.after(delay_ms, [this, fails, weak = std::weak_ptr(work), done = std::move(done)]() mutable {
                if (const auto self = weak.lock()) self->end();
                if (fails) {
                    done(base::fail(failure()));
                } else {
                    done(SharedJson(++value));
                }
            });
            return work;
        };
    }
};

}  // namespace

TEST_CASE("one fetch per key at most, under any interleaving of observers, refetches, cancels and signals [F1 F2 F3 O1]") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        base::testing::SeededRandom random(seed);
        const auto pick = [&random](std::uint64_t n) { return random.next_u64() % n; };
        base::testing::VirtualScheduler time;
        CountingServer server{time, {}};
        state::QueryClient client(time);
        std::vector<state::QueryObserver> observers;
        std::vector<state::QueryRequest> requests;
        int answers = 0;
        int asked = 0;
        const auto options = [&] {
            QueryOptions made{.key = {"k", static_cast<int>(pick(3))}, .fetch = server.function(static_cast<std::int64_t>(pick(50)), pick(4) == 0)};
            made.settings.retry_delay_ms = [](int, const base::Error&) -> std::int64_t { return 20; };
            made.settings.stale_ms = static_cast<std::int64_t>(pick(3)) * 30;
            made.settings.gc_ms = static_cast<std::int64_t>(pick(3)) * 40;
            return made;
        };
        const auto some_key = [&] { return pick(3) == 0 ? QueryFilter() : QueryFilter(QueryKey{"k", static_cast<int>(pick(3))}); };
        for (int step = 0; step < 120; ++step) {
            switch (pick(14)) {
                case 0:
                case 1: observers.push_back(client.observe(options(), [](const QueryResult&) {})); break;
                case 2:
                    if (!observers.empty()) observers.erase(observers.begin() + static_cast<std::ptrdiff_t>(pick(observers.size())));
                    break;
                case 3:
                    if (!observers.empty()) observers[pick(observers.size())].set_options(options());
                    break;
                case 4:
                    if (!observers.empty()) observers[pick(observers.size())].refetch({.cancel_running = pick(2) == 0});
                    break;
                case 5: client.invalidate(some_key(), QueryActivity::all); break;
                case 6: client.cancel(some_key(), pick(2) == 0); break;
                case 7: client.reset(some_key()); break;
                case 8: client.remove(some_key()); break;
                case 9: client.set_online(pick(2) == 0); break;
                case 10: client.set_focused(pick(2) == 0); break;
                case 11:
                    ++asked;
                    requests.push_back(client.fetch(options(), [&answers](const base::Result<SharedJson>&) { ++answers; }));
                    break;
                case 12:
                    if (pick(4) == 0) client.clear();
                    break;
                default: time.advance(static_cast<std::int64_t>(pick(30)));
            }
            REQUIRE(server.most <= 1);
            for (const auto& info : client.list_queries()) {
                const int running = server.running[info.key];
                // What runs is known to run, and what nobody runs is not said to be fetched, except between attempts.
                if (running == 1) REQUIRE(info.fetch_status == FetchStatus::fetching);
                if (info.fetch_status == FetchStatus::idle) REQUIRE(running == 0);
            }
        }
        client.set_online(true);
        client.set_focused(true);
        time.advance(10 * kMinute);
        REQUIRE(answers == asked);
        REQUIRE(client.fetching_count() == 0);
        for (const auto& [key, running] : server.running) REQUIRE(running == 0);
        observers.clear();
        time.advance(10 * kMinute);
        REQUIRE(client.list_mutations().empty());
        REQUIRE(client.size() == 0);
    }
}
