#include "hub/import_source.hpp"

#include <array>

#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/git_source.hpp"

namespace hub {

namespace {

constexpr std::string_view kGithubFiles = "https://raw.githubusercontent.com";
constexpr std::array kCandidates = std::to_array<std::string_view>({"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "kubernetes.yaml", "k8s.yaml", "deployment.yaml", "k8s/deployment.yaml",
                                                                    "kubernetes/deployment.yaml", "deploy/kubernetes.yaml"});

bool is_yaml(std::string_view path) {
    const std::string lower = base::to_ascii_lower(path);
    return lower.ends_with(".yml") || lower.ends_with(".yaml") || lower.ends_with(".json");
}

std::string encoded(std::string_view path) {
    std::string out;
    for (const std::string_view part : base::split(path, '/')) out += "/" + base::percent_encode_segment(part);
    return out;
}

}  // namespace

base::Result<std::vector<ImportPlace>> import_places(const ImportSource& source) {
    const auto git = parse_git_source(source.url);
    const bool known_host = git && (git->host == "github.com" || git->host == "gitlab.com");
    // The address of a file on some server.
    if (source.kind == "git_url" && !known_host) {
        const auto url = base::parse_http_url(source.url);
        if (url && is_yaml(url->path)) return std::vector<ImportPlace>{{url->origin(), url->path + (url->query.empty() ? "" : "?" + url->query), url->path.substr(url->path.rfind('/') + 1)}};
    }
    if (!git) return base::fail(git.error());
    if (source.kind == "github" && git->host != "github.com") return base::fail(base::ErrorCode::invalid_argument, "This is no address on github.com.", "Choose another source, or paste the file.");
    if (!source.branch.empty() && !is_git_ref(source.branch)) return base::fail(base::ErrorCode::invalid_argument, "\"" + source.branch + "\" is no branch.");
    const std::string ref = !source.branch.empty() ? source.branch : !git->ref.empty() ? git->ref : "HEAD";
    std::vector<std::string> files;
    if (!git->file.empty()) files.push_back(git->file);
    else files.assign(kCandidates.begin(), kCandidates.end());
    const std::string host = "https://" + git->host;
    std::vector<ImportPlace> places;
    for (const std::string& file : files) {
        if (git->host == "github.com") {
            places.push_back({std::string(kGithubFiles), encoded(git->path) + encoded(ref) + encoded(file), file});
        } else if (git->host == "gitlab.com" || source.kind == "gitlab") {
            places.push_back({host, encoded(git->path) + "/-/raw" + encoded(ref) + encoded(file), file});
        } else {  // Gitea and Forgejo
            places.push_back({host, encoded(git->path) + "/raw" + (ref == "HEAD" ? "" : "/branch") + encoded(ref) + encoded(file), file});
        }
    }
    return places;
}

bool is_public_place(const ImportPlace& place) { return place.origin == kGithubFiles || place.origin == "https://gitlab.com"; }

}  // namespace hub
