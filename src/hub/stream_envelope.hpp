// The envelope around most events of the hub's streams (contracts: KubeOrch core, "SSE framing"):
// {type, stream_key, event_type, timestamp, data}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time_text.hpp"
#include "hub/json_text.hpp"

namespace hub {

[[nodiscard]] inline Json stream_envelope(std::string_view type, const std::string& stream_key, std::int64_t unix_ms, Json data) {
    return {{"type", type}, {"stream_key", stream_key}, {"event_type", type}, {"timestamp", base::format_rfc3339_millis(unix_ms)}, {"data", std::move(data)}};
}

}  // namespace hub
