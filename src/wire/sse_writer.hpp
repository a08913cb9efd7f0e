// Formats server-sent events for the hub's streams, so that any conforming parser reads back exactly what went in.
//
//   writer->write(wire::sse_event("node_update", json_text));                 // event:node_update\ndata:...\n\n
//   writer->write(wire::sse_event("log", "line", {.id = "42"}));
//   writer->write(wire::sse_comment("keep-alive"));                           // ": keep-alive\n\n"
//
// Fields are written with no space after the colon (as KubeOrch's server does), except that a value that itself starts with
// a space gets one, which the parser strips. Data of several lines becomes several data lines; LF, CR and CRLF inside data all
// arrive as LF (the format has no other way). `type` and `id` are single lines: CR and LF in them are dropped, and an id
// with a NUL is left out, as parsers would ignore it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wire {

struct SseFields {
    std::optional<std::string_view> id = std::nullopt;     // an empty id clears the client's
    std::optional<std::int64_t> retry_ms = std::nullopt;   // negative values are not written
};

// `type` empty means "message" and is not written.
[[nodiscard]] std::string sse_event(std::string_view type, std::string_view data, SseFields fields = {});
void append_sse_event(std::string& out, std::string_view type, std::string_view data, SseFields fields = {});
// Line ends in `text` start further comment lines.
[[nodiscard]] std::string sse_comment(std::string_view text);
[[nodiscard]] std::string sse_retry(std::int64_t retry_ms);

}  // namespace wire
