#include "hub/run_values.hpp"

#include "base/encoding.hpp"

namespace hub {

std::optional<std::string> kept_value(const GraphNode& node, const Json& existing, const std::string& key) {
    if (node.kind == NodeKind::secret) {
        const Json& value = value_at(existing, "data", key);
        return value.is_string() ? base::base64_decode(*value.get_ptr<const std::string*>()) : std::nullopt;
    }
    const Json& workload = object_at(existing, "spec", "jobTemplate").empty() ? existing : object_at(existing, "spec", "jobTemplate");
    for (const Json& container : array_at(workload, "spec", "template", "spec", "containers")) {
        for (const Json& variable : array_at(container, "env")) {
            if (text_at(variable, "name") == key) return text_at(variable, "value");
        }
    }
    return std::nullopt;
}

}  // namespace hub
