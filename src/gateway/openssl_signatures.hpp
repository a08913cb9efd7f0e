// OpensslSignatures: hub::SignatureChecker for RS256 (keys of 2048 bits or more) and ES256 (RFC 7518, 3.3 and 3.4).
#pragma once

#include "hub/oauth_provider.hpp"

namespace gateway {

class OpensslSignatures final : public hub::SignatureChecker {
public:
    [[nodiscard]] bool verify(std::string_view algorithm, const hub::Json& jwk, std::string_view text, std::string_view signature) const override;
};

}  // namespace gateway
