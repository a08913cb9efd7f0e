// Edits and structural sharing of SharedJson.
#include <algorithm>
#include <unordered_map>

#include "state/query/shared_json.hpp"

namespace state {

namespace {

using Member = SharedJson::Member;

std::vector<SharedJson> copy_items(const SharedJson& value, std::size_t extra = 0) {
    const auto items = value.items();
    std::vector<SharedJson> copy;
    copy.reserve(items.size() + extra);
    copy.assign(items.begin(), items.end());
    return copy;
}
std::vector<Member> copy_members(const SharedJson& value, std::size_t extra = 0) {
    const auto members = value.members();
    std::vector<Member> copy;
    copy.reserve(members.size() + extra);
    copy.assign(members.begin(), members.end());
    return copy;
}

}  // namespace

SharedJson SharedJson::with(std::string_view name, SharedJson value) const {
    if (const SharedJson* old = find(name); old && *old == value) return *this;
    std::vector<Member> next = copy_members(*this, 1);
    const auto at = std::lower_bound(next.begin(), next.end(), name, [](const Member& m, std::string_view n) { return m.key() < n; });
    if (at != next.end() && at->key() == name) {
        at->value = std::move(value);
    } else {
        next.insert(at, {SharedJson(name), std::move(value)});
    }
    return object_of(std::move(next));
}

SharedJson SharedJson::without(std::string_view name) const {
    if (!find(name)) return *this;
    std::vector<Member> next = copy_members(*this);
    std::erase_if(next, [name](const Member& m) { return m.key() == name; });
    return object_of(std::move(next));
}

SharedJson SharedJson::with_item(std::size_t index, SharedJson value) const {
    if (index >= items().size() || items()[index] == value) return *this;
    std::vector<SharedJson> next = copy_items(*this);
    next[index] = std::move(value);
    return array(std::move(next));
}

SharedJson SharedJson::without_item(std::size_t index) const {
    if (index >= items().size()) return *this;
    std::vector<SharedJson> next = copy_items(*this);
    next.erase(next.begin() + static_cast<std::ptrdiff_t>(index));
    return array(std::move(next));
}

SharedJson SharedJson::appended(SharedJson value) const {
    std::vector<SharedJson> next = copy_items(*this, 1);
    next.push_back(std::move(value));
    return array(std::move(next));
}

SharedJson SharedJson::with_path(std::span<const SharedJson> path, SharedJson value) const {
    // Down along the path, then up again with the new values.
    std::vector<SharedJson> on_the_way;
    on_the_way.reserve(path.size());
    SharedJson at = *this;
    for (const SharedJson& step : path) {
        on_the_way.push_back(at);
        if (step.is_string()) {
            at = SharedJson(at.member(step.string_or({})));
        } else {
            const std::int64_t index = step.integer_or(-1);
            if (index < 0 || static_cast<std::uint64_t>(index) >= at.items().size()) return *this;
            at = SharedJson(at.items()[static_cast<std::size_t>(index)]);
        }
    }
    for (std::size_t i = path.size(); i-- > 0;) {
        value = path[i].is_string() ? on_the_way[i].with(path[i].string_or({}), std::move(value))
                                    : on_the_way[i].with_item(static_cast<std::size_t>(path[i].integer_or(0)), std::move(value));
    }
    return value;
}

SharedJson SharedJson::with_item_by(std::string_view name, SharedJson item) const {
    const SharedJson wanted = item.member(name);
    if (wanted.is_null()) return appended(std::move(item));
    const auto all = items();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].member(name) == wanted) return with_item(i, std::move(item));
    }
    return appended(std::move(item));
}

SharedJson SharedJson::without_item_by(std::string_view name, const SharedJson& value) const {
    const auto all = items();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].member(name) == value) return without_item(i);
    }
    return *this;
}

namespace {

SharedJson share_within(const SharedJson& old, const SharedJson& next, std::size_t depth);

SharedJson share_arrays(const SharedJson& old, const SharedJson& next, std::size_t depth) {
    const auto before = old.items();
    const auto after = next.items();
    std::vector<SharedJson> made;
    made.reserve(after.size());
    // Where an element of that hash was; made only when an element is not where it was.
    std::unordered_map<std::uint64_t, std::size_t> places;
    bool changed = before.size() != after.size();
    bool moved_from_next = false;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const bool opposite = i < before.size();
        if (opposite && before[i] == after[i]) {
            made.push_back(before[i]);
        } else {
            changed = true;
            if (places.empty()) {
                for (std::size_t k = before.size(); k-- > 0;) places[before[k].hash()] = k;
            }
            const auto found = places.find(after[i].hash());
            if (found != places.end() && before[found->second] == after[i]) {
                made.push_back(before[found->second]);
            } else if (opposite) {
                made.push_back(share_within(before[i], after[i], depth + 1));
            } else {
                made.push_back(after[i]);
            }
        }
        moved_from_next = moved_from_next || !same(made.back(), after[i]);
    }
    if (!changed) return old;
    return moved_from_next ? SharedJson::array(std::move(made)) : next;
}

SharedJson share_objects(const SharedJson& old, const SharedJson& next, std::size_t depth) {
    std::vector<Member> made;
    made.reserve(next.size());
    bool changed = old.size() != next.size();
    bool moved_from_next = false;
    for (const Member& member : next.members()) {
        const SharedJson* before = old.find(member.key());
        if (!before) {
            changed = true;
            made.push_back(member);
            continue;
        }
        SharedJson value = share_within(*before, member.value, depth + 1);
        changed = changed || !same(value, *before);
        moved_from_next = moved_from_next || !same(value, member.value);
        made.push_back({member.name, std::move(value)});
    }
    if (!changed) return old;
    return moved_from_next ? SharedJson::object_of(std::move(made)) : next;
}

SharedJson share_within(const SharedJson& old, const SharedJson& next, std::size_t depth) {
    if (old == next) return old;
    if (old.kind() != next.kind() || depth >= SharedJson::kMaxShareDepth) return next;
    if (next.is_array()) return share_arrays(old, next, depth);
    if (next.is_object()) return share_objects(old, next, depth);
    return next;
}

}  // namespace

SharedJson share(const SharedJson& old, const SharedJson& next) { return share_within(old, next, 0); }

}  // namespace state
