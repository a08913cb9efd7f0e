#include "base/encoding.hpp"

#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"

TEST_CASE("base64 follows RFC 4648, section 10") {
    const std::pair<std::string, std::string> vectors[] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        CHECK(base::base64_encode(plain) == text);
        CHECK(base::base64_decode(text) == plain);
    }
    CHECK(base::base64url_encode("\xFB\xFF") == "-_8");
    CHECK(base::base64url_decode("-_8") == "\xFB\xFF");
}

TEST_CASE("base64 decoding refuses what no encoder writes") {
    for (const std::string_view bad : {"Zg", "Zg=", "Z===", "=", "====", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "-_8=", "Zg==Zg=="}) {
        CAPTURE(bad);
        CHECK_FALSE(base::base64_decode(bad));
    }
    for (const std::string_view bad : {"Zg==", "Z", "Zh", "a+b/"}) CHECK_FALSE(base::base64url_decode(bad));
}

TEST_CASE("any bytes survive base64 and hex") {
    base::testing::SeededRandom random(5);
    for (std::size_t size = 0; size < 100; ++size) {
        std::string bytes(size, '\0');
        for (char& c : bytes) c = static_cast<char>(random.below(256));
        CHECK(base::base64_decode(base::base64_encode(bytes)) == bytes);
        CHECK(base::base64url_decode(base::base64url_encode(bytes)) == bytes);
        CHECK(base::hex_decode(base::hex_encode(bytes)) == bytes);
    }
    CHECK(base::hex_encode("\x01\xAB") == "01ab");
    CHECK(base::hex_decode("01AB") == "\x01\xAB");
    for (const std::string_view bad : {"0", "0g", "-1", "+1"}) CHECK_FALSE(base::hex_decode(bad));
}
