// Argon2Hasher: hub::PasswordHasher by libsodium (argon2id, interactive limits: 64 MiB, some 50 ms), off the loop's thread.
// At most kMaxQueued hashes wait; more is `unavailable`, so that a flood of logins cannot grow the queue for ever.
#pragma once

#include "gateway/worker.hpp"
#include "hub/password_hasher.hpp"

namespace gateway {

class Argon2Hasher final : public hub::PasswordHasher {
public:
    static constexpr std::size_t kMaxQueued = 64;

    explicit Argon2Hasher(AsioScheduler& loop);
    void hash(std::string password, base::UniqueFunction<void(base::Result<std::string>)> done) override;
    void verify(std::string password, std::string encoded_hash, base::UniqueFunction<void(base::Result<bool>)> done) override;

private:
    AsioScheduler& loop_;
    Worker worker_;
};

}  // namespace gateway
