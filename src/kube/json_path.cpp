#include "kube/json_path.hpp"

#include <algorithm>
#include <optional>

#include "base/json.hpp"
#include "base/text.hpp"

namespace kube {
namespace {

bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '/';
}

const Json* member_of(const Json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(name);
    return it == object.end() ? nullptr : &*it;
}

}  // namespace

class JsonPath::Parser {
public:
    explicit Parser(std::string_view text) : rest_(text) {}

    base::Result<JsonPath> run() {
        if (rest_.size() > kMaxJsonPathBytes) return wrong("is longer than 512 bytes");
        rest_ = base::trim(rest_);
        if (rest_.starts_with('{') && rest_.ends_with('}')) rest_ = rest_.substr(1, rest_.size() - 2);
        take('$');
        if (rest_.empty()) return wrong("is empty");
        JsonPath path;
        while (!rest_.empty()) {
            auto step = take('.') ? dotted() : take('[') ? bracketed() : std::nullopt;
            if (!step) return wrong("cannot be read at \"" + std::string(rest_.substr(0, 20)) + "\"");
            path.steps_.push_back(std::move(*step));
        }
        return path;
    }

private:
    static std::unexpected<base::Error> wrong(std::string why) {
        return base::fail(base::ErrorCode::invalid_argument, "the JSON path " + std::move(why));
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }

    // Letters, digits, `_`, `-`, `/`, and anything after a backslash.
    std::optional<std::string> name() {
        std::string out;
        while (!rest_.empty()) {
            if (rest_.front() == '\\' && rest_.size() > 1) {
                rest_.remove_prefix(1);
            } else if (!is_name_byte(rest_.front())) {
                break;
            }
            out += rest_.front();
            rest_.remove_prefix(1);
        }
        if (out.empty()) return std::nullopt;
        return out;
    }

    // Between a pair of ' or ".
    std::optional<std::string> quoted() {
        const char mark = rest_.empty() ? '\0' : rest_.front();
        if (mark != '\'' && mark != '"') return std::nullopt;
        std::string out;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == mark) {
                rest_.remove_prefix(i + 1);
                return out;
            }
            if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
            out += rest_[i];
        }
        return std::nullopt;
    }

    std::optional<Step> dotted() {
        Step step;
        if (take('*')) {
            step.kind = Step::Kind::all;
            return step;
        }
        auto found = name();
        if (!found) return std::nullopt;
        step.name = std::move(*found);
        return step;
    }

    std::optional<Step> bracketed() {
        Step step;
        if (take('*')) {
            step.kind = Step::Kind::all;
        } else if (take("?(")) {
            if (!filter(step) || !take(')')) return std::nullopt;
        } else if (auto text = quoted()) {
            step.name = std::move(*text);
        } else {
            const auto end = rest_.find(']');
            const auto number = base::parse_integer<long>(rest_.substr(0, end == std::string_view::npos ? 0 : end));
            if (!number || *number > 1'000'000 || *number < -1'000'000) return std::nullopt;
            step.kind = Step::Kind::index;
            step.index = *number;
            rest_.remove_prefix(end);
        }
        if (!take(']')) return std::nullopt;
        return step;
    }

    bool filter(Step& step) {
        step.kind = Step::Kind::filter;
        if (!take('@')) return false;
        while (take('.')) {
            auto part = name();
            if (!part) return false;
            step.filter_path.push_back(std::move(*part));
        }
        rest_ = base::trim(rest_);
        step.equal = take("==");
        if (!step.equal && !take("!=")) return false;
        rest_ = base::trim(rest_);
        if (auto text = quoted()) {
            step.value = std::move(*text);
        } else {
            const auto end = std::min(rest_.find(')'), rest_.size());
            auto value = base::parse_json(base::trim(rest_.substr(0, end)), {.max_bytes = kMaxJsonPathBytes, .max_depth = 1});
            if (!value || value->is_structured()) return false;
            step.value = std::move(*value);
            rest_.remove_prefix(end);
        }
        rest_ = base::trim(rest_);
        return true;
    }

    std::string_view rest_;
};

base::Result<JsonPath> JsonPath::parse(std::string_view text) { return Parser(text).run(); }

std::vector<const Json*> JsonPath::find(const Json& object) const {
    std::vector<const Json*> here{&object};
    for (const Step& step : steps_) {
        std::vector<const Json*> next;
        const auto add = [&](const Json* value) {
            if (value && next.size() < kMaxJsonPathResults) next.push_back(value);
        };
        for (const Json* value : here) {
            if (step.kind == Step::Kind::name) {
                add(member_of(*value, step.name));
            } else if (step.kind == Step::Kind::index) {
                const long size = value->is_array() ? static_cast<long>(value->size()) : 0;
                const long at = step.index < 0 ? size + step.index : step.index;
                if (at >= 0 && at < size) add(&(*value)[static_cast<std::size_t>(at)]);
            } else if (value->is_structured()) {
                for (const Json& below : *value) {
                    if (step.kind == Step::Kind::filter) {
                        const Json* compared = &below;
                        for (const auto& part : step.filter_path) compared = compared ? member_of(*compared, part) : nullptr;
                        if (!compared || (*compared == step.value) != step.equal) continue;
                    }
                    add(&below);
                }
            }
        }
        here = std::move(next);
    }
    return here;
}

std::vector<std::string> JsonPath::plain_names() const {
    std::vector<std::string> names;
    for (const Step& step : steps_) {
        if (step.kind != Step::Kind::name) return {};
        names.push_back(step.name);
    }
    return names;
}

}  // namespace kube
