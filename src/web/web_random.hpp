// WebRandom: base::Random from crypto.getRandomValues.
#pragma once

#include "base/random.hpp"

namespace web {

class WebRandom final : public base::Random {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace web
