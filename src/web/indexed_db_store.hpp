// IndexedDbStore: hub::DocumentStore on IndexedDB, for the hub in the tab. Each call is one transaction, so compare and swap is
// atomic between tabs too. Answers come in the order of the calls.
//
//   IndexedDbStore::open(scheduler, "binnacle", [](std::unique_ptr<hub::DocumentStore> store, base::Result<void> persistent) { ... });
//
// Where the browser refuses a database the store is one in memory and `persistent` says why.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "base/scheduler.hpp"
#include "hub/document_store.hpp"

namespace web {

class IndexedDbStore final : public hub::DocumentStore {
public:
    using Opened = base::UniqueFunction<void(std::unique_ptr<hub::DocumentStore>, base::Result<void>)>;
    static void open(base::Scheduler& scheduler, const std::string& name, Opened done);

    void get(std::string_view collection, std::string_view id, base::UniqueFunction<void(base::Result<hub::Document>)> done) override;
    void list(std::string_view collection, base::UniqueFunction<void(base::Result<std::vector<hub::Document>>)> done) override;
    void put(std::string_view collection, std::string_view id, std::string json, std::int64_t expected_revision,
             base::UniqueFunction<void(base::Result<std::int64_t>)> done) override;
    void remove(std::string_view collection, std::string_view id, std::int64_t expected_revision,
                base::UniqueFunction<void(base::Result<void>)> done) override;

    // Called by the browser.
    void on_done(int call, int status, std::int64_t revision, std::string text);

private:
    struct Answer {
        int status = 0;
        std::int64_t revision = 0;
        std::string text;
    };
    struct Call {
        int number = 0;
        bool answered = false;
        Answer answer;
        base::UniqueFunction<void(Answer)> done;
    };

    explicit IndexedDbStore(base::Scheduler& scheduler) : scheduler_(scheduler) {}
    int add_call(base::UniqueFunction<void(Answer)> done);
    void deliver();
    static base::Error error_of(const Answer& answer);

    base::Scheduler& scheduler_;
    std::deque<Call> calls_;
    int last_call_ = 0;
    Opened opened_;
    std::unique_ptr<IndexedDbStore> self_;  // until opened
};

}  // namespace web
