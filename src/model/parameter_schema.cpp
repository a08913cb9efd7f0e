#include "model/parameter_schema.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "model/app_state.hpp"

namespace model {

namespace {

// What Kubernetes takes in the name of an object.
bool is_name(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || base::is_ascii_digit(c) || c == '-' || c == '.'; });
}

state::Schema rules(const NodeParameter& parameter) {
    namespace schema = state::schema;
    if (parameter.type == "number") {
        state::Schema number = schema::number().coerce().integer();
        if (parameter.min) number = number.min(*parameter.min);
        if (parameter.max) number = number.max(*parameter.max);
        return number;
    }
    if (parameter.type == "boolean") return schema::boolean();
    if (parameter.type == "select") {
        std::vector<std::string> values;
        for (const auto& [value, label] : parameter.options) values.push_back(value);
        return schema::one_of(std::move(values));
    }
    if (parameter.type == "object" || parameter.type == "array") return schema::any();
    const state::Schema text = schema::string().empty_is_absent();
    return parameter.name == "name" ? text.matches(is_name, "Only lower case letters, digits, '-' and '.'") : text;
}

}  // namespace

state::Schema parameter_schema(const NodeParameter& parameter) {
    return parameter.required ? rules(parameter).required(parameter.label + " is needed") : rules(parameter).optional();
}

}  // namespace model
