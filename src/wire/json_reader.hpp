// JsonReader: reads JSON that came from outside into typed values, collecting every mistake with its path instead of
// stopping at the first or throwing. It never changes the document and never fails to answer: a wrong or missing member
// gives a neutral value (or the default) and one error.
//
//   auto json = wire::parse_json(body);
//   if (!json) return base::fail(json.error());
//   wire::JsonErrors errors;
//   wire::JsonReader workflow(*json, errors);
//   Workflow out;
//   out.name = workflow.string("name");                                   // required
//   out.description = workflow.string_or("description", "");              // missing or null: the default
//   out.version = workflow.integer_or("version", 1, {.min = 1});
//   for (wire::JsonReader node : workflow.array("nodes")) {
//       Node n;
//       n.id = node.string("id");
//       auto position = node.object("position");
//       n.x = position.number("x");
//       if (auto data = node.optional_object("data")) n.image = data.string_or("image", "");
//       out.nodes.push_back(std::move(n));
//   }
//   if (!errors.empty()) return base::fail(errors.to_error());            // "nodes[3].position.x: expected number, got string"
//
// Rules
//   - xxx(key): required. Missing or null is an error ("required"), a wrong type is an error.
//   - xxx_or(key, fallback), optional_xxx(key): missing and null are the same, and no error; a wrong type is an error.
//   - as_xxx(): the value itself (elements of arrays).
//   - An absent reader (what object("missing") answers) is silent: reading from it adds no further errors.
//   - The document and the JsonErrors must outlive the readers; readers are cheap values.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace wire {

using base::Json;
using base::JsonLimits;
using base::append_json_string;
using base::dump_json;
using base::parse_json;

// As much as a person reads: the first kMaxIssues are kept, all are counted; the same one twice in a
// row (each member read from something that is no object) counts once.
class JsonErrors {
public:
    static constexpr std::size_t kMaxIssues = 20;
    struct Issue {
        std::string path;     // "nodes[3].position.x"; empty for the document itself
        std::string message;  // "expected number, got string"
        friend bool operator==(const Issue&, const Issue&) = default;
    };

    void add(std::string path, std::string message);
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] const std::vector<Issue>& issues() const { return issues_; }
    // "path: message; path: message; and 3 more" with the given code.
    [[nodiscard]] base::Error to_error(base::ErrorCode code = base::ErrorCode::invalid_argument) const;

private:
    std::vector<Issue> issues_;
    std::size_t count_ = 0;
};

struct IntegerRange {
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

class JsonArray;

class JsonReader {
public:
    JsonReader(const Json& value, JsonErrors& errors, std::string path = {})
        : value_(&value), errors_(&errors), path_(std::move(path)) {}

    // Is there a value? False for optional_object() of a missing member, and after an error.
    explicit operator bool() const { return value_ != nullptr; }
    [[nodiscard]] const std::string& path() const { return path_; }
    // The value, for handing on unread parts; null when absent.
    [[nodiscard]] const Json* raw() const { return value_; }
    // Reports a mistake of content ("unknown node type") at this value or at a member.
    void fail(std::string message) const;
    void fail(std::string_view key, std::string message) const;

    // Present and not null. No errors.
    [[nodiscard]] bool has(std::string_view key) const;
    // The member as it is, null pointer when missing, JSON null or not in an object. No errors.
    [[nodiscard]] const Json* raw(std::string_view key) const;
    // The member as a reader, absent when missing or null. No errors.
    [[nodiscard]] JsonReader member(std::string_view key) const;
    // Keys of this object in sorted order; empty for anything else. No errors.
    [[nodiscard]] std::vector<std::string_view> keys() const;

    [[nodiscard]] std::string string(std::string_view key) const;
    [[nodiscard]] std::string string_or(std::string_view key, std::string_view fallback) const;
    [[nodiscard]] std::optional<std::string> optional_string(std::string_view key) const;
    // Without a copy; valid as long as the document.
    [[nodiscard]] std::string_view string_view(std::string_view key) const;

    // A number without fraction (3.0 counts) within the range.
    [[nodiscard]] std::int64_t integer(std::string_view key, IntegerRange range = {}) const;
    [[nodiscard]] std::int64_t integer_or(std::string_view key, std::int64_t fallback, IntegerRange range = {}) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view key, IntegerRange range = {}) const;

    [[nodiscard]] double number(std::string_view key) const;
    [[nodiscard]] double number_or(std::string_view key, double fallback) const;
    [[nodiscard]] std::optional<double> optional_number(std::string_view key) const;

    [[nodiscard]] bool boolean(std::string_view key) const;
    [[nodiscard]] bool boolean_or(std::string_view key, bool fallback) const;
    [[nodiscard]] std::optional<bool> optional_boolean(std::string_view key) const;

    // One of a closed set of words: choice("phase", {{"Running", Phase::running}, ...}). Another word is an error that lists them.
    template <class E>
    [[nodiscard]] E choice(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> words) const {
        return choice_in(key, words, /*required=*/true).value_or(words.begin()->second);
    }
    template <class E>
    [[nodiscard]] E choice_or(std::string_view key, E fallback, std::initializer_list<std::pair<std::string_view, E>> words) const {
        return choice_in(key, words, /*required=*/false).value_or(fallback);
    }

    [[nodiscard]] JsonReader object(std::string_view key) const;
    [[nodiscard]] JsonReader optional_object(std::string_view key) const;
    [[nodiscard]] JsonArray array(std::string_view key) const;
    [[nodiscard]] JsonArray array_or_empty(std::string_view key) const;
    // An object whose values are all strings (labels, annotations, data). Missing or null: empty.
    [[nodiscard]] std::map<std::string, std::string> string_map(std::string_view key) const;
    // An array whose elements are all strings. Missing or null: empty.
    [[nodiscard]] std::vector<std::string> string_list(std::string_view key) const;

    [[nodiscard]] std::string as_string() const;
    [[nodiscard]] std::int64_t as_integer(IntegerRange range = {}) const;
    [[nodiscard]] double as_number() const;
    [[nodiscard]] bool as_boolean() const;
    [[nodiscard]] JsonArray as_array() const;
    // True when it is an object, else an error. For the root, or elements of an array.
    bool expect_object() const;

private:
    JsonReader(const Json* value, JsonErrors* errors, std::string path) : value_(value), errors_(errors), path_(std::move(path)) {}
    friend class JsonArray;

    [[nodiscard]] std::string path_of(std::string_view key) const;
    [[nodiscard]] JsonReader required(std::string_view key) const;
    [[nodiscard]] JsonReader child(const Json* value, std::string path) const { return {value, errors_, std::move(path)}; }
    void wrong_type(std::string_view expected) const;
    [[nodiscard]] const std::string* read_string() const;
    [[nodiscard]] std::optional<std::int64_t> read_integer(IntegerRange range) const;
    [[nodiscard]] std::optional<double> read_number() const;
    [[nodiscard]] std::optional<bool> read_boolean() const;
    [[nodiscard]] JsonReader read_object() const;
    [[nodiscard]] JsonArray read_array() const;

    template <class E>
    [[nodiscard]] std::optional<E> choice_in(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> words,
                                             bool must_be_there) const {
        const JsonReader found = must_be_there ? required(key) : member(key);
        const std::string* word = found.read_string();
        if (word == nullptr) return std::nullopt;
        std::string list;
        for (const auto& [name, value] : words) {
            if (*word == name) return value;
            list.append(list.empty() ? "" : ", ").append(name);
        }
        found.fail("expected one of " + list + ", got '" + word->substr(0, 40) + "'");
        return std::nullopt;
    }

    const Json* value_;
    JsonErrors* errors_;
    std::string path_;
};

// Elements of an array as readers; empty when absent.
class JsonArray {
public:
    class Iterator {
    public:
        Iterator(const JsonArray* array, std::size_t index) : array_(array), index_(index) {}
        JsonReader operator*() const { return (*array_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

    private:
        const JsonArray* array_;
        std::size_t index_;
    };

    explicit JsonArray(JsonReader reader) : reader_(std::move(reader)) {}
    [[nodiscard]] std::size_t size() const { return reader_ ? reader_.raw()->size() : 0; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    // `index` < size().
    [[nodiscard]] JsonReader operator[](std::size_t index) const {
        return reader_.child(&(*reader_.raw())[index], reader_.path() + "[" + std::to_string(index) + "]");
    }
    [[nodiscard]] Iterator begin() const { return {this, 0}; }
    [[nodiscard]] Iterator end() const { return {this, size()}; }
    [[nodiscard]] const std::string& path() const { return reader_.path(); }

private:
    JsonReader reader_;  // on an array, or absent
};

}  // namespace wire
