// WatchStore: the objects of one watch as they are known, and what a frame of it says. The pure part of WatchManager.
//
//   store.begin_snapshot();
//   while (auto frame = read_watch_frame(data)) {
//       if (frame->ends_snapshot) for (auto& [change, object] : store.end_snapshot()) tell(change, object);
//       else for (auto& [change, object] : store.apply(*frame)) tell(change, object);
//   }
//
// While a snapshot comes in, the old objects stand; its end swaps, and says the difference. An object that did not change (same uid and
// resourceVersion) stays the same pointer and is not told.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/watch_manager.hpp"

namespace net {

// The data of a `watch` frame: {channel, type, object, resourceVersion?}.
struct WatchFrame {
    enum class Type { added, modified, deleted, bookmark };
    Type type = Type::added;
    std::string resource_version;  // of the object, or the bookmark
    WatchedPtr object;             // null for a bookmark
    bool ends_snapshot = false;    // k8s.io/initial-events-end
};
// Nothing when it is malformed, of an unknown type, or its object has no name.
[[nodiscard]] std::optional<WatchFrame> read_watch_frame(std::string_view data);

// Whether `a` is a later resourceVersion than `b`: as whole numbers of any length where both are (Kubernetes from 1.35 on promises that
// within one resource), else whether they differ.
[[nodiscard]] bool is_later_version(std::string_view a, std::string_view b);

class WatchStore {
public:
    using Changes = std::vector<std::pair<WatchChange, WatchedPtr>>;

    // `ordered`: frames and snapshot come in one order. Else frames that come during the snapshot are kept until its end, and count only if
    // they are later than what was listed.
    explicit WatchStore(bool ordered = true) : ordered_(ordered) {}

    [[nodiscard]] const WatchedObjects& all() const { return all_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_ + next_bytes_; }
    [[nodiscard]] bool in_snapshot() const { return in_snapshot_; }

    // What was begun before is forgotten.
    void begin_snapshot();
    void abandon_snapshot();
    void add_listed(WatchedPtr object);
    [[nodiscard]] Changes end_snapshot();
    // Outside of a snapshot; within one it is only noted. Not for bookmarks.
    [[nodiscard]] Changes apply(const WatchFrame& frame);

private:
    static void put(WatchedObjects& into, std::size_t& bytes, WatchedPtr object);
    static void erase(WatchedObjects& from, std::size_t& bytes, const std::string& key);
    void note(const WatchFrame& frame);

    bool ordered_;
    bool in_snapshot_ = false;
    WatchedObjects all_;
    std::size_t bytes_ = 0;
    WatchedObjects next_;              // of the snapshot under way
    std::size_t next_bytes_ = 0;
    std::vector<WatchFrame> waiting_;  // not ordered: until the list is there
};

}  // namespace net
