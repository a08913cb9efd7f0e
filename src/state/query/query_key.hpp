// QueryKey: what a cached answer is filed under. A list of JSON parts, from the general to the particular.
//
//   QueryKey{"workflows", "list", SharedJson::object({{"status", "draft"}})}
//   all.matches(key)           // partial: `all` is a prefix, its objects are subsets
//   key.text()                 // ["workflows","list",{"status":"draft"}]
//
// Promises
//   - Equal keys have equal canonical texts and the other way round: object members sorted by code point at every depth, lists in
//     order, 1 and "1" different, null a value of its own, a missing member missing.
//   - Numbers: 1.0 is 1, as in JavaScript (integral doubles up to 2^53 in size become integers); -0 is 0; NaN and the infinities
//     are null; integers are exact from -2^63 to 2^64-1.
//   - Text is compared byte by byte (no Unicode normalisation); ill-formed UTF-8 becomes U+FFFD first.
//   - Parts nested deeper than kMaxDepth levels count by their text.
//   - Copies are cheap, the hash is computed once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "state/query/shared_json.hpp"

namespace state {

class QueryKey {
public:
    static constexpr std::size_t kMaxDepth = 64;

    QueryKey() : QueryKey(std::initializer_list<SharedJson>{}) {}  // [], a prefix of every key
    QueryKey(std::initializer_list<SharedJson> parts);
    // `parts` of an array; any other value is the only part.
    [[nodiscard]] static QueryKey from(const SharedJson& parts);
    // Canonical or any other JSON text of an array; invalid_argument otherwise.
    [[nodiscard]] static base::Result<QueryKey> parse(std::string_view text);

    [[nodiscard]] std::span<const SharedJson> parts() const { return parts_.items(); }
    [[nodiscard]] const SharedJson& json() const { return parts_; }
    [[nodiscard]] std::string text() const { return parts_.text(); }
    [[nodiscard]] std::uint64_t hash() const { return parts_.hash(); }
    // This key and one more part.
    [[nodiscard]] QueryKey with(const SharedJson& part) const;

    // True if `key` begins with this key's parts; within a part lists match by prefix and objects by subset, at every depth.
    [[nodiscard]] bool matches(const QueryKey& key) const;

    friend bool operator==(const QueryKey& a, const QueryKey& b) { return a.parts_ == b.parts_; }

private:
    SharedJson parts_;
};

// The rule of matches() for one value.
[[nodiscard]] bool partial_match(const SharedJson& pattern, const SharedJson& value);

}  // namespace state
