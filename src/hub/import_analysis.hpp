// What a docker-compose file or Kubernetes manifests would be on the canvas (contracts: KubeOrch core, "Import"). Pure: the same bytes
// give the same answer (golden files in tests/data/hub/import).
//
//   const Json analysis = analyze_import(text, {.file_name = "compose.yaml", .ns = "shop"});
//   analysis["suggestedNodes"]; analysis["suggestedEdges"]; analysis["layoutPositions"]["deployment-web"]["x"];
//   for (const Json& issue : analysis["errors"]) show(issue["line"], issue["message"]);
//
// Always an analysis, whatever the bytes: detectedType is "docker-compose", "kubernetes" or "unknown", and errors say what kept the
// rest from being read. What it suggests passes check_structure, values of secrets are never in it (a secret node has the names of
// its keys; Run asks for the values), and nothing is published to the outside that the file does not publish by a Service or Ingress
// of its own. Errors and warnings have code, message, and where known service, field and line.
// Limits: kMaxImportBytes of text, ImportDraft::kMaxNodes nodes, those of YamlLimits.
#pragma once

#include <string>
#include <string_view>

#include "hub/json_text.hpp"

namespace hub {

inline constexpr std::size_t kMaxImportBytes = 1024 * 1024;  // contract

struct ImportInput {
    std::string file_name = {};  // helps to tell what it is; may be empty
    std::string ns = {};         // for nodes whose file names no namespace; empty: they name none either
};

[[nodiscard]] Json analyze_import(std::string_view text, const ImportInput& input);

// An analysis of nothing with one error, in the same shape.
[[nodiscard]] Json failed_import(std::string_view code, std::string message);

// Is it worth showing on a canvas: nodes, and no errors that leave it without any.
[[nodiscard]] bool import_has_nodes(const Json& analysis);

}  // namespace hub
