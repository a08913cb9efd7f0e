#include "net/watch_store.hpp"

#include <algorithm>

#include "wire/flat_json.hpp"

namespace net {

namespace {

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_same(const WatchedObject& a, const WatchedObject& b) {
    return a.uid == b.uid && !a.resource_version.empty() && a.resource_version == b.resource_version;
}

// Another object that took the place of one that is gone.
bool replaces(const WatchedObject& next, const WatchedObject& old) { return !next.uid.empty() && !old.uid.empty() && next.uid != old.uid; }

struct Metadata {
    WatchedObject identity;
    bool ends_snapshot = false;
};

std::optional<Metadata> read_metadata(std::string_view object) {
    Metadata metadata;
    std::string scratch;
    wire::FlatJson fields(object);
    while (fields.next()) {
        if (!fields.key_is("metadata") || fields.kind() != wire::FlatJson::Kind::object) continue;
        wire::FlatJson inner(fields.raw());
        while (inner.next()) {
            if (inner.key_is("name")) metadata.identity.name = inner.string(scratch);
            else if (inner.key_is("namespace")) metadata.identity.ns = inner.string(scratch);
            else if (inner.key_is("uid")) metadata.identity.uid = inner.string(scratch);
            else if (inner.key_is("resourceVersion")) metadata.identity.resource_version = inner.string(scratch);
            else if (inner.key_is("annotations") && inner.kind() == wire::FlatJson::Kind::object) {
                wire::FlatJson annotations(inner.raw());
                while (annotations.next()) {
                    if (annotations.key_is("k8s.io/initial-events-end")) metadata.ends_snapshot = annotations.string(scratch) == "true";
                }
            }
        }
        if (inner.failed()) return std::nullopt;
    }
    if (fields.failed()) return std::nullopt;
    return metadata;
}

}  // namespace

std::optional<WatchedObject> read_watched(std::string_view text) {
    auto metadata = read_metadata(text);
    if (!metadata || metadata->identity.name.empty()) return std::nullopt;
    metadata->identity.text = text;
    return std::move(metadata->identity);
}

std::optional<WatchFrame> read_watch_frame(std::string_view data) {
    WatchFrame frame;
    std::string scratch;
    std::string type;
    std::string_view object;
    wire::FlatJson fields(data);
    while (fields.next()) {
        if (fields.key_is("type")) type = fields.string(scratch);
        else if (fields.key_is("object") && fields.kind() == wire::FlatJson::Kind::object) object = fields.raw();
        else if (fields.key_is("resourceVersion")) frame.resource_version = fields.string(scratch);
    }
    if (fields.failed() || object.empty()) return std::nullopt;
    auto metadata = read_metadata(object);
    if (!metadata) return std::nullopt;
    if (!metadata->identity.resource_version.empty()) frame.resource_version = metadata->identity.resource_version;
    using enum WatchFrame::Type;
    if (type == "BOOKMARK") {
        frame.type = bookmark;
        frame.ends_snapshot = metadata->ends_snapshot;
        return frame;
    }
    if (type == "ADDED") frame.type = added;
    else if (type == "MODIFIED") frame.type = modified;
    else if (type == "DELETED") frame.type = deleted;
    else return std::nullopt;
    if (metadata->identity.name.empty()) return std::nullopt;
    metadata->identity.text = object;
    frame.object = std::make_shared<WatchedObject>(std::move(metadata->identity));
    return frame;
}

bool is_later_version(std::string_view a, std::string_view b) {
    if (!is_number(a) || !is_number(b)) return a != b;
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    return a.size() != b.size() ? a.size() > b.size() : a > b;
}

void WatchStore::put(WatchedObjects& into, std::size_t& bytes, WatchedPtr object) {
    WatchedPtr& place = into[object->key()];
    if (place) bytes -= place->text.size();
    bytes += object->text.size();
    place = std::move(object);
}

void WatchStore::erase(WatchedObjects& from, std::size_t& bytes, const std::string& key) {
    const auto found = from.find(key);
    if (found == from.end()) return;
    bytes -= found->second->text.size();
    from.erase(found);
}

void WatchStore::begin_snapshot() {
    abandon_snapshot();
    in_snapshot_ = true;
}

void WatchStore::abandon_snapshot() {
    in_snapshot_ = false;
    next_.clear();
    next_bytes_ = 0;
    waiting_.clear();
}

void WatchStore::add_listed(WatchedPtr object) { put(next_, next_bytes_, std::move(object)); }

void WatchStore::note(const WatchFrame& frame) {
    if (frame.type == WatchFrame::Type::deleted) {
        const auto found = next_.find(frame.object->key());
        if (found != next_.end() && !replaces(*frame.object, *found->second)) erase(next_, next_bytes_, frame.object->key());
    } else {
        put(next_, next_bytes_, frame.object);
    }
}

WatchStore::Changes WatchStore::end_snapshot() {
    for (const WatchFrame& frame : std::exchange(waiting_, {})) {
        const auto listed = next_.find(frame.object->key());
        if (listed == next_.end() || is_later_version(frame.object->resource_version, listed->second->resource_version)) note(frame);
    }
    Changes changes;
    for (const auto& [key, object] : all_) {
        const auto next = next_.find(key);
        if (next == next_.end() || replaces(*next->second, *object)) changes.emplace_back(WatchChange::deleted, object);
    }
    for (auto& [key, object] : next_) {
        const auto old = all_.find(key);
        if (old == all_.end() || replaces(*object, *old->second)) changes.emplace_back(WatchChange::added, object);
        else if (is_same(*object, *old->second)) object = old->second;
        else changes.emplace_back(WatchChange::modified, object);
    }
    all_ = std::move(next_);
    bytes_ = next_bytes_;
    abandon_snapshot();
    return changes;
}

WatchStore::Changes WatchStore::apply(const WatchFrame& frame) {
    if (in_snapshot_) {
        if (ordered_) note(frame);
        else waiting_.push_back(frame);
        return {};
    }
    Changes changes;
    const std::string key = frame.object->key();
    const auto found = all_.find(key);
    const WatchedPtr old = found == all_.end() ? nullptr : found->second;
    if (frame.type == WatchFrame::Type::deleted) {
        if (!old || replaces(*frame.object, *old)) return changes;
        erase(all_, bytes_, key);
        changes.emplace_back(WatchChange::deleted, frame.object);
        return changes;
    }
    if (old && is_same(*frame.object, *old)) return changes;
    const bool is_new = !old || replaces(*frame.object, *old);
    if (old && is_new) changes.emplace_back(WatchChange::deleted, old);
    put(all_, bytes_, frame.object);
    changes.emplace_back(is_new ? WatchChange::added : WatchChange::modified, frame.object);
    return changes;
}

}  // namespace net
