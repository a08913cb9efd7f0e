#include "sse_cases.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>

#include "base/encoding.hpp"
#include "base/json.hpp"

namespace wire_test {

std::string SseCase::joined() const {
    std::string all;
    for (const std::string& chunk : chunks) all += chunk;
    return all;
}

// Our own reviewed file: .at() and get<>() may throw here, which fails the test.
std::vector<SseCase> load_sse_cases() {
    std::ifstream in(std::string(BINNACLE_TEST_DATA) + "/sse-cases.json", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const base::Json document = base::Json::parse(text);
    std::vector<SseCase> cases;
    for (const base::Json& json : document.at("cases")) {
        SseCase item;
        item.id = json.at("id").get<std::string>();
        item.seed_last_event_id = json.at("seed_last_event_id").get<std::string>();
        for (const base::Json& chunk : json.at("chunks")) {
            auto bytes = base::base64_decode(chunk.get<std::string>());
            REQUIRE(bytes);
            item.chunks.push_back(std::move(*bytes));
        }
        const base::Json& expect = json.at("expect");
        for (const base::Json& event : expect.at("events")) {
            item.expected.events.push_back({event.at("type").get<std::string>(), event.at("data").get<std::string>(),
                                            event.at("lastEventId").get<std::string>()});
        }
        item.expected.last_event_id = expect.at("last_event_id").get<std::string>();
        if (!expect.at("retry_ms").is_null()) item.expected.retry_ms = expect.at("retry_ms").get<std::int64_t>();
        item.expects_comments = expect.contains("comments");
        if (item.expects_comments) item.expected.comments = expect.at("comments").get<std::vector<std::string>>();
        if (expect.contains("min_events_after_chunk")) {
            item.min_events_after_chunk = expect.at("min_events_after_chunk").get<std::vector<std::size_t>>();
        }
        cases.push_back(std::move(item));
    }
    return cases;
}

SseRun run_sse(const std::vector<std::string_view>& chunks, std::string_view seed, wire::SseLimits limits) {
    SseRun run;
    RecordingSink sink(run);
    wire::SseParser parser(limits, std::string(seed));
    for (const std::string_view chunk : chunks) {
        // An own, exact allocation for each chunk, gone after the call: a view kept too long or a byte too far is seen by ASan.
        const std::vector<char> own(chunk.begin(), chunk.end());
        parser.feed(std::string_view(own.data(), own.size()), sink);
    }
    parser.finish();
    run.last_event_id = parser.last_event_id();
    run.retry_ms = parser.retry_ms();
    return run;
}

std::vector<std::string_view> cut(std::string_view bytes, std::size_t size) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
    return pieces;
}

}  // namespace wire_test
