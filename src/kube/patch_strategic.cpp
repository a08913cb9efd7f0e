#include <algorithm>
#include <set>

#include "kube/api_json.hpp"
#include "kube/patch.hpp"

namespace kube::api {
namespace {

constexpr std::string_view kPatchDirective = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kDeletePrefix = "$deleteFromPrimitiveList/";
constexpr std::string_view kOrderPrefix = "$setElementOrder/";

std::unexpected<base::Error> malformed(std::string message) {
    return base::fail(base::ErrorCode::invalid_argument, "invalid strategic merge patch: " + std::move(message));
}

// A new value has nothing to merge with: its directives mean nothing but must not be stored.
Json without_directives(const Json& value) {
    if (value.is_object()) {
        Json out = Json::object();
        for (const auto& [name, member] : value.items()) {
            if (!name.starts_with('$') && !member.is_null()) out[name] = without_directives(member);
        }
        return out;
    }
    if (value.is_array()) {
        Json out = Json::array();
        for (const Json& item : value) {
            if (view(child(item, kPatchDirective)).empty()) out.push_back(without_directives(item));
        }
        return out;
    }
    return value;
}

base::Result<Json> merge(const Schema::Type& type, Json target, const Json& patch);

Json* find_item(Json& list, const Json& item, const std::vector<std::string>& keys) {
    const auto it = std::find_if(list.begin(), list.end(), [&](const Json& have) { return same_item(have, item, keys); });
    return it == list.end() ? nullptr : &*it;
}

// Strategic patches know one merge key per list; the further keys of apply tell items apart only when the patch gives them.
std::vector<std::string> merge_keys(const Schema::Type& type, const Json& item) {
    std::vector<std::string> keys{type.keys.front()};
    for (std::size_t i = 1; i < type.keys.size(); ++i) {
        if (child(item, type.keys[i])) keys.push_back(type.keys[i]);
    }
    return keys;
}

base::Result<Json> merge_keyed_list(const Schema::Type& type, Json target, const Json& patch, const std::string& name) {
    if (!target.is_array()) target = Json::array();
    if (patch.size() > kMaxKeyedItems) return malformed(name + " has too many items");
    for (const Json& item : patch) {
        if (item.is_object() && view(child(item, kPatchDirective)) == "replace" && item.size() == 1) {
            Json fresh = Json::array();
            for (const Json& other : patch) {
                if (&other != &item) fresh.push_back(without_directives(other));
            }
            return fresh;
        }
    }
    for (const Json& item : patch) {
        if (!item.is_object() || !child(item, type.keys.front())) {
            return malformed("an item of " + name + " does not contain declared merge key: " + type.keys.front());
        }
        const auto keys = merge_keys(type, item);
        Json* have = find_item(target, item, keys);
        const std::string_view directive = view(child(item, kPatchDirective));
        if (directive == "delete") {
            std::erase_if(target.get_ref<Json::array_t&>(), [&](const Json& other) { return same_item(other, item, keys); });
        } else if (!directive.empty() && directive != "replace" && directive != "merge") {
            return malformed("unknown $patch directive \"" + std::string(directive.substr(0, 40)) + "\"");
        } else if (!have) {
            target.push_back(without_directives(Json(item)));
            target.back().erase(std::string(kPatchDirective));
        } else if (directive == "replace") {
            *have = without_directives(item);
        } else {
            auto merged = merge(*type.item, std::move(*have), item);
            if (!merged) return merged;
            *have = std::move(*merged);
        }
    }
    return target;
}

base::Result<Json> merge_set(Json target, const Json& patch, const std::string& name) {
    if (!target.is_array()) target = Json::array();
    if (patch.size() > kMaxKeyedItems) return malformed(name + " has too many items");
    for (const Json& value : patch) {
        if (std::find(target.begin(), target.end(), value) == target.end()) target.push_back(value);
    }
    return target;
}

// Items named in `order` take its order among the places they have; the others stay where they are.
void reorder(const Schema::Type& type, Json& list, const Json& order) {
    if (!list.is_array() || !order.is_array()) return;
    const auto rank_of = [&](const Json& item) -> std::size_t {
        for (std::size_t i = 0; i < order.size(); ++i) {
            const bool same = type.keys.empty() ? order[i] == item : same_item(order[i], item, merge_keys(type, order[i]));
            if (same) return i;
        }
        return order.size();
    };
    std::vector<std::pair<std::size_t, std::size_t>> ranked;  // rank, place
    for (std::size_t place = 0; place < list.size(); ++place) {
        if (const auto rank = rank_of(list[place]); rank < order.size()) ranked.emplace_back(rank, place);
    }
    auto sorted = ranked;
    std::sort(sorted.begin(), sorted.end());  // places differ: items of the same rank keep their order
    Json out = list;
    for (std::size_t i = 0; i < ranked.size(); ++i) out[ranked[i].second] = list[sorted[i].second];
    list = std::move(out);
}


base::Result<Json> merge_member(const Schema::Type& type, Json target, const Json& patch, const std::string& name) {
    if (patch.is_object()) return merge(type, std::move(target), patch);
    if (!patch.is_array()) return patch;
    if (!type.keys.empty()) return merge_keyed_list(type, std::move(target), patch, name);
    if (type.is_set) return merge_set(std::move(target), patch, name);
    return without_directives(patch);
}

base::Result<Json> merge(const Schema::Type& type, Json target, const Json& patch) {
    const std::string_view directive = view(child(patch, kPatchDirective));
    if (directive == "replace") return without_directives(patch);
    if (directive == "delete") return Json::object();
    if (!directive.empty() && directive != "merge") {
        return malformed("unknown $patch directive \"" + std::string(directive.substr(0, 40)) + "\"");
    }
    if (!target.is_object()) target = Json::object();
    if (const Json* retained = child(patch, kRetainKeys)) {
        if (!retained->is_array()) return malformed("$retainKeys is not a list");
        std::set<std::string_view> kept;
        for (const Json& key : *retained) kept.insert(view(&key));
        std::erase_if(target.get_ref<Json::object_t&>(), [&](const auto& member) { return !kept.contains(member.first); });
    }
    for (const auto& [name, value] : patch.items()) {
        if (name.starts_with(kDeletePrefix)) {
            const auto it = target.find(name.substr(kDeletePrefix.size()));
            if (!value.is_array() || value.size() > kMaxKeyedItems) return malformed(name + " is not a short list");
            if (it == target.end() || !it->is_array()) continue;
            std::erase_if(it->get_ref<Json::array_t&>(),
                          [&](const Json& item) { return std::find(value.begin(), value.end(), item) != value.end(); });
        } else if (name.starts_with('$')) {
            continue;
        } else if (value.is_null()) {
            target.erase(name);
        } else {
            Json& member_value = target[name];
            auto merged = merge_member(type.field(name), std::move(member_value), value, name);
            if (!merged) return merged;
            target[name] = std::move(*merged);
        }
    }
    for (const auto& [name, order] : patch.items()) {
        if (!name.starts_with(kOrderPrefix)) continue;
        const std::string field = name.substr(kOrderPrefix.size());
        const auto it = target.find(field);
        if (it != target.end() && it->size() <= kMaxKeyedItems && order.size() <= kMaxKeyedItems) reorder(type.field(field), *it, order);
    }
    return target;
}

}  // namespace

base::Result<Json> apply_strategic_merge_patch(const Schema::Type& type, Json target, const Json& patch) {
    if (!patch.is_object()) return malformed("not an object");
    return merge(type, std::move(target), patch);
}

}  // namespace kube::api
