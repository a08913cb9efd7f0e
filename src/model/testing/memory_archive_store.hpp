// MemoryArchiveStore: model::EventArchiveStore in memory, answering through the scheduler as the browser's database does. Several archives
// (tabs) may share one; it can be made to fail.
//
//   MemoryArchiveStore store(time);
//   store.fail_next({base::ErrorCode::quota, "disk full", ""});
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/scheduler.hpp"
#include "model/event_archive.hpp"

namespace model::testing {

class MemoryArchiveStore final : public EventArchiveStore {
public:
    explicit MemoryArchiveStore(base::Scheduler& scheduler) : scheduler_(scheduler) {}

    void write(std::vector<Row> rows_in, bool replace, Done done) override {
        answer(std::move(done), [this, rows_in = std::move(rows_in), replace]() mutable {
            for (Row& row : rows_in) {
                if (replace) rows[row.key] = std::move(row.text);
                else rows.try_emplace(row.key, std::move(row.text));
            }
            ++writes;
        });
    }
    void read(std::string from, std::string to, std::size_t most, Rows done) override {
        post([this, from = std::move(from), to = std::move(to), most, done = std::move(done)]() mutable {
            if (auto error = take_failure()) return done(base::fail(std::move(*error)));
            std::vector<Row> found;
            for (auto row = rows.lower_bound(from); row != rows.end() && row->first < to; ++row) found.push_back({row->first, row->second});
            if (found.size() > most) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(most));
            done(std::move(found));
        });
    }
    void trim(std::string from, std::string to, std::string before, std::size_t keep, Done done) override {
        answer(std::move(done), [this, from = std::move(from), to = std::move(to), before = std::move(before), keep] {
            std::erase_if(rows, [&](const auto& row) { return row.first >= from && row.first < to && row.first < before; });
            std::vector<std::string> keys;
            for (auto row = rows.lower_bound(from); row != rows.end() && row->first < to; ++row) keys.push_back(row->first);
            for (std::size_t i = 0; i + keep < keys.size(); ++i) rows.erase(keys[i]);
            ++trims;
        });
    }
    void clear(Done done) override {
        answer(std::move(done), [this] { rows.clear(); });
    }

    void fail_next(base::Error error) { failures_.push_back(std::move(error)); }
    // While true nothing is answered; then everything, in order.
    void hang(bool on) {
        hanging_ = on;
        if (on) return;
        for (auto& task : std::exchange(waiting_, {})) scheduler_.post(std::move(task));
    }
    // Rows but for the meta row.
    [[nodiscard]] std::size_t events() const { return rows.size() - rows.count("0"); }

    std::map<std::string, std::string> rows;
    int writes = 0;
    int trims = 0;

private:
    void post(base::UniqueFunction<void()> task) {
        if (hanging_) waiting_.push_back(std::move(task));
        else scheduler_.post(std::move(task));
    }
    template <class F>
    void answer(Done done, F work) {
        post([this, done = std::move(done), work = std::move(work)]() mutable {
            if (auto error = take_failure()) return done(base::fail(std::move(*error)));
            work();
            done({});
        });
    }
    std::optional<base::Error> take_failure() {
        if (failures_.empty()) return std::nullopt;
        base::Error error = std::move(failures_.front());
        failures_.pop_front();
        return error;
    }

    base::Scheduler& scheduler_;
    std::deque<base::Error> failures_;
    std::vector<base::UniqueFunction<void()>> waiting_;
    bool hanging_ = false;
};

}  // namespace model::testing
