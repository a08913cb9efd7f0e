// Tabs, splitters, list rows.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <string>

#include "ui/widgets.hpp"

namespace ui {

std::string_view tabs(UiContext& ctx, std::string_view id, std::span<const TabItem> items, std::string_view current, const TabsOptions& options) {
    std::string_view chosen;
    const float height = std::max(options.height, ctx.input.coarse_pointer ? metrics::kTouchTarget : 0.0f);
    ImGui::PushID(id.data(), id.data() + id.size());
    const ImVec2 start = ImGui::GetCursorScreenPos();
    const float room = ImGui::GetContentRegionAvail().x;
    begin_record_group(ctx, id_of("##tabs"), start, ImVec2(start.x + room, start.y + height), {.role = Role::tablist, .name = options.name});
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const TabItem& tab = items[i];
        std::string label(tab.label);
        if (tab.count > 0) label += " " + std::to_string(tab.count);
        if (i > 0) ImGui::SameLine(0, options.gap);
        const float width = text_width(ctx.fonts.ui, text_size::kUi, label);
        const ImVec2 min = reserve(ctx, ImVec2(width, height));
        const ImVec2 max(min.x + width, min.y + height);
        const bool selected = tab.id == current;
        const Interaction item = interact(ctx, id_of(tab.id), ImVec2(min.x - options.gap / 2, min.y), ImVec2(max.x + options.gap / 2, max.y),
                                          {.role = Role::tab, .name = label, .flags = selected ? static_cast<std::uint32_t>(kSelected) : 0U});
        const ImU32 color = selected || item.hovered ? ctx.theme.text : ctx.theme.muted;
        draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x, min.y + (height - text_size::kUi) / 2), color, label);
        if (selected) list->AddRectFilled(ImVec2(min.x, max.y - 2), max, ctx.theme.accent);
        if (item.pressed) chosen = tab.id;
    }
    end_record_group(ctx);
    ImGui::PopID();
    return chosen;
}

SplitterResult splitter(UiContext& ctx, std::string_view id, ImVec2 min, ImVec2 max, float& size, const SplitterOptions& options) {
    SplitterResult result;
    ImGuiContext& g = *ImGui::GetCurrentContext();
    const float half = ctx.input.coarse_pointer ? 12.0f : 3.0f;
    const ImVec2 hit_min = options.vertical ? ImVec2(min.x - half, min.y) : ImVec2(min.x, min.y - half);
    const ImVec2 hit_max = options.vertical ? ImVec2(max.x + half, max.y) : ImVec2(max.x, max.y + half);
    const ImGuiID item_id = id_of(id);
    const ImRect box(hit_min, hit_max);

    bool hovered = false;
    bool held = false;
    if (ImGui::ItemAdd(box, item_id)) {
        (void)ImGui::ButtonBehavior(box, item_id, &hovered, &held);
        IMGUI_TEST_ENGINE_ITEM_INFO(item_id, std::string(options.name).c_str(), g.LastItemData.StatusFlags);
    }
    const bool focused = g.NavId == item_id && g.NavWindow != nullptr && g.NavCursorVisible;
    if ((hovered && g.HoveredId == item_id) || held) ImGui::SetMouseCursor(options.vertical ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);

    auto set_size = [&](float wanted) {
        wanted = std::clamp(wanted, options.smallest, std::max(options.smallest, options.largest));
        if (wanted == size) return;
        size = wanted;
        result.changed = true;
    };
    ImGuiStorage* storage = ImGui::GetStateStorage();
    if (held && g.ActiveIdSource == ImGuiInputSource_Mouse) {
        if (g.ActiveIdIsJustActivated) storage->SetFloat(item_id ^ 0x5U, size);
        const ImVec2 drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
        if (drag.x != 0 || drag.y != 0) set_size(storage->GetFloat(item_id ^ 0x5U, size) - (options.vertical ? drag.x : drag.y));
        if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) && options.initial > 0) set_size(options.initial);
    }
    result.released = g.ActiveIdPreviousFrame == item_id && g.ActiveId != item_id;
    if (focused) {
        const ImGuiKey grow = options.vertical ? ImGuiKey_LeftArrow : ImGuiKey_UpArrow;
        const ImGuiKey shrink = options.vertical ? ImGuiKey_RightArrow : ImGuiKey_DownArrow;
        // The arrows are ours while the handle has the keyboard; Tab leaves it.
        ImGui::SetKeyOwner(grow, item_id);
        ImGui::SetKeyOwner(shrink, item_id);
        const int step = (ImGui::IsKeyPressed(grow, ImGuiInputFlags_Repeat, item_id) ? 1 : 0) - (ImGui::IsKeyPressed(shrink, ImGuiInputFlags_Repeat, item_id) ? 1 : 0);
        if (step != 0) {
            ImGui::NavMoveRequestCancel();
            set_size(size + 16.0f * static_cast<float>(step));
            result.released = result.changed;
        }
    }
    SemanticAction action;
    if (ctx.semantics.take_action(item_id, ActionKind::set_number, action)) {
        set_size(action.number);
        result.released = result.changed;
    }
    if (ctx.semantics.take_action(item_id, ActionKind::focus, action)) {
        ImGui::FocusItem();
        ImGui::SetNavCursorVisible(true);
    }
    record(ctx, item_id, hit_min, hit_max,
           {.role = Role::separator, .name = options.name, .flags = focused ? static_cast<std::uint32_t>(kFocused) : 0U,
            .value_min = options.smallest, .value_max = options.largest, .value_now = size});
    const bool bright = held || focused || (hovered && lasted(ctx, item_id, 80));
    const float thick = bright ? 2.0f : 1.0f;
    const ImU32 color = bright ? ctx.theme.accent : ctx.theme.border;
    const ImVec2 line_max = options.vertical ? ImVec2(min.x + thick, max.y) : ImVec2(max.x, min.y + thick);
    ImGui::GetWindowDrawList()->AddRectFilled(min, line_max, color);
    return result;
}

Interaction list_row(UiContext& ctx, std::string_view id, const RowOptions& options) {
    const float height = options.height > 0 ? options.height : row_height(ctx);
    const float width = std::max(ImGui::GetContentRegionAvail().x, 1.0f);
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 box_min(min.x - options.inset, min.y);
    const ImVec2 box_max(min.x + width + options.inset, min.y + height);
    const Interaction item = interact(ctx, id_of(id), box_min, box_max,
                                      {.role = options.role, .name = options.name, .value = options.value, .description = options.description,
                                       .flags = options.selected ? static_cast<std::uint32_t>(kSelected) : 0U},
                                      options.disabled);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (options.selected) list->AddRectFilled(box_min, box_max, ctx.theme.accent_soft, 4);
    else if (item.hovered) list->AddRectFilled(box_min, box_max, ctx.theme.hover, 4);
    focus_ring(ctx, item, 4);
    Interaction out = item;
    out.min = min;
    out.max = ImVec2(min.x + width, min.y + height);
    return out;
}

}  // namespace ui
