// A workflow as files that work without Binnacle: what `kubectl apply -f` and `kubectl apply -k` take. Pure.
//
//   ManifestExport made = export_manifests(nodes, edges, {.name = "Shop", .default_namespace = "default", .kustomize = true});
//   for (const ExportedFile& file : made.files) write(file.name, file.content);
//
// - The objects are those that a run would apply (manifests.hpp), in that order, without the marks that Binnacle keeps on its own objects:
//   a later run does not take them for its own, and they do not change with a node's id.
// - Nothing secret is in it, as none is stored: the keys of Secrets, and of environment variables that are asked for at each run, have empty
//   values, and a comment says so.
// - Kustomize: kustomization.yaml names one file per object; beyond kMaxObjectFiles all objects are in objects.yaml.
// - What has still to be filled in (no image, no name) is a warning, no error. A node without a usable name is left out: it would be no object.
#pragma once

#include <string>
#include <vector>

#include "hub/json_text.hpp"

namespace hub {

inline constexpr std::size_t kMaxObjectFiles = 40;

struct ExportedFile {
    std::string name;     // "deployment-web.yaml"
    std::string content;  // YAML
};

struct ManifestExport {
    std::vector<ExportedFile> files;
    std::vector<std::string> warnings;  // for people; at most 20, and one that counts the rest
};

struct ManifestExportOptions {
    std::string name;               // of the workflow
    std::string default_namespace;  // of nodes that name none
    bool kustomize = false;
};

// `nodes` and `edges` have passed check_structure().
[[nodiscard]] ManifestExport export_manifests(const Json& nodes, const Json& edges, const ManifestExportOptions& options);

}  // namespace hub
