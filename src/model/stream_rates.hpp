// StreamRates: events per second of what only counts up, from the counts as somebody looks at them.
//
//   double per_second = rates.update("pod-logs:7", stream.events, now_ms);
//   rates.forget_before(now_ms - StreamRates::kWindowMs);
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace model {

class StreamRates {
public:
    static constexpr std::int64_t kWindowMs = 10'000;
    static constexpr std::int64_t kSampleMs = 250;  // looks closer together than that are one

    // The mean over the last kWindowMs of looks; 0 at the first look, and after a count that fell.
    double update(std::string_view key, std::uint64_t count, std::int64_t now_ms) {
        auto place = samples_.find(key);
        if (place == samples_.end()) place = samples_.emplace(std::string(key), std::deque<Sample>()).first;
        std::deque<Sample>& seen = place->second;
        if (!seen.empty() && count < seen.back().count) seen.clear();
        if (seen.empty() || now_ms - seen.back().at_ms >= kSampleMs) seen.push_back({now_ms, count});
        while (seen.size() > 1 && now_ms - seen.front().at_ms > kWindowMs) seen.pop_front();
        const std::int64_t elapsed_ms = now_ms - seen.front().at_ms;
        return elapsed_ms <= 0 ? 0 : static_cast<double>(count - seen.front().count) * 1000 / static_cast<double>(elapsed_ms);
    }
    void forget_before(std::int64_t at_ms) {
        std::erase_if(samples_, [at_ms](const auto& each) { return each.second.back().at_ms < at_ms; });
    }

private:
    struct Sample {
        std::int64_t at_ms;
        std::uint64_t count;
    };
    std::map<std::string, std::deque<Sample>, std::less<>> samples_;
};

}  // namespace model
