// From a workflow's nodes and edges to Kubernetes manifests. Pure: the same input gives the same JSON (golden files in
// tests/data/hub).
//
// Every object carries the labels of `binnacle.dev/workflow-id` and `binnacle.dev/node-id`, pods too, so that one label
// selector watches a workflow. Selectors never use them: a workload selects `app: <name>`, because selectors are immutable
// while node ids come and go with edits. A Service over several workloads selects `service.binnacle.dev/<service>: "true"`,
// a label that its edges put into those pod templates.
//
//   for (std::size_t node : apply_order(graph)) apply(make_manifest(graph, node, {.workflow_id = id, .secrets = values}));
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hub/json_text.hpp"
#include "hub/workflow_rules.hpp"

namespace hub {

inline constexpr std::string_view kManagedByLabel = "app.kubernetes.io/managed-by";
inline constexpr std::string_view kWorkflowLabel = "binnacle.dev/workflow-id";
inline constexpr std::string_view kNodeLabel = "binnacle.dev/node-id";
inline constexpr std::string_view kSpecHashAnnotation = "binnacle.dev/spec-hash";  // Jobs only: they cannot be changed

// By node id, then by key.
using ValuesByNode = std::map<std::string, std::map<std::string, std::string>>;

struct ManifestInput {
    std::string workflow_id = {};
    ValuesByNode secrets = {};  // values of secret nodes
    ValuesByNode env = {};      // values of envKeys of workload nodes
};

// Node indexes in the order in which their objects are applied: what others refer to comes first.
[[nodiscard]] std::vector<std::size_t> apply_order(const WorkflowGraph& graph);
[[nodiscard]] Json make_manifest(const WorkflowGraph& graph, std::size_t node, const ManifestInput& input);

// Node ids that are no label value ("a/b", 100 characters) become "h-" and 16 hex digits of their SHA-256.
[[nodiscard]] std::string node_label_value(std::string_view node_id);

// Names of the keys that a secret node (`keys`) or a workload (`envKeys`) expects values for.
struct ExpectedKey {
    std::string name;
    bool generate = false;  // a random value is fine when none is given (secret nodes only)
};
[[nodiscard]] std::vector<ExpectedKey> expected_keys(const GraphNode& node);

}  // namespace hub
