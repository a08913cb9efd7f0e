// CronSchedule: the five fields of a CronJob's schedule (minute hour day-of-month month day-of-week), as robfig/cron reads them:
// lists, ranges, steps, names (JAN, MON), ?, and @hourly @daily @midnight @weekly @monthly @yearly @annually @every <duration>.
// A day matches when both day fields do, or either of them if neither is a star. Times are UTC.
//
//   auto schedule = CronSchedule::parse("*/5 * * * *");
//   std::int64_t next = schedule->next_after(now_ms).value();
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace kube::controllers {

class CronSchedule {
public:
    [[nodiscard]] static base::Result<CronSchedule> parse(std::string_view text);
    // The first time later than `unix_ms` (itself a multiple of a minute, or of the interval of @every); nullopt when there is
    // none within five years ("0 0 31 2 *").
    [[nodiscard]] std::optional<std::int64_t> next_after(std::int64_t unix_ms) const;

private:
    std::uint64_t minutes_ = 0;
    std::uint64_t hours_ = 0;
    std::uint64_t days_ = 0;
    std::uint64_t months_ = 0;
    std::uint64_t weekdays_ = 0;
    bool any_day_ = false;
    bool any_weekday_ = false;
    std::int64_t every_ms_ = 0;
};

}  // namespace kube::controllers
