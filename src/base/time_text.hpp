// Points in time as text: RFC 3339 both ways, and the short words the UI shows.
//
//   base::parse_rfc3339("2026-01-01T00:00:00.123456789Z");      // nanoseconds kept apart from the milliseconds
//   base::format_rfc3339(clock.unix_ms());                       // "2026-01-01T00:00:00Z", seconds, as Kubernetes writes
//   base::format_rfc3339_nanos(ms, 123'456);                     // kubelet log stamps
//   base::relative_time(then_ms, now_ms);                        // "just now", "3 min ago", "in 2 h"
//   base::short_duration(93'000);                                // "93s", as kubectl's AGE column
//
// All times are milliseconds since 1970-01-01T00:00:00Z, years 0001 to 9999, proleptic Gregorian, no leap seconds (a
// stamp with second 60 is read as the second after :59).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

struct UtcTime {
    int year = 1970;
    int month = 1;  // 1 to 12
    int day = 1;    // 1 to 31
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millisecond = 0;
};

[[nodiscard]] UtcTime utc_from_unix_ms(std::int64_t unix_ms);
[[nodiscard]] std::int64_t unix_ms_from_utc(const UtcTime& time);

struct Timestamp {
    std::int64_t unix_ms = 0;
    int nanos_in_ms = 0;  // 0 to 999,999: what comes after the milliseconds
    friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// Date, 'T' or space, time, optional fraction (digits past the ninth are cut), 'Z' or an offset. The whole text or nothing.
[[nodiscard]] std::optional<Timestamp> parse_rfc3339(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_rfc3339_ms(std::string_view text);

// The Date header of HTTP in the form that senders must use (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". The day's name is not
// checked against the date.
[[nodiscard]] std::optional<std::int64_t> parse_http_date_ms(std::string_view text);

[[nodiscard]] std::string format_rfc3339(std::int64_t unix_ms);        // "2026-01-01T00:00:00Z"
[[nodiscard]] std::string format_rfc3339_millis(std::int64_t unix_ms); // "2026-01-01T00:00:00.123Z"
// Go's RFC3339Nano: trailing zeros of the fraction are left out, and the point with them.
[[nodiscard]] std::string format_rfc3339_nanos(std::int64_t unix_ms, int nanos_in_ms = 0);
// "14:03:07" in UTC shifted by `offset_minutes`; for log rows.
[[nodiscard]] std::string format_clock(std::int64_t unix_ms, int offset_minutes = 0);

// Steps: under 1 min "just now", then whole "n min", "n h", "n d" (from 48 h), "n mo", "n y"; "ago" or "in". Never seconds, so that a
// screen of times changes once a minute at most. `next_change_ms`, if given, gets the delay until the words change (>= 1).
[[nodiscard]] std::string relative_time(std::int64_t then_ms, std::int64_t now_ms, std::int64_t* next_change_ms = nullptr);
// As kubectl prints ages: "0s", "93s", "5m", "3m20s" (under 10 min), "3h", "3h5m" (under 8 h), "2d", "2d3h" (under 8 d), "2y".
[[nodiscard]] std::string short_duration(std::int64_t duration_ms);

}  // namespace base
