// ClusterRecord: what the hub keeps of a cluster it was given. Two documents: "clusters" (what may be shown) and
// "cluster_credentials" (what never leaves the hub again).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/cluster_connector.hpp"
#include "hub/json_text.hpp"

namespace hub {

struct ClusterShare {
    std::string user_id;
    std::string role;                     // "viewer": sees it and what is in it; "editor": also runs workflows there
    std::vector<std::string> namespaces;  // empty: all
    friend bool operator==(const ClusterShare&, const ClusterShare&) = default;
};

struct ClusterRecord {
    std::string id;
    std::string name;          // the key: a DNS label, but for the hub's own cluster
    std::string display_name;
    std::string description;
    std::string auth_type;     // kubeconfig, serviceaccount, token, certificate
    std::string ns;            // where nodes without a namespace go; empty: the hub's default
    std::string context;       // of the kubeconfig it was made from
    Json labels = Json::object();
    bool single_node = false;
    bool builtin = false;      // the one the hub was started with: not stored, cannot be removed
    std::string owner_id;
    std::string created_at, updated_at;
    std::vector<ClusterShare> shares;
    ClusterAccess access;

    // What the last check found.
    std::string status = "unknown";  // connected, disconnected (no answer), error (an answer that is of no use), unknown
    std::string message;             // why it is not connected
    std::string hint;                // what to do about that
    std::int64_t last_check_ms = 0;  // unix; 0: never
    std::int64_t latency_ms = -1;
    Json metadata = Json::object();
};

// The two documents.
[[nodiscard]] Json cluster_document(const ClusterRecord& record);
[[nodiscard]] Json credentials_document(const ClusterAccess& access);
// `credentials` may be null: then the record has the server's address only.
[[nodiscard]] ClusterRecord cluster_from_documents(const std::string& id, const Json& document, const Json& credentials);

}  // namespace hub
