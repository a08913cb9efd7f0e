// The registries as the simulated cluster sees them: which images can be pulled, how long that takes and what runs in them.
//
// The rule, in order:
//   1. A reference that is empty, has blanks or capital letters in its repository is invalid (InvalidImageName).
//   2. The tags `missing`, `nonexistent` and `does-not-exist` are never found, of any repository.
//   3. Of a repository in the catalogue (nginx, postgres, redis, ..., registry.local/storefront, ...) only known tags are found.
//      Public images know every version up to the newest one here, with any suffix ("1.27.3-alpine"), and words such as
//      "latest" or "alpine"; those of registry.local have a list, and know "latest", and `crash`, `oom`, `slow`, `notready`.
//      checkout:9.9 does not exist, the newest is 3.1.
//   4. Any other repository can be pulled, with any tag, and runs a plain service.
// A digest ("nginx@sha256:...") is found wherever its repository is.
//
//   const kube::Image image = kube::find_image("registry.local/checkout:9.9");
//   image.verdict == ImageVerdict::not_found; image.newest_tag == "3.1"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kube {

enum class ImageVerdict { found, not_found, invalid };

// What an image writes to its log, and how it behaves when it is started without a command.
enum class ImageFlavour {
    service,   // some service of somebody's
    nginx,
    httpd,
    postgres,
    mysql,
    redis,
    rabbitmq,
    java,      // stack traces now and then
    json,      // structured lines
    storefront,
    checkout,
    mailer,
    tool,      // a shell, an interpreter: without a command it ends at once
};

struct Image {
    ImageVerdict verdict = ImageVerdict::found;
    std::string reference;      // as given
    std::string canonical;      // "docker.io/library/nginx:1.27"
    std::string repository;     // short: "nginx", "registry.local/checkout"
    std::string tag;            // "latest" when none was given; empty for a digest
    std::string newest_tag;     // of a catalogued repository
    std::string digest;         // "sha256:..."
    ImageFlavour flavour = ImageFlavour::service;
    std::int64_t size_bytes = 0;
    std::int64_t memory_bytes = 0;  // a limit below this ends in OOMKilled
    std::int64_t pull_ms = 0;       // at speed 1, before jitter
};

[[nodiscard]] Image find_image(std::string_view reference);

// containerd's words for a failed pull, followed by our hint ("newest known tag: 3.1").
[[nodiscard]] std::string pull_error(const Image& image);

}  // namespace kube
