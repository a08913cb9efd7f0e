#include "hub/kubeconfig.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/json_text.hpp"
#include "hub/yaml.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxContexts = 500;
constexpr const char* kFlatten = "Paste the output of: kubectl config view --raw --flatten --minify";
constexpr const char* kMakeToken = "Make a token in the cluster (kubectl create token NAME) and add the cluster by token";

std::string contexts_of(const Kubeconfig& config) {
    std::string names;
    std::size_t shown = 0;
    for (const KubeContext& context : config.contexts) {
        if (shown == 10) return names + " and " + std::to_string(config.contexts.size() - shown) + " more";
        names += (shown++ ? ", " : "") + context.name;
    }
    return names.empty() ? "none" : names;
}

const Json* find_named(const Json& list, std::string_view name) {
    for (const Json& entry : list) {
        if (const Json& own = value_at(entry, "name"); own.is_string() && *own.get_ptr<const std::string*>() == name) return &entry;
    }
    return nullptr;
}

constexpr const char* kGiveServer = "Give the address of the API server, such as https://203.0.113.5:6443";

struct Problem {
    std::string& problem;
    std::string& hint;
    // The first counts.
    void operator()(std::string message, std::string what_next = {}) const {
        if (!problem.empty()) return;
        problem = std::move(message);
        hint = std::move(what_next);
    }
};

void read_pem_into(const Json& from, const char* key, const char* file_key, std::string_view owner, std::string& into, const Problem& report) {
    if (const std::string data = text_at(from, key); !data.empty()) {
        auto pem = read_pem(data, std::string(owner) + ": " + key);
        if (!pem) return report(pem.error().message, kFlatten);
        into = std::move(*pem);
    } else if (const std::string file = text_at(from, file_key); !file.empty()) {
        report(std::string(owner) + " names the file " + file + ", which is on your machine only", kFlatten);
    }
}

void read_cluster(const Json& cluster, const std::string& name, KubeContext& context, const Problem& report) {
    const std::string owner = "The cluster \"" + name + "\"";
    context.server = text_at(cluster, "server");
    if (context.server.empty()) return report(owner + " has no server", kGiveServer);
    auto server = read_server(context.server);
    if (!server) return report(owner + ": " + server.error().message, server.error().hint.empty() ? kGiveServer : server.error().hint);
    context.access.server = std::move(*server);
    context.access.insecure = flag_at(cluster, "insecure-skip-tls-verify");
    context.access.tls_server_name = text_at(cluster, "tls-server-name");
    read_pem_into(cluster, "certificate-authority-data", "certificate-authority", owner, context.access.ca_pem, report);
    if (context.access.insecure && !context.access.ca_pem.empty()) {
        report(owner + " both has a certificate authority and skips the check", "Remove one of the two");
    }
    if (!text_at(cluster, "proxy-url").empty()) report(owner + " is reached through a proxy (proxy-url), which is not supported", "Give the address of the API server itself");
}

void read_user(const Json& user, const std::string& name, KubeContext& context, const Problem& report) {
    const std::string owner = "The user \"" + name + "\"";
    if (const Json& exec = value_at(user, "exec"); exec.is_object()) {
        return report(owner + " signs in by running " + (text_at(exec, "command").empty() ? "a program" : "\"" + text_at(exec, "command") + "\"") + ", which Binnacle does not do", kMakeToken);
    }
    if (const Json& provider = value_at(user, "auth-provider"); provider.is_object()) {
        return report(owner + " signs in through the provider \"" + text_at(provider, "name") + "\", which works in kubectl only", kMakeToken);
    }
    if (!text_at(user, "username").empty() || !text_at(user, "password").empty()) {
        return report(owner + " signs in by password, which Kubernetes no longer takes", kMakeToken);
    }
    if (!text_at(user, "as").empty()) return report(owner + " acts as somebody else (impersonation), which is not supported", kMakeToken);
    context.access.token = std::string(base::trim(text_at(user, "token")));
    if (context.access.token.empty() && !text_at(user, "tokenFile").empty()) {
        report(owner + " names the file " + text_at(user, "tokenFile") + ", which is on your machine only", "Paste the token itself, or add the cluster by token");
    }
    read_pem_into(user, "client-certificate-data", "client-certificate", owner, context.access.client_cert_pem, report);
    read_pem_into(user, "client-key-data", "client-key", owner, context.access.client_key_pem, report);
    if (context.access.client_cert_pem.empty() != context.access.client_key_pem.empty()) {
        report(owner + (context.access.client_key_pem.empty() ? " has a certificate without its key" : " has a key without its certificate"), kFlatten);
    }
}

}  // namespace

base::Result<std::string> read_pem(std::string_view text, std::string_view what) {
    text = base::trim(text);
    const auto is_pem = [](std::string_view candidate) {
        return candidate.find("-----BEGIN ") != std::string_view::npos && candidate.find("-----END ") != std::string_view::npos;
    };
    if (is_pem(text)) return std::string(text) + "\n";
    std::string compact;
    for (const char c : text) {
        if (!base::is_ascii_space(c)) compact += c;
    }
    auto decoded = base::base64_decode(compact);
    if (decoded && is_pem(*decoded)) return std::move(*decoded);
    return base::fail(base::ErrorCode::invalid_argument, std::string(what) + ": is neither PEM (-----BEGIN ...) nor base64 of it");
}

base::Result<std::string> read_server(std::string_view text) {
    const auto url = base::parse_http_url(base::trim(text));
    if (!url) return base::fail(base::ErrorCode::invalid_argument, "server: " + url.error().message, "An address looks like https://10.0.0.1:6443");
    if (!url->query.empty()) return base::fail(base::ErrorCode::invalid_argument, "server: has a query (?...)", "Leave it out");
    std::string server = url->origin() + url->path;
    while (server.ends_with('/')) server.pop_back();
    return server;
}

base::Result<Kubeconfig> read_kubeconfig(std::string_view text) {
    if (base::trim(text).empty()) return base::fail(base::ErrorCode::invalid_argument, "The kubeconfig is empty.", kFlatten);
    const auto json = parse_yaml(text);
    if (!json) return base::fail(json.error().code, "The kubeconfig cannot be read: " + json.error().message, json.error().hint);
    const std::string kind = text_at(*json, "kind");
    if (!json->is_object() || (!kind.empty() && kind != "Config") || (kind.empty() && !json->contains("clusters"))) {
        return base::fail(base::ErrorCode::invalid_argument,
                          kind.empty() ? "This is no kubeconfig: it has no clusters." : "This is no kubeconfig but a " + kind + ".", kFlatten);
    }
    Kubeconfig config;
    config.current = text_at(*json, "current-context");
    for (const Json& entry : array_at(*json, "contexts")) {
        KubeContext context;
        context.name = text_at(entry, "name");
        if (context.name.empty()) continue;
        if (config.contexts.size() >= kMaxContexts) return base::fail(base::ErrorCode::too_large, "The kubeconfig has more than " + std::to_string(kMaxContexts) + " contexts.", kFlatten);
        const Json& inner = object_at(entry, "context");
        context.cluster = text_at(inner, "cluster");
        context.user = text_at(inner, "user");
        context.ns = text_at(inner, "namespace");
        const Problem report{context.problem, context.hint};
        const std::string owner = "The context \"" + context.name + "\"";
        const Json* cluster = find_named(array_at(*json, "clusters"), context.cluster);
        const Json* user = context.user.empty() ? nullptr : find_named(array_at(*json, "users"), context.user);
        if (!cluster) report(owner + " names the cluster \"" + context.cluster + "\", which is not in the file", kFlatten);
        if (!user && !context.user.empty()) report(owner + " names the user \"" + context.user + "\", who is not in the file", kFlatten);
        if (cluster) read_cluster(object_at(*cluster, "cluster"), context.cluster, context, report);
        if (user) read_user(object_at(*user, "user"), context.user, context, report);
        config.contexts.push_back(std::move(context));
    }
    if (config.contexts.empty()) return base::fail(base::ErrorCode::invalid_argument, "The kubeconfig has no contexts.", kFlatten);
    return config;
}

base::Result<KubeContext> choose_context(const Kubeconfig& config, std::string_view name) {
    const auto refuse = [](std::string message, std::string hint = {}) -> base::Result<KubeContext> {
        return base::fail(base::ErrorCode::invalid_argument, std::move(message), std::move(hint));
    };
    const bool given = !name.empty();
    if (!given) name = config.current;
    if (name.empty() && config.contexts.size() == 1) name = config.contexts.front().name;
    if (name.empty()) return refuse("The kubeconfig names no current context; contexts: " + contexts_of(config), "Choose one");
    const auto found = std::find_if(config.contexts.begin(), config.contexts.end(), [&](const KubeContext& context) { return context.name == name; });
    if (found == config.contexts.end()) {
        return refuse(std::string(given ? "The kubeconfig has no context \"" : "The kubeconfig's current context \"") + std::string(name) +
                      (given ? "\"; contexts: " : "\" is not in the file; contexts: ") + contexts_of(config), "Choose one");
    }
    if (!found->problem.empty()) return refuse(found->problem, found->hint);
    return *found;
}

}  // namespace hub
