#include "state/forms/schema.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "base/url.hpp"
#include "state/forms/paths.hpp"

namespace state {

using base::Json;

namespace {

enum class Rule : std::uint8_t { min, max, email, url, integer, positive, finite, trim, refine, transform };

struct Step {
    Rule rule;
    double bound = 0;
    std::string message;
    std::string path;
    std::shared_ptr<base::UniqueFunction<bool(const Json&)>> test;
    std::shared_ptr<base::UniqueFunction<Json(Json)>> change;
};

constexpr std::size_t kMaxEmailBytes = 254;

enum class Unknown : std::uint8_t { strip, keep, refuse };

}  // namespace

struct Schema::Node {
    Kind kind = Kind::any;
    bool is_optional = false;
    bool is_nullable = false;
    bool takes_empty_as_absent = false;
    bool coerces = false;
    Unknown unknown = Unknown::strip;
    std::optional<Json> fallback;
    std::string required_message;
    std::string mismatch_message;
    std::string unknown_message;
    std::vector<Step> steps;
    std::vector<SchemaMember> members;    // object
    std::vector<SchemaVariant> variants;  // union
    std::vector<std::string> values;      // one_of
    std::string key;                      // union
    std::optional<Schema> element;        // array
};

namespace {

using Node = Schema::Node;
using Kind = Schema::Kind;

std::optional<double> number_in(const Json& value) {
    if (const auto* u = value.get_ptr<const Json::number_unsigned_t*>()) return static_cast<double>(*u);
    if (const auto* i = value.get_ptr<const Json::number_integer_t*>()) return static_cast<double>(*i);
    if (const auto* d = value.get_ptr<const Json::number_float_t*>()) return *d;
    return std::nullopt;
}

const std::string* text_in(const Json& value) { return value.get_ptr<const Json::string_t*>(); }

// As the hub has it: strict enough to catch a slip, lax enough for every address that works.
bool is_email(std::string_view text) {
    if (text.size() > kMaxEmailBytes) return false;
    const auto halves = base::split_once(text, '@');
    if (!halves || halves->before.empty() || halves->after.empty()) return false;
    const std::string_view domain = halves->after;
    if (domain.find('@') != std::string_view::npos || domain.front() == '.' || domain.back() == '.') return false;
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

std::string count_words(double count, std::string_view thing) {
    return base::short_number(count, 6) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

std::string list_words(const std::vector<std::string>& words) { return "Must be one of " + base::join(words, ", "); }

std::string usual_words(Kind kind, const Step& step) {
    const bool text = kind == Kind::string;
    const std::string amount = text ? count_words(step.bound, "character") : kind == Kind::array ? count_words(step.bound, "item") : base::short_number(step.bound, 6);
    switch (step.rule) {
        case Rule::min: return text && step.bound == 1 ? "Required" : "At least " + amount;
        case Rule::max: return "At most " + amount;
        case Rule::email: return "This is no email address";
        case Rule::url: return "This is no address like https://example.com";
        case Rule::integer: return "Enter a whole number";
        case Rule::positive: return "Must be greater than 0";
        case Rule::finite: return "Must be a finite number";
        default: return "This is not valid";
    }
}

std::string_view mismatch_words(Kind kind) {
    switch (kind) {
        case Kind::string: return "Enter text";
        case Kind::number: return "Enter a number";
        case Kind::boolean: return "Must be true or false";
        case Kind::array: return "Must be a list";
        default: return "Must be an object";
    }
}

// One run over a value.
class Walk {
public:
    // Nothing when the value is absent and may be, or when it failed.
    std::optional<Json> check(const Node& node, const Json* value);
    std::vector<Issue> issues;
    std::size_t count = 0;

private:
    void add(std::string_view below, std::string message) {
        ++count;
        if (issues.size() < kMaxIssues) issues.push_back({concat_paths(path_, below), std::move(message)});
    }
    void add_words(const std::string& wanted, std::string_view usual) { add("", wanted.empty() ? std::string(usual) : wanted); }
    std::optional<Json> child(const Schema& schema, const Json* value, std::string path) {
        std::swap(path_, path);
        auto result = check(schema.node(), value);
        std::swap(path_, path);
        return result;
    }
    std::optional<Json> typed(const Node& node, const Json& value);
    std::optional<Json> object(const Node& node, const Json& value);
    std::optional<Json> variant(const Node& node, const Json& value);
    void run(const Node& node, const Step& step, Json& value, std::size_t count_before);
    [[nodiscard]] static bool holds(const Step& step, const Json& value);

    std::string path_;
};

std::optional<Json> Walk::check(const Node& node, const Json* value) {
    if (value != nullptr && node.takes_empty_as_absent) {
        const std::string* text = text_in(*value);
        if (text != nullptr && base::trim(*text).empty()) value = nullptr;
    }
    if (value == nullptr) {
        if (node.fallback) {
            value = &*node.fallback;
        } else {
            if (!node.is_optional && node.kind != Kind::any) add_words(node.required_message, "Required");
            return std::nullopt;
        }
    }
    if (value->is_null() && node.kind != Kind::any) {
        if (node.is_nullable) return Json(nullptr);
        if (node.is_optional || node.fallback) add_words(node.mismatch_message, mismatch_words(node.kind));
        else add_words(node.required_message, "Required");
        return std::nullopt;
    }
    const std::size_t count_before = count;
    std::optional<Json> result = typed(node, *value);
    if (!result) return std::nullopt;
    for (const Step& step : node.steps) run(node, step, *result, count_before);
    if (count != count_before) return std::nullopt;
    return result;
}

// The value as the node's kind has it, its parts checked; nothing when it is of another type.
std::optional<Json> Walk::typed(const Node& node, const Json& value) {
    bool fits = true;
    switch (node.kind) {
        case Kind::any: return value;
        case Kind::string: fits = value.is_string(); break;
        case Kind::number:
            if (const std::string* text = text_in(value); text != nullptr && node.coerces) {
                const auto number = base::parse_number(base::trim(*text));
                // Whole numbers stay whole in JSON: 8080, not 8080.0.
                if (number && *number == std::floor(*number) && std::abs(*number) < 9.0e15) return Json(static_cast<std::int64_t>(*number));
                if (number) return Json(*number);
                fits = false;
            } else {
                const auto number = number_in(value);
                fits = number && !std::isnan(*number);
            }
            break;
        case Kind::boolean:
            if (const std::string* text = text_in(value); text != nullptr && node.coerces && (*text == "true" || *text == "false")) return Json(*text == "true");
            fits = value.is_boolean();
            break;
        case Kind::one_of: {
            const std::string* text = text_in(value);
            if (text != nullptr && std::find(node.values.begin(), node.values.end(), *text) != node.values.end()) return value;
            add_words(node.mismatch_message, list_words(node.values));
            return std::nullopt;
        }
        case Kind::array: {
            if (!value.is_array()) {
                fits = false;
                break;
            }
            Json list = Json::array();
            for (std::size_t i = 0; i < value.size(); ++i) {
                auto item = child(*node.element, &value[i], join_path(path_, i));
                // With a mistake inside, the parts as they came: the rules of the whole still count them.
                list.push_back(item ? std::move(*item) : value[i]);
            }
            return list;
        }
        case Kind::object: return value.is_object() ? object(node, value) : (add_words(node.mismatch_message, mismatch_words(node.kind)), std::nullopt);
        case Kind::union_of: return value.is_object() ? variant(node, value) : (add_words(node.mismatch_message, mismatch_words(node.kind)), std::nullopt);
    }
    if (fits) return value;
    add_words(node.mismatch_message, mismatch_words(node.kind));
    return std::nullopt;
}

std::optional<Json> Walk::object(const Node& node, const Json& value) {
    Json result = node.unknown == Unknown::keep ? value : Json::object();
    for (const SchemaMember& member : node.members) {
        const auto found = value.find(member.name);
        auto checked = child(member.schema, found == value.end() ? nullptr : &*found, join_path(path_, member.name));
        if (checked) result[member.name] = std::move(*checked);
        else result.erase(member.name);
    }
    if (node.unknown == Unknown::refuse) {
        for (const auto& [name, unused] : value.items()) {
            const bool known = std::any_of(node.members.begin(), node.members.end(), [&](const SchemaMember& member) { return member.name == name; });
            if (!known) add(join_path("", name), node.unknown_message.empty() ? "Unknown field" : node.unknown_message);
        }
    }
    return result;
}

std::optional<Json> Walk::variant(const Node& node, const Json& value) {
    const auto found = value.find(node.key);
    if (found == value.end()) {
        add(join_path("", node.key), node.required_message.empty() ? "Required" : node.required_message);
        return std::nullopt;
    }
    const std::string* word = text_in(*found);
    for (const SchemaVariant& each : node.variants) {
        if (word == nullptr || *word != each.value) continue;
        auto result = check(each.schema.node(), &value);
        if (result && result->is_object()) (*result)[node.key] = *word;
        return result;
    }
    std::vector<std::string> words;
    for (const SchemaVariant& each : node.variants) words.push_back(each.value);
    add(join_path("", node.key), node.mismatch_message.empty() ? list_words(words) : node.mismatch_message);
    return std::nullopt;
}

bool Walk::holds(const Step& step, const Json& value) {
    const std::string* text = text_in(value);
    const auto number = number_in(value);
    const auto size = [&]() -> std::optional<double> {
        if (text != nullptr) return static_cast<double>(base::code_point_count(*text));
        if (value.is_array()) return static_cast<double>(value.size());
        return number;
    };
    switch (step.rule) {
        case Rule::min: return size().value_or(step.bound) >= step.bound;
        case Rule::max: return size().value_or(step.bound) <= step.bound;
        case Rule::email: return text == nullptr || is_email(*text);
        case Rule::url: return text == nullptr || base::parse_http_url(*text).has_value();
        case Rule::integer: return !number || *number == std::floor(*number);
        case Rule::positive: return !number || *number > 0;
        case Rule::finite: return !number || std::isfinite(*number);
        case Rule::refine: return (*step.test)(value);
        default: break;
    }
    return true;
}

void Walk::run(const Node& node, const Step& step, Json& value, std::size_t count_before) {
    const bool fine = count == count_before;
    if (step.rule == Rule::trim) {
        if (auto* text = value.get_ptr<Json::string_t*>()) *text = std::string(base::trim(*text));
    } else if (step.rule == Rule::transform) {
        if (fine) value = (*step.change)(std::move(value));
    } else if ((step.rule != Rule::refine || fine) && !holds(step, value)) {
        add(step.path, step.message.empty() ? usual_words(node.kind, step) : step.message);
    }
}

std::shared_ptr<Node> make_node(Kind kind) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    return node;
}

Schema with_step(const Schema& schema, Step step) {
    auto node = std::make_shared<Node>(schema.node());
    node->steps.push_back(std::move(step));
    return Schema(std::move(node));
}

Schema with_rule(const Schema& schema, Rule rule, std::string message, double bound = 0) {
    return with_step(schema, {.rule = rule, .bound = bound, .message = std::move(message), .path = {}, .test = {}, .change = {}});
}

template <class Edit>
Schema edited(const Schema& schema, Edit edit) {
    auto node = std::make_shared<Node>(schema.node());
    edit(*node);
    return Schema(std::move(node));
}

}  // namespace

Schema::Schema() : node_(make_node(Kind::any)) {}

Schema Schema::required(std::string message) const { return edited(*this, [&](Node& n) { n.required_message = std::move(message); }); }
Schema Schema::optional() const { return edited(*this, [](Node& n) { n.is_optional = true; }); }
Schema Schema::nullable() const { return edited(*this, [](Node& n) { n.is_nullable = true; }); }
Schema Schema::or_default(Json value) const { return edited(*this, [&](Node& n) { n.fallback = std::move(value); }); }
Schema Schema::empty_is_absent() const { return edited(*this, [](Node& n) { n.takes_empty_as_absent = true; }); }
Schema Schema::mismatch(std::string message) const { return edited(*this, [&](Node& n) { n.mismatch_message = std::move(message); }); }
Schema Schema::coerce() const {
    return edited(*this, [](Node& n) {
        n.coerces = true;
        n.takes_empty_as_absent = true;
    });
}
Schema Schema::keep_unknown() const { return edited(*this, [](Node& n) { n.unknown = Unknown::keep; }); }
Schema Schema::refuse_unknown(std::string message) const {
    return edited(*this, [&](Node& n) {
        n.unknown = Unknown::refuse;
        n.unknown_message = std::move(message);
    });
}

Schema Schema::min(double least, std::string message) const { return with_rule(*this, Rule::min, std::move(message), least); }
Schema Schema::max(double most, std::string message) const { return with_rule(*this, Rule::max, std::move(message), most); }
Schema Schema::email(std::string message) const { return with_rule(*this, Rule::email, std::move(message)); }
Schema Schema::url(std::string message) const { return with_rule(*this, Rule::url, std::move(message)); }
Schema Schema::integer(std::string message) const { return with_rule(*this, Rule::integer, std::move(message)); }
Schema Schema::positive(std::string message) const { return with_rule(*this, Rule::positive, std::move(message)); }
Schema Schema::finite(std::string message) const { return with_rule(*this, Rule::finite, std::move(message)); }
Schema Schema::trim() const { return with_rule(*this, Rule::trim, {}); }
Schema Schema::matches(base::UniqueFunction<bool(std::string_view)> test, std::string message) const {
    return refine(
        [test = std::move(test)](const Json& value) mutable {
            const std::string* text = text_in(value);
            return text == nullptr || test(*text);
        },
        std::move(message));
}
Schema Schema::refine(base::UniqueFunction<bool(const Json&)> test, std::string message, std::string path) const {
    return with_step(*this, {.rule = Rule::refine,
                             .message = std::move(message),
                             .path = std::move(path),
                             .test = std::make_shared<base::UniqueFunction<bool(const Json&)>>(std::move(test)),
                             .change = {}});
}
Schema Schema::transform(base::UniqueFunction<Json(Json)> change) const {
    return with_step(*this, {.rule = Rule::transform,
                             .message = {},
                             .path = {},
                             .test = {},
                             .change = std::make_shared<base::UniqueFunction<Json(Json)>>(std::move(change))});
}

Schema::Kind Schema::kind() const { return node_->kind; }

bool Schema::needs_value() const {
    if (node_->is_optional || node_->fallback || node_->is_nullable) return false;
    switch (node_->kind) {
        case Kind::number:
        case Kind::one_of: return true;
        case Kind::string:
        case Kind::array:
            if (node_->takes_empty_as_absent) return true;
            return std::any_of(node_->steps.begin(), node_->steps.end(), [](const Step& step) {
                return step.rule == Rule::email || step.rule == Rule::url || (step.rule == Rule::min && step.bound >= 1);
            });
        default: return false;
    }
}

const Schema* Schema::find(std::string_view path) const {
    const Schema* at = this;
    for (const std::string& segment : split_path(path)) {
        const Node& node = at->node();
        const Schema* next = nullptr;
        if (node.kind == Kind::array && index_segment(segment)) next = &*node.element;
        for (const SchemaMember& member : node.members) {
            if (member.name == segment) next = &member.schema;
        }
        for (const SchemaVariant& variant : node.variants) {
            if (next == nullptr) next = variant.schema.find(join_path("", segment));
        }
        if (next == nullptr) return nullptr;
        at = next;
    }
    return at;
}

std::vector<std::size_t> Schema::order(std::string_view path) const {
    std::vector<std::size_t> places;
    const Schema* at = this;
    for (const std::string& segment : split_path(path)) {
        const std::vector<SchemaMember>* members = at != nullptr ? &at->node().members : nullptr;
        if (const auto index = index_segment(segment); index && (members == nullptr || members->empty())) {
            places.push_back(*index);
        } else {
            // Of a union: the variant that has the member.
            if (at != nullptr) {
                for (const SchemaVariant& variant : at->node().variants) {
                    if (variant.schema.find(join_path("", segment)) != nullptr) members = &variant.schema.node().members;
                }
            }
            std::size_t place = 0;
            const std::size_t size = members != nullptr ? members->size() : 0;
            while (place < size && (*members)[place].name != segment) ++place;
            places.push_back(place);
        }
        if (at != nullptr) at = at->find(join_path("", segment));
    }
    return places;
}

namespace schema {

Schema string() { return Schema(make_node(Schema::Kind::string)); }
Schema number() { return Schema(make_node(Schema::Kind::number)); }
Schema boolean() { return Schema(make_node(Schema::Kind::boolean)); }
Schema one_of(std::vector<std::string> values, std::string message) {
    auto node = make_node(Schema::Kind::one_of);
    node->takes_empty_as_absent = std::find(values.begin(), values.end(), "") == values.end();
    node->values = std::move(values);
    node->mismatch_message = std::move(message);
    return Schema(std::move(node));
}
Schema array(Schema element) {
    auto node = make_node(Schema::Kind::array);
    node->element = std::move(element);
    return Schema(std::move(node));
}
Schema object(std::vector<SchemaMember> members) {
    auto node = make_node(Schema::Kind::object);
    node->members = std::move(members);
    return Schema(std::move(node));
}
Schema union_of(std::string key, std::vector<SchemaVariant> variants) {
    auto node = make_node(Schema::Kind::union_of);
    node->key = std::move(key);
    node->variants = std::move(variants);
    return Schema(std::move(node));
}

}  // namespace schema

Validation validate(const Schema& schema, const Json* value) {
    Walk walk;
    auto result = walk.check(schema.node(), value);
    return {.value = result && walk.issues.empty() ? std::move(*result) : Json(nullptr), .issues = std::move(walk.issues)};
}

Validation validate(const Schema& schema, const Json& value) { return validate(schema, &value); }

}  // namespace state
