#include "hub/kube_access.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/node_kinds.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxPath = 2'048;
constexpr std::size_t kMaxName = 253;

base::Result<KubePlace> bad_path(std::string_view path) {
    return base::fail(base::ErrorCode::invalid_argument, "\"" + std::string(path.substr(0, 200)) + "\" is no path of the Kubernetes API.",
                      "Use paths like api/v1/namespaces/default/pods or apis/apps/v1/deployments");
}

// "v1", "v1beta1", "v1alpha": what API versions look like.
bool is_version(std::string_view text) { return is_dns_label(text) && text.front() == 'v'; }

bool is_discovery(const std::vector<std::string>& segments) {
    if (segments.size() == 1) return segments[0] == "api" || segments[0] == "apis" || segments[0] == "version";
    if (segments.size() == 2 && segments[0] == "api") return is_version(segments[1]);
    if (segments.size() == 2 && segments[0] == "openapi") return segments[1] == "v2" || segments[1] == "v3";
    if (segments[0] == "apis") return is_dns_subdomain(segments[1]) && (segments.size() == 2 || (segments.size() == 3 && is_version(segments[2])));
    return false;
}

// The control plane that the path begins with, as Milo serves them; the number of segments it takes, 0 if none.
std::size_t control_plane_segments(const std::vector<std::string>& segments) {
    if (segments.size() < 7 || segments[0] != "apis" || segments[5] != "control-plane" || !is_path_segment_name(segments[4])) return 0;
    const bool projects = segments[1] == "resourcemanager.miloapis.com" && segments[2] == "v1alpha1" && (segments[3] == "projects" || segments[3] == "organizations");
    const bool users = segments[1] == "iam.miloapis.com" && segments[2] == "v1alpha1" && segments[3] == "users";
    return projects || users ? 6 : 0;
}

std::string joined(const std::vector<std::string>& segments) {
    std::string path;
    for (const std::string& segment : segments) path += "/" + base::percent_encode_segment(segment);
    return path;
}

}  // namespace

bool is_path_segment_name(std::string_view text) {
    if (text.empty() || text.size() > kMaxName || text == "." || text == ".." || !base::is_valid_utf8(text)) return false;
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '/' || c == '%' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string KubePlace::api_root() const {
    return group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
}

std::string KubePlace::path() const {
    if (!discovery.empty()) return control_plane + discovery;
    std::string path = control_plane + api_root();
    if (!ns.empty()) path += "/namespaces/" + ns;
    path += "/" + resource;
    if (!name.empty()) path += "/" + base::percent_encode_segment(name);
    if (!subresource.empty()) path += "/" + subresource;
    return path;
}

base::Result<KubePlace> parse_resource_type(std::string_view text) {
    if (text.size() > kMaxPath) return bad_path(text);
    const auto parts = base::split(text, '/');
    KubePlace place;
    if (parts.size() == 3 && parts[0] == "api") {
        place.version = parts[1];
    } else if (parts.size() == 4 && parts[0] == "apis" && is_dns_subdomain(parts[1])) {
        place.group = parts[1];
        place.version = parts[2];
    } else {
        place.version.clear();
    }
    place.resource = parts.back();
    if (!is_version(place.version) || !is_dns_label(place.resource)) {
        return base::fail(base::ErrorCode::invalid_argument, "resourceType: \"" + std::string(text.substr(0, 200)) + "\" is no resource type.",
                          "Use api/v1/<plural> or apis/<group>/<version>/<plural>");
    }
    return place;
}

base::Result<KubePlace> parse_kube_path(std::string_view text) {
    if (text.size() > kMaxPath || text.find("//") != std::string_view::npos) return bad_path(text);
    const auto target = base::parse_target(text.starts_with('/') ? std::string(text) : "/" + std::string(text));
    if (!target || target->segments.empty() || !target->query.empty()) return bad_path(text);
    std::vector<std::string> segments = target->segments;
    KubePlace place;
    if (const std::size_t count = control_plane_segments(segments); count > 0) {
        place.control_plane = joined({segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(count)});
        segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (is_discovery(segments)) {
        place.discovery = joined(segments);
        return place;
    }
    std::size_t at = 0;
    if (segments.size() >= 3 && segments[0] == "api") {
        place.version = segments[1];
        at = 2;
    } else if (segments.size() >= 4 && segments[0] == "apis" && is_dns_subdomain(segments[1])) {
        place.group = segments[1];
        place.version = segments[2];
        at = 3;
    } else {
        return bad_path(text);
    }
    if (!is_version(place.version)) return bad_path(text);
    // /namespaces/<ns>/<resource>..., but /namespaces/<name>/status is of the namespace itself.
    const bool within = segments[at] == "namespaces" && segments.size() > at + 2 && segments[at + 2] != "status" && segments[at + 2] != "finalize";
    if (within) {
        place.ns = segments[at + 1];
        if (!is_dns_label(place.ns)) return bad_path(text);
        at += 2;
    }
    place.resource = segments[at++];
    if (at < segments.size()) place.name = segments[at++];
    if (at < segments.size()) place.subresource = segments[at++];
    const bool good = at == segments.size() && is_dns_label(place.resource) && (place.name.empty() || is_path_segment_name(place.name)) &&
                      (place.subresource.empty() || is_dns_label(place.subresource));
    if (!good) return bad_path(text);
    return place;
}

base::Result<ClusterLink*> reach_kube_place(Clusters& clusters, const User& caller, std::string_view cluster, const KubePlace& place) {
    auto link = clusters.reach(caller, cluster, ClusterUse::see);
    if (!link) return link;
    const Clusters::Entry* entry = clusters.find((*link)->name);
    if (entry == nullptr || !place.discovery.empty()) return link;
    const std::vector<std::string> allowed = clusters.namespaces_of(caller, *entry);
    const std::string ns = place.group.empty() && place.resource == "namespaces" ? place.name : place.ns;
    const bool open = allowed.empty() || (place.control_plane.empty() && std::find(allowed.begin(), allowed.end(), ns) != allowed.end());
    if (!open) {
        return base::fail(base::ErrorCode::forbidden, "The cluster \"" + (*link)->name + "\" is shared with you, but not " + (ns.empty() ? "all of it." : "its namespace " + ns + "."),
                          "Use one of the namespaces: " + base::join(allowed, ", "));
    }
    if (place.group.empty() && place.resource == "secrets" && !clusters.may(caller, *entry, ClusterUse::run)) {
        return base::fail(base::ErrorCode::forbidden, "The cluster \"" + (*link)->name + "\" is shared with you for looking only, and that leaves out secrets.",
                          "Ask an admin for the role editor");
    }
    return link;
}

}  // namespace hub
