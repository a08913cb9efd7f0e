#include "kube/images.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "kube/controllers/object_access.hpp"

namespace kube {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

struct Entry {
    std::string_view repository;
    std::string_view newest;  // "major.minor" or longer
    // registry.local: all tags, blank-separated. Empty: every version from `oldest_major` up to `newest`.
    std::string_view tags;
    int oldest_major;
    ImageFlavour flavour;
    int size_mib;
    int memory_mib;
};

constexpr auto kCatalogue = std::to_array<Entry>({
    {"nginx", "1.29", "", 1, ImageFlavour::nginx, 72, 6},
    {"httpd", "2.4", "", 2, ImageFlavour::httpd, 58, 8},
    {"caddy", "2.10", "", 2, ImageFlavour::json, 23, 12},
    {"traefik", "3.5", "", 1, ImageFlavour::json, 69, 24},
    {"postgres", "18.0", "", 9, ImageFlavour::postgres, 158, 32},
    {"mysql", "9.4", "", 5, ImageFlavour::mysql, 243, 320},
    {"mariadb", "12.0", "", 10, ImageFlavour::mysql, 118, 96},
    {"redis", "8.2", "", 3, ImageFlavour::redis, 48, 6},
    {"valkey/valkey", "8.1", "", 7, ImageFlavour::redis, 44, 6},
    {"memcached", "1.6", "", 1, ImageFlavour::service, 32, 8},
    {"rabbitmq", "4.1", "", 3, ImageFlavour::rabbitmq, 102, 96},
    {"mongo", "8.0", "", 4, ImageFlavour::json, 301, 128},
    {"node", "24.9", "", 10, ImageFlavour::tool, 390, 32},
    {"python", "3.14", "", 2, ImageFlavour::tool, 362, 16},
    {"golang", "1.25", "", 1, ImageFlavour::tool, 297, 24},
    {"eclipse-temurin", "25.0", "", 8, ImageFlavour::tool, 208, 96},
    {"openjdk", "24.0", "", 7, ImageFlavour::tool, 230, 96},
    {"busybox", "1.37", "", 1, ImageFlavour::tool, 2, 1},
    {"alpine", "3.22", "", 2, ImageFlavour::tool, 4, 1},
    {"debian", "13.1", "", 8, ImageFlavour::tool, 49, 2},
    {"ubuntu", "25.10", "", 16, ImageFlavour::tool, 29, 2},
    {"bash", "5.3", "", 4, ImageFlavour::tool, 6, 2},
    {"curlimages/curl", "8.16", "", 7, ImageFlavour::tool, 9, 3},
    {"tomcat", "11.0", "", 8, ImageFlavour::java, 214, 160},
    {"jenkins/jenkins", "2.530", "", 2, ImageFlavour::java, 281, 256},
    {"prom/prometheus", "3.6", "", 1, ImageFlavour::json, 112, 64},
    {"grafana/grafana", "12.2", "", 6, ImageFlavour::json, 198, 64},
    {"registry.local/storefront", "2.2", "1.0 1.1 1.2 2.0 2.1 2.2", 0, ImageFlavour::storefront, 64, 24},
    {"registry.local/catalog", "2.5", "2.0 2.1 2.2 2.3 2.4 2.5", 0, ImageFlavour::java, 214, 96},
    {"registry.local/checkout", "3.1", "2.8 2.9 3.0 3.1", 0, ImageFlavour::checkout, 88, 48},
    {"registry.local/mailer", "1.0", "0.7 0.8 0.9 0.9.1 1.0", 0, ImageFlavour::mailer, 41, 16},
    {"registry.local/payments", "1.8", "1.5 1.6 1.7 1.8", 0, ImageFlavour::json, 77, 32},
    {"registry.local/inventory", "4.2", "4.0 4.1 4.2", 0, ImageFlavour::java, 198, 96},
    {"registry.local/search", "1.3", "1.0 1.1 1.2 1.3", 0, ImageFlavour::json, 92, 48},
    {"registry.local/migrate", "2.4", "2.2 2.3 2.4", 0, ImageFlavour::tool, 33, 16},
    {"registry.local/backup", "1.2", "1.0 1.1 1.2", 0, ImageFlavour::tool, 28, 16},
    {"registry.local/node-agent", "0.6", "0.4 0.5 0.6", 0, ImageFlavour::json, 19, 8},
});

constexpr std::array<std::string_view, 3> kNeverFound{"missing", "nonexistent", "does-not-exist"};
constexpr std::array<std::string_view, 4> kTriggers{"crash", "oom", "slow", "notready"};

// Only versions are checked: a tag that begins with a letter is a variant ("latest", "alpine", "bookworm-slim").
bool version_is_known(const Entry& entry, std::string_view tag) {
    if (tag.starts_with('v')) tag.remove_prefix(1);
    if (tag.empty() || tag.front() < '0' || tag.front() > '9') return true;
    const auto numbers = [](std::string_view text) -> std::pair<int, int> {
        int major = 0, minor = -1;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
        if (error != std::errc{}) return {1'000'000, 0};
        const char* stop = text.data() + text.size();
        if (end != stop && *end == '.') std::from_chars(end + 1, stop, minor);
        return {major, minor};
    };
    const auto [major, minor] = numbers(tag);
    const auto [newest_major, newest_minor] = numbers(entry.newest);
    if (major < entry.oldest_major || major > newest_major) return false;
    return major < newest_major || minor <= newest_minor;
}

bool tag_is_listed(std::string_view tags, std::string_view tag) {
    while (!tags.empty()) {
        const std::size_t blank = tags.find(' ');
        if (tags.substr(0, blank) == tag) return true;
        if (blank == std::string_view::npos) return false;
        tags.remove_prefix(blank + 1);
    }
    return false;
}

bool tag_is_known(const Entry& entry, std::string_view tag) {
    if (std::find(kTriggers.begin(), kTriggers.end(), tag) != kTriggers.end()) return true;
    if (entry.tags.empty()) return version_is_known(entry, tag);
    return tag == "latest" || tag_is_listed(entry.tags, tag);
}

bool is_valid(std::string_view repository, std::string_view tag) {
    const auto repository_char = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '/' || c == ':';
    };
    const auto tag_char = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    };
    return !repository.empty() && repository.size() <= 255 && tag.size() <= 128 && repository.front() != '/' && repository.back() != '/' &&
           std::all_of(repository.begin(), repository.end(), repository_char) && std::all_of(tag.begin(), tag.end(), tag_char);
}

// "docker.io/library/nginx" and "docker.io/nginx" are "nginx".
std::string_view short_repository(std::string_view repository) {
    for (std::string_view prefix : {"docker.io/library/", "index.docker.io/library/", "docker.io/", "library/"}) {
        if (repository.starts_with(prefix)) return repository.substr(prefix.size());
    }
    return repository;
}

bool names_registry(std::string_view repository) {
    const std::size_t slash = repository.find('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view host = repository.substr(0, slash);
    return host == "localhost" || host.find_first_of(".:") != std::string_view::npos;
}

ImageFlavour guess_flavour(std::string_view repository) {
    const auto has = [&](std::string_view part) { return repository.find(part) != std::string_view::npos; };
    if (has("nginx")) return ImageFlavour::nginx;
    if (has("postgres")) return ImageFlavour::postgres;
    if (has("redis")) return ImageFlavour::redis;
    if (has("mysql") || has("mariadb")) return ImageFlavour::mysql;
    if (has("rabbitmq")) return ImageFlavour::rabbitmq;
    if (has("java") || has("spring") || has("jvm") || has("catalog")) return ImageFlavour::java;
    if (has("mail") || has("smtp")) return ImageFlavour::mailer;
    if (has("busybox") || has("alpine") || has("bash")) return ImageFlavour::tool;
    return ImageFlavour::service;
}

}  // namespace

Image find_image(std::string_view reference) {
    Image image;
    image.reference = reference;
    std::string_view repository = reference;
    std::string_view given_digest;
    if (const std::size_t at = repository.find('@'); at != std::string_view::npos) {
        given_digest = repository.substr(at + 1);
        repository = repository.substr(0, at);
    }
    const std::size_t slash = repository.rfind('/');
    const std::size_t colon = repository.rfind(':');
    const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
    if (tagged) {
        image.tag = repository.substr(colon + 1);
        repository = repository.substr(0, colon);
    } else if (given_digest.empty()) {
        image.tag = "latest";
    }
    if (!is_valid(repository, image.tag) || (tagged && image.tag.empty())) {
        image.verdict = ImageVerdict::invalid;
        return image;
    }
    image.repository = short_repository(repository);
    const bool hosted = names_registry(image.repository);
    image.canonical = (hosted ? "" : image.repository.find('/') == std::string::npos ? "docker.io/library/" : "docker.io/") + image.repository;
    image.canonical += given_digest.empty() ? ":" + image.tag : "@" + std::string(given_digest);
    image.digest = given_digest.empty() ? "sha256:" + controllers::hex_digest(image.canonical) : std::string(given_digest);

    const auto entry = std::find_if(kCatalogue.begin(), kCatalogue.end(), [&](const Entry& each) { return each.repository == image.repository; });
    if (entry != kCatalogue.end()) {
        image.flavour = entry->flavour;
        image.size_bytes = entry->size_mib * kMiB + static_cast<std::int64_t>(controllers::fnv1a(image.canonical) % 900'000);
        image.memory_bytes = entry->memory_mib * kMiB;
        image.newest_tag = entry->newest;
        if (given_digest.empty() && !tag_is_known(*entry, image.tag)) image.verdict = ImageVerdict::not_found;
    } else {
        image.flavour = guess_flavour(image.repository);
        image.size_bytes = 24 * kMiB + static_cast<std::int64_t>(controllers::fnv1a(image.repository) % (180 * kMiB));
        image.memory_bytes = 4 * kMiB;
    }
    if (std::find(kNeverFound.begin(), kNeverFound.end(), image.tag) != kNeverFound.end()) image.verdict = ImageVerdict::not_found;
    // 1 to 4 s, by size: a registry next door.
    image.pull_ms = std::clamp<std::int64_t>(900 + image.size_bytes / kMiB * 9, 1000, 3600);
    return image;
}

std::string pull_error(const Image& image) {
    std::string message = "rpc error: code = NotFound desc = failed to pull and unpack image \"" + image.canonical +
                          "\": failed to resolve reference \"" + image.canonical + "\": " + image.canonical + ": not found";
    if (!image.newest_tag.empty()) message += " (newest known tag: " + image.newest_tag + ")";
    return message;
}

}  // namespace kube
