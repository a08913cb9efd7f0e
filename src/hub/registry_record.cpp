#include "hub/registry_record.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "hub/image_reference.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxUrlBytes = 500;
constexpr std::size_t kMaxCredentialBytes = 20'000;
constexpr std::string_view kPlain = "http://";

struct TypeInfo {
    std::string_view type;
    std::string_view default_url;  // empty: has to be given
    std::string_view example;
    std::array<std::string_view, 3> credentials;  // all or none of them
    bool credentials_needed;
};

constexpr TypeInfo kTypes[] = {
    {"dockerhub", "docker.io", "docker.io", {"username", "password", ""}, false},
    {"ghcr", "ghcr.io", "ghcr.io", {"username", "password", ""}, false},
    {"ecr", "", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", {"accessKeyId", "secretAccessKey", "region"}, true},
    {"gcr", "gcr.io", "europe-docker.pkg.dev/my-project", {"serviceAccountJson", "", ""}, true},
    {"acr", "", "example.azurecr.io", {"tenantId", "clientId", "clientSecret"}, true},
    {"custom", "", "registry.example.com:5000", {"username", "password", ""}, false},
};

const TypeInfo* info_of_type(std::string_view type) {
    const auto found = std::find_if(std::begin(kTypes), std::end(kTypes), [type](const TypeInfo& info) { return info.type == type; });
    return found == std::end(kTypes) ? nullptr : found;
}

struct SplitUrl {
    bool plain = false;
    std::string_view host;
    std::string_view path;
};

SplitUrl split_url(std::string_view url) {
    SplitUrl split;
    if (url.starts_with(kPlain)) {
        split.plain = true;
        url.remove_prefix(kPlain.size());
    }
    const std::size_t slash = url.find('/');
    split.host = url.substr(0, slash);
    if (slash != std::string_view::npos) split.path = url.substr(slash + 1);
    return split;
}

// "https://index.docker.io/v1/" is "docker.io"; nothing for what is no address of a registry.
std::string normalized_url(std::string_view text) {
    text = base::trim(text);
    bool plain = false;
    if (base::starts_with_ascii_case(text, "https://")) {
        text.remove_prefix(8);
    } else if (base::starts_with_ascii_case(text, kPlain)) {
        plain = true;
        text.remove_prefix(kPlain.size());
    }
    while (text.ends_with('/')) text.remove_suffix(1);
    const std::size_t slash = text.find('/');
    const std::string_view host = text.substr(0, slash);
    if (!is_registry_host(host)) return {};
    std::string url = (plain ? std::string(kPlain) : std::string()) + canonical_registry(host);
    std::string_view path = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
    if (path == "v1" || path == "v2") path = {};
    if (path.empty()) return url;
    const bool fits = std::all_of(path.begin(), path.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || base::is_ascii_digit(c) || std::string_view("./_-").find(c) != std::string_view::npos;
    });
    return fits ? url + "/" + std::string(path) : std::string();
}

// Fills the credentials; answers what is wrong with them.
void read_credentials(const wire::JsonReader& given, const TypeInfo& info, Json& into) {
    Json fresh = Json::object();
    std::size_t wanted = 0;
    for (const std::string_view name : info.credentials) {
        if (name.empty()) continue;
        ++wanted;
        std::string value = given.string_or(name, "");
        if (value.size() > kMaxCredentialBytes) given.fail(name, "is too long");
        if (!value.empty()) fresh[std::string(name)] = std::move(value);
    }
    if (!fresh.empty() && fresh.size() < wanted) {
        for (const std::string_view name : info.credentials) {
            if (!name.empty() && !fresh.contains(name)) given.fail(name, "is needed");
        }
    }
    if (fresh.empty() && info.credentials_needed) given.fail(info.credentials[0], "is needed");
    if (const std::string json = text_at(fresh, "serviceAccountJson"); !json.empty()) {
        const auto account = base::parse_json(json);
        if (!account || text_at(*account, "private_key").empty()) given.fail("serviceAccountJson", "is no key file of a service account: it has no private_key");
    }
    into = std::move(fresh);
}

std::string preview_url(const RegistryRecord& record) {
    const std::string user = text_at(record.credentials, "username");
    if (record.type == "dockerhub") return user.empty() ? "https://hub.docker.com" : "https://hub.docker.com/u/" + user;
    if (record.type == "ghcr") {
        const std::string owner = record.path_prefix().empty() ? user : record.path_prefix();
        return owner.empty() ? "https://github.com" : "https://github.com/" + owner + "?tab=packages";
    }
    if (record.type == "gcr") return "https://" + record.url;
    if (record.type == "acr") return "https://portal.azure.com";
    if (record.type == "ecr") return "https://" + text_at(record.credentials, "region") + ".console.aws.amazon.com/ecr/private-registry/repositories";
    return record.url.starts_with(kPlain) ? record.url : "https://" + record.url;
}

}  // namespace

std::string RegistryRecord::host() const { return std::string(split_url(url).host); }
std::string RegistryRecord::path_prefix() const { return std::string(split_url(url).path); }

std::string RegistryRecord::api_origin() const {
    const SplitUrl split = split_url(url);
    if (split.host == "docker.io") return "https://registry-1.docker.io";
    return (split.plain ? "http://" : "https://") + std::string(split.host);
}

Json RegistryRecord::to_wire() const {
    Json wire = {{"id", id},
                 {"name", name},
                 {"registryType", type},
                 {"registryUrl", url},
                 {"previewUrl", preview_url(*this)},
                 {"hasCredentials", !credentials.empty()},
                 {"status", status},
                 {"isDefault", is_default},
                 {"createdAt", created_at},
                 {"updatedAt", updated_at}};
    if (!status_message.empty()) wire["statusMessage"] = status_message;
    wire["lastCheck"] = last_check.empty() ? Json() : Json(last_check);
    return wire;
}

Json RegistryRecord::to_document() const {
    return {{"name", name},           {"type", type},           {"url", url},
            {"credentials", credentials}, {"status", status}, {"status_message", status_message},
            {"is_default", is_default}, {"last_check", last_check}, {"created_at", created_at},
            {"updated_at", updated_at}};
}

RegistryRecord registry_from_document(std::string id, const Json& json) {
    RegistryRecord record;
    record.id = std::move(id);
    record.name = text_at(json, "name");
    record.type = text_at(json, "type");
    record.url = text_at(json, "url");
    record.credentials = object_at(json, "credentials");
    record.status = text_at(json, "status");
    record.status_message = text_at(json, "status_message");
    record.is_default = flag_at(json, "is_default");
    record.last_check = text_at(json, "last_check");
    record.created_at = text_at(json, "created_at");
    record.updated_at = text_at(json, "updated_at");
    return record;
}

base::Result<RegistryRecord> read_registry_input(const Json& body, const RegistryRecord* old) {
    wire::JsonErrors errors;
    const wire::JsonReader reader(body, errors);
    RegistryRecord record = old ? *old : RegistryRecord{};
    record.name = std::string(base::trim(old ? reader.string_or("name", old->name) : reader.string("name")));
    if (record.name.empty()) {
        if (errors.empty()) reader.fail("name", "is empty");
    } else if (record.name.size() > kMaxNameBytes) {
        reader.fail("name", "is longer than " + std::to_string(kMaxNameBytes) + " bytes");
    }
    record.type = old ? reader.string_or("registryType", old->type) : reader.string("registryType");
    const TypeInfo* info = info_of_type(record.type);
    if (!info) {
        if (!record.type.empty()) reader.fail("registryType", "expected one of dockerhub, ghcr, ecr, gcr, acr, custom");
        return base::fail(errors.to_error());
    }
    const bool type_changed = old && old->type != record.type;
    std::string url = reader.string_or("registryUrl", "");
    if (base::trim(url).empty()) url = old && !type_changed ? old->url : std::string(info->default_url);
    if (base::trim(url).empty()) {
        reader.fail("registryUrl", "is needed, such as " + std::string(info->example));
    } else {
        record.url = url.size() > kMaxUrlBytes ? std::string() : normalized_url(url);
        if (record.url.empty()) reader.fail("registryUrl", "is no address of a registry, write it as " + std::string(info->example));
    }
    if (record.type == "dockerhub" && !record.url.empty() && record.host() != "docker.io") reader.fail("registryUrl", "is not Docker Hub, choose the type custom");
    const bool moved = old && (type_changed || old->api_origin() != record.api_origin());
    if (const wire::JsonReader credentials = reader.optional_object("credentials")) {
        read_credentials(credentials, *info, record.credentials);
    } else if (moved && !old->credentials.empty()) {
        reader.fail("credentials", "have to be entered again: the registry's address has changed");
    } else if (info->credentials_needed && record.credentials.empty()) {
        reader.fail("credentials", "are needed for this type of registry");
    }
    if (!errors.empty()) return base::fail(errors.to_error());
    if (!old || moved || body.contains("credentials")) {
        record.status = "unknown";
        record.status_message.clear();
        record.last_check.clear();
    }
    return record;
}

std::string_view registry_type_of_host(std::string_view host) {
    if (host == "docker.io") return "dockerhub";
    if (host == "ghcr.io") return "ghcr";
    if (host == "gcr.io" || host.ends_with(".gcr.io") || host.ends_with("-docker.pkg.dev")) return "gcr";
    if (host.ends_with(".azurecr.io")) return "acr";
    if (host.find(".dkr.ecr.") != std::string_view::npos && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"))) return "ecr";
    return "custom";
}

RegistryLogin login_of(const RegistryRecord& record) {
    const Json& given = record.credentials;
    if (record.type == "gcr") {
        std::string key = text_at(given, "serviceAccountJson");
        return key.empty() ? RegistryLogin{} : RegistryLogin{"_json_key", std::move(key)};
    }
    if (record.type == "acr") return {text_at(given, "clientId"), text_at(given, "clientSecret")};
    return {text_at(given, "username"), text_at(given, "password")};
}

}  // namespace hub
