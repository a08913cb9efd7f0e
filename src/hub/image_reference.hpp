// ImageReference: a container image's name, taken apart as Docker and containerd do.
//
//   auto image = parse_image_reference("nginx:1.27");
//   image->registry == "docker.io"; image->repository == "library/nginx"; image->tag == "1.27";
//   parse_image_reference("localhost:5000/team/web@sha256:...")   // the first part is a host: it has a '.', a ':' or is localhost
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hub {

struct ImageReference {
    std::string registry;    // "docker.io", "ghcr.io", "localhost:5000"; lower case
    std::string repository;  // "library/nginx"
    std::string tag;         // "latest" when neither tag nor digest is given
    std::string digest;      // "sha256:...", or empty
    friend bool operator==(const ImageReference&, const ImageReference&) = default;
};

// invalid_argument, with the part that is wrong, for what no registry could serve.
[[nodiscard]] base::Result<ImageReference> parse_image_reference(std::string_view text);
// "docker.io" for its aliases, else the host (and port) in lower case.
[[nodiscard]] std::string canonical_registry(std::string_view host);
// A host name or address, maybe with a port.
[[nodiscard]] bool is_registry_host(std::string_view host);

}  // namespace hub
