#include "hub/export_routes.hpp"

#include "hub/manifest_export.hpp"
#include "hub/workflow_rules.hpp"
#include "wire/json_reader.hpp"

namespace hub {

void ExportRoutes::add_routes(net::Router& router) {
    services_.route(router, "POST", "/manifests/export", [this](const User&, net::RoutedRequest routed, const Writer& writer) { export_workflow(routed.request, writer); });
}

void ExportRoutes::export_workflow(const net::ServerRequest& request, const Writer& writer) const {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const wire::JsonReader fields(*body, errors);
    const std::string name = fields.string_or("name", "");
    const std::string format = fields.string_or("format", "yaml");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    if (format != "yaml" && format != "kustomize") return send_error(*writer, 400, "format: expected yaml or kustomize");
    const Json& nodes = array_at(*body, "nodes");
    const Json& edges = array_at(*body, "edges");
    if (const auto problems = check_structure(nodes, edges); !problems.empty()) {
        std::vector<std::string> lines;
        for (const Problem& problem : problems) lines.push_back(problem.path + ": " + problem.message);
        return send_error(*writer, 400, "The workflow is not valid: " + lines.front(), lines);
    }
    const ManifestExport made = export_manifests(nodes, edges, {.name = name, .default_namespace = services_.options.default_namespace, .kustomize = format == "kustomize"});
    if (made.files.empty()) return send_error(*writer, 400, "There is nothing to export: no node of the workflow is an object yet.", made.warnings);
    Json files = Json::array();
    for (const ExportedFile& file : made.files) files.push_back({{"name", file.name}, {"content", file.content}});
    send_json(*writer, 200, {{"files", std::move(files)}, {"warnings", made.warnings}});
}

}  // namespace hub
