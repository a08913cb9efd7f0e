#include "hub/cluster_record.hpp"

namespace hub {

Json cluster_document(const ClusterRecord& record) {
    Json shares = Json::array();
    for (const ClusterShare& share : record.shares) {
        shares.push_back({{"userId", share.user_id}, {"role", share.role}, {"namespaces", share.namespaces}});
    }
    return {{"name", record.name},
            {"displayName", record.display_name},
            {"description", record.description},
            {"server", record.access.server},
            {"authType", record.auth_type},
            {"namespace", record.ns},
            {"context", record.context},
            {"labels", record.labels},
            {"singleNode", record.single_node},
            {"ownerId", record.owner_id},
            {"createdAt", record.created_at},
            {"updatedAt", record.updated_at},
            {"shares", std::move(shares)},
            {"status", record.status},
            {"message", record.message},
            {"hint", record.hint},
            {"lastCheckMs", record.last_check_ms},
            {"latencyMs", record.latency_ms},
            {"metadata", record.metadata}};
}

Json credentials_document(const ClusterAccess& access) {
    return {{"ca", access.ca_pem},
            {"clientCert", access.client_cert_pem},
            {"clientKey", access.client_key_pem},
            {"token", access.token},
            {"tlsServerName", access.tls_server_name},
            {"insecure", access.insecure}};
}

ClusterRecord cluster_from_documents(const std::string& id, const Json& document, const Json& credentials) {
    ClusterRecord record;
    record.id = id;
    record.name = text_at(document, "name");
    record.display_name = text_at(document, "displayName");
    record.description = text_at(document, "description");
    record.auth_type = text_at(document, "authType");
    record.ns = text_at(document, "namespace");
    record.context = text_at(document, "context");
    record.labels = object_at(document, "labels");
    record.single_node = flag_at(document, "singleNode");
    record.owner_id = text_at(document, "ownerId");
    record.created_at = text_at(document, "createdAt");
    record.updated_at = text_at(document, "updatedAt");
    for (const Json& entry : array_at(document, "shares")) {
        ClusterShare share{text_at(entry, "userId"), text_at(entry, "role"), {}};
        for (const Json& ns : array_at(entry, "namespaces")) {
            if (ns.is_string()) share.namespaces.push_back(*ns.get_ptr<const std::string*>());
        }
        if (!share.user_id.empty()) record.shares.push_back(std::move(share));
    }
    record.status = text_at(document, "status");
    record.message = text_at(document, "message");
    record.hint = text_at(document, "hint");
    record.last_check_ms = number_at(document, 0, "lastCheckMs");
    record.latency_ms = number_at(document, -1, "latencyMs");
    record.metadata = object_at(document, "metadata");
    record.access = {text_at(document, "server"),          text_at(credentials, "ca"),    text_at(credentials, "clientCert"),
                     text_at(credentials, "clientKey"),    text_at(credentials, "token"), text_at(credentials, "tlsServerName"),
                     flag_at(credentials, "insecure")};
    return record;
}

}  // namespace hub
