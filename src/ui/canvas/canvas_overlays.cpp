// What floats over the canvas: zoom buttons, "Add node" with its menu, the minimap, the empty state.
#include <array>
#include <string>

#include "ui/canvas/canvas_view.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kMargin = 12;
constexpr float kRoomForMinimap = 420;  // logical px of canvas width below which it would be in the way

struct AddEntry {
    model::NodeKind kind;
    const char* type;
    const char* hint;
};
constexpr std::array<AddEntry, 12> kAddEntries{{
    {model::NodeKind::deployment, "deployment", "replicated pods"},
    {model::NodeKind::statefulset, "statefulset", "pods with a name and a disk"},
    {model::NodeKind::daemonset, "daemonset", "a pod on every node"},
    {model::NodeKind::job, "job", "runs to completion"},
    {model::NodeKind::cronjob, "cronjob", "a job on a schedule"},
    {model::NodeKind::service, "service", "a stable address"},
    {model::NodeKind::ingress, "ingress", "HTTP from outside"},
    {model::NodeKind::configmap, "configmap", "settings"},
    {model::NodeKind::secret, "secret", "credentials"},
    {model::NodeKind::persistentvolumeclaim, "persistentvolumeclaim", "a disk"},
    {model::NodeKind::hpa, "hpa", "scales by load"},
    {model::NodeKind::networkpolicy, "networkpolicy", "who may talk to whom"},
}};

}  // namespace

void CanvasView::draw_overlays(UiContext& ctx) {
    model::App& app = ctx.app;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float button = ctx.input.coarse_pointer ? metrics::kTouchTarget : 30;
    const std::array<std::pair<const char*, Icon>, 5> tools{{{"edit.undo", Icon::undo}, {"edit.redo", Icon::redo}, {"canvas.zoom_in", Icon::plus}, {"canvas.zoom_out", Icon::minus}, {"canvas.fit", Icon::fit}}};
    const ImVec2 bar_size(6 + button * static_cast<float>(tools.size()), 6 + button);
    const ImVec2 bar_min(space_.min.x + kMargin, space_.max.y - kMargin - bar_size.y);
    const ImVec2 bar_max(bar_min.x + bar_size.x, bar_min.y + bar_size.y);
    begin_record_group(ctx, id_of("canvas-tools"), bar_min, bar_max, {.role = Role::toolbar, .name = "Canvas tools"});
    list->AddRectFilled(bar_min, bar_max, ctx.theme.surface, metrics::kRadius);
    list->AddRect(bar_min, bar_max, ctx.theme.border, metrics::kRadius);
    ImVec2 at(bar_min.x + 3, bar_min.y + 3);
    for (const auto& [command, icon] : tools) {
        ImGui::SetCursorScreenPos(at);
        // "Undo Move 3 nodes"
        const std::string_view name = icon == Icon::undo ? "Undo" : icon == Icon::redo ? "Redo" : "";
        const std::string what = icon == Icon::undo ? app.undo_title() : icon == Icon::redo ? app.redo_title() : std::string();
        command_button(ctx, command, "", {.style = ButtonStyle::ghost, .icon = icon, .id = command, .name = name, .tooltip = what, .description = what, .width = button, .height = button});
        at.x += button;
    }
    end_record_group(ctx);

    ImGui::SetCursorScreenPos(ImVec2(space_.min.x + kMargin, space_.min.y + kMargin));
    if (app.graph().node_count() > 0) {
        const float width = button_width(ctx, "Add node", {.icon = Icon::plus});
        const ImVec2 min(space_.min.x + kMargin, space_.min.y + kMargin);
        list->AddRectFilled(min, ImVec2(min.x + width, min.y + button_height(ctx)), ctx.theme.surface, metrics::kRadius);
        command_button(ctx, "canvas.add_node", "Add node", {.style = ButtonStyle::secondary, .icon = Icon::plus, .id = "add-node"});
    } else {
        begin_region(ctx, "canvas-empty", ImVec2(space_.min.x + 40, space_.min.y + 40), ImVec2(space_.max.x - 40, space_.max.y - 60), 0);
        if (state_message(ctx, "empty-workflow", {.icon = Icon::workflows, .title = "This workflow is empty", .text = "Nodes are the objects that Run puts into the cluster.", .action = "Add node", .details = {}, .error = false})) {
            ctx.commands.run("canvas.add_node");
        }
        end_region(ctx);
    }
    if (space_.width() >= kRoomForMinimap && app.graph().node_count() > 0) {
        const ImVec2 min(space_.max.x - kMargin - Minimap::kSize.x, space_.max.y - kMargin - Minimap::kSize.y);
        if (const auto target = minimap_.draw(ctx, app.graph(), space_, min)) {
            app.set_viewport(*target);
            ctx.wake_in(0);
        }
    }
}

void CanvasView::draw_add_menu(UiContext& ctx) {
    if (add_menu_wanted_) {
        add_menu_wanted_ = false;
        open_menu("add-node-menu");
    }
    const ImVec2 anchor = space_.screen_from_canvas(add_at_);
    if (!begin_menu(ctx, "add-node-menu", {.anchor_min = anchor, .anchor_max = anchor, .align_right = false, .width = 290, .name = "Add a node"})) return;
    const auto add = [&](std::string_view type) {
        if (ctx.app.add_node(type, add_at_).empty()) return;
        ctx.app.set_inspector_open(true);
        focus_wanted_ = true;
    };
    for (const AddEntry& entry : kAddEntries) {
        if (menu_item(ctx, model::kind_title(entry.kind), {.icon = kind_icon(entry.kind), .shortcut = {}, .id = entry.type, .hint = entry.hint})) add(entry.type);
    }
    // What enabled plugins bring.
    std::string chosen;
    bool any = false;
    for (const model::NodeType& type : ctx.app.node_types()) {
        if (model::node_kind_from_type(type.type) != model::NodeKind::plugin) continue;
        if (!std::exchange(any, true)) menu_separator(ctx);
        if (menu_item(ctx, type.title, {.icon = Icon::puzzle, .id = type.type, .hint = type.category})) chosen = type.type;
    }
    if (!chosen.empty()) add(chosen);
    end_menu(ctx);
}

}  // namespace ui
