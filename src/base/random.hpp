// Random: the source of ids, jitter and secrets. Real adapters give cryptographic bytes; tests give a seeded sequence.
#pragma once

#include <cstdint>
#include <span>

namespace base {

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> bytes) = 0;

    [[nodiscard]] std::uint64_t next_u64() {
        std::uint8_t bytes[8];
        fill(bytes);
        std::uint64_t value = 0;
        for (auto byte : bytes) value = value << 8 | byte;
        return value;
    }
    // Uniform in [0, bound); bound > 0. The bias of the modulo is below 2^-32 for bounds under 2^32.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return next_u64() % bound; }
};

}  // namespace base
