#include "model/log_buffer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace model {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Matches `pattern` where '0' stands for any digit.
bool matches(std::string_view text, std::string_view pattern) {
    if (text.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '0' ? !is_digit(text[i]) : text[i] != pattern[i]) return false;
    }
    return true;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

constexpr std::size_t kMaxStampBytes = 64;

// Bytes of the sequence that starts with `lead`; 1 for anything else.
std::size_t utf8_start_before(std::string_view text, std::size_t limit) {
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
    return limit;
}

struct LevelWord {
    std::string_view word;
    LogLevel level;
};
constexpr std::array<LevelWord, 14> kLevelWords{{
    {"error", LogLevel::error}, {"err", LogLevel::error}, {"fatal", LogLevel::error}, {"panic", LogLevel::error},
    {"critical", LogLevel::error}, {"severe", LogLevel::error}, {"warning", LogLevel::warning}, {"warn", LogLevel::warning},
    {"info", LogLevel::info}, {"notice", LogLevel::info}, {"log", LogLevel::info}, {"debug", LogLevel::debug},
    {"dbg", LogLevel::debug}, {"trace", LogLevel::trace},
}};

}  // namespace

std::size_t timestamp_length(std::string_view raw) {
    constexpr std::string_view kDateTime = "0000-00-00T00:00:00";
    // Most lines have one, and most others fail here.
    if (raw.size() < kDateTime.size() || raw[4] != '-' || raw[10] != 'T' || !matches(raw, kDateTime)) return 0;
    std::size_t at = kDateTime.size();
    if (at < raw.size() && raw[at] == '.') {
        const std::size_t fraction = ++at;
        while (at < raw.size() && is_digit(raw[at])) ++at;
        if (at == fraction) return 0;
    }
    if (at < raw.size() && raw[at] == 'Z') return at + 1;
    if (at < raw.size() && (raw[at] == '+' || raw[at] == '-') && matches(raw.substr(at + 1), "00:00")) return at + 6;
    return 0;
}

LogLevel detect_level(std::string_view message) {
    message = message.substr(0, 120);
    // klog: I0716 10:00:00.000000
    if (matches(message.substr(message.empty() ? 0 : 1), "0000 00:00:00")) {
        switch (message[0]) {
            case 'I': return LogLevel::info;
            case 'W': return LogLevel::warning;
            case 'E':
            case 'F': return LogLevel::error;
            default: break;
        }
    }
    for (std::size_t at = 0; at < message.size();) {
        if (!is_letter(message[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < message.size() && is_letter(message[end])) ++end;
        const std::string_view word = message.substr(at, end - at);
        for (const auto& entry : kLevelWords) {
            if (word.size() != entry.word.size()) continue;
            const bool same = std::equal(word.begin(), word.end(), entry.word.begin(), [](char a, char b) { return lower(a) == b; });
            if (!same) continue;
            // A level stands in capitals, in brackets, before a colon, or as a quoted or key=value field; "no error" in prose is none.
            const bool capitals = word[0] < 'a' && (word.size() == 1 || word[1] < 'a');
            const char before = at == 0 ? ' ' : message[at - 1];
            const char after = end < message.size() ? message[end] : ' ';
            const bool framed = (before == '[' && after == ']') || (before == '"' && after == '"') || before == '=' || (at == 0 && after == ':');
            if (capitals || framed) return entry.level;
        }
        at = end;
    }
    return LogLevel::none;
}

int compare_timestamps(std::string_view a, std::string_view b) {
    const auto split = [](std::string_view stamp) {
        const std::size_t dot = stamp.find('.');
        std::string_view fraction;
        if (dot != std::string_view::npos) {
            fraction = stamp.substr(dot + 1);
            const std::size_t end = fraction.find_first_not_of("0123456789");
            fraction = fraction.substr(0, end);
            while (fraction.ends_with('0')) fraction.remove_suffix(1);
        }
        return std::pair{stamp.substr(0, 19), fraction};
    };
    return split(a) < split(b) ? -1 : split(a) == split(b) ? 0 : 1;
}

ParsedLog parse_log(std::string_view raw) {
    const std::size_t stamp = timestamp_length(raw);
    // "2026-01-01T00:00:00Zfoo" is no timestamp.
    if (stamp == 0 || stamp > 0x7fff || (stamp < raw.size() && raw[stamp] != ' ')) return {.raw = raw, .timestamp = {}, .message = raw};
    return {.raw = raw, .timestamp = raw.substr(0, stamp), .message = raw.substr(std::min(stamp + 1, raw.size()))};
}

LogBuffer::LogBuffer(std::size_t max_lines, std::size_t max_bytes) : max_bytes_(max_bytes), records_(max_lines) { sources_.emplace_back(); }

std::uint16_t LogBuffer::index_of(std::string_view source) {
    // Nearly always that of the line before.
    if (!records_.empty() && records_.back().source != kGap && sources_[records_.back().source] == source) return records_.back().source;
    const auto known = std::find(sources_.rbegin(), sources_.rend(), source);
    if (known != sources_.rend()) return static_cast<std::uint16_t>(sources_.rend() - known - 1);
    if (sources_.size() >= kGap) return 0;
    sources_.emplace_back(source);
    return static_cast<std::uint16_t>(sources_.size() - 1);
}

char* LogBuffer::room_for(std::size_t length) {
    if (blocks_.empty() || blocks_.back().capacity - blocks_.back().used < length) {
        // An empty block can only be the last one left; one that is too small would be in the way at the front.
        if (!blocks_.empty() && blocks_.back().records == 0) blocks_.pop_back();
        if (spare_.capacity >= length && spare_.bytes) {
            blocks_.push_back(std::exchange(spare_, Block{}));
        } else {
            const std::size_t capacity = std::max(kBlockBytes, length);
            blocks_.push_back({.bytes = std::make_unique_for_overwrite<char[]>(capacity), .capacity = capacity});
        }
    }
    Block& block = blocks_.back();
    char* const at = block.bytes.get() + block.used;
    block.used += length;
    ++block.records;
    return at;
}

void LogBuffer::drop_front() {
    bytes_ -= records_.front().length + sizeof(Record);
    records_.pop_front();
    ++dropped_;
    Block& block = blocks_.front();
    if (--block.records > 0) return;
    block.used = 0;
    if (blocks_.size() == 1) return;  // the one that is written to
    spare_ = std::move(block);
    blocks_.pop_front();
}

void LogBuffer::add(std::string_view first, std::string_view second, bool cut, std::uint16_t message_begin, std::uint16_t source) {
    constexpr std::string_view kEllipsis = "…";
    const std::size_t length = first.size() + second.size() + (cut ? kEllipsis.size() : 0);
    while (records_.full() || (bytes_ + length + sizeof(Record) > max_bytes_ && !records_.empty())) drop_front();
    char* const at = room_for(length);
    if (!first.empty()) std::memcpy(at, first.data(), first.size());
    if (!second.empty()) std::memcpy(at + first.size(), second.data(), second.size());
    if (cut) std::memcpy(at + first.size() + second.size(), kEllipsis.data(), kEllipsis.size());
    records_.push_back({.text = at, .length = static_cast<std::uint32_t>(length), .message_begin = message_begin, .source = source});
    bytes_ += length + sizeof(Record);
    ++next_sequence_;
    ++version_;
}

void LogBuffer::append(std::string_view raw, std::string_view source) {
    const bool cut = raw.size() > kMaxLineBytes;
    if (cut) raw = raw.substr(0, utf8_start_before(raw, kMaxLineBytes));
    const std::size_t begin = raw.size() - parse_log(raw).message.size();
    add(raw, {}, cut, static_cast<std::uint16_t>(begin), index_of(source));
}

void LogBuffer::append_parts(std::string_view timestamp, std::string_view message, std::string_view source) {
    // What is no timestamp would be read as one.
    if (timestamp.empty() || timestamp_length(timestamp) != timestamp.size() || timestamp.size() >= kMaxStampBytes) return append(message, source);
    char stamp[kMaxStampBytes];
    std::memcpy(stamp, timestamp.data(), timestamp.size());
    stamp[timestamp.size()] = ' ';
    const std::size_t begin = timestamp.size() + 1;
    const bool cut = message.size() > kMaxLineBytes - begin;
    if (cut) message = message.substr(0, utf8_start_before(message, kMaxLineBytes - begin));
    add({stamp, begin}, message, cut, static_cast<std::uint16_t>(begin), index_of(source));
}

void LogBuffer::append_gap(std::string_view words) { add(words, {}, false, 0, kGap); }

void LogBuffer::clear() {
    while (!records_.empty()) records_.pop_front();
    blocks_.clear();
    spare_ = {};
    bytes_ = 0;
    ++version_;
}

LogLine LogBuffer::line(std::size_t index) const {
    const Record& record = records_[index];
    LogLine line;
    line.raw = {record.text, record.length};
    line.message = line.raw.substr(record.message_begin);
    const std::size_t begin = record.message_begin;
    line.timestamp = line.raw.substr(0, begin > 0 && line.raw[begin - 1] == ' ' ? begin - 1 : begin);
    line.sequence = next_sequence_ - records_.size() + index;
    line.gap = record.source == kGap;
    if (!line.gap) line.source = sources_[record.source];
    return line;
}

}  // namespace model
