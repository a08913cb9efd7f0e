// KeyValueStorage: the port behind persist. localStorage in the tab, MemoryStorage in tests and wherever nothing else is
// allowed (a third-party iframe).
//
// Errors: quota when the storage is full, forbidden when it may not be used at all (SecurityError), else unavailable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace state {

class KeyValueStorage {
public:
    virtual ~KeyValueStorage() = default;
    // Nothing when there is no such key; an error only when the storage cannot be read.
    [[nodiscard]] virtual base::Result<std::optional<std::string>> get(std::string_view key) = 0;
    // On an error the old value is still there.
    virtual base::Result<void> set(std::string_view key, std::string_view value) = 0;
    // Removing what is not there is a success.
    virtual base::Result<void> remove(std::string_view key) = 0;
    [[nodiscard]] virtual base::Result<std::vector<std::string>> keys() = 0;
};

// Sorted keys; sums key and value bytes against the quota, as browsers do.
class MemoryStorage final : public KeyValueStorage {
public:
    explicit MemoryStorage(std::size_t quota_bytes = 5 * 1024 * 1024) : quota_bytes_(quota_bytes) {}

    [[nodiscard]] base::Result<std::optional<std::string>> get(std::string_view key) override;
    base::Result<void> set(std::string_view key, std::string_view value) override;
    base::Result<void> remove(std::string_view key) override;
    [[nodiscard]] base::Result<std::vector<std::string>> keys() override;
    [[nodiscard]] std::size_t used_bytes() const { return used_bytes_; }

private:
    std::map<std::string, std::string, std::less<>> values_;
    std::size_t quota_bytes_;
    std::size_t used_bytes_ = 0;
};

}  // namespace state
