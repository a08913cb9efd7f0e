// IndexedDbStore: hub::DocumentStore on IndexedDB, for the hub in the tab. Each call is one transaction, so compare and swap is
// atomic between tabs too. Answers come in the order of the calls. What holds credentials (hub::holds_credentials) is stored sealed with
// the origin's key, where the browser has one (src/web/js/lib_secrets.js).
//
//   IndexedDbStore::open(scheduler, "binnacle", [](std::unique_ptr<hub::DocumentStore> store, base::Result<void> persistent) { ... });
//
// Where the browser refuses a database the store is one in memory and `persistent` says why; else it is an IndexedDbStore.
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

    ~IndexedDbStore() override;  // closes; calls under way are not answered

    // Where the owner of the data is written down, for guard().
    static constexpr std::string_view kOwnerCollection = "tab";
    static constexpr std::string_view kOwnerId = "owner";
    // From now on every write compares the owner's document with `owner_json`, in its own transaction, and is refused (unavailable) if there is
    // another one: a tab that was frozen and lost the hub meanwhile cannot write over what the new owner did. `refused` runs at each refusal.
    // An empty text ends it.
    void guard(const std::string& owner_json, base::UniqueFunction<void()> refused);
    // For pagehide, when nothing runs afterwards: unguarded, unanswered, committed at once.
    void put_last(std::string_view collection, std::string_view id, const std::string& json);

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
    base::UniqueFunction<void()> refused_;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
    std::unique_ptr<IndexedDbStore> self_;  // until opened
};

}  // namespace web
