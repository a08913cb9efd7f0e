// Imports: any bytes give an analysis whose nodes and edges the hub itself would store; multipart bodies, repository addresses and the
// small languages of Compose files take any text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "hub/git_source.hpp"
#include "hub/import_analysis.hpp"
#include "hub/import_compose_values.hpp"
#include "hub/import_draft.hpp"
#include "hub/import_source.hpp"
#include "hub/multipart.hpp"
#include "hub/workflow_rules.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check_analysis(std::string_view text) {
    const hub::Json analysis = hub::analyze_import(text, {.file_name = "compose.yaml", .ns = "shop"});
    const hub::Json& nodes = analysis["suggestedNodes"];
    require(nodes.size() <= hub::ImportDraft::kMaxNodes);
    require(hub::check_structure(nodes, analysis["suggestedEdges"]).empty());
    for (const hub::Json& node : nodes) require(analysis["layoutPositions"].contains(hub::text_at(node, "id")));
    if (analysis["detectedType"] == "unknown") require(!analysis["errors"].empty() && nodes.empty());
    for (const char* list : {"errors", "warnings"}) {
        require(analysis[list].size() <= hub::ImportDraft::kMaxIssues + 1);
        for (const hub::Json& issue : analysis[list]) require(!hub::text_at(issue, "code").empty() && !hub::text_at(issue, "message").empty());
    }
    // What was found can be written and read again.
    require(base::parse_json(hub::dump_json(analysis), {.max_bytes = std::size_t{64} * 1024 * 1024}).has_value());
}

void check_values(std::string_view text) {
    (void)hub::interpolate(text);
    (void)hub::shell_words(text);
    (void)hub::kube_memory(text);
    (void)hub::kube_cpu(text);
    const hub::Json json = std::string(text);
    if (const auto ports = hub::parse_compose_port(json)) {
        for (const hub::ComposePort& port : *ports) require(port.target > 0 && port.target <= 65'535 && port.published >= 0 && port.published <= 65'535);
    }
    if (const auto mount = hub::parse_compose_mount(json)) require(!mount->target.empty());
    const std::string name = hub::kube_name(text, true);
    require(hub::is_dns_label(name) && !(name.front() >= '0' && name.front() <= '9'));
}

void check_addresses(std::string_view text) {
    if (const auto source = hub::parse_git_source(text)) require(hub::parse_git_source(source->web_address()).has_value());
    for (const char* kind : {"github", "gitlab", "git_url"}) {
        const auto places = hub::import_places({.kind = kind, .url = std::string(text), .branch = {}});
        if (!places) continue;
        for (const hub::ImportPlace& place : *places) require(place.target.starts_with('/') && place.target.find_first_of("\r\n ") == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'v': check_values(text); break;
        case 'a': check_addresses(text); break;
        case 'm':
            if (const auto parts = hub::parse_multipart("multipart/form-data; boundary=x", text)) {
                require(parts->size() <= hub::kMaxParts);
                for (const hub::MultipartPart& part : *parts) require(part.body.data() == nullptr || (part.body.data() >= text.data() && part.body.data() + part.body.size() <= text.data() + text.size()));
            }
            break;
        default: check_analysis(text); break;
    }
    return 0;
}
