// A scripted server and a client in virtual time for the tests of the query client.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "state/query/query_client.hpp"

namespace query_test {

using base::ErrorCode;
using state::FetchStatus;
using state::QueryActivity;
using state::QueryFilter;
using state::QueryKey;
using state::QueryOptions;
using state::QueryResult;
using state::QueryStatus;
using state::RefetchWhen;
using state::SharedJson;

inline base::Error failure(std::string message = "down", ErrorCode code = ErrorCode::unavailable) { return {code, std::move(message), {}}; }

// Calls wait until a test answers them.
class Server {
public:
    struct Call {
        state::QueryContext context;
        state::QueryDone done;
        bool cancelled = false;
        bool answered = false;
    };

    // cancellable: the function hands out work, whose end marks the call as cancelled unless it was answered.
    state::QueryFunction function(bool cancellable = true) {
        return [this, cancellable](const state::QueryContext& context, state::QueryDone done) -> state::QueryWork {
            auto call = std::make_shared<Call>(Call{context, std::move(done)});
            calls.push_back(call);
            if (!cancellable) return {};
            struct Owner {
                std::shared_ptr<Call> call;
                explicit Owner(std::shared_ptr<Call> c) : call(std::move(c)) {}
                Owner(Owner&&) = default;
                Owner(const Owner&) = delete;
                ~Owner() {
                    if (call && !call->answered) call->cancelled = true;
                }
            };
            return Owner(call);
        };
    }
    void answer(std::size_t index, base::Result<SharedJson> result) {
        REQUIRE(index < calls.size());
        calls[index]->answered = true;
        calls[index]->done(std::move(result));
    }
    void answer_last(base::Result<SharedJson> result) { answer(calls.size() - 1, std::move(result)); }
    void fail_last(base::Error error = failure()) { answer_last(base::fail(std::move(error))); }
    [[nodiscard]] std::size_t count() const { return calls.size(); }

    std::vector<std::shared_ptr<Call>> calls;
};

struct Fixture {
    base::testing::VirtualScheduler time;
    Server server;
    state::QueryClient client;
    std::vector<QueryResult> heard;

    explicit Fixture(state::QueryClientOptions options = {}) : client(time, std::move(options)) {}

    QueryOptions query(QueryKey key, bool cancellable = true) { return {.key = std::move(key), .fetch = server.function(cancellable)}; }
    state::QueryObserver watch(QueryOptions options) {
        return client.observe(std::move(options), [this](const QueryResult& result) { heard.push_back(result); });
    }
    state::QueryObserver watch(QueryKey key) { return watch(query(std::move(key))); }
    void run() { time.run_ready(); }
    SharedJson data(const QueryKey& key) const { return client.get_data(key).value_or(SharedJson("absent")); }
};

inline constexpr std::int64_t kMinute = 60'000;

}  // namespace query_test
