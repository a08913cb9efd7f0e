// SecretBox: the gateway's key for what it stores of other people's credentials. Seals texts by libsodium's secretbox (XSalsa20 and
// Poly1305); the key is in a file of its own, so that a copy of the database alone tells nothing.
//
//   auto box = gateway::SecretBox::open("/var/lib/binnacle/credentials.key", SecretBox::Missing::make);
//   std::string row = box->seal("registries/42", json);         // "sealed:1:<key id>:<base64 of nonce and box>"
//   auto json = box->open_sealed("registries/42", row);         // an error for another context, key, or a changed byte
//
// The file holds one key a line, "<id> <base64 of 32 bytes>"; the first one seals, all open. It is made with mode 0600 and refused when
// others can read it. A change of keys is three steps, each safe to be cut off: add_key(), everything sealed anew by the caller,
// drop_old_keys().
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace gateway {

class SecretBox {
public:
    enum class Missing { make, refuse };
    // `refuse`: something sealed is there already, so a key made now would open none of it.
    [[nodiscard]] static base::Result<SecretBox> open(std::string path, Missing missing);

    ~SecretBox();  // wipes the keys
    SecretBox(SecretBox&&) noexcept = default;
    SecretBox& operator=(SecretBox&&) noexcept = default;
    SecretBox(const SecretBox&) = delete;
    SecretBox& operator=(const SecretBox&) = delete;

    // `context` says where the text belongs; it is not stored, and a row put elsewhere does not open.
    [[nodiscard]] std::string seal(std::string_view context, std::string_view text) const;
    [[nodiscard]] base::Result<std::string> open_sealed(std::string_view context, std::string_view sealed) const;
    [[nodiscard]] static bool is_sealed(std::string_view text);
    // Sealed by the key that seals now.
    [[nodiscard]] bool is_current(std::string_view text) const;

    [[nodiscard]] base::Result<void> add_key();
    [[nodiscard]] base::Result<void> drop_old_keys();
    [[nodiscard]] std::size_t key_count() const { return keys_.size(); }

private:
    struct Key {
        std::string id;
        std::array<std::uint8_t, 32> bytes{};
    };
    explicit SecretBox(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] base::Result<void> read(std::string_view text);
    [[nodiscard]] base::Result<void> write(bool replace) const;
    void make_key();

    std::string path_;
    std::vector<Key> keys_;
};

}  // namespace gateway
