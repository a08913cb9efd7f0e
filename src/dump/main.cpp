// binnacle-dump: what the wire protocols make of bytes, one JSON line each.
//
//   curl -sN http://127.0.0.1:8080/v1/api/workflows/42/status/stream | binnacle-dump sse
//
// Exit status: 0, 1 when input or output failed, 2 for a wrong command line.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/sse_parser.hpp"

namespace {

constexpr const char* kUsage =
    "usage: binnacle-dump sse [--chunk N] [--last-event-id ID]\n"
    "\n"
    "Reads a text/event-stream body from standard input and prints one JSON line per event,\n"
    "{\"type\",\"data\",\"lastEventId\"}, then {\"last_event_id\",\"retry_ms\"} (null when never set).\n"
    "\n"
    "  --chunk N            feed the parser N bytes at a time (default: as they arrive)\n"
    "  --last-event-id ID   start with the id of an earlier connection\n"
    "  --help               this text\n";

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kMaxChunkBytes = 64 * 1024 * 1024;

struct SseOptions {
    std::size_t chunk_bytes = 0;  // 0: as read
    std::string last_event_id;
};

int usage_error(const std::string& message) {
    std::fprintf(stderr, "binnacle-dump: %s\n\n%s", message.c_str(), kUsage);
    return kWrongUsage;
}

// "--name value" or "--name=value" at `index`, which then stands on the last word used.
std::optional<std::string_view> option_value(const std::vector<std::string_view>& words, std::size_t& index, std::string_view name,
                                             std::string& error) {
    const std::string_view word = words[index];
    if (word == name) {
        if (index + 1 == words.size()) {
            error = std::string(name) + " needs a value";
            return std::nullopt;
        }
        return words[++index];
    }
    if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=') return word.substr(name.size() + 1);
    return std::nullopt;
}

// An empty error is success.
std::string read_options(const std::vector<std::string_view>& words, SseOptions& options) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string error;
        if (const auto value = option_value(words, i, "--chunk", error)) {
            const auto bytes = base::is_ascii_digit(value->empty() ? ' ' : value->front())
                                   ? base::parse_integer_in<std::size_t>(*value, 1, kMaxChunkBytes)
                                   : std::nullopt;
            if (!bytes) return "--chunk must be a number from 1 to " + std::to_string(kMaxChunkBytes) + ", not '" + std::string(*value) + "'";
            options.chunk_bytes = *bytes;
        } else if (!error.empty()) {
            return error;
        } else if (const auto id = option_value(words, i, "--last-event-id", error)) {
            if (id->find_first_of("\r\n") != std::string_view::npos) return "--last-event-id cannot contain a line end";
            options.last_event_id = base::to_valid_utf8(*id);
        } else if (!error.empty()) {
            return error;
        } else {
            return "unknown argument '" + std::string(words[i]) + "'";
        }
    }
    return {};
}

class LinePrinter final : public wire::SseSink {
public:
    void on_event(const wire::SseEvent& event) override {
        line_ = "{\"type\":";
        base::append_json_string(line_, event.type);
        line_ += ",\"data\":";
        base::append_json_string(line_, event.data);
        line_ += ",\"lastEventId\":";
        base::append_json_string(line_, event.last_event_id);
        line_ += "}\n";
        write();
    }
    void on_overflow() override {
        std::fprintf(stderr, "binnacle-dump: an event is too large and was left out\n");
        failed_ = true;
    }
    void summary(const wire::SseParser& parser) {
        line_ = "{\"last_event_id\":";
        base::append_json_string(line_, parser.last_event_id());
        line_ += ",\"retry_ms\":" + (parser.retry_ms() ? std::to_string(*parser.retry_ms()) : std::string("null")) + "}\n";
        write();
    }
    [[nodiscard]] bool flush() {
        if (std::fflush(stdout) != 0) failed_ = true;
        return !failed_;
    }

private:
    void write() {
        if (std::fwrite(line_.data(), 1, line_.size(), stdout) != line_.size()) failed_ = true;
    }
    std::string line_;
    bool failed_ = false;
};

int dump_sse(const SseOptions& options) {
    wire::SseParser parser({.max_event_bytes = std::size_t{1} << 30, .max_field_bytes = std::size_t{1} << 26}, options.last_event_id);
    LinePrinter printer;
    std::vector<char> buffer(kReadBytes);
    std::string waiting;  // less than a chunk
    bool good = true;
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            std::fprintf(stderr, "binnacle-dump: cannot read standard input: %s\n", std::strerror(errno));
            return kFailed;
        }
        if (count == 0) break;
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
        if (options.chunk_bytes == 0) {
            parser.feed(bytes, printer);
        } else {
            waiting.append(bytes);
            std::size_t at = 0;
            for (; waiting.size() - at >= options.chunk_bytes; at += options.chunk_bytes) {
                parser.feed(std::string_view(waiting).substr(at, options.chunk_bytes), printer);
            }
            waiting.erase(0, at);
        }
        good = printer.flush() && good;
    }
    parser.feed(waiting, printer);
    parser.finish();
    printer.summary(parser);
    if (!printer.flush() || !good) {
        std::fprintf(stderr, "binnacle-dump: not everything was printed\n");
        return kFailed;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    for (const std::string_view word : words) {
        if (word == "--help" || word == "-h") {
            std::fputs(kUsage, stdout);
            return 0;
        }
    }
    if (words.empty()) return usage_error("which protocol?");
    if (words.front() != "sse") return usage_error("unknown protocol '" + std::string(words.front()) + "'");
    SseOptions options;
    const std::string error = read_options({words.begin() + 1, words.end()}, options);
    if (!error.empty()) return usage_error(error);
    return dump_sse(options);
}
