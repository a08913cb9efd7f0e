// Toasts: bottom right, newest at the bottom; hovering any pauses them all. A click selects the node that it is about, or goes where it leads.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <string>

#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kWidth = 296;
constexpr std::size_t kShown = 4;

struct ToastLook {
    Icon icon;
    ImU32 color;
};

ToastLook look_of(const Theme& theme, model::ToastKind kind) {
    switch (kind) {
        case model::ToastKind::success: return {Icon::ok, theme.success};
        case model::ToastKind::warning: return {Icon::warning, theme.warning};
        case model::ToastKind::danger: return {Icon::error, theme.danger};
        case model::ToastKind::info: break;
    }
    return {Icon::info, theme.accent};
}

float height_of(UiContext& ctx, const model::Toast& toast, float width) {
    float height = 24 + text_size::kUi;
    if (!toast.text.empty())
        height += std::min(ctx.fonts.ui->CalcTextSizeA(text_size::kUi, FLT_MAX, width - 60, toast.text.c_str()).y, 3 * text_size::kUi);
    return height;
}

// True when the toast went away.
bool draw_toast(UiContext& ctx, ViewState& views, const model::Toast& toast, ImVec2 min, ImVec2 max) {
    ToastLook look = look_of(ctx.theme, toast.kind);
    if (const Icon about = about_icon(toast.about); about != Icon::none) look.icon = about;
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_shadow(ctx, list, min, max, metrics::kRadius);
    list->AddRectFilled(min, max, ctx.theme.raised, metrics::kRadius);
    list->AddRect(min, max, ctx.theme.border, metrics::kRadius);
    // The bar is a slice of the whole shape, so that it has the toast's own corners.
    list->PushClipRect(min, ImVec2(min.x + 3, max.y), true);
    list->AddRectFilled(min, max, look.color, metrics::kRadius);
    list->PopClipRect();

    ImGui::PushID(static_cast<int>(toast.id));
    const std::string name = toast.text.empty() ? toast.title : toast.title + ". " + toast.text;
    begin_record_group(ctx, id_of("toast"), min, max,
                       {.role = toast.kind == model::ToastKind::danger ? Role::alert : Role::status, .name = name, .flags = kLive});
    bool gone = false;
    if (!toast.node_id.empty() || !toast.link.empty()) {
        const Interaction item = interact(ctx, id_of("show-node"), min, ImVec2(max.x - 32, max.y), {.role = Role::button, .name = "Show " + toast.title});
        focus_ring(ctx, item);
        if (item.pressed) {
            if (toast.node_id.empty()) {
                follow_link(ctx, views, toast.link);
            } else {
                if (full_page(ctx.app.ui().rail) != nullptr) ctx.app.set_rail("workflows");
                ctx.app.select_nodes({toast.node_id});
                ctx.app.set_inspector_open(true);
            }
            gone = true;
        }
    }
    draw_icon(list, look.icon, ImVec2(min.x + 14, min.y + 14), metrics::kIconSmall, look.color);
    draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(min.x + 38, min.y + 12), ctx.theme.text, toast.title, max.x - min.x - 74);
    if (!toast.text.empty()) {
        const float room = max.x - min.x - 60;
        list->PushClipRect(min, ImVec2(max.x, max.y - 8), true);
        list->AddText(ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 38, min.y + 12 + text_size::kUi), ctx.theme.muted, toast.text.data(),
                      toast.text.data() + toast.text.size(), room);
        list->PopClipRect();
    }
    const float half = ctx.input.coarse_pointer ? 22.0f : 12.0f;
    const ImVec2 center(max.x - 18, min.y + 22);
    const Interaction close = interact(ctx, id_of("dismiss"), ImVec2(center.x - half, center.y - half), ImVec2(center.x + half, center.y + half),
                                       {.role = Role::button, .name = "Dismiss"});
    draw_icon_centered(list, Icon::close, center, 12, close.hovered ? ctx.theme.text : ctx.theme.muted);
    focus_ring(ctx, close, 4);
    if (close.pressed) gone = true;
    end_record_group(ctx);
    ImGui::PopID();
    return gone;
}

// What a container runtime says of an image, in one sentence; everything else as it is.
void put_into_words(const model::Graph& graph, model::Toast& toast) {
    const model::NodeIndex node = toast.node_id.empty() ? model::kNoIndex : graph.find_node(toast.node_id);
    if (node == model::kNoIndex || !is_image_problem(toast.text)) return;
    const auto image = graph.node(node).data.find("image");
    if (image != graph.node(node).data.end() && image->is_string()) toast.text = image_problem_words(toast.text, image->get_ref<const std::string&>());
}

}  // namespace

Icon about_icon(model::EventAbout about) {
    switch (about) {
        case model::EventAbout::workload: return Icon::box;
        case model::EventAbout::project: return Icon::workflows;
        case model::EventAbout::cluster: return Icon::clusters;
        case model::EventAbout::addon: return Icon::puzzle;
        case model::EventAbout::build: return Icon::layers;
        case model::EventAbout::error: return Icon::error;
        case model::EventAbout::other: break;
    }
    return Icon::none;
}

void draw_toasts(UiContext& ctx, ViewState& views, const Layout& layout) {
    if (ctx.app.toasts().empty()) return;
    std::vector<model::Toast> toasts = ctx.app.toasts();
    for (model::Toast& toast : toasts) put_into_words(ctx.app.graph(), toast);
    const float width = std::min(kWidth, ctx.input.width - 24);
    const float right = ctx.input.width - 12;
    float bottom = (layout.narrow && !layout.rail.empty() ? layout.rail.min.y : layout.status_bar.empty() ? ctx.input.height : layout.status_bar.min.y) - 12;
    // What one reaches for stays free: the strip of dock tabs, the action row of the inspector.
    if (layout.compact && !layout.dock.empty()) bottom = std::min(bottom, layout.canvas.max.y - 12);
    if (!layout.inspector.empty()) bottom = std::min(bottom, layout.inspector.max.y - kInspectorFooter - 20);

    const std::size_t first = toasts.size() > kShown ? toasts.size() - kShown : 0;
    float total = 0;
    for (std::size_t i = first; i < toasts.size(); ++i) total += height_of(ctx, toasts[i], width) + 8;
    const ImVec2 window_min = snap(ImVec2(right - width, bottom - total), ctx.input.pixel_ratio);
    ImGui::SetNextWindowPos(window_min);
    ImGui::SetNextWindowSize(ImVec2(width, total));
    ImGui::PushStyleColor(ImGuiCol_WindowBg, 0U);
    ImGui::Begin("##toasts", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing);
    ImGui::PopStyleColor();
    // Above the page; a modal covers them.
    if (ImGui::GetTopMostPopupModal() == nullptr) ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
    std::uint64_t dismissed = 0;
    float y = window_min.y;
    bool hovered = false;
    for (std::size_t i = first; i < toasts.size(); ++i) {
        const float height = height_of(ctx, toasts[i], width);
        ImGui::PushID(static_cast<int>(toasts[i].id));
        const float shown = animate(ctx, id_of("in"), 1.0f);
        ImGui::PopID();
        const ImVec2 min(window_min.x + (1 - shown) * 16, y);
        const ImVec2 max(window_min.x + width, y + height);
        hovered |= ImGui::IsMouseHoveringRect(min, max);
        if (draw_toast(ctx, views, toasts[i], min, max)) dismissed = toasts[i].id;
        y += height + 8;
    }
    end_placed();
    ImGui::End();
    ctx.app.pause_toasts(hovered);
    if (dismissed != 0) ctx.app.dismiss_toast(dismissed);
}

}  // namespace ui
