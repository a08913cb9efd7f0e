// PasswordHasher: argon2id, off the I/O thread. The gateway implements it with libsodium; a hub in the tab needs none
// (it has one local user and no login).
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/unique_function.hpp"

namespace hub {

class PasswordHasher {
public:
    virtual ~PasswordHasher() = default;
    // `done` gets an encoded hash with its parameters and salt in it.
    virtual void hash(std::string password, base::UniqueFunction<void(base::Result<std::string>)> done) = 0;
    virtual void verify(std::string password, std::string encoded_hash, base::UniqueFunction<void(base::Result<bool>)> done) = 0;
};

}  // namespace hub
