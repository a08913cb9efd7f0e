// Hooks: Binnacle's own implementation of Dear ImGui's four test-engine hook functions. They report every item that ImGui knows, and
// so check the semantics tree: an interactive item that is visible but has no record is a bug that a test finds.
//
//   ui::ItemCollector collector;            // one per ImGui context, outlives it or is detached
//   collector.attach(ImGui::GetCurrentContext());
//   ... a frame ...
//   REQUIRE(collector.unrecorded_items(semantics).empty());
//
// Without an attached collector ImGui calls nothing and this costs nothing.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "ui/semantics.hpp"

namespace ui {

struct CollectedItem {
    ImGuiID id = 0;
    std::string label;    // without "##..."
    std::string window;
    SemanticRect rect;    // the visible part
    std::uint32_t item_flags = 0;    // ImGuiItemFlags
    std::uint32_t status_flags = 0;  // ImGuiItemStatusFlags
    int frame = 0;
};

class ItemCollector {
public:
    ItemCollector() = default;
    ~ItemCollector();
    ItemCollector(const ItemCollector&) = delete;
    ItemCollector& operator=(const ItemCollector&) = delete;

    void attach(ImGuiContext* context);
    void detach();

    // Visible items of the last frame that a person could act on.
    [[nodiscard]] std::vector<CollectedItem> items() const;
    // Those of them that `semantics` has no record of.
    [[nodiscard]] std::vector<CollectedItem> unrecorded_items(const Semantics& semantics) const;

    // Called by the hooks.
    void on_item(ImGuiID id, SemanticRect visible_rect, const char* window, std::uint32_t item_flags);
    void on_info(ImGuiID id, const char* label, std::uint32_t status_flags);
    [[nodiscard]] const char* label_of(ImGuiID id) const;

private:
    CollectedItem& slot(ImGuiID id);
    void forget_old_frames();

    ImGuiContext* context_ = nullptr;
    int frame_ = -1;
    std::unordered_map<ImGuiID, CollectedItem> items_;
};

}  // namespace ui
