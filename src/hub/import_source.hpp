// Where the file of an import from git is read: not by git, but over HTTPS from the pages that hosts have for single files.
//
//   const auto places = import_places({.kind = "github", .url = "https://github.com/acme/shop", .branch = ""});
//   places->front() == {"https://raw.githubusercontent.com", "/acme/shop/HEAD/compose.yaml", "compose.yaml"}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hub {

struct ImportSource {
    std::string kind;    // github, gitlab, git_url
    std::string url;
    std::string branch;  // empty: the repository's default
};

struct ImportPlace {
    std::string origin;
    std::string target;
    std::string file;   // as a person would name it
    friend bool operator==(const ImportPlace&, const ImportPlace&) = default;
};

// In the order in which they are tried. invalid_argument for an address that is none, or is not of that kind.
[[nodiscard]] base::Result<std::vector<ImportPlace>> import_places(const ImportSource& source);
// github.com and gitlab.com: anybody may import from there. Other hosts may be inside of the hub's own network.
[[nodiscard]] bool is_public_place(const ImportPlace& place);

}  // namespace hub
