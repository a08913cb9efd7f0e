#include "web/web_random.hpp"

#include "web/bindings.hpp"

namespace web {

void WebRandom::fill(std::span<std::uint8_t> bytes) { bn_random(bytes.data(), static_cast<std::uint32_t>(bytes.size())); }

}  // namespace web
