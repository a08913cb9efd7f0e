#include "hub/build_plan.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "hub/crypto/sha256.hpp"
#include "hub/image_reference.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxArgs = 50;
constexpr std::size_t kMaxArgBytes = 4'000;
constexpr std::size_t kMaxPathBytes = 300;
constexpr std::array kNeverThere = std::to_array<std::string_view>({"missing", "nonexistent", "does-not-exist"});

bool is_never_there(std::string_view part) { return std::find(kNeverThere.begin(), kNeverThere.end(), part) != kNeverThere.end(); }

// Any whole part between slashes.
bool has_part(std::string_view path, auto&& test) {
    const std::vector<std::string_view> parts = base::split(path, '/');
    return std::any_of(parts.begin(), parts.end(), test);
}

bool has_word(std::string_view text, std::string_view word) {
    const std::string lower = base::to_ascii_lower(text);
    std::size_t at = 0;
    while (at <= lower.size()) {
        const std::size_t end = std::min(lower.find_first_of("-_./", at), lower.size());
        if (std::string_view(lower).substr(at, end - at) == word) return true;
        at = end + 1;
    }
    return false;
}

bool is_relative_path(std::string_view path) {
    if (path.empty() || path.size() > kMaxPathBytes || path.front() == '/' || path.find('\\') != std::string_view::npos) return false;
    return !has_part(path, [](std::string_view part) { return part == ".."; });
}

bool is_named_dockerfile(std::string_view path) {
    const std::string file = base::to_ascii_lower(path.substr(path.rfind('/') + 1));
    return file == "dockerfile" || file == "containerfile" || file.starts_with("dockerfile.") || file.ends_with(".dockerfile");
}

struct Language {
    std::string_view name, setup, install, build;
};
constexpr Language kNode{"Node.js", "nodejs_22, npm-9_x", "npm ci", "npm run build"};
struct LanguageWord {
    std::string_view word;
    Language language;
};
constexpr std::array kLanguages = std::to_array<LanguageWord>({
    {"go", {"Go", "go_1_24", "go mod download", "go build -o out"}},
    {"golang", {"Go", "go_1_24", "go mod download", "go build -o out"}},
    {"python", {"Python", "python313, gcc", "pip install -r requirements.txt", "python -m compileall ."}},
    {"django", {"Python", "python313, gcc", "pip install -r requirements.txt", "python manage.py collectstatic"}},
    {"java", {"Java", "jdk21, maven", "mvn dependency:go-offline", "mvn package"}},
    {"rust", {"Rust", "rust_1_85, gcc", "cargo fetch", "cargo build --release"}},
    {"php", {"PHP", "php84, composer", "composer install", "composer dump-autoload"}},
    {"ruby", {"Ruby", "ruby_3_4, bundler", "bundle install", "bundle exec rake assets:precompile"}},
});

class Planner {
public:
    Planner(const BuildRequest& request, const RegistryRecord& registry) : request_(request), registry_(registry) {}

    BuildPlan run() {
        describe_image();
        if (clone() && build()) push();
        return std::move(plan_);
    }

private:
    void step(std::int64_t delay_ms, int progress, std::string message, std::string level = "info") {
        plan_.steps.push_back({delay_ms, stage_, progress, std::move(level), std::move(message)});
    }
    // What the program says, then what a person is told.
    bool fail(std::int64_t delay_ms, std::string output, std::string message) {
        step(delay_ms, plan_.steps.empty() ? 0 : plan_.steps.back().progress, std::move(output), "error");
        plan_.error_stage = stage_;
        plan_.error_message = std::move(message);
        return false;
    }
    // 0 .. below, the same for the same request.
    std::int64_t vary(std::string_view what, std::int64_t below) const {
        const crypto::Digest digest = crypto::sha256(seed_ + std::string(what));
        return static_cast<std::int64_t>((std::uint64_t{digest[0]} << 16 | std::uint64_t{digest[1]} << 8 | digest[2]) % static_cast<std::uint64_t>(below));
    }

    void describe_image() {
        seed_ = request_.source.web_address() + "\n" + request_.branch + "\n";
        plan_.commit = base::hex_encode(crypto::as_bytes(crypto::sha256(seed_))).substr(0, 40);
        std::string content = plan_.commit + "\n" + request_.build_context + "\n" + (request_.use_nixpacks ? "nixpacks" : request_.dockerfile) + "\n";
        for (const auto& [name, value] : request_.build_args) content += name + "=" + value + "\n";
        plan_.image_digest = "sha256:" + base::hex_encode(crypto::as_bytes(crypto::sha256(content)));
        plan_.image_bytes = 48'000'000 + vary("size", 160'000'000);
        const std::string prefix = registry_.path_prefix();
        plan_.image_ref = registry_.host() + "/" + (prefix.empty() ? "" : prefix + "/") + request_.image_name + ":" + request_.image_tag;
    }

    bool clone() {
        stage_ = "cloning";
        const GitSource& source = request_.source;
        step(0, 0, "Simulated: nothing is cloned, built or pushed; the build goes as its settings say.", "warning");
        step(200, 2, "Cloning " + source.web_address() + " (branch " + request_.branch + ")");
        if (source.host.ends_with(".invalid")) {
            return fail(900, "fatal: unable to access '" + source.web_address() + "': Could not resolve host: " + source.host, "The host " + source.host + " is not known. Check the address of the repository.");
        }
        if (has_part(source.path, is_never_there)) {
            return fail(700, "remote: Repository not found.", "There is no repository " + source.path + " on " + source.host + ". Check its address.");
        }
        if (has_part(source.path, [](std::string_view part) { return part == "private"; })) {
            return fail(700, "fatal: Authentication failed for '" + source.web_address() + "'", "The repository " + source.path + " is not public. Builds can only clone public repositories.");
        }
        if (has_part(request_.branch, is_never_there)) {
            return fail(800, "fatal: Remote branch " + request_.branch + " not found in upstream origin", "The repository has no branch " + request_.branch + ".");
        }
        const std::int64_t objects = 120 + vary("objects", 2'400);
        step(400, 6, "remote: Enumerating objects: " + std::to_string(objects) + ", done.");
        step(500 + vary("clone", 700), 12, "Receiving objects: 100% (" + std::to_string(objects) + "/" + std::to_string(objects) + "), " + base::human_bytes(static_cast<std::uint64_t>(objects) * 5'300) + ", done.");
        step(150, 15, "HEAD is now at " + plan_.commit.substr(0, 10));
        return true;
    }

    bool build() {
        stage_ = "building";
        const std::string& context = request_.build_context;
        if (has_part(context, is_never_there)) return fail(200, "unable to prepare context: path \"" + context + "\" not found", "The repository has no folder " + context + ". Change the build context.");
        return request_.use_nixpacks ? build_by_nixpacks() : build_by_dockerfile();
    }

    bool build_by_nixpacks() {
        const std::string name = request_.source.name();
        for (const std::string_view word : {"docs", "infra", "charts", "manifests", "data"}) {
            if (!has_word(name, word)) continue;
            return fail(600, "Nixpacks was unable to generate a build plan for this app.", "Nixpacks finds nothing to run in " + name + ". Add a Dockerfile and build with that.");
        }
        Language language = kNode;
        for (const LanguageWord& entry : kLanguages) {
            if (has_word(name, entry.word)) language = entry.language;
        }
        step(500, 20, "Nixpacks: detected " + std::string(language.name));
        step(200, 24, "setup      │ " + std::string(language.setup));
        step(900 + vary("install", 900), 42, "install    │ " + std::string(language.install));
        if (has_word(request_.source.path, "broken")) return does_not_compile(language.build);
        step(1'300 + vary("build", 1'500), 66, "build      │ " + std::string(language.build));
        return export_image();
    }

    bool build_by_dockerfile() {
        const bool none = base::to_ascii_lower(request_.source.name()).find("no-dockerfile") != std::string::npos;
        const bool there = !none && is_named_dockerfile(request_.dockerfile) && !has_part(request_.dockerfile, is_never_there);
        step(250, 18, "#1 [internal] load build definition from " + request_.dockerfile);
        if (!there) {
            return fail(300, "ERROR: failed to read dockerfile: open " + request_.dockerfile + ": no such file or directory",
                        "The repository has no " + request_.dockerfile + ". Change the Dockerfile's path, or build with Nixpacks.");
        }
        step(350, 22, "#2 [internal] load metadata for the base image");
        step(300, 26, "#3 [internal] load build context " + request_.build_context);
        for (const auto& [name, value] : request_.build_args) step(20, 28, "#4 build argument " + name + " is set");
        step(600 + vary("base", 700), 38, "#5 [1/4] FROM base image");
        step(200, 42, "#6 [2/4] COPY . /app");
        if (has_word(request_.source.path, "broken")) return does_not_compile("make");
        step(1'200 + vary("run", 1'600), 62, "#7 [3/4] RUN make");
        step(250, 68, "#8 [4/4] COPY --from=build /app/out /usr/local/bin");
        return export_image();
    }

    bool does_not_compile(std::string_view command) {
        return fail(1'400, "ERROR: process \"/bin/sh -c " + std::string(command) + "\" did not complete successfully: exit code: 1", "The program does not compile: " + std::string(command) + " ended with exit code 1. Mend it and build again.");
    }

    bool export_image() {
        step(400 + vary("export", 500), 74, "exporting image " + plan_.image_digest);
        step(100, 76, "image size " + base::human_bytes(static_cast<std::uint64_t>(plan_.image_bytes)));
        return true;
    }

    void push() {
        stage_ = "pushing";
        step(200, 78, "The push refers to repository [" + registry_.host() + "/" + request_.image_name + "]");
        const bool needs_login = registry_.type != "custom";
        if (registry_.status == "error") {
            (void)fail(500, "unauthorized: authentication required", "The registry " + registry_.name + " refuses: its last check failed. Check it under Settings, Registries.");
            return;
        }
        if (needs_login && login_of(registry_).user.empty() && registry_.credentials.empty()) {
            (void)fail(500, "denied: requested access to the resource is denied", "The registry " + registry_.name + " takes images with credentials only. Add them under Settings, Registries.");
            return;
        }
        const std::int64_t layers = 3 + vary("layers", 3);
        for (std::int64_t i = 1; i <= layers; ++i) {
            const std::string layer = base::hex_encode(crypto::as_bytes(crypto::sha256(plan_.image_digest + std::to_string(i)))).substr(0, 12);
            step(250 + vary(layer, 500), 78 + static_cast<int>(i * 20 / layers), layer + ": Pushed");
        }
        step(300, 100, request_.image_tag + ": digest: " + plan_.image_digest + " size: " + std::to_string(1'200 + vary("manifest", 900)));
    }

    const BuildRequest& request_;
    const RegistryRecord& registry_;
    std::string seed_;
    std::string stage_;
    BuildPlan plan_;
};

}  // namespace

base::Result<BuildRequest> read_build_request(const Json& body) {
    wire::JsonErrors errors;
    const wire::JsonReader fields(body, errors);
    BuildRequest request;
    const auto or_default = [&](std::string_view key, std::string& value) {
        if (auto given = fields.optional_string(key); given && !base::trim(*given).empty()) value = std::string(base::trim(*given));
    };
    request.repo_url = base::trim(fields.string("repoUrl"));
    request.registry_id = base::trim(fields.string("registryId"));
    request.image_name = base::trim(fields.string("imageName"));
    or_default("branch", request.branch);
    or_default("imageTag", request.image_tag);
    or_default("buildContext", request.build_context);
    or_default("dockerfile", request.dockerfile);
    or_default("workflowId", request.workflow_id);
    or_default("nodeId", request.node_id);
    request.use_nixpacks = fields.boolean_or("useNixpacks", false);
    request.build_args = fields.string_map("buildArgs");
    if (!errors.empty()) return base::fail(errors.to_error());

    auto source = parse_git_source(request.repo_url);
    if (!source) fields.fail("repoUrl", source.error().message + " " + source.error().hint);
    else request.source = std::move(*source);
    if (!request.source.ref.empty() && !fields.has("branch")) request.branch = request.source.ref;
    if (request.registry_id.empty()) fields.fail("registryId", "Choose a registry");
    // A registry is put in front: what is given here is the repository alone.
    const auto image = parse_image_reference("registry.invalid/" + request.image_name + ":x");
    if (request.image_name.empty()) fields.fail("imageName", "Give the image a name");
    else if (!image || image->repository != request.image_name) fields.fail("imageName", "\"" + request.image_name + "\" is no image name. Write it as team/web, in lower case, without registry and tag");
    if (!parse_image_reference("x:" + request.image_tag)) fields.fail("imageTag", "\"" + request.image_tag + "\" is no tag");
    if (!is_git_ref(request.branch)) fields.fail("branch", "\"" + request.branch + "\" is no branch");
    if (!is_relative_path(request.build_context)) fields.fail("buildContext", "Name a folder within the repository, such as . or services/web");
    if (!is_relative_path(request.dockerfile)) fields.fail("dockerfile", "Name a file within the repository, such as Dockerfile");
    if (request.build_args.size() > kMaxArgs) fields.fail("buildArgs", "At most " + std::to_string(kMaxArgs) + " arguments");
    for (const auto& [name, value] : request.build_args) {
        if (name.empty() || name.size() > 200 || value.size() > kMaxArgBytes) fields.fail("buildArgs", "An argument is too long, or has no name");
    }
    if (!errors.empty()) return base::fail(errors.to_error());
    return request;
}

BuildPlan plan_build(const BuildRequest& request, const RegistryRecord& registry) { return Planner(request, registry).run(); }

}  // namespace hub
