#include "model/registry_form.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "model/registries.hpp"
#include "state/forms/server_issues.hpp"

namespace model {

namespace {

using base::Json;

constexpr std::array<RegistryKind, 6> kKinds{{
    {"dockerhub", "Docker Hub", "docker.io", false, false, {{{"username", "User name", ""}, {"password", "Password or token", "An access token is safer than the password", true}, {}}}},
    {"ghcr", "GitHub packages", "ghcr.io", false, false, {{{"username", "User name", ""}, {"password", "Token", "A token that may read packages", true}, {}}}},
    {"ecr", "Amazon ECR", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", true, true,
     {{{"accessKeyId", "Access key ID", ""}, {"secretAccessKey", "Secret access key", "", true}, {"region", "Region", "Such as eu-central-1"}}}},
    {"gcr", "Google Artifact Registry", "europe-docker.pkg.dev/my-project", false, true, {{{"serviceAccountJson", "Key file of a service account", "The whole JSON file", true, 5}, {}, {}}}},
    {"acr", "Azure Container Registry", "example.azurecr.io", true, true, {{{"tenantId", "Tenant ID", ""}, {"clientId", "Client ID", ""}, {"clientSecret", "Client secret", "", true}}}},
    {"custom", "Another registry", "registry.example.com:5000", true, false, {{{"username", "User name", ""}, {"password", "Password or token", "", true}, {}}}},
}};

std::string needed_words(const RegistryCredential& credential) { return std::string(credential.label) + " is needed"; }

bool is_blank(const Json& values, std::string_view name) {
    const auto found = values.find(name);
    const auto* text = found != values.end() ? found->get_ptr<const Json::string_t*>() : nullptr;
    return text == nullptr || text->empty();
}

state::Schema credentials_rule(const RegistryKind& kind, bool kept) {
    namespace schema = state::schema;
    const bool needed = kind.credentials_needed && !kept;
    std::vector<state::SchemaMember> members;
    for (const RegistryCredential& each : kind.credentials) {
        if (each.name.empty()) continue;
        state::Schema rule = schema::string().trim();
        rule = needed ? rule.min(1, needed_words(each)).required(needed_words(each)) : rule.or_default("");
        members.push_back({std::string(each.name), std::move(rule)});
    }
    state::Schema rule = schema::object(std::move(members));
    if (needed) return rule;
    for (const RegistryCredential& each : kind.credentials) {
        if (each.name.empty()) continue;
        const auto holds = [&kind, name = each.name](const Json& all) {
            const bool any = std::any_of(kind.credentials.begin(), kind.credentials.end(), [&](const RegistryCredential& c) { return !c.name.empty() && !is_blank(all, c.name); });
            return !any || !is_blank(all, name);
        };
        rule = rule.refine(holds, needed_words(each), std::string(each.name));
    }
    return rule;
}

state::Schema rules(bool kept) {
    namespace schema = state::schema;
    std::vector<state::SchemaVariant> variants;
    for (const RegistryKind& kind : kKinds) {
        const std::string example = "Enter the address, such as " + std::string(kind.url_example);
        const state::Schema url = kind.url_needed ? schema::string().trim().min(1, example).required(example) : schema::string().trim().or_default("");
        variants.push_back({std::string(kind.type), schema::object({{"registryType", schema::string()},
                                                                    {"name", schema::string().trim().min(1, "Give it a name").required("Give it a name")},
                                                                    {"registryUrl", url},
                                                                    {"credentials", credentials_rule(kind, kept)}})});
    }
    return schema::union_of("registryType", std::move(variants));
}

}  // namespace

std::span<const RegistryKind> registry_kinds() { return kKinds; }

const RegistryKind& registry_kind(std::string_view type) {
    const auto found = std::find_if(kKinds.begin(), kKinds.end(), [type](const RegistryKind& kind) { return kind.type == type; });
    return found == kKinds.end() ? kKinds.back() : *found;
}

std::unique_ptr<state::Form> make_registry_form(const RegistryView* changes) {
    Json credentials = Json::object();
    for (const RegistryKind& kind : kKinds) {
        for (const RegistryCredential& each : kind.credentials) {
            if (!each.name.empty()) credentials[std::string(each.name)] = "";
        }
    }
    Json initial = {{"registryType", changes != nullptr ? registry_kind(changes->type).type : kKinds.front().type},
                    {"name", changes != nullptr ? changes->name : ""},
                    {"registryUrl", changes != nullptr ? changes->url : ""},
                    {"credentials", std::move(credentials)}};
    return std::make_unique<state::Form>(rules(changes != nullptr && changes->has_credentials), std::move(initial));
}

Json registry_body(Json values) {
    const auto drop_blank = [](Json& object) {
        for (auto it = object.begin(); it != object.end();) {
            const auto* text = it->get_ptr<const Json::string_t*>();
            it = text != nullptr && text->empty() ? object.erase(it) : std::next(it);
        }
    };
    if (const auto credentials = values.find("credentials"); credentials != values.end()) {
        drop_blank(*credentials);
        if (credentials->empty()) values.erase(credentials);
    }
    drop_blank(values);
    return values;
}

void fail_registry_form(state::Form& form, const base::Error& error) {
    state::PlacedError placed = state::place_error(error, form.schema());
    std::string whole = std::move(placed.message);
    std::erase_if(placed.issues, [&](const state::Issue& issue) {
        if (issue.path != "credentials") return false;
        whole = "The credentials " + issue.message + (whole.empty() ? "" : ". " + whole);  // no field is called so
        return true;
    });
    for (state::Issue& issue : placed.issues) {
        if (!issue.message.empty()) issue.message[0] = base::ascii_upper(issue.message[0]);
    }
    form.failed(std::move(placed.issues), std::move(whole));
}

}  // namespace model
