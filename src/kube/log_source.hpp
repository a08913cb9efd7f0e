// LogSource: where the API server gets container logs from (GET .../pods/{name}/log). The kubelet implements it.
//
// The API server has already found the pod, chosen the container (LogOptions::container is never empty and names a container
// or init container of the pod) and checked that it has started (or, with `previous`, that an earlier run exists); it hands
// the answer over:
//
//   if (auto opened = logs.open({"pods", "default", "web-0"}, options, writer); !opened) -> a Status 400 with that message
//
// On success the source owns the answer: it calls writer->start() with 200 and "text/plain", writes lines that end in '\n' (with
// `timestamps` each begins with an RFC 3339 nano time and a blank), and end()s: without `follow` after the last line, with
// it when the container has ended. It keeps the writer alive until then, stops at on_close(), and after a write() that
// returned false waits for on_drain() instead of queueing. On failure it has not touched the writer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "kube/object_store.hpp"
#include "net/http.hpp"

namespace kube {

// The query of the log endpoint (PodLogOptions). At most one of since_seconds and since_time_ns is set.
struct LogOptions {
    std::string container;
    bool follow = false;
    bool previous = false;    // the run before the newest restart
    bool timestamps = false;
    std::optional<std::int64_t> tail_lines;      // >= 0; newest lines of the history, before following
    std::optional<std::int64_t> since_seconds;   // >= 1; lines not older than that
    std::optional<std::int64_t> since_time_ns;   // nanoseconds since 1970 UTC; lines at or after it
    std::optional<std::int64_t> limit_bytes;     // >= 1; the answer is cut after so many bytes, also within a line
};

class LogSource {
public:
    virtual ~LogSource() = default;
    [[nodiscard]] virtual base::Result<void> open(const ObjectKey& pod, const LogOptions& options,
                                                  std::shared_ptr<net::ResponseWriter> writer) = 0;
};

}  // namespace kube
