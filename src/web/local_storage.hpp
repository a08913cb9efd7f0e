// LocalStorage: state::KeyValueStorage on window.localStorage. Blocked storage (third-party frames) answers `forbidden`, a full
// one `quota`; nothing throws.
#pragma once

#include "state/storage.hpp"

namespace web {

class LocalStorage final : public state::KeyValueStorage {
public:
    [[nodiscard]] base::Result<std::optional<std::string>> get(std::string_view key) override;
    base::Result<void> set(std::string_view key, std::string_view value) override;
    base::Result<void> remove(std::string_view key) override;
    [[nodiscard]] base::Result<std::vector<std::string>> keys() override;
};

}  // namespace web
