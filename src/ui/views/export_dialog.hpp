// The Export dialog: the open workflow as Kubernetes YAML, a Kustomize set, JSON or an SVG image, looked at, saved or copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "ui/ui_context.hpp"

namespace ui {

class CommandTable;
struct ViewState;

struct ExportViewState {
    bool shown = false;               // the dialog was there last frame
    std::size_t file = 0;             // the one that is looked at
    // Its first lines, as of `version` of the exports.
    std::uint64_t version = std::numeric_limits<std::uint64_t>::max();
    std::size_t lines_of = 0;
    std::vector<std::string> lines;
    std::size_t line_count = 0;
};

void draw_export_dialog(UiContext& ctx, ViewState& views);
void register_export_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers, Platform& platform);

}  // namespace ui
