// Exports: the open workflow as files to keep: Kubernetes manifests, a Kustomize set, JSON, an SVG image. What the Export dialog shows.
//
//   exports.begin(); exports.choose(ExportFormat::kustomize);
//   exports.state().files;      // when phase is ready; name, MIME type, text
//   exports.end();
//
// Manifests are made by the hub (POST /manifests/export) of the document as it is here, saved or not; JSON and SVG are made here, and work
// without a backend. An edit while the dialog is open is not in what it shows until it is made again. Values of secrets are in none of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/api_slots.hpp"
#include "model/graph/graph_svg.hpp"
#include "model/model_context.hpp"
#include "model/workflow_document.hpp"
#include "state/store.hpp"

namespace model {

enum class ExportFormat : std::uint8_t { yaml, kustomize, json, svg };

struct ExportFile {
    std::string name, mime, text;
    friend bool operator==(const ExportFile&, const ExportFile&) = default;
};

struct ExportState {
    enum class Phase : std::uint8_t { closed, making, ready, failed };
    Phase phase = Phase::closed;
    ExportFormat format = ExportFormat::yaml;
    bool dark = false;                    // of the image
    bool transparent = false;             // the same
    base::Error error;
    std::vector<ExportFile> files;
    std::vector<std::string> warnings;    // what has to be done before the files can be used
    friend bool operator==(const ExportState&, const ExportState&) = default;
};

class Exports {
public:
    Exports(ModelContext& context, const WorkflowDocument& document) : context_(context), document_(document), slots_(context.api) {}

    [[nodiscard]] const ExportState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }

    void begin(EdgeStyle edge_style);
    void choose(ExportFormat format);
    void set_image(bool dark, bool transparent);
    void retry() { make(); }
    void end();
    void clear() { end(); }

private:
    void update(const std::function<void(ExportState&)>& change);
    void make();
    void ask_hub();
    void take(const base::Result<net::ApiReply>& reply);

    ModelContext& context_;
    const WorkflowDocument& document_;
    state::Store<ExportState> state_;
    ApiSlots slots_;
    EdgeStyle edge_style_ = EdgeStyle::bezier;
};

// "Shop, v2" -> "shop-v2"; "workflow" when nothing is left of it.
[[nodiscard]] std::string file_stem(std::string_view name);

}  // namespace model
