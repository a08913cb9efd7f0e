// The rules of a CustomResourceDefinition itself; those of its objects are the StructuralSchema's.
#include <algorithm>
#include <set>

#include "kube/api_json.hpp"
#include "kube/api_validation.hpp"
#include "kube/custom_resources.hpp"
#include "kube/selectors.hpp"

namespace kube::api {
namespace {

constexpr std::string_view kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric "
    "character";

void validate_label(const Json& names, const char* name, const std::string& path, Causes& causes) {
    const std::string value = text(names, {name});
    if (value.empty()) return causes.required(path + "." + name);
    if (!is_dns_1035_label(value)) causes.invalid(path + "." + name, value, std::string(kLabelRule));
}

void validate_names(const Json& spec, Causes& causes) {
    const Json& names = map(spec, {"names"});
    validate_label(names, "plural", "spec.names", causes);
    validate_label(names, "singular", "spec.names", causes);
    for (const char* name : {"kind", "listKind"}) {
        const std::string value = text(names, {name});
        const bool letters = std::all_of(value.begin(), value.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        });
        if (value.empty()) {
            causes.required(std::string("spec.names.") + name);
        } else if (!letters || value.size() > 63) {
            causes.invalid(std::string("spec.names.") + name, value, "may have at most 63 letters and digits");
        }
    }
    const Json& short_names = array(names, {"shortNames"});
    for (std::size_t i = 0; i < short_names.size(); ++i) {
        if (!is_dns_1035_label(view(&short_names[i]))) {
            causes.invalid("spec.names.shortNames[" + std::to_string(i) + "]", short_names[i], std::string(kLabelRule));
        }
    }
}

void validate_columns(const Json& version, const std::string& path, Causes& causes) {
    static const std::set<std::string, std::less<>> kTypes{"integer", "number", "string", "boolean", "date"};
    const Json& columns = array(version, {"additionalPrinterColumns"});
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string at = path + ".additionalPrinterColumns[" + std::to_string(i) + "]";
        const std::string type = text(columns[i], {"type"});
        if (text(columns[i], {"name"}).empty()) causes.required(at + ".name");
        if (type.empty()) {
            causes.required(at + ".type");
        } else if (!kTypes.contains(type)) {
            causes.invalid(at + ".type", type, "must be one of boolean,date,integer,number,string");
        }
        const std::string json_path = text(columns[i], {"jsonPath"});
        if (json_path.empty()) {
            causes.required(at + ".jsonPath");
        } else if (auto parsed = JsonPath::parse(json_path); !parsed) {
            causes.invalid(at + ".jsonPath", json_path, "is an invalid json path: " + parsed.error().message);
        }
    }
}

void validate_scale(const Json& version, const std::string& path, Causes& causes) {
    const Json* scale = find(version, {"subresources", "scale"});
    if (!scale) return;
    for (const char* name : {"specReplicasPath", "statusReplicasPath", "labelSelectorPath"}) {
        const std::string value = text(*scale, {name});
        const std::string at = path + ".subresources.scale." + name;
        if (value.empty()) {
            if (std::string_view(name) != "labelSelectorPath") causes.required(at);
            continue;
        }
        const auto parsed = JsonPath::parse(value);
        const auto names = parsed ? parsed->plain_names() : std::vector<std::string>{};
        const bool of_spec = std::string_view(name) == "specReplicasPath";
        const bool placed = !names.empty() && (names.front() == "spec" ? of_spec || std::string_view(name) == "labelSelectorPath" : names.front() == "status" && !of_spec);
        if (names.size() < 2 || !placed) {
            causes.invalid(at, value, of_spec ? "should be a json path under .spec" : "should be a json path under .status");
        }
    }
}

void validate_versions(const Json& spec, Causes& causes) {
    const Json& versions = array(spec, {"versions"});
    if (versions.empty()) return causes.required("spec.versions", "must have at least one version");
    std::set<std::string> names;
    int storage = 0;
    for (std::size_t i = 0; i < versions.size(); ++i) {
        const std::string path = "spec.versions[" + std::to_string(i) + "]";
        const std::string name = text(versions[i], {"name"});
        if (!is_dns_1035_label(name)) causes.invalid(path + ".name", name, std::string(kLabelRule));
        if (!names.insert(name).second) causes.invalid(path + ".name", name, "must be unique");
        storage += flag(versions[i], {"storage"});
        const Json* schema = find(versions[i], {"schema", "openAPIV3Schema"});
        if (!schema) {
            causes.required(path + ".schema.openAPIV3Schema", "schemas are required");
        } else {
            StructuralSchema::check(*schema, path + ".schema.openAPIV3Schema", causes);
        }
        validate_columns(versions[i], path, causes);
        validate_scale(versions[i], path, causes);
    }
    if (storage != 1) causes.invalid("spec.versions", versions.size(), "must have exactly one version marked as storage version");
}

}  // namespace

void validate_definition(const Json& object, Causes& causes) {
    const Json& spec = map(object, {"spec"});
    const std::string group = text(spec, {"group"});
    const std::string scope = text(spec, {"scope"});
    const std::string expected = text(spec, {"names", "plural"}) + "." + group;
    if (name_of(object) != expected) causes.invalid("metadata.name", name_of(object), "must be spec.names.plural+\".\"+spec.group");
    if (group.empty()) {
        causes.required("spec.group");
    } else if (!is_dns_subdomain(group) || group.find('.') == std::string::npos) {
        causes.invalid("spec.group", group, "should be a domain with at least one dot");
    }
    if (scope.empty()) {
        causes.required("spec.scope");
    } else if (scope != "Cluster" && scope != "Namespaced") {
        causes.not_supported("spec.scope", scope, R"("Cluster", "Namespaced")");
    }
    if (text(spec, {"conversion", "strategy"}, "None") != "None") {
        causes.not_supported("spec.conversion.strategy", text(spec, {"conversion", "strategy"}), "\"None\"");
    }
    validate_names(spec, causes);
    validate_versions(spec, causes);
}

}  // namespace kube::api
