#include "ui/hooks.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <string_view>

static_assert(IMGUI_VERSION_NUM >= 19200 && IMGUI_VERSION_NUM < 19300, "the test-engine hooks are internal to Dear ImGui: check them again");

namespace ui {

namespace {

// What ImGui makes itself around windows: no action of a person's own.
bool is_window_part(ImGuiContext& g, ImGuiID id) {
    for (ImGuiWindow* window : g.Windows) {
        if (id == window->ID || id == window->ChildId || id == window->MoveId) return true;
        if (id == window->GetID("#SCROLLX") || id == window->GetID("#SCROLLY")) return true;
        for (int n = 0; n < 4; ++n) {
            if (id == ImGui::GetWindowResizeCornerID(window, n)) return true;
        }
        for (const ImGuiDir dir : {ImGuiDir_Left, ImGuiDir_Right, ImGuiDir_Up, ImGuiDir_Down}) {
            if (id == ImGui::GetWindowResizeBorderID(window, dir)) return true;
        }
    }
    return false;
}

}  // namespace

ItemCollector::~ItemCollector() { detach(); }

void ItemCollector::attach(ImGuiContext* context) {
    detach();
    context_ = context;
    context_->TestEngine = this;
    context_->TestEngineHookItems = true;
}

void ItemCollector::detach() {
    if (context_ == nullptr) return;
    if (context_->TestEngine == this) {
        context_->TestEngine = nullptr;
        context_->TestEngineHookItems = false;
    }
    context_ = nullptr;
    items_.clear();
}

void ItemCollector::forget_old_frames() {
    if (frame_ == context_->FrameCount) return;
    frame_ = context_->FrameCount;
    items_.clear();
}

CollectedItem& ItemCollector::slot(ImGuiID id) {
    forget_old_frames();
    CollectedItem& item = items_[id];
    item.id = id;
    item.frame = frame_;
    return item;
}

void ItemCollector::on_item(ImGuiID id, SemanticRect visible_rect, const char* window, std::uint32_t item_flags) {
    CollectedItem& item = slot(id);
    item.rect = visible_rect;
    item.window = window;
    item.item_flags = item_flags;
}

void ItemCollector::on_info(ImGuiID id, const char* label, std::uint32_t status_flags) {
    CollectedItem& item = slot(id);
    const std::string_view text = label != nullptr ? label : "";
    item.label = text.substr(0, text.find("##"));
    item.status_flags = status_flags;
}

const char* ItemCollector::label_of(ImGuiID id) const {
    const auto found = items_.find(id);
    return found == items_.end() ? nullptr : found->second.label.c_str();
}

std::vector<CollectedItem> ItemCollector::items() const {
    std::vector<CollectedItem> out;
    if (context_ == nullptr) return out;
    for (const auto& [id, item] : items_) {
        if (item.rect.w <= 1 || item.rect.h <= 1 || is_window_part(*context_, id)) continue;
        out.push_back(item);
    }
    std::sort(out.begin(), out.end(), [](const CollectedItem& a, const CollectedItem& b) {
        return a.rect.y != b.rect.y ? a.rect.y < b.rect.y : a.rect.x < b.rect.x;
    });
    return out;
}

std::vector<CollectedItem> ItemCollector::unrecorded_items(const Semantics& semantics) const {
    std::vector<CollectedItem> out = items();
    std::erase_if(out, [&](const CollectedItem& item) { return semantics.find(item.id) != nullptr; });
    return out;
}

}  // namespace ui

// ---- what Dear ImGui calls (declared in imgui_internal.h) -----------------------------------------------------------------------

void ImGuiTestEngineHook_ItemAdd(ImGuiContext* ctx, ImGuiID id, const ImRect& bb, const ImGuiLastItemData* item_data) {
    auto* collector = static_cast<ui::ItemCollector*>(ctx->TestEngine);
    ImGuiWindow* window = ctx->CurrentWindow;
    if (collector == nullptr || window == nullptr || id == 0 || window->IsFallbackWindow) return;
    ImRect visible = bb;
    visible.ClipWith(window->ClipRect);
    if (visible.IsInverted()) visible = ImRect(bb.Min, bb.Min);
    const auto flags = item_data != nullptr ? static_cast<std::uint32_t>(item_data->ItemFlags) : 0U;
    collector->on_item(id, {visible.Min.x, visible.Min.y, visible.GetWidth(), visible.GetHeight()}, window->Name, flags);
}

void ImGuiTestEngineHook_ItemInfo(ImGuiContext* ctx, ImGuiID id, const char* label, ImGuiItemStatusFlags flags) {
    auto* collector = static_cast<ui::ItemCollector*>(ctx->TestEngine);
    if (collector != nullptr && id != 0) collector->on_info(id, label, static_cast<std::uint32_t>(flags));
}

void ImGuiTestEngineHook_Log(ImGuiContext*, const char*, ...) {}

const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext* ctx, ImGuiID id) {
    const auto* collector = static_cast<const ui::ItemCollector*>(ctx->TestEngine);
    return collector != nullptr ? collector->label_of(id) : nullptr;
}
