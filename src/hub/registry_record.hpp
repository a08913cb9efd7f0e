// RegistryRecord: an image registry as this hub knows it, and what may be said of it in a request (contracts: KubeOrch core,
// "Registries"). Credentials go in and never come out.
//
//   auto input = read_registry_input(body, nullptr);           // or the record that is changed
//   if (!input) return base::fail(input.error());
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "hub/json_text.hpp"

namespace hub {

inline constexpr const char* kRegistriesCollection = "registries";  // of the DocumentStore

struct RegistryRecord {
    std::string id;
    std::string name;
    std::string type;         // dockerhub, ghcr, ecr, gcr, acr, custom
    std::string url;          // host and port, maybe a path: "docker.io", "ghcr.io/example"; with "http://" in front when not encrypted
    Json credentials = Json::object();
    std::string status = "unknown";  // unknown, connected, error: of the last check
    std::string status_message;
    bool is_default = false;
    std::string last_check;
    std::string created_at;
    std::string updated_at;

    [[nodiscard]] std::string host() const;         // "docker.io", as images name it
    [[nodiscard]] std::string path_prefix() const;  // "example", of a registry that is one corner of a host; may be empty
    [[nodiscard]] std::string api_origin() const;   // "https://registry-1.docker.io"
    [[nodiscard]] Json to_wire() const;             // without credentials
    [[nodiscard]] Json to_document() const;
};

[[nodiscard]] RegistryRecord registry_from_document(std::string id, const Json& json);

// The fields of a POST (`old` null) or PUT body put into a record; every mistake with its path. An address that changes takes the
// stored credentials with it: they were meant for the old one.
[[nodiscard]] base::Result<RegistryRecord> read_registry_input(const Json& body, const RegistryRecord* old);

// What kind of registry a host is: "ghcr", ..., "custom".
[[nodiscard]] std::string_view registry_type_of_host(std::string_view host);

// User and password as the registry's own log-in wants them; both empty for none. Not for ecr, which needs a call first.
struct RegistryLogin {
    std::string user;
    std::string password;
};
[[nodiscard]] RegistryLogin login_of(const RegistryRecord& record);

}  // namespace hub
