// Handlers made of handlers: Mounts picks one by path prefix, Router by method and path pattern.
//
//   net::Mounts site;
//   site.mount("/v1/api", hub);                                       // the hub sees "/v1/api/workflows"
//   site.mount("/k8s", cluster.api(), net::Mounts::Prefix::strip);    // the cluster sees "/api/v1/pods?watch=1"
//   site.mount("/", files);
//
//   net::Router router;
//   router.route("GET", "/v1/api/workflows/:id/status/stream", [this](net::RoutedRequest request, auto writer) {
//       stream_status(request.param("id"), std::move(writer));
//   });
//   router.route("GET", "/v1/api/files/*path", ...);                  // the rest of the path, slashes and all
//
// Prefixes and patterns match whole segments: "/k8s" takes "/k8s", "/k8s/" and "/k8s?x", not "/k8sx"; the longest prefix
// wins. Literal segments win over `:name`, that over `*name`, whatever the order of registration. One slash at the end
// of a path makes no difference to a pattern.
// Answered here, as JSON {"error": ...}: 404, 405 with Allow (OPTIONS gets 204 with Allow), 400 for a path that does not
// percent-decode to UTF-8. HEAD goes to GET's route; the transport drops the body.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.hpp"

namespace net {

// "/a?b" -> {"/a", "b"}. The fragment never reaches a server.
struct SplitTarget {
    std::string_view path;
    std::string_view query;
};
[[nodiscard]] SplitTarget split_target(std::string_view target);

// {"error": message} with that status.
[[nodiscard]] Response error_response(int status, std::string_view message);

class Mounts final : public HttpHandler {
public:
    enum class Prefix { keep, strip };
    // `handler` must outlive the mounts. A second mount of the same prefix replaces the first.
    void mount(std::string prefix, HttpHandler& handler, Prefix mode = Prefix::keep);
    void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) override;

private:
    struct Entry {
        std::string prefix;  // without the slash at the end; empty for the root
        HttpHandler* handler;
        Prefix mode;
    };
    std::vector<Entry> entries_;  // longest first
};

// A request with what its pattern captured, percent-decoded.
struct RoutedRequest {
    ServerRequest request;
    std::vector<std::pair<std::string, std::string>> params;

    // Empty when the pattern has no such name.
    [[nodiscard]] std::string_view param(std::string_view name) const;
    // Undecoded, without the question mark.
    [[nodiscard]] std::string_view query() const { return split_target(request.target).query; }
};

class Router final : public HttpHandler {
public:
    using Handle = base::UniqueFunction<void(RoutedRequest, std::shared_ptr<ResponseWriter>)>;
    // `pattern` starts with a slash; `:name` takes one segment, `*name` (last) the rest, which may be empty.
    void route(std::string method, std::string_view pattern, Handle handle);
    void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) override;

private:
    enum class Kind { literal, one, rest };
    struct Segment {
        Kind kind;
        std::string text;  // the literal, or the name
    };
    struct Route {
        std::string method;
        std::vector<Segment> segments;
        Handle handle;
    };
    static bool matches(const Route& route, const std::vector<std::string>& segments);
    static bool is_more_specific(const Route& a, const Route& b);

    std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace net
