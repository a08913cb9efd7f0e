// The form that adds a cluster or gives it new credentials: its rules, what is sent, and where a refusal belongs.
//
//   auto form = make_cluster_form(nullptr);         // nullptr: a new one
//   form->submit([](Json values) { send(cluster_body(values)); });
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "state/forms/form.hpp"

namespace model {

struct ClusterInfo;

// Fields: name, displayName, method (kubeconfig, token, certificate), kubeconfig, context, server, token, caData, clientCertData,
// clientKeyData, namespace, insecure.
[[nodiscard]] std::unique_ptr<state::Form> make_cluster_form(const ClusterInfo* replaces);

// The body of POST /clusters or PUT /clusters/:name/credentials.
[[nodiscard]] base::Json cluster_body(const base::Json& values);

// "credentials.kubeconfig: The kubeconfig names no current context; contexts: a, b; name: required" to the fields it is about.
struct PlacedClusterError {
    std::vector<state::Issue> issues;
    std::string message;  // for the form as a whole; empty when the fields have it all
};
[[nodiscard]] PlacedClusterError place_cluster_error(const base::Error& error);

// A name that the backend takes, made of a context's: "arn:aws:eks:eu:1:cluster/Prod_EU" -> "prod-eu"; may be empty.
[[nodiscard]] std::string name_from_context(std::string_view context);

}  // namespace model
