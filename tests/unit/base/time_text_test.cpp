#include "base/time_text.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {
constexpr std::int64_t kNewYear2026 = 1767225600000;
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
}  // namespace

TEST_CASE("known instants format and parse") {
    CHECK(base::format_rfc3339(0) == "1970-01-01T00:00:00Z");
    CHECK(base::format_rfc3339(kNewYear2026) == "2026-01-01T00:00:00Z");
    CHECK(base::format_rfc3339(-1) == "1969-12-31T23:59:59Z");
    CHECK(base::format_rfc3339(951'782'400'000) == "2000-02-29T00:00:00Z");
    CHECK(base::format_rfc3339_millis(kNewYear2026 + 7) == "2026-01-01T00:00:00.007Z");
    CHECK(base::format_rfc3339_nanos(kNewYear2026 + 120, 0) == "2026-01-01T00:00:00.12Z");
    CHECK(base::format_rfc3339_nanos(kNewYear2026, 0) == "2026-01-01T00:00:00Z");
    CHECK(base::format_rfc3339_nanos(kNewYear2026 + 1, 23) == "2026-01-01T00:00:00.001000023Z");
    CHECK(base::format_clock(kNewYear2026 + 3 * kHour, -30) == "02:30:00");
    CHECK(base::parse_rfc3339_ms("2026-01-01T00:00:00Z") == kNewYear2026);
    CHECK(base::parse_rfc3339_ms("2026-01-01t01:30:00.5+01:30") == kNewYear2026 + 500);
    CHECK(base::parse_rfc3339_ms("2025-12-31 18:00:00-06:00") == kNewYear2026);
    const auto nanos = base::parse_rfc3339("2026-01-01T00:00:00.1234567891Z");
    REQUIRE(nanos);
    CHECK(nanos->unix_ms == kNewYear2026 + 123);
    CHECK(nanos->nanos_in_ms == 456'789);
    CHECK(base::format_rfc3339_nanos(nanos->unix_ms, nanos->nanos_in_ms) == "2026-01-01T00:00:00.123456789Z");
}

TEST_CASE("malformed stamps are refused") {
    for (const std::string_view bad :
         {"", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
          "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+1:00", "0000-01-01T00:00:00Z",
          "26-01-01T00:00:00Z", " 2026-01-01T00:00:00Z"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::parse_rfc3339(bad));
    }
}

TEST_CASE("every day of 1200 years round trips") {
    std::int64_t failures = 0;
    for (std::int64_t day = -300'000; day < 140'000; ++day) {
        const std::int64_t ms = day * kDay + 12'345;
        const auto time = base::utc_from_unix_ms(ms);
        if (base::unix_ms_from_utc(time) != ms || time.day < 1 || time.day > 31 || time.month < 1 || time.month > 12) ++failures;
    }
    CHECK(failures == 0);
}

TEST_CASE("relative times move in whole steps and say when they change") {
    const std::int64_t now = kNewYear2026;
    const auto past = [&](std::int64_t distance) { return base::relative_time(now - distance, now); };
    CHECK(past(0) == "just now");
    CHECK(past(kMinute - 1) == "just now");
    CHECK(past(kMinute) == "1 min ago");
    CHECK(past(3 * kMinute + 5) == "3 min ago");
    CHECK(past(kHour) == "1 h ago");
    CHECK(past(47 * kHour) == "47 h ago");
    CHECK(past(48 * kHour) == "2 d ago");
    CHECK(past(60 * kDay) == "2 mo ago");
    CHECK(past(400 * kDay) == "1 y ago");
    CHECK(base::relative_time(now + 2 * kHour + 1, now) == "in 2 h");
    for (const std::int64_t distance : {0L, 59'999L, 60'000L, 3 * kMinute + 7, 59 * kMinute, kHour, 47 * kHour + 1, 59 * kDay, 364 * kDay, 900 * kDay}) {
        for (const int sign : {-1, 1}) {
            const std::int64_t then = now + sign * distance;
            std::int64_t change_ms = 0;
            const std::string words = base::relative_time(then, now, &change_ms);
            CAPTURE(distance, sign, words, change_ms);
            REQUIRE(change_ms >= 1);
            CHECK(base::relative_time(then, now + change_ms - 1) == words);
            if (sign < 0) CHECK(base::relative_time(then, now + change_ms) != words);
        }
    }
}

TEST_CASE("short durations are those of kubectl") {
    const auto seconds = [](std::int64_t s) { return base::short_duration(s * 1000); };
    CHECK(seconds(-5) == "0s");
    CHECK(seconds(93) == "93s");
    CHECK(seconds(120) == "2m");
    CHECK(seconds(200) == "3m20s");
    CHECK(seconds(11 * 60 + 5) == "11m");
    CHECK(seconds(3 * 3600 + 300) == "3h5m");
    CHECK(seconds(9 * 3600 + 300) == "9h");
    CHECK(seconds(51 * 3600) == "2d3h");
    CHECK(seconds(20 * 86400) == "20d");
    CHECK(seconds(3LL * 365 * 86400) == "3y");
    CHECK(seconds(9LL * 365 * 86400 + 86400) == "9y");
}

TEST_CASE("the Date header of HTTP is read in its one required form [C2]") {
    CHECK(base::parse_http_date_ms("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777000);
    CHECK(base::parse_http_date_ms("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
    CHECK(base::parse_http_date_ms("Thu, 29 Feb 2024 23:59:59 GMT") == 1709251199000);
    for (const char* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC", "Thu, 29 Feb 2023 00:00:00 GMT",
                             "Sun, 06 ovD 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 6  Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "}) {
        CHECK_FALSE(base::parse_http_date_ms(text));
    }
}
