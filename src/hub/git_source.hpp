// A git repository's address as people write it: https://github.com/acme/shop, .../shop.git, git@github.com:acme/shop.git.
//
//   const auto source = parse_git_source("git@github.com:acme/shop.git");
//   source->host == "github.com"; source->path == "acme/shop"; source->name() == "shop";
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hub {

struct GitSource {
    std::string host;   // lower case, with its port if it has one
    std::string path;   // "acme/shop", without .git and slashes at the ends
    std::string ref;    // of an address that names a branch ("/tree/main", "/-/blob/main/..."); may be empty
    std::string file;   // of an address of one file ("/blob/main/deploy/app.yaml"); may be empty

    [[nodiscard]] std::string name() const;          // the path's last part
    [[nodiscard]] std::string web_address() const;   // "https://github.com/acme/shop"
};

// invalid_argument, with what is wrong. A user and a password in the address are refused: they would be stored and shown.
[[nodiscard]] base::Result<GitSource> parse_git_source(std::string_view text);
// What git takes for a branch or tag (git check-ref-format), roughly: no blanks, no "..", nothing that a shell or a URL would trip over.
[[nodiscard]] bool is_git_ref(std::string_view text);

}  // namespace hub
