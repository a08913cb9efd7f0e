#include "base/time_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.hpp"

namespace base {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Days since 1970-01-01 of a proleptic Gregorian date, counted in years that start in March so that the leap day is the last.
std::int64_t days_from_date(int year, int month, int day) {
    const std::int64_t y = year - (month <= 2 ? 1 : 0);
    const std::int64_t era = floor_div(y, 400);
    const std::int64_t year_of_era = y - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(int year, int month) {
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Exactly `digits` digits at the front of `text`, taken off it; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return -1;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (!is_ascii_digit(text[i])) return -1;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

// Nanoseconds of ".123" (or of nothing); -1 when malformed.
int take_fraction(std::string_view& text) {
    if (!text.starts_with('.')) return 0;
    text.remove_prefix(1);
    int nanos = 0;
    int digits = 0;
    while (!text.empty() && is_ascii_digit(text.front())) {
        if (digits < 9) nanos = nanos * 10 + (text.front() - '0');
        ++digits;
        text.remove_prefix(1);
    }
    if (digits == 0) return -1;
    for (; digits < 9; ++digits) nanos *= 10;
    return nanos;
}

std::optional<int> take_offset_minutes(std::string_view& text) {
    if (take(text, "Zz")) return 0;
    const bool negative = text.starts_with('-');
    if (!take(text, "+-")) return std::nullopt;
    const int hours = take_digits(text, 2);
    if (hours < 0 || hours > 23 || !take(text, ":")) return std::nullopt;
    const int minutes = take_digits(text, 2);
    if (minutes < 0 || minutes > 59) return std::nullopt;
    return (negative ? -1 : 1) * (hours * 60 + minutes);
}

std::string format_seconds(const UtcTime& t) {
    std::array<char, 96> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d", t.year, t.month, t.day, t.hour, t.minute, t.second);
    return buffer.data();
}

}  // namespace

UtcTime utc_from_unix_ms(std::int64_t unix_ms) {
    const std::int64_t days = floor_div(unix_ms, kDayMs);
    std::int64_t rest = unix_ms - days * kDayMs;
    UtcTime t;
    t.millisecond = static_cast<int>(rest % 1000);
    rest /= 1000;
    t.second = static_cast<int>(rest % 60);
    t.minute = static_cast<int>(rest / 60 % 60);
    t.hour = static_cast<int>(rest / 3600);

    const std::int64_t z = days + 719'468;
    const std::int64_t era = floor_div(z, 146'097);
    const std::int64_t day_of_era = z - era * 146'097;
    const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    t.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    t.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    t.year = static_cast<int>(year_of_era + era * 400 + (t.month <= 2 ? 1 : 0));
    return t;
}

std::int64_t unix_ms_from_utc(const UtcTime& t) {
    return days_from_date(t.year, t.month, t.day) * kDayMs + t.hour * kHourMs + t.minute * kMinuteMs + t.second * 1000LL + t.millisecond;
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    UtcTime t;
    t.year = take_digits(text, 4);
    if (t.year < 1 || !take(text, "-")) return std::nullopt;
    t.month = take_digits(text, 2);
    if (t.month < 1 || t.month > 12 || !take(text, "-")) return std::nullopt;
    t.day = take_digits(text, 2);
    if (t.day < 1 || t.day > days_in_month(t.year, t.month) || !take(text, "Tt ")) return std::nullopt;
    t.hour = take_digits(text, 2);
    if (t.hour < 0 || t.hour > 23 || !take(text, ":")) return std::nullopt;
    t.minute = take_digits(text, 2);
    if (t.minute < 0 || t.minute > 59 || !take(text, ":")) return std::nullopt;
    t.second = take_digits(text, 2);
    if (t.second < 0 || t.second > 60) return std::nullopt;
    const int nanos = take_fraction(text);
    if (nanos < 0) return std::nullopt;
    t.millisecond = nanos / 1'000'000;
    const auto offset_minutes = take_offset_minutes(text);
    if (!offset_minutes || !text.empty()) return std::nullopt;
    return Timestamp{unix_ms_from_utc(t) - *offset_minutes * kMinuteMs, nanos % 1'000'000};
}

std::optional<std::int64_t> parse_rfc3339_ms(std::string_view text) {
    const auto stamp = parse_rfc3339(text);
    if (!stamp) return std::nullopt;
    return stamp->unix_ms;
}

std::optional<std::int64_t> parse_http_date_ms(std::string_view text) {
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    // "Sun, 06 Nov 1994 08:49:37 GMT"
    if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':' ||
        text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const std::size_t month_at = kMonths.find(text.substr(8, 3));
    const auto number = [text](std::size_t at, std::size_t digits) {
        std::string_view part = text.substr(at, digits);
        return take_digits(part, digits);
    };
    if (month_at == std::string_view::npos || month_at % 3 != 0) return std::nullopt;
    UtcTime time{.year = number(12, 4), .month = static_cast<int>(month_at / 3) + 1, .day = number(5, 2), .hour = number(17, 2),
                 .minute = number(20, 2), .second = number(23, 2), .millisecond = 0};
    if (time.year < 1 || time.day < 1 || time.day > days_in_month(time.year, time.month) || time.hour < 0 || time.hour > 23 || time.minute < 0 ||
        time.minute > 59 || time.second < 0 || time.second > 60) {
        return std::nullopt;
    }
    return unix_ms_from_utc(time);
}

std::string format_rfc3339(std::int64_t unix_ms) { return format_seconds(utc_from_unix_ms(unix_ms)) + "Z"; }

std::string format_rfc3339_millis(std::int64_t unix_ms) {
    const UtcTime t = utc_from_unix_ms(unix_ms);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", t.millisecond);
    return format_seconds(t) + fraction.data();
}

std::string format_rfc3339_nanos(std::int64_t unix_ms, int nanos_in_ms) {
    const UtcTime t = utc_from_unix_ms(unix_ms);
    std::array<char, 32> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03d%06d", t.millisecond, nanos_in_ms);
    std::string text = format_seconds(t) + fraction.data();
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text + "Z";
}

std::string format_clock(std::int64_t unix_ms, int offset_minutes) {
    return format_seconds(utc_from_unix_ms(unix_ms + offset_minutes * kMinuteMs)).substr(11);
}

std::string relative_time(std::int64_t then_ms, std::int64_t now_ms, std::int64_t* next_change_ms) {
    const bool future = then_ms > now_ms;
    const std::int64_t distance = future ? then_ms - now_ms : now_ms - then_ms;
    std::int64_t unit = kMinuteMs;
    const char* word = "min";
    if (distance >= 365 * kDayMs) {
        unit = 365 * kDayMs;
        word = "y";
    } else if (distance >= 60 * kDayMs) {
        unit = 30 * kDayMs;
        word = "mo";
    } else if (distance >= 2 * kDayMs) {
        unit = kDayMs;
        word = "d";
    } else if (distance >= kHourMs) {
        unit = kHourMs;
        word = "h";
    }
    // The past grows into the next whole unit; the future shrinks out of the current one.
    if (next_change_ms != nullptr) {
        *next_change_ms = future ? distance % unit + 1 : unit - distance % unit;
        // Years are no whole number of months.
        if (!future && unit == 30 * kDayMs) *next_change_ms = std::min(*next_change_ms, 365 * kDayMs - distance);
    }
    if (distance < kMinuteMs) return "just now";
    const std::string amount = std::to_string(distance / unit) + " " + word;
    return future ? "in " + amount : amount + " ago";
}

std::string short_duration(std::int64_t duration_ms) {
    const std::int64_t seconds = duration_ms > 0 ? duration_ms / 1000 : 0;
    const auto two = [](std::int64_t big, const char* big_unit, std::int64_t small, const char* small_unit) {
        std::string text = std::to_string(big) + big_unit;
        return small == 0 ? text : text + std::to_string(small) + small_unit;
    };
    const std::int64_t minutes = seconds / 60;
    const std::int64_t hours = minutes / 60;
    const std::int64_t days = hours / 24;
    if (seconds < 120) return std::to_string(seconds) + "s";
    if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
    if (minutes < 180) return std::to_string(minutes) + "m";
    if (hours < 8) return two(hours, "h", minutes % 60, "m");
    if (hours < 48) return std::to_string(hours) + "h";
    if (days < 8) return two(days, "d", hours % 24, "h");
    if (days < 730) return std::to_string(days) + "d";
    if (days < 8 * 365) return two(days / 365, "y", days % 365, "d");
    return std::to_string(days / 365) + "y";
}

}  // namespace base
