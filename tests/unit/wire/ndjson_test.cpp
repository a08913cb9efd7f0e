#include "wire/ndjson.hpp"

#include <catch2/catch_test_macros.hpp>
#include <vector>

namespace {

struct Lines {
    std::vector<std::string> lines;
    std::vector<std::string> cut;
    std::uint64_t overflows = 0;
    friend bool operator==(const Lines&, const Lines&) = default;
};

Lines split(std::string_view bytes, std::size_t chunk_size, wire::LineLimits limits = {}) {
    Lines out;
    wire::LineSplitter splitter(limits);
    const auto on_line = [&](std::string_view line) { out.lines.emplace_back(line); };
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), chunk_size))) {
        splitter.feed(bytes.substr(0, chunk_size), on_line, [&](std::string_view head) { out.cut.emplace_back(head); });
    }
    splitter.finish(on_line);
    out.overflows = splitter.overflows();
    return out;
}

}  // namespace

TEST_CASE("lines come out the same in any chunking") {
    const std::string bytes = "{\"a\":1}\n\n{\"b\":2}\r\nlast\r";
    const Lines expected{{"{\"a\":1}", "", "{\"b\":2}", "last"}, {}, 0};
    for (std::size_t size = 1; size <= bytes.size(); ++size) CHECK(split(bytes, size) == expected);
    CHECK(split(bytes, 3, {.skip_blank = true}).lines == std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "last"});
}

TEST_CASE("a line over the limit is cut and counted, the next one arrives") {
    const std::string bytes = "short\n0123456789ABC\nnext\n";
    const Lines expected{{"short", "next"}, {"01234567"}, 1};
    for (std::size_t size = 1; size <= bytes.size(); ++size) CHECK(split(bytes, size, {.max_line_bytes = 8}) == expected);
    CHECK(split("12345678\n", 3, {.max_line_bytes = 8}).overflows == 0);
}

TEST_CASE("a line within a chunk is not copied, a cut one can be dropped") {
    const std::string chunk = "one\ntwo\nhal";
    wire::LineSplitter splitter;
    std::size_t inside = 0;
    splitter.feed(chunk, [&](std::string_view line) { inside += line.data() >= chunk.data() && line.data() < chunk.data() + chunk.size(); });
    CHECK(inside == 2);
    CHECK(splitter.buffered_bytes() == 3);
    splitter.reset();
    std::string seen;
    splitter.feed("x\n", [&](std::string_view line) { seen = line; });
    CHECK(seen == "x");
}
