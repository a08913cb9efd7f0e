#include <array>
#include <set>

#include "base/text.hpp"
#include "kube/api_json.hpp"
#include "kube/api_validation.hpp"
#include "kube/selectors.hpp"

namespace kube::api {
namespace {

std::string indexed(const std::string& path, std::string_view field, std::size_t index) {
    return path + "." + std::string(field) + "[" + std::to_string(index) + "]";
}

void validate_port_number(const Json& port, std::string_view field, const std::string& path, bool required, Causes& causes) {
    const Json* value = child(port, field);
    if (!value) {
        if (required) causes.required(path + "." + std::string(field));
        return;
    }
    const auto number = integer(port, {field});
    if (value->is_number_integer() && (number < 1 || number > 65535)) {
        causes.invalid(path + "." + std::string(field), *value, "must be between 1 and 65535, inclusive");
    }
}

void validate_protocol(const Json& port, const std::string& path, Causes& causes) {
    const std::string protocol = text(port, {"protocol"}, "TCP");
    if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP") {
        causes.not_supported(path + ".protocol", protocol, R"("SCTP", "TCP", "UDP")");
    }
}

void validate_env(const Json& container, const std::string& path, Causes& causes) {
    const Json& variables = array(container, {"env"});
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const std::string name = text(variables[i], {"name"});
        const std::string field = indexed(path, "env", i);
        if (name.empty()) {
            causes.required(field + ".name");
        } else if (name.contains('=') || base::is_ascii_digit(name.front())) {
            causes.invalid(field + ".name", name,
                           "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit");
        }
        const Json* source = child(variables[i], "valueFrom");
        if (source && !text(variables[i], {"value"}).empty()) {
            causes.invalid(field + ".valueFrom", "", "may not be specified when `value` is not empty");
        }
        if (!source) continue;
        for (const char* kind : {"configMapKeyRef", "secretKeyRef"}) {
            const Json* reference = child(*source, kind);
            if (!reference) continue;
            if (text(*reference, {"name"}).empty()) causes.required(field + ".valueFrom." + kind + ".name");
            if (text(*reference, {"key"}).empty()) causes.required(field + ".valueFrom." + kind + ".key");
        }
    }
}

void validate_resources(const Json& container, const std::string& path, Causes& causes) {
    for (const char* part : {"limits", "requests"}) {
        for (const auto& [name, amount] : map(container, {"resources", part}).items()) {
            if (!is_quantity(amount)) {
                causes.invalid(path + ".resources." + part + "[" + name + "]", amount,
                               "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
            }
        }
    }
}

void validate_probe(const Json& container, std::string_view name, const std::string& path, Causes& causes) {
    const Json* probe = child(container, name);
    if (!probe) return;
    const std::string field = path + "." + std::string(name);
    int handlers = 0;
    for (const char* handler : {"exec", "httpGet", "tcpSocket", "grpc"}) handlers += child(*probe, handler) ? 1 : 0;
    if (handlers == 0) causes.required(field, "must specify a handler type");
    if (handlers > 1) causes.forbidden(field, "may not specify more than 1 handler type");
    for (const char* number : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"}) {
        validate_range(*probe, number, field, 0, 1'000'000'000, causes);
    }
}

void validate_container(const Json& container, const std::string& path, const std::set<std::string>& volumes, Causes& causes) {
    const std::string name = text(container, {"name"});
    if (name.empty()) {
        causes.required(path + ".name");
    } else if (!is_dns_label(name)) {
        causes.invalid(path + ".name", name,
                       "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
                       "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
    }
    const std::string image = text(container, {"image"});
    if (image.empty()) {
        causes.required(path + ".image");
    } else if (base::trim(image).size() != image.size()) {
        causes.invalid(path + ".image", image, "must not have leading or trailing whitespace");
    }
    const std::string policy = text(container, {"imagePullPolicy"}, "IfNotPresent");
    if (policy != "Always" && policy != "IfNotPresent" && policy != "Never") {
        causes.not_supported(path + ".imagePullPolicy", policy, R"("Always", "IfNotPresent", "Never")");
    }
    std::set<std::string> port_names;
    const Json& ports = array(container, {"ports"});
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::string field = indexed(path, "ports", i);
        validate_port_number(ports[i], "containerPort", field, true, causes);
        validate_port_number(ports[i], "hostPort", field, false, causes);
        validate_protocol(ports[i], field, causes);
        const std::string port_name = text(ports[i], {"name"});
        if (port_name.empty()) continue;
        if (port_name.size() > 15 || !is_dns_label(port_name)) {
            causes.invalid(field + ".name", port_name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-), at most 15");
        }
        if (!port_names.insert(port_name).second) causes.duplicate(field + ".name", port_name);
    }
    const Json& mounts = array(container, {"volumeMounts"});
    std::set<std::string> mount_paths;
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        const std::string field = indexed(path, "volumeMounts", i);
        const std::string volume = text(mounts[i], {"name"});
        const std::string mount_path = text(mounts[i], {"mountPath"});
        if (volume.empty()) {
            causes.required(field + ".name");
        } else if (!volumes.contains(volume)) {
            causes.invalid(field + ".name", volume, "must be the name of a volume of the pod");
        }
        if (mount_path.empty()) {
            causes.required(field + ".mountPath");
        } else if (!mount_paths.insert(mount_path).second) {
            causes.invalid(field + ".mountPath", mount_path, "must be unique");
        }
    }
    validate_env(container, path, causes);
    validate_resources(container, path, causes);
    for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) validate_probe(container, probe, path, causes);
}

std::set<std::string> validate_volumes(const Json& spec, const std::string& path, Causes& causes) {
    std::set<std::string> names;
    const Json& volumes = array(spec, {"volumes"});
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const std::string field = indexed(path, "volumes", i);
        const std::string name = text(volumes[i], {"name"});
        if (name.empty()) {
            causes.required(field + ".name");
        } else if (!is_dns_label(name)) {
            causes.invalid(field + ".name", name, "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'");
        } else if (!names.insert(name).second) {
            causes.duplicate(field + ".name", name);
        }
        if (const Json* claim = child(volumes[i], "persistentVolumeClaim"); claim && text(*claim, {"claimName"}).empty()) {
            causes.required(field + ".persistentVolumeClaim.claimName");
        }
        if (const Json* secret = child(volumes[i], "secret"); secret && text(*secret, {"secretName"}).empty()) {
            causes.required(field + ".secret.secretName");
        }
        if (const Json* config = child(volumes[i], "configMap"); config && text(*config, {"name"}).empty()) {
            causes.required(field + ".configMap.name");
        }
    }
    return names;
}

}  // namespace

void validate_pod_spec(const Json& spec, const std::string& path, Causes& causes, std::set<std::string> volumes) {
    volumes.merge(validate_volumes(spec, path, causes));
    std::set<std::string> names;
    if (array(spec, {"containers"}).empty()) causes.required(path + ".containers");
    for (const char* list : {"containers", "initContainers"}) {
        const Json& containers = array(spec, {list});
        for (std::size_t i = 0; i < containers.size(); ++i) {
            const std::string field = indexed(path, list, i);
            validate_container(containers[i], field, volumes, causes);
            const std::string name = text(containers[i], {"name"});
            if (!name.empty() && !names.insert(name).second) causes.duplicate(field + ".name", name);
        }
    }
    const std::string restart = text(spec, {"restartPolicy"}, "Always");
    if (restart != "Always" && restart != "OnFailure" && restart != "Never") {
        causes.not_supported(path + ".restartPolicy", restart, R"("Always", "OnFailure", "Never")");
    }
    validate_range(spec, "terminationGracePeriodSeconds", path, 0, 1'000'000'000, causes);
    validate_range(spec, "activeDeadlineSeconds", path, 1, 2'147'483'647, causes);
    validate_labels(map(spec, {"nodeSelector"}), path + ".nodeSelector", causes);
    for (const char* name : {"nodeName", "serviceAccountName"}) {
        const std::string value = text(spec, {name});
        if (!value.empty() && !is_dns_subdomain(value)) causes.invalid(path + "." + name, value, "must be a valid name");
    }
}

bool is_quantity(const Json& value) {
    if (value.is_number()) return true;
    std::string_view text_left = view(&value);
    if (text_left.starts_with('+') || text_left.starts_with('-')) text_left.remove_prefix(1);
    std::size_t digits = 0;
    std::size_t points = 0;
    std::size_t length = 0;
    while (length < text_left.size() && (base::is_ascii_digit(text_left[length]) || text_left[length] == '.')) {
        ++(text_left[length] == '.' ? points : digits);
        ++length;
    }
    if (digits == 0 || points > 1) return false;
    text_left.remove_prefix(length);
    constexpr auto kSuffixes = std::to_array<std::string_view>(
        {"", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"});
    for (const auto suffix : kSuffixes) {
        if (text_left == suffix) return true;
    }
    if (!text_left.starts_with('e') && !text_left.starts_with('E')) return false;
    text_left.remove_prefix(1);
    if (text_left.starts_with('+')) text_left.remove_prefix(1);
    return base::parse_integer_in<int>(text_left, -30, 30).has_value();
}

}  // namespace kube::api
