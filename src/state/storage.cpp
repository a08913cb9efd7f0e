#include "state/storage.hpp"

#include "base/text.hpp"

namespace state {

base::Result<std::optional<std::string>> MemoryStorage::get(std::string_view key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

base::Result<void> MemoryStorage::set(std::string_view key, std::string_view value) {
    const auto found = values_.find(key);
    const std::size_t old_bytes = found == values_.end() ? 0 : found->first.size() + found->second.size();
    const std::size_t next_bytes = used_bytes_ - old_bytes + key.size() + value.size();
    if (next_bytes > quota_bytes_) {
        return base::fail(base::ErrorCode::quota, "the storage is full (" + base::human_bytes(quota_bytes_) + ")");
    }
    used_bytes_ = next_bytes;
    values_.insert_or_assign(std::string(key), std::string(value));
    return {};
}

base::Result<void> MemoryStorage::remove(std::string_view key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return {};
    used_bytes_ -= found->first.size() + found->second.size();
    values_.erase(found);
    return {};
}

base::Result<std::vector<std::string>> MemoryStorage::keys() {
    std::vector<std::string> names;
    names.reserve(values_.size());
    for (const auto& [key, value] : values_) names.push_back(key);
    return names;
}

}  // namespace state
