// The cases of the seam suite. References into the context stay valid for the whole case.
#include <string>

#include "support/behaviour_handler.hpp"
#include "support/http_behaviour.hpp"

namespace support {

namespace {

using Task = BehaviourTask;
using Context = BehaviourContext;

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = pattern_byte(i);
    return bytes;
}

std::uint64_t checksum_of(std::string_view bytes) {
    Checksum sum;
    sum.add(bytes);
    return sum.value();
}

bool failed_with(const Recording& r, base::ErrorCode code) { return r.done && r.error && r.error->code == code; }
bool succeeded(const Recording& r) { return r.done && !r.error; }

Task callbacks_come_in_order(Context& t) {
    auto& r = t.get("/bytes?n=1000&chunk=100&" + t.key());
    t.check(r.heads == 0 && r.chunks == 0 && !r.done, "nothing happens inside send()");
    co_await t.finished(r);
    t.check(succeeded(r), "success");
    t.check(r.heads == 1 && r.status == 200, "one head, 200");
    t.check(r.body.size() == 1000, "all bytes: " + std::to_string(r.body.size()));
    t.check(r.body == pattern(1000), "the bytes in order");
}

Task empty_body(Context& t) {
    auto& r = t.get("/echo");
    co_await t.finished(r);
    t.check(succeeded(r) && r.status == 200, "success");
    t.check(r.chunks == 0 && r.body.empty(), "no on_data for an empty body");
    t.check(r.header("X-Body-Bytes") == "0", "the server saw no body");
}

Task binary_body(Context& t) {
    std::string bytes;
    for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(i & 0xff);
    bytes += std::string(5, '\0');
    auto& r = t.send({.method = "POST", .target = "/echo", .body = bytes});
    co_await t.finished(r);
    t.check(succeeded(r), "success");
    t.check(r.body == bytes, "every byte value survives both ways");
}

Task ten_megabytes_down(Context& t) {
    constexpr std::size_t kBytes = 10 * 1024 * 1024;
    auto& r = t.get("/bytes?n=" + std::to_string(kBytes) + "&chunk=65536&" + t.key());
    co_await t.finished(r);
    t.check(succeeded(r), "success");
    t.check(r.body.size() == kBytes, "all bytes: " + std::to_string(r.body.size()));
    t.check(checksum_of(r.body) == checksum_of(pattern(kBytes)), "the right bytes");
}

Task five_megabytes_up(Context& t) {
    std::string bytes = pattern(5 * 1024 * 1024);
    const std::string expected = std::to_string(bytes.size()) + " " + std::to_string(checksum_of(bytes));
    auto& r = t.send({.method = "POST", .target = "/sum", .body = std::move(bytes)});
    co_await t.finished(r);
    t.check(succeeded(r) && r.status == 200, "success");
    t.check(r.body == expected, "the server got " + r.body + ", expected " + expected);
}

Task many_chunks_in_order(Context& t) {
    auto& r = t.get("/bytes?n=3000&chunk=1&" + t.key());
    co_await t.finished(r);
    t.check(succeeded(r), "success");
    t.check(r.body == pattern(3000), "3,000 writes of one byte arrive in order");
}

Task chunk_by_chunk(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("start"));
    co_await t.until("the head alone", [&] { return r.heads == 1; });
    t.check(r.body.empty() && !r.done, "a head arrives before any body");
    std::string expected;
    for (int i = 0; i < 5; ++i) {
        const std::string chunk = "data: " + std::to_string(i) + "\n\n";
        expected += chunk;
        co_await t.finished(t.control("write", chunk));
        // The next chunk is not produced before this one has arrived.
        co_await t.until("a chunk by itself", [&] { return r.body == expected; });
        t.check(!r.done, "still streaming");
    }
    co_await t.finished(t.control("end"));
    co_await t.finished(r);
    t.check(succeeded(r) && r.body == expected, "ends in success");
}

Task late_answer(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    t.check(r.heads == 0, "no head yet");
    co_await t.finished(t.control("respond", "at last"));
    co_await t.finished(r);
    t.check(succeeded(r) && r.body == "at last", "the late answer");
}

Task error_status_with_body(Context& t) {
    for (int code : {400, 401, 404, 409, 422, 500, 503}) {
        auto& r = t.get("/status?code=" + std::to_string(code));
        co_await t.finished(r);
        t.check(succeeded(r), "an HTTP error status is no transport error");
        t.check(r.status == code, "status " + std::to_string(code) + " arrives as " + std::to_string(r.status));
        t.check(r.body == "{\"error\":\"status " + std::to_string(code) + "\"}", "with its body: " + r.body);
    }
}

Task headers_both_ways(Context& t) {
    auto& r = t.send({.method = "GET", .target = "/echo", .headers = {{"X-Send-Plain", "abc"}, {"x-SEND-mixed", "A b; c=\"d\""}}});
    auto& h = t.get("/headers");
    co_await t.finished(r);
    co_await t.finished(h);
    t.check(r.headers.get("x-seen-plain") == "abc", "a request header reaches the server");
    t.check(r.headers.get("X-SEEN-MIXED") == "A b; c=\"d\"", "names compare without case, values stay");
    t.check(h.header("x-twice") == "one, two", "both values of a repeated header: " + h.header("x-twice"));
    t.check(h.header("X-Mixed-Case") == "Value Kept As Is", "mixed case name");
    t.check(h.headers.get("content-type") == "text/plain", "content type");
    t.check(!h.headers.has("x-missing") && h.headers.get("x-missing").empty(), "a missing header");
}

Task methods_with_bodies(Context& t) {
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
        auto& r = t.send({.method = method, .target = "/echo", .headers = {{"Content-Type", "application/json"}}, .body = "{\"a\":1}"});
        co_await t.finished(r);
        t.check(succeeded(r) && r.status == 200, std::string(method) + " succeeds");
        t.check(r.header("X-Method") == method, "the method arrives: " + r.header("X-Method"));
        t.check(r.body == "{\"a\":1}", std::string(method) + "'s body arrives");
    }
    auto& bare = t.send({.method = "DELETE", .target = "/echo"});
    co_await t.finished(bare);
    t.check(succeeded(bare) && bare.header("X-Body-Bytes") == "0", "DELETE without a body");
}

Task head_request(Context& t) {
    auto& r = t.send({.method = "HEAD", .target = "/echo", .headers = {{"X-Send-A", "1"}}});
    co_await t.finished(r);
    t.check(succeeded(r) && r.status == 200, "success");
    t.check(r.header("X-Method") == "HEAD" && r.header("X-Seen-A") == "1", "the headers are there");
    t.check(r.chunks == 0, "no body");
    auto& stream = t.send({.method = "HEAD", .target = "/status?code=404"});
    co_await t.finished(stream);
    t.check(succeeded(stream) && stream.status == 404 && stream.chunks == 0, "a body the handler writes is not delivered");
    auto& after = t.get("/echo");
    co_await t.finished(after);
    t.check(succeeded(after) && after.status == 200, "the connection is fine afterwards");
}

Task no_content(Context& t) {
    auto& r = t.get("/status?code=204");
    co_await t.finished(r);
    t.check(succeeded(r) && r.status == 204 && r.chunks == 0, "204 without body");
    auto& after = t.get("/echo");
    co_await t.finished(after);
    t.check(succeeded(after) && after.status == 200, "the connection is fine afterwards");
}

Task targets_stay_as_they_are(Context& t) {
    for (const char* target : {"/echo/a%2Fb%20c/%C3%A9", "/echo/x?q=%26%3D&plus=a+b&pct=%25&empty=", "/echo/a:b@c,d;e=f?u=http://h/p"}) {
        auto& r = t.get(target);
        co_await t.finished(r);
        t.check(r.header("X-Target") == target, std::string(target) + " arrives as " + r.header("X-Target"));
    }
}

Task cancel_before_head(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    r.drop();
    co_await t.finished(t.wait_for("closed"));
    t.check(r.heads == 0 && !r.done, "no callback");
}

Task cancel_at_once(Context& t) {
    auto& r = t.get("/echo");
    r.drop();
    // Some round trips, so that a late callback would show.
    for (int i = 0; i < 3; ++i) co_await t.finished(t.get("/echo"));
    t.check(r.heads == 0 && !r.done, "no callback");
}

Task cancel_in_mid_body(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("write", "first"));
    co_await t.until("the first chunk", [&] { return r.body == "first"; });
    r.drop();
    co_await t.finished(t.wait_for("closed"));
    co_await t.finished(t.state());
    t.check(r.body == "first" && !r.done, "nothing after the drop");
}

Task cancel_in_on_head(Context& t) {
    auto& r = t.get("/bytes?n=100000000&chunk=65536&" + t.key());
    r.then_on_head = [&r] { r.drop(); };
    co_await t.until("the head", [&] { return r.heads == 1; });
    co_await t.finished(t.wait_for("closed"));
    t.check(r.chunks == 0 && !r.done, "nothing after the drop");
}

Task cancel_in_on_data(Context& t) {
    auto& r = t.get("/bytes?n=100000000&chunk=65536&" + t.key());
    r.then_on_data = [&r] { r.drop(); };
    co_await t.until("the first chunk", [&] { return r.chunks == 1; });
    co_await t.finished(t.wait_for("closed"));
    t.check(r.chunks == 1 && !r.done, "nothing after the drop");
}

Task cancel_in_on_done(Context& t) {
    auto& r = t.get("/bytes?n=1000&chunk=100&" + t.key());
    r.then_on_done = [&r] { r.drop(); };
    co_await t.finished(r);
    for (int i = 0; i < 3; ++i) co_await t.finished(t.get("/echo"));
    t.check(succeeded(r) && r.body.size() == 1000, "done once, with everything");
}

Task end_is_not_a_close(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("respond", "bye"));
    co_await t.finished(r);
    r.drop();
    for (int i = 0; i < 3; ++i) co_await t.finished(t.get("/echo"));
    auto& state = t.state();
    co_await t.finished(state);
    t.check(state.body.find("closed=0") != std::string::npos, "on_close does not follow end(): " + state.body);
}

Task abort_in_mid_body(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("write", "some bytes"));
    co_await t.until("the bytes", [&] { return r.body == "some bytes"; });
    co_await t.finished(t.control("abort"));
    co_await t.finished(r);
    t.check(failed_with(r, base::ErrorCode::unavailable), "an `unavailable` error");
    t.check(r.heads == 1 && r.body == "some bytes", "after the bytes");
}

Task dropped_writer_in_mid_body(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("write", "x"));
    co_await t.until("the byte", [&] { return r.body == "x"; });
    co_await t.finished(t.control("drop"));
    co_await t.finished(r);
    t.check(failed_with(r, base::ErrorCode::unavailable), "dropping the writer is an abort");
}

Task dropped_writer_before_start(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("drop"));
    co_await t.finished(r);
    t.check(succeeded(r) && r.status == 500, "an answer of 500");
}

Task head_timeout(Context& t) {
    const auto start_ms = t.rig().scheduler().clock().monotonic_ms();
    auto& r = t.send({.target = "/hold?" + t.key(), .head_timeout_ms = 150});
    co_await t.finished(r);
    t.check(failed_with(r, base::ErrorCode::timed_out), "timed_out");
    t.check(t.rig().scheduler().clock().monotonic_ms() - start_ms >= 149, "not before its time");
    co_await t.finished(t.wait_for("closed"));
    t.check(r.heads == 0, "no head");
}

Task no_head_timeout_after_the_head(Context& t) {
    auto& r = t.send({.target = "/hold?" + t.key(), .head_timeout_ms = 150});
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("start"));
    co_await t.until("the head, or its timeout on a very slow machine", [&] { return r.heads == 1 || r.done; });
    if (r.done) {
        t.skip("this machine took more than 150 ms for two requests");
        co_return;
    }
    bool later = false;
    auto timer = t.rig().scheduler().after(300, [&later] { later = true; });
    co_await t.until("twice the head timeout", [&] { return later; });
    t.check(!r.done, "the head timeout ends with the head");
    co_await t.finished(t.control("end"));
    co_await t.finished(r);
    t.check(succeeded(r), "success");
}

Task idle_timeout(Context& t) {
    auto& r = t.send({.target = "/hold?" + t.key(), .idle_timeout_ms = 150});
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("write", "one"));
    co_await t.finished(r);
    t.check(failed_with(r, base::ErrorCode::timed_out), "timed_out");
    t.check(r.heads == 1 && r.body == "one", "after the bytes");
    co_await t.finished(t.wait_for("closed"));
}

Task heartbeat_resets_idle_timeout(Context& t) {
    constexpr std::int64_t kIdleMs = 400;
    const base::Clock& clock = t.rig().scheduler().clock();
    auto& r = t.send({.target = "/hold?" + t.key(), .idle_timeout_ms = kIdleMs});
    std::int64_t last_byte_ms = 0;
    std::int64_t done_ms = 0;
    r.then_on_data = [&] { last_byte_ms = clock.monotonic_ms(); };
    r.then_on_done = [&] { done_ms = clock.monotonic_ms(); };
    co_await t.finished(t.wait_for("opened"));
    for (int i = 0; i < 12 && !r.done; ++i) {
        co_await t.finished(t.control("write", ":\n"));
        bool later = false;
        auto timer = t.rig().scheduler().after(50, [&later] { later = true; });
        co_await t.until("the next heartbeat", [&] { return later; });
    }
    co_await t.finished(r);
    t.check(failed_with(r, base::ErrorCode::timed_out), "silence ends it");
    // Not a margin: however slow the machine, the error follows the last byte by the full timeout.
    t.check(done_ms - last_byte_ms >= kIdleMs - 1,
            "each byte starts the time anew: " + std::to_string(done_ms - last_byte_ms) + " ms after the last one");
}

Task pause_and_resume(Context& t) {
    auto& r = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("write", "one"));
    co_await t.until("the first chunk", [&] { return r.body == "one"; });
    r.handle.set_paused(true);
    co_await t.finished(t.control("write", "two"));
    co_await t.finished(t.control("end"));
    for (int i = 0; i < 3; ++i) co_await t.finished(t.get("/echo"));
    t.check(r.body == "one" && !r.done, "neither data nor end while paused");
    r.handle.set_paused(false);
    co_await t.finished(r);
    t.check(succeeded(r) && r.body == "onetwo", "everything after resume");
}

Task pause_inside_on_data(Context& t) {
    auto& r = t.get("/bytes?n=2000000&chunk=65536&" + t.key());
    r.then_on_data = [&r] {
        if (r.chunks == 1) r.handle.set_paused(true);
    };
    co_await t.until("the first chunk", [&] { return r.chunks == 1; });
    for (int i = 0; i < 3; ++i) co_await t.finished(t.get("/echo"));
    t.check(r.chunks == 1, "no second chunk while paused");
    r.handle.set_paused(false);
    co_await t.finished(r);
    t.check(succeeded(r) && r.body == pattern(2000000), "everything after resume");
}

Task cancel_while_paused(Context& t) {
    auto& r = t.get("/bytes?n=100000000&chunk=65536&" + t.key());
    co_await t.until("the head", [&] { return r.heads == 1; });
    r.handle.set_paused(true);
    r.drop();
    co_await t.finished(t.wait_for("closed"));
    t.check(!r.done, "no end after the drop");
}

Task slow_reader(Context& t) {
    constexpr std::size_t kBytes = 16 * 1024 * 1024;  // more than the buffers of two sockets hold
    constexpr std::size_t kChunk = 65536;
    auto& r = t.get("/bytes?n=" + std::to_string(kBytes) + "&chunk=" + std::to_string(kChunk) + "&" + t.key());
    r.then_on_head = [&r] { r.handle.set_paused(true); };
    co_await t.until("the head", [&] { return r.heads == 1; });
    co_await t.finished(t.wait_for("lagged"));
    if (t.rig().has_back_pressure()) {
        for (int i = 0; i < 20; ++i) co_await t.finished(t.get("/echo"));
        auto& state = t.state();
        co_await t.finished(state);
        t.check(state.body.find("ended=0") != std::string::npos, "a paused reader stops the producer: " + state.body);
        t.check(r.chunks == 0, "nothing is delivered while paused");
    }
    r.handle.set_paused(false);
    co_await t.finished(r);
    t.check(succeeded(r) && r.body.size() == kBytes, "all bytes in the end");
    t.check(checksum_of(r.body) == checksum_of(pattern(kBytes)), "the right bytes");
    auto& state = t.state();
    co_await t.finished(state);
    t.check(state.body.find("drained=1") != std::string::npos, "the producer went on by on_drain");
    const auto at = state.body.find("max_queued=");
    const auto max_queued = std::strtoull(state.body.c_str() + at + 11, nullptr, 10);
    t.check(max_queued > 0 && max_queued <= net::kHighWaterBytes + kChunk,
            "a producer that heeds write() never queues more than the mark and one chunk: " + state.body);
}

Task fifty_at_once(Context& t) {
    std::vector<Recording*> all;
    for (int i = 0; i < 50; ++i) {
        all.push_back(&t.send({.method = "POST", .target = "/echo/" + std::to_string(i), .body = "body " + std::to_string(i)}));
    }
    for (int i = 0; i < 50; ++i) {
        const Recording& r = *all[static_cast<std::size_t>(i)];
        co_await t.finished(r);
        t.check(succeeded(r) && r.status == 200, "number " + std::to_string(i) + " succeeds");
        t.check(r.body == "body " + std::to_string(i), "each gets its own answer");
        t.check(r.header("X-Target") == "/echo/" + std::to_string(i), "and its own target");
    }
}

Task request_inside_callbacks(Context& t) {
    Recording* in_head = nullptr;
    Recording* in_data = nullptr;
    Recording* in_done = nullptr;
    auto& r = t.send({.method = "POST", .target = "/echo", .body = "x"});
    r.then_on_head = [&] { in_head = &t.get("/echo/head"); };
    r.then_on_data = [&] { in_data = &t.get("/echo/data"); };
    r.then_on_done = [&] { in_done = &t.get("/echo/done"); };
    co_await t.finished(r);
    for (auto* inner : {in_head, in_data, in_done}) {
        t.check(inner != nullptr, "the callback ran");
        if (!inner) co_return;
        co_await t.finished(*inner);
        t.check(succeeded(*inner) && inner->status == 200, "a request sent inside a callback succeeds");
    }
}

Task one_handle_drops_another(Context& t) {
    auto& a = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    auto& b = t.send({.method = "POST", .target = "/echo", .body = "b"});
    b.then_on_data = [&] {
        a.drop();
        b.drop();
    };
    co_await t.until("b's data", [&] { return b.chunks == 1; });
    co_await t.finished(t.wait_for("closed"));
    t.check(!a.done && !b.done, "neither goes on");
}

Task client_destroyed_first(Context& t) {
    auto& held = t.get("/hold?" + t.key());
    co_await t.finished(t.wait_for("opened"));
    co_await t.finished(t.control("write", "begun"));
    co_await t.until("the stream", [&] { return held.body == "begun"; });
    auto& fresh = t.get("/echo");
    held.dropped = true;  // nothing may come from now on
    fresh.dropped = true;
    t.destroy_client();
    co_await t.finished(t.wait_for("closed"));
    for (int i = 0; i < 3; ++i) co_await t.finished(t.state());
    held.handle.set_paused(true);
    held.handle.set_paused(false);
    held.handle.cancel();
    t.check(!held.done && fresh.heads == 0, "the exchanges end silently");
}

Task client_destroyed_in_a_callback(Context& t) {
    auto& r = t.get("/bytes?n=100000000&chunk=65536&" + t.key());
    r.then_on_data = [&] {
        r.dropped = true;
        t.destroy_client();
    };
    co_await t.until("the first chunk", [&] { return r.chunks == 1; });
    co_await t.finished(t.wait_for("closed"));
    t.check(!r.done, "silently");
}

Task connection_refused(Context& t) {
    auto client = t.rig().make_refused_client();
    if (!client) {
        t.skip("there is no connection to refuse");
        co_return;
    }
    auto& r = t.send({.target = "/echo"}, client.get());
    co_await t.finished(r);
    t.check(failed_with(r, base::ErrorCode::unavailable), "unavailable");
    t.check(r.error && !r.error->message.empty(), "with a message");
    t.check(r.heads == 0, "no head");
}

Task unknown_route(Context& t) {
    auto& r = t.get("/no/such/route");
    co_await t.finished(r);
    t.check(succeeded(r) && r.status == 404, "404");
    auto& wrong = t.send({.method = "DELETE", .target = "/headers"});
    co_await t.finished(wrong);
    t.check(wrong.status == 405 && wrong.header("Allow") == "GET, HEAD", "405 with Allow: " + wrong.header("Allow"));
}

}  // namespace

const std::vector<Behaviour>& http_behaviours() {
    static const std::vector<Behaviour> kCases = {
        {"callbacks come in order, none inside send()", callbacks_come_in_order},
        {"an empty body has no on_data", empty_body},
        {"a binary body survives both ways", binary_body},
        {"10 MB down", ten_megabytes_down},
        {"5 MB up", five_megabytes_up},
        {"many chunks arrive in order", many_chunks_in_order},
        {"a chunk arrives before the next is produced", chunk_by_chunk},
        {"a handler may answer later", late_answer},
        {"an error status comes with its body", error_status_with_body},
        {"headers both ways", headers_both_ways},
        {"POST, PUT, PATCH and DELETE carry bodies", methods_with_bodies},
        {"HEAD has headers and no body", head_request},
        {"204 has no body", no_content},
        {"percent-encoded targets arrive untouched", targets_stay_as_they_are},
        {"cancel before the head", cancel_before_head},
        {"cancel right after send()", cancel_at_once},
        {"cancel in mid-body closes the server side", cancel_in_mid_body},
        {"cancel inside on_head", cancel_in_on_head},
        {"cancel inside on_data", cancel_in_on_data},
        {"cancel inside on_done", cancel_in_on_done},
        {"on_close does not follow end()", end_is_not_a_close},
        {"an abort in mid-body is an error after the bytes", abort_in_mid_body},
        {"a writer dropped in mid-body is an abort", dropped_writer_in_mid_body},
        {"a writer dropped before start() is a 500", dropped_writer_before_start},
        {"head timeout", head_timeout},
        {"the head timeout ends with the head", no_head_timeout_after_the_head},
        {"idle timeout", idle_timeout},
        {"a heartbeat resets the idle timeout", heartbeat_resets_idle_timeout},
        {"pause and resume", pause_and_resume},
        {"pause inside on_data", pause_inside_on_data},
        {"cancel while paused", cancel_while_paused},
        {"a slow reader meets the high-water mark and drains", slow_reader},
        {"50 exchanges at once", fifty_at_once},
        {"requests inside callbacks", request_inside_callbacks},
        {"one callback drops two handles", one_handle_drops_another},
        {"the client is destroyed before its handles", client_destroyed_first},
        {"the client is destroyed inside a callback", client_destroyed_in_a_callback},
        {"a refused connection is `unavailable`", connection_refused},
        {"unknown routes and methods", unknown_route},
    };
    return kCases;
}

}  // namespace support
