#include "base/text.hpp"

#include <catch2/catch_test_macros.hpp>

#include "base/byte_scan.hpp"
#include "base/testing/virtual_scheduler.hpp"

namespace {
const std::string kFffd = "\xEF\xBF\xBD";
}

TEST_CASE("well-formed UTF-8 passes unchanged") {
    const std::string text = "ascii \xC2\x80 \xE2\x82\xAC \xED\x9F\xBF \xF0\x90\x80\x80 \xF4\x8F\xBF\xBF end";
    CHECK(base::is_valid_utf8(text));
    CHECK(base::to_valid_utf8(text) == text);
    CHECK(base::code_point_count("a\xE2\x82\xAC\xF0\x9F\x98\x80") == 3);
}

TEST_CASE("each maximal subpart of ill-formed UTF-8 becomes one replacement") {
    // The examples of the Unicode standard, chapter 3, tables 3-8 to 3-11.
    CHECK(base::to_valid_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == kFffd + kFffd + kFffd + kFffd + kFffd + kFffd + kFffd + kFffd + "A");
    CHECK(base::to_valid_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == kFffd + kFffd + kFffd + kFffd + kFffd + kFffd + kFffd + kFffd + "A");
    CHECK(base::to_valid_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") == kFffd + kFffd + kFffd + kFffd + kFffd + "A" + kFffd + kFffd + "B");
    CHECK(base::to_valid_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == kFffd + kFffd + kFffd + kFffd + "A");
    CHECK(base::to_valid_utf8("a\xE2\x80") == "a" + kFffd);
    CHECK(base::valid_utf8_prefix("abc\xE2\x82\xAC\xFFx") == 6);
}

TEST_CASE("a cut prefix never splits a character") {
    const std::string text = "a\xE2\x82\xAC" "b";
    CHECK(base::utf8_prefix(text, 1) == "a");
    CHECK(base::utf8_prefix(text, 3) == "a");
    CHECK(base::utf8_prefix(text, 4) == "a\xE2\x82\xAC");
    CHECK(base::utf8_prefix(text, 99) == text);
    CHECK(base::utf8_prefix("\xE2\x82\xAC", 2).empty());
}

TEST_CASE("byte scanners agree with a plain loop at every length and offset") {
    base::testing::SeededRandom random(3);
    for (int round = 0; round < 3000; ++round) {
        std::string text(random.below(70), 'x');
        for (auto hits = random.below(3); hits > 0 && !text.empty(); --hits) {
            constexpr std::string_view kMarks = "\r\n\x80\xFF\x0C\x8D";
            text[random.below(text.size())] = kMarks[random.below(kMarks.size())];
        }
        const char* const end = text.data() + text.size();
        const auto first = text.find_first_of("\r\n");
        const char* const expected = first == std::string::npos ? end : text.data() + first;
        REQUIRE(base::find_either(text.data(), end, '\r', '\n') == expected);
        const char* plain = text.data();
        while (plain != end && static_cast<unsigned char>(*plain) < 0x80) ++plain;
        REQUIRE(base::find_non_ascii(text.data(), end) == plain);
    }
}

TEST_CASE("ASCII case is folded and nothing else") {
    CHECK(base::to_ascii_lower("AbZ[\xC3\x84") == "abz[\xC3\x84");
    CHECK(base::to_ascii_upper("abz{") == "ABZ{");
    CHECK(base::equals_ascii_case("Content-Type", "content-tYPE"));
    CHECK_FALSE(base::equals_ascii_case("a", "ab"));
    CHECK(base::starts_with_ascii_case("Bearer x", "bearer "));
    CHECK(base::find_ascii_case("a long Error line", "ERROR") == 7);
    CHECK(base::find_ascii_case("abc", "abcd") == std::string::npos);
    CHECK(base::find_ascii_case("abc", "") == 0);
    CHECK(base::find_ascii_case("aab", "ab") == 1);
    CHECK(base::find_ascii_case("xyza", "a") == 3);
}

TEST_CASE("trim, split, join and replace") {
    CHECK(base::trim(" \t a b\r\n") == "a b");
    CHECK(base::trim("  ").empty());
    CHECK(base::split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
    CHECK(base::split("", ',') == std::vector<std::string_view>{""});
    CHECK(base::split_once("k=v=w", '=')->after == "v=w");
    CHECK_FALSE(base::split_once("k", '='));
    CHECK(base::join({"a", "b", "c"}, ", ") == "a, b, c");
    CHECK(base::replace_all("aXbXX", "X", "--") == "a--b----");
    CHECK(base::replace_all("abc", "", "x") == "abc");
}

TEST_CASE("numbers are all of the text or nothing") {
    CHECK(base::parse_integer<int>("80") == 80);
    CHECK(base::parse_integer<int>("-5") == -5);
    CHECK(base::parse_integer<unsigned char>("255") == 255);
    CHECK(base::parse_integer<int>("ff", 16) == 255);
    for (const std::string_view bad : {"", " 1", "1 ", "+1", "1x", "99999999999", "0x10", "-"}) CHECK_FALSE(base::parse_integer<int>(bad));
    CHECK_FALSE(base::parse_integer<unsigned char>("256"));
    CHECK(base::parse_integer_in<int>("10", 1, 10) == 10);
    CHECK_FALSE(base::parse_integer_in<int>("11", 1, 10));
    CHECK(base::parse_number("-2.5e1") == -25.0);
    for (const std::string_view bad : {"", "inf", "nan", "1e999", "1.5x", "+1"}) CHECK_FALSE(base::parse_number(bad));
}

TEST_CASE("sizes and counts read well") {
    CHECK(base::human_bytes(0) == "0 B");
    CHECK(base::human_bytes(1023) == "1023 B");
    CHECK(base::human_bytes(1024) == "1 KiB");
    CHECK(base::human_bytes(1536) == "1.5 KiB");
    CHECK(base::human_bytes(10 * 1024 + 300) == "10 KiB");
    CHECK(base::human_bytes(1024 * 1024 - 1) == "1 MiB");
    CHECK(base::human_bytes(~std::uint64_t{0}) == "16 EiB");
    CHECK(base::grouped(0) == "0");
    CHECK(base::grouped(999) == "999");
    CHECK(base::grouped(1234567) == "1,234,567");
    CHECK(base::short_number(1.50, 2) == "1.5");
    CHECK(base::short_number(-0.001, 2) == "0");
    CHECK(base::short_number(100, 0) == "100");
}
