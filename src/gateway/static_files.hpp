// StaticFiles: serves a folder, the built site.
//
//   auto files = gateway::StaticFiles::open("dist");
//   if (!files) ...
//   mounts.mount("/", **files);
//
//   - `name.br` and `name.gz` beside a file are sent in its place as Accept-Encoding (with q values) wants it.
//   - ETag is strong, a hash of the bytes sent; If-None-Match gets 304.
//   - Names with a hash in them (assets/app.0123abcd.wasm: eight or more hexadecimal digits before the last ending) are cached for ever, all else is
//     asked for again (no-cache).
//   - Nothing outside the folder: no "..", however encoded, no link that leaves it, no name that begins with a dot.
//   - A path without ending finds the page of that name: /auth/callback is auth/callback.html, as on most static hosts.
//   - A navigation (Accept has text/html) to a path without ending gets index.html, other unknown paths 404.
// Files are read when first asked for and kept while their size and time stay the same, up to 64 MiB in all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http.hpp"

namespace gateway {

// "application/wasm" for "a/b.wasm"; "application/octet-stream" when unknown.
[[nodiscard]] std::string_view content_type_of(std::string_view path);
[[nodiscard]] bool is_hashed_name(std::string_view path);
// The q value (0 to 1000 thousandths) that Accept-Encoding gives `coding`, RFC 9110, 12.5.3.
[[nodiscard]] int encoding_weight(std::string_view accept_encoding, std::string_view coding);

class StaticFiles final : public net::HttpHandler {
public:
    // not_found when `directory` is none, or has no index.html.
    [[nodiscard]] static base::Result<std::unique_ptr<StaticFiles>> open(const std::string& directory);
    ~StaticFiles() override;
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override;

private:
    class Impl;
    explicit StaticFiles(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace gateway
