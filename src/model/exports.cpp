#include "model/exports.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/graph/clipping.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::size_t kMaxStemBytes = 60;

}  // namespace

std::string file_stem(std::string_view name) {
    std::string stem;
    for (const char c : name.substr(0, 4 * kMaxStemBytes)) {
        const bool keep = base::is_ascii_alpha(c) || base::is_ascii_digit(c);
        if (keep) stem += base::ascii_lower(c);
        else if (!stem.empty() && stem.back() != '-') stem += '-';
    }
    stem.resize(std::min(stem.size(), kMaxStemBytes));
    while (!stem.empty() && stem.back() == '-') stem.pop_back();
    return stem.empty() ? "workflow" : stem;
}

void Exports::update(const std::function<void(ExportState&)>& change) {
    const std::uint64_t before = state_.version();
    state_.update([&](ExportState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicBuilds);
}

void Exports::begin(EdgeStyle edge_style) {
    edge_style_ = edge_style;
    make();
}

void Exports::choose(ExportFormat format) {
    if (state().format == format && state().phase != ExportState::Phase::failed) return;
    update([&](ExportState& s) { s.format = format; });
    make();
}

void Exports::set_image(bool dark, bool transparent) {
    update([&](ExportState& s) {
        s.dark = dark;
        s.transparent = transparent;
    });
    make();
}

void Exports::end() {
    slots_.clear();
    update([](ExportState& s) {
        const ExportFormat format = s.format;
        s = {};
        s.format = format;  // who exports again wants the same again
    });
}

void Exports::make() {
    slots_.drop("make");
    const Graph& graph = document_.graph();
    const std::string stem = file_stem(document_.name());
    std::vector<ExportFile> files;
    switch (state().format) {
        case ExportFormat::yaml:
        case ExportFormat::kustomize: return ask_hub();
        case ExportFormat::json: files.push_back({stem + ".json", "application/json", document_text(document_.name(), graph)}); break;
        case ExportFormat::svg:
            files.push_back({stem + ".svg", "image/svg+xml",
                             graph_as_svg(graph, {.title = document_.name(), .dark = state().dark, .transparent = state().transparent, .edge_style = edge_style_})});
            break;
    }
    update([&](ExportState& s) {
        s.phase = ExportState::Phase::ready;
        s.error = {};
        s.warnings.clear();
        s.files = std::move(files);
    });
}

void Exports::ask_hub() {
    update([](ExportState& s) {
        s.phase = ExportState::Phase::making;
        s.error = {};
        s.files.clear();
        s.warnings.clear();
    });
    Json body{{"name", document_.name()},
              {"format", state().format == ExportFormat::kustomize ? "kustomize" : "yaml"},
              {"nodes", document_.graph().nodes_to_json()},
              {"edges", document_.graph().edges_to_json()}};
    slots_.call("make", {.method = "POST", .path = "/manifests/export", .body = std::move(body)}, [this](const base::Result<net::ApiReply>& reply) { take(reply); });
}

void Exports::take(const base::Result<net::ApiReply>& reply) {
    if (state().phase != ExportState::Phase::making) return;
    const auto fail = [this](base::Error error) {
        update([&](ExportState& s) {
            s.phase = ExportState::Phase::failed;
            s.error = std::move(error);
        });
    };
    if (!reply) {
        base::Error error = reply.error();
        if (error.code == base::ErrorCode::not_found) {
            error.message = "This backend makes no manifests.";
            error.hint = "Export JSON or an image instead";
        }
        return fail(std::move(error));
    }
    wire::JsonErrors errors;
    const wire::JsonReader answer(reply->json, errors);
    std::vector<ExportFile> files;
    for (const wire::JsonReader file : answer.array_or_empty("files")) files.push_back({file.string_or("name", ""), "application/yaml", file.string_or("content", "")});
    std::vector<std::string> warnings = answer.string_list("warnings");
    if (!errors.empty() || files.empty()) return fail({base::ErrorCode::invalid_argument, "The server sent no files.", "Try again, or export JSON"});
    update([&](ExportState& s) {
        s.phase = ExportState::Phase::ready;
        s.files = std::move(files);
        s.warnings = std::move(warnings);
    });
}

}  // namespace model
