// LineSplitter against itself: the same bytes whole, byte by byte and in chunks the input chooses must give the same lines and the same
// overflows, with memory within its limit, and no byte lost but line ends and what overflowed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "wire/ndjson.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Run {
    std::vector<std::string> lines;
    std::vector<std::string> cut;
    std::uint64_t overflows = 0;
    friend bool operator==(const Run&, const Run&) = default;
};

template <class NextSize>
Run run(std::string_view bytes, wire::LineLimits limits, NextSize next_size) {
    Run out;
    wire::LineSplitter splitter(limits);
    const auto on_line = [&](std::string_view line) {
        require(line.find('\n') == std::string_view::npos);
        require(line.size() <= limits.max_line_bytes);
        require(!limits.skip_blank || !line.empty());
        out.lines.emplace_back(line);
    };
    while (!bytes.empty()) {
        const std::size_t size = std::min<std::size_t>(bytes.size(), next_size());
        const std::vector<char> own(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        splitter.feed(std::string_view(own.data(), own.size()), on_line, [&](std::string_view start) {
            require(start.size() == limits.max_line_bytes);
            out.cut.emplace_back(start);
        });
        require(splitter.buffered_bytes() <= limits.max_line_bytes);
        bytes.remove_prefix(size);
    }
    splitter.finish(on_line);
    require(splitter.buffered_bytes() == 0);
    out.overflows = splitter.overflows();
    require(out.overflows == out.cut.size());
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    wire::LineLimits limits{.skip_blank = (data[0] & 1) != 0};
    if (data[0] & 2) limits.max_line_bytes = 1 + (data[0] >> 2);
    std::uint32_t state = data[1] * 2654435761U + 1;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Run whole = run(bytes, limits, [&] { return bytes.size(); });
    require(whole == run(bytes, limits, [] { return std::size_t{1}; }));
    require(whole == run(bytes, limits, [&] {
                state = state * 1664525U + 1013904223U;
                return static_cast<std::size_t>(1 + (state >> 28));
            }));
    // Without limits: the lines joined are the bytes, but for a CR before each LF.
    if (limits.max_line_bytes >= bytes.size() && !limits.skip_blank) {
        std::string joined, expected;
        for (const std::string& line : whole.lines) joined += line + "\n";
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const bool before_end = i + 1 == bytes.size() || bytes[i + 1] == '\n';
            if (bytes[i] != '\r' || !before_end) expected += bytes[i];
        }
        if (!bytes.empty() && bytes.back() != '\n') expected += '\n';
        require(joined == expected);
    }
    return 0;
}
