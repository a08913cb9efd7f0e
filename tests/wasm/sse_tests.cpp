// The SSE parser as the site ships it, compiled to wasm with its SIMD paths: the shared cases (tests/data/sse-cases.json, which run.mjs puts
// beside the page), and the two promises about work and memory.
#include <algorithm>
#include <memory>
#include <string>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "wasm/web_test.hpp"
#include "web/fetch_client.hpp"
#include "wire/json_reader.hpp"
#include "wire/sse_parser.hpp"

namespace web_test {

namespace {

struct Recorder final : wire::SseSink {
    void on_event(const wire::SseEvent& event) override {
        events.push_back({{"type", std::string(event.type)}, {"data", std::string(event.data)}, {"lastEventId", std::string(event.last_event_id)}});
    }
    base::Json events = base::Json::array();
};

struct Fetched {
    explicit Fetched(base::Scheduler& scheduler) : client(scheduler, "") {}
    web::FetchClient client;
    net::RequestHandle handle;
    bool done = false;
    std::string body;
};

void run_case(TestCase& test, const wire::JsonReader& item, std::size_t piece) {
    const std::string id = item.string("id");
    std::string bytes;
    for (const wire::JsonReader chunk : item.array("chunks")) bytes += base::base64_decode(chunk.as_string()).value_or("");
    wire::SseParser parser({}, item.string("seed_last_event_id"));
    Recorder seen;
    for (std::size_t at = 0; at < bytes.size(); at += piece) parser.feed(std::string_view(bytes).substr(at, piece), seen);
    parser.finish();
    const wire::JsonReader expect = item.object("expect");
    const auto where = id + " in pieces of " + std::to_string(piece);
    test.check(seen.events == *expect.raw("events"), where + ": " + seen.events.dump());
    test.check(parser.last_event_id() == expect.string("last_event_id"), where + ": last event id");
    test.check(parser.retry_ms() == expect.optional_integer("retry_ms"), where + ": retry");
}

}  // namespace

void add_sse_tests(Suite& suite, base::Scheduler& scheduler) {
    suite.add("sse: every shared case gives its events in wasm, in any chunking", [&scheduler](TestCase& test) {
        auto file = std::make_shared<Fetched>(scheduler);
        file->handle = net::fetch(file->client, {.target = "/sse-cases.json"}, [file = file.get()](base::Result<net::Response> response) {
            file->done = true;
            if (response && response->status == 200) file->body = std::move(response->body);
        });
        test.until("the cases are there", [file] { return file->done; }, [file](TestCase& go) {
            const auto json = base::parse_json(file->body);
            go.check(json.has_value(), "the cases can be read");
            if (!json) return;
            wire::JsonErrors errors;
            const auto cases = wire::JsonReader(*json, errors).array("cases");
            go.check(cases.size() >= 130, "there are " + std::to_string(cases.size()) + " cases");
            for (const wire::JsonReader item : cases) {
                for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5}, std::size_t{7}, std::size_t{16}, std::size_t{1} << 20}) run_case(go, item, piece);
            }
            go.check(errors.empty(), "every member of the cases was read");
        });
    });
    suite.add("sse: a line of 10 MiB in chunks of 16 bytes costs linear work in wasm", [](TestCase& test) {
        constexpr std::size_t kBytes = 10 * 1024 * 1024;
        wire::SseParser parser;
        std::size_t delivered = 0;
        const auto take = [&](const wire::SseEvent& event) { delivered = event.data.size(); };
        parser.feed("data:", take);
        const std::string chunk(16, 'x');
        for (std::size_t i = 0; i < kBytes / chunk.size(); ++i) parser.feed(chunk, take);
        parser.feed("\n\n", take);
        test.check(delivered == kBytes, "the event arrived whole");
        test.check(parser.bytes_scanned() <= 3 * kBytes, std::to_string(parser.bytes_scanned()) + " bytes were looked at");
    });
    suite.add("sse: a comment of 64 MiB needs no memory in wasm", [](TestCase& test) {
        wire::SseParser parser;
        const auto take = [](const wire::SseEvent&) {};
        parser.feed(":", take);
        const std::string chunk(64 * 1024, 'x');
        std::size_t most = 0;
        for (int i = 0; i < 1024; ++i) {
            parser.feed(chunk, take);
            most = std::max(most, parser.buffered_bytes());
        }
        test.check(most == 0, std::to_string(most) + " bytes were kept");
    });
}

}  // namespace web_test
