#include "wire/watch_machine.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "watch_rig.hpp"

using namespace wire;
using namespace wire::testing;
using Kind = WatchTrouble::Kind;
using State = WatchMachine::State;

// ---- the wire

TEST_CASE("events come out the same however the stream is cut into chunks, UTF-8 and escapes included [W1]") {
    const std::string text = "\xC3\xA4\xF0\x9F\x98\x80 \\u00e4 \\\" \\n";
    const std::string bytes = event("ADDED", object("a", 11, R"(,"data":")" + text + "\"")) + "\r\n\n" + event("MODIFIED", object("a", 12)) + event("DELETED", object("a", 13));
    for (std::size_t chunk = 1; chunk <= bytes.size(); ++chunk) {
        Rig rig;
        rig.open();
        for (std::size_t at = 0; at < bytes.size(); at += chunk) rig.data(std::string_view(bytes).substr(at, chunk));
        CHECK(rig.consumer.take() == Heard{"apply a@11", "apply a@12", "deleted a@13"});
        CHECK(rig.machine.stats().unreadable == 0);
    }
}

TEST_CASE("a whole event at the end of a stream counts without its line end, half of one does not [W1]") {
    for (const bool as_cut : {false, true}) {
        Rig rig;
        rig.open();
        std::string line = event("ADDED", object("a", 11));
        line.pop_back();
        rig.data(line);
        as_cut ? rig.cut() : rig.end();
        CHECK(rig.consumer.take() == Heard{"apply a@11"});
        CHECK(rig.last_has("resourceVersion=11"));

        rig.head(200);
        rig.data(line.substr(0, line.size() - 1));
        as_cut ? rig.cut() : rig.end();
        rig.pass(3'000);
        CHECK(rig.last_has("resourceVersion=11"));
        CHECK(rig.machine.stats().unreadable == 0);
    }
}

TEST_CASE("an object of some megabytes passes, one over the limit leads to a new list [W2]") {
    Rig rig({.path = "/api/v1/pods", .streaming_list = false, .max_object_bytes = 4 * 1024 * 1024});
    rig.open();
    rig.data(event("ADDED", object("large", 11, R"(,"data":")" + std::string(3 * 1024 * 1024, 'x') + "\"")));
    CHECK(rig.consumer.take() == Heard{"apply large@11"});
    const std::string huge = event("ADDED", object("huge", 12, R"(,"data":")" + std::string(5 * 1024 * 1024, 'x') + "\""));
    for (std::size_t at = 0; at < huge.size() && rig.machine.state() == State::watching; at += 65'536) rig.data(std::string_view(huge).substr(at, 65'536));
    REQUIRE(rig.consumer.troubles.size() == 1);
    CHECK(rig.consumer.troubles[0].kind == Kind::too_large);
    rig.pass(3'000);
    CHECK(rig.last_has("?limit="));
    CHECK(rig.last_has("resourceVersion=11&resourceVersionMatch=NotOlderThan"));
}

TEST_CASE("an event of an unknown type is counted and moves nothing [W3]") {
    Rig rig;
    rig.open();
    rig.data(event("RENAMED", object("a", 99)) + event("ADDED", object("b", 11)));
    CHECK(rig.consumer.take() == Heard{"apply b@11"});
    CHECK(rig.machine.stats().unknown == 1);
    rig.pass(2'000);
    rig.end();
    CHECK(rig.last_has("resourceVersion=11"));
}

TEST_CASE("a line that cannot be read is asked for again from where it was; the fourth in a row leads to a new list [W4]") {
    for (const std::string_view garbage : {"{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"11\"},\"spec\":}}\n", "<html>\n", "null\n", "{}\n", "{\"type\":\"ADDED\"}\n", "\xFF\xFE\n"}) {
        INFO(garbage);
        Rig rig;
        rig.open();
        for (int i = 0; i < 3; ++i) {
            rig.data(std::string(garbage) + event("ADDED", object("later", 20)));
            CHECK_FALSE(rig.asking());
            rig.pass_to_next();
            CHECK(rig.last_has("&resourceVersion=10"));
            rig.head(200);
        }
        rig.data(garbage);
        rig.pass_to_next();
        CHECK(rig.last_has("?limit=500&resourceVersion=10&resourceVersionMatch=NotOlderThan"));
        CHECK(rig.machine.stats().unreadable == 4);
        const Heard heard = rig.consumer.take();
        CHECK(std::find(heard.begin(), heard.end(), "apply later@20") == heard.end());  // it would have hidden what was lost before it
    }
}

TEST_CASE("a server that never answers is given up on after thirty seconds, within a page after sixty [W5]") {
    Rig rig;
    rig.pass(29'999);
    CHECK(rig.consumer.troubles.empty());
    rig.pass(1);
    REQUIRE(rig.consumer.troubles.size() == 1);
    CHECK(rig.consumer.troubles[0].kind == Kind::unreachable);
    rig.pass(2'000);
    rig.head(200);
    rig.data("{");
    rig.pass(59'000);
    CHECK(rig.asking());
    rig.pass(2'000);
    CHECK(rig.machine.stats().failures == 2);
}

TEST_CASE("a watch whose head is held back by a proxy until the first event is waited for like a quiet one [W5]") {
    Rig rig;
    rig.answer(200, list(10, {}));
    rig.pass(250'000);
    CHECK(rig.consumer.troubles.empty());
    rig.head(200);
    rig.data(event("ADDED", object("a", 11)));
    CHECK(rig.consumer.take() == Heard{"init", "done 10", "apply a@11"});
}

TEST_CASE("what a Status says is what is told: reason, message, and when to come back [W6]") {
    Rig rig;
    rig.answer(503, status(503, "ServiceUnavailable", R"(,"details":{"retryAfterSeconds":20})"));
    REQUIRE(rig.consumer.troubles.size() == 1);
    const WatchTrouble& trouble = rig.consumer.troubles[0];
    CHECK(trouble.kind == Kind::server_error);
    CHECK(trouble.status == 503);
    CHECK(trouble.reason == "ServiceUnavailable");
    CHECK(trouble.message == "it says ServiceUnavailable");
    CHECK(trouble.retry_at_ms >= rig.now + 20'000);
    CHECK(trouble.retry_at_ms <= rig.now + 21'000);
    Rig plain;
    plain.answer(502, "<html>bad gateway</html>");
    REQUIRE(plain.consumer.troubles.size() == 1);
    CHECK(plain.consumer.troubles[0].message == "The Kubernetes API answered with status 502.");
}

// ---- lists and watches

TEST_CASE("a list by pages is one list: init, all items, done, with the version of the list [K2]") {
    Rig rig;
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500&resourceVersion=0");
    rig.answer(200, list(10, {object("a", 3), object("b", 9)}, "to/ken="));
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500&continue=to%2Fken%3D");
    CHECK(rig.consumer.take() == Heard{"init", "+a@3", "+b@9"});
    rig.answer(200, list(10, {object("c", 4)}));
    CHECK(rig.consumer.take() == Heard{"+c@4", "done 10"});
    CHECK(rig.last_has("watch=1&allowWatchBookmarks=true&timeoutSeconds="));
    CHECK(rig.last_has("&resourceVersion=10"));
    CHECK(rig.machine.synced());
}

TEST_CASE("selectors go with every request [S6]") {
    Rig rig({.path = "/api/v1/pods", .query = "labelSelector=app%3Dweb&fieldSelector=metadata.name%3Da", .streaming_list = false});
    rig.answer(200, list(10, {}, "next"));
    rig.answer(200, list(10, {}));
    for (const std::string& target : rig.targets) CHECK(target.starts_with("/api/v1/pods?labelSelector=app%3Dweb&fieldSelector=metadata.name%3Da&"));
    CHECK(rig.targets.size() == 3);
}

TEST_CASE("the first list may come from the server's memory, later ones are no older than what was seen, after 410 the newest [K1]") {
    Rig rig;
    CHECK(rig.last_has("&resourceVersion=0"));
    rig.open();
    rig.data(event("ADDED", object("a", 14)) + event("ADDED", R"({"metadata":{"name":"no version"}})"));
    rig.pass(3'000);
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500&resourceVersion=14&resourceVersionMatch=NotOlderThan");
    rig.answer(200, list(14, {}));
    rig.answer(410, status(410, "Expired"));
    rig.pass(10'000);
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500");
    Rig fresh({.path = "/api/v1/pods", .streaming_list = false, .any_version_first = false});
    CHECK(fresh.targets.back() == "/api/v1/pods?limit=500");
}

TEST_CASE("a continue token that has expired begins the list anew, and what came before is void [K2]") {
    Rig rig;
    rig.answer(200, list(10, {object("a", 3)}, "old"));
    rig.answer(410, status(410, "Expired"));
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500");
    rig.answer(200, list(20, {object("b", 13)}));
    CHECK(rig.consumer.take() == Heard{"init", "+a@3", "init", "+b@13", "done 20"});
}

TEST_CASE("a page that fails is asked for again, the pages before it are not [K2]") {
    Rig rig;
    rig.answer(200, list(10, {object("a", 3)}, "second"));
    rig.answer(500, status(500, "InternalError"));
    rig.pass_to_next();
    CHECK(rig.last_has("continue=second"));
    rig.answer(200, list(10, {object("b", 4)}));
    CHECK(rig.consumer.take() == Heard{"init", "+a@3", "trouble", "+b@4", "done 10", "recovered"});
}

TEST_CASE("a list without end is refused") {
    Rig rig;
    rig.answer(200, list(10, {}, "same"));
    rig.answer(200, list(10, {}, "same"));
    REQUIRE(rig.consumer.troubles.size() == 1);
    CHECK(rig.consumer.troubles[0].kind == Kind::protocol);
}

TEST_CASE("what is no list is not taken for an empty one") {
    for (const std::string_view body : {"", "<html>", "{}", "[]", R"({"kind":"Status"})", R"({"metadata":{"resourceVersion":"1"}})", R"({"metadata":{},"items":[]})", R"({"metadata":{"resourceVersion":"1"},"items":[{}]})",
                                        R"({"metadata":{"resourceVersion":"1"},"items":{}})", R"({"metadata":{"resourceVersion":"1"},"items":[)"}) {
        INFO(body);
        Rig rig;
        rig.answer(200, body);
        REQUIRE(rig.consumer.troubles.size() == 1);
        CHECK(rig.consumer.troubles[0].kind == Kind::protocol);
        CHECK_FALSE(rig.machine.synced());
    }
    Rig rig;
    rig.answer(200, R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":null})");
    CHECK(rig.consumer.take() == Heard{"init", "done 7"});
}

TEST_CASE("a page over its limit is not kept, and the list is begun anew with smaller pages") {
    Rig rig({.path = "/api/v1/pods", .streaming_list = false, .max_page_bytes = 100});
    rig.head(200);
    rig.data(std::string(101, ' '));
    REQUIRE(rig.consumer.troubles.size() == 1);
    CHECK(rig.consumer.troubles[0].kind == Kind::too_large);
    CHECK_FALSE(rig.asking());
    rig.pass_to_next();
    CHECK(rig.last_has("?limit=125&"));
}

TEST_CASE("the server is told to end a watch after five to ten minutes by chance, and a silence of five seconds more ends it here [K3]") {
    std::int64_t shortest = 1'000'000;
    std::int64_t longest = 0;
    Rig rig;
    rig.open();
    for (int i = 0; i < 50; ++i) {
        const std::string& target = rig.targets.back();
        const std::int64_t seconds = std::stoll(target.substr(target.find("timeoutSeconds=") + 15));
        shortest = std::min(shortest, seconds);
        longest = std::max(longest, seconds);
        CHECK(rig.pass_to_next() == seconds * 1'000 + 5'000);
        CHECK(rig.last_has("&resourceVersion=10"));
        rig.head(200);
    }
    CHECK(shortest >= 300);
    CHECK(shortest < 360);
    CHECK(longest < 600);
    CHECK(longest > 540);
    CHECK(rig.consumer.troubles.empty());
    CHECK(rig.machine.stats().lists == 1);
}

TEST_CASE("a streaming list: synthetic events, then the marked bookmark makes it whole, and the same request goes on as the watch [K4]") {
    Rig rig(Rig::streaming());
    CHECK(rig.last_has("watch=1&allowWatchBookmarks=true&timeoutSeconds="));
    CHECK(rig.last_has("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"));
    CHECK_FALSE(rig.last_has("resourceVersion="));
    rig.head(200);
    rig.data(event("ADDED", object("a", 3)) + bookmark(5) + event("ADDED", object("b", 4)));
    CHECK(rig.consumer.take() == Heard{"init", "+a@3", "+b@4"});
    CHECK_FALSE(rig.machine.synced());
    rig.data(bookmark(10, true) + event("MODIFIED", object("a", 11)));
    CHECK(rig.consumer.take() == Heard{"done 10", "apply a@11"});
    CHECK(rig.targets.size() == 1);
    rig.pass(5'000);
    rig.end();
    CHECK(rig.last_has("&resourceVersion=11"));
    CHECK_FALSE(rig.last_has("sendInitialEvents"));
}

TEST_CASE("a server that refuses streaming lists is asked for pages, and that is remembered [K4]") {
    Rig rig(Rig::streaming());
    rig.answer(422, status(422, "Invalid"));
    CHECK(rig.last_has("?limit=500"));
    CHECK(rig.machine.streaming_refused());
    CHECK(rig.consumer.take().empty());
    rig.open();
    rig.data(event("ERROR", status(410, "Expired")));
    CHECK(rig.last_has("?limit=500"));
}

TEST_CASE("a server that takes a streaming list for a plain watch is found out by its silence [K4]") {
    Rig rig(Rig::streaming());
    rig.head(200);
    rig.data(event("ADDED", object("a", 3)));
    rig.pass(9'999);
    CHECK(rig.targets.size() == 1);
    rig.pass(1);
    CHECK(rig.last_has("?limit=500"));
    rig.answer(200, list(10, {object("a", 3)}));
    CHECK(rig.consumer.take() == Heard{"init", "+a@3", "init", "+a@3", "done 10"});
}

TEST_CASE("streaming lists that end before their end are given up after the third [K4]") {
    Rig rig(Rig::streaming());
    for (int i = 0; i < 3; ++i) {
        rig.head(200);
        rig.data(event("ADDED", object("a", 3)));
        rig.end();
        if (i < 2) {
            rig.pass_to_next();
            CHECK(rig.last_has("sendInitialEvents=true"));
        }
    }
    CHECK(rig.last_has("?limit=500"));
}

TEST_CASE("a DELETED within a streaming list is a server's bug: counted, and its object is not in the list [K4]") {
    Rig rig(Rig::streaming());
    rig.head(200);
    rig.data(event("ADDED", object("a", 3)) + event("DELETED", object("a", 4)) + bookmark(10, true));
    CHECK(rig.consumer.take() == Heard{"init", "+a@3", "deleted a@4", "done 10"});
    CHECK(rig.machine.stats().misplaced == 1);
}

TEST_CASE("a bookmark moves the version and is no object; none is needed [K5]") {
    Rig rig;
    rig.open();
    rig.data(bookmark(40));
    CHECK(rig.consumer.take() == Heard{"bookmark 40"});
    rig.pass(2'000);
    rig.end();
    CHECK(rig.last_has("&resourceVersion=40"));
    CHECK(rig.machine.stats().events == 0);
}

TEST_CASE("an hour of nothing but bookmarks costs no list [K5]") {
    Rig rig;
    rig.open();
    for (int minute = 0; minute < 60; ++minute) {
        rig.pass(60'000);
        rig.data(bookmark(100 + minute));
    }
    CHECK(rig.machine.stats().lists == 1);
    CHECK(rig.machine.resource_version() == "159");
}

TEST_CASE("every event moves the version, an ERROR does not, and an event without one leads to a new list [K6]") {
    for (const char* type : {"ADDED", "MODIFIED", "DELETED"}) {
        Rig rig;
        rig.open();
        rig.data(event(type, object("a", 21)));
        CHECK(rig.machine.resource_version() == "21");
        rig.data(event("ERROR", R"({"kind":"Status","code":500,"reason":"InternalError","metadata":{"resourceVersion":"77"}})"));
        CHECK(rig.machine.resource_version() == "21");
    }
    for (const char* metadata : {R"("metadata":{"name":"a"})", R"("metadata":{"name":"a","resourceVersion":""})", R"("metadata":{"name":"a","resourceVersion":7})", R"("metadata":{"resourceVersion":"7"})", R"("spec":{})"}) {
        Rig rig;
        rig.open();
        rig.data(event("ADDED", "{" + std::string(metadata) + "}"));
        CHECK(rig.machine.resource_version().empty());
        rig.pass_to_next();
        CHECK(rig.last_has("?limit=500&resourceVersion=10&resourceVersionMatch=NotOlderThan"));
        CHECK(std::none_of(rig.targets.begin(), rig.targets.end(), [](const std::string& target) { return target.ends_with("resourceVersion="); }));
    }
}

TEST_CASE("a watch that ends is resumed at once from the last version, without a list [K7]") {
    Rig rig;
    rig.open();
    rig.data(event("ADDED", object("a", 15)));
    rig.pass(300'000);
    rig.end();
    CHECK(rig.last_has("watch=1"));
    CHECK(rig.last_has("&resourceVersion=15"));
    CHECK(rig.consumer.troubles.empty());
    rig.head(200);
    rig.pass(5'000);
    rig.cut();
    CHECK(rig.last_has("&resourceVersion=15"));
    CHECK(rig.machine.stats().lists == 1);
}

TEST_CASE("a watch that ends within a second without an event is a failure, and so is the sixth that ends so with one [K8]") {
    Rig rig;
    rig.open();
    rig.end();
    CHECK_FALSE(rig.asking());
    CHECK(rig.machine.stats().failures == 1);
    Rig busy;
    busy.open();
    for (int i = 0; i < 5; ++i) {
        busy.data(event("MODIFIED", object("a", 20 + i)));
        busy.end();
        CHECK(busy.asking());
        busy.head(200);
    }
    busy.data(event("MODIFIED", object("a", 30)));
    busy.end();
    CHECK_FALSE(busy.asking());
}

// ---- errors

TEST_CASE("410 as an ERROR event, whatever it is called, forgets the version and lists anew [E1]") {
    for (const std::string& gone : {status(410, "Expired"), status(410, "Gone"), status(0, "Expired"), status(500, "Gone")}) {
        Rig rig;
        rig.open({object("a", 3)});
        rig.pass(60'000);
        rig.data(event("ERROR", gone) + event("ADDED", object("ghost", 11)));
        CHECK(rig.targets.back() == "/api/v1/pods?limit=500");
        CHECK(rig.consumer.take().empty());  // once is no trouble
        rig.answer(200, list(50, {object("b", 40)}));
        CHECK(rig.consumer.take() == Heard{"init", "+b@40", "done 50"});
        CHECK(rig.machine.stats().expired == 1);
    }
}

TEST_CASE("a 410 on the request clears the version [E2]") {
    Rig rig;
    rig.open();
    rig.pass(60'000);
    rig.end();
    rig.answer(410, status(410, "Expired"));
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500");
    CHECK(rig.machine.resource_version().empty());
}

TEST_CASE("a version from the future is asked for as the newest instead [E3]") {
    for (const bool in_stream : {false, true}) {
        Rig rig;
        rig.open();
        rig.data(event("ADDED", object("a", 14)));
        rig.pass(2'000);
        if (in_stream) {
            rig.data(event("ERROR", status(504, "Timeout", kTooLarge)));
        } else {
            rig.end();
            rig.answer(504, status(504, "Timeout", kTooLarge));
        }
        CHECK(rig.pass_to_next() >= 800);
        CHECK(rig.targets.back() == "/api/v1/pods?limit=500");
    }
}

TEST_CASE("a version from the future as an old server says it, in words alone [E3]") {
    Rig rig;
    rig.open();
    rig.pass(2'000);
    rig.end();
    rig.answer(504, R"({"code":504,"message":"Timeout: Too large resource version: 14, current: 3"})");
    rig.pass_to_next();
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500");
}

TEST_CASE("a 429 is waited out for as long as it says, with the same version and without a list [E4]") {
    Rig rig;
    rig.open();
    rig.pass(2'000);
    rig.end();
    rig.answer(429, "slow down", "17");
    CHECK(rig.consumer.troubles.back().kind == Kind::busy);
    const std::int64_t waited = rig.pass_to_next();
    CHECK(waited >= 17'000);
    CHECK(waited <= 18'000);
    CHECK(rig.last_has("&resourceVersion=10"));
    // As an event, too; a date or nonsense counts as absent; an hour is cut to ten minutes.
    rig.head(200);
    rig.data(event("ERROR", status(429, "TooManyRequests", R"(,"details":{"retryAfterSeconds":9})")));
    CHECK(rig.pass_to_next() >= 9'000);
    CHECK(rig.last_has("&resourceVersion=10"));
    rig.answer(429, "", "Wed, 21 Oct 2026 07:28:00 GMT");
    CHECK(rig.pass_to_next() <= 10'000);
    rig.answer(429, "", "3600");
    CHECK(rig.pass_to_next() <= 601'000);
    CHECK(rig.machine.stats().lists == 1);
}

TEST_CASE("a refused connection is tried again with the same version [E5]") {
    Rig rig;
    rig.open();
    rig.data(event("ADDED", object("a", 12)));
    rig.pass(2'000);
    rig.cut();
    for (int i = 0; i < 10; ++i) {
        rig.cut();
        rig.pass_to_next();
        CHECK(rig.last_has("&resourceVersion=12"));
    }
    CHECK(rig.consumer.take() == Heard{"apply a@12", "trouble"});
    rig.head(200);
    CHECK(rig.consumer.take() == Heard{"recovered"});
    CHECK(rig.machine.stats().lists == 1);
}

TEST_CASE("internal errors in the stream are tried again three times, then the list is asked for [E6]") {
    Rig rig;
    rig.open();
    for (int i = 0; i < 3; ++i) {
        rig.data(event("ERROR", status(500, "InternalError")));
        rig.pass_to_next();
        CHECK(rig.last_has("&resourceVersion=10"));
        rig.head(200);
    }
    rig.data(event("ERROR", status(500, "InternalError")));
    rig.pass_to_next();
    CHECK(rig.last_has("?limit=500&resourceVersion=10&resourceVersionMatch=NotOlderThan"));
}

TEST_CASE("a 401 asks for other credentials once; the next one rests for five minutes [E7]") {
    Rig rig;
    rig.open();
    rig.pass(2'000);
    rig.end();
    rig.answer(401, status(401, "Unauthorized"));
    CHECK(rig.machine.wants_renewal());
    CHECK_FALSE(rig.asking());
    CHECK_FALSE(rig.machine.deadline_ms());
    CHECK(rig.consumer.troubles.empty());
    rig.machine.on_renewed(rig.now);
    rig.sync();
    CHECK(rig.last_has("&resourceVersion=10"));
    rig.answer(401, status(401, "Unauthorized"));
    CHECK_FALSE(rig.machine.wants_renewal());
    REQUIRE(rig.consumer.troubles.size() == 1);
    CHECK(rig.consumer.troubles[0].kind == Kind::unauthenticated);
    CHECK(rig.pass_to_next() >= 5 * 60'000);
    rig.head(200);  // that was a success: the next refusal asks again
    rig.pass(2'000);
    rig.end();
    rig.answer(401, "");
    CHECK(rig.machine.wants_renewal());
}

TEST_CASE("other credentials given meanwhile end the rest at once, with a whole list [E7]") {
    Rig rig;
    rig.answer(401, "");
    rig.machine.on_renewed(rig.now);
    rig.sync();
    rig.answer(401, "");
    rig.machine.start(rig.now);
    rig.sync();
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500");
    rig.answer(200, list(3, {}));
    CHECK(rig.consumer.take() == Heard{"trouble", "init", "done 3", "recovered"});
}

TEST_CASE("a 403 says why and looks again after a minute [E8]") {
    Rig rig;
    rig.answer(403, status(403, "Forbidden"));
    REQUIRE(rig.consumer.troubles.size() == 1);
    CHECK(rig.consumer.troubles[0].kind == Kind::forbidden);
    CHECK(rig.consumer.troubles[0].message == "it says Forbidden");
    const std::int64_t waited = rig.pass_to_next();
    CHECK(waited >= 60'000);
    CHECK(waited <= 120'000);
}

TEST_CASE("a 404 says that the kind is gone, looks again after half a minute, and then lists anew [E9]") {
    Rig rig;
    rig.open({object("a", 3)});
    rig.pass(2'000);
    rig.end();
    rig.answer(404, "404 page not found");
    CHECK(rig.consumer.troubles.back().kind == Kind::not_found);
    const std::int64_t waited = rig.pass_to_next();
    CHECK(waited >= 30'000);
    CHECK(waited <= 60'000);
    CHECK(rig.targets.back() == "/api/v1/pods?limit=500");
    rig.answer(200, list(500, {}));
    CHECK(rig.consumer.take() == Heard{"trouble", "init", "done 500", "recovered"});
}

TEST_CASE("other errors in a stream end that watch only [E10]") {
    for (const int code : {502, 503, 504, 599}) {
        Rig rig;
        rig.open();
        rig.data(event("ERROR", status(code, "Whatever")));
        CHECK(rig.pass_to_next() <= 1'600);
        CHECK(rig.last_has("&resourceVersion=10"));
    }
    Rig rig;
    rig.open();
    rig.data(event("ERROR", "{}"));  // not even a Status
    rig.pass_to_next();
    CHECK(rig.last_has("&resourceVersion=10"));
}

TEST_CASE("no error ends a watch for good [E11]") {
    for (int code = 199; code < 600; ++code) {
        if (code == 200 || code == 401) continue;
        Rig rig;
        rig.answer(code, "");
        REQUIRE(rig.machine.deadline_ms().value_or(rig.now) >= rig.now);
        rig.pass(11 * 60'000);
        REQUIRE(rig.targets.size() >= 2);
    }
}

TEST_CASE("a selector the server does not take is told, and not asked for again and again") {
    Rig rig;
    rig.answer(400, status(400, "BadRequest"));
    CHECK(rig.consumer.troubles.back().kind == Kind::refused);
    CHECK(rig.pass_to_next() >= 5 * 60'000);
}

// ---- pauses

TEST_CASE("pauses double from 0.8 s to 30 s, each with as much again by chance [B1]") {
    std::int64_t expected = 800;
    std::int64_t widest = 0;
    for (int round = 0; round < 20; ++round) {
        expected = 800;
        Rig rig;
        for (int i = 0; i < round; ++i) (void)rig.random.next_u64();
        for (int failure = 0; failure < 12; ++failure) {
            rig.cut();
            const std::int64_t waited = rig.pass_to_next();
            CHECK(waited >= expected);
            CHECK(waited <= 2 * expected);
            widest = std::max(widest, waited - expected);
            expected = std::min<std::int64_t>(expected * 2, 30'000);
        }
    }
    CHECK(widest > 20'000);
}

TEST_CASE("half a minute of a good watch makes the next failure the first one again, a good head alone does not [B1]") {
    Rig rig;
    rig.open();
    rig.pass(2'000);
    rig.end();
    for (int i = 0; i < 8; ++i) {
        rig.cut();
        rig.pass_to_next();
    }
    rig.head(200);
    rig.data(event("ERROR", status(503, "ServiceUnavailable")));
    CHECK(rig.pass_to_next() >= 30'000);
    rig.head(200);
    rig.pass(31'000);
    rig.data(event("ERROR", status(503, "ServiceUnavailable")));
    CHECK(rig.pass_to_next() <= 1'600);
}

TEST_CASE("a storm of 410 is waited out like any failure [B2]") {
    for (const bool as_event : {false, true}) {
        Rig rig;
        rig.open();
        const std::int64_t begin = rig.now;
        while (rig.now < begin + 60'000) {
            if (rig.last_has("watch=1")) {
                if (as_event) {
                    rig.head(200);
                    rig.data(event("ERROR", status(410, "Expired")));
                } else {
                    rig.answer(410, status(410, "Expired"));
                }
            } else {
                rig.answer(200, list(10, {}));
            }
            if (!rig.asking()) rig.pass_to_next();
        }
        CHECK(rig.machine.stats().expired <= 8);
        CHECK(rig.targets.size() <= 20);
        CHECK(rig.consumer.troubles.size() >= 1);
    }
}

TEST_CASE("a server that lists well and refuses every watch is not hammered") {
    Rig rig;
    rig.open();
    rig.end();
    const std::int64_t begin = rig.now;
    while (rig.now < begin + 5 * 60'000) {
        if (!rig.asking()) rig.pass_to_next();
        rig.last_has("watch=1") ? rig.answer(500, "") : rig.answer(200, list(10, {}));
    }
    CHECK(rig.targets.size() < 25);
}

// ---- late and wrong input

TEST_CASE("input for a request that is no longer wanted changes nothing") {
    Rig rig;
    rig.open();
    const std::uint64_t old = rig.id;
    rig.pass(2'000);
    rig.end();
    REQUIRE(rig.id != old);
    rig.machine.on_head(old, rig.now, {.status = 410});
    rig.machine.on_data(old, rig.now, event("ADDED", object("late", 99)));
    const base::Error error{base::ErrorCode::unavailable, "late", {}};
    rig.machine.on_end(old, rig.now, &error);
    CHECK(rig.consumer.take().empty());
    CHECK(rig.machine.resource_version() == "10");
    CHECK(rig.machine.state() == State::watching);
}

TEST_CASE("stopped, it wants nothing; started again, it lists and goes on") {
    Rig rig;
    rig.open();
    rig.machine.stop();
    CHECK_FALSE(rig.asking());
    CHECK_FALSE(rig.machine.deadline_ms());
    rig.machine.start(rig.now);
    rig.sync();
    CHECK(rig.last_has("?limit=500"));
    CHECK_FALSE(rig.last_has("watch=1"));
}

TEST_CASE("a wall clock that jumps is not its clock: ticks before the deadline do nothing") {
    Rig rig;
    rig.open();
    const auto deadline = rig.machine.deadline_ms();
    REQUIRE(deadline);
    rig.machine.tick(rig.now);
    rig.machine.tick(*deadline - 1);
    CHECK(rig.machine.state() == State::watching);
    CHECK(rig.targets.size() == 2);
    rig.machine.tick(*deadline + 3'600'000);  // a laptop slept
    rig.sync();
    CHECK(rig.targets.size() == 3);
    CHECK(rig.last_has("&resourceVersion=10"));
}

TEST_CASE("a cut after every byte of a stream of twenty events loses and doubles nothing") {
    std::string bytes;
    Heard expected;
    for (int i = 0; i < 20; ++i) {
        const char* type = i % 5 == 4 ? "DELETED" : i % 2 == 0 ? "ADDED" : "MODIFIED";
        bytes += event(type, object("o" + std::to_string(i % 3), 11 + i));
        expected.push_back((i % 5 == 4 ? "deleted o" : "apply o") + std::to_string(i % 3) + "@" + std::to_string(11 + i));
    }
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        Rig rig;
        rig.open();
        rig.data(std::string_view(bytes).substr(0, cut));
        rig.cut();
        while (!rig.asking()) rig.pass_to_next();
        REQUIRE(rig.last_has("watch=1"));
        // The server goes on after the version it is given.
        const std::string& target = rig.targets.back();
        const std::size_t known = std::stoul(target.substr(target.rfind('=') + 1)) - 10;
        std::size_t at = 0;
        for (std::size_t i = 0; i < known; ++i) at = bytes.find('\n', at) + 1;
        rig.head(200);
        rig.data(std::string_view(bytes).substr(at));
        Heard heard = rig.consumer.take();
        std::erase_if(heard, [](const std::string& line) { return line == "trouble" || line == "recovered"; });
        CHECK(heard == expected);
    }
}
