#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

#include "model/log_buffer.hpp"

using namespace model;

TEST_CASE("a timestamp is split off and the rest is the message") {
    LogBuffer log;
    log.append("2026-01-01T00:00:00.123456789Z GET / 200", "web-0");
    log.append("2026-01-01T00:00:00+02:00 offset");
    log.append("no stamp here");
    log.append("2026-01-01T00:00:00Zglued");
    log.append("2026-01-01T00:00:00Z");
    log.append("");
    CHECK(log.line(0).timestamp == "2026-01-01T00:00:00.123456789Z");
    CHECK(log.line(0).message == "GET / 200");
    CHECK(log.line(0).source == "web-0");
    CHECK(log.line(1).message == "offset");
    CHECK(log.line(2).timestamp.empty());
    CHECK(log.line(2).message == "no stamp here");
    CHECK(log.line(3).message == "2026-01-01T00:00:00Zglued");
    CHECK(log.line(5).raw.empty());
    CHECK(log.size() == 6);
}

TEST_CASE("the ring keeps the newest lines and counts what it dropped") {
    LogBuffer log(100);
    for (int i = 0; i < 1000; ++i) log.append("line " + std::to_string(i));
    CHECK(log.size() == 100);
    CHECK(log.dropped() == 900);
    CHECK(log.appended() == 1000);
    CHECK(log.line(0).raw == "line 900");
    CHECK(log.line(0).sequence == 900);
    CHECK(log.line(99).sequence == 999);
}

TEST_CASE("the byte cap holds whatever the lines are") {
    LogBuffer log(1'000'000, 64 * 1024);
    for (int i = 0; i < 2000; ++i) log.append(std::string(500, 'x'));
    CHECK(log.bytes() <= 64 * 1024);
    CHECK(log.size() + log.dropped() == 2000);
}

TEST_CASE("a line over the limit is cut between characters and marked") {
    LogBuffer log;
    std::string line(LogBuffer::kMaxLineBytes - 1, 'a');
    line += "äöü and more";
    log.append(line);
    CHECK(log.line(0).raw.size() <= LogBuffer::kMaxLineBytes + 3);
    CHECK(log.line(0).raw.ends_with("a…"));
}

TEST_CASE("levels are found where logs put them and not in prose") {
    CHECK(detect_level("INFO starting") == LogLevel::info);
    CHECK(detect_level("10:00 [error] upstream") == LogLevel::error);
    CHECK(detect_level(R"({"level":"warn","msg":"x"})") == LogLevel::warning);
    CHECK(detect_level("level=debug msg=x") == LogLevel::debug);
    CHECK(detect_level("E0716 10:00:00.000001 1 x.go] no") == LogLevel::error);
    CHECK(detect_level("WARN: disk") == LogLevel::warning);
    CHECK(detect_level("there was no error at all") == LogLevel::none);
    CHECK(detect_level("GET /info 200") == LogLevel::none);
    CHECK(detect_level("") == LogLevel::none);
}

TEST_CASE("timestamps compare by time whatever the length of their fractions") {
    CHECK(compare_timestamps("2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.12Z") < 0);
    CHECK(compare_timestamps("2026-01-01T00:00:00.10Z", "2026-01-01T00:00:00.1Z") == 0);
    CHECK(compare_timestamps("2026-01-01T00:00:01Z", "2026-01-01T00:00:00.999999999Z") > 0);
    CHECK(compare_timestamps("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0Z") == 0);
}

TEST_CASE("a gap is a row of its own and no line of the container") {
    LogBuffer log;
    log.append("2026-01-01T00:00:00Z a", "web-0");
    log.append_gap("Lines may be missing here");
    log.append("2026-01-01T00:00:01Z b", "web-0");
    CHECK_FALSE(log.line(0).gap);
    CHECK(log.line(1).gap);
    CHECK(log.line(1).message == "Lines may be missing here");
    CHECK(log.line(1).timestamp.empty());
    CHECK(log.line(1).source.empty());
    CHECK(log.line(2).message == "b");
    CHECK(log.line(2).source == "web-0");
    CHECK(log.appended() == 3);
}

TEST_CASE("lines of all lengths keep their bytes while blocks come and go") {
    LogBuffer log(300, 4 * 1024 * 1024);
    std::vector<std::string> all;
    std::uint32_t state = 7;
    for (int i = 0; i < 3000; ++i) {
        state = state * 1664525U + 1013904223U;
        const std::size_t length = (state >> 20) % ((state & 31U) == 0 ? 60'000 : 200);
        all.push_back(std::string(length, static_cast<char>('a' + i % 26)));
        log.append(all.back(), i % 3 == 0 ? "web-0" : "web-1");
    }
    REQUIRE(log.size() + log.dropped() == 3000);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        const LogLine line = log.line(i);
        REQUIRE(line.raw == all[static_cast<std::size_t>(line.sequence)]);
        REQUIRE(line.source == (line.sequence % 3 == 0 ? "web-0" : "web-1"));
        bytes += line.raw.size();
    }
    CHECK(log.bytes() >= bytes);
    CHECK(log.bytes() <= bytes + log.size() * 32);
    log.clear();
    CHECK(log.size() == 0);
    CHECK(log.bytes() == 0);
    log.append("after");
    CHECK(log.line(0).raw == "after");
    CHECK(log.line(0).sequence == 3000);
}

TEST_CASE("a line larger than all that may be kept is kept alone") {
    LogBuffer log(100, 1'000);
    log.append("small");
    log.append(std::string(5'000, 'x'));
    CHECK(log.size() == 1);
    log.append("small again");
    CHECK(log.size() == 1);
    CHECK(log.line(0).raw == "small again");
}

TEST_CASE("a line that came in parts reads as one that came whole") {
    LogBuffer log;
    log.append_parts("2026-01-01T00:00:00.5Z", "hello", "web-0");
    log.append("2026-01-01T00:00:00.5Z hello", "web-0");
    CHECK(log.line(0).raw == log.line(1).raw);
    CHECK(log.line(0).message == "hello");
    CHECK(log.line(0).timestamp == "2026-01-01T00:00:00.5Z");
    log.append_parts("soon", "hello");
    CHECK(log.line(2).raw == "hello");
    log.append_parts("2026-01-01T00:00:00Z", std::string(LogBuffer::kMaxLineBytes, 'x'));
    CHECK(log.line(3).raw.size() <= LogBuffer::kMaxLineBytes + 3);
    CHECK(log.line(3).raw.ends_with("x…"));
    log.append_parts("2026-01-01T00:00:00." + std::string(100, '1') + "Z", "hello");
    CHECK(log.line(4).message == "hello");
}

TEST_CASE("a ring of one line holds lines of every size in turn") {
    LogBuffer log(1);
    for (const std::size_t length : {std::size_t{10}, LogBuffer::kMaxLineBytes, LogBuffer::kMaxLineBytes + 1, std::size_t{0}, std::size_t{70'000}, std::size_t{5}}) {
        const std::string line(length, 'x');
        log.append(line);
        REQUIRE(log.size() == 1);
        CHECK(log.line(0).raw.substr(0, 100) == std::string_view(line).substr(0, 100));
        log.append_gap("gap");
        CHECK(log.line(0).gap);
    }
}
