// The semantics tree: what a frame shows, as roles, names, values and places. It feeds the accessible DOM mirror (src/web), the
// browser tests, and a safety net: the ImGui test-engine hooks report every interactive item, and a test fails when a visible one
// has no record.
//
// Widgets (ui/widgets.hpp) push a record each; canvas nodes, log rows and the like push theirs directly. Ids are ImGuiIDs (or hashes
// made like them) and stay the same from frame to frame for the same thing.
//
//   semantics.push({.id = id, .role = Role::button, .name = "Run", .rect = rect, .flags = kEnabled});
//   ...
//   if (semantics.finish_frame()) { send semantics.records() to the mirror }
//   for (const Action& action : semantics.take_actions()) ...   // by the widgets themselves, next frame
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ui {

enum class Role : std::uint8_t {
    none, button, link, checkbox, switch_, radio, tab, textbox, searchbox, slider, combobox, option, menu, menuitem, dialog,
    region, navigation, main, toolbar, tablist, list, listitem, tree, treeitem, grid, row, cell, log, status, alert, heading, text,
    img, separator, progressbar, group, node, edge,  // node and edge: canvas things, mirrored as role=button with a roledescription
};

enum SemanticFlags : std::uint32_t {
    kDisabled = 1 << 0,
    kFocused = 1 << 1,
    kSelected = 1 << 2,   // aria-selected / aria-pressed
    kChecked = 1 << 3,
    kExpanded = 1 << 4,
    kCollapsed = 1 << 5,
    kInvalid = 1 << 6,
    kRequired = 1 << 7,
    kMultiline = 1 << 8,
    kPassword = 1 << 9,
    kLive = 1 << 10,      // announce changes of name or value (status, alert)
    kReadonly = 1 << 11,
    kModal = 1 << 12,
    kPressable = 1 << 13, // toggle button: mirrored with aria-pressed
};

struct SemanticRect {
    float x = 0, y = 0, w = 0, h = 0;  // logical px of the window
    friend bool operator==(const SemanticRect&, const SemanticRect&) = default;
};

struct SemanticRecord {
    std::uint32_t id = 0;
    std::uint32_t parent = 0;  // 0 = the window
    Role role = Role::none;
    std::uint32_t flags = 0;
    SemanticRect rect = {};
    float value_min = 0, value_max = 0, value_now = 0;  // sliders, progress
    std::string name = {};
    std::string value = {};    // text of a textbox, chosen option
    std::string description = {};  // hint or error text
    friend bool operator==(const SemanticRecord&, const SemanticRecord&) = default;
};

enum class ActionKind : std::uint8_t { activate, focus, set_text, set_number, dismiss, context_menu };

// ARIA's word, or ours ("node", "edge", "text").
[[nodiscard]] std::string_view role_word(Role role);

struct SemanticAction {
    ActionKind kind = ActionKind::activate;
    std::uint32_t id = 0;
    std::string text = {};
    float number = 0;
};

class Semantics {
public:
    // Off: push() does nothing but landmarks and live regions (regions, status, alert, dialog, heading).
    void set_full(bool full) { full_ = full; }
    [[nodiscard]] bool full() const { return full_; }

    // Whether push() would keep such a record now; spares making it.
    [[nodiscard]] bool wants(Role role, std::uint32_t flags) const;

    void begin_frame();
    void push(SemanticRecord record);
    // Everything pushed until end_group() gets this parent.
    void begin_group(SemanticRecord record);
    void end_group();
    // True when the records differ from those of the last frame.
    bool finish_frame();
    [[nodiscard]] const std::vector<SemanticRecord>& records() const { return records_; }
    [[nodiscard]] std::uint64_t version() const { return version_; }
    // The first record of that id, or of that role and name; null when the last frame showed none.
    [[nodiscard]] const SemanticRecord* find(std::uint32_t id) const;
    [[nodiscard]] const SemanticRecord* find(Role role, std::string_view name) const;

    // From the mirror; delivered in the next frame.
    void post_action(SemanticAction action);
    // The action for this id, if one waits (consumed). Widgets call it; ImGui items of plain kinds are activated by the frame
    // loop through ImGui::ActivateItemByID.
    bool take_action(std::uint32_t id, ActionKind kind, SemanticAction& out);
    [[nodiscard]] bool has_actions() const { return !actions_.empty(); }
    // Drops what nobody took for two frames (the thing has gone).
    void expire_actions();

private:
    [[nodiscard]] std::uint32_t unique_id(std::uint32_t id);

    bool full_ = false;
    std::vector<SemanticRecord> records_;
    std::unordered_map<std::uint32_t, int> seen_;
    std::vector<std::uint32_t> parents_;
    std::vector<SemanticAction> actions_;
    int action_age_ = 0;
    std::uint64_t last_hash_ = 0;
    std::uint64_t version_ = 0;
};

}  // namespace ui
