// SharedJson: an immutable JSON tree whose copies share their nodes. What the query cache holds and views read.
//
//   auto json = state::SharedJson::parse(body);                       // or SharedJson::from(base::Json)
//   json->member("spec").integer_or("replicas", 1);                   // tolerant: no member, wrong kind -> the fallback
//   for (const state::SharedJson& item : json->member("items").items()) ...
//   state::SharedJson next = json->with_path({"spec", "replicas"}, 3); // copies two nodes; everything else is shared
//   state::same(a, b)                                                  // one comparison: the very same value
//
// Promises
//   - A copy is 16 bytes and a count; scalars need no memory of their own. Every node knows its hash and its depth from the start.
//   - same(a, b) is O(1): equal scalars, or the same node. a == b compares contents; different hashes settle it at once.
//   - share(old, next) is `next`, with every part that equals its counterpart in `old` replaced by that counterpart; all equal gives
//     `old` itself. Array elements that moved are found by their hash. Deeper than kMaxShareDepth values are compared, not merged.
//   - Numbers keep their kind: 1 is not 1.0. Unsigned numbers that fit an int64 are integers, others stay exact up to 2^64-1. NaN and
//     the infinities, which JSON lacks, become null; -0.0 becomes 0.0.
//   - Members are sorted by code point (bytes of UTF-8; JavaScript sorts by UTF-16 units, which differs above U+FFFF). Of duplicate
//     members the last wins. Text is kept as it is: no Unicode normalisation.
//   - Nothing here recurses without a bound: trees of any depth can be built, compared, written and dropped.
//
// Views (string_view, span, references) live as long as the tree they were taken from. Single-threaded.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace state {

class SharedJson {
public:
    enum class Kind : std::uint8_t { null, boolean, integer, unsigned_integer, number, string, array, object };
    struct Member;

    static constexpr std::size_t kMaxShareDepth = 500;

    SharedJson() = default;  // null
    SharedJson(std::nullptr_t) {}
    // Numbers, texts and flags convert, as they do in JSON literals. Not from pointers.
    template <class T>
        requires std::same_as<T, bool>
    SharedJson(T value) : kind_(Kind::boolean) { value_.integer = value ? 1 : 0; }  // NOLINT(google-explicit-constructor)
    template <std::signed_integral T>
    SharedJson(T value) : kind_(Kind::integer) { value_.integer = value; }  // NOLINT(google-explicit-constructor)
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool>)
    SharedJson(T value) { set_unsigned(value); }  // NOLINT(google-explicit-constructor)
    template <std::floating_point T>
    SharedJson(T value) { set_double(static_cast<double>(value)); }  // NOLINT(google-explicit-constructor)
    SharedJson(std::string_view text);                                   // NOLINT(google-explicit-constructor)
    SharedJson(const std::string& text) : SharedJson(std::string_view(text)) {}
    SharedJson(const char* text) : SharedJson(std::string_view(text)) {}
    SharedJson(const SharedJson& other) noexcept : kind_(other.kind_), value_(other.value_) { retain(); }
    SharedJson(SharedJson&& other) noexcept : kind_(other.kind_), value_(other.value_) { other.kind_ = Kind::null; }
    SharedJson& operator=(const SharedJson& other) noexcept {
        SharedJson copy(other);
        swap(copy);
        return *this;
    }
    SharedJson& operator=(SharedJson&& other) noexcept {
        SharedJson moved(std::move(other));
        swap(moved);
        return *this;
    }
    ~SharedJson() {
        if (has_node()) release();
    }
    void swap(SharedJson& other) noexcept {
        std::swap(kind_, other.kind_);
        std::swap(value_, other.value_);
    }

    [[nodiscard]] static SharedJson array(std::vector<SharedJson> items = {});
    [[nodiscard]] static SharedJson object(std::initializer_list<std::pair<std::string_view, SharedJson>> members = {});
    [[nodiscard]] static SharedJson object_of(std::vector<Member> members);
    // Binary values and discarded ones become null.
    [[nodiscard]] static SharedJson from(const base::Json& json);
    [[nodiscard]] static base::Result<SharedJson> parse(std::string_view text, base::JsonLimits limits = {});
    [[nodiscard]] base::Json to_json() const;
    // Canonical JSON: no spaces, members sorted, ill-formed UTF-8 as U+FFFD.
    [[nodiscard]] std::string text() const;
    void append_text(std::string& out) const;

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
    [[nodiscard]] bool is_string() const { return kind_ == Kind::string; }
    [[nodiscard]] bool is_array() const { return kind_ == Kind::array; }
    [[nodiscard]] bool is_object() const { return kind_ == Kind::object; }
    [[nodiscard]] bool is_number() const { return kind_ == Kind::integer || kind_ == Kind::unsigned_integer || kind_ == Kind::number; }
    [[nodiscard]] std::uint64_t hash() const;
    // Nesting of arrays and objects, 0 for scalars; saturates at 65,535.
    [[nodiscard]] std::size_t depth() const;
    // Elements or members; 0 for scalars.
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool empty() const { return size() == 0; }

    // Empty unless it is an array, or an object.
    [[nodiscard]] std::span<const SharedJson> items() const;
    [[nodiscard]] std::span<const Member> members() const;
    // Null pointer when there is no such member, and null the value.
    [[nodiscard]] const SharedJson* find(std::string_view name) const;
    [[nodiscard]] const SharedJson& member(std::string_view name) const;
    [[nodiscard]] const SharedJson& item(std::size_t index) const;

    // The value itself, if it is of that kind. An integral double counts as an integer; any number counts as a number.
    [[nodiscard]] std::string_view string_or(std::string_view fallback) const;
    [[nodiscard]] std::int64_t integer_or(std::int64_t fallback) const;
    [[nodiscard]] double number_or(double fallback) const;
    [[nodiscard]] bool boolean_or(bool fallback) const;
    // The member of that name, if it is of that kind.
    [[nodiscard]] std::string_view string_or(std::string_view name, std::string_view fallback) const { return member(name).string_or(fallback); }
    [[nodiscard]] std::int64_t integer_or(std::string_view name, std::int64_t fallback) const { return member(name).integer_or(fallback); }
    [[nodiscard]] double number_or(std::string_view name, double fallback) const { return member(name).number_or(fallback); }
    [[nodiscard]] bool boolean_or(std::string_view name, bool fallback) const { return member(name).boolean_or(fallback); }

    // Edits: each gives a new tree that shares what did not change; an edit that changes nothing gives the same value.
    // On a value that is not an object, with() starts from an empty one; on a non-array, appended() does.
    [[nodiscard]] SharedJson with(std::string_view name, SharedJson value) const;
    [[nodiscard]] SharedJson without(std::string_view name) const;
    [[nodiscard]] SharedJson with_item(std::size_t index, SharedJson value) const;  // unchanged when out of range
    [[nodiscard]] SharedJson without_item(std::size_t index) const;
    [[nodiscard]] SharedJson appended(SharedJson value) const;
    // Steps: a string names a member (made if missing), an integer an element (out of range: unchanged).
    [[nodiscard]] SharedJson with_path(std::span<const SharedJson> path, SharedJson value) const;
    [[nodiscard]] SharedJson with_path(std::initializer_list<SharedJson> path, SharedJson value) const {
        return with_path(std::span<const SharedJson>(path.begin(), path.size()), std::move(value));
    }
    // Lists of objects, as a watch patches them: replaces the element whose member `name` equals item's, else appends; removes it.
    [[nodiscard]] SharedJson with_item_by(std::string_view name, SharedJson item) const;
    [[nodiscard]] SharedJson without_item_by(std::string_view name, const SharedJson& value) const;

    friend bool same(const SharedJson& a, const SharedJson& b) {
        if (a.kind_ != b.kind_) return false;
        if (a.has_node()) return a.value_.node == b.value_.node;
        if (a.kind_ == Kind::number) return a.value_.number == b.value_.number;
        return a.kind_ == Kind::null || a.value_.integer == b.value_.integer;
    }
    friend bool operator==(const SharedJson& a, const SharedJson& b) { return same(a, b) || (a.has_node() && equal_nodes(a, b)); }

private:
    struct Node;
    friend struct SharedJsonNodes;

    union Value {
        std::int64_t integer = 0;
        std::uint64_t unsigned_integer;
        double number;
        Node* node;
    };

    [[nodiscard]] bool has_node() const { return kind_ >= Kind::string; }
    [[nodiscard]] Node* node() const { return value_.node; }
    void set_unsigned(std::uint64_t value);
    void set_double(double value);
    void retain() const;
    void release() noexcept;
    [[nodiscard]] static bool equal_nodes(const SharedJson& a, const SharedJson& b);

    Kind kind_ = Kind::null;
    Value value_{};
};

struct SharedJson::Member {
    SharedJson name;  // a string
    SharedJson value;
    [[nodiscard]] std::string_view key() const { return name.string_or({}); }
};

[[nodiscard]] SharedJson share(const SharedJson& old, const SharedJson& next);

}  // namespace state
