#include <catch2/catch_test_macros.hpp>

#include <string>

#include "model/return_path.hpp"

using model::safe_return_path;

TEST_CASE("a return path of this site passes as it is [D1 L5]") {
    for (const char* path : {"/", "/?workflow=w1&tab=logs", "/workflows/1#node", "/a/b/../c", "/x?next=https://other.example/", "/search?q=a%20b", "/?filter=id%3D%27abc%27"}) {
        CHECK(safe_return_path(path) == path);
    }
    CHECK(safe_return_path("https://ops.example.org/x?y=1", "https://ops.example.org") == "/x?y=1");
}

TEST_CASE("anything that could lead elsewhere becomes the start page [D1]") {
    const std::string own = "https://ops.example.org";
    for (const char* wish : {"", "x", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/%5Cevil.example", "/%5cevil.example", "/%2F%2Fevil.example", "%2F%2Fevil.example", "/%2fevil.example",
                             "https://evil.example/", "https://ops.example.org.evil.example/", "https://ops.example.org@evil.example/", "https://user:pw@ops.example.org/", "https:ops.example.org",
                             "http://ops.example.org/", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "java\tscript:alert(1)", "/\tevil", "/\n/evil.example", "/%0d%0aSet-Cookie:x", "/%00",
                             "/\x7f", " /x", "/x y", "https://ops.example.org", "https://ops.example.org//evil.example", "/a//evil.example"}) {
        CAPTURE(wish);
        CHECK(safe_return_path(wish, own) == "/");
    }
    CHECK(safe_return_path("https://ops.example.org/x") == "/");  // own origin not told
    CHECK(safe_return_path("/" + std::string(model::kMaxReturnPathBytes, 'a')) == "/");
    CHECK(safe_return_path("/?" + std::string(model::kMaxReturnPathBytes - 2, 'a')).size() == model::kMaxReturnPathBytes);
}
