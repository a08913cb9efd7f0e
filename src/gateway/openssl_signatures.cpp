#include "gateway/openssl_signatures.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

#include "base/encoding.hpp"

namespace gateway {

namespace {

constexpr int kMinRsaBits = 2'048;
constexpr std::size_t kP256Bytes = 32;

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Number number_of(std::string_view bytes) { return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr)); }

Key build(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 || EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) <= 0) return nullptr;
    return Key(key);
}

Key rsa_key(const hub::Json& jwk) {
    const auto modulus = base::base64url_decode(hub::text_at(jwk, "n"));
    const auto exponent = base::base64url_decode(hub::text_at(jwk, "e"));
    if (!modulus || !exponent || modulus->empty() || exponent->empty() || modulus->size() > 2'048 || exponent->size() > 8) return nullptr;
    const Number n = number_of(*modulus);
    const Number e = number_of(*exponent);
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || BN_num_bits(n.get()) < kMinRsaBits || !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) ||
        !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get())) {
        return nullptr;
    }
    return build("RSA", builder.get());
}

Key p256_key(const hub::Json& jwk) {
    const auto x = base::base64url_decode(hub::text_at(jwk, "x"));
    const auto y = base::base64url_decode(hub::text_at(jwk, "y"));
    if (hub::text_at(jwk, "crv") != "P-256" || !x || !y || x->size() != kP256Bytes || y->size() != kP256Bytes) return nullptr;
    const std::string point = "\x04" + *x + *y;  // uncompressed
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder || !OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ||
        !OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size())) {
        return nullptr;
    }
    return build("EC", builder.get());
}

// JWS has r and s side by side, OpenSSL wants them in DER.
std::string der_of(std::string_view signature) {
    if (signature.size() != 2 * kP256Bytes) return {};
    const EcSignature pair(ECDSA_SIG_new());
    Number r = number_of(signature.substr(0, kP256Bytes));
    Number s = number_of(signature.substr(kP256Bytes));
    if (!pair || !r || !s || !ECDSA_SIG_set0(pair.get(), r.get(), s.get())) return {};
    (void)r.release();  // theirs now
    (void)s.release();
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) return {};
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

}  // namespace

bool OpensslSignatures::verify(std::string_view algorithm, const hub::Json& jwk, std::string_view text, std::string_view signature) const {
    const bool is_rsa = algorithm == "RS256";
    if (!is_rsa && algorithm != "ES256") return false;
    const Key key = is_rsa ? rsa_key(jwk) : p256_key(jwk);
    const std::string proof = is_rsa ? std::string(signature) : der_of(signature);
    const DigestContext context(EVP_MD_CTX_new());
    if (!key || proof.empty() || !context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) <= 0) return false;
    return EVP_DigestVerify(context.get(), bytes_of(proof), proof.size(), bytes_of(text), text.size()) == 1;
}

}  // namespace gateway
