#include <cstdint>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "kube/api_defaults.hpp"
#include "kube/api_json.hpp"
#include "kube/api_schema.hpp"

namespace kube::api {
namespace {

constexpr std::uint32_t kFirstIp = 10u << 24 | 96u << 16;  // 10.96.0.0/16; .0.1 to .0.10 are for the cluster's own services
constexpr std::uint32_t kIpCount = 1u << 16;
constexpr std::uint32_t kReservedIps = 16;
constexpr std::int64_t kFirstNodePort = 30'000;
constexpr std::int64_t kLastNodePort = 32'767;

std::string ip_text(std::uint32_t ip) {
    return std::to_string(ip >> 24) + "." + std::to_string(ip >> 16 & 255) + "." + std::to_string(ip >> 8 & 255) + "." +
           std::to_string(ip & 255);
}

std::optional<std::uint32_t> parse_ip(std::string_view text) {
    const auto parts = base::split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    std::uint32_t ip = 0;
    for (const auto part : parts) {
        const auto number = base::parse_integer_in<std::uint32_t>(part, 0, 255);
        if (!number || (part.size() > 1 && part.front() == '0')) return std::nullopt;
        ip = ip << 8 | *number;
    }
    return ip;
}

bool is_in_range(std::uint32_t ip) { return ip > kFirstIp && ip < kFirstIp + kIpCount - 1; }

struct Taken {
    std::set<std::string> ips;
    std::set<std::int64_t> node_ports;
};

Taken taken_by_others(const ObjectStore& store, const Json& service) {
    Taken taken;
    for (const ObjectPtr& other : store.list("services")) {
        if (name_of(*other) == name_of(service) && namespace_of(*other) == namespace_of(service)) continue;
        taken.ips.insert(text(*other, {"spec", "clusterIP"}));
        for (const Json& port : array(*other, {"spec", "ports"})) {
            if (const auto number = integer(port, {"nodePort"})) taken.node_ports.insert(number);
        }
    }
    return taken;
}

const ResourceType& services() { return *find_resource("services"); }

ApiResult<void> allocate_ip(Json& service, Taken& taken, base::Random& random) {
    Json& spec = service["spec"];
    const std::string asked = text(spec, {"clusterIP"});
    if (asked == "None") {
        spec["clusterIPs"] = Json::array({"None"});
        return {};
    }
    if (!asked.empty()) {
        Causes causes;
        const auto ip = parse_ip(asked);
        if (!ip) {
            causes.invalid("spec.clusterIPs[0]", asked, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        } else if (!is_in_range(*ip)) {
            causes.invalid("spec.clusterIPs", Json::array({asked}),
                           "failed to allocate IP " + asked + ": the provided IP (" + asked + ") is not in the valid range. The range of valid IPs is 10.96.0.0/16");
        } else if (taken.ips.contains(asked)) {
            causes.invalid("spec.clusterIPs", Json::array({asked}), "failed to allocate IP " + asked + ": provided IP is already allocated");
        }
        if (!causes.empty()) return fail(invalid(services(), name_of(service), causes));
        spec["clusterIPs"] = Json::array({asked});
        return {};
    }
    const auto start = static_cast<std::uint32_t>(random.below(kIpCount));
    for (std::uint32_t i = 0; i < kIpCount; ++i) {
        const std::uint32_t ip = kFirstIp + (start + i) % kIpCount;
        if (!is_in_range(ip) || ip < kFirstIp + kReservedIps) continue;
        std::string candidate = ip_text(ip);
        if (taken.ips.contains(candidate)) continue;
        spec["clusterIPs"] = Json::array({candidate});
        spec["clusterIP"] = std::move(candidate);
        return {};
    }
    return fail(internal_error("failed to allocate a serviceIP: range is full"));
}

// The node port the service had for the same port, or 0.
std::int64_t earlier_node_port(const Json* before, const Json& port) {
    if (!before) return 0;
    for (const Json& old_port : array(*before, {"spec", "ports"})) {
        if (integer(old_port, {"port"}) == integer(port, {"port"}) && key_value(old_port, "protocol") == key_value(port, "protocol")) {
            return integer(old_port, {"nodePort"});
        }
    }
    return 0;
}

ApiResult<void> allocate_node_ports(Json& service, Taken& taken, const Json* before, base::Random& random) {
    Json& ports = service["spec"]["ports"];
    Causes causes;
    // What is asked for comes first, so that it is not given to a port that would take any.
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const auto asked = integer(ports[i], {"nodePort"});
        if (asked == 0) continue;
        const std::string field = "spec.ports[" + std::to_string(i) + "].nodePort";
        if (asked < kFirstNodePort || asked > kLastNodePort) {
            causes.invalid(field, asked, "provided port is not in the valid range. The range of valid ports is 30000-32767");
        } else if (!taken.node_ports.insert(asked).second) {
            causes.invalid(field, asked, "provided port is already allocated");
        }
    }
    if (!causes.empty()) return fail(invalid(services(), name_of(service), causes));
    for (Json& port : ports) {
        if (!port.is_object() || integer(port, {"nodePort"}) != 0) continue;
        if (const auto earlier = earlier_node_port(before, port); earlier != 0 && taken.node_ports.insert(earlier).second) {
            port["nodePort"] = earlier;
            continue;
        }
        constexpr std::int64_t kCount = kLastNodePort - kFirstNodePort + 1;
        const auto start = static_cast<std::int64_t>(random.below(kCount));
        std::int64_t found = 0;
        for (std::int64_t i = 0; i < kCount && found == 0; ++i) {
            const std::int64_t candidate = kFirstNodePort + (start + i) % kCount;
            if (taken.node_ports.insert(candidate).second) found = candidate;
        }
        if (found == 0) return fail(internal_error("failed to allocate a nodePort: range is full"));
        port["nodePort"] = found;
    }
    return {};
}

}  // namespace

ApiResult<void> allocate_service(const ObjectStore& store, base::Random& random, const Json* before, Json& service) {
    Json& spec = member(service, {"spec"});
    const std::string type = text(spec, {"type"}, "ClusterIP");
    if (type == "ExternalName") {
        for (const char* name : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) spec.erase(name);
        return {};
    }
    if (text(spec, {"clusterIP"}).empty() && before) {
        if (const std::string earlier = text(*before, {"spec", "clusterIP"}); !earlier.empty()) spec["clusterIP"] = earlier;
    }
    Taken taken = taken_by_others(store, service);
    if (auto ok = allocate_ip(service, taken, random); !ok) return ok;
    if (!spec.contains("ports") || !spec["ports"].is_array()) return {};
    if (type == "NodePort" || type == "LoadBalancer") return allocate_node_ports(service, taken, before, random);
    for (Json& port : spec["ports"]) {
        if (port.is_object()) port.erase("nodePort");
    }
    spec.erase("externalTrafficPolicy");
    return {};
}

}  // namespace kube::api
