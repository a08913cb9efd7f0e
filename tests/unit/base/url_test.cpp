#include "base/url.hpp"

#include <catch2/catch_test_macros.hpp>

TEST_CASE("percent-encoding round trips every character and is strict in reading") {
    std::string all;
    for (int c = 1; c < 128; ++c) all.push_back(static_cast<char>(c));
    all += "\xE2\x82\xAC";
    CHECK(base::percent_decode(base::percent_encode(all)) == all);
    CHECK(base::percent_encode("a/b c~+%") == "a%2Fb%20c~%2B%25");
    CHECK(base::percent_decode("a+b%2f") == "a+b/");
    for (const std::string_view bad : {"%", "%2", "%zz", "%+1", "%00", "%FF", "%E2%82"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::percent_decode(bad));
    }
}

TEST_CASE("a target splits into decoded segments and an ordered query") {
    const auto target = base::parse_target("/v1//api/work%20flows/a%2Fb/?limit=5&x=1+2&x=%26&flag&=empty&&y=a=b");
    REQUIRE(target);
    CHECK(target->path == "/v1//api/work%20flows/a%2Fb/");
    CHECK(target->segments == std::vector<std::string>{"v1", "api", "work flows", "a/b"});
    CHECK(target->query.get("limit") == "5");
    CHECK(target->query.all("x") == std::vector<std::string_view>{"1 2", "&"});
    CHECK(target->query.flag("flag"));
    CHECK(target->query.get("y") == "a=b");
    CHECK_FALSE(target->query.has("z"));
    CHECK(base::parse_target("/")->segments.empty());
    for (const std::string_view bad : {"", "x", "http://x/", "/%", "/a?b=%", "/a/../b", "/a/%2e%2E/b", "/./a", "/a b", "/a\n"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::parse_target(bad));
    }
}

TEST_CASE("flags of a query are read as people write them") {
    const auto query = base::parse_query("watch&follow=true&a=1&b=false&c=0&d=maybe");
    REQUIRE(query);
    CHECK(query->flag("watch"));
    CHECK(query->flag("follow"));
    CHECK(query->flag("a"));
    CHECK_FALSE(query->flag("b", true));
    CHECK_FALSE(query->flag("c", true));
    CHECK(query->flag("d", true));
    CHECK_FALSE(query->flag("missing"));
}

TEST_CASE("a query writes what it reads") {
    base::Query query{{"fieldSelector", "metadata.name=web"}, {"q", "a&b +"}};
    query.set("limit", "5");
    query.set("limit", "6");
    CHECK(query.to_suffix() == "?fieldSelector=metadata.name%3Dweb&q=a%26b%20%2B&limit=6");
    CHECK(base::parse_query(query.to_string())->fields() == query.fields());
    query.remove("limit");
    CHECK_FALSE(query.has("limit"));
    CHECK(base::Query{}.to_suffix().empty());
}

TEST_CASE("absolute addresses split into their parts") {
    const auto plain = base::parse_http_url("http://127.0.0.1:8001");
    REQUIRE(plain);
    CHECK(*plain == base::HttpUrl{"http", "127.0.0.1", 8001, "/", ""});
    CHECK(plain->origin() == "http://127.0.0.1:8001");
    const auto full = base::parse_http_url("HTTPS://Example.COM/k8s/a?x=1#frag");
    REQUIRE(full);
    CHECK(full->is_tls());
    CHECK(full->host == "example.com");
    CHECK(full->port == 443);
    CHECK(full->path == "/k8s/a");
    CHECK(full->query == "x=1");
    CHECK(full->to_string() == "https://example.com/k8s/a?x=1");
    const auto six = base::parse_http_url("http://[::1]:8080/");
    REQUIRE(six);
    CHECK(six->host == "::1");
    CHECK(six->authority() == "[::1]:8080");
    CHECK(base::parse_http_url("http://host?x")->path == "/");
    CHECK(base::parse_http_url("http://host:/")->port == 80);
    CHECK(base::parse_http_url("http://host:443/")->authority() == "host:443");
    for (const std::string_view bad : {"", "host", "ftp://x", "http://", "http:///a", "http://u:p@h/", "http://h:0", "http://h:65536", "http://h:+1",
                                       "http://h:1x", "http://[::1", "http://[zz]", "http://[::1]x", "http://a b", "http://h/\n", "http://h:1:2/"}) {
        CAPTURE(bad);
        CHECK_FALSE(base::parse_http_url(bad));
    }
}
