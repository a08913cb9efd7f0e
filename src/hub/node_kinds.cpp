#include "hub/node_kinds.hpp"

#include <algorithm>
#include <vector>

#include "hub/plugin_catalogue.hpp"

namespace hub {

namespace {

constexpr int kPluginApplyOrder = 2;  // before what may want the certificates, secrets and databases they bring

const std::vector<NodeKindInfo>& plugin_kinds() {
    static const std::vector<NodeKindInfo> kKinds = [] {
        std::vector<NodeKindInfo> kinds;
        for (const Plugin& plugin : plugins()) {
            for (const PluginNodeType& type : plugin.node_types) {
                kinds.push_back({static_cast<NodeKind>(kFirstPluginKind + kinds.size()), type.name, type.api_version, type.kube_kind, type.plural, kPluginApplyOrder});
            }
        }
        return kinds;
    }();
    return kKinds;
}

}  // namespace

const NodeKindInfo& info_of(NodeKind kind) {
    if (is_plugin_kind(kind)) return plugin_kinds()[static_cast<std::size_t>(kind) - kFirstPluginKind];
    return *std::find_if(kNodeKinds.begin(), kNodeKinds.end(), [kind](const auto& info) { return info.kind == kind; });
}

std::optional<NodeKind> node_kind_from_type(std::string_view type) {
    for (const NodeKindInfo& info : kNodeKinds) {
        if (info.type == type) return info.kind;
    }
    for (const NodeKindInfo& info : plugin_kinds()) {
        if (info.type == type) return info.kind;
    }
    return std::nullopt;
}

bool has_pods(NodeKind kind) {
    switch (kind) {
        case NodeKind::deployment:
        case NodeKind::statefulset:
        case NodeKind::daemonset:
        case NodeKind::job:
        case NodeKind::cronjob:
            return true;
        default:
            return false;
    }
}

bool edge_allowed(NodeKind source, NodeKind target) {
    using enum NodeKind;
    switch (source) {
        case ingress:
            return target == service;
        case service:
        case networkpolicy:
            return target == deployment || target == statefulset || target == daemonset;
        case configmap:
        case secret:
            return has_pods(target);
        case persistentvolumeclaim:
        case hpa:
            return target == deployment || target == statefulset;
        default:
            return false;
    }
}

std::string resource_path(std::string_view api_version, std::string_view plural, std::string_view ns,
                          std::string_view name) {
    std::string path = api_version == "v1" ? "/api/" : "/apis/";
    path += api_version;
    if (!ns.empty()) path.append("/namespaces/").append(ns);
    path.append("/").append(plural);
    if (!name.empty()) path.append("/").append(name);
    return path;
}

std::string resource_path(NodeKind kind, std::string_view ns, std::string_view name) {
    const NodeKindInfo& info = info_of(kind);
    return resource_path(info.api_version, info.plural, ns, name);
}

bool is_dns_label(std::string_view text) {
    if (text.empty() || text.size() > 63) return false;
    const auto is_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (!is_alnum(text.front()) || !is_alnum(text.back())) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) { return is_alnum(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) {
    if (text.size() > 253) return false;
    for (;;) {
        const std::size_t dot = text.find('.');
        if (!is_dns_label(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

}  // namespace hub
