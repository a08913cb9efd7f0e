#include "gateway/sodium_random.hpp"

#include <sodium.h>

#include <cstdlib>

namespace gateway {

SodiumRandom::SodiumRandom() {
    // Fails only where the system has no source of random bytes at all: nothing would be safe then.
    if (sodium_init() < 0) std::abort();
}

void SodiumRandom::fill(std::span<std::uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

}  // namespace gateway
