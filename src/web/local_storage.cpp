#include "web/local_storage.hpp"

#include "base/text.hpp"
#include "web/bindings.hpp"

namespace web {

namespace {

std::unexpected<base::Error> denied() {
    return base::fail(base::ErrorCode::forbidden, "This browser does not let the page store anything",
                      "Allow site data for this page, or open it in a tab of its own");
}

base::Result<void> result_of(int status) {
    if (status == 0) return {};
    if (status == -2) return base::fail(base::ErrorCode::quota, "The browser's storage for this page is full", "Clear local data in Settings");
    return denied();
}

}  // namespace

base::Result<std::optional<std::string>> LocalStorage::get(std::string_view key) {
    const BrowserText text(bn_storage_get(std::string(key).c_str()));
    if (text.denied()) return denied();
    if (text.none()) return std::nullopt;
    return text.text();
}

base::Result<void> LocalStorage::set(std::string_view key, std::string_view value) {
    return result_of(bn_storage_set(std::string(key).c_str(), std::string(value).c_str()));
}

base::Result<void> LocalStorage::remove(std::string_view key) { return result_of(bn_storage_remove(std::string(key).c_str())); }

base::Result<std::vector<std::string>> LocalStorage::keys() {
    const BrowserText text(bn_storage_keys());
    if (text.denied()) return denied();
    const std::string all = text.text();
    std::vector<std::string> result;
    if (all.empty()) return result;
    for (const std::string_view key : base::split(all, '\n')) result.emplace_back(key);
    return result;
}

}  // namespace web
