// Building blocks: items, records, animation, regions.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "base/time_text.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

SemanticRect rect_of(ImVec2 min, ImVec2 max) { return {min.x, min.y, max.x - min.x, max.y - min.y}; }

SemanticRecord make_record(ImGuiID id, ImVec2 min, ImVec2 max, const RecordOptions& options) {
    return {.id = id,
            .parent = 0,
            .role = options.role,
            .flags = options.flags,
            .rect = rect_of(min, max),
            .value_min = options.value_min,
            .value_max = options.value_max,
            .value_now = options.value_now,
            .name = std::string(options.name),
            .value = std::string(options.value),
            .description = std::string(options.description)};
}

// A key of our own in ImGui's per-window storage, apart from what ImGui keeps under the same id.
ImGuiID storage_key(ImGuiID id, unsigned slot) { return id ^ (0x9E3779B9U * (slot + 1)); }

}  // namespace

ImGuiID id_of(std::string_view text) { return ImGui::GetID(text.data(), text.data() + text.size()); }

namespace {

// Fingers need their room whatever the density.
float by_density(const UiContext& ctx, float comfortable, float compact) {
    if (ctx.input.coarse_pointer) return metrics::kTouchTarget;
    return ctx.app.ui().density == model::Density::compact ? compact : comfortable;
}

}  // namespace

float control_height(const UiContext& ctx) { return by_density(ctx, metrics::kControlHeight, metrics::kButtonHeight); }

float button_height(const UiContext& ctx) { return by_density(ctx, metrics::kButtonHeight, metrics::kButtonHeight - 4); }
float row_height(const UiContext& ctx) { return by_density(ctx, metrics::kRowHeight, metrics::kRowHeight - 5); }

bool text_field_active() { return ImGui::GetIO().WantTextInput; }

Interaction interact(UiContext& ctx, ImGuiID id, ImVec2 min, ImVec2 max, const RecordOptions& options, bool disabled) {
    ImGuiContext& g = *ImGui::GetCurrentContext();
    ImGuiWindow* window = g.CurrentWindow;
    Interaction item{.id = id, .min = min, .max = max};
    if (window->SkipItems) return item;

    const ImRect box(min, max);
    item.visible = box.Overlaps(window->ClipRect);
    if (disabled) ImGui::BeginDisabled();
    if (ImGui::ItemAdd(box, id)) {
        bool hovered = false;
        bool held = false;
        const bool pressed = ImGui::ButtonBehavior(box, id, &hovered, &held);
        if (!disabled) {
            item.pressed = pressed;
            item.hovered = hovered;
            item.held = held;
            item.context_menu = hovered && ImGui::IsMouseReleased(ImGuiMouseButton_Right);
            if (hovered && g.HoveredId == id) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        }
        IMGUI_TEST_ENGINE_ITEM_INFO(id, std::string(options.name).c_str(), g.LastItemData.StatusFlags);
    }
    SemanticAction action;
    if (ctx.semantics.take_action(id, ActionKind::activate, action) && !disabled) item.pressed = true;
    if (ctx.semantics.take_action(id, ActionKind::context_menu, action) && !disabled) item.context_menu = true;
    if (ctx.semantics.take_action(id, ActionKind::focus, action) && !disabled) {
        ImGui::FocusItem();
        ImGui::SetNavCursorVisible(true);
        ctx.wake_in(0);
    }
    if (disabled) ImGui::EndDisabled();
    item.focused = g.NavId == id && g.NavWindow != nullptr && g.NavWindow->RootWindowForNav == window->RootWindowForNav;

    RecordOptions full = options;
    if (disabled) full.flags |= kDisabled;
    if (item.focused) full.flags |= kFocused;
    record(ctx, id, min, max, full);
    if (item.focused && item.visible) focus_ring(ctx, item);
    return item;
}

ImVec2 reserve(UiContext& ctx, ImVec2 size) {
    const ImVec2 pos = snap(ImGui::GetCursorScreenPos(), ctx.input.pixel_ratio);
    ImGui::ItemSize(size);
    return pos;
}

void focus_ring(UiContext& ctx, const Interaction& item, float radius) {
    if (!item.focused || !ImGui::GetCurrentContext()->NavCursorVisible) return;
    const ImVec2 out(1, 1);
    ImGui::GetWindowDrawList()->AddRect(ImVec2(item.min.x - out.x, item.min.y - out.y), ImVec2(item.max.x + out.x, item.max.y + out.y),
                                        ctx.theme.accent, radius + 1, 0, 2);
}

void record(UiContext& ctx, ImGuiID id, ImVec2 min, ImVec2 max, const RecordOptions& options) {
    if (ctx.semantics.wants(options.role, options.flags)) ctx.semantics.push(make_record(id, min, max, options));
}

void begin_record_group(UiContext& ctx, ImGuiID id, ImVec2 min, ImVec2 max, const RecordOptions& options) {
    ctx.semantics.begin_group(make_record(id, min, max, options));
}

void end_record_group(UiContext& ctx) { ctx.semantics.end_group(); }

float animate(UiContext& ctx, ImGuiID id, float target, int duration_ms) {
    ImGuiStorage* storage = ImGui::GetStateStorage();
    // First make sure that all three are there: an insertion moves the others.
    storage->GetFloatRef(storage_key(id, 0), target);
    storage->GetFloatRef(storage_key(id, 1), target);
    storage->GetIntRef(storage_key(id, 2), 0);
    float* from = storage->GetFloatRef(storage_key(id, 0), target);
    float* to = storage->GetFloatRef(storage_key(id, 1), target);
    int* start = storage->GetIntRef(storage_key(id, 2), 0);
    const int now = static_cast<int>(ctx.input.now_ms & 0x7fffffff);
    auto value_at = [&](int at) {
        const float t = duration_ms > 0 ? std::clamp(static_cast<float>(at - *start) / static_cast<float>(duration_ms), 0.0f, 1.0f) : 1.0f;
        return *from + (*to - *from) * (1 - (1 - t) * (1 - t) * (1 - t));  // ease-out
    };
    if (*to != target) {
        *from = value_at(now);
        *to = target;
        *start = now;
    }
    if (ctx.input.reduced_motion || duration_ms <= 0) {
        *from = *to = target;
        return target;
    }
    if (*from != *to) {
        if (now - *start >= duration_ms) *from = *to;
        else ctx.wake_in(0);
    }
    return *from == *to ? *to : value_at(now);
}

bool lasted(UiContext& ctx, ImGuiID id, int delay_ms) {
    ImGuiStorage* storage = ImGui::GetStateStorage();
    storage->GetIntRef(storage_key(id, 3), -10);
    storage->GetIntRef(storage_key(id, 4), 0);
    int* frame = storage->GetIntRef(storage_key(id, 3), -10);
    int* start = storage->GetIntRef(storage_key(id, 4), 0);
    const int now = static_cast<int>(ctx.input.now_ms & 0x7fffffff);
    const int current = ImGui::GetFrameCount();
    if (*frame < current - 1) *start = now;
    *frame = current;
    const int left = delay_ms - (now - *start);
    if (left <= 0) return true;
    ctx.wake_in(left);
    return false;
}

bool begin_region(UiContext& ctx, std::string_view id, ImVec2 min, ImVec2 max, ImU32 background, ImVec2 padding, bool scroll,
                  bool horizontal_scroll) {
    min = snap(min, ctx.input.pixel_ratio);
    max = snap(max, ctx.input.pixel_ratio);
    const ImVec2 size(std::max(max.x - min.x, 1.0f), std::max(max.y - min.y, 1.0f));
    ImGui::SetCursorScreenPos(min);
    ImGui::PushStyleColor(ImGuiCol_ChildBg, background);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, padding);
    ImGuiWindowFlags flags = ImGuiWindowFlags_NoSavedSettings;
    if (!scroll) flags |= ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
    if (horizontal_scroll) flags |= ImGuiWindowFlags_HorizontalScrollbar;
    const bool visible = ImGui::BeginChild(id_of(id), size, ImGuiChildFlags_AlwaysUseWindowPadding | ImGuiChildFlags_NavFlattened, flags);
    ImGui::PopStyleVar();
    ImGui::PopStyleColor();
    return visible;
}

void end_placed() { ImGui::GetCurrentWindow()->DC.IsSetPos = false; }

void end_region(UiContext&) {
    end_placed();
    ImGui::EndChild();
}

void draw_shadow(UiContext& ctx, ImDrawList* list, ImVec2 min, ImVec2 max, float radius) {
    constexpr int kSteps = 10;
    constexpr float kDrop = 3;
    list->PushClipRectFullScreen();
    for (int i = 0; i < kSteps; ++i) {
        const auto grow = static_cast<float>(i) + 0.5f;
        const float strength = 1 - static_cast<float>(i) / kSteps;
        list->AddRect(ImVec2(min.x - grow, min.y - grow + kDrop * 0.3f), ImVec2(max.x + grow, max.y + grow + kDrop),
                      faded(ctx.theme.shadow, strength * strength * 0.5f), radius + grow, 0, 1.5f);
    }
    list->PopClipRect();
}

std::string ago(UiContext& ctx, std::int64_t unix_ms) {
    if (unix_ms == 0) return {};
    std::int64_t next_ms = 0;
    std::string words = base::relative_time(unix_ms, ctx.input.unix_ms, &next_ms);
    // On the full second, so that ages that change within one second share a frame.
    if (next_ms > 0) ctx.wake_in(next_ms + (1'000 - (ctx.input.unix_ms + next_ms) % 1'000) % 1'000);
    return words;
}

std::string ago(UiContext& ctx, std::string_view rfc3339) {
    const auto time_ms = base::parse_rfc3339_ms(rfc3339);
    return time_ms ? ago(ctx, *time_ms) : std::string(rfc3339);
}

}  // namespace ui
