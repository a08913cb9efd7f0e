// What the backend says of clusters, read: tolerant, because it may be another version. What is missing or of another type counts as absent.
//
//   for (const wire::JsonReader item : json.array_or_empty("clusters")) list.push_back(read_cluster(item));
#pragma once

#include "model/clusters.hpp"
#include "wire/json_reader.hpp"

namespace model {

[[nodiscard]] ClusterInfo read_cluster(const wire::JsonReader& json);
// Of a cluster, or of an answer of /status.
[[nodiscard]] ClusterStatus read_status(const wire::JsonReader& json);
// An answer of /metrics and one of /logs put into the details; what else these hold stays.
void read_metrics(const wire::JsonReader& json, ClusterDetails& details);
void read_log(const wire::JsonReader& json, ClusterDetails& details);

}  // namespace model
