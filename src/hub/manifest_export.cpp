#include "hub/manifest_export.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/yaml_text.hpp"
#include "hub/manifests.hpp"
#include "hub/workflow_rules.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxWarnings = 20;
constexpr const char* kFillIn = "# Fill in the empty values before you apply this: Binnacle does not store them.\n";

// Lower case letters, digits and '-', whatever the name is.
std::string file_word(std::string_view name) {
    std::string word;
    for (const char c : name.substr(0, 200)) {
        if (base::is_ascii_alpha(c) || base::is_ascii_digit(c)) word += base::ascii_lower(c);
        else if (!word.empty() && word.back() != '-') word += '-';
    }
    word.resize(std::min<std::size_t>(word.size(), 60));
    while (!word.empty() && word.back() == '-') word.pop_back();
    return word;
}

void drop_marks(Json& metadata) {
    if (!metadata.is_object()) return;
    for (const auto& [map, keys] : {std::pair{"labels", std::vector<std::string>{std::string(kManagedByLabel), std::string(kWorkflowLabel), std::string(kNodeLabel)}},
                                    std::pair{"annotations", std::vector<std::string>{std::string(kSpecHashAnnotation)}}}) {
        const auto found = metadata.find(map);
        if (found == metadata.end() || !found->is_object()) continue;
        for (const std::string& key : keys) found->erase(key);
        if (found->empty()) metadata.erase(found);
    }
}

// Objects of Kubernetes have their pods' metadata at one of these places.
void drop_all_marks(Json& object) {
    static const std::vector<std::vector<const char*>> kPlaces{
        {"metadata"}, {"spec", "template", "metadata"}, {"spec", "jobTemplate", "metadata"}, {"spec", "jobTemplate", "spec", "template", "metadata"}};
    for (const auto& place : kPlaces) {
        Json* at = &object;
        for (const char* step : place) {
            const auto found = at->is_object() ? at->find(step) : at->end();
            at = at->is_object() && found != at->end() ? &*found : nullptr;
            if (!at) break;
        }
        if (at) drop_marks(*at);
    }
}

std::string document_of(const std::string& comment, const Json& object) {
    std::string text = comment + base::yaml_text(object);
    if (text.back() != '\n') text += '\n';
    return text;
}

class Exporter {
public:
    Exporter(const Json& nodes, const Json& edges, const ManifestExportOptions& options)
        : options_(options), graph_(read_graph(nodes, edges, options.default_namespace)), problems_(check_runnable(nodes, edges, options.default_namespace)) {}

    ManifestExport make() {
        // Empty values under the names that are asked for, so that they show where they belong.
        for (const GraphNode& node : graph_.nodes) {
            for (const ExpectedKey& key : expected_keys(node)) (node.kind == NodeKind::secret ? input_.secrets : input_.env)[node.id][key.name];
        }
        for (const Problem& problem : problems_) warn(name_of(problem.node_id) + ": " + problem.message);
        for (const std::size_t index : apply_order(graph_)) add(index);
        if (left_out_ > 0) made_.warnings.push_back(std::to_string(left_out_) + " more");
        finish();
        return std::move(made_);
    }

private:
    void warn(std::string text) {
        if (made_.warnings.size() < kMaxWarnings) made_.warnings.push_back(std::move(text));
        else ++left_out_;
    }

    [[nodiscard]] std::string name_of(const std::string& id) const {
        const GraphNode* node = graph_.find(id);
        if (!node) return id.empty() ? "The workflow" : id;
        return std::string(info_of(node->kind).kube_kind) + " " + (node->name.empty() ? node->id : node->name);
    }

    void add(std::size_t index) {
        const GraphNode& node = graph_.nodes[index];
        if (!is_dns_subdomain(node.name)) return warn(name_of(node.id) + " is left out: without a Kubernetes name it is no object");
        Json object = make_manifest(graph_, index, input_);
        drop_all_marks(object);
        const auto keys = expected_keys(node);
        if (node.kind == NodeKind::secret) {
            object.erase("data");
            for (const ExpectedKey& key : keys) object["stringData"][key.name] = "";
        }
        if (!keys.empty()) {
            std::string names;
            for (const ExpectedKey& key : keys) names += (names.empty() ? "" : ", ") + key.name;
            warn(name_of(node.id) + ": fill in " + std::string(base::utf8_prefix(names, 200)));
        }
        const std::string stem = std::string(info_of(node.kind).type) + "-" + file_word(node.name);
        std::string name = stem;
        for (int n = 2; !names_.insert(name).second; ++n) name = stem + "-" + std::to_string(n);
        objects_.push_back({name + ".yaml", document_of(keys.empty() ? "" : kFillIn, object)});
    }

    [[nodiscard]] ExportedFile in_one(std::string name) const {
        ExportedFile file{std::move(name), {}};
        for (const ExportedFile& object : objects_) file.content += (file.content.empty() ? "" : "---\n") + object.content;
        return file;
    }

    void finish() {
        if (objects_.empty()) return;
        const std::string word = file_word(options_.name);
        if (!options_.kustomize) {
            made_.files.push_back(in_one((word.empty() ? "workflow" : word) + ".yaml"));
            return;
        }
        if (objects_.size() > kMaxObjectFiles) objects_ = {in_one("objects.yaml")};
        Json resources = Json::array();
        for (const ExportedFile& file : objects_) resources.push_back(file.name);
        const Json kustomization{{"apiVersion", "kustomize.config.k8s.io/v1beta1"}, {"kind", "Kustomization"}, {"resources", std::move(resources)}};
        made_.files.push_back({"kustomization.yaml", document_of("", kustomization)});
        for (ExportedFile& file : objects_) made_.files.push_back(std::move(file));
    }

    const ManifestExportOptions& options_;
    WorkflowGraph graph_;
    std::vector<Problem> problems_;
    ManifestInput input_;
    std::set<std::string> names_;
    std::vector<ExportedFile> objects_;
    ManifestExport made_;
    std::size_t left_out_ = 0;
};

}  // namespace

ManifestExport export_manifests(const Json& nodes, const Json& edges, const ManifestExportOptions& options) { return Exporter(nodes, edges, options).make(); }

}  // namespace hub
