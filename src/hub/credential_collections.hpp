// Whose documents hold other people's credentials, or the hub's own (what tokens are signed with). Stores that outlive the program
// (SQLite, IndexedDB) seal them: docs/decisions/0008-stored-credentials.md.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace hub {

inline constexpr std::array<std::string_view, 3> kCredentialCollections{"cluster_credentials", "registries", "settings"};
[[nodiscard]] inline bool holds_credentials(std::string_view collection) {
    return std::find(kCredentialCollections.begin(), kCredentialCollections.end(), collection) != kCredentialCollections.end();
}

}  // namespace hub
