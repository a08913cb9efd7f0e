// StaticFiles over loopback: types, encodings, caching, what is never served.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "base/testing/virtual_scheduler.hpp"
#include "gateway/static_files.hpp"
#include "net/loopback.hpp"
#include "temporary_folder.hpp"

namespace {

class Site {
public:
    Site() {
        folder.write("site/index.html", "<!doctype html>index");
        folder.write("site/config.json", "{}");
        folder.write("site/assets/app.0123abcd.wasm", "plain wasm");
        folder.write("site/assets/app.0123abcd.wasm.br", "br");
        folder.write("site/assets/app.0123abcd.wasm.gz", "gz");
        folder.write("site/docs/index.html", "docs");
        folder.write("site/auth/callback.html", "back");
        folder.write("site/name with space.txt", "space");
        folder.write("site/.hidden", "secret");
        folder.write("secret.txt", "secret");
        std::filesystem::create_symlink(folder.path() / "secret.txt", folder.path() / "site/link.txt");
        std::filesystem::create_symlink(folder.path() / "site/config.json", folder.path() / "site/inside.json");
        auto opened = gateway::StaticFiles::open((folder.path() / "site").string());
        REQUIRE(opened.has_value());
        files = std::move(*opened);
    }
    net::Response get(std::string target, net::Headers headers = {}, std::string method = "GET") {
        base::testing::VirtualScheduler time;
        net::LoopbackClient client(time, *files);
        net::Response answer;
        auto handle = net::fetch(client, {.method = std::move(method), .target = std::move(target), .headers = std::move(headers)},
                                 [&](auto result) { answer = std::move(*result); });
        time.run_ready();
        return answer;
    }
    test::TemporaryFolder folder;
    std::unique_ptr<gateway::StaticFiles> files;
};

const net::Headers kNavigation{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};

}  // namespace

TEST_CASE("a path without ending finds the page of that name, query and all") {
    Site site;
    const auto page = site.get("/auth/callback?code=x", kNavigation);
    CHECK(page.status == 200);
    CHECK(page.body == "back");
    CHECK(page.headers.get("Content-Type") == "text/html; charset=utf-8");
    CHECK(site.get("/auth/callback.html").body == "back");
    CHECK(site.get("/auth/other").status == 404);
}

TEST_CASE("files have their types") {
    CHECK(gateway::content_type_of("a/b.wasm") == "application/wasm");
    CHECK(gateway::content_type_of("a.JS") == "text/javascript; charset=utf-8");
    CHECK(gateway::content_type_of("x.webmanifest") == "application/manifest+json");
    CHECK(gateway::content_type_of("x.ttf") == "font/ttf");
    CHECK(gateway::content_type_of("x.svg") == "image/svg+xml");
    CHECK(gateway::content_type_of("a.b/noending") == "application/octet-stream");
    Site site;
    CHECK(site.get("/").headers.get("Content-Type") == "text/html; charset=utf-8");
    CHECK(site.get("/config.json?x=1").headers.get("Content-Type") == "application/json");
    CHECK(site.get("/name%20with%20space.txt").body == "space");
}

TEST_CASE("names with a hash are kept for ever, others are asked for again") {
    CHECK(gateway::is_hashed_name("assets/app.0123abcd.wasm"));
    CHECK(gateway::is_hashed_name("app.0123abcdef012345.js"));
    CHECK_FALSE(gateway::is_hashed_name("app.js"));
    CHECK_FALSE(gateway::is_hashed_name("app.0123abc.js"));
    CHECK_FALSE(gateway::is_hashed_name("app.notahash.js"));
    CHECK_FALSE(gateway::is_hashed_name("dir.0123abcd.x/app.js"));
    CHECK_FALSE(gateway::is_hashed_name("0123abcd.js"));
    Site site;
    CHECK(site.get("/assets/app.0123abcd.wasm").headers.get("Cache-Control") == "public, max-age=31536000, immutable");
    CHECK(site.get("/config.json").headers.get("Cache-Control") == "no-cache");
    CHECK(site.get("/").headers.get("Cache-Control") == "no-cache");
}

TEST_CASE("Accept-Encoding is weighed") {
    CHECK(gateway::encoding_weight("gzip, br", "br") == 1000);
    CHECK(gateway::encoding_weight("gzip;q=0.5, br ; q=0.25", "br") == 250);
    CHECK(gateway::encoding_weight("br;q=0", "br") == 0);
    CHECK(gateway::encoding_weight("*", "br") == 1000);
    CHECK(gateway::encoding_weight("*;q=0.3, br;q=0", "br") == 0);
    CHECK(gateway::encoding_weight("", "br") == 0);
    CHECK(gateway::encoding_weight("br;q=nonsense", "br") == 0);
    CHECK(gateway::encoding_weight("BR", "br") == 1000);

    Site site;
    const std::string file = "/assets/app.0123abcd.wasm";
    struct Case {
        std::string accept;
        std::string body;
        std::string coding;
    };
    for (const Case& c : {Case{"gzip, deflate, br", "br", "br"}, Case{"gzip", "gz", "gzip"}, Case{"br;q=0.5, gzip", "gz", "gzip"},
                          Case{"", "plain wasm", ""}, Case{"identity", "plain wasm", ""}, Case{"br;q=0, gzip;q=0", "plain wasm", ""},
                          Case{"identity, br;q=0.1", "plain wasm", ""}, Case{"*", "br", "br"}}) {
        INFO(c.accept);
        auto answer = site.get(file, {{"Accept-Encoding", c.accept}});
        CHECK(answer.body == c.body);
        CHECK(answer.headers.get("Content-Encoding") == c.coding);
        CHECK(answer.headers.get("Content-Type") == "application/wasm");
        CHECK(answer.headers.get("Vary") == "Accept-Encoding");
    }
    CHECK_FALSE(site.get("/config.json", {{"Accept-Encoding", "br"}}).headers.has("Vary"));
}

TEST_CASE("ETags are strong, differ by encoding, and follow the content") {
    Site site;
    const std::string file = "/assets/app.0123abcd.wasm";
    const auto plain = site.get(file);
    const auto br = site.get(file, {{"Accept-Encoding", "br"}});
    const std::string etag(plain.headers.get("ETag"));
    CHECK(etag.starts_with('"'));
    CHECK(etag != br.headers.get("ETag"));
    for (const auto& condition : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
        auto answer = site.get(file, {{"If-None-Match", condition}});
        CHECK(answer.status == 304);
        CHECK(answer.body.empty());
        CHECK(answer.headers.get("ETag") == etag);
        CHECK(answer.headers.has("Cache-Control"));
    }
    CHECK(site.get(file, {{"If-None-Match", "\"other\""}}).status == 200);
    site.folder.write("site/assets/app.0123abcd.wasm", "new content");
    auto changed = site.get(file, {{"If-None-Match", etag}});
    CHECK(changed.status == 200);
    CHECK(changed.body == "new content");
}

TEST_CASE("nothing outside the folder is served") {
    Site site;
    for (const char* target : {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
                               "/link.txt", "/.hidden", "/assets/..\\..\\secret.txt", "/%00", "/index.html%00.txt", "/%zz", "//../secret.txt",
                               "/config.json/", "/no.such"}) {
        INFO(target);
        auto answer = site.get(target);
        if (std::string(target) == "/config.json/") {
            CHECK(answer.body == "{}");  // slashes at the end do no harm
            continue;
        }
        CHECK(answer.status == 404);
        CHECK(answer.body.find("secret") == std::string::npos);
    }
    CHECK(site.get("/inside.json").body == "{}");  // a link within the folder is fine
}

TEST_CASE("navigations to unknown paths get the page, other requests 404") {
    Site site;
    CHECK(site.get("/workflows/42", kNavigation).body == "<!doctype html>index");
    CHECK(site.get("/workflows/42").status == 404);
    CHECK(site.get("/missing.js", kNavigation).status == 404);
    CHECK(site.get("/docs/").body == "docs");
    auto redirect = site.get("//docs", kNavigation);
    CHECK(redirect.status == 301);
    CHECK(redirect.headers.get("Location") == "/docs/");
}

TEST_CASE("files are only read") {
    Site site;
    auto head = site.get("/config.json", {}, "HEAD");
    CHECK(head.status == 200);
    CHECK(head.body.empty());
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
        auto answer = site.get("/config.json", {}, method);
        CHECK(answer.status == 405);
        CHECK(answer.headers.get("Allow") == "GET, HEAD");
    }
}

TEST_CASE("a folder that is none, or has no page, is refused at the start") {
    test::TemporaryFolder folder;
    auto missing = gateway::StaticFiles::open((folder.path() / "none").string());
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().hint.find("--static") != std::string::npos);
    auto empty = gateway::StaticFiles::open(folder.path().string());
    REQUIRE_FALSE(empty.has_value());
    CHECK(empty.error().message.find("index.html") != std::string::npos);
}
