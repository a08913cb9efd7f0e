// Tables: what kubectl prints. The server makes the cells (Accept: application/json;as=Table), kubectl only aligns them.
//
//   const TableColumns& columns = table_columns(type);
//   Json cells = table_cells(type, pod, now_ms);    // ["web-0", "1/1", "Running", "0", "5m", "10.244.0.3", ...]
//
// Columns with priority 1 appear with `-o wide`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kube/object_store.hpp"
#include "kube/resource_types.hpp"

namespace kube {

struct TableColumn {
    std::string_view name;
    std::string_view type;  // "string" or "integer"
    int priority = 0;
    std::string_view format = {};
    std::string_view description = {};
};
using TableColumns = std::vector<TableColumn>;

enum class IncludeObject { none, metadata, object };

[[nodiscard]] TableColumns table_columns(const ResourceType& type);
[[nodiscard]] Json column_definitions(const ResourceType& type);
[[nodiscard]] Json table_cells(const ResourceType& type, const Json& object, std::int64_t now_ms);
[[nodiscard]] Json table_row(const ResourceType& type, const Json& object, std::int64_t now_ms, IncludeObject include);

// The STATUS cell of a pod: its phase, or what is wrong with a container ("CrashLoopBackOff", "Init:0/1", "Completed").
[[nodiscard]] std::string pod_status_word(const Json& pod);

// {"kind": "PartialObjectMetadata", "metadata": ...}
[[nodiscard]] Json partial_metadata(const Json& object);

}  // namespace kube
