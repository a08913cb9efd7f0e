// Which kinds of objects a cluster has, from its discovery documents, and how one object is doing, whatever its kind.
//
//   auto groups = read_api_groups(apis_json);                // of GET /apis: {"apps/v1", "batch/v1", ...}, the preferred versions
//   add_api_resources(list_json, kinds);                     // of GET /api/v1 and GET /apis/<group>/<version>
//   ResourceStatus status = resource_status("apis/apps/v1/deployments", object);     // {warning, "2/3 ready"}
//
// Everything here comes from a server: what has another shape than expected is left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace model {

using base::Json;

struct ResourceKind {
    static constexpr std::size_t kMaxKinds = 2'000;

    std::string type;        // "api/v1/pods", "apis/apps/v1/deployments": as watches name it
    std::string group;       // "" is the core group
    std::string version;
    std::string plural;
    std::string kind;        // "Deployment"
    std::string short_names; // "deploy", separated by blanks
    bool namespaced = true;
    bool can_watch = false;
    bool can_delete = false;
    bool can_scale = false;
    bool custom = false;     // of a group that Kubernetes itself does not have

    // "apps/v1", "v1".
    [[nodiscard]] std::string api_version() const { return group.empty() ? version : group + "/" + version; }
    // The object's path in the API, percent-encoded; without a name the collection.
    [[nodiscard]] std::string path(std::string_view ns, std::string_view name = {}) const;
    // A rollout can be restarted: Deployments, StatefulSets, DaemonSets.
    [[nodiscard]] bool can_restart() const;
    friend bool operator==(const ResourceKind&, const ResourceKind&) = default;
};

// Whether `type` has the form of ResourceKind::type; what a link or a preference says is checked by it.
[[nodiscard]] bool is_resource_type(std::string_view type);

// Group/version of each group, the preferred one; at most 200.
[[nodiscard]] std::vector<std::string> read_api_groups(const Json& group_list);
// Adds the kinds that can be listed.
void add_api_resources(const Json& resource_list, std::vector<ResourceKind>& kinds);
// Workloads and what people look for first, then by kind; custom kinds after Kubernetes' own.
void sort_kinds(std::vector<ResourceKind>& kinds);
[[nodiscard]] const ResourceKind* find_kind(const std::vector<ResourceKind>& kinds, std::string_view type);

enum class StatusTone : std::uint8_t { none, good, busy, warning, bad };

struct ResourceStatus {
    StatusTone tone = StatusTone::none;
    std::string word;      // "Ready", "2/3 ready", "Terminating"; empty with none
    std::string reason;    // of what is not good: "ImagePullBackOff: no such tag"; may be empty
    friend bool operator==(const ResourceStatus&, const ResourceStatus&) = default;
};
[[nodiscard]] ResourceStatus resource_status(std::string_view type, const Json& object);
[[nodiscard]] std::string_view to_string(StatusTone tone);

}  // namespace model
