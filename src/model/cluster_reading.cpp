#include "model/cluster_reading.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace model {

namespace {

double finite_number(const wire::JsonReader& reader, std::string_view key) {
    if (!reader) return 0;
    const double value = reader.number_or(key, 0);
    return std::isfinite(value) && value >= 0 ? value : 0;
}

std::vector<std::string> texts(const wire::JsonReader& reader, std::string_view key) { return reader ? reader.string_list(key) : std::vector<std::string>(); }

ClusterHealth health_of(std::string_view word) {
    if (word == "connected") return ClusterHealth::connected;
    if (word == "disconnected") return ClusterHealth::disconnected;
    return word == "error" ? ClusterHealth::error : ClusterHealth::unknown;
}

ClusterUsage read_usage(const wire::JsonReader& resources, std::string_view key) {
    if (!resources) return {};
    const auto usage = resources.optional_object(key);
    if (!usage) return {};
    return {finite_number(usage, "used"), finite_number(usage, "capacity"), finite_number(usage, "percentage")};
}

}  // namespace

ClusterInfo read_cluster(const wire::JsonReader& json) {
    ClusterInfo info;
    info.id = json.string_or("id", "");
    info.name = json.string_or("name", "");
    info.display_name = json.string_or("displayName", info.name);
    if (info.display_name.empty()) info.display_name = info.name;
    info.description = json.string_or("description", "");
    info.server = json.string_or("server", "");
    info.auth_type = json.string_or("authType", "");
    info.ns = json.string_or("namespace", "");
    info.context = json.string_or("context", "");
    info.is_default = json.boolean_or("default", false);
    info.builtin = json.boolean_or("builtin", false);
    info.can_change = json.boolean_or("canChange", true);
    info.can_run = json.boolean_or("canRun", true);
    info.insecure = json.boolean_or("insecure", false);
    info.labels = json.string_map("labels");
    if (const auto metadata = json.optional_object("metadata")) {
        info.version = metadata.string_or("version", "");
        info.platform = metadata.string_or("platform", "");
        info.provider = metadata.string_or("provider", "");
        info.region = metadata.string_or("region", "");
        info.metadata_at = metadata.string_or("lastUpdated", "");
        if (metadata.has("nodeCount")) info.node_count = static_cast<int>(metadata.integer_or("nodeCount", -1, {.min = -1, .max = 1'000'000}));
        info.cpu_capacity = finite_number(metadata, "cpuCapacity");
        info.memory_capacity = finite_number(metadata, "memoryCapacity");
        info.storage_classes = texts(metadata, "storageClasses");
        info.namespaces = texts(metadata, "namespaces");
        info.capabilities = texts(metadata, "capabilities");
    }
    return info;
}

ClusterStatus read_status(const wire::JsonReader& json) {
    ClusterStatus status;
    status.health = health_of(json.string_or("status", ""));
    status.message = json.string_or("message", "");
    status.hint = json.string_or("hint", "");
    status.last_check = json.string_or("lastCheck", "");
    status.latency_ms = json.integer_or("latencyMs", -1);
    status.stale = json.boolean_or("isStale", status.last_check.empty());
    return status;
}

void read_metrics(const wire::JsonReader& json, ClusterDetails& details) {
    const auto resources = json.optional_object("resources");
    details.cpu = read_usage(resources, "cpu");
    details.memory = read_usage(resources, "memory");
    details.storage = read_usage(resources, "storage");
    details.measured = json.string_or("source", "") == "metrics";
    details.pod_count = static_cast<int>(json.integer_or("podCount", 0, {.min = 0, .max = 10'000'000}));
    details.metrics_at = json.string_or("lastUpdated", "");
    details.health.clear();
    for (const wire::JsonReader row : json.array_or_empty("health")) details.health.push_back({row.string_or("name", ""), row.string_or("status", ""), row.string_or("message", "")});
}

void read_log(const wire::JsonReader& json, ClusterDetails& details) {
    details.log.clear();
    for (const wire::JsonReader line : json.array_or_empty("logs")) {
        details.log.push_back({line.string_or("timestamp", ""), line.string_or("level", ""), line.string_or("message", "")});
    }
}

}  // namespace model
