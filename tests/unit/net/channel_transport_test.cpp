#include <catch2/catch_test_macros.hpp>

#include <string>

#include "net/router.hpp"
#include "support/behaviour_handler.hpp"
#include "support/http_behaviour.hpp"
#include "unit/net/channel_rig.hpp"

namespace {

using channel_rig::ClientTab;
using channel_rig::HostTab;
using channel_rig::Seen;
using net::ChannelClient;
using net::ChannelHost;

struct World {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{7};
    base::testing::VirtualBrowser browser{time};
    support::BehaviourHandler handler;
    HostTab owner{browser, time, random, handler};

    std::unique_ptr<ClientTab> client() { return std::make_unique<ClientTab>(browser, time, random, owner.link.id()); }
    // An exchange under /hold whose first bytes have arrived.
    std::unique_ptr<Seen> stream(net::HttpClient& client, const std::string& key) {
        auto seen = channel_rig::send(client, {.target = "/hold?key=" + key});
        time.advance(50);
        control(key, "write", "begun");
        CHECK(seen->body == "begun");
        return seen;
    }
    void control(const std::string& key, const std::string& op, std::string body = {}) {
        auto other = client();
        auto seen = channel_rig::send(*other, {.method = "POST", .target = "/control?key=" + key + "&op=" + op, .body = std::move(body)});
        time.advance(50);
        CHECK(seen->status == 200);
    }
    std::string state(const std::string& key) {
        auto other = client();
        auto seen = channel_rig::send(*other, {.target = "/state?key=" + key});
        time.advance(50);
        return seen->body;
    }
    void post(const std::string& text) {
        auto stranger = browser.open_tab();
        auto channel = stranger->channel("hub");
        channel->post(text);
        time.advance(50);
    }
};

class ChannelRig final : public support::HttpRig {
public:
    std::unique_ptr<net::HttpClient> make_client() override { return world_.client(); }
    std::unique_ptr<net::HttpClient> make_refused_client() override {
        return std::make_unique<ClientTab>(world_.browser, world_.time, world_.random, std::string(24, 'f'));
    }
    base::Scheduler& scheduler() override { return world_.time; }
    bool has_back_pressure() const override { return true; }
    std::string run_id() const override { return "channel"; }

    // False when nothing is left to do, or time enough has passed for anything.
    bool step() { return world_.time.monotonic_ms() < 600'000 && (world_.time.run_ready(1) > 0 || world_.time.advance_to_next()); }

private:
    World world_;
};

}  // namespace

TEST_CASE("a client in another tab keeps the seam's contract") {
    for (const auto& behaviour : support::http_behaviours()) {
        DYNAMIC_SECTION(behaviour.name) {
            ChannelRig rig;
            support::BehaviourRun run(behaviour, rig);
            while (!run.poll()) {
                if (!rig.step()) run.give_up();
            }
            for (const auto& failure : run.failures()) {
                UNSCOPED_INFO(failure);
                CHECK(failure.empty());
            }
            SUCCEED();
        }
    }
}

TEST_CASE("the owner dies in mid-stream: every exchange ends with `unavailable`, and the client says so once [X9]") {
    World world;
    auto client = world.client();
    auto stream = world.stream(*client, "a");
    auto waiting = channel_rig::send(*client, {.target = "/hold?key=b", .head_timeout_ms = 0});
    world.time.advance(5000);
    CHECK_FALSE(stream->done);
    world.owner.tab->close();
    world.time.advance(ChannelClient::kPingMs * (ChannelClient::kMissedPings + 2));
    for (const auto* seen : {stream.get(), waiting.get()}) {
        REQUIRE(seen->done);
        REQUIRE(seen->error);
        CHECK(seen->error->code == base::ErrorCode::unavailable);
    }
    CHECK(client->lost == 1);
    world.time.advance(60'000);
    CHECK(client->lost == 1);
}

TEST_CASE("a quiet stream stays open for as long as the owner answers") {
    World world;
    auto client = world.client();
    auto stream = world.stream(*client, "a");
    world.time.advance(3'600'000);
    CHECK_FALSE(stream->done);
    CHECK(world.owner.host.exchanges() == 1);
    world.control("a", "end");
    CHECK((stream->done && !stream->error));
}

TEST_CASE("a hidden client keeps its exchanges by rare pings and never declares the owner dead") {
    World world;
    auto client = world.client();
    client->client.set_visible(false);
    auto stream = world.stream(*client, "a");
    const auto before = world.browser.messages();
    world.time.advance(600'000);
    CHECK_FALSE(stream->done);
    CHECK(world.browser.messages() - before <= 2 * 600'000 / ChannelClient::kHiddenPingMs + 4);
    world.owner.tab->freeze(true);
    world.time.advance(600'000);
    CHECK_FALSE(stream->done);
    client->client.set_visible(true);
    world.time.advance(30'000);
    CHECK(stream->done);
}

TEST_CASE("a client that vanishes frees its exchanges when its lease ends; one that says bye, at once") {
    World world;
    auto crashed = world.client();
    auto leaving = world.client();
    auto a = world.stream(*crashed, "a");
    auto b = world.stream(*leaving, "b");
    CHECK(world.owner.host.exchanges() == 2);
    leaving->link.post(net::FrameKind::bye, world.owner.link.id());
    world.time.advance(10);
    CHECK(world.state("b").find("closed=1") != std::string::npos);
    CHECK(world.owner.host.exchanges() == 1);
    crashed->tab->close();  // it says nothing
    world.time.advance(ChannelHost::kLeaseMs - 60'000);
    CHECK(world.owner.host.exchanges() == 1);
    world.time.advance(120'000);
    CHECK(world.owner.host.exchanges() == 0);
    CHECK(world.state("a").find("closed=1") != std::string::npos);
}

TEST_CASE("an owner that has dropped a tab's exchanges tells it at the next ping [X1]") {
    World world;
    auto client = world.client();
    auto stream = world.stream(*client, "a");
    // As after a long sleep: the lease has ended there, here the exchange looks open.
    client->link.post(net::FrameKind::bye, world.owner.link.id());
    world.time.advance(10);
    CHECK_FALSE(stream->done);
    world.time.advance(2 * ChannelClient::kPingMs);
    REQUIRE(stream->done);
    CHECK(stream->error->code == base::ErrorCode::unavailable);
    auto again = channel_rig::send(*client, {.target = "/echo"});
    world.time.advance(50);
    CHECK((again->done && !again->error));
}

TEST_CASE("a lost message ends the exchange: what was missed is not skipped silently [X1]") {
    World world;
    auto client = world.client();
    auto stream = world.stream(*client, "a");
    client->tab->freeze(true);
    world.control("a", "write", "unheard");
    client->tab->freeze(false);
    CHECK_FALSE(stream->done);
    world.control("a", "write", "heard");
    REQUIRE(stream->done);
    CHECK(stream->error->code == base::ErrorCode::unavailable);
    CHECK(stream->body == "begun");
    CHECK(world.state("a").find("closed=1") != std::string::npos);
}

TEST_CASE("an end that was lost is noticed by the next ping") {
    World world;
    auto client = world.client();
    auto stream = world.stream(*client, "a");
    client->tab->freeze(true);
    world.control("a", "end");
    client->tab->freeze(false);
    world.time.advance(2 * ChannelClient::kPingMs);
    REQUIRE(stream->done);
    CHECK(stream->error->code == base::ErrorCode::unavailable);
}

TEST_CASE("1 MB bodies cost their own size on the channel, and a line for each 64 KiB") {
    World world;
    auto client = world.client();
    std::string body(1024 * 1024, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = support::pattern_byte(i);
    const auto before = world.browser.posted().size();
    auto seen = channel_rig::send(*client, {.method = "POST", .target = "/echo", .body = body});
    world.time.advance(1000);
    REQUIRE((seen->done && !seen->error));
    CHECK(seen->body == body);
    std::size_t posted_bytes = 0;
    for (std::size_t i = before; i < world.browser.posted().size(); ++i) {
        posted_bytes += world.browser.posted()[i].size();
        CHECK(world.browser.posted()[i].size() <= net::kFrameDataBytes + 256);
    }
    CHECK(posted_bytes < 2 * body.size() + 2 * body.size() / 200);
}

TEST_CASE("a slow reader: the owner sends one window beyond what was read, then stops") {
    World world;
    auto client = world.client();
    auto seen = channel_rig::send(*client, {.target = "/bytes?n=8000000&chunk=10000&key=a"});
    seen->handle.set_paused(true);
    const auto before = world.browser.posted().size();
    world.time.advance(10'000);
    std::size_t posted_bytes = 0;
    for (std::size_t i = before; i < world.browser.posted().size(); ++i) posted_bytes += world.browser.posted()[i].size();
    CHECK(posted_bytes < static_cast<std::size_t>(net::kCreditWindowBytes) + 16 * 1024);
    CHECK(world.state("a").find("ended=0") != std::string::npos);
    // Others are not held up.
    auto other = channel_rig::send(*client, {.target = "/echo"});
    world.time.advance(50);
    CHECK(other->done);
    seen->handle.set_paused(false);
    world.time.advance(10'000);
    CHECK((seen->done && !seen->error && seen->body.size() == 8'000'000));
}

TEST_CASE("interleaved exchanges of several tabs do not mix") {
    World world;
    std::vector<std::unique_ptr<ClientTab>> clients;
    std::vector<std::unique_ptr<Seen>> all;
    for (int tab = 0; tab < 4; ++tab) clients.push_back(world.client());
    for (int i = 0; i < 40; ++i) {
        std::string body(static_cast<std::size_t>(1 + i * 9001), static_cast<char>('a' + i % 26));
        all.push_back(channel_rig::send(*clients[static_cast<std::size_t>(i % 4)], {.method = "POST", .target = "/echo/" + std::to_string(i), .body = std::move(body)}));
    }
    world.time.advance(5000);
    for (int i = 0; i < 40; ++i) {
        const Seen& seen = *all[static_cast<std::size_t>(i)];
        CAPTURE(i);
        CHECK((seen.done && !seen.error));
        CHECK(seen.body == std::string(static_cast<std::size_t>(1 + i * 9001), static_cast<char>('a' + i % 26)));
    }
    CHECK(world.owner.host.tabs() == 4);
    CHECK(world.owner.host.exchanges() == 0);
}

TEST_CASE("frames that make no sense change nothing: strangers, old exchanges, other owners, nonsense [X7]") {
    World world;
    auto client = world.client();
    auto stream = world.stream(*client, "a");
    const std::string owner = world.owner.link.id();
    const std::string reader = client->link.id();
    const std::string stranger(24, 'e');
    const auto frame = [](net::FrameKind kind, const std::string& from, const std::string& to, std::uint64_t exchange, std::int64_t number, std::string_view payload) {
        return net::write_frame({kind, from, to, exchange, number, payload});
    };
    using net::FrameKind;
    for (const std::string& text : {
             std::string("hello"), std::string(R"({"kind":"theme"})"), std::string(2'000'000, 'x'),
             frame(FrameKind::data, stranger, reader, 1, 5, "forged by a dead owner"),
             frame(FrameKind::error, stranger, reader, 1, 0, "unavailable\nforged"),
             frame(FrameKind::data, owner, reader, 99, 0, "nobody asked"),
             frame(FrameKind::credit, stranger, owner, 1, 1 << 30, ""),
             frame(FrameKind::cancel, stranger, owner, 1, 0, ""),
             frame(FrameKind::body, stranger, owner, 1, 0, "x"),
             frame(FrameKind::request, stranger, owner, 5, 0, "nonsense"),
             frame(FrameKind::request, stranger, owner, 6, std::int64_t{1} << 40, "POST /echo\n"),
             frame(FrameKind::ping, stranger, owner, 0, 0, "1 2 x -4 99999999999999999999999"),
             frame(FrameKind::bye, stranger, owner, 0, 0, ""),
         }) {
        world.post(text);
    }
    CHECK_FALSE(stream->done);
    CHECK(stream->body == "begun");
    world.control("a", "write", ", goes on");
    CHECK(stream->body == "begun, goes on");
    // A request whose body comes in the wrong place is refused, not served.
    const auto before = world.browser.posted().size();
    world.post(frame(FrameKind::request, stranger, owner, 7, 10, "POST /echo\n"));
    world.post(frame(FrameKind::body, stranger, owner, 7, 5, "later"));
    CHECK(world.browser.posted().size() == before + 3);
    CHECK(net::read_frame(world.browser.posted().back())->kind == FrameKind::error);
}

TEST_CASE("a hidden owner is pulsed by the pings of visible tabs, a visible one is not") {
    World world;
    auto client = world.client();
    auto stream = world.stream(*client, "a");
    world.time.advance(10'000);
    CHECK(world.owner.pings == 0);
    world.owner.host.set_hidden(true);
    world.time.advance(10'000);
    CHECK(world.owner.pings >= 9);
}

TEST_CASE("no exchanges, no messages: an idle client wakes nobody") {
    World world;
    auto client = world.client();
    auto seen = channel_rig::send(*client, {.target = "/echo"});
    world.time.advance(10'000);
    CHECK(seen->done);
    const auto before = world.browser.messages();
    world.time.advance(600'000);
    CHECK(world.browser.messages() == before);
}
