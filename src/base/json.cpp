#include "base/json.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include "base/json_check.hpp"
#include "base/text.hpp"

namespace base {

namespace {

// Stops at the depth limit or the first error.
class Checker : public nlohmann::json_sax<Json> {
public:
    explicit Checker(std::size_t max_depth) : max_depth_(max_depth) {}

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return deeper(); }
    bool start_array(std::size_t) override { return deeper(); }
    bool end_object() override { return higher(); }
    bool end_array() override { return higher(); }
    bool key(string_t&) override { return true; }
    // The position only: the text around it may be somebody's password.
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        error = "not valid JSON at byte " + std::to_string(position);
        return false;
    }

    std::string error;

protected:
    bool deeper() {
        if (depth_ == max_depth_) {
            error = "nested deeper than " + std::to_string(max_depth_) + " levels";
            return false;
        }
        ++depth_;
        return true;
    }
    bool higher() {
        --depth_;
        return true;
    }

private:
    std::size_t max_depth_;
    std::size_t depth_ = 0;
};

// Builds the DOM from parser events.
class DomBuilder final : public Checker {
public:
    using Checker::Checker;

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t&) override { return put(value); }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::value_t::object); }
    bool start_array(std::size_t) override { return open(Json::value_t::array); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        slot_ = &(*open_.back()->get_ptr<Json::object_t*>())[std::move(name)];
        return true;
    }

    Json root;

private:
    template <class T>
    bool put(T&& value) {
        (void)place(Json(std::forward<T>(value)));
        return true;
    }
    bool open(Json::value_t type) {
        if (!deeper()) return false;
        // The pointer stays good: while a container is open its parent gets no further member.
        open_.push_back(place(Json(type)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return higher();
    }
    Json* place(Json value) {
        if (open_.empty()) {
            root = std::move(value);
            return &root;
        }
        if (auto* array = open_.back()->get_ptr<Json::array_t*>()) {
            array->push_back(std::move(value));
            return &array->back();
        }
        *slot_ = std::move(value);
        return slot_;
    }

    std::vector<Json*> open_;
    Json* slot_ = nullptr;  // the member whose key was read last
};

Result<void> read_json(std::string_view text, const JsonLimits& limits, Checker& reader) {
    if (text.size() > limits.max_bytes) {
        return fail(ErrorCode::too_large, "JSON of " + human_bytes(text.size()) + " is over the limit of " + human_bytes(limits.max_bytes));
    }
    // nlohmann takes a NUL for the end of the input and would not see what follows it.
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
        return fail(ErrorCode::invalid_argument, "not valid JSON at byte " + std::to_string(nul + 1));
    }
    if (!Json::sax_parse(text.data(), text.data() + text.size(), &reader)) {
        return fail(ErrorCode::invalid_argument, reader.error.empty() ? "not valid JSON" : std::move(reader.error));
    }
    return {};
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
    DomBuilder builder(limits.max_depth);
    if (auto read = read_json(text, limits, builder); !read) return fail(std::move(read.error()));
    return std::move(builder.root);
}

Result<void> check_json(std::string_view text, JsonLimits limits) {
    Checker checker(limits.max_depth);
    return read_json(text, limits, checker);
}

std::string dump_json(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    if (!is_valid_utf8(text)) {
        append_json_string(out, to_valid_utf8(text));
        return;
    }
    out.reserve(out.size() + text.size() + 2);
    out.push_back('"');
    for (const char c : text) {
        switch (c) {
            case '"': out.append("\\\""); break;
            case '\\': out.append("\\\\"); break;
            case '\b': out.append("\\b"); break;
            case '\f': out.append("\\f"); break;
            case '\n': out.append("\\n"); break;
            case '\r': out.append("\\r"); break;
            case '\t': out.append("\\t"); break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out.append("\\u00");
                    out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
                    out.push_back(kHex[static_cast<unsigned char>(c) & 0xF]);
                } else {
                    out.push_back(c);
                }
        }
    }
    out.push_back('"');
}

}  // namespace base
