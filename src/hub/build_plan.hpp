// A build as it would go, made up honestly: what is asked for decides what happens. Nothing is cloned, built or pushed; every build says
// so. Pure: the same request against the same registry gives the same stages, log, image and digest.
//
// How it ends, in order:
//   1. cloning: a host under .invalid is not found; a repository with a part `missing`, `nonexistent` or `does-not-exist` does not
//      exist, one with a part `private` wants credentials; a branch of those words does not exist.
//   2. building: a build context or Dockerfile of those words is not there, nor is a Dockerfile that is not named like one, nor any in
//      a repository with the words `no-dockerfile` in its name. Nixpacks finds its language in the name (go, python, java, rust, php, ruby, else Node.js);
//      repositories of `docs`, `infra`, `charts`, `manifests` or `data` have nothing to run. A repository with the word `broken` does not compile.
//   3. pushing: a registry whose last check failed, or that needs credentials and has none, refuses.
// Words are what stands between '-', '_', '.' and '/'.
//
//   const auto request = read_build_request(body);
//   const BuildPlan plan = plan_build(*request, registry);
//   plan.steps[3].message; plan.error_stage; plan.image_ref == "ghcr.io/acme/shop:1.4"; plan.image_digest == "sha256:..."
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hub/git_source.hpp"
#include "hub/registry_record.hpp"

namespace hub {

// POST /builds/start, checked (contracts: KubeOrch core, "Builds"; nodeId is ours).
struct BuildRequest {
    GitSource source;
    std::string repo_url;
    std::string registry_id;
    std::string image_name;
    std::string branch = "main";
    std::string image_tag = "latest";
    std::string build_context = ".";
    std::string dockerfile = "Dockerfile";
    std::map<std::string, std::string> build_args;  // values are used and never shown
    bool use_nixpacks = false;
    std::string workflow_id;
    std::string node_id;     // which node of it shall get the image
};

// Every mistake with its path: "repoUrl: ...; imageTag: ...".
[[nodiscard]] base::Result<BuildRequest> read_build_request(const Json& body);

struct BuildStep {
    std::int64_t delay_ms = 0;  // after the one before
    std::string stage;          // cloning, building, pushing
    int progress = 0;           // 0..100, of the whole
    std::string level = "info"; // info, warning, error
    std::string message;
};

struct BuildPlan {
    std::vector<BuildStep> steps;
    std::string error_stage;    // empty: it succeeds
    std::string error_message;
    std::string commit;         // 40 hex digits
    std::string image_ref;      // "ghcr.io/acme/shop:1.4"
    std::string image_digest;   // "sha256:..."
    std::int64_t image_bytes = 0;
    [[nodiscard]] bool succeeds() const { return error_stage.empty(); }
};

[[nodiscard]] BuildPlan plan_build(const BuildRequest& request, const RegistryRecord& registry);

}  // namespace hub
