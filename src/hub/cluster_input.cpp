#include "hub/cluster_input.hpp"

#include "base/text.hpp"
#include "hub/kubeconfig.hpp"
#include "hub/node_kinds.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxTextBytes = 2'000;
constexpr std::size_t kMaxTokenBytes = 64 * 1024;
constexpr std::size_t kMaxLabels = 50;

void take(const wire::JsonErrors& from, FieldErrors& into) {
    for (const auto& issue : from.issues()) into.add(issue.path.empty() ? "body" : issue.path, issue.message);
}

std::string short_text(const wire::JsonReader& fields, std::string_view key, FieldErrors& errors) {
    std::string text(base::trim(fields.string_or(key, "")));
    if (text.size() > kMaxTextBytes) errors.add(std::string(key), "is longer than " + std::to_string(kMaxTextBytes) + " bytes");
    return text;
}

void check_namespace(const std::string& ns, const std::string& path, FieldErrors& errors) {
    if (!ns.empty() && !is_dns_label(ns)) errors.add(path, "\"" + ns + "\" is no namespace name");
}

void read_labels(const wire::JsonReader& fields, ClusterRecord& record, FieldErrors& errors) {
    if (!fields.has("labels")) return;
    Json labels = Json::object();
    for (auto& [key, value] : fields.string_map("labels")) labels[key] = value;
    if (labels.size() > kMaxLabels) errors.add("labels", "more than " + std::to_string(kMaxLabels));
    record.labels = std::move(labels);
}

// A header field is made of it.
bool is_token_text(std::string_view token) {
    for (const char c : token) {
        if (c <= ' ' || c > '~') return false;
    }
    return !token.empty();
}

void check_token(const std::string& token, FieldErrors& errors) {
    if (token.size() > kMaxTokenBytes) return errors.add("credentials.token", "is larger than 64 kB");
    if (!token.empty() && !is_token_text(token)) errors.add("credentials.token", "has characters that no token has (blanks, line breaks)", "Paste the token alone, without \"Bearer\"");
}

std::string pem_field(const wire::JsonReader& credentials, const char* key, FieldErrors& errors) {
    const std::string text = credentials.string_or(key, "");
    if (base::trim(text).empty()) return {};
    auto pem = read_pem(text, key);
    if (pem) return std::move(*pem);
    errors.add(std::string("credentials.") + key, pem.error().message.substr(std::string_view(key).size() + 2));
    return {};
}

void read_from_kubeconfig(const wire::JsonReader& credentials, ClusterRecord& record, FieldErrors& errors) {
    const auto config = read_kubeconfig(credentials.string_or("kubeconfig", ""));
    if (!config) return errors.add("credentials.kubeconfig", config.error().message, config.error().hint);
    const std::string wanted = credentials.string_or("context", "");
    auto context = choose_context(*config, wanted);
    if (!context) return errors.add(wanted.empty() ? "credentials.kubeconfig" : "credentials.context", context.error().message, context.error().hint);
    record.access = std::move(context->access);
    record.context = context->name;
    if (record.ns.empty()) record.ns = context->ns;
    check_token(record.access.token, errors);
    check_namespace(record.ns, "credentials.kubeconfig", errors);
}

void read_server_field(const wire::JsonReader& fields, ClusterRecord& record, FieldErrors& errors) {
    const std::string text = fields.string_or("server", record.access.server);
    if (base::trim(text).empty()) return errors.add("server", "required", "The address of the API server, such as https://10.0.0.1:6443");
    auto server = read_server(text);
    if (!server) return errors.add("server", server.error().message.substr(server.error().message.find(": ") + 2), server.error().hint);
    record.access.server = std::move(*server);
}

}  // namespace

void read_credentials(const Json& body, ClusterRecord& record, FieldErrors& errors) {
    wire::JsonErrors json_errors;
    const wire::JsonReader fields(body, json_errors);
    const std::string auth_type = fields.string_or("authType", record.auth_type);
    const wire::JsonReader given = fields.optional_object("credentials");
    static const Json kNone = Json::object();
    const wire::JsonReader credentials = given ? given : wire::JsonReader(kNone, json_errors, "credentials");
    record.ns = credentials.string_or("namespace", record.ns);
    check_namespace(record.ns, "credentials.namespace", errors);
    const std::string server = record.access.server;
    record.access = {};
    record.access.server = server;
    record.context.clear();
    record.auth_type = auth_type;
    if (auth_type == "kubeconfig") {
        read_from_kubeconfig(credentials, record, errors);
    } else if (auth_type == "token" || auth_type == "serviceaccount" || auth_type == "certificate") {
        read_server_field(fields, record, errors);
        record.access.ca_pem = pem_field(credentials, "caData", errors);
        record.access.insecure = credentials.boolean_or("insecure", false);
        if (record.access.insecure && !record.access.ca_pem.empty()) {
            errors.add("credentials.insecure", "does not go with a certificate authority", "Remove one of the two");
        }
        if (auth_type == "certificate") {
            record.access.client_cert_pem = pem_field(credentials, "clientCertData", errors);
            record.access.client_key_pem = pem_field(credentials, "clientKeyData", errors);
            if (record.access.client_cert_pem.empty() && base::trim(credentials.string_or("clientCertData", "")).empty()) errors.add("credentials.clientCertData", "required");
            if (record.access.client_key_pem.empty() && base::trim(credentials.string_or("clientKeyData", "")).empty()) errors.add("credentials.clientKeyData", "required");
        } else {
            record.access.token = std::string(base::trim(credentials.string_or("token", "")));
            if (record.access.token.empty()) errors.add("credentials.token", "required", "Make one in the cluster: kubectl create token NAME");
            check_token(record.access.token, errors);
        }
    } else if (auth_type == "oidc") {
        errors.add("authType", "signing in to a cluster by OpenID Connect is not supported", "Add the cluster by token or kubeconfig");
    } else {
        errors.add("authType", auth_type.empty() ? "required: kubeconfig, token, serviceaccount or certificate" : "expected one of kubeconfig, token, serviceaccount, certificate");
    }
    take(json_errors, errors);
}

ClusterRecord read_new_cluster(const Json& body, FieldErrors& errors) {
    ClusterRecord record;
    wire::JsonErrors json_errors;
    const wire::JsonReader fields(body, json_errors);
    record.name = base::trim(fields.string_or("name", ""));
    record.display_name = short_text(fields, "displayName", errors);
    record.description = short_text(fields, "description", errors);
    record.single_node = fields.boolean_or("singleNode", false);
    read_labels(fields, record, errors);
    if (record.name.empty()) {
        errors.add("name", "required");
    } else if (!is_dns_label(record.name)) {
        errors.add("name", "takes a-z, 0-9 and '-', begins and ends with a letter or digit, 63 at most");
    } else if (record.name == "default" || record.name == "test" || record.name == "kubeconfig") {
        errors.add("name", "\"" + record.name + "\" has a meaning of its own; choose another");
    }
    take(json_errors, errors);
    read_credentials(body, record, errors);
    if (record.display_name.empty()) record.display_name = record.name;
    return record;
}

void read_cluster_changes(const Json& body, ClusterRecord& record, FieldErrors& errors) {
    wire::JsonErrors json_errors;
    const wire::JsonReader fields(body, json_errors);
    if (const auto name = fields.optional_string("name"); name && *name != record.name) {
        errors.add("name", "cannot change: workflows refer to it", "Change displayName");
    }
    if (fields.has("displayName")) record.display_name = short_text(fields, "displayName", errors);
    if (record.display_name.empty()) record.display_name = record.name;
    if (fields.has("description")) record.description = short_text(fields, "description", errors);
    record.single_node = fields.boolean_or("singleNode", record.single_node);
    record.ns = fields.string_or("namespace", record.ns);
    check_namespace(record.ns, "namespace", errors);
    read_labels(fields, record, errors);
    take(json_errors, errors);
}

ClusterShare read_share(const Json& body, FieldErrors& errors) {
    wire::JsonErrors json_errors;
    const wire::JsonReader fields(body, json_errors);
    ClusterShare share;
    share.user_id = fields.string("targetUserId");
    share.role = fields.string_or("role", "viewer");
    if (share.role != "viewer" && share.role != "editor" && share.role != "none") errors.add("role", "expected one of viewer, editor, none");
    if (fields.has("namespaces")) {
        for (const wire::JsonReader& entry : fields.array("namespaces")) {
            std::string ns = entry.as_string();
            check_namespace(ns, entry.path(), errors);
            share.namespaces.push_back(std::move(ns));
        }
    }
    take(json_errors, errors);
    return share;
}

}  // namespace hub
