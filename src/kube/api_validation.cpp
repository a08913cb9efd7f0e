#include "kube/api_validation.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kube/api_json.hpp"
#include "kube/custom_resources.hpp"
#include "kube/selectors.hpp"

namespace kube::api {
namespace {

constexpr std::size_t kMaxAnnotationBytes = 256 * 1024;

constexpr std::string_view kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric "
    "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kDns1035Rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an "
    "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kKeyRule =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
    "'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kLabelValueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

void validate_name(const ResourceType& type, const std::string& name, Causes& causes) {
    if (name.empty()) return causes.required("metadata.name", "name or generateName is required");
    const auto check = [&](bool ok, std::size_t limit, std::string_view rule) {
        if (name.size() > limit) {
            causes.invalid("metadata.name", name, "must be no more than " + std::to_string(limit) + " characters");
        } else if (!ok) {
            causes.invalid("metadata.name", name, std::string(rule));
        }
    };
    if (type.is("namespaces")) {
        check(is_dns_label(name), 63, kLabelRule);
    } else if (type.is("services")) {
        check(is_dns_1035_label(name), 63, kDns1035Rule);
    } else if (type.is("cronjobs")) {
        check(is_dns_subdomain(name), 52, kSubdomainRule);  // 11 characters for the name of each job
    } else {
        check(is_dns_subdomain(name), 253, kSubdomainRule);
    }
}

void validate_annotations(const Json& annotations, Causes& causes) {
    std::size_t bytes = 0;
    for (const auto& [key, value] : annotations.items()) {
        bytes += key.size() + view(&value).size();
        if (!is_qualified_name(base::to_ascii_lower(key))) causes.invalid("metadata.annotations", key, std::string(kKeyRule));
    }
    if (bytes > kMaxAnnotationBytes) causes.too_long("metadata.annotations", "may not be more than 262144 bytes");
}

void validate_owners(const Json& metadata, Causes& causes) {
    int controllers = 0;
    const Json& owners = array(metadata, {"ownerReferences"});
    for (std::size_t i = 0; i < owners.size(); ++i) {
        const std::string path = "metadata.ownerReferences[" + std::to_string(i) + "]";
        for (const char* field : {"apiVersion", "kind", "name", "uid"}) {
            if (text(owners[i], {field}).empty()) causes.invalid(path + "." + field, "", std::string(field) + " must not be empty");
        }
        if (flag(owners[i], {"controller"})) ++controllers;
    }
    if (controllers > 1) {
        causes.invalid("metadata.ownerReferences", "...", "Only one reference can have Controller set to true");
    }
}

void must_stay(const Json& before, const Json& after, std::initializer_list<std::string_view> path, Causes& causes) {
    const Json* was = find(before, path);
    const Json* is = find(after, path);
    if (was == is || (was && is && *was == *is)) return;
    std::string field;
    for (const auto name : path) {
        if (!field.empty()) field += '.';
        field += name;
    }
    causes.invalid(std::move(field), is ? *is : Json(nullptr), "field is immutable");
}

// A pod's spec may change in images, activeDeadlineSeconds, tolerations and the node it is bound to; see Pod updates in the docs.
void validate_pod_update(const Json& before, const Json& after, Causes& causes) {
    const auto frozen = [](const Json& pod) {
        Json spec = map(pod, {"spec"});
        for (const char* name : {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"}) spec.erase(name);
        for (const char* name : {"containers", "initContainers"}) {
            const auto list = spec.find(name);
            if (list == spec.end() || !list->is_array()) continue;
            for (Json& container : *list) {
                if (container.is_object()) container.erase("image");
            }
        }
        return spec;
    };
    if (frozen(before) != frozen(after)) {
        causes.forbidden("spec",
                         "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                         "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                         "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");
    }
}

void validate_stateful_set_update(const Json& before, const Json& after, Causes& causes) {
    const auto frozen = [](const Json& set) {
        Json spec = map(set, {"spec"});
        for (const char* name : {"replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy",
                                 "minReadySeconds", "revisionHistoryLimit"}) {
            spec.erase(name);
        }
        return spec;
    };
    if (frozen(before) != frozen(after)) {
        causes.forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                                 "'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
    }
}

}  // namespace

void validate_labels(const Json& labels, const std::string& path, Causes& causes) {
    for (const auto& [key, value] : labels.items()) {
        if (!is_qualified_name(key)) causes.invalid(path, key, std::string(kKeyRule));
        if (!is_label_value(view(&value))) causes.invalid(path, value, std::string(kLabelValueRule));
    }
}

void validate_range(const Json& object, std::string_view name, const std::string& path, std::int64_t low, std::int64_t high, Causes& causes) {
    const Json* value = child(object, name);
    if (!value || !value->is_number_integer()) return;
    const auto number = value->get<std::int64_t>();
    const std::string field = path + "." + std::string(name);
    if (number < low) {
        causes.invalid(field, *value, "must be greater than or equal to " + std::to_string(low));
    } else if (number > high) {
        causes.invalid(field, *value, "must be less than or equal to " + std::to_string(high));
    }
}

bool validate_selector(const Json* selector, const std::string& path, Causes& causes) {
    if (!selector) return true;
    const auto parsed = LabelSelector::from_object(*selector);
    if (parsed) {
        const auto had = causes.list().size();
        validate_labels(map(*selector, {"matchLabels"}), path + ".matchLabels", causes);
        return causes.list().size() == had;
    }
    causes.invalid(path, *selector, parsed.error().message);
    return false;
}

Causes validate(const ResourceType& type, const Json& object) {
    Causes causes;
    const Json& metadata = map(object, {"metadata"});
    validate_name(type, name_of(object), causes);
    validate_labels(map(metadata, {"labels"}), "metadata.labels", causes);
    validate_annotations(map(metadata, {"annotations"}), causes);
    validate_owners(metadata, causes);
    for (const Json& finalizer : array(metadata, {"finalizers"})) {
        if (!is_qualified_name(view(&finalizer))) causes.invalid("metadata.finalizers", finalizer, std::string(kKeyRule));
    }
    if (type.custom) {
        type.custom->schema.validate(object, causes);
    } else {
        validate_kind(type, object, causes);
    }
    return causes;
}

Causes validate_update(const ResourceType& type, const Json& before, const Json& after) {
    Causes causes;
    if (type.is("deployments") || type.is("replicasets") || type.is("daemonsets")) {
        must_stay(before, after, {"spec", "selector"}, causes);
    } else if (type.is("statefulsets")) {
        validate_stateful_set_update(before, after, causes);
    } else if (type.is("jobs")) {
        must_stay(before, after, {"spec", "selector"}, causes);
        must_stay(before, after, {"spec", "template"}, causes);
        must_stay(before, after, {"spec", "completions"}, causes);
        must_stay(before, after, {"spec", "completionMode"}, causes);
    } else if (type.is(kDefinitions)) {
        must_stay(before, after, {"spec", "group"}, causes);
        must_stay(before, after, {"spec", "scope"}, causes);
        must_stay(before, after, {"spec", "names", "plural"}, causes);
        must_stay(before, after, {"spec", "names", "kind"}, causes);
    } else if (type.is("pods")) {
        validate_pod_update(before, after, causes);
    } else if (type.is("services")) {
        // An ExternalName service has no address to keep.
        const std::string was = text(before, {"spec", "clusterIP"});
        const std::string is = text(after, {"spec", "clusterIP"});
        if (!was.empty() && !is.empty() && was != is) {
            causes.invalid("spec.clusterIPs[0]", Json::array({is}), "may not change once set");
        }
    } else if (type.is("configmaps") || type.is("secrets")) {
        if (flag(before, {"immutable"})) {
            for (const char* field : {"data", "binaryData", "immutable"}) {
                const Json* was = child(before, field);
                const Json* is = child(after, field);
                if ((was == nullptr) != (is == nullptr) || (was && *was != *is)) {
                    causes.forbidden(field, "field is immutable when `immutable` is set");
                }
            }
        }
        if (type.is("secrets")) must_stay(before, after, {"type"}, causes);
    } else if (type.is("persistentvolumeclaims")) {
        Json was = map(before, {"spec"});
        Json is = map(after, {"spec"});
        for (Json* spec : {&was, &is}) {
            spec->erase("resources");  // growing is allowed
            spec->erase("volumeName");
        }
        if (was != is) {
            causes.forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }
    }
    return causes;
}

}  // namespace kube::api
