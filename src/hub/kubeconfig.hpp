// Kubeconfig: the file kubectl reads, as it is pasted (YAML or JSON). Only what reaches a cluster is taken.
//
//   auto config = hub::read_kubeconfig(text);
//   for (const KubeContext& context : config->contexts) offer(context.name, context.server);
//   auto chosen = hub::choose_context(*config, "");       // empty: the current one, or the only one
//   chosen->access                                        // server, certificates, token
//
// What works on the owner's machine only is refused with the way out: files ("kubectl config view --flatten"), programs that make
// tokens (exec), passwords, proxies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "hub/cluster_connector.hpp"

namespace hub {

struct KubeContext {
    std::string name;
    std::string cluster;
    std::string user;
    std::string ns;
    std::string server;   // empty when its cluster is missing
    std::string problem;  // why it cannot be used; empty if it can
    std::string hint;     // what to do about it
    ClusterAccess access;
};

struct Kubeconfig {
    std::string current;  // may be empty, or name no context
    std::vector<KubeContext> contexts;
};

// invalid_argument when it is no kubeconfig at all; a context with a defect only has a `problem`.
[[nodiscard]] base::Result<Kubeconfig> read_kubeconfig(std::string_view text);
// "The kubeconfig names no current context; contexts: a, b".
[[nodiscard]] base::Result<KubeContext> choose_context(const Kubeconfig& config, std::string_view name);

// certificate-authority-data and the like: base64 of PEM, or PEM itself. `what` begins the message: "caData: is neither PEM nor base64".
[[nodiscard]] base::Result<std::string> read_pem(std::string_view text, std::string_view what);
// "https://host:6443/prefix" without a query; the message says what is wrong with it.
[[nodiscard]] base::Result<std::string> read_server(std::string_view text);

}  // namespace hub
