#include "gateway/static_files.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "net/router.hpp"

namespace gateway {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxCachedBytes = std::size_t{64} * 1024 * 1024;

struct FileContent {
    std::string bytes;
    std::string etag;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::uint64_t inode = 0;
};

std::string_view ending_of(std::string_view path) {
    const auto slash = path.rfind('/');
    const auto name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    const auto dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

std::string strong_etag(std::string_view bytes) {
    std::array<std::uint8_t, 16> digest{};
    crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);
    return '"' + base::hex_encode(std::span<const std::uint8_t>(digest)) + '"';
}

// If-None-Match compares weakly (RFC 9110, 13.1.2).
bool matches_etag(std::string_view if_none_match, std::string_view etag) {
    for (auto candidate : base::split(if_none_match, ',')) {
        candidate = base::trim(candidate);
        if (candidate == "*") return true;
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        if (candidate == etag) return true;
    }
    return false;
}

class FileDescriptor {
public:
    explicit FileDescriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

std::optional<std::string> read_all(int fd, std::int64_t size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::read(fd, bytes.data() + done, bytes.size() - done);
        if (got <= 0) return std::nullopt;
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
    static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
        {"html", "text/html; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"wasm", "application/wasm"},
        {"json", "application/json"},
        {"map", "application/json"},
        {"webmanifest", "application/manifest+json"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"ico", "image/x-icon"},
        {"ttf", "font/ttf"},
        {"otf", "font/otf"},
        {"woff", "font/woff"},
        {"woff2", "font/woff2"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/plain; charset=utf-8"},
        {"xml", "application/xml"},
        {"yaml", "text/plain; charset=utf-8"},
        {"yml", "text/plain; charset=utf-8"},
    };
    const std::string ending = base::to_ascii_lower(ending_of(path));
    for (const auto& [known, type] : kTypes) {
        if (ending == known) return type;
    }
    return "application/octet-stream";
}

bool is_hashed_name(std::string_view path) {
    const auto slash = path.rfind('/');
    const auto parts = base::split(slash == std::string_view::npos ? path : path.substr(slash + 1), '.');
    // name.<hash>.ending, also name.<hash>.ending.map
    for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
        if (parts[i].size() >= 8 && std::all_of(parts[i].begin(), parts[i].end(), [](char c) {
                return base::is_ascii_digit(c) || (c >= 'a' && c <= 'f');
            })) {
            return true;
        }
    }
    return false;
}

int encoding_weight(std::string_view accept_encoding, std::string_view coding) {
    std::optional<int> named;
    std::optional<int> any;
    for (auto item : base::split(accept_encoding, ',')) {
        const auto halves = base::split_once(item, ';');
        const auto name = base::trim(halves ? halves->before : item);
        int weight = 1000;
        if (halves) {
            const auto parameter = base::trim(halves->after);
            if (base::starts_with_ascii_case(parameter, "q=")) {
                const auto q = base::parse_number(base::trim(parameter.substr(2)));
                weight = q && *q >= 0 && *q <= 1 ? static_cast<int>(*q * 1000 + 0.5) : 0;
            }
        }
        if (base::equals_ascii_case(name, coding) || (coding == "gzip" && base::equals_ascii_case(name, "x-gzip"))) named = weight;
        if (name == "*") any = weight;
    }
    if (named) return *named;
    if (any) return *any;
    return coding == "identity" ? 1 : 0;
}

class StaticFiles::Impl {
public:
    explicit Impl(fs::path root) : root_(std::move(root)) {}

    void handle(const net::ServerRequest& request, net::ResponseWriter& writer) {
        if (request.method != "GET" && request.method != "HEAD") {
            net::Response response = net::error_response(405, "files are only read: GET, HEAD");
            response.headers.set("Allow", "GET, HEAD");
            return writer.respond(std::move(response));
        }
        const auto raw_path = net::split_target(request.target).path;
        auto name = relative_name(raw_path);
        if (!name) return writer.respond(net::error_response(404, "no such file"));
        auto file = find(*name);
        if (!file && !name->empty() && !name->ends_with("index")) file = find(*name + ".html");
        if (!file) file = find(name->empty() ? "index.html" : *name + "/index.html");
        if (file && file->ends_with("index.html") && !name->ends_with("index.html") && !name->empty() && !raw_path.ends_with('/')) {
            // Relative addresses in a folder's page need the slash.
            net::Response response{301, {{"Location", std::string(raw_path.substr(raw_path.find_first_not_of('/') - 1)) + "/"}}, {}};
            return writer.respond(std::move(response));
        }
        if (!file && is_navigation(request, *name)) file = find("index.html");
        if (!file) return writer.respond(net::error_response(404, "no such file"));
        send(*file, request, writer);
    }

private:
    // Decoded, without leading slash; nothing for what is never served.
    static std::optional<std::string> relative_name(std::string_view raw_path) {
        std::string name;
        for (auto raw : base::split(raw_path, '/')) {
            if (raw.empty()) continue;
            const auto segment = base::percent_decode(raw);
            if (!segment || segment->starts_with('.') || segment->find_first_of("/\\") != std::string::npos) return std::nullopt;
            if (!name.empty()) name += '/';
            name += *segment;
        }
        return name;
    }

    static bool is_navigation(const net::ServerRequest& request, const std::string& name) {
        return ending_of(name).empty() && base::find_ascii_case(request.headers.get("Accept"), "text/html") != std::string_view::npos;
    }

    // The name when it is a plain file inside the folder.
    [[nodiscard]] std::optional<std::string> find(const std::string& name) const {
        std::error_code error;
        const fs::path real = fs::canonical(root_ / name, error);
        if (error || !fs::is_regular_file(real, error)) return std::nullopt;
        const auto inside = std::mismatch(root_.begin(), root_.end(), real.begin(), real.end());
        if (inside.first != root_.end()) return std::nullopt;
        return name;
    }

    void send(const std::string& name, const net::ServerRequest& request, net::ResponseWriter& writer) {
        const std::string accepted(request.headers.get("Accept-Encoding"));
        struct Variant {
            std::string_view coding;
            std::string_view suffix;
            int weight;
        };
        // Best first; of equal weights the smaller one.
        std::vector<Variant> variants;
        bool has_variants = false;
        for (Variant variant : {Variant{"br", ".br", 0}, Variant{"gzip", ".gz", 0}}) {
            if (!find(name + std::string(variant.suffix))) continue;
            has_variants = true;
            variant.weight = encoding_weight(accepted, variant.coding);
            if (variant.weight > 0) variants.push_back(variant);
        }
        std::stable_sort(variants.begin(), variants.end(), [](const Variant& a, const Variant& b) { return a.weight > b.weight; });
        // Identity is named with a better weight: rare, and meant.
        const int identity = encoding_weight(accepted, "identity");
        std::erase_if(variants, [identity](const Variant& variant) { return variant.weight < identity; });
        variants.push_back({"", "", 0});

        for (const Variant& variant : variants) {
            const auto content = load(name + std::string(variant.suffix));
            if (!content) continue;
            net::Response response;
            response.headers.set("Content-Type", std::string(content_type_of(name)));
            response.headers.set("ETag", content->etag);
            response.headers.set("Cache-Control", is_hashed_name(name) ? "public, max-age=31536000, immutable" : "no-cache");
            if (has_variants) response.headers.set("Vary", "Accept-Encoding");
            if (!variant.coding.empty()) response.headers.set("Content-Encoding", std::string(variant.coding));
            if (matches_etag(request.headers.get("If-None-Match"), content->etag)) {
                response.status = 304;
            } else {
                response.body = content->bytes;
            }
            return writer.respond(std::move(response));
        }
        writer.respond(net::error_response(404, "no such file"));
    }

    std::shared_ptr<const FileContent> load(const std::string& name) {
        const FileDescriptor file((root_ / name).string());
        struct stat info {};
        if (file.get() < 0 || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return nullptr;
        const std::int64_t modified_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
        auto& cached = cache_[name];
        if (cached && cached->size == info.st_size && cached->modified_ns == modified_ns && cached->inode == info.st_ino) return cached;
        auto bytes = read_all(file.get(), info.st_size);
        if (!bytes) {
            cache_.erase(name);
            return nullptr;
        }
        auto content = std::make_shared<FileContent>();
        content->etag = strong_etag(*bytes);
        content->bytes = std::move(*bytes);
        content->size = info.st_size;
        content->modified_ns = modified_ns;
        content->inode = info.st_ino;
        if (cached) cached_bytes_ -= cached->bytes.size();
        cached_bytes_ += content->bytes.size();
        cached = content;
        if (cached_bytes_ > kMaxCachedBytes) {
            cache_.clear();
            cached_bytes_ = 0;
        }
        return content;
    }

    fs::path root_;  // canonical
    std::map<std::string, std::shared_ptr<const FileContent>> cache_;
    std::size_t cached_bytes_ = 0;
};

base::Result<std::unique_ptr<StaticFiles>> StaticFiles::open(const std::string& directory) {
    std::error_code error;
    const fs::path root = fs::canonical(directory, error);
    if (error || !fs::is_directory(root, error)) {
        return base::fail(base::ErrorCode::not_found, "There is no folder \"" + directory + "\"", "Give --static the folder of the built site");
    }
    if (!fs::is_regular_file(root / "index.html", error)) {
        return base::fail(base::ErrorCode::not_found, "\"" + directory + "\" has no index.html",
                          "Build the site first (./run.sh does), or give --static another folder");
    }
    return std::unique_ptr<StaticFiles>(new StaticFiles(std::make_unique<Impl>(root)));
}

StaticFiles::StaticFiles(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StaticFiles::~StaticFiles() = default;
void StaticFiles::handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) { impl_->handle(request, *writer); }

}  // namespace gateway
