// WatchStore: the objects of one watched list, and what changes when an event or a whole new list comes in.
//
//   wire::WatchStore store;
//   store.begin();                                         // a list comes in; what is shown stays
//   store.collect(object); ...
//   store.commit([&](wire::WatchStore::Change change, const std::string& key, const wire::StoredObject& object) { tell(...); });
//   store.apply(object, tell);                             // ADDED and MODIFIED alike
//   store.remove(object, tell);
//
// Promises
//   - One row per namespace and name. An object whose uid differs from the known one of that name is another object: deleted, then added.
//   - The same resourceVersion tells nothing; what is unknown and deleted tells nothing; an unknown MODIFIED is an addition.
//   - commit() swaps first and then tells the difference only: rows that are as they were keep their text (and its address).
//   - With `ordered_versions` an event that is older than what is known of the same object is dropped. A list is always believed: after
//     a restored backup its versions are lower.
//   - Between begin() and commit() events belong to the list that comes in.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/watch_object.hpp"

namespace wire {

struct StoredObject {
    std::string uid;
    std::string resource_version;
    std::shared_ptr<const std::string> json;  // WatchObject::json
};

class WatchStore {
public:
    enum class Change : std::uint8_t { added, modified, deleted };
    using Objects = std::map<std::string, StoredObject, std::less<>>;

    explicit WatchStore(bool ordered_versions = false) : ordered_versions_(ordered_versions) {}

    // "namespace/name", for kinds without namespaces "/name".
    [[nodiscard]] static std::string key_of(const WatchObject& object) {
        std::string key;
        key.reserve(object.ns.size() + 1 + object.name.size());
        key.append(object.ns).append("/").append(object.name);
        return key;
    }

    [[nodiscard]] const Objects& objects() const { return objects_; }
    // Of the objects' texts, those of a list under way included.
    [[nodiscard]] std::size_t bytes() const { return bytes_ + fresh_bytes_; }
    [[nodiscard]] bool collecting() const { return collecting_; }

    // Drops what an earlier begin() without commit() has collected.
    void begin() {
        fresh_.clear();
        fresh_bytes_ = 0;
        collecting_ = true;
    }
    void collect(const WatchObject& object) {
        StoredObject& entry = fresh_[key_of(object)];
        if (entry.json) fresh_bytes_ -= entry.json->size();
        entry = stored(object);
        // Its text is here already in nearly all cases: a list that comes in again costs no second copy.
        if (const auto known = objects_.find(key_of(object)); known != objects_.end() && is_same(known->second, object)) entry.json = known->second.json;
        else entry.json = std::make_shared<const std::string>(object.json);
        fresh_bytes_ += entry.json->size();
    }
    template <class Tell>
    void commit(Tell&& tell);

    template <class Tell>
    void apply(const WatchObject& object, Tell&& tell);
    // `object` is the last state, as DELETED carries it.
    template <class Tell>
    void remove(const WatchObject& object, Tell&& tell);

private:
    static bool is_same(const StoredObject& known, const WatchObject& object) {
        return known.uid == object.uid && known.resource_version == object.resource_version;
    }
    static bool is_other(const StoredObject& known, std::string_view uid) { return !known.uid.empty() && !uid.empty() && known.uid != uid; }
    static StoredObject stored(const WatchObject& object) { return {std::string(object.uid), std::string(object.resource_version), nullptr}; }

    Objects objects_;
    Objects fresh_;
    std::size_t bytes_ = 0;
    std::size_t fresh_bytes_ = 0;
    bool collecting_ = false;
    bool ordered_versions_;
};

template <class Tell>
void WatchStore::commit(Tell&& tell) {
    collecting_ = false;
    const Objects old = std::exchange(objects_, std::exchange(fresh_, {}));
    bytes_ = std::exchange(fresh_bytes_, 0);
    auto before = old.begin();
    auto after = objects_.begin();
    while (before != old.end() || after != objects_.end()) {
        const int order = before == old.end() ? 1 : after == objects_.end() ? -1 : before->first.compare(after->first);
        if (order < 0) {
            tell(Change::deleted, before->first, before->second);
        } else if (order > 0) {
            tell(Change::added, after->first, after->second);
        } else if (is_other(before->second, after->second.uid)) {
            tell(Change::deleted, before->first, before->second);
            tell(Change::added, after->first, after->second);
        } else if (before->second.resource_version != after->second.resource_version) {
            tell(Change::modified, after->first, after->second);
        }
        if (order <= 0) ++before;
        if (order >= 0) ++after;
    }
}

template <class Tell>
void WatchStore::apply(const WatchObject& object, Tell&& tell) {
    if (collecting_) return collect(object);
    const std::string key = key_of(object);
    auto found = objects_.find(key);
    Change change = Change::added;
    if (found != objects_.end()) {
        if (is_other(found->second, object.uid)) {
            bytes_ -= found->second.json->size();
            const StoredObject gone = std::move(found->second);
            objects_.erase(found);
            tell(Change::deleted, key, gone);
            found = objects_.end();
        } else {
            if (found->second.resource_version == object.resource_version) return;
            if (ordered_versions_ && is_older_version(object.resource_version, found->second.resource_version)) return;
            bytes_ -= found->second.json->size();
            change = Change::modified;
        }
    }
    if (found == objects_.end()) found = objects_.emplace(key, StoredObject{}).first;
    found->second = stored(object);
    found->second.json = std::make_shared<const std::string>(object.json);
    bytes_ += object.json.size();
    tell(change, key, found->second);
}

template <class Tell>
void WatchStore::remove(const WatchObject& object, Tell&& tell) {
    const std::string key = key_of(object);
    Objects& objects = collecting_ ? fresh_ : objects_;
    const auto found = objects.find(key);
    if (found == objects.end() || is_other(found->second, object.uid)) return;  // the successor lives on
    // With ordered versions even a deletion can be of the past: the object has been seen since.
    if (!collecting_ && ordered_versions_ && is_older_version(object.resource_version, found->second.resource_version)) return;
    (collecting_ ? fresh_bytes_ : bytes_) -= found->second.json->size();
    objects.erase(found);
    if (collecting_) return;
    StoredObject gone = stored(object);
    gone.json = std::make_shared<const std::string>(object.json);
    tell(Change::deleted, key, gone);
}

}  // namespace wire
