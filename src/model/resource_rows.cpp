#include "model/resource_rows.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace model {

namespace {

constexpr std::size_t kRun = 64;  // rows that are sorted at once before runs are merged

bool is_problem(StatusTone tone) { return tone == StatusTone::warning || tone == StatusTone::bad; }

// Worst first: what one looks for when sorting by status.
int status_rank(StatusTone tone) {
    switch (tone) {
        case StatusTone::bad: return 0;
        case StatusTone::warning: return 1;
        case StatusTone::busy: return 2;
        case StatusTone::good: return 3;
        case StatusTone::none: break;
    }
    return 4;
}

std::string_view cell_of(const ResourceRow& row, std::size_t cell) { return cell < row.cells.size() ? std::string_view(row.cells[cell]) : std::string_view(); }

std::string haystack_of(const ResourceRow& row) {
    std::string all = row.ns + '\n' + row.name + '\n' + row.status.word;
    for (const std::string& cell : row.cells) all += '\n' + cell;
    return base::to_ascii_lower(all);
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (const std::string_view word : base::split(text, ' ')) {
        if (!word.empty()) words.push_back(base::to_ascii_lower(word));
    }
    return words;
}

// Whatever `next` lets through, `before` let through as well.
bool is_narrower(const ResourceFilter& next, const ResourceFilter& before) {
    if (next.only_problems < before.only_problems || next.hide_system < before.hide_system) return false;
    const auto next_words = words_of(next.text);
    const auto words = words_of(before.text);
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return std::any_of(next_words.begin(), next_words.end(), [&](const std::string& longer) { return longer.find(word) != std::string::npos; });
    });
}

}  // namespace

int natural_compare(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t k = 0;
    while (i < a.size() && k < b.size()) {
        if (base::is_ascii_digit(a[i]) && base::is_ascii_digit(b[k])) {
            while (i < a.size() && a[i] == '0') ++i;
            while (k < b.size() && b[k] == '0') ++k;
            std::size_t a_end = i;
            std::size_t b_end = k;
            while (a_end < a.size() && base::is_ascii_digit(a[a_end])) ++a_end;
            while (b_end < b.size() && base::is_ascii_digit(b[b_end])) ++b_end;
            if (a_end - i != b_end - k) return a_end - i < b_end - k ? -1 : 1;
            if (const int order = a.substr(i, a_end - i).compare(b.substr(k, b_end - k)); order != 0) return order;
            i = a_end;
            k = b_end;
            continue;
        }
        const auto x = static_cast<unsigned char>(base::ascii_lower(a[i++]));
        const auto y = static_cast<unsigned char>(base::ascii_lower(b[k++]));
        if (x != y) return x < y ? -1 : 1;
    }
    return static_cast<int>(i < a.size()) - static_cast<int>(k < b.size());
}

void ResourceRows::clear() {
    entries_.clear();
    free_.clear();
    slots_by_key_.clear();
    slots_by_uid_.clear();
    order_.clear();
    job_ = {};
    shown_sort_ = sort_;
    ++version_;
}

int ResourceRows::compare_by_sort(const ResourceRow& a, const ResourceRow& b) const {
    switch (shown_sort_.by) {
        case ResourceSort::By::name: return natural_compare(a.name, b.name);
        case ResourceSort::By::ns: return natural_compare(a.ns, b.ns);
        case ResourceSort::By::age: return a.created_ms == b.created_ms ? 0 : a.created_ms > b.created_ms ? -1 : 1;  // the youngest first
        case ResourceSort::By::status: {
            const int ranks = status_rank(a.status.tone) - status_rank(b.status.tone);
            return ranks != 0 ? ranks : natural_compare(a.status.word, b.status.word);
        }
        case ResourceSort::By::cell: return natural_compare(cell_of(a, shown_sort_.cell), cell_of(b, shown_sort_.cell));
    }
    return 0;
}

bool ResourceRows::before(Slot a, Slot b) const {
    ++work_.compared;
    const ResourceRow& x = entries_[a].row;
    const ResourceRow& y = entries_[b].row;
    const int order = compare_by_sort(x, y);
    if (order != 0) return shown_sort_.descending ? order > 0 : order < 0;
    if (const int names = natural_compare(x.name, y.name); names != 0) return names < 0;
    if (const int spaces = x.ns.compare(y.ns); spaces != 0) return spaces < 0;
    return x.name < y.name;  // names that differ in case or leading zeros alone
}

bool ResourceRows::passes(const Entry& entry) const {
    ++work_.examined;
    if (filter_.only_problems && !is_problem(entry.row.status.tone)) return false;
    if (filter_.hide_system && entry.row.ns.starts_with("kube-")) return false;
    return std::all_of(words_.begin(), words_.end(), [&](const std::string& word) { return entry.haystack.find(word) != std::string::npos; });
}

std::vector<ResourceRows::Slot>::iterator ResourceRows::place_of(Slot slot) {
    return std::lower_bound(order_.begin(), order_.end(), slot, [this](Slot a, Slot b) { return before(a, b); });
}

std::vector<ResourceRows::Slot>::iterator ResourceRows::position_of(Slot slot) {
    // While a job runs order_ is still in its old order, which `before` no longer compares by.
    if (busy()) return std::find(order_.begin(), order_.end(), slot);
    const auto at = place_of(slot);
    return at != order_.end() && *at == slot ? at : std::find(order_.begin(), order_.end(), slot);
}

void ResourceRows::note_change(Slot slot) {
    if (std::exchange(entries_[slot].changed, true)) return;
    job_.changed.push_back(slot);
}

void ResourceRows::show(Slot slot) {
    Entry& entry = entries_[slot];
    if (busy()) return note_change(slot);
    if (!passes(entry)) return;
    order_.insert(place_of(slot), slot);
    entry.shown = true;
}

void ResourceRows::hide(Slot slot) {
    Entry& entry = entries_[slot];
    if (busy()) note_change(slot);
    if (!entry.shown) return;
    if (const auto at = position_of(slot); at != order_.end()) order_.erase(at);
    entry.shown = false;
}

void ResourceRows::put(ResourceRow row) {
    ++version_;
    std::string key = row.key();
    const auto known = slots_by_key_.find(key);
    Slot slot = 0;
    if (known != slots_by_key_.end()) {
        slot = known->second;
        if (!busy()) hide(slot);  // by its old contents; under way it stays where it is until its new place is known
        ResourceRow& old = entries_[slot].row;
        if (old.uid != row.uid) slots_by_uid_.erase(old.uid);
        if (row.cells.empty() && old.uid == row.uid) {  // the old cells stand until the new ones have come
            row.cells = std::move(old.cells);
            row.cells_version = std::move(old.cells_version);
        }
    } else {
        if (free_.empty()) {
            slot = static_cast<Slot>(entries_.size());
            entries_.emplace_back();
        } else {
            slot = free_.back();
            free_.pop_back();
        }
        slots_by_key_.emplace(std::move(key), slot);
    }
    if (!row.uid.empty()) slots_by_uid_[row.uid] = slot;
    Entry& entry = entries_[slot];
    entry.haystack = haystack_of(row);
    entry.row = std::move(row);
    entry.alive = true;
    show(slot);
}

bool ResourceRows::erase(std::string_view key) {
    const auto known = slots_by_key_.find(std::string(key));
    if (known == slots_by_key_.end()) return false;
    ++version_;
    const Slot slot = known->second;
    hide(slot);
    Entry& entry = entries_[slot];
    if (const auto by_uid = slots_by_uid_.find(entry.row.uid); by_uid != slots_by_uid_.end() && by_uid->second == slot) slots_by_uid_.erase(by_uid);
    slots_by_key_.erase(known);
    entry.alive = false;
    entry.row = {};
    // A job may still hold the slot: it is given out again only when the job is over.
    if (!busy()) free_.push_back(slot);
    return true;
}

void ResourceRows::set_cells(std::string_view key, std::vector<std::string> cells, std::string version) {
    const auto known = slots_by_key_.find(std::string(key));
    if (known == slots_by_key_.end()) return;
    Entry& entry = entries_[known->second];
    entry.row.cells_version = std::move(version);
    if (entry.row.cells == cells) return;
    ++version_;
    if (!busy()) hide(known->second);
    entry.row.cells = std::move(cells);
    entry.haystack = haystack_of(entry.row);
    show(known->second);
}

void ResourceRows::set_sort(const ResourceSort& sort) {
    if (sort == sort_) return;
    sort_ = sort;
    start_job(false);
}

void ResourceRows::set_filter(const ResourceFilter& filter) {
    if (filter == filter_) return;
    const bool narrows = !busy() && is_narrower(filter, filter_);
    filter_ = filter;
    words_ = words_of(filter.text);
    start_job(narrows);
}

// From the beginning, whatever was under way.
void ResourceRows::start_job(bool narrows) {
    ++version_;
    for (const Slot slot : job_.changed) {
        entries_[slot].changed = false;
        if (!entries_[slot].alive) free_.push_back(slot);
    }
    job_ = {};
    job_.phase = Job::Phase::filter;
    if (narrows) {
        job_.from = order_;
    } else {
        job_.from.reserve(slots_by_key_.size());
        for (Slot slot = 0; slot < entries_.size(); ++slot) {
            if (entries_[slot].alive) job_.from.push_back(slot);
        }
    }
    // In the order that is wanted already, nothing has to be sorted: a narrowed filter.
    job_.run = narrows ? job_.from.size() : 0;
    if (job_.from.size() <= kSlice) {
        while (step()) {}
    }
}

bool ResourceRows::step() {
    if (job_.phase == Job::Phase::none) return false;
    shown_sort_ = sort_;  // from here on rows compare by the new sort; order_ is only read and thinned out
    if (job_.phase == Job::Phase::filter) {
        const std::size_t end = std::min(job_.from.size(), job_.at + kSliceWork);
        for (; job_.at < end; ++job_.at) {
            const Slot slot = job_.from[job_.at];
            if (entries_[slot].alive && passes(entries_[slot])) job_.into.push_back(slot);
        }
        if (job_.at < job_.from.size()) return true;
        const bool sorted = job_.run > 0 || job_.from.empty();
        job_.from = std::move(job_.into);
        job_.into.clear();
        job_.at = 0;
        if (sorted) {
            finish_job();
            return false;
        }
        job_.phase = Job::Phase::runs;
        return true;
    }
    if (job_.phase == Job::Phase::runs) {
        const std::uint64_t limit = work_.compared + kSliceWork;
        while (job_.at < job_.from.size() && work_.compared < limit) {
            const std::size_t end = std::min(job_.from.size(), job_.at + kRun);
            std::sort(job_.from.begin() + static_cast<std::ptrdiff_t>(job_.at), job_.from.begin() + static_cast<std::ptrdiff_t>(end), [this](Slot a, Slot b) { return before(a, b); });
            job_.at = end;
        }
        if (job_.at < job_.from.size()) return true;
        job_.phase = Job::Phase::merge;
        job_.run = kRun;
        job_.at = job_.left = job_.right = 0;
        if (job_.from.size() > kRun) return true;
        finish_job();
        return false;
    }
    merge_slice();
    return job_.phase != Job::Phase::none;
}

// Merges pairs of runs, into `into`, until the slice's work is done; a pass over all doubles the length of a run. A row that was put or
// erased meanwhile stands no longer where its run has it. It is placed anew at the end; until then it is passed on without being compared, so
// that it holds up none of the rows behind it.
void ResourceRows::merge_slice() {
    const std::uint64_t limit = work_.compared + kSliceWork;
    const std::size_t size = job_.from.size();
    while (work_.compared < limit) {
        if (job_.at >= size) {  // a pass is over
            job_.from.swap(job_.into);
            job_.into.clear();
            job_.run *= 2;
            job_.at = job_.left = job_.right = 0;
            if (job_.run >= size) return finish_job();
        }
        const std::size_t middle = std::min(job_.at + job_.run, size);
        const std::size_t end = std::min(middle + job_.run, size);
        std::size_t left = job_.at + job_.left;
        std::size_t right = middle + job_.right;
        while (left < middle && right < end && work_.compared < limit) {
            const Slot a = job_.from[left];
            const Slot b = job_.from[right];
            const bool take_right = !entries_[a].changed && (entries_[b].changed || before(b, a));
            job_.into.push_back(take_right ? b : a);
            ++(take_right ? right : left);
        }
        job_.left = left - job_.at;
        job_.right = right - middle;
        if (left < middle && right < end) return;  // the slice is over within a pair
        job_.into.insert(job_.into.end(), job_.from.begin() + static_cast<std::ptrdiff_t>(left), job_.from.begin() + static_cast<std::ptrdiff_t>(middle));
        job_.into.insert(job_.into.end(), job_.from.begin() + static_cast<std::ptrdiff_t>(right), job_.from.begin() + static_cast<std::ptrdiff_t>(end));
        job_.at = end;
        job_.left = job_.right = 0;
    }
}

void ResourceRows::finish_job() {
    Job job = std::move(job_);
    job_ = {};
    for (const Slot slot : order_) entries_[slot].shown = false;
    std::erase_if(job.from, [&](Slot slot) { return entries_[slot].changed; });
    order_ = std::move(job.from);
    for (const Slot slot : order_) entries_[slot].shown = true;
    for (const Slot slot : job.changed) {
        entries_[slot].changed = false;
        if (entries_[slot].alive) show(slot);
        else free_.push_back(slot);
    }
    ++version_;
}

const ResourceRow* ResourceRows::find(std::string_view key) const {
    const auto known = slots_by_key_.find(std::string(key));
    return known == slots_by_key_.end() ? nullptr : &entries_[known->second].row;
}

const ResourceRow* ResourceRows::find_uid(std::string_view uid) const {
    const auto known = slots_by_uid_.find(std::string(uid));
    return known == slots_by_uid_.end() || uid.empty() ? nullptr : &entries_[known->second].row;
}

std::optional<std::size_t> ResourceRows::index_of(std::string_view key) const {
    const auto known = slots_by_key_.find(std::string(key));
    if (known == slots_by_key_.end() || !entries_[known->second].shown) return std::nullopt;
    const auto at = const_cast<ResourceRows*>(this)->position_of(known->second);
    if (at == order_.end()) return std::nullopt;
    return static_cast<std::size_t>(at - order_.begin());
}

}  // namespace model
