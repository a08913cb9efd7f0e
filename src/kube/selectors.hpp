// Label and field selectors of list, watch and deletecollection.
//
//   auto labels = LabelSelector::parse("app in (web, api), tier!=cache, !legacy");
//   labels->matches(object);
//
// Label grammar as in apimachinery: `key`, `!key`, `=`, `==`, `!=`, `in (...)`, `notin (...)`, `>`, `<`, joined by commas.
// `!=` and `notin` also match objects without the label. Fields know `=`, `==` and `!=`, and only the fields that the kind
// supports; a backslash escapes `,`, `=` and itself in a value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kube/object_store.hpp"
#include "kube/resource_types.hpp"

namespace kube {

class LabelSelector {
public:
    LabelSelector() = default;  // matches everything
    [[nodiscard]] static base::Result<LabelSelector> parse(std::string_view text);
    // From a metav1.LabelSelector object; invalid_argument when an operator or a shape is unknown.
    [[nodiscard]] static base::Result<LabelSelector> from_object(const Json& selector);
    [[nodiscard]] bool matches(const Json& object) const;         // by metadata.labels
    [[nodiscard]] bool matches_labels(const Json& labels) const;  // a map, or anything else for none
    [[nodiscard]] bool empty() const { return requirements_.empty(); }
    // In the form parse() reads, requirements in order.
    [[nodiscard]] std::string to_string() const;

private:
    enum class Operator { exists, absent, in, not_in, greater, less };
    struct Requirement {
        std::string key;
        Operator op = Operator::exists;
        std::vector<std::string> values;
    };
    class Parser;
    std::vector<Requirement> requirements_;
};

class FieldSelector {
public:
    FieldSelector() = default;
    [[nodiscard]] static base::Result<FieldSelector> parse(std::string_view text, const ResourceType& type);
    [[nodiscard]] bool matches(const Json& object) const;
    [[nodiscard]] bool empty() const { return terms_.empty(); }

private:
    struct Term {
        std::vector<std::string> path;
        std::string value;
        bool equal = true;
    };
    std::vector<Term> terms_;
};

// RFC 1123 and the API's own rules for names.
[[nodiscard]] bool is_dns_label(std::string_view text);      // at most 63 of [a-z0-9-], alphanumeric at both ends
[[nodiscard]] bool is_dns_1035_label(std::string_view text); // the same, beginning with a letter
[[nodiscard]] bool is_dns_subdomain(std::string_view text);  // labels joined by '.', at most 253
[[nodiscard]] bool is_qualified_name(std::string_view text); // label and annotation keys: [prefix/]name
[[nodiscard]] bool is_label_value(std::string_view text);    // empty, or at most 63 of [A-Za-z0-9_.-], alphanumeric at both ends

}  // namespace kube
