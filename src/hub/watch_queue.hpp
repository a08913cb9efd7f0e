// WatchQueue: what changed for a client that lags, with one place per object: of five changes of a pod it will be told the last. In the
// order of the latest changes, so that resource versions only rise.
//
//   if (!queue.push(change, key, object)) start_over();     // full
//   while (auto next = queue.pop()) send(next->change, next->object);
//
// What a client makes of it is the same as of all the single changes: added and gone again is nothing, gone and back is both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "wire/watch_store.hpp"

namespace hub {

class WatchQueue {
public:
    using Change = wire::WatchStore::Change;
    struct Item {
        Change change = Change::added;
        wire::StoredObject object;  // its text is the store's: not copied
    };

    explicit WatchQueue(std::size_t limit) : limit_(limit) {}

    // False when `limit` objects wait already: then it is empty again.
    [[nodiscard]] bool push(Change change, const std::string& key, const wire::StoredObject& object) {
        Entry entry;
        if (const auto found = places_.find(key); found != places_.end()) {
            entry = std::move(entries_.extract(found->second).mapped());
            places_.erase(found);
        }
        if (!merge(entry, change, object)) return true;
        if (entries_.size() >= limit_) {
            clear();
            return false;
        }
        entry.key = key;
        places_.emplace(key, next_);
        entries_.emplace(next_++, std::move(entry));
        return true;
    }

    // Oldest first.
    [[nodiscard]] std::optional<Item> pop() {
        if (entries_.empty()) return std::nullopt;
        Entry& entry = entries_.begin()->second;
        Item item;
        if (entry.gone) {
            item = {Change::deleted, *std::exchange(entry.gone, std::nullopt)};
            if (entry.present) {
                entry.is_new = true;
                return item;
            }
        } else {
            item = {entry.is_new ? Change::added : Change::modified, *std::move(entry.present)};
        }
        places_.erase(entry.key);
        entries_.erase(entries_.begin());
        return item;
    }
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    void clear() {
        entries_.clear();
        places_.clear();
    }

private:
    // What the client does not know yet: that the object it has is gone, what is there now, or both in this order.
    struct Entry {
        std::string key;
        std::optional<wire::StoredObject> gone;
        std::optional<wire::StoredObject> present;
        bool is_new = false;  // `present` is an object that the client does not have
    };
    // False when nothing is left to tell.
    static bool merge(Entry& entry, Change change, const wire::StoredObject& object) {
        if (change == Change::deleted) {
            entry.present.reset();
            if (std::exchange(entry.is_new, false)) return entry.gone.has_value();
            entry.gone = object;
            return true;
        }
        if (change == Change::added) entry.is_new = true;  // and stays so whatever changes it sees
        entry.present = object;
        return true;
    }

    std::size_t limit_;
    std::uint64_t next_ = 1;
    std::map<std::uint64_t, Entry> entries_;
    std::map<std::string, std::uint64_t, std::less<>> places_;
};

}  // namespace hub
