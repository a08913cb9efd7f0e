// What people send to add or change a cluster, checked. Each mistake has the path of its field, so that a form can show it there.
//
//   hub::FieldErrors errors;
//   auto record = hub::read_new_cluster(body, errors);
//   if (!errors.lines.empty()) answer 400 with errors.lines            // "credentials.kubeconfig: The kubeconfig names no current context; ..."
#pragma once

#include <string>
#include <vector>

#include "hub/cluster_record.hpp"

namespace hub {

struct FieldErrors {
    std::vector<std::string> lines;  // "path: message"
    std::string hint;                // of the first that has one
    void add(const std::string& path, const std::string& message, const std::string& what_next = {}) {
        lines.push_back(path + ": " + message);
        if (hint.empty()) hint = what_next;
    }
};

// POST /clusters. Without id, owner and times.
[[nodiscard]] ClusterRecord read_new_cluster(const Json& body, FieldErrors& errors);
// PUT /clusters/:name: displayName, description, labels, singleNode, namespace; what is absent stays.
void read_cluster_changes(const Json& body, ClusterRecord& record, FieldErrors& errors);
// {authType, server, credentials{...}} into access, auth_type, context and namespace. An absent server keeps the present one.
void read_credentials(const Json& body, ClusterRecord& record, FieldErrors& errors);
// POST /clusters/:name/share.
[[nodiscard]] ClusterShare read_share(const Json& body, FieldErrors& errors);

}  // namespace hub
