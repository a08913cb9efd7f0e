// The parts of the log panel that need no window: search, rate, wrapping.
#include <algorithm>

#include "base/text.hpp"
#include "ui/views/log_view.hpp"

namespace ui {

std::string_view clock_of(std::string_view timestamp) {
    // 2026-01-01T00:00:00.123456789Z
    if (timestamp.size() < 19) return timestamp;
    std::string_view clock = timestamp.substr(11);
    const std::size_t dot = clock.find('.');
    if (dot == std::string_view::npos) return clock.substr(0, 8);
    std::size_t end = dot + 1;
    while (end < clock.size() && end < dot + 4 && base::is_ascii_digit(clock[end])) ++end;
    return clock.substr(0, end);
}

std::string_view level_word(model::LogLevel level) {
    switch (level) {
        case model::LogLevel::trace: return "TRACE";
        case model::LogLevel::debug: return "DEBUG";
        case model::LogLevel::info: return "INFO";
        case model::LogLevel::warning: return "WARN";
        case model::LogLevel::error: return "ERROR";
        case model::LogLevel::none: break;
    }
    return {};
}

namespace {

// How much of `text` follows the pattern: '0' is a digit, '-' also '/', 'T' also a blank. 0: it does not.
std::size_t follows(std::string_view text, std::string_view pattern) {
    if (text.size() < pattern.size()) return 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = text[i];
        const bool fits = pattern[i] == '0' ? base::is_ascii_digit(c) : c == pattern[i] || (pattern[i] == '-' && c == '/') || (pattern[i] == 'T' && c == ' ');
        if (!fits) return 0;
    }
    return pattern.size();
}

// Seconds into the hour of "..:mm:ss".
int seconds_of(std::string_view clock) { return ((clock[3] - '0') * 10 + clock[4] - '0') * 60 + (clock[6] - '0') * 10 + clock[7] - '0'; }

}  // namespace

std::string_view without_time(std::string_view message, std::string_view timestamp) {
    constexpr std::string_view kClock = "00:00:00";
    const std::string_view shown = clock_of(timestamp);
    if (follows(shown, kClock) == 0) return message;
    std::string_view rest = message;
    const bool bracket = rest.starts_with('[');
    if (bracket) rest.remove_prefix(1);
    rest.remove_prefix(follows(rest, "0000-00-00T"));
    if (follows(rest, kClock) == 0) return message;
    constexpr int kHourS = 3'600;
    const int apart_s = (seconds_of(rest) - seconds_of(shown) + kHourS) % kHourS;
    if (apart_s > kSameTimeS && apart_s < kHourS - kSameTimeS) return message;
    rest.remove_prefix(kClock.size());
    if (rest.size() > 1 && (rest[0] == '.' || rest[0] == ',') && base::is_ascii_digit(rest[1])) {
        rest.remove_prefix(1);
        while (!rest.empty() && base::is_ascii_digit(rest[0])) rest.remove_prefix(1);
    }
    if (rest.starts_with('Z')) {
        rest.remove_prefix(1);
    } else if (rest.starts_with('+') || rest.starts_with('-')) {
        const std::size_t zone = std::max(follows(rest.substr(1), "00:00"), follows(rest.substr(1), "0000"));
        if (zone > 0) rest.remove_prefix(zone + 1);
    }
    if (bracket) {
        if (!rest.starts_with(']')) return message;
        rest.remove_prefix(1);
    }
    if (rest.empty() || (rest[0] != ' ' && rest[0] != '\t')) return message;  // a line of nothing but a time is shown whole
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\t')) rest.remove_prefix(1);
    return rest.empty() ? message : rest;
}

std::string_view without_level(std::string_view message, model::LogLevel level) {
    const std::string_view word = level_word(level);
    if (word.empty()) return message;
    std::string_view rest = message;
    const bool bracket = rest.starts_with('[');
    if (bracket) rest.remove_prefix(1);
    if (!base::starts_with_ascii_case(rest, word)) return message;
    rest.remove_prefix(word.size());
    if (level == model::LogLevel::warning && base::starts_with_ascii_case(rest, "ing")) rest.remove_prefix(3);
    if (bracket) {
        if (!rest.starts_with(']')) return message;
        rest.remove_prefix(1);
    }
    if (!rest.empty() && rest[0] != ' ' && rest[0] != ':' && rest[0] != '\t') return message;
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == ':' || rest[0] == '\t')) rest.remove_prefix(1);
    return rest;
}

std::vector<std::size_t> find_all(std::string_view line, std::string_view text, std::size_t limit) {
    std::vector<std::size_t> out;
    if (text.empty()) return out;
    std::size_t at = 0;
    while (out.size() < limit) {
        const std::size_t hit = base::find_ascii_case(line.substr(at), text);
        if (hit == std::string_view::npos) break;
        out.push_back(at + hit);
        at += hit + text.size();
    }
    return out;
}

void LogSearch::update(const model::LogBuffer& log, std::string_view text) {
    if (text != text_) {
        text_ = std::string(text);
        hits_.clear();
        total_ = 0;
        scanned_to_ = 0;
        current_sequence_ = kNone;
        current_ordinal_ = 0;
    }
    const std::uint64_t first = log.appended() - log.size();
    while (!hits_.empty() && hits_.front().sequence < first) {
        total_ -= hits_.front().count;
        hits_.pop_front();
    }
    if (current_sequence_ != kNone && current_sequence_ < first) {
        current_sequence_ = kNone;
        current_ordinal_ = 0;
    }
    if (text_.empty()) {
        scanned_to_ = log.appended();
        return;
    }
    for (std::uint64_t sequence = std::max(scanned_to_, first); sequence < log.appended(); ++sequence) {
        const model::LogLine line = log.line(static_cast<std::size_t>(sequence - first));
        const auto count = static_cast<std::uint32_t>(find_all(line.message, text_).size());
        if (count == 0) continue;
        hits_.push_back({sequence, count});
        total_ += count;
    }
    scanned_to_ = log.appended();
}

std::size_t LogSearch::current_number() const {
    if (current_sequence_ == kNone) return 0;
    std::size_t before = 0;
    for (const Hit& hit : hits_) {
        if (hit.sequence == current_sequence_) return before + current_ordinal_ + 1;
        before += hit.count;
    }
    return 0;
}

std::uint64_t LogSearch::move(int direction) {
    if (hits_.empty()) return kNone;
    const auto same = std::find_if(hits_.begin(), hits_.end(), [&](const Hit& hit) { return hit.sequence == current_sequence_; });
    if (same == hits_.end()) {
        // First move: the newest match, whichever way.
        current_sequence_ = hits_.back().sequence;
        current_ordinal_ = hits_.back().count - 1;
        return current_sequence_;
    }
    auto at = same;
    if (direction > 0) {
        if (current_ordinal_ + 1 < at->count) {
            ++current_ordinal_;
        } else {
            ++at;
            if (at == hits_.end()) at = hits_.begin();
            current_ordinal_ = 0;
        }
    } else if (current_ordinal_ > 0) {
        --current_ordinal_;
    } else {
        if (at == hits_.begin()) at = hits_.end();
        --at;
        current_ordinal_ = at->count - 1;
    }
    current_sequence_ = at->sequence;
    return current_sequence_;
}

double LineRate::update(std::uint64_t appended, std::int64_t now_ms) {
    constexpr std::int64_t kWindowMs = 2000;
    if (samples_.empty() || samples_.back().appended != appended) samples_.push_back({now_ms, appended});
    while (samples_.size() > 1 && samples_[1].at_ms <= now_ms - kWindowMs) samples_.pop_front();
    if (samples_.size() == 1) return 0;
    const auto span_ms = static_cast<double>(std::max<std::int64_t>(now_ms - samples_.front().at_ms, 250));
    return static_cast<double>(appended - samples_.front().appended) * 1000.0 / std::max(span_ms, static_cast<double>(kWindowMs) / 2);
}

std::int64_t LineRate::settles_in_ms(std::int64_t now_ms) const {
    if (samples_.size() < 2) return -1;
    return std::max<std::int64_t>(samples_.back().at_ms + 2000 - now_ms, 1);
}

void WrapIndex::update(const model::LogBuffer& log, int columns, int prefix_columns) {
    columns = std::max(columns, 8);
    if (version_ == log.version() && columns_ == columns && prefix_columns_ == prefix_columns && starts_.size() == log.size() + 1) return;
    version_ = log.version();
    columns_ = columns;
    prefix_columns_ = prefix_columns;
    starts_.resize(log.size() + 1);
    starts_[0] = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        const auto length = static_cast<std::uint64_t>(base::code_point_count(log.line(i).message));
        const std::uint64_t rows = std::max<std::uint64_t>((length + static_cast<std::uint64_t>(columns) - 1) / static_cast<std::uint64_t>(columns), 1);
        starts_[i + 1] = starts_[i] + rows;
    }
}

std::size_t WrapIndex::line_at(std::uint64_t row) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), row);
    if (next == starts_.begin()) return 0;
    const auto index = static_cast<std::size_t>(next - starts_.begin()) - 1;
    return std::min(index, starts_.size() >= 2 ? starts_.size() - 2 : 0);
}

}  // namespace ui
