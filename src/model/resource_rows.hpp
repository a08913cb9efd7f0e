// ResourceRows: the objects of one kind as rows, always sorted and filtered, for lists of 50,000 that change all the time.
//
//   ResourceRows rows;
//   rows.put({.ns = "default", .name = "web", .uid = "1", ...});        // new, or in place of the one of that namespace and name
//   rows.set_filter({.text = "web nginx"});
//   while (rows.step()) {}                                              // usually one slice per task
//   for (std::size_t i = first; i < last; ++i) draw(rows.shown(i));     // only what is visible
//
// Promises
//   - put() and erase() cost O(log n) comparisons and keep the order; nothing else is compared or examined.
//   - A new sort or filter over more than kSlice rows is worked off in slices by step(), each of at most about kSliceWork comparisons or
//     examined rows; until the last one shown() stays in the old order (deleted rows leave it at once). A filter that only narrows looks
//     at the shown rows alone.
//   - work() counts comparisons and examined rows, so that tests can hold the above by counting.
//   - Numbers within texts compare as numbers: "web-2" before "web-10". Rows that compare equal stand by namespace and name.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/resource_kinds.hpp"
#include "net/watch_manager.hpp"

namespace model {

struct ResourceRow {
    std::string ns;
    std::string name;
    std::string uid;
    std::string version;                // resourceVersion
    std::int64_t created_ms = 0;        // unix; 0: not known
    ResourceStatus status;
    std::vector<std::string> cells;     // of the server's table, one per column; empty until they have come
    std::string cells_version;          // the version that they are of
    net::WatchedPtr object;             // the whole; null in tests

    [[nodiscard]] std::string key() const { return ns + '/' + name; }
};

struct ResourceSort {
    enum class By : std::uint8_t { name, ns, age, status, cell };
    By by = By::name;
    std::size_t cell = 0;               // with By::cell
    bool descending = false;
    friend bool operator==(const ResourceSort&, const ResourceSort&) = default;
};

struct ResourceFilter {
    std::string text;                   // words, all of which occur in namespace, name, status or cells; no regard to ASCII case
    bool only_problems = false;         // warning and bad alone
    bool hide_system = false;           // no namespaces kube-*
    friend bool operator==(const ResourceFilter&, const ResourceFilter&) = default;
};

class ResourceRows {
public:
    using Slot = std::uint32_t;
    static constexpr std::size_t kSlice = 2'000;       // lists up to this are sorted at once
    static constexpr std::size_t kSliceWork = 20'000;

    void clear();
    void put(ResourceRow row);
    bool erase(std::string_view key);
    // The row's cells, if it is still there.
    void set_cells(std::string_view key, std::vector<std::string> cells, std::string version);
    void set_sort(const ResourceSort& sort);
    void set_filter(const ResourceFilter& filter);
    [[nodiscard]] const ResourceSort& sort() const { return sort_; }
    [[nodiscard]] const ResourceFilter& filter() const { return filter_; }

    // One slice of a sort or filter under way; true while there is more.
    bool step();
    [[nodiscard]] bool busy() const { return job_.phase != Job::Phase::none; }

    [[nodiscard]] std::size_t size() const { return slots_by_key_.size(); }
    [[nodiscard]] std::size_t shown_size() const { return order_.size(); }
    [[nodiscard]] const ResourceRow& shown(std::size_t index) const { return entries_[order_[index]].row; }
    [[nodiscard]] const ResourceRow* find(std::string_view key) const;
    [[nodiscard]] const ResourceRow* find_uid(std::string_view uid) const;
    // Where the row is shown: O(log n), or a search while a sort is under way.
    [[nodiscard]] std::optional<std::size_t> index_of(std::string_view key) const;
    // Raised by everything that changes what is shown.
    [[nodiscard]] std::uint64_t version() const { return version_; }

    struct Work {
        std::uint64_t compared = 0;
        std::uint64_t examined = 0;
    };
    [[nodiscard]] const Work& work() const { return work_; }

private:
    struct Entry {
        ResourceRow row;
        std::string haystack;   // lower case: what a filter's words are looked for in
        bool alive = false;
        bool shown = false;     // is in order_
        bool changed = false;   // put or erased while a job is under way
    };
    // A merge sort of the filtered rows, bottom up, in slices.
    struct Job {
        enum class Phase : std::uint8_t { none, filter, runs, merge } phase = Phase::none;
        std::vector<Slot> from, into;   // rows to examine, or sorted runs; the merge's output
        std::vector<Slot> changed;      // those of Entry::changed: taken out at the end and placed anew
        std::size_t at = 0;             // next row to examine, or the left run's begin
        std::size_t run = 0;            // length of a run
        std::size_t left = 0, right = 0;// within the two runs being merged
    };
    [[nodiscard]] bool before(Slot a, Slot b) const;
    [[nodiscard]] int compare_by_sort(const ResourceRow& a, const ResourceRow& b) const;
    [[nodiscard]] bool passes(const Entry& entry) const;
    [[nodiscard]] std::vector<Slot>::iterator place_of(Slot slot);
    [[nodiscard]] std::vector<Slot>::iterator position_of(Slot slot);
    void show(Slot slot);
    void hide(Slot slot);
    void note_change(Slot slot);
    void start_job(bool narrows);
    void finish_job();
    void merge_slice();

    std::deque<Entry> entries_;             // a slot is an index; stable
    std::vector<Slot> free_;
    std::unordered_map<std::string, Slot> slots_by_key_;
    std::unordered_map<std::string, Slot> slots_by_uid_;
    std::vector<Slot> order_;
    ResourceSort sort_;
    ResourceSort shown_sort_;               // of order_, while a job is under way
    ResourceFilter filter_;
    std::vector<std::string> words_;        // of the filter, lower case
    Job job_;
    std::uint64_t version_ = 1;
    mutable Work work_;
};

// Negative, 0 or positive; digits compare by their value, everything else by bytes without regard to ASCII case.
[[nodiscard]] int natural_compare(std::string_view a, std::string_view b);

}  // namespace model
