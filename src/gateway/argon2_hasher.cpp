#include "gateway/argon2_hasher.hpp"

#include <sodium.h>

#include <array>

namespace gateway {

namespace {

base::Error too_busy() {
    return {base::ErrorCode::unavailable, "Too many people are signing in at once", "Try again in a few seconds"};
}

}  // namespace

Argon2Hasher::Argon2Hasher(AsioScheduler& loop) : loop_(loop), worker_(loop) {}

void Argon2Hasher::hash(std::string password, base::UniqueFunction<void(base::Result<std::string>)> done) {
    if (worker_.pending() >= kMaxQueued) {
        loop_.post([done = std::move(done)]() mutable { done(base::fail(too_busy())); });
        return;
    }
    worker_.run([password = std::move(password), done = std::move(done)]() mutable -> Worker::Completion {
        std::array<char, crypto_pwhash_STRBYTES> encoded{};
        const bool hashed = sodium_init() >= 0 && crypto_pwhash_str(encoded.data(), password.data(), password.size(),
                                                                    crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                                    crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
        sodium_memzero(password.data(), password.size());
        base::Result<std::string> result = std::string(encoded.data());
        if (!hashed) result = base::fail(base::ErrorCode::internal, "Hashing the password failed: not enough memory");
        return [result = std::move(result), done = std::move(done)]() mutable { done(std::move(result)); };
    });
}

void Argon2Hasher::verify(std::string password, std::string encoded_hash, base::UniqueFunction<void(base::Result<bool>)> done) {
    if (worker_.pending() >= kMaxQueued) {
        loop_.post([done = std::move(done)]() mutable { done(base::fail(too_busy())); });
        return;
    }
    worker_.run([password = std::move(password), encoded_hash = std::move(encoded_hash),
                 done = std::move(done)]() mutable -> Worker::Completion {
        // Strings over the maximum cannot be hashes of ours; libsodium checks the rest of the format.
        const bool matches = sodium_init() >= 0 && encoded_hash.size() < crypto_pwhash_STRBYTES &&
                             crypto_pwhash_str_verify(encoded_hash.c_str(), password.data(), password.size()) == 0;
        sodium_memzero(password.data(), password.size());
        return [matches, done = std::move(done)]() mutable { done(matches); };
    });
}

}  // namespace gateway
