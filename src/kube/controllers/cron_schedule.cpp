#include "kube/controllers/cron_schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kube::controllers {
namespace {

constexpr std::int64_t kMinute_ms = 60'000;
constexpr std::int64_t kHour_ms = 60 * kMinute_ms;

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
    int low;
    int high;
    std::span<const std::string_view> names;
    int first_name;  // the value of names[0]
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::optional<int> value_of(std::string_view text, const Field& field) {
    const std::string name = lower(text);
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (field.names[i] == name) return static_cast<int>(i) + field.first_name;
    }
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// One item of a list: `*`, `a`, `a-b`, each with `/step`.
std::optional<std::uint64_t> item_bits(std::string_view item, const Field& field) {
    const auto with_step = split(item, '/');
    if (with_step.size() > 2) return std::nullopt;
    int step = 1;
    if (with_step.size() == 2) {
        const auto [end, error] = std::from_chars(with_step[1].data(), with_step[1].data() + with_step[1].size(), step);
        if (error != std::errc{} || end != with_step[1].data() + with_step[1].size() || step < 1) return std::nullopt;
    }
    int low = field.low, high = field.high;
    if (with_step[0] != "*" && with_step[0] != "?") {
        const auto range = split(with_step[0], '-');
        const auto first = value_of(range[0], field);
        const auto last = range.size() == 2 ? value_of(range[1], field) : first;
        if (range.size() > 2 || !first || !last) return std::nullopt;
        low = *first;
        high = range.size() == 1 && with_step.size() == 2 ? field.high : *last;  // "5/15" means 5-59/15
    }
    if (low < field.low || high > field.high || low > high) return std::nullopt;
    std::uint64_t bits = 0;
    for (int value = low; value <= high; value += step) bits |= std::uint64_t{1} << value;
    return bits;
}

std::optional<std::uint64_t> field_bits(std::string_view text, const Field& field) {
    std::uint64_t bits = 0;
    for (std::string_view item : split(text, ',')) {
        const auto each = item_bits(item, field);
        if (!each) return std::nullopt;
        bits |= *each;
    }
    return bits;
}

// "1h30m", "90s".
std::int64_t duration_ms(std::string_view text) {
    std::int64_t total = 0;
    while (!text.empty()) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const auto used = static_cast<std::size_t>(end - text.data());
        if (error != std::errc{} || used == text.size() || value < 0 || value > 1'000'000) return 0;
        const char unit = text[used];
        total += value * (unit == 'h' ? kHour_ms : unit == 'm' ? kMinute_ms : unit == 's' ? 1000 : 0);
        if (unit != 'h' && unit != 'm' && unit != 's') return 0;
        text.remove_prefix(used + 1);
    }
    return total;
}

bool has(std::uint64_t bits, unsigned value) { return (bits >> value & 1) != 0; }

}  // namespace

base::Result<CronSchedule> CronSchedule::parse(std::string_view text) {
    const auto bad = [&] {
        return base::fail(base::ErrorCode::invalid_argument, "unparseable schedule: " + std::string(text.substr(0, 100)),
                          "five fields: minute hour day-of-month month day-of-week");
    };
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMacros{{{"@yearly", "0 0 1 1 *"},
                                                                                          {"@annually", "0 0 1 1 *"},
                                                                                          {"@monthly", "0 0 1 * *"},
                                                                                          {"@weekly", "0 0 * * 0"},
                                                                                          {"@daily", "0 0 * * *"},
                                                                                          {"@midnight", "0 0 * * *"},
                                                                                          {"@hourly", "0 * * * *"}}};
    CronSchedule schedule;
    if (text.starts_with("@every ")) {
        schedule.every_ms_ = duration_ms(text.substr(7)) / 1000 * 1000;
        if (schedule.every_ms_ <= 0) return bad();
        return schedule;
    }
    std::string_view fields_text = text;
    for (const auto& [name, meaning] : kMacros) {
        if (text == name) fields_text = meaning;
    }
    auto fields = split(fields_text, ' ');
    std::erase_if(fields, [](std::string_view field) { return field.empty(); });
    if (fields.size() != 5) return bad();
    const auto minutes = field_bits(fields[0], {0, 59, {}, 0});
    const auto hours = field_bits(fields[1], {0, 23, {}, 0});
    const auto days = field_bits(fields[2], {1, 31, {}, 0});
    const auto months = field_bits(fields[3], {1, 12, kMonths, 1});
    const auto weekdays = field_bits(fields[4], {0, 7, kWeekdays, 0});
    if (!minutes || !hours || !days || !months || !weekdays) return bad();
    schedule.minutes_ = *minutes;
    schedule.hours_ = *hours;
    schedule.days_ = *days;
    schedule.months_ = *months;
    schedule.weekdays_ = *weekdays | (has(*weekdays, 7) ? 1 : 0);
    const auto is_star = [](std::string_view field) { return field.starts_with('*') || field.starts_with('?'); };
    schedule.any_day_ = is_star(fields[2]);
    schedule.any_weekday_ = is_star(fields[4]);
    return schedule;
}

std::optional<std::int64_t> CronSchedule::next_after(std::int64_t unix_ms) const {
    using namespace std::chrono;
    if (every_ms_ > 0) return (unix_ms / every_ms_ + 1) * every_ms_;
    sys_time<minutes> at = floor<minutes>(sys_time<milliseconds>{milliseconds{unix_ms}}) + minutes{1};
    const sys_time<minutes> end = at + days{5 * 366};
    while (at < end) {
        const sys_days day = floor<days>(at);
        const year_month_day date{day};
        const unsigned month = static_cast<unsigned>(date.month());
        if (!has(months_, month)) {
            at = sys_days{(date.year() / date.month() + std::chrono::months{1}) / 1};
            continue;
        }
        const bool day_ok = has(days_, static_cast<unsigned>(date.day()));
        const bool weekday_ok = has(weekdays_, weekday{day}.c_encoding());
        if (any_day_ || any_weekday_ ? !(day_ok && weekday_ok) : !(day_ok || weekday_ok)) {
            at = day + days{1};
            continue;
        }
        const auto since_midnight = at - day;
        const auto hour = static_cast<unsigned>(duration_cast<std::chrono::hours>(since_midnight).count());
        if (!has(hours_, hour)) {
            at = day + std::chrono::hours{hour + 1};
            continue;
        }
        if (has(minutes_, static_cast<unsigned>((since_midnight - std::chrono::hours{hour}).count()))) {
            return duration_cast<milliseconds>(at.time_since_epoch()).count();
        }
        at += minutes{1};
    }
    return std::nullopt;
}

}  // namespace kube::controllers
