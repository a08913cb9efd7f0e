#include <catch2/catch_test_macros.hpp>

#include <string>

#include "base/testing/virtual_scheduler.hpp"
#include "net/channel_frame.hpp"

namespace {
const std::string kA(24, 'a');
const std::string kB(24, 'b');
}  // namespace

TEST_CASE("a frame reads back as it was written, whatever its payload") {
    std::string payload;
    for (int i = 0; i < 512; ++i) payload += static_cast<char>(i & 0xff);
    for (const auto kind : {net::FrameKind::hello, net::FrameKind::request, net::FrameKind::data, net::FrameKind::gone}) {
        const std::string text = net::write_frame({kind, kA, "*", UINT64_MAX, 1234567, payload});
        const auto frame = net::read_frame(text);
        REQUIRE(frame);
        CHECK(frame->kind == kind);
        CHECK(frame->from == kA);
        CHECK(frame->to == "*");
        CHECK(frame->exchange == UINT64_MAX);
        CHECK(frame->number == 1234567);
        CHECK(frame->payload == payload);
    }
}

TEST_CASE("malformed, foreign, oversized frames and those of other versions are ignored [X7]") {
    const std::string line = "bn1 d " + kA + " " + kB + " 7 0";
    CHECK(net::read_frame(line + "\n"));
    CHECK(net::read_frame(line + "\nx"));
    for (const std::string& text : {
             std::string(), std::string("\n"), line, std::string(R"({"kind":"logout"})"), std::string("bn1 d\n"),
             "bn2 d " + kA + " " + kB + " 7 0\n",      // a later version
             "bn1 z " + kA + " " + kB + " 7 0\n",      // an unknown kind
             "bn1 dd " + kA + " " + kB + " 7 0\n",
             "bn1 d someone " + kB + " 7 0\n",
             "bn1 d " + kA + " everybody 7 0\n",
             "bn1 d * " + kB + " 7 0\n",
             "bn1 d " + kA + " " + kB + " -1 0\n",
             "bn1 d " + kA + " " + kB + " 7 -1\n",
             "bn1 d " + kA + " " + kB + " 7 99999999999999999999\n",
             "bn1 d " + kA + " " + kB + " 7 1 2\n",
             "bn1 d " + kA + " " + kB + "  7 1\n",
             line + std::string(200, ' ') + "\n",
             line + "\n" + std::string(net::kMaxFrameBytes, 'x'),
         }) {
        CAPTURE(text.substr(0, 100));
        CHECK_FALSE(net::read_frame(text));
    }
}

TEST_CASE("heads survive the channel; line ends cannot forge a field") {
    const net::Headers headers{{"Content-Type", "text/plain; a=\"b:c\""}, {"X-Empty", ""}, {"X-Twice", "1"}, {"X-Twice", "2"}, {"X-Bad", "a\r\nSet: b"}};
    const auto head = net::read_head(net::write_head("GET /a?b=c:d", headers));
    REQUIRE(head);
    CHECK(head->first_line == "GET /a?b=c:d");
    REQUIRE(head->headers.fields().size() == 5);
    CHECK(head->headers.get("content-type") == "text/plain; a=\"b:c\"");
    CHECK(head->headers.fields()[3].second == "2");
    CHECK(head->headers.get("x-bad") == "a  Set: b");
    CHECK_FALSE(head->headers.has("Set"));
    for (const char* text : {"", "200", "200\nname", "200\nname: value", "200\n: value\n", "200\nno colon\nname:value\n"}) {
        CAPTURE(text);
        CHECK_FALSE(net::read_head(text));
    }
    std::string many = "200\n";
    for (int i = 0; i < 257; ++i) many += "a:b\n";
    CHECK_FALSE(net::read_head(many));
}

TEST_CASE("errors keep their code and message; an unknown code is `unavailable`") {
    const base::Error error{base::ErrorCode::too_large, "two\nlines", ""};
    CHECK(net::read_error(net::write_error(error)) == error);
    CHECK(net::read_error("sunspots\nwhy").code == base::ErrorCode::unavailable);
    CHECK(net::read_error("sunspots\nwhy").message == "why");
    CHECK(net::read_error("").code == base::ErrorCode::unavailable);
}
