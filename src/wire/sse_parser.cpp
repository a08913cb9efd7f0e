#include "wire/sse_parser.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/byte_scan.hpp"
#include "base/text.hpp"

namespace wire {

namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::uint8_t kBomDone = 0xFF;
// A buffer that grew beyond this for one large event is given back after it.
constexpr std::size_t kKeepCapacityBytes = 256 * 1024;

// Whether `line` begins with the name and its colon. Inline compares: a call of memcmp costs as much as all the rest of a short line.
bool begins_with_data(std::string_view line) {
    return line.size() >= 5 && line[0] == 'd' && line[1] == 'a' && line[2] == 't' && line[3] == 'a' && line[4] == ':';
}
bool begins_with_event(std::string_view line) {
    return line.size() >= 6 && line[0] == 'e' && line[1] == 'v' && line[2] == 'e' && line[3] == 'n' && line[4] == 't' && line[5] == ':';
}

void clear(std::string& buffer) {
    if (buffer.capacity() > kKeepCapacityBytes) {
        std::string().swap(buffer);
    } else {
        buffer.clear();
    }
}

}  // namespace

SseParser::SseParser(SseLimits limits, std::string last_event_id)
    : limits_(limits), last_event_id_(std::move(last_event_id)), next_event_id_(last_event_id_) {}

void SseParser::reset_connection() {
    next_event_id_ = last_event_id_;
    line_state_ = LineState::start;
    name_length_ = 0;
    bom_matched_ = 0;
    swallow_lf_ = false;
    stopped_ = false;
    clear(value_);
    clear(data_);
    clear(repair_);
    type_.clear();
    borrowed_ = {};
    data_lines_ = 0;
    skipping_ = false;
    value_too_long_ = false;
}

void SseParser::feed(std::string_view chunk, SseSink& sink) {
    if (stopped_ || chunk.empty()) return;
    if (bom_matched_ != kBomDone) chunk.remove_prefix(consume_bom(chunk, sink));
    const char* p = chunk.data();
    const char* const end = p + chunk.size();
    while (p != end) {
        if (swallow_lf_) {
            swallow_lf_ = false;
            if (*p == '\n') {
                ++p;
                continue;
            }
        }
        const char* const eol = base::find_either(p, end, '\r', '\n');
        bytes_scanned_ += static_cast<std::uint64_t>(eol - p);
        const std::string_view piece(p, static_cast<std::size_t>(eol - p));
        if (eol == end) {
            consume(piece, sink);  // not empty: p was not at the end
            break;
        }
        ++bytes_scanned_;
        swallow_lf_ = *eol == '\r';
        p = eol + 1;
        if (line_state_ != LineState::start || !take_line(piece, sink)) {
            if (!piece.empty()) consume(piece, sink);
            if (stopped_) break;
            end_line(sink);
        }
        if (stopped_) break;
    }
    keep_borrowed();
}

// Decides over the first three bytes of a connection. Returns how many bytes of `chunk` belong to a BOM (or may yet).
std::size_t SseParser::consume_bom(std::string_view chunk, SseSink& sink) {
    std::size_t used = 0;
    while (used < chunk.size() && bom_matched_ < kBom.size() && chunk[used] == kBom[bom_matched_]) {
        ++used;
        ++bom_matched_;
    }
    if (bom_matched_ == kBom.size()) {
        bom_matched_ = kBomDone;
        return used;
    }
    if (used == chunk.size()) return used;  // all of it could be a BOM still
    // No BOM: what earlier chunks held back is the start of the first line; this chunk's own bytes are read normally.
    const std::size_t held = bom_matched_ - used;
    bom_matched_ = kBomDone;
    if (held > 0) consume(kBom.substr(0, held), sink);
    return 0;
}

// The lines that most streams are made of, whole: what consume() and end_line() would do, without their states. False for any other.
bool SseParser::take_line(std::string_view line, SseSink& sink) {
    if (line.empty()) {
        end_block(sink);
        return true;
    }
    if (begins_with_data(line)) {
        line.remove_prefix(line.size() > 5 && line[5] == ' ' ? 6 : 5);
        if (skipping_) return true;
        if (data_lines_ > 0) append_data("\n", sink);
        if (skipping_) return true;
        ++data_lines_;
        if (!line.empty()) append_data(line, sink);
        return true;
    }
    if (begins_with_event(line)) {
        line.remove_prefix(line.size() > 6 && line[6] == ' ' ? 7 : 6);
        if (line.size() > limits_.max_field_bytes) return false;
        if (!skipping_) type_ = repaired(line);
        return true;
    }
    return false;
}

// A part of one line, never with a line end in it and never empty.
void SseParser::consume(std::string_view piece, SseSink& sink) {
    if (line_state_ == LineState::start) {
        if (piece.front() == ':') {
            piece.remove_prefix(1);
            line_state_ = limits_.report_comments ? LineState::comment : LineState::ignored;
        } else {
            line_state_ = LineState::name;
        }
    }
    if (line_state_ == LineState::name) {
        std::size_t i = 0;
        while (i < piece.size() && piece[i] != ':') {
            if (name_length_ == name_.size()) {  // longer than any known name
                line_state_ = LineState::ignored;
                return;
            }
            name_[name_length_++] = piece[i++];
        }
        if (i == piece.size()) return;
        piece.remove_prefix(i + 1);
        begin_value(classify_name(), sink);
    }
    if (line_state_ == LineState::before_value && !piece.empty()) {
        if (piece.front() == ' ') piece.remove_prefix(1);
        line_state_ = LineState::value;
    }
    if (piece.empty()) return;
    if (line_state_ == LineState::value) {
        append_value(piece, sink);
    } else if (line_state_ == LineState::comment) {
        value_.append(piece.substr(0, limits_.max_field_bytes - std::min(limits_.max_field_bytes, value_.size())));
    }
}

SseParser::Field SseParser::classify_name() const {
    const std::string_view name(name_.data(), name_length_);
    if (name == "data") return Field::data;
    if (name == "event") return Field::event;
    if (name == "id") return Field::id;
    if (name == "retry") return Field::retry;
    return Field::unknown;
}

void SseParser::begin_value(Field field, SseSink& sink) {
    field_ = field;
    line_state_ = field == Field::unknown ? LineState::ignored : LineState::before_value;
    value_too_long_ = false;
    if (field == Field::retry) {
        retry_value_ = 0;
        retry_valid_ = false;
    } else if (field == Field::data && !skipping_) {
        if (data_lines_ > 0) append_data("\n", sink);
        if (!skipping_) ++data_lines_;
    }
}

void SseParser::append_value(std::string_view piece, SseSink& sink) {
    switch (field_) {
        case Field::data: append_data(piece, sink); break;
        case Field::retry: append_retry(piece); break;
        case Field::event:
        case Field::id:
            if (value_too_long_) break;
            if (piece.size() > limits_.max_field_bytes - value_.size()) {
                value_too_long_ = true;
                value_.clear();
                overflow(sink);
            } else {
                value_.append(piece);
            }
            break;
        case Field::unknown: break;
    }
}

void SseParser::append_data(std::string_view piece, SseSink& sink) {
    if (skipping_) return;
    const std::size_t kept = data_.size() + borrowed_.size();
    if (kept > limits_.max_event_bytes || piece.size() > limits_.max_event_bytes - kept) {
        overflow(sink);
    } else if (kept == 0) {
        borrowed_ = piece;
    } else {
        keep_borrowed();
        data_.append(piece);
    }
}

void SseParser::append_retry(std::string_view piece) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    // -1 marks a value in which a character other than a digit was seen.
    for (const char c : piece) {
        if (!base::is_ascii_digit(c)) {
            retry_value_ = -1;
            retry_valid_ = false;
        }
        if (retry_value_ < 0) return;
        const int digit = c - '0';
        retry_value_ = retry_value_ > (kMax - digit) / 10 ? kMax : retry_value_ * 10 + digit;
        retry_valid_ = true;
    }
}

void SseParser::end_line(SseSink& sink) {
    switch (line_state_) {
        case LineState::start:
            end_block(sink);
            return;
        case LineState::name:  // no colon: the whole line is the name, the value is empty
            begin_value(classify_name(), sink);
            if (field_ != Field::unknown) end_value();
            break;
        case LineState::before_value:
        case LineState::value:
            end_value();
            break;
        case LineState::comment:
            sink.on_comment(repaired(value_));
            break;
        case LineState::ignored: break;
    }
    clear(value_);
    name_length_ = 0;
    line_state_ = LineState::start;
}

void SseParser::end_value() {
    switch (field_) {
        case Field::event:
            if (!value_too_long_ && !skipping_) type_ = repaired(value_);
            break;
        case Field::id:
            if (!value_too_long_ && value_.find('\0') == std::string::npos) next_event_id_ = repaired(value_);
            break;
        case Field::retry:
            if (retry_valid_) retry_ms_ = retry_value_;
            break;
        case Field::data:
        case Field::unknown: break;
    }
}

void SseParser::end_block(SseSink& sink) {
    if (last_event_id_ != next_event_id_) last_event_id_ = next_event_id_;
    if (data_lines_ > 0 && !skipping_) {
        const std::string_view data = repaired(data_.empty() ? borrowed_ : std::string_view(data_));
        sink.on_event({.type = type_.empty() ? std::string_view("message") : std::string_view(type_),
                       .data = data,
                       .last_event_id = last_event_id_});
    }
    type_.clear();
    clear(data_);
    clear(repair_);
    borrowed_ = {};
    data_lines_ = 0;
    skipping_ = false;
}

void SseParser::overflow(SseSink& sink) {
    if (skipping_) return;
    skipping_ = true;
    ++overflows_;
    clear(data_);
    borrowed_ = {};
    data_lines_ = 0;
    sink.on_overflow();
}

// The chunk is about to go away, or more data follows: what still lies in it moves into data_.
void SseParser::keep_borrowed() {
    if (borrowed_.empty()) return;
    data_.append(borrowed_);
    borrowed_ = {};
}

std::string_view SseParser::repaired(std::string_view bytes) {
    bytes_scanned_ += bytes.size();
    const char* const end = bytes.data() + bytes.size();
    const char* const first = base::find_non_ascii(bytes.data(), end);
    if (first == end || base::is_valid_utf8({first, static_cast<std::size_t>(end - first)})) return bytes;
    repair_ = base::to_valid_utf8(bytes);
    return repair_;
}

}  // namespace wire
