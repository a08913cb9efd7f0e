#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "kube/api_json.hpp"
#include "kube/selectors.hpp"
#include "kube/table_cells.hpp"

namespace kube::table {
namespace {

using api::array;
using api::find;
using api::integer;
using api::map;
using api::text;

std::string or_none(std::string value) { return value.empty() ? "<none>" : value; }

std::string map_text(const Json& labels) {
    std::string out;
    for (const auto& [key, value] : labels.items()) out += (out.empty() ? "" : ",") + key + "=" + std::string(api::view(&value));
    return or_none(std::move(out));
}

std::string load_balancer_addresses(const Json& object) {
    std::vector<std::string> found;
    for (const Json& entry : array(object, {"status", "loadBalancer", "ingress"})) {
        std::string address = text(entry, {"ip"});
        if (address.empty()) address = text(entry, {"hostname"});
        if (!address.empty()) found.push_back(std::move(address));
    }
    return base::join(found, ",");
}

std::string external_ip(const Json& service) {
    const std::string type = text(service, {"spec", "type"});
    if (type == "ExternalName") return or_none(text(service, {"spec", "externalName"}));
    std::vector<std::string> found;
    for (const Json& ip : array(service, {"spec", "externalIPs"})) found.emplace_back(api::view(&ip));
    if (type != "LoadBalancer") return or_none(base::join(found, ","));
    if (const std::string assigned = load_balancer_addresses(service); !assigned.empty()) found.insert(found.begin(), assigned);
    return found.empty() ? "<pending>" : base::join(found, ",");
}

std::string service_ports(const Json& service) {
    std::string out;
    for (const Json& port : array(service, {"spec", "ports"})) {
        if (!out.empty()) out += ',';
        out += std::to_string(integer(port, {"port"}));
        if (const auto node_port = integer(port, {"nodePort"})) out += ":" + std::to_string(node_port);
        out += "/" + text(port, {"protocol"}, "TCP");
    }
    return or_none(std::move(out));
}

// At most three, as kubectl shows them.
std::string limited(const std::vector<std::string>& all) {
    if (all.empty()) return "<none>";
    if (all.size() <= 3) return base::join(all, ",");
    return base::join({all.begin(), all.begin() + 3}, ",") + " + " + std::to_string(all.size() - 3) + " more...";
}

std::string node_status(const Json& node) {
    std::string out = "Unknown";
    for (const Json& condition : array(node, {"status", "conditions"})) {
        if (text(condition, {"type"}) == "Ready") out = text(condition, {"status"}) == "True" ? "Ready" : "NotReady";
    }
    if (api::flag(node, {"spec", "unschedulable"})) out += ",SchedulingDisabled";
    return out;
}

std::string node_roles(const Json& node) {
    constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
    std::vector<std::string> roles;
    for (const auto& [key, value] : map(node, {"metadata", "labels"}).items()) {
        if (key.starts_with(kPrefix)) roles.push_back(key.substr(kPrefix.size()));
        if (key == "kubernetes.io/role") roles.emplace_back(api::view(&value));
    }
    return or_none(base::join(roles, ","));
}

std::string node_address(const Json& node, std::string_view type) {
    for (const Json& address : array(node, {"status", "addresses"})) {
        if (text(address, {"type"}) == type) return or_none(text(address, {"address"}));
    }
    return "<none>";
}

std::string access_modes(const Json& modes) {
    std::vector<std::string> out;
    for (const Json& mode : modes) {
        const auto word = api::view(&mode);
        out.emplace_back(word == "ReadWriteOnce" ? "RWO" : word == "ReadOnlyMany" ? "ROX" : word == "ReadWriteMany" ? "RWX" : word == "ReadWriteOncePod" ? "RWOP" : word);
    }
    return base::join(out, ",");
}

std::string quantity_text(const Json* value) {
    if (!value) return "";
    return value->is_string() ? std::string(api::view(value)) : api::dump(*value);
}

// Of an autoscaler: "cpu: 12%/80%".
std::string targets(const Json& autoscaler) {
    std::vector<std::string> out;
    const Json& metrics = array(autoscaler, {"spec", "metrics"});
    const Json& current = array(autoscaler, {"status", "currentMetrics"});
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const std::string name = text(metrics[i], {"resource", "name"});
        std::string have = "<unknown>";
        std::string want = quantity_text(find(metrics[i], {"resource", "target", "averageValue"}));
        const bool percent = find(metrics[i], {"resource", "target", "averageUtilization"}) != nullptr;
        if (percent) want = std::to_string(integer(metrics[i], {"resource", "target", "averageUtilization"})) + "%";
        if (i < current.size()) {
            if (percent && find(current[i], {"resource", "current", "averageUtilization"})) {
                have = std::to_string(integer(current[i], {"resource", "current", "averageUtilization"})) + "%";
            } else if (!percent && find(current[i], {"resource", "current", "averageValue"})) {
                have = quantity_text(find(current[i], {"resource", "current", "averageValue"}));
            }
        }
        out.push_back(name + ": " + have + "/" + want);
    }
    return limited(out);
}

}  // namespace

TableColumns service_columns() {
    return {{"Name", "string"},    {"Type", "string"}, {"Cluster-IP", "string"},   {"External-IP", "string"},
            {"Port(s)", "string"}, {"Age", "string"},  {"Selector", "string", 1}};
}

void service_cells(const Json& service, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(service));
    out.push_back(text(service, {"spec", "type"}));
    out.push_back(or_none(text(service, {"spec", "clusterIP"})));
    out.push_back(external_ip(service));
    out.push_back(service_ports(service));
    out.push_back(age(service, now_ms));
    out.push_back(map_text(map(service, {"spec", "selector"})));
}

TableColumns endpoints_columns() { return {{"Name", "string"}, {"Endpoints", "string"}, {"Age", "string"}}; }

void endpoints_cells(const Json& endpoints, std::int64_t now_ms, Json& out) {
    std::vector<std::string> all;
    for (const Json& subset : array(endpoints, {"subsets"})) {
        const Json& ports = array(subset, {"ports"});
        for (const Json& address : array(subset, {"addresses"})) {
            if (ports.empty()) all.push_back(text(address, {"ip"}));
            for (const Json& port : ports) all.push_back(text(address, {"ip"}) + ":" + std::to_string(integer(port, {"port"})));
        }
    }
    out.push_back(api::name_of(endpoints));
    out.push_back(limited(all));
    out.push_back(age(endpoints, now_ms));
}

TableColumns endpoint_slice_columns() {
    return {{"Name", "string"}, {"AddressType", "string"}, {"Ports", "string"}, {"Endpoints", "string"}, {"Age", "string"}};
}

void endpoint_slice_cells(const Json& slice, std::int64_t now_ms, Json& out) {
    std::vector<std::string> ports;
    for (const Json& port : array(slice, {"ports"})) ports.push_back(std::to_string(integer(port, {"port"})));
    std::vector<std::string> addresses;
    for (const Json& endpoint : array(slice, {"endpoints"})) {
        for (const Json& address : array(endpoint, {"addresses"})) addresses.emplace_back(api::view(&address));
    }
    out.push_back(api::name_of(slice));
    out.push_back(text(slice, {"addressType"}));
    out.push_back(ports.empty() ? "<unset>" : limited(ports));
    out.push_back(addresses.empty() ? "<unset>" : limited(addresses));
    out.push_back(age(slice, now_ms));
}

TableColumns ingress_columns() {
    return {{"Name", "string"}, {"Class", "string"}, {"Hosts", "string"}, {"Address", "string"}, {"Ports", "string"}, {"Age", "string"}};
}

void ingress_cells(const Json& ingress, std::int64_t now_ms, Json& out) {
    std::vector<std::string> hosts;
    for (const Json& rule : array(ingress, {"spec", "rules"})) {
        if (std::string host = text(rule, {"host"}); !host.empty()) hosts.push_back(std::move(host));
    }
    out.push_back(api::name_of(ingress));
    out.push_back(or_none(text(ingress, {"spec", "ingressClassName"})));
    out.push_back(hosts.empty() ? "*" : limited(hosts));
    out.push_back(load_balancer_addresses(ingress));
    out.push_back(array(ingress, {"spec", "tls"}).empty() ? "80" : "80, 443");
    out.push_back(age(ingress, now_ms));
}

TableColumns network_policy_columns() { return {{"Name", "string"}, {"Pod-Selector", "string"}, {"Age", "string"}}; }

void network_policy_cells(const Json& policy, std::int64_t now_ms, Json& out) {
    const auto selector = LabelSelector::from_object(map(policy, {"spec", "podSelector"}));
    out.push_back(api::name_of(policy));
    out.push_back(selector ? or_none(selector->to_string()) : "<invalid>");
    out.push_back(age(policy, now_ms));
}

TableColumns node_columns() {
    return {{"Name", "string"},           {"Status", "string"},         {"Roles", "string"},       {"Age", "string"},
            {"Version", "string"},        {"Internal-IP", "string", 1}, {"External-IP", "string", 1}, {"OS-Image", "string", 1},
            {"Kernel-Version", "string", 1}, {"Container-Runtime", "string", 1}};
}

void node_cells(const Json& node, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(node));
    out.push_back(node_status(node));
    out.push_back(node_roles(node));
    out.push_back(age(node, now_ms));
    out.push_back(text(node, {"status", "nodeInfo", "kubeletVersion"}));
    out.push_back(node_address(node, "InternalIP"));
    out.push_back(node_address(node, "ExternalIP"));
    for (const char* field : {"osImage", "kernelVersion", "containerRuntimeVersion"}) {
        out.push_back(text(node, {"status", "nodeInfo", field}, "<unknown>"));
    }
}

TableColumns event_columns() {
    return {{"Last Seen", "string"},    {"Type", "string"},      {"Reason", "string"},     {"Object", "string"},
            {"Subobject", "string", 1}, {"Source", "string", 1}, {"Message", "string"},    {"First Seen", "string", 1},
            {"Count", "string", 1},     {"Name", "string", 1}};
}

void event_cells(const Json& event, std::int64_t now_ms, Json& out) {
    const std::string created = text(event, {"metadata", "creationTimestamp"});
    std::string first = text(event, {"firstTimestamp"});
    if (first.empty()) first = text(event, {"eventTime"}, created);
    const std::string last = text(event, {"lastTimestamp"}, first);
    const std::string source = text(event, {"source", "component"}, text(event, {"reportingComponent"}));
    const std::string host = text(event, {"source", "host"});
    out.push_back(age_since(last, now_ms));
    out.push_back(text(event, {"type"}));
    out.push_back(text(event, {"reason"}));
    out.push_back(base::to_ascii_lower(text(event, {"involvedObject", "kind"})) + "/" + text(event, {"involvedObject", "name"}));
    out.push_back(text(event, {"involvedObject", "fieldPath"}));
    out.push_back(host.empty() ? source : source + ", " + host);
    out.push_back(std::string(base::trim(text(event, {"message"}))));
    out.push_back(age_since(first, now_ms));
    out.push_back(std::to_string(std::max<std::int64_t>(1, integer(event, {"count"}, 1))));
    out.push_back(api::name_of(event));
}

TableColumns namespace_columns() { return {{"Name", "string"}, {"Status", "string"}, {"Age", "string"}}; }

void namespace_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(text(object, {"status", "phase"}));
    out.push_back(age(object, now_ms));
}

TableColumns config_map_columns() { return {{"Name", "string"}, {"Data", "integer"}, {"Age", "string"}}; }

void config_map_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(map(object, {"data"}).size() + map(object, {"binaryData"}).size());
    out.push_back(age(object, now_ms));
}

TableColumns secret_columns() { return {{"Name", "string"}, {"Type", "string"}, {"Data", "integer"}, {"Age", "string"}}; }

void secret_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(text(object, {"type"}));
    out.push_back(map(object, {"data"}).size());
    out.push_back(age(object, now_ms));
}

TableColumns service_account_columns() { return {{"Name", "string"}, {"Secrets", "string"}, {"Age", "string"}}; }

void service_account_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(std::to_string(array(object, {"secrets"}).size()));
    out.push_back(age(object, now_ms));
}

TableColumns claim_columns() {
    return {{"Name", "string"},         {"Status", "string"},       {"Volume", "string"}, {"Capacity", "string"},
            {"Access Modes", "string"}, {"StorageClass", "string"}, {"Age", "string"},    {"VolumeMode", "string", 1}};
}

void claim_cells(const Json& claim, std::int64_t now_ms, Json& out) {
    const bool bound = !text(claim, {"spec", "volumeName"}).empty();
    out.push_back(api::name_of(claim));
    out.push_back(text(claim, {"metadata", "deletionTimestamp"}).empty() ? text(claim, {"status", "phase"}) : "Terminating");
    out.push_back(text(claim, {"spec", "volumeName"}));
    out.push_back(bound ? quantity_text(find(claim, {"status", "capacity", "storage"})) : "");
    out.push_back(bound ? access_modes(array(claim, {"status", "accessModes"})) : "");
    out.push_back(text(claim, {"spec", "storageClassName"}));
    out.push_back(age(claim, now_ms));
    out.push_back(text(claim, {"spec", "volumeMode"}));
}

TableColumns autoscaler_columns() {
    return {{"Name", "string"},     {"Reference", "string"}, {"Targets", "string"}, {"MinPods", "string"},
            {"MaxPods", "integer"}, {"Replicas", "integer"}, {"Age", "string"}};
}

void autoscaler_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(text(object, {"spec", "scaleTargetRef", "kind"}) + "/" + text(object, {"spec", "scaleTargetRef", "name"}));
    out.push_back(targets(object));
    out.push_back(std::to_string(integer(object, {"spec", "minReplicas"}, 1)));
    out.push_back(integer(object, {"spec", "maxReplicas"}));
    out.push_back(integer(object, {"status", "currentReplicas"}));
    out.push_back(age(object, now_ms));
}

}  // namespace kube::table
