// How the hub describes single Kubernetes objects in lists and details (contracts: KubeOrch core, "Resources"). Pure.
#pragma once

#include <string>

#include "hub/json_text.hpp"
#include "hub/resource_ids.hpp"

namespace hub {

// running pending failed completed unknown deleted warning
[[nodiscard]] std::string resource_status(const ResourceType& type, const Json& object);
// One line: "nginx:1.27, 3/3 ready", "ClusterIP 10.96.14.7, port 80".
[[nodiscard]] std::string resource_summary(const ResourceType& type, const Json& object);
// {id,name,namespace,type,clusterName,status,createdAt,isFavorite,summary}
[[nodiscard]] Json resource_row(const ResourceType& type, const Json& object, const std::string& cluster);
// A row, and spec.containers[{name,image,restartCount,ready,state}], labels, metadata.
[[nodiscard]] Json resource_details(const ResourceType& type, const Json& object, const std::string& cluster);
// {id,name,namespace,phase,reason,message,ready,restarts,started_at,created_at,node,ip,containers}
[[nodiscard]] Json pod_row(const Json& pod);
// {id,type,reason,message,object,namespace,count,first_seen,last_seen}
[[nodiscard]] Json event_row(const Json& event);

}  // namespace hub
