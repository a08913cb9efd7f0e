// AttemptLimiter: so many attempts per key within a window, for logins. Bounded memory: keys whose window is over are
// forgotten, and at most kMaxKeys are kept.
//
//   if (auto wait_ms = limiter.wait_ms(peer + "\n" + email, now_ms)) answer 429 with Retry-After;
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace hub {

class AttemptLimiter {
public:
    static constexpr std::size_t kMaxKeys = 10'000;

    AttemptLimiter(int attempts, std::int64_t window_ms) : attempts_(attempts), window_ms_(window_ms) {}

    // Counts an attempt. When there were too many: how long to wait.
    [[nodiscard]] std::optional<std::int64_t> wait_ms(const std::string& key, std::int64_t now_ms) {
        if (windows_.size() >= kMaxKeys) {
            std::erase_if(windows_, [&](const auto& entry) { return now_ms - entry.second.start_ms >= window_ms_; });
            if (windows_.size() >= kMaxKeys) windows_.erase(windows_.begin());
        }
        Window& window = windows_[key];
        if (window.count == 0 || now_ms - window.start_ms >= window_ms_) window = {now_ms, 0};
        if (window.count >= attempts_) return std::max<std::int64_t>(1, window.start_ms + window_ms_ - now_ms);
        ++window.count;
        return std::nullopt;
    }
    void forget(const std::string& key) { windows_.erase(key); }

private:
    struct Window {
        std::int64_t start_ms = 0;
        int count = 0;
    };
    int attempts_;
    std::int64_t window_ms_;
    std::map<std::string, Window> windows_;
};

}  // namespace hub
