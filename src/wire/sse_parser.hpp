// SseParser: bytes of a text/event-stream body, in chunks of any size, to events. WHATWG HTML 9.2.6, exactly.
//
//   wire::SseParser parser;
//   parser.feed(chunk, [&](const wire::SseEvent& event) { lines.append(event.type, event.data); });
//   ...                                        // on EOF or a cut:
//   parser.reset_connection();                 // drops the half-read event, keeps last_event_id() and retry_ms()
//   request.headers.set("last-event-id", std::string(parser.last_event_id()));
//
// Promises
//   - Any chunking of the same bytes gives the same events. A CR ends its line at once: the event does not wait for a
//     possible LF, which is swallowed when it is the very next byte, in this chunk or the next.
//   - Every string handed out is valid UTF-8: ill-formed bytes become U+FFFD (maximal subparts). One BOM at the start of a
//     connection is dropped.
//   - Work is linear in the bytes fed whatever the chunk size (bytes_scanned() counts), and an event that lies within one
//     chunk and has a single data line is not copied.
//   - Memory is bounded: comments (unless reported) and unknown fields are never kept, an event over `max_event_bytes` is
//     dropped whole, reported by on_overflow() and counted by overflows(). Its `id` still counts, so that a reconnect does
//     not ask for the same event again and again.
//   - A block cut by EOF is discarded, with its id.
//
// The views in SseEvent are valid during the callback. Inside a callback call stop() to end the running feed() early;
// do not feed() or destroy the parser there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace wire {

struct SseEvent {
    std::string_view type;           // "message" when the stream names none
    std::string_view data;           // data lines joined by LF
    std::string_view last_event_id;  // of the connection, as of this event; may be empty
};

struct SseLimits {
    std::size_t max_event_bytes = 16 * 1024 * 1024;  // data of one event
    std::size_t max_field_bytes = 64 * 1024;         // one `event` or `id` value; one reported comment (cut there)
    bool report_comments = false;
};

class SseSink {
public:
    virtual ~SseSink() = default;
    virtual void on_event(const SseEvent& event) = 0;
    // Text after the first colon, nothing stripped. Only with SseLimits::report_comments.
    virtual void on_comment(std::string_view text) { (void)text; }
    // The running event went over a limit and will not be delivered. Once per event.
    virtual void on_overflow() {}
};

class SseParser {
public:
    explicit SseParser(SseLimits limits = {}, std::string last_event_id = {});

    void feed(std::string_view chunk, SseSink& sink);
    // The same with a callable for the events alone.
    template <class OnEvent>
        requires std::is_invocable_v<OnEvent&, const SseEvent&>
    void feed(std::string_view chunk, OnEvent&& on_event) {
        struct Adapter final : SseSink {
            explicit Adapter(std::remove_reference_t<OnEvent>& callback) : on_event_callback(callback) {}
            void on_event(const SseEvent& event) override { on_event_callback(event); }
            std::remove_reference_t<OnEvent>& on_event_callback;
        } adapter(on_event);
        feed(chunk, static_cast<SseSink&>(adapter));
    }

    // End of the body: the pending line and block are discarded. The parser is then as after reset_connection().
    void finish() { reset_connection(); }
    // A new connection: clean line, UTF-8, BOM, data and type state; last_event_id() and retry_ms() stay.
    void reset_connection();
    // In a callback: the running feed() returns after it, the rest of its chunk is dropped. Cleared by reset_connection().
    void stop() { stopped_ = true; }

    // As of the last blank line; what a reconnect sends when not empty.
    [[nodiscard]] std::string_view last_event_id() const { return last_event_id_; }
    // The last valid `retry` in milliseconds; saturates at INT64_MAX. Floors and caps are the caller's.
    [[nodiscard]] std::optional<std::int64_t> retry_ms() const { return retry_ms_; }

    // Bytes looked at so far by line scanning and UTF-8 checking; at most a small multiple of the bytes fed.
    [[nodiscard]] std::uint64_t bytes_scanned() const { return bytes_scanned_; }
    // Bytes of the unfinished event kept now.
    [[nodiscard]] std::size_t buffered_bytes() const { return data_.size() + value_.size() + type_.size(); }
    [[nodiscard]] std::uint64_t overflows() const { return overflows_; }

private:
    enum class LineState : std::uint8_t { start, name, before_value, value, comment, ignored };
    enum class Field : std::uint8_t { data, event, id, retry, unknown };

    std::size_t consume_bom(std::string_view chunk, SseSink& sink);
    [[nodiscard]] bool take_line(std::string_view line, SseSink& sink);
    void consume(std::string_view piece, SseSink& sink);
    void append_value(std::string_view piece, SseSink& sink);
    void append_data(std::string_view piece, SseSink& sink);
    void append_retry(std::string_view piece);
    void begin_value(Field field, SseSink& sink);
    void end_line(SseSink& sink);
    void end_value();
    void end_block(SseSink& sink);
    void overflow(SseSink& sink);
    void keep_borrowed();
    [[nodiscard]] Field classify_name() const;
    [[nodiscard]] std::string_view repaired(std::string_view bytes);

    SseLimits limits_;
    std::string last_event_id_;
    std::string next_event_id_;  // the spec's last event ID buffer; committed by the blank line
    std::optional<std::int64_t> retry_ms_;

    LineState line_state_ = LineState::start;
    Field field_ = Field::unknown;
    std::array<char, 5> name_{};     // the longest known name has five letters
    std::uint8_t name_length_ = 0;
    std::uint8_t bom_matched_ = 0;   // bytes of the BOM seen; kBomDone when decided
    bool swallow_lf_ = false;
    bool stopped_ = false;

    std::string value_;              // the running `event` or `id` value, or reported comment
    std::int64_t retry_value_ = 0;
    bool retry_valid_ = false;

    std::string type_;
    std::string data_;
    std::string_view borrowed_;      // data still lying in the caller's chunk; only while data_ is empty
    std::uint64_t data_lines_ = 0;
    bool skipping_ = false;          // the running block overflowed
    bool value_too_long_ = false;
    std::string repair_;

    std::uint64_t bytes_scanned_ = 0;
    std::uint64_t overflows_ = 0;
};

}  // namespace wire
