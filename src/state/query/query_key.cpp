#include "state/query/query_key.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace state {

namespace {

// Brings a part into the one form that equal keys have. Gives the same value when there is nothing to change.
SharedJson normal(const SharedJson& value, std::size_t levels_left) {
    switch (value.kind()) {
        case SharedJson::Kind::string:
            return base::is_valid_utf8(value.string_or({})) ? value : SharedJson(base::to_valid_utf8(value.string_or({})));
        case SharedJson::Kind::number: {
            constexpr double kExact = 9007199254740992.0;  // 2^53
            const double number = value.number_or(0);
            if (std::trunc(number) != number || number < -kExact || number > kExact) return value;
            return SharedJson(static_cast<std::int64_t>(number));
        }
        case SharedJson::Kind::array: {
            if (levels_left == 0) return SharedJson(value.text());
            std::vector<SharedJson> items;
            items.reserve(value.size());
            bool changed = false;
            for (const SharedJson& item : value.items()) {
                items.push_back(normal(item, levels_left - 1));
                changed = changed || !same(items.back(), item);
            }
            return changed ? SharedJson::array(std::move(items)) : value;
        }
        case SharedJson::Kind::object: {
            if (levels_left == 0) return SharedJson(value.text());
            std::vector<SharedJson::Member> members;
            members.reserve(value.size());
            bool changed = false;
            for (const auto& [name, member] : value.members()) {
                members.push_back({normal(name, 0), normal(member, levels_left - 1)});
                changed = changed || !same(members.back().name, name) || !same(members.back().value, member);
            }
            return changed ? SharedJson::object_of(std::move(members)) : value;
        }
        default: return value;
    }
}

}  // namespace

QueryKey::QueryKey(std::initializer_list<SharedJson> parts) {
    std::vector<SharedJson> made;
    made.reserve(parts.size());
    for (const SharedJson& part : parts) made.push_back(normal(part, kMaxDepth - 1));
    parts_ = SharedJson::array(std::move(made));
}

QueryKey QueryKey::from(const SharedJson& parts) {
    if (!parts.is_array()) return QueryKey{parts};
    QueryKey key;
    key.parts_ = normal(parts, kMaxDepth);
    return key;
}

base::Result<QueryKey> QueryKey::parse(std::string_view text) {
    const auto json = SharedJson::parse(text, {.max_bytes = 64 * 1024, .max_depth = kMaxDepth});
    if (!json) return base::fail(json.error());
    if (!json->is_array()) return base::fail(base::ErrorCode::invalid_argument, "a query key is a JSON array");
    return from(*json);
}

QueryKey QueryKey::with(const SharedJson& part) const {
    QueryKey key;
    key.parts_ = parts_.appended(normal(part, kMaxDepth - 1));
    return key;
}

bool QueryKey::matches(const QueryKey& key) const { return partial_match(parts_, key.parts_); }

bool partial_match(const SharedJson& pattern, const SharedJson& value) {
    if (pattern.kind() != value.kind()) return false;
    if (pattern.is_array()) {
        const auto wanted = pattern.items();
        const auto given = value.items();
        if (wanted.size() > given.size()) return false;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (!partial_match(wanted[i], given[i])) return false;
        }
        return true;
    }
    if (pattern.is_object()) {
        for (const auto& [name, wanted] : pattern.members()) {
            const SharedJson* given = value.find(name.string_or({}));
            if (!given || !partial_match(wanted, *given)) return false;
        }
        return true;
    }
    return pattern == value;
}

}  // namespace state
