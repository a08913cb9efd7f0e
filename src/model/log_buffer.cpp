#include "model/log_buffer.hpp"

#include <algorithm>
#include <array>

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
    if (!matches(raw, kDateTime)) return 0;
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

LogBuffer::LogBuffer(std::size_t max_lines, std::size_t max_bytes) : max_lines_(std::max<std::size_t>(max_lines, 1)), max_bytes_(max_bytes) {
    sources_.emplace_back();
}

void LogBuffer::append(std::string_view raw, std::string_view source) {
    Record record;
    if (raw.size() > kMaxLineBytes) {
        record.text.assign(raw.substr(0, utf8_start_before(raw, kMaxLineBytes)));
        record.text += "…";
    } else {
        record.text.assign(raw);
    }
    std::size_t begin = timestamp_length(record.text);
    if (begin > 0 && begin < record.text.size()) {
        if (record.text[begin] == ' ') ++begin;
        else begin = 0;  // "2026-01-01T00:00:00Zfoo" is no timestamp
    }
    record.message_begin = static_cast<std::uint16_t>(begin);
    const auto known = std::find(sources_.rbegin(), sources_.rend(), source);
    if (known != sources_.rend()) {
        record.source = static_cast<std::uint16_t>(sources_.rend() - known - 1);
    } else if (sources_.size() < 0xffff) {
        record.source = static_cast<std::uint16_t>(sources_.size());
        sources_.emplace_back(source);
    } else {
        record.source = 0;
    }
    bytes_ += record.text.size() + sizeof(Record);
    records_.push_back(std::move(record));
    ++next_sequence_;
    ++version_;
    while (records_.size() > max_lines_ || (bytes_ > max_bytes_ && records_.size() > 1)) {
        bytes_ -= records_.front().text.size() + sizeof(Record);
        records_.pop_front();
        ++dropped_;
    }
}

void LogBuffer::clear() {
    records_.clear();
    bytes_ = 0;
    ++version_;
}

LogLine LogBuffer::line(std::size_t index) const {
    const Record& record = records_[index];
    LogLine line;
    line.sequence = next_sequence_ - records_.size() + index;
    line.raw = record.text;
    line.message = line.raw.substr(record.message_begin);
    line.timestamp = line.raw.substr(0, record.message_begin > 0 ? timestamp_length(line.raw) : 0);
    line.source = sources_[record.source];
    return line;
}

}  // namespace model
