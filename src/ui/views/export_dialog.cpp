#include "ui/views/export_dialog.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "model/exports.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

using model::ExportFormat;
using Phase = model::ExportState::Phase;

constexpr std::string_view kDialog = "export";
constexpr std::size_t kMaxLines = 500;       // more are in the file, not in the preview
constexpr std::size_t kMaxLineBytes = 400;

struct FormatRow {
    ExportFormat format;
    TabItem tab;
    std::string_view help;
};
constexpr std::array<FormatRow, 4> kFormats{{
    {ExportFormat::yaml, {"yaml", "Kubernetes YAML"}, "All objects in one file, for kubectl apply -f."},
    {ExportFormat::kustomize, {"kustomize", "Kustomize"}, "kustomization.yaml with a file for each object, for kubectl apply -k. Saving downloads them one after the other: allow it when the browser asks."},
    {ExportFormat::json, {"json", "JSON"}, "The workflow itself: paste it on a canvas, or import the file."},
    {ExportFormat::svg, {"svg", "SVG image"}, "The canvas as an image for documents, with the states as they are now."},
}};

const FormatRow& row_of(ExportFormat format) {
    return *std::find_if(kFormats.begin(), kFormats.end(), [&](const FormatRow& row) { return row.format == format; });
}

void save_all(model::App& app, Platform& platform) {
    const auto& files = app.exports().state().files;
    for (const model::ExportFile& file : files) platform.save_file(file.name, file.mime, file.text);
    app.show_toast(model::ToastKind::info, files.size() == 1 ? "Saved as a file" : "Saved as files", files.size() == 1 ? files.front().name : std::to_string(files.size()) + " files");
}

void read_lines(ExportViewState& view, const model::Exports& exports) {
    if (view.version == exports.version() && view.lines_of == view.file) return;
    view.version = exports.version();
    view.lines_of = view.file;
    view.lines.clear();
    view.line_count = 0;
    const std::string_view text = exports.state().files[view.file].text;
    for (std::size_t at = 0; at < text.size(); ++view.line_count) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (view.lines.size() < kMaxLines) {
            const std::string_view line = text.substr(at, end - at);
            view.lines.push_back(std::string(base::utf8_prefix(line, kMaxLineBytes)) + (line.size() > kMaxLineBytes ? "…" : ""));
        }
        at = end + 1;
    }
}

void preview(UiContext& ctx, ExportViewState& view, ImVec2 min, ImVec2 max) {
    if (begin_region(ctx, "export-preview", min, max, ctx.theme.background, ImVec2(12, 8), true, true)) {
        constexpr float kLine = text_size::kMono;
        const ImVec2 origin = ImGui::GetCursorScreenPos();
        const auto first = static_cast<std::size_t>(std::max(ImGui::GetScrollY() - 8, 0.0f) / kLine);
        const std::size_t last = std::min(view.lines.size(), first + static_cast<std::size_t>((max.y - min.y) / kLine) + 2);
        ImDrawList* list = ImGui::GetWindowDrawList();
        float widest = 1;
        std::string shown;
        for (std::size_t i = first; i < last; ++i) {
            const ImVec2 at(origin.x, origin.y + static_cast<float>(i) * kLine);
            widest = std::max(widest, draw_text(list, ctx.fonts.mono, text_size::kMono, at, ctx.theme.text, view.lines[i]));
            shown += view.lines[i] + "\n";
        }
        record(ctx, id_of("export-lines"), min, max, {.role = Role::textbox, .name = "Preview", .value = shown, .flags = kReadonly | kMultiline});
        ImGui::Dummy(ImVec2(widest, static_cast<float>(view.lines.size()) * kLine));
    }
    end_region(ctx);
}

void files(UiContext& ctx, ExportViewState& view, const model::ExportState& state) {
    if (state.files.size() < 2) return;
    std::vector<SelectItem> items;
    for (const model::ExportFile& file : state.files) items.push_back({file.name, file.name});
    std::string chosen = state.files[view.file].name;
    if (!select(ctx, "export-file", chosen, items, {.label = "File"})) return;
    for (std::size_t i = 0; i < state.files.size(); ++i) {
        if (state.files[i].name == chosen) view.file = i;
    }
}

void warnings(UiContext& ctx, const model::ExportState& state) {
    if (state.warnings.empty()) return;
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float height = std::min(static_cast<float>(state.warnings.size()) * text_size::kUi, 84.0f) + 4;
    if (begin_region(ctx, "export-warnings", min, ImVec2(min.x + ImGui::GetContentRegionAvail().x, min.y + height), 0U, ImVec2(0, 0), true)) {
        for (const std::string& warning : state.warnings) text(ctx, warning, {.color = ctx.theme.warning, .wrap = true, .role = Role::listitem});
    }
    end_region(ctx);
    ImGui::Dummy(ImVec2(0, 4));
}

void image_options(UiContext& ctx, const model::ExportState& state) {
    bool dark = state.dark;
    bool transparent = state.transparent;
    const bool dark_changed = checkbox(ctx, "Dark", dark);
    ImGui::SameLine(0, 16);
    const bool transparent_changed = checkbox(ctx, "Transparent background", transparent);
    if (dark_changed || transparent_changed) ctx.app.exports().set_image(dark, transparent);
}

void body(UiContext& ctx, ExportViewState& view) {
    model::Exports& exports = ctx.app.exports();
    std::array<TabItem, kFormats.size()> items;
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = kFormats[i].tab;
    if (const std::string_view chosen = tabs(ctx, "export-format", items, row_of(exports.state().format).tab.id, {.name = "Format"}); !chosen.empty()) {
        for (const FormatRow& row : kFormats) {
            if (row.tab.id == chosen) exports.choose(row.format);
        }
        view.file = 0;
    }
    ImGui::Dummy(ImVec2(0, 2));
    const model::ExportState& state = exports.state();
    text(ctx, row_of(state.format).help, {.color = ctx.theme.muted, .wrap = true});
    ImGui::Dummy(ImVec2(0, 4));
    if (state.phase == Phase::failed) {
        if (error_state(ctx, "export-error", state.error)) exports.retry();
        return;
    }
    if (state.phase != Phase::ready || state.files.empty()) return skeleton(ctx, "export-making", 6);
    view.file = std::min(view.file, state.files.size() - 1);
    if (state.format == ExportFormat::svg) image_options(ctx, state);
    warnings(ctx, state);
    files(ctx, view, state);
    read_lines(view, exports);
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float room = std::clamp(ctx.input.height - 430, 120.0f, 320.0f);
    preview(ctx, view, min, ImVec2(min.x + ImGui::GetContentRegionAvail().x, min.y + room));
    ImGui::Dummy(ImVec2(0, 2));
    const model::ExportFile& file = state.files[view.file];
    std::string facts = file.name + " · " + base::human_bytes(file.text.size());
    if (state.files.size() > 1) facts += " · " + std::to_string(view.file + 1) + " of " + std::to_string(state.files.size()) + " files";
    if (view.line_count > view.lines.size()) facts += " · the first " + std::to_string(view.lines.size()) + " of " + base::grouped(view.line_count) + " lines";
    text(ctx, facts, {.size = text_size::kSmall, .color = ctx.theme.muted, .role = Role::status});
    ImGui::Dummy(ImVec2(0, 4));
    const char* label = state.files.size() > 1 ? "Save all" : "Save";
    const float width = button_width(ctx, "Copy") + 8 + button_width(ctx, label, {.style = ButtonStyle::primary});
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - width, 0.0f));
    command_button(ctx, "export.copy", "Copy");
    ImGui::SameLine();
    command_button(ctx, "export.save", label, {.style = ButtonStyle::primary});
}

}  // namespace

void draw_export_dialog(UiContext& ctx, ViewState& views) {
    model::Exports& exports = ctx.app.exports();
    ExportViewState& view = views.exports;
    if (!begin_dialog(ctx, kDialog, {.title = "Export", .width = 640})) {
        if (view.shown) {
            view = {};
            exports.end();
        }
        return;
    }
    view.shown = true;
    body(ctx, view);
    end_dialog(ctx);
}

void register_export_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers, Platform& platform) {
    const auto has_nodes = [&app] { return app.workflow().phase == model::LoadPhase::ready && app.graph().node_count() > 0; };
    const auto ready = [&app] { return app.exports().state().phase == Phase::ready; };
    commands.add({.id = "workflow.export", .title = "Export workflow…", .group = "Workflow", .enabled = has_nodes, .run = [&app, &views, &layers] {
                      views.exports = {};
                      app.exports().begin(app.canvas().edge_style);
                      layers.to_open.emplace_back(kDialog);
                  }});
    commands.add({.id = "export.save", .title = "Save the exported files", .group = "Workflow", .enabled = ready, .run = [&app, &platform] { save_all(app, platform); }, .in_palette = false});
    commands.add({.id = "export.copy", .title = "Copy the exported file", .group = "Workflow", .enabled = ready, .run = [&app, &views, &platform] {
                      const auto& files = app.exports().state().files;
                      const model::ExportFile& file = files[std::min(views.exports.file, files.size() - 1)];
                      platform.copy_text(file.text);
                      app.show_toast(model::ToastKind::info, "Copied", file.name);
                  },
                  .in_palette = false});
    commands.add({.id = "canvas.edge_style", .title = "Edge style: next", .group = "Canvas", .enabled = has_nodes, .run = [&app] {
                      const model::EdgeStyle next = model::next_edge_style(app.canvas().edge_style);
                      app.set_edge_style(next);
                      app.show_toast(model::ToastKind::info, "Edge style", std::string(model::edge_style_title(next)));
                  }});
}

}  // namespace ui
