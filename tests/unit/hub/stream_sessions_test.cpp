// The hub's end of the shared stream, as bytes: ids, resuming, limits, owners, validation.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "net/stream_frame.hpp"
#include "support/behaviour_handler.hpp"
#include "unit/hub/hub_rig.hpp"
#include "unit/hub/mux_rig.hpp"
#include "unit/hub/watch_rig.hpp"

using namespace hub;
using hub::testing::MuxServer;

namespace {

constexpr const char* kCid = "0b8e2c34-7d54-4f0e-9a3b-111111111111";
constexpr const char* kOther = "0b8e2c34-7d54-4f0e-9a3b-222222222222";

struct Frame {
    std::string type, data, id;
    [[nodiscard]] Json json() const {
        auto parsed = base::parse_json(data);
        return parsed ? *parsed : Json();
    }
};

struct Connection {
    net::RequestHandle handle;
    int status = 0;
    bool done = false;
    std::string bytes;
    wire::SseParser parser;
    std::vector<Frame> frames;
    [[nodiscard]] std::vector<Frame> of(const std::string& type) const {
        std::vector<Frame> found;
        std::copy_if(frames.begin(), frames.end(), std::back_inserter(found), [&](const Frame& frame) { return frame.type == type; });
        return found;
    }
    [[nodiscard]] std::string last_id() const { return frames.empty() ? std::string() : frames.back().id; }
};

struct World {
    explicit World(StreamSessionOptions options = {}) : server(time, handler, options) {}
    std::unique_ptr<Connection> connect(const std::string& cid = kCid, const std::string& last_event_id = {}) {
        auto connection = std::make_unique<Connection>();
        Connection* raw = connection.get();
        net::Request request{.target = "/api/watch/stream?cid=" + cid};
        if (!last_event_id.empty()) request.headers.set("last-event-id", last_event_id);
        connection->handle = client.send(std::move(request), {.on_head = [raw](net::ResponseHead head) { raw->status = head.status; },
                                                              .on_data =
                                                                  [raw](std::string_view bytes) {
                                                                      raw->bytes += bytes;
                                                                      raw->parser.feed(bytes, [raw](const wire::SseEvent& event) {
                                                                          raw->frames.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
                                                                      });
                                                                  },
                                                              .on_done = [raw](base::Result<void>) { raw->done = true; }});
        time.advance(10);
        return connection;
    }
    net::Response post(const std::string& action, Json body, const std::string& cid = kCid) {
        if (!body.contains("clientId")) body["clientId"] = cid;
        net::Response answer;
        const auto handle = net::fetch(client, {.method = "POST", .target = "/api/watch/" + action, .body = dump_json(body)}, [&](base::Result<net::Response> response) {
            if (response) answer = *response;
        });
        time.advance(10);
        return answer;
    }
    net::Response open(const std::string& id, const std::string& target) { return post("subscribe", {{"stream", {{"id", id}, {"target", "/v1/api" + target}}}}); }
    void control(const std::string& key, const std::string& op, std::string body = {}) {
        const auto handle = net::fetch(client, {.method = "POST", .target = "/v1/api/control?key=" + key + "&op=" + op, .body = std::move(body)}, [](const base::Result<net::Response>&) {});
        time.advance(10);
    }

    base::testing::VirtualScheduler time;
    support::BehaviourHandler handler;
    MuxServer server;
    net::LoopbackClient client{time, server};
};

}  // namespace

TEST_CASE("the stream begins with connected and beats every five seconds, under the id of the last frame") {
    World world;
    const auto stream = world.connect();
    REQUIRE(stream->frames.size() == 1);
    CHECK(stream->frames[0].type == "connected");
    CHECK(stream->frames[0].json() == Json{{"clientId", kCid}, {"resumed", false}});
    world.time.advance(30'000);
    const auto beats = stream->of("heartbeat");
    CHECK(beats.size() == 6);
    CHECK(beats[0].json().at("ts").get<std::int64_t>() > 1'700'000'000'000);
    CHECK(std::all_of(beats.begin(), beats.end(), [&](const Frame& beat) { return beat.id == stream->frames[0].id; }));
}

TEST_CASE("a channel's frames are its head, its bytes with their offsets, and its end") {
    World world;
    const auto stream = world.connect();
    CHECK(world.open("a1", "/hold?key=a").status == 200);
    world.control("a", "start");
    world.control("a", "write", "event: x\ndata: 1\n\n");
    world.control("a", "write", std::string("\xff\x00\r\n", 4));
    world.control("a", "end");
    const auto heads = stream->of("head");
    REQUIRE(heads.size() == 1);
    const auto head = net::read_stream_head(heads[0].data);
    REQUIRE(head);
    CHECK(head->head.status == 200);
    const auto data = stream->of("data");
    REQUIRE(data.size() == 2);
    std::string scratch;
    const auto first = net::read_stream_data(data[0].data, scratch);
    REQUIRE(first);
    CHECK(first->channel == "a1");
    CHECK(first->offset == 0);
    CHECK(first->bytes == "event: x\ndata: 1\n\n");
    const auto second = net::read_stream_data(data[1].data, scratch);
    REQUIRE(second);
    CHECK(second->offset == 18);
    CHECK(second->bytes == std::string_view("\xff\x00\r\n", 4));
    const auto ends = stream->of("end");
    REQUIRE(ends.size() == 1);
    CHECK(net::read_stream_end(ends[0].data)->bytes == 22);
}

TEST_CASE("a reconnect with Last-Event-ID gets exactly the frames after it, with their ids") {
    World world;
    auto stream = world.connect();
    world.open("a1", "/hold?key=a");
    world.control("a", "write", "one");
    const std::string last = stream->last_id();
    stream->handle.cancel();
    world.time.advance(10);
    world.control("a", "write", "two");
    world.control("a", "write", "three");
    stream = world.connect(kCid, last);
    REQUIRE(stream->frames.size() == 3);
    CHECK(stream->frames[0].json().at("resumed") == true);
    CHECK(stream->frames[0].id == last);
    CHECK(stream->frames[1].data == "a1 3 t\ntwo");
    CHECK(stream->frames[2].data == "a1 6 t\nthree");
    CHECK(std::stoull(stream->frames[2].id) == std::stoull(last) + 2);
    // The cut came before anything of that had arrived: the same again.
    stream->handle.cancel();
    world.time.advance(10);
    stream = world.connect(kCid, last);
    CHECK(stream->frames.size() == 3);
}

TEST_CASE("a reconnect that cannot be served begins anew, with everything closed") {
    World world;
    for (const char* id : {"", "0", "999", "-1", "x", "99999999999999999999999"}) {
        auto stream = world.connect();
        world.open("a1", "/hold?key=a");
        world.control("a", "start");
        CHECK(world.server.open_channels() == 1);
        stream->handle.cancel();
        world.time.advance(10);
        stream = world.connect(kCid, id);
        INFO("Last-Event-ID: " << id);
        REQUIRE_FALSE(stream->frames.empty());
        CHECK(stream->frames[0].json().at("resumed") == false);
        CHECK(world.server.open_channels() == 0);
        CHECK(world.post("subscribe", {{"stream", {{"id", "a1"}, {"target", "/v1/api/hold?key=a"}}}}).status == 200);
        world.post("unsubscribe", {{"channel", "a1"}});
    }
}

TEST_CASE("a second connection with the same id takes over, and the end of the first changes nothing") {
    World world;
    auto first = world.connect();
    world.open("a1", "/hold?key=a");
    auto second = world.connect(kCid, first->last_id());
    CHECK(first->done);
    first->handle.cancel();
    world.time.advance(200'000);
    world.control("a", "write", "still here");
    CHECK(second->of("data").size() == 1);
    CHECK(world.server.sessions->stats().at("clients") == 1);
}

TEST_CASE("a client without a connection is forgotten after two minutes, with what it had open") {
    World world;
    auto stream = world.connect();
    world.open("a1", "/hold?key=a");
    stream->handle.cancel();
    world.time.advance(119'000);
    CHECK(world.server.sessions->stats() == Json{{"clients", 1}, {"away", 1}, {"streams", {{"/v1/api/hold", 1}}}});
    world.time.advance(2'000);
    CHECK(world.server.sessions->stats() == Json{{"clients", 0}, {"away", 0}, {"streams", Json::object()}});
    CHECK(world.post("credit", {{"ack", "1"}}).body.find("unknown_client") != std::string::npos);
}

TEST_CASE("above the limit of clients the stream is an error frame, and those that are away make room") {
    World world({.max_clients = 2});
    const auto cid = [](int n) { return "0b8e2c34-7d54-4f0e-9a3b-00000000000" + std::to_string(n); };
    auto a = world.connect(cid(1));
    auto b = world.connect(cid(2));
    auto c = world.connect(cid(3));
    REQUIRE(c->frames.size() == 1);
    CHECK(c->frames[0].type == "error");
    CHECK(c->frames[0].json() == Json{{"message", "Too many connections"}});
    CHECK(c->done);
    b->handle.cancel();
    world.time.advance(10);
    auto d = world.connect(cid(4));
    CHECK(d->frames[0].type == "connected");
    CHECK(world.server.sessions->stats().at("clients") == 2);
}

TEST_CASE("without credit a channel's producer stops, while another goes on") {
    World world;
    auto stream = world.connect();
    world.open("big", "/bytes?n=3000000&chunk=65536&key=big");
    world.time.advance(1'000);
    const auto sent_of = [&](const std::string& id) {
        std::int64_t bytes = 0;
        std::string scratch;
        for (const Frame& frame : stream->of("data")) {
            const auto data = net::read_stream_data(frame.data, scratch);
            if (data && data->channel == id) bytes += static_cast<std::int64_t>(data->bytes.size());
        }
        return bytes;
    };
    CHECK(sent_of("big") == net::kStreamWindowBytes);
    world.open("small", "/bytes?n=1000&chunk=100");
    CHECK(sent_of("small") == 1'000);
    CHECK(world.post("credit", {{"channels", {{"big", 100'000}}}}).status == 200);
    world.time.advance(1'000);
    CHECK(sent_of("big") == net::kStreamWindowBytes + 100'000);
    // Less than before, more than was sent, an unknown channel: nothing changes.
    for (const auto& [id, bytes] : {std::pair{"big", 5}, std::pair{"big", 90'000'000}, std::pair{"ghost", 1}}) world.post("credit", {{"channels", {{id, bytes}}}});
    world.time.advance(1'000);
    CHECK(sent_of("big") == net::kStreamWindowBytes + 100'000);
}

TEST_CASE("a client that acknowledges never loses what it has not, however long it is away") {
    World world({.kept_bytes = 256 * 1024});
    auto stream = world.connect();
    world.post("credit", {{"ack", stream->last_id()}});
    world.open("a", "/bytes?n=600000&chunk=10000&key=a");
    const std::string last = stream->last_id();
    stream->handle.cancel();
    world.time.advance(60'000);
    std::string got;
    std::string scratch;
    const auto collect = [&] {
        for (const Frame& frame : stream->of("data")) {
            const auto data = net::read_stream_data(frame.data, scratch);
            REQUIRE(data);
            if (data->offset == static_cast<std::int64_t>(got.size())) got += data->bytes;
        }
    };
    // What had arrived before the cut.
    collect();
    CHECK(got.size() < 300'000);
    stream = world.connect(kCid, last);
    CHECK(stream->frames[0].json().at("resumed") == true);
    for (int i = 0; i < 20; ++i) {
        world.time.advance(100);
        collect();
        world.post("credit", {{"ack", stream->last_id()}, {"channels", {{"a", got.size()}}}});
    }
    collect();
    CHECK(got.size() == 600'000);
}

TEST_CASE("a POST is refused with a reason: no such client, somebody else's, malformed") {
    World world;
    const auto reason = [](const net::Response& response) {
        const auto body = base::parse_json(response.body);
        return body && body->contains("reason") ? (*body)["reason"].get<std::string>() : std::string();
    };
    const Json stream = {{"stream", {{"id", "a"}, {"target", "/v1/api/hold?key=a"}}}};
    for (const char* action : {"subscribe", "unsubscribe", "credit"}) {
        Json body = stream;
        body["channel"] = "a";
        const net::Response answer = world.post(action, body);
        CHECK(answer.status == 400);
        CHECK(reason(answer) == "unknown_client");
        CHECK(world.post(action, {{"clientId", "not-a-uuid"}, {"channel", "a"}, {"stream", stream.at("stream")}}).status == 400);
    }
    const auto connection = world.connect();
    world.server.user.id = "grace";
    const net::Response answer = world.open("a", "/hold?key=a");
    CHECK(answer.status == 403);
    CHECK(reason(answer) == "other_owner");
    CHECK(world.connect()->status == 403);
}

TEST_CASE("a channel carries streams of the hub only, under ids and headers that can be such") {
    World world;
    const auto connection = world.connect();
    const auto open = [&](Json stream) { return world.post("subscribe", {{"stream", std::move(stream)}}).status; };
    CHECK(open({{"id", "ok"}, {"target", "/v1/api/hold?key=a"}, {"headers", Json::array({Json::array({"last-event-id", "7"})})}}) == 200);
    for (const char* target : {"", "/", "/api/watch/stream?cid=x", "/api/%77atch/stats", "/v1/api/../k8s/api", "/k8s/api/v1/pods", "http://elsewhere/v1/api/x", "/v1/apix", "/api"}) {
        INFO(target);
        CHECK(open({{"id", "b"}, {"target", target}}) == 400);
    }
    for (const char* id : {"", "a b", "ä", "a\n", "12345678901234567890123456789012345678901234567890123456789012345"}) {
        INFO(id);
        CHECK(open({{"id", id}, {"target", "/v1/api/hold?key=a"}}) == 400);
    }
    CHECK(open({{"id", "b"}, {"target", "/v1/api/echo"}, {"headers", Json::array({Json::array({"a b", "c"})})}}) == 400);
    CHECK(open({{"id", "b"}, {"target", "/v1/api/echo"}, {"headers", Json::array({Json::array({"a", "b\r\nc: d"})})}}) == 400);
    CHECK(open({{"id", "b"}, {"target", "/v1/api/echo"}, {"headers", Json::array({Json::array({"a"})})}}) == 400);
    CHECK(open({{"id", "ok"}, {"target", "/v1/api/hold?key=a"}}) == 200);  // the same again
    CHECK(open({{"id", "ok"}, {"target", "/v1/api/hold?key=b"}}) == 409);
    CHECK(world.server.open_channels() == 1);
}

TEST_CASE("a watch's subscription is checked, and each mistake named") {
    const auto problems = [](const Json& body) {
        const auto spec = read_watch_spec(body);
        return spec ? std::string() : spec.error().message;
    };
    CHECK(problems({{"resourceType", "api/v1/pods"}, {"namespace", "default"}, {"userScoped", true}, {"labelSelector", "app in (a,b)"}}) == "");
    CHECK(problems({{"resourceType", "apis/networking.datumapis.com/v1alpha/domains"}, {"projectId", "proj-abc"}, {"orgId", "acme"}, {"name", "example.org"}}) == "");
    CHECK(problems(Json::object()).find("resourceType") != std::string::npos);
    for (const char* type : {"pods", "api/v1", "apis/apps/v1/deployments/web", "../v1/pods", "api/v1/pods?watch=1"}) {
        INFO(type);
        CHECK(problems({{"resourceType", type}}).find("resourceType") != std::string::npos);
    }
    CHECK(problems({{"resourceType", "api/v1/pods"}, {"namespace", "../x"}}).find("namespace") != std::string::npos);
    CHECK(problems({{"resourceType", "api/v1/pods"}, {"projectId", "a/b"}, {"name", ".."}}).find("projectId") != std::string::npos);
    CHECK(problems({{"resourceType", "api/v1/pods"}, {"labelSelector", "a\nb"}}).find("labelSelector") != std::string::npos);
    CHECK(problems({{"resourceType", 7}, {"userScoped", "yes"}}).find("userScoped") != std::string::npos);
}

TEST_CASE("a watch that ended with its last word takes no place of its client's any more [H7]") {
    hub::testing::WatchRig rig(AuthMode::builtin);
    rig.add_staging({{.user_id = "ben", .role = "viewer", .namespaces = {}}});
    support::BehaviourHandler handler;
    MuxServer server(rig.time, handler, {.max_channels = 1}, &rig.hub());
    server.user = rig.user("ben");
    net::LoopbackClient client(rig.time, server);
    const auto stream = client.send({.target = std::string("/api/watch/stream?cid=") + kCid}, {});
    rig.time.run_ready();
    const auto subscribe = [&](const char* cluster) {
        const Json body = {{"clientId", kCid}, {"resourceType", "api/v1/pods"}, {"namespace", "default"}, {"cluster", cluster}};
        int status = 0;
        const auto handle = net::fetch(client, {.method = "POST", .target = "/api/watch/subscribe", .body = dump_json(body)}, [&](base::Result<net::Response> response) {
            if (response) status = response->status;
        });
        rig.time.run_ready();
        return status;
    };
    CHECK(subscribe("staging") == 200);
    CHECK(subscribe("") == 400);  // it has its one
    rig.change_staging([](ClusterRecord& record) { record.shares.clear(); });
    CHECK(subscribe("") == 200);
}

TEST_CASE("frames of a fan-out are kept once") {
    base::testing::VirtualScheduler time;
    support::BehaviourHandler handler;
    MuxServer server(time, handler);
    net::LoopbackClient client(time, server);
    std::vector<net::RequestHandle> handles;
    std::size_t bytes = 0;
    for (const char* cid : {kCid, kOther}) {
        handles.push_back(client.send({.target = std::string("/api/watch/stream?cid=") + cid}, {.on_head = {}, .on_data = [&](std::string_view piece) { bytes += piece.size(); }, .on_done = {}}));
    }
    time.advance(10);
    const std::string data = "{\"channel\":\"c\",\"text\":\"" + std::string(1'000, 'x') + "\"}";
    bytes = 0;
    for (const char* cid : {kCid, kOther}) CHECK((*server.sessions->find(server.user, cid))->send("watch", data));
    CHECK(server.sessions->frames_made() == 3);  // two greetings, one event
    time.advance(10);
    CHECK(bytes > 2 * data.size());
}
