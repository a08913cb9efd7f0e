// Who may read which path of which cluster. The one place that decides, for watches (watch_hub.hpp) and for GET /api/proxy/<path>.
//
//   auto place = parse_kube_path("/apis/apps/v1/namespaces/default/deployments/web/status");
//   if (!place) return send_error(*writer, place.error());
//   auto link = reach_kube_place(clusters, caller, cluster_name, *place);
//   if (!link) ...                        // unknown or not shared: not_found; not this namespace: forbidden
//   (*link)->kube.send({.target = place->path() + query}, ...);
//
// A path is taken apart and put together again, so that nothing but the API's own shapes gets through: no "..", no empty or encoded
// segments that mean something else behind a proxy, no other trees of the server (SSRF).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "hub/clusters.hpp"

namespace hub {

struct KubePlace {
    std::string control_plane;  // "" or "/apis/resourcemanager.miloapis.com/v1alpha1/projects/<name>/control-plane" and the like
    std::string group;          // "" is the core group
    std::string version;        // "" only for discovery: /api, /apis, /apis/<group>, /version, /openapi/v3...
    std::string resource;       // plural; empty: discovery
    std::string ns;
    std::string name;
    std::string subresource;    // "status", "log", ...
    std::string discovery;      // the whole path when it is one of discovery

    // Percent-encoded, begins with '/'.
    [[nodiscard]] std::string path() const;
    // "/api/v1" or "/apis/<group>/<version>"
    [[nodiscard]] std::string api_root() const;
};

// What a path segment may hold: no '/', no '%', not "." or "..", at most 253 bytes.
[[nodiscard]] bool is_path_segment_name(std::string_view text);

// Of "api/v1/<plural>" or "apis/<group>/<version>/<plural>"; invalid_argument says what is wrong.
[[nodiscard]] base::Result<KubePlace> parse_resource_type(std::string_view text);
// Of a path without query, percent-encoded as it came. invalid_argument for what is no path of the Kubernetes API.
[[nodiscard]] base::Result<KubePlace> parse_kube_path(std::string_view path);

// The link for reading there, or why not: who is limited to namespaces names one of them (and reads nothing that is in none but
// discovery), and a viewer of a shared cluster reads no secrets, as with Kubernetes' own role "view".
[[nodiscard]] base::Result<ClusterLink*> reach_kube_place(Clusters& clusters, const User& caller, std::string_view cluster, const KubePlace& place);

}  // namespace hub
