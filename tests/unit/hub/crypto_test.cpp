#include <catch2/catch_test_macros.hpp>

#include "base/encoding.hpp"
#include "hub/crypto/jwt.hpp"
#include "hub/crypto/sha256.hpp"

using namespace hub;

TEST_CASE("SHA-256 gives the digests of FIPS 180-4") {
    CHECK(base::hex_encode(crypto::sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(base::hex_encode(crypto::sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(base::hex_encode(crypto::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(base::hex_encode(crypto::sha256(std::string(1'000'000, 'a'))) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 pads right at every length around a block") {
    // 55 bytes is the longest text that shares its last block with the length.
    CHECK(base::hex_encode(crypto::sha256(std::string(55, 'a'))) == "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    CHECK(base::hex_encode(crypto::sha256(std::string(56, 'a'))) == "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    CHECK(base::hex_encode(crypto::sha256(std::string(64, 'a'))) == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231") {
    CHECK(base::hex_encode(crypto::hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(base::hex_encode(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(base::hex_encode(crypto::hmac_sha256(std::string(20, '\xaa'), std::string(50, '\xdd'))) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    CHECK(base::hex_encode(crypto::hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("the constant-time comparison compares all bytes") {
    CHECK(crypto::equal_in_constant_time("", ""));
    CHECK(crypto::equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(crypto::equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(crypto::equal_in_constant_time("abc", "ab"));
}

TEST_CASE("a signed token verifies under its own secret only") {
    const std::string token = crypto::sign_jwt({{"sub", "1"}}, "secret");
    REQUIRE(crypto::verify_jwt(token, "secret"));
    CHECK(text_at(*crypto::verify_jwt(token, "secret"), "sub") == "1");
    CHECK_FALSE(crypto::verify_jwt(token, "other"));
    std::string changed = token;
    changed[changed.find('.') + 3] ^= 1;
    CHECK_FALSE(crypto::verify_jwt(changed, "secret"));
}

TEST_CASE("the token of jwt.io verifies") {
    const auto claims = crypto::verify_jwt(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        "your-256-bit-secret");
    REQUIRE(claims);
    CHECK(text_at(*claims, "name") == "John Doe");
}

TEST_CASE("tokens with another algorithm or another shape are refused") {
    const auto with_header = [](const std::string& header) {
        std::string token = base::base64url_encode(header) + "." + base::base64url_encode(R"({"sub":"1"})");
        return token + "." + base::base64url_encode(crypto::as_bytes(crypto::hmac_sha256("secret", token)));
    };
    CHECK(crypto::verify_jwt(with_header(R"({"alg":"HS256"})"), "secret"));
    CHECK_FALSE(crypto::verify_jwt(with_header(R"({"alg":"none"})"), "secret"));
    CHECK_FALSE(crypto::verify_jwt(with_header(R"({"alg":"HS512"})"), "secret"));
    CHECK_FALSE(crypto::verify_jwt(with_header("[]"), "secret"));
    for (const char* token : {"", ".", "..", "a.b", "a.b.c.d", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "!!.??.**"}) {
        CHECK_FALSE(crypto::verify_jwt(token, "secret"));
    }
    CHECK_FALSE(crypto::verify_jwt(std::string(100'000, 'a'), "secret"));
}
