#include "kube/selectors.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "kube/api_json.hpp"

namespace kube {
namespace {

bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || base::is_ascii_digit(c); }
bool is_alnum(char c) { return base::is_ascii_alpha(c) || base::is_ascii_digit(c); }

// At most 63 of [A-Za-z0-9_.-], alphanumeric at both ends.
bool is_name_part(std::string_view text) {
    if (text.empty() || text.size() > 63 || !is_alnum(text.front()) || !is_alnum(text.back())) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

base::Result<void> bad(std::string message) { return base::fail(base::ErrorCode::invalid_argument, std::move(message)); }

constexpr std::size_t kMaxRequirements = 1000;

}  // namespace

bool is_dns_label(std::string_view text) {
    if (text.empty() || text.size() > 63 || !is_lower_alnum(text.front()) || !is_lower_alnum(text.back())) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_lower_alnum(c) || c == '-'; });
}

bool is_dns_1035_label(std::string_view text) { return is_dns_label(text) && base::is_ascii_alpha(text.front()); }

bool is_dns_subdomain(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    for (const auto part : base::split(text, '.')) {
        if (part.empty() || !is_lower_alnum(part.front()) || !is_lower_alnum(part.back())) return false;
        if (!std::all_of(part.begin(), part.end(), [](char c) { return is_lower_alnum(c) || c == '-'; })) return false;
    }
    return true;
}

bool is_qualified_name(std::string_view text) {
    const auto halves = base::split_once(text, '/');
    if (!halves) return is_name_part(text);
    return is_dns_subdomain(halves->before) && is_name_part(halves->after);
}

bool is_label_value(std::string_view text) { return text.empty() || is_name_part(text); }

// Tokens: words, and the punctuation of the grammar.
class LabelSelector::Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    base::Result<std::vector<Requirement>> run() {
        std::vector<Requirement> requirements;
        skip_blanks();
        if (at_end()) return requirements;
        for (;;) {
            Requirement requirement;
            if (auto ok = read_requirement(requirement); !ok) return base::fail(ok.error());
            requirements.push_back(std::move(requirement));
            if (requirements.size() > kMaxRequirements) return base::fail(bad("too many requirements").error());
            if (at_end()) return requirements;
            if (!take(',')) return base::fail(bad("found '" + rest() + "', expected: ',' or end of selector").error());
            if (at_end()) return base::fail(bad("found '', expected: identifier after ','").error());
        }
    }

private:
    [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
    [[nodiscard]] std::string rest() const { return std::string(text_.substr(position_, 60)); }

    void skip_blanks() {
        while (!at_end() && base::is_ascii_space(text_[position_])) ++position_;
    }

    bool take(char c) {
        if (at_end() || text_[position_] != c) return false;
        ++position_;
        skip_blanks();
        return true;
    }

    std::string_view word() {
        const auto start = position_;
        while (!at_end() && (is_alnum(text_[position_]) || std::string_view("-_./").contains(text_[position_]))) ++position_;
        const auto found = text_.substr(start, position_ - start);
        skip_blanks();
        return found;
    }

    base::Result<void> read_key(Requirement& requirement) {
        requirement.key = word();
        if (requirement.key.empty()) return bad("found '" + rest() + "', expected: !, identifier, or 'end of string'");
        if (!is_qualified_name(requirement.key)) return bad("invalid label key \"" + requirement.key + "\"");
        return {};
    }

    base::Result<void> read_requirement(Requirement& requirement) {
        if (take('!')) {
            requirement.op = Operator::absent;
            return read_key(requirement);
        }
        if (auto ok = read_key(requirement); !ok) return ok;
        if (at_end() || text_[position_] == ',') return {};
        if (take('=')) {
            if (!at_end() && text_[position_] == '=') take('=');
            requirement.op = Operator::in;
            return read_value(requirement);
        }
        if (text_.substr(position_, 2) == "!=") {
            take('!');
            take('=');
            requirement.op = Operator::not_in;
            return read_value(requirement);
        }
        if (text_[position_] == '>' || text_[position_] == '<') {
            requirement.op = text_[position_] == '>' ? Operator::greater : Operator::less;
            take(text_[position_]);
            if (auto ok = read_value(requirement); !ok) return ok;
            if (!base::parse_integer<std::int64_t>(requirement.values.front())) {
                return bad("for 'Gt', 'Lt' operators, the value must be an integer");
            }
            return {};
        }
        const auto op = word();
        if (op == "in" || op == "notin") {
            requirement.op = op == "in" ? Operator::in : Operator::not_in;
            return read_values(requirement);
        }
        return bad("found '" + std::string(op.empty() ? std::string_view(rest()) : op) +
                   "', expected: in, notin, =, ==, !=, gt, lt");
    }

    base::Result<void> add_value(Requirement& requirement, std::string_view value) {
        if (!is_label_value(value)) return bad("invalid label value \"" + std::string(value.substr(0, 80)) + "\"");
        requirement.values.emplace_back(value);
        return {};
    }

    base::Result<void> read_value(Requirement& requirement) { return add_value(requirement, word()); }

    base::Result<void> read_values(Requirement& requirement) {
        if (!take('(')) return bad("found '" + rest() + "', expected: '('");
        for (;;) {
            if (auto ok = add_value(requirement, word()); !ok) return ok;
            if (requirement.values.size() > kMaxRequirements) return bad("too many values");
            if (take(')')) return {};
            if (!take(',')) return bad("found '" + rest() + "', expected: ',' or ')'");
        }
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

base::Result<LabelSelector> LabelSelector::parse(std::string_view text) {
    auto requirements = Parser(text).run();
    if (!requirements) return base::fail(requirements.error());
    LabelSelector selector;
    selector.requirements_ = std::move(*requirements);
    return selector;
}

base::Result<LabelSelector> LabelSelector::from_object(const Json& object) {
    LabelSelector selector;
    for (const auto& [key, value] : api::map(object, {"matchLabels"}).items()) {
        if (!value.is_string()) return base::fail(bad("matchLabels: values are strings").error());
        selector.requirements_.push_back({key, Operator::in, {std::string(api::view(&value))}});
    }
    for (const Json& expression : api::array(object, {"matchExpressions"})) {
        Requirement requirement;
        requirement.key = api::text(expression, {"key"});
        for (const Json& value : api::array(expression, {"values"})) requirement.values.emplace_back(api::view(&value));
        const std::string op = api::text(expression, {"operator"});
        if (op == "In" || op == "NotIn") {
            requirement.op = op == "In" ? Operator::in : Operator::not_in;
            if (requirement.values.empty()) return base::fail(bad("values must be specified when `operator` is 'In' or 'NotIn'").error());
        } else if (op == "Exists" || op == "DoesNotExist") {
            requirement.op = op == "Exists" ? Operator::exists : Operator::absent;
            if (!requirement.values.empty()) {
                return base::fail(bad("values may not be specified when `operator` is 'Exists' or 'DoesNotExist'").error());
            }
        } else {
            return base::fail(bad("\"" + op + "\" is not a valid label selector operator").error());
        }
        if (!is_qualified_name(requirement.key)) return base::fail(bad("invalid label key \"" + requirement.key + "\"").error());
        selector.requirements_.push_back(std::move(requirement));
    }
    return selector;
}

bool LabelSelector::matches(const Json& object) const {
    return requirements_.empty() || matches_labels(api::map(object, {"metadata", "labels"}));
}

bool LabelSelector::matches_labels(const Json& labels) const {
    return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
        const Json* label = api::child(labels, requirement.key);
        const std::string_view value = api::view(label);
        const auto listed = [&] { return std::find(requirement.values.begin(), requirement.values.end(), value) != requirement.values.end(); };
        switch (requirement.op) {
            case Operator::exists: return label != nullptr;
            case Operator::absent: return label == nullptr;
            case Operator::in: return label && listed();
            case Operator::not_in: return !label || !listed();
            case Operator::greater:
            case Operator::less: {
                const auto have = base::parse_integer<std::int64_t>(value);
                const auto bound = base::parse_integer<std::int64_t>(requirement.values.front());
                if (!label || !have || !bound) return false;
                return requirement.op == Operator::greater ? *have > *bound : *have < *bound;
            }
        }
        return false;
    });
}

std::string LabelSelector::to_string() const {
    std::string out;
    for (const auto& requirement : requirements_) {
        if (!out.empty()) out += ',';
        const bool single = requirement.values.size() == 1;
        switch (requirement.op) {
            case Operator::exists: out += requirement.key; continue;
            case Operator::absent: out += "!" + requirement.key; continue;
            case Operator::greater: out += requirement.key + ">" + requirement.values.front(); continue;
            case Operator::less: out += requirement.key + "<" + requirement.values.front(); continue;
            case Operator::in: out += requirement.key + (single ? "=" : " in ("); break;
            case Operator::not_in: out += requirement.key + (single ? "!=" : " notin ("); break;
        }
        out += base::join(requirement.values, ",");
        if (!single) out += ')';
    }
    return out;
}

namespace {

struct SelectableFields {
    std::string_view resource;
    std::string_view fields;  // separated by blanks, beside metadata.name and metadata.namespace
};

constexpr auto kSelectableFields = std::to_array<SelectableFields>({
    {"pods", "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork status.phase "
             "status.podIP status.nominatedNodeName"},
    {"events", "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid involvedObject.apiVersion "
               "involvedObject.resourceVersion involvedObject.fieldPath reason reportingComponent source type"},
    {"secrets", "type"},
    {"nodes", "spec.unschedulable"},
    {"namespaces", "status.phase"},
    {"services", "spec.clusterIP spec.type"},
    {"jobs", "status.successful"},
    {"replicasets", "status.replicas"},
});

bool is_selectable(const ResourceType& type, std::string_view field) {
    if (field == "metadata.name") return true;
    if (field == "metadata.namespace") return type.namespaced;
    for (const auto& entry : kSelectableFields) {
        if (!type.is(entry.resource)) continue;
        for (const auto known : base::split(entry.fields, ' ')) {
            if (known == field) return true;
        }
    }
    return false;
}

// The value of a field as selectors compare it: text; numbers and booleans in JSON's spelling, zero values for what is absent.
std::string field_value(const Json& object, const std::vector<std::string>& path) {
    const Json* value = &object;
    for (const auto& name : path) {
        value = api::child(*value, name);
        if (!value) break;
    }
    if (value && value->is_object()) value = api::child(*value, "component");  // Event.source
    if (value && value->is_string()) return value->get_ref<const std::string&>();
    if (value && !value->is_null()) return api::dump(*value);
    if (path.back() == "unschedulable" || path.back() == "hostNetwork") return "false";
    if (path.back() == "successful" || path.back() == "replicas") return "0";
    return {};
}

}  // namespace

base::Result<FieldSelector> FieldSelector::parse(std::string_view text, const ResourceType& type) {
    FieldSelector selector;
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] == '\\') {
            ++i;
        } else if (i >= text.size() || text[i] == ',') {
            parts.push_back(text.substr(start, i - start));
            start = i + 1;
        }
    }
    if (start < text.size()) parts.push_back(text.substr(start));
    if (parts.size() > kMaxRequirements) return base::fail(bad("too many requirements").error());
    for (auto part : parts) {
        if (part.empty()) continue;
        const auto at = part.find('=');
        if (at == std::string_view::npos || at == 0) {
            return base::fail(bad("invalid selector: '" + std::string(part.substr(0, 80)) + "'; can't understand '" +
                                  std::string(part.substr(0, 80)) + "'").error());
        }
        Term term;
        std::string_view field = part.substr(0, at);
        std::string_view value = part.substr(at + 1);
        if (field.back() == '!') {
            term.equal = false;
            field.remove_suffix(1);
        } else if (value.starts_with('=')) {
            value.remove_prefix(1);
        }
        if (!is_selectable(type, field)) {
            return base::fail(bad("field label not supported: " + std::string(field.substr(0, 80))).error());
        }
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (value[i] == '\\') {
                if (i + 1 >= value.size() || !std::string_view("\\,=").contains(value[i + 1])) {
                    return base::fail(bad("invalid field selector: invalid escape sequence").error());
                }
                ++i;
            } else if (value[i] == '=') {
                return base::fail(bad("invalid field selector: unescaped '='").error());
            }
            term.value += value[i];
        }
        for (const auto name : base::split(field, '.')) term.path.emplace_back(name);
        selector.terms_.push_back(std::move(term));
    }
    return selector;
}

bool FieldSelector::matches(const Json& object) const {
    return std::all_of(terms_.begin(), terms_.end(),
                       [&](const Term& term) { return (field_value(object, term.path) == term.value) == term.equal; });
}

}  // namespace kube
