#include <catch2/catch_test_macros.hpp>

#include "model/app_impl.hpp"
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

TEST_CASE("a replayed tail after a reconnect doubles no line and loses none") {
    LogResume resume;
    const auto taken = [&](std::initializer_list<const char*> stamps) {
        std::vector<bool> out;
        for (const char* stamp : stamps) out.push_back(resume.take(stamp));
        return out;
    };
    CHECK(taken({"2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z", "2026-01-01T00:00:02Z"}) == std::vector<bool>{true, true, true});
    resume.restart();
    // The tail begins before what is known; a third line with the same stamp is new.
    CHECK(taken({"2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z", "2026-01-01T00:00:02Z", "2026-01-01T00:00:02Z", "2026-01-01T00:00:03Z"}) ==
          std::vector<bool>{false, false, false, true, true});
    resume.restart();
    CHECK(taken({"2026-01-01T00:00:09Z"}) == std::vector<bool>{true});
    CHECK(resume.take(""));
}
