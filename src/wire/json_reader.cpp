#include "wire/json_reader.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace wire {

namespace {

std::string_view type_word(const Json& value) {
    switch (value.type()) {
        case Json::value_t::null: return "null";
        case Json::value_t::object: return "object";
        case Json::value_t::array: return "array";
        case Json::value_t::string: return "string";
        case Json::value_t::boolean: return "boolean";
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float: return "number";
        case Json::value_t::binary:
        case Json::value_t::discarded: break;
    }
    return "no JSON value";
}

bool plain_key(std::string_view key) {
    return !key.empty() && std::ranges::all_of(key, [](char c) {
        return base::is_ascii_alpha(c) || base::is_ascii_digit(c) || c == '_' || c == '-' || c == '$';
    });
}

}  // namespace

void JsonErrors::add(std::string path, std::string message) {
    Issue issue{std::move(path), std::move(message)};
    if (!issues_.empty() && issues_.back() == issue) return;
    ++count_;
    if (issues_.size() < kMaxIssues) issues_.push_back(std::move(issue));
}

base::Error JsonErrors::to_error(base::ErrorCode code) const {
    constexpr std::size_t kShown = 5;
    std::string text;
    for (std::size_t i = 0; i < issues_.size() && i < kShown; ++i) {
        if (i > 0) text += "; ";
        if (!issues_[i].path.empty()) text += issues_[i].path + ": ";
        text += issues_[i].message;
    }
    if (count_ > kShown) text += "; and " + std::to_string(count_ - kShown) + " more";
    return {code, std::move(text), {}};
}

void JsonReader::fail(std::string message) const {
    if (value_ != nullptr) errors_->add(path_, std::move(message));
}

void JsonReader::fail(std::string_view key, std::string message) const {
    if (value_ != nullptr) errors_->add(path_of(key), std::move(message));
}

bool JsonReader::has(std::string_view key) const { return raw(key) != nullptr; }

const Json* JsonReader::raw(std::string_view key) const {
    if (value_ == nullptr || !value_->is_object()) return nullptr;
    const auto found = value_->find(key);
    return found == value_->end() || found->is_null() ? nullptr : &*found;
}

JsonReader JsonReader::member(std::string_view key) const {
    if (const Json* found = raw(key)) return child(found, path_of(key));
    if (value_ != nullptr && !value_->is_object()) wrong_type("object");
    return child(nullptr, {});
}

std::vector<std::string_view> JsonReader::keys() const {
    std::vector<std::string_view> names;
    const auto* object = value_ ? value_->get_ptr<const Json::object_t*>() : nullptr;
    if (object == nullptr) return names;
    names.reserve(object->size());
    for (const auto& [name, value] : *object) names.push_back(name);
    return names;
}

// "a.b", and a["b.c/d"] for keys that would be misread.
std::string JsonReader::path_of(std::string_view key) const {
    if (!plain_key(key)) {
        std::string path = path_ + "[";
        append_json_string(path, base::utf8_prefix(key, 80));
        return path + "]";
    }
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

JsonReader JsonReader::required(std::string_view key) const {
    JsonReader found = member(key);
    if (!found && value_ != nullptr && value_->is_object()) errors_->add(path_of(key), "required");
    return found;
}

void JsonReader::wrong_type(std::string_view expected) const {
    std::string message = "expected ";
    message.append(expected).append(", got ").append(type_word(*value_));
    errors_->add(path_, std::move(message));
}

const std::string* JsonReader::read_string() const {
    if (value_ == nullptr) return nullptr;
    const auto* text = value_->get_ptr<const Json::string_t*>();
    if (text == nullptr) wrong_type("string");
    return text;
}

std::optional<std::int64_t> JsonReader::read_integer(IntegerRange range) const {
    if (value_ == nullptr) return std::nullopt;
    constexpr double kExact = 9007199254740992.0;  // 2^53
    std::optional<std::int64_t> result;
    bool in_range = true;
    if (const auto* natural = value_->get_ptr<const Json::number_unsigned_t*>()) {
        in_range = *natural <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (in_range) result = static_cast<std::int64_t>(*natural);
    } else if (const auto* integer_value = value_->get_ptr<const Json::number_integer_t*>()) {
        result = *integer_value;
    } else if (const auto* real = value_->get_ptr<const Json::number_float_t*>()) {
        if (std::trunc(*real) == *real) {
            in_range = std::fabs(*real) <= kExact;
            if (in_range) result = static_cast<std::int64_t>(*real);
        }
    } else {
        wrong_type("integer");
        return std::nullopt;
    }
    if (result && (*result < range.min || *result > range.max)) in_range = false;
    if (!in_range) {
        constexpr IntegerRange kAll;
        std::string message = "out of range";
        if (range.min != kAll.min && range.max != kAll.max) {
            message = "expected " + std::to_string(range.min) + " to " + std::to_string(range.max);
        } else if (range.min != kAll.min) {
            message = "expected " + std::to_string(range.min) + " or more";
        } else if (range.max != kAll.max) {
            message = "expected " + std::to_string(range.max) + " or less";
        }
        errors_->add(path_, std::move(message));
        return std::nullopt;
    }
    if (!result) errors_->add(path_, "expected integer, got a fraction");
    return result;
}

std::optional<double> JsonReader::read_number() const {
    if (value_ == nullptr) return std::nullopt;
    if (const auto* natural = value_->get_ptr<const Json::number_unsigned_t*>()) return static_cast<double>(*natural);
    if (const auto* integer_value = value_->get_ptr<const Json::number_integer_t*>()) return static_cast<double>(*integer_value);
    if (const auto* real = value_->get_ptr<const Json::number_float_t*>()) return *real;
    wrong_type("number");
    return std::nullopt;
}

std::optional<bool> JsonReader::read_boolean() const {
    if (value_ == nullptr) return std::nullopt;
    if (const auto* flag = value_->get_ptr<const Json::boolean_t*>()) return *flag;
    wrong_type("boolean");
    return std::nullopt;
}

JsonReader JsonReader::read_object() const {
    if (value_ == nullptr || value_->is_object()) return *this;
    wrong_type("object");
    return child(nullptr, {});
}

JsonArray JsonReader::read_array() const {
    if (value_ == nullptr || value_->is_array()) return JsonArray(*this);
    wrong_type("array");
    return JsonArray(child(nullptr, {}));
}

std::string JsonReader::string(std::string_view key) const {
    const std::string* text = required(key).read_string();
    return text ? *text : std::string();
}
std::string_view JsonReader::string_view(std::string_view key) const {
    const std::string* text = required(key).read_string();
    return text ? std::string_view(*text) : std::string_view();
}
std::string JsonReader::string_or(std::string_view key, std::string_view fallback) const {
    const std::string* text = member(key).read_string();
    return text ? *text : std::string(fallback);
}
std::optional<std::string> JsonReader::optional_string(std::string_view key) const {
    const std::string* text = member(key).read_string();
    return text ? std::optional(*text) : std::nullopt;
}

std::int64_t JsonReader::integer(std::string_view key, IntegerRange range) const {
    return required(key).read_integer(range).value_or(0);
}
std::int64_t JsonReader::integer_or(std::string_view key, std::int64_t fallback, IntegerRange range) const {
    return member(key).read_integer(range).value_or(fallback);
}
std::optional<std::int64_t> JsonReader::optional_integer(std::string_view key, IntegerRange range) const {
    return member(key).read_integer(range);
}

double JsonReader::number(std::string_view key) const { return required(key).read_number().value_or(0.0); }
double JsonReader::number_or(std::string_view key, double fallback) const { return member(key).read_number().value_or(fallback); }
std::optional<double> JsonReader::optional_number(std::string_view key) const { return member(key).read_number(); }

bool JsonReader::boolean(std::string_view key) const { return required(key).read_boolean().value_or(false); }
bool JsonReader::boolean_or(std::string_view key, bool fallback) const { return member(key).read_boolean().value_or(fallback); }
std::optional<bool> JsonReader::optional_boolean(std::string_view key) const { return member(key).read_boolean(); }

JsonReader JsonReader::object(std::string_view key) const { return required(key).read_object(); }
JsonReader JsonReader::optional_object(std::string_view key) const { return member(key).read_object(); }
JsonArray JsonReader::array(std::string_view key) const { return required(key).read_array(); }
JsonArray JsonReader::array_or_empty(std::string_view key) const { return member(key).read_array(); }

std::map<std::string, std::string> JsonReader::string_map(std::string_view key) const {
    std::map<std::string, std::string> out;
    const JsonReader object_reader = optional_object(key);
    for (const std::string_view name : object_reader.keys()) {
        if (!object_reader.has(name)) continue;  // null: as if it were not there
        if (const std::string* text = object_reader.member(name).read_string()) out.emplace(name, *text);
    }
    return out;
}

std::vector<std::string> JsonReader::string_list(std::string_view key) const {
    std::vector<std::string> out;
    for (const JsonReader& element : array_or_empty(key)) {
        if (const std::string* text = element.read_string()) out.push_back(*text);
    }
    return out;
}

std::string JsonReader::as_string() const {
    const std::string* text = read_string();
    return text ? *text : std::string();
}
std::int64_t JsonReader::as_integer(IntegerRange range) const { return read_integer(range).value_or(0); }
double JsonReader::as_number() const { return read_number().value_or(0.0); }
bool JsonReader::as_boolean() const { return read_boolean().value_or(false); }
JsonArray JsonReader::as_array() const { return read_array(); }
bool JsonReader::expect_object() const { return static_cast<bool>(read_object()); }

}  // namespace wire
