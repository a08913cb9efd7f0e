// The Resources page: kinds of objects at the left, the list of one kind, the selected object's details. Lists of any length: only the
// rows on screen are drawn. Its details are in resource_details.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ui/ui_context.hpp"
#include "ui/views/layout.hpp"

namespace ui {

class CommandTable;
struct ViewState;

struct ResourcesViewState {
    std::string kind_search;          // the list of kinds is filtered by it
    std::string labels;               // the field's text, until Enter
    std::string labels_of;            // the selector that `labels` was filled from
    bool focus_search = false;
    bool scroll_to_selected = false;
    std::string tab = "overview";     // of the details: overview, yaml, events
    std::optional<double> replicas;   // of the scale dialog
    std::string columns_of;           // the kind that `widths` belong to
    std::vector<float> widths;        // of its columns: as wide as the widest cell seen yet
    std::size_t rows_drawn = 0;       // last frame
    float toolbar_height = 120, details_height = 150;  // of their content, last frame
};

void register_resource_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers, Platform& platform);
void draw_resources(UiContext& ctx, ViewState& views, const Layout& layout);
void draw_resource_details(UiContext& ctx, ViewState& views, const Layout& layout, const Box& box);
void draw_resource_dialogs(UiContext& ctx, ViewState& views);

}  // namespace ui
