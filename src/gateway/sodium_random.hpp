// SodiumRandom: cryptographic bytes (libsodium's randombytes).
#pragma once

#include "base/random.hpp"

namespace gateway {

class SodiumRandom final : public base::Random {
public:
    SodiumRandom();
    void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace gateway
