#include "hub/git_source.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/image_reference.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxBytes = 1'000;

std::unexpected<base::Error> wrong(std::string_view why) {
    return base::fail(base::ErrorCode::invalid_argument, std::string(why), "Write it as https://github.com/owner/repository.");
}

bool is_path_part(std::string_view part) {
    if (part.empty() || part == "." || part == "..") return false;
    return std::all_of(part.begin(), part.end(), [](char c) { return base::is_ascii_alpha(c) || base::is_ascii_digit(c) || c == '-' || c == '_' || c == '.' || c == '~' || c == '+'; });
}

// "/acme/shop/tree/main/deploy" and GitLab's "/acme/shop/-/blob/main/app.yaml" taken apart.
base::Result<void> take_path(std::string_view path, GitSource& source) {
    std::vector<std::string_view> parts = base::split(path, '/');
    std::erase_if(parts, [](std::string_view part) { return part.empty(); });
    std::size_t end = parts.size();
    for (std::size_t i = 2; i < parts.size(); ++i) {
        const bool page = parts[i] == "tree" || parts[i] == "blob" || parts[i] == "raw";
        if (!page || i + 1 >= parts.size()) continue;
        end = parts[i - 1] == "-" ? i - 1 : i;
        source.ref = parts[i + 1];
        if (parts[i] != "tree") {
            for (std::size_t k = i + 2; k < parts.size(); ++k) source.file += (source.file.empty() ? "" : "/") + std::string(parts[k]);
        }
        break;
    }
    for (std::size_t i = 0; i < end; ++i) {
        std::string_view part = parts[i];
        if (i + 1 == end && part.ends_with(".git")) part.remove_suffix(4);
        if (!is_path_part(part)) return wrong("\"" + std::string(base::utf8_prefix(part, 80)) + "\" is no part of a repository's address.");
        source.path += (source.path.empty() ? "" : "/") + std::string(part);
    }
    if (source.path.find('/') == std::string::npos) return wrong("The address names no repository.");
    if (!source.ref.empty() && !is_git_ref(source.ref)) return wrong("\"" + source.ref + "\" is no branch.");
    return {};
}

}  // namespace

std::string GitSource::name() const { return path.substr(path.rfind('/') + 1); }
std::string GitSource::web_address() const { return "https://" + host + "/" + path; }

base::Result<GitSource> parse_git_source(std::string_view text) {
    text = base::trim(text);
    if (text.empty()) return wrong("The address of the repository is missing.");
    if (text.size() > kMaxBytes) return wrong("The address of the repository is too long.");
    GitSource source;
    std::string_view path;
    if (text.starts_with("git@")) {  // scp's way
        const auto halves = base::split_once(text.substr(4), ':');
        if (!halves) return wrong("The address names no repository.");
        source.host = base::to_ascii_lower(halves->before);
        path = halves->after;
    } else {
        bool known = false;
        for (const std::string_view scheme : {"https://", "http://", "ssh://git@", "git://"}) {
            if (known || !base::starts_with_ascii_case(text, scheme)) continue;
            known = true;
            text.remove_prefix(scheme.size());
        }
        if (!known && text.find("://") != std::string_view::npos) return wrong("Only https and ssh addresses can be cloned.");
        text = text.substr(0, text.find_first_of("?#"));
        const std::size_t slash = text.find('/');
        if (slash == std::string_view::npos) return wrong("The address names no repository.");
        source.host = base::to_ascii_lower(text.substr(0, slash));
        if (source.host.find('@') != std::string::npos) return wrong("The address holds a user name or password, which would be stored and shown. Leave it out.");
        path = text.substr(slash);
    }
    if (!is_registry_host(source.host)) return wrong("\"" + std::string(base::utf8_prefix(source.host, 80)) + "\" is no host name.");
    if (const auto taken = take_path(path, source); !taken) return base::fail(taken.error());
    return source;
}

bool is_git_ref(std::string_view text) {
    if (text.empty() || text.size() > 200 || text.front() == '-' || text.front() == '/' || text.back() == '/' || text.back() == '.') return false;
    if (text.find("..") != std::string_view::npos || text.find("//") != std::string_view::npos || text.ends_with(".lock")) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return base::is_ascii_alpha(c) || base::is_ascii_digit(c) || c == '-' || c == '_' || c == '.' || c == '/' || c == '+' || c == '#'; });
}

}  // namespace hub
