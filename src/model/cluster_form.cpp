#include "model/cluster_form.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "model/clusters.hpp"

namespace model {

namespace {

using base::Json;

bool is_name(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || base::is_ascii_digit(c); };
    return !name.empty() && name.size() <= 63 && fits(name.front()) && fits(name.back()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return fits(c) || c == '-'; });
}

state::Schema needed(const char* message) { return state::schema::string().trim().min(1, message).required(message); }
state::Schema text() { return state::schema::string().or_default(""); }

// In the order in which the dialog shows the fields: after a refusal the first wrong one gets the keyboard.
state::Schema way(bool with_name, bool from_config, std::vector<state::SchemaMember> credentials) {
    std::vector<state::SchemaMember> members = {{"method", state::schema::string()}};
    members.insert(members.end(), credentials.begin(), credentials.end());
    if (with_name) {
        members.push_back({"name", needed("Enter a name").matches([](std::string_view name) { return name.empty() || is_name(name); },
                                                                  "Lower case letters, digits and '-', at most 63")});
        members.push_back({"displayName", text().max(200)});
    }
    members.push_back({"namespace", text().trim()});
    if (!from_config) members.push_back({"insecure", state::schema::boolean().or_default(false)});
    return state::schema::object(std::move(members));
}

state::Schema rules(bool with_name) {
    const state::Schema server = needed("Enter the address of the API server").matches([](std::string_view url) {
        return url.empty() || url.starts_with("https://") || url.starts_with("http://");
    }, "An address looks like https://10.0.0.1:6443");
    return state::schema::union_of(
        "method", {{"kubeconfig", way(with_name, true, {{"kubeconfig", needed("Paste a kubeconfig")}, {"context", text()}})},
                   {"token", way(with_name, false, {{"server", server}, {"token", needed("Paste a token")}, {"caData", text()}})},
                   {"certificate", way(with_name, false,
                                       {{"server", server},
                                        {"clientCertData", needed("Paste the client certificate")},
                                        {"clientKeyData", needed("Paste the client key")},
                                        {"caData", text()}})}});
}

std::string text_of(const Json& values, std::string_view key) {
    const auto found = values.find(key);
    return found != values.end() && found->is_string() ? *found->get_ptr<const std::string*>() : std::string();
}

// The backend's path and the form's field.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kFields{{{"name", "name"},
                                                                                  {"displayName", "displayName"},
                                                                                  {"authType", "method"},
                                                                                  {"server", "server"},
                                                                                  {"credentials.kubeconfig", "kubeconfig"},
                                                                                  {"credentials.context", "context"},
                                                                                  {"credentials.token", "token"},
                                                                                  {"credentials.caData", "caData"},
                                                                                  {"credentials.clientCertData", "clientCertData"},
                                                                                  {"credentials.clientKeyData", "clientKeyData"},
                                                                                  {"credentials.namespace", "namespace"}}};

std::string_view field_of(std::string_view line, std::string_view& message) {
    for (const auto& [path, field] : kFields) {
        if (line.size() > path.size() + 2 && line.starts_with(path) && line.substr(path.size(), 2) == ": ") {
            message = line.substr(path.size() + 2);
            return field;
        }
    }
    return {};
}

}  // namespace

std::unique_ptr<state::Form> make_cluster_form(const ClusterInfo* replaces) {
    Json initial = {{"method", "kubeconfig"}, {"kubeconfig", ""}, {"context", ""},        {"server", ""},        {"token", ""},     {"caData", ""},
                    {"clientCertData", ""},   {"clientKeyData", ""}, {"namespace", ""}, {"insecure", false}};
    if (!replaces) {
        initial["name"] = "";
        initial["displayName"] = "";
    } else {
        if (replaces->auth_type == "token" || replaces->auth_type == "serviceaccount") initial["method"] = "token";
        if (replaces->auth_type == "certificate") initial["method"] = "certificate";
        initial["server"] = replaces->server;
        initial["namespace"] = replaces->ns;
        initial["insecure"] = replaces->insecure;
    }
    return std::make_unique<state::Form>(rules(replaces == nullptr), std::move(initial));
}

Json cluster_body(const Json& values) {
    const std::string method = text_of(values, "method");
    Json credentials = Json::object();
    for (const char* key : {"kubeconfig", "context", "token", "caData", "clientCertData", "clientKeyData", "namespace"}) {
        if (std::string value = text_of(values, key); !value.empty()) credentials[key] = std::move(value);
    }
    if (const auto insecure = values.find("insecure"); insecure != values.end() && insecure->is_boolean()) credentials["insecure"] = *insecure;
    Json body = {{"authType", method}, {"credentials", std::move(credentials)}};
    for (const char* key : {"name", "displayName", "server"}) {
        if (std::string value = text_of(values, key); !value.empty()) body[key] = std::move(value);
    }
    return body;
}

PlacedClusterError place_cluster_error(const base::Error& error) {
    PlacedClusterError placed;
    // The details of the answer, joined by "; "; a message may hold that too, so only a known path begins a new one.
    std::string_view rest = error.hint;
    while (!rest.empty()) {
        const std::size_t end = rest.find("; ");
        const std::string_view piece = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
        std::string_view message;
        if (const std::string_view field = field_of(piece, message); !field.empty()) placed.issues.push_back({std::string(field), std::string(message)});
        else if (!placed.issues.empty()) placed.issues.back().message.append("; ").append(piece);
    }
    for (state::Issue& issue : placed.issues) {
        if (!issue.message.empty()) issue.message[0] = base::ascii_upper(issue.message[0]);
    }
    if (placed.issues.empty()) {
        placed.message = error.message;
        if (!error.hint.empty()) placed.message += (placed.message.ends_with('.') ? " " : ". ") + error.hint;
    }
    return placed;
}

std::string name_from_context(std::string_view context) {
    if (const std::size_t slash = context.rfind('/'); slash != std::string_view::npos && slash + 1 < context.size()) context.remove_prefix(slash + 1);
    std::string name;
    for (char c : context) {
        c = base::ascii_lower(c);
        const bool fits = (c >= 'a' && c <= 'z') || base::is_ascii_digit(c);
        if (fits) name += c;
        else if (!name.empty() && name.back() != '-') name += '-';
        if (name.size() == 63) break;
    }
    while (name.ends_with('-')) name.pop_back();
    return name == "default" ? "default-cluster" : name;
}

}  // namespace model
