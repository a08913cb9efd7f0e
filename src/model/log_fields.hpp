// LogFieldReader: the fields of a log line that came as JSON, enveloped or bare, scanned without building anything. Keeps its buffers, so
// a line costs no allocation.
//
//   LogFieldReader reader;
//   const LogFields fields = reader.read(event.data);   // views into event.data, or into the reader until the next read()
//
// Text that is no JSON object, or one without a message, is the message as it is.
// It stands apart from stream_payloads.* because it is on the path of every line: this file is
// compiled for speed where the rest is for size.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace model {

struct LogFields {
    std::string_view timestamp, level, stage, source, message;
};

class LogFieldReader {
public:
    [[nodiscard]] LogFields read(std::string_view data);

private:
    bool scan(std::string_view object, LogFields& fields, std::string_view& inner);
    std::array<std::string, 5> unescaped_;
};

}  // namespace model
