#include "hub/import_analysis.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "hub/import_formats.hpp"

namespace hub {

namespace {

// Of a node with the room around it; the canvas draws nodes of 208 x 72.
constexpr int kColumn = 300;
constexpr int kRow = 132;
constexpr int kMargin = 40;

bool is_workload(NodeKind kind) { return has_pods(kind); }

// Columns from left to right: what an edge leaves is left of what it reaches. Configuration, claims, autoscalers and policies stand
// right before the workloads, as services do; what leads to services stands before those.
int column_of(NodeKind kind) {
    if (kind == NodeKind::ingress) return 0;
    return is_workload(kind) ? 2 : 1;
}

// Rows so that edges are short: workloads by rank and order; the rest beside the middle of what they lead to, kept apart.
class Layout {
public:
    explicit Layout(const ImportDraft& draft) : draft_(draft), rows_(draft.nodes().size(), 0.0) {}

    Json run() {
        place_workloads();
        place_column(1);
        place_column(0);
        Json positions = Json::object();
        int first = 2;
        for (const auto& node : draft_.nodes()) first = std::min(first, column_of(node.kind));
        for (std::size_t i = 0; i < draft_.nodes().size(); ++i) {
            const auto& node = draft_.nodes()[i];
            positions[node.id] = {{"x", kMargin + (column_of(node.kind) - first) * kColumn}, {"y", kMargin + static_cast<int>(rows_[i] * kRow)}};
        }
        return positions;
    }

private:
    void place_workloads() {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < draft_.nodes().size(); ++i) {
            if (is_workload(draft_.nodes()[i].kind)) order.push_back(i);
        }
        std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) { return draft_.nodes()[a].rank < draft_.nodes()[b].rank; });
        // A workload gets as many rows as lead to it, so that its companions fit beside it.
        std::map<std::size_t, int> companions;
        for (const auto& edge : draft_.edges()) {
            if (column_of(draft_.nodes()[edge.source].kind) == 1) ++companions[edge.target];
        }
        double row = 0;
        for (const std::size_t node : order) {
            const int room = std::max(1, std::min(companions[node], 6));
            rows_[node] = row + (room - 1) / 2.0;
            row += room;
        }
    }

    void place_column(int column) {
        std::vector<double> sum(rows_.size(), 0.0);
        std::vector<int> count(rows_.size(), 0);
        for (const auto& edge : draft_.edges()) {
            sum[edge.source] += rows_[edge.target];
            ++count[edge.source];
        }
        std::vector<std::pair<double, std::size_t>> wanted;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (column_of(draft_.nodes()[i].kind) == column) wanted.emplace_back(count[i] > 0 ? sum[i] / count[i] : 1e9, i);  // lonely ones below
        }
        std::stable_sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        // Nodes that want the same row stand around it: those of one target begin half of their number above.
        double free_row = 0;
        for (std::size_t i = 0; i < wanted.size();) {
            std::size_t end = i;
            while (end < wanted.size() && wanted[end].first == wanted[i].first) ++end;
            const double middle = wanted[i].first >= 1e9 ? free_row : wanted[i].first;
            double row = std::max(free_row, middle - static_cast<double>(end - i - 1) / 2.0);
            for (; i < end; ++i, row += 1) rows_[wanted[i].second] = row;
            free_row = row;
        }
    }

    const ImportDraft& draft_;
    std::vector<double> rows_;
};

Json to_analysis(const ImportDraft& draft) {
    const Json positions = Layout(draft).run();
    Json nodes = Json::array();
    for (const auto& node : draft.nodes()) {
        nodes.push_back({{"id", node.id}, {"type", info_of(node.kind).type}, {"position", positions[node.id]}, {"data", node.data}});
    }
    Json edges = Json::array();
    for (const auto& edge : draft.edges()) {
        const std::string& source = draft.nodes()[edge.source].id;
        const std::string& target = draft.nodes()[edge.target].id;
        Json entry = {{"id", source + ">" + target}, {"source", source}, {"target", target}};
        if (!edge.source_handle.empty()) entry["sourceHandle"] = edge.source_handle;
        edges.push_back(std::move(entry));
    }
    return {{"detectedType", draft.detected_type},
            {"services", draft.services},
            {"volumes", draft.volumes},
            {"networks", draft.networks},
            {"warnings", draft.warnings()},
            {"errors", draft.errors()},
            {"suggestedNodes", std::move(nodes)},
            {"suggestedEdges", std::move(edges)},
            {"layoutPositions", positions},
            {"needsBuild", !draft.builds.empty()},
            {"sourceBuildConfig", draft.builds}};
}

bool is_manifest(const Json& value) { return value.is_object() && value.contains("apiVersion") && value.contains("kind"); }

// "line 7, column 3: ..." without the place, which has a field of its own.
std::string without_place(std::string message) {
    if (!message.starts_with("line ")) return message;
    const std::size_t colon = message.find(": ");
    return colon == std::string::npos ? message : message.substr(colon + 2);
}

void report_parse_error(const YamlStream& stream, std::string_view text, ImportDraft& draft) {
    std::string message = without_place(stream.error->message);
    if (!message.empty()) message[0] = base::ascii_upper(message[0]);
    if (text.find("{{") != std::string_view::npos) {
        draft.error({.code = "template", .message = "This looks like a template, not like YAML: " + message + ". Render it first, with helm template for a chart.", .line = stream.error_line});
    } else {
        draft.error({.code = stream.error->code == base::ErrorCode::too_large ? "too_large" : "invalid_yaml", .message = message + ".", .line = stream.error_line});
    }
}

void read_any(std::string_view text, const ImportInput& input, ImportDraft& draft) {
    if (text.size() > kMaxImportBytes) {
        return draft.error({.code = "too_large", .message = "The file is larger than " + base::human_bytes(kMaxImportBytes) + ". Import it in parts."});
    }
    const YamlStream stream = parse_yaml_stream(text, {.max_bytes = kMaxImportBytes});
    if (stream.error) report_parse_error(stream, text, draft);
    if (stream.documents.empty()) {
        if (!stream.error) draft.error({.code = "empty", .message = "There is nothing in the file."});
        return;
    }
    const bool manifests = std::any_of(stream.documents.begin(), stream.documents.end(), [](const YamlDocument& document) { return is_manifest(document.value); });
    const Json& first = stream.documents.front().value;
    if (manifests) {
        draft.detected_type = "kubernetes";
        return read_manifests(stream.documents, input.ns, draft);
    }
    if (first.is_object() && first.contains("services")) {
        draft.detected_type = "docker-compose";
        if (stream.documents.size() > 1) {
            draft.warn({.code = "second_document", .message = "Only the first document of a Compose file is read.", .line = stream.documents[1].marks.line});
        }
        return read_compose(stream.documents.front(), input.ns, draft);
    }
    const bool names_containers = base::to_ascii_lower(input.file_name).find("compose") != std::string::npos;
    draft.error({.code = "unknown_format",
                 .message = names_containers ? "A Compose file has its services under the key \"services\"; there is none here."
                                             : "This is neither a Compose file (a key \"services\") nor Kubernetes manifests (\"apiVersion\" and \"kind\").",
                 .line = stream.documents.front().marks.line});
}

}  // namespace

Json analyze_import(std::string_view text, const ImportInput& input) {
    ImportDraft draft;
    read_any(text, input, draft);
    return to_analysis(draft);
}

Json failed_import(std::string_view code, std::string message) {
    ImportDraft draft;
    draft.error({.code = std::string(code), .message = std::move(message)});
    return to_analysis(draft);
}

bool import_has_nodes(const Json& analysis) { return !array_at(analysis, "suggestedNodes").empty(); }

}  // namespace hub
