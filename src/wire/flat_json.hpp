// FlatJson: the top-level members of one JSON object, read in order without building anything. For the hot streams (log
// lines, watch events), where a DOM would cost ten times the bytes.
//
//   wire::FlatJson fields(payload);
//   std::string scratch;
//   while (fields.next()) {
//       if (fields.key_is("message")) line.append(fields.string(scratch));
//       else if (fields.key_is("replicas")) replicas = fields.integer().value_or(0);
//       else if (fields.key_is("object")) nested = fields.raw();        // any value as its own JSON text
//   }
//   if (fields.failed()) ...                                             // not one object: what was read so far stands
//
// Promises
//   - For every text that a strict parser accepts as an object, next() yields exactly its members, duplicates and all, in order.
//   - Views point into the text; string() points there too unless the value has escapes, which are resolved into `scratch`.
//   - One pass, no allocation, no recursion: nesting costs a counter. Never reads outside the text.
//   - It is not a validator: inside nested values only strings and the balance of brackets are looked at.
// Fuzzed against nlohmann_json (tests/fuzz/fuzz_flat_json.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wire {

class FlatJson {
public:
    enum class Kind : std::uint8_t { string, number, boolean, null, object, array };

    explicit FlatJson(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

    // Moves to the next member. False at the end of the object, or after an error.
    bool next();
    [[nodiscard]] bool failed() const { return state_ == State::failed; }

    // Of the current member:
    [[nodiscard]] std::string_view raw_key() const { return key_; }  // between the quotes, escapes as they are
    [[nodiscard]] bool key_is(std::string_view name) const;
    [[nodiscard]] std::string_view key(std::string& scratch) const { return key_escaped_ ? unescape(key_, scratch) : key_; }
    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] std::string_view raw() const { return raw_; }  // the value as JSON text, quotes and all
    // Empty for anything but a string.
    [[nodiscard]] std::string_view string(std::string& scratch) const;
    [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
    [[nodiscard]] std::optional<std::int64_t> integer() const;
    [[nodiscard]] std::optional<double> number() const;
    [[nodiscard]] std::optional<bool> boolean() const;

    // The text of a JSON string (without its quotes) with its escapes resolved into `scratch`; the view is of `scratch`. A lone
    // surrogate or a malformed escape becomes U+FFFD.
    [[nodiscard]] static std::string_view unescape(std::string_view text, std::string& scratch);

private:
    friend class FlatArray;
    enum class State : std::uint8_t { before_object, in_object, done, failed };

    bool fail();
    void skip_space();
    [[nodiscard]] bool at(char c) const { return p_ != end_ && *p_ == c; }
    bool read_string(std::string_view& content, bool& escaped);
    bool read_value();
    bool skip_nested();
    bool read_word();
    bool begin_or_comma(char open, char close);
    bool finish();

    const char* p_;
    const char* end_;
    std::string_view key_;
    std::string_view raw_;
    Kind kind_ = Kind::null;
    State state_ = State::before_object;
    bool key_escaped_ = false;
    bool value_escaped_ = false;
};

// The elements of one JSON array, by the same promises.
//
//   wire::FlatArray items(fields.raw());
//   while (items.next()) use(items.raw());
class FlatArray {
public:
    explicit FlatArray(std::string_view text) : scan_(text) {}

    bool next();
    [[nodiscard]] bool failed() const { return scan_.failed(); }
    [[nodiscard]] FlatJson::Kind kind() const { return scan_.kind(); }
    [[nodiscard]] std::string_view raw() const { return scan_.raw(); }

private:
    FlatJson scan_;
};

// One member of a flat object by name (the last of duplicates, as DOM parsers answer), or nothing. For one-off reads.
[[nodiscard]] std::optional<std::string> flat_json_string(std::string_view text, std::string_view name);

}  // namespace wire
