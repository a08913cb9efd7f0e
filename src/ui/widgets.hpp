// Widgets: every control of the UI. Each draws itself from the theme, has hover, active, disabled and focus looks, works by mouse,
// touch and keyboard, and pushes a semantic record, so a view made of these is accessible and testable without further work.
//
// Ids: like ImGui, a label hashed on the ID stack; give `id` when the label changes or repeats. What a screen reader hears is
// `name` (default: the label, or the tooltip of an icon button). Layout is ImGui's cursor: controls follow each other downwards,
// ImGui::SameLine() puts one beside the last. Widths are logical px; 0 means natural, negative "that much left of the right edge".
//
//   if (ui::button(ctx, "Run", {.style = ButtonStyle::primary, .icon = Icon::play})) ctx.commands.run("workflow.run");
//   auto image = ui::input_text(ctx, "image", value, {.label = "Image", .required = true, .error = problem, .mono = true});
//   if (image.changed) ...
#pragma once

#include <imgui.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ui/icons.hpp"
#include "ui/ui_context.hpp"

namespace ui {

// ---- building blocks, for views that draw their own things -------------------------------------------------------------------

// What an interactive rectangle knows after interact().
struct Interaction {
    ImGuiID id = 0;
    ImVec2 min = {}, max = {};
    bool visible = false;  // not clipped away
    bool hovered = false;
    bool held = false;
    bool pressed = false;  // click, Enter, Space, or an action from the semantics tree
    bool focused = false;  // has the keyboard
    bool context_menu = false;  // right click, menu key
};
struct RecordOptions {
    Role role = Role::button;
    std::string_view name = {};
    std::string_view value = {};
    std::string_view description = {};
    std::uint32_t flags = 0;
    float value_min = 0, value_max = 0, value_now = 0;
};
// Adds an item at the rectangle (does not move the layout cursor: reserve() does), handles mouse, keyboard and semantic actions
// and pushes its record. Draws nothing but the focus ring, which focus_ring() can be asked for later.
Interaction interact(UiContext& ctx, ImGuiID id, ImVec2 min, ImVec2 max, const RecordOptions& record, bool disabled = false);
// Moves the layout cursor past a box of this size and returns its left upper corner, snapped to device pixels.
ImVec2 reserve(UiContext& ctx, ImVec2 size);
void focus_ring(UiContext& ctx, const Interaction& item, float radius = metrics::kRadius);
// A record for something that is not an ImGui item (text, an image, a row drawn by hand).
void record(UiContext& ctx, ImGuiID id, ImVec2 min, ImVec2 max, const RecordOptions& options);
// A record and a group: what is pushed until end_record_group() gets it as parent.
void begin_record_group(UiContext& ctx, ImGuiID id, ImVec2 min, ImVec2 max, const RecordOptions& options);
void end_record_group(UiContext& ctx);

// Eases towards `target` from where it was last frame, over kTransitionMs; asks for frames while it moves.
float animate(UiContext& ctx, ImGuiID id, float target, int duration_ms = metrics::kTransitionMs);
// True once `id` was asked about for `delay_ms` without a gap; asks for the frame when it becomes true.
bool lasted(UiContext& ctx, ImGuiID id, int delay_ms);

[[nodiscard]] ImGuiID id_of(std::string_view text);  // on the current ID stack
[[nodiscard]] float control_height(const UiContext& ctx);  // of fields and primary buttons: 32, 28 when compact, 44 for touch
[[nodiscard]] float button_height(const UiContext& ctx);   // of small buttons: 28, 24 when compact, 44 for touch
[[nodiscard]] float row_height(const UiContext& ctx);      // of list rows: 27, 22 when compact, 44 for touch
[[nodiscard]] bool text_field_active();  // a text field has the keyboard

// ---- text ---------------------------------------------------------------------------------------------------------------------

[[nodiscard]] float text_width(ImFont* font, float size, std::string_view text);
// One line, cut with "…" at max_width (0 = never). Returns the width drawn.
float draw_text(ImDrawList* list, ImFont* font, float size, ImVec2 pos, ImU32 color, std::string_view text, float max_width = 0);
// `text` as it fits in max_width: whole, or cut at a character and closed with "…".
[[nodiscard]] std::string ellipsized(ImFont* font, float size, std::string_view text, float max_width);

struct TextOptions {
    ImFont* font = nullptr;          // default: fonts.ui
    float size = text_size::kUi;
    ImU32 color = 0;                 // default: theme.text
    float max_width = 0;             // 0: to the right edge of the region
    bool wrap = false;
    Role role = Role::text;          // heading, status, alert, ...
    std::uint32_t flags = 0;
    std::string_view tooltip = {};
};
void text(UiContext& ctx, std::string_view text, const TextOptions& options = {});
void heading(UiContext& ctx, std::string_view text);                 // 18 semibold
void section_label(UiContext& ctx, std::string_view text);           // 13 muted, above a group
void label_value(UiContext& ctx, std::string_view label, std::string_view value, bool mono = false);

// ---- buttons ------------------------------------------------------------------------------------------------------------------

enum class ButtonStyle : std::uint8_t { primary, secondary, ghost, danger };
struct ButtonOptions {
    ButtonStyle style = ButtonStyle::secondary;
    Icon icon = Icon::none;          // before the label; an empty label makes an icon button
    Icon trailing_icon = Icon::none;
    std::string_view id = {};             // default: the label
    std::string_view name = {};           // accessible name; default: label, else tooltip
    std::string_view tooltip = {};
    std::string_view shortcut = {};       // shown in the tooltip
    std::string_view description = {};
    bool disabled = false;
    std::optional<bool> selected = {};    // a toggle: pressed look
    float width = 0;
    float height = 0;                // default: button_height()
    bool busy = false;               // disabled, with a muted label
    bool expanded = false;           // its menu is open
    bool has_menu = false;
    Role role = Role::button;
};
bool button(UiContext& ctx, std::string_view label, const ButtonOptions& options = {});
[[nodiscard]] float button_width(const UiContext& ctx, std::string_view label, const ButtonOptions& options = {});
// A button that runs a command: title, enabled rule and shortcut come from the table.
bool command_button(UiContext& ctx, std::string_view command_id, std::string_view label, ButtonOptions options = {});
// Underlined text that acts like a button.
bool link(UiContext& ctx, std::string_view label, std::string_view id = {});

// ---- fields -------------------------------------------------------------------------------------------------------------------

struct FieldOptions {
    std::string_view label = {};          // drawn above; also the accessible name
    std::string_view name = {};           // accessible name when there is no label
    std::string_view placeholder = {};
    std::string_view error = {};          // drawn below in the danger colour; makes the field invalid
    std::string_view help = {};           // drawn below when there is no error
    std::string_view trailing = {};       // muted text at the right end ("3 of 18")
    bool required = false;
    bool disabled = false;
    bool readonly = false;
    bool password = false;
    bool mono = false;
    int rows = 1;                    // > 1: multi-line
    bool search = false;             // magnifier in front, clear button behind, searchbox role
    bool focus = false;              // takes the keyboard this frame
    bool select_all_on_focus = false;
    float width = -1;
    float height = 0;
};
struct FieldResult {
    bool changed = false;
    bool submitted = false;          // Enter
    bool cancelled = false;          // Escape
    bool active = false;             // has the keyboard
    bool left = false;               // lost the keyboard this frame after edits
    bool blurred = false;            // lost the keyboard this frame
    bool up = false, down = false;   // arrow keys while active (single line)
    bool shift_submit = false;       // Shift+Enter
};
FieldResult input_text(UiContext& ctx, std::string_view id, std::string& value, const FieldOptions& options = {});

struct NumberOptions {
    std::optional<double> min = {}, max = {};
    bool integer = true;
    double step = 1;                 // arrow keys
};
// Text that is no number, or out of range, is shown with the reason and leaves `value` alone. An empty field gives nullopt.
FieldResult input_number(UiContext& ctx, std::string_view id, std::optional<double>& value, const NumberOptions& number,
                         FieldOptions options = {});
bool checkbox(UiContext& ctx, std::string_view label, bool& value, bool disabled = false, std::string_view help = {});
bool switch_control(UiContext& ctx, std::string_view label, bool& value, bool disabled = false, std::string_view help = {});

struct SelectItem {
    std::string_view value = {};
    std::string_view label = {};
};
// True when another item was chosen; `value` then holds its value. A value that is no item is shown as it is.
bool select(UiContext& ctx, std::string_view id, std::string& value, std::span<const SelectItem> items, FieldOptions options = {});

// ---- navigation ---------------------------------------------------------------------------------------------------------------

struct TabItem {
    std::string_view id = {};
    std::string_view label = {};
    int count = 0;                   // shown behind the label when > 0
};
struct TabsOptions {
    std::string_view name = {};           // of the tab list
    float height = metrics::kTabHeight;
    float gap = 16;
};
// Underline tabs in one line. Returns the id of the tab that was chosen now, else an empty view.
std::string_view tabs(UiContext& ctx, std::string_view id, std::span<const TabItem> items, std::string_view current,
                      const TabsOptions& options = {});

// Drag handle between two panels over `min`..`max`. `size` is that of the panel after it (right of it, below it). Arrow keys move by
// 16 px, double click resets to `initial`. True while it changes; `released` once when the drag or key ends.
struct SplitterOptions {
    bool vertical = true;            // a vertical line that moves left and right
    float smallest = 0, largest = 0, initial = 0;
    std::string_view name = {};
};
struct SplitterResult {
    bool changed = false;
    bool released = false;
};
SplitterResult splitter(UiContext& ctx, std::string_view id, ImVec2 min, ImVec2 max, float& size, const SplitterOptions& options);

// ---- marks --------------------------------------------------------------------------------------------------------------------

void pill(UiContext& ctx, std::string_view text, ImU32 color = 0);   // small rounded badge on the current line
void key_cap(UiContext& ctx, std::string_view keys);
void status_dot(UiContext& ctx, ImU32 color, std::string_view word, ImU32 word_color = 0);  // dot and word, never the dot alone
void icon(UiContext& ctx, Icon which, float size, ImU32 color);
// A thin bar of the region's width; what it stands at is said by the record, the caller shows the number.
void progress_bar(UiContext& ctx, std::string_view id, std::string_view name, int percent);
void separator(UiContext& ctx, float space = metrics::kGap);
void kind_chip(UiContext& ctx, model::NodeKind kind, float size);    // coloured square with the kind's icon

float key_cap_width(const UiContext& ctx, std::string_view keys);
void draw_key_cap(UiContext& ctx, ImDrawList* list, ImVec2 right_center, std::string_view keys);
void draw_pill(UiContext& ctx, ImDrawList* list, ImVec2 min, std::string_view text, ImU32 background, ImU32 color);
float pill_width(const UiContext& ctx, std::string_view text);

// Tooltip of the last interact()ed item, after kTooltipDelayMs of hovering, or with keyboard focus.
void tooltip(UiContext& ctx, const Interaction& item, std::string_view text, std::string_view shortcut = {});

// ---- states of a view ---------------------------------------------------------------------------------------------------------

// Grey bars in place of content that loads; nothing in the first 150 ms.
void skeleton(UiContext& ctx, std::string_view id, int lines);
struct StateOptions {
    Icon icon = Icon::none;
    std::string_view title = {};
    std::string_view text = {};
    std::string_view action = {};         // label of the one button
    std::string_view details = {};        // to copy: adds "Copy details"
    bool error = false;              // role alert
};
// Centred message with one action; true when it was pressed.
bool state_message(UiContext& ctx, std::string_view id, const StateOptions& options);
// What went wrong (Error's message and hint), with Retry and details. A forbidden error says which permission is missing.
bool error_state(UiContext& ctx, std::string_view id, const base::Error& error);
// One line across a panel: icon, text, up to one action.
enum class BannerKind : std::uint8_t { info, warning, danger };
bool banner(UiContext& ctx, std::string_view id, BannerKind kind, std::string_view text, std::string_view action = {});

// ---- lists --------------------------------------------------------------------------------------------------------------------

struct RowOptions {
    std::string_view name = {};           // accessible
    std::string_view value = {};
    std::string_view description = {};
    bool selected = false;
    bool disabled = false;
    float height = 0;                // default row_height()
    Role role = Role::listitem;
    float inset = 0;                 // the hover background begins that far left of the text
};
// A full-width row; the caller draws its content into the returned rectangle.
Interaction list_row(UiContext& ctx, std::string_view id, const RowOptions& options);

// ---- layers -------------------------------------------------------------------------------------------------------------------

// Popup menu. open_menu() any time; begin_menu() each frame from the same place in the ID stack or with the same id.
struct MenuOptions {
    ImVec2 anchor_min = {}, anchor_max = {};   // opens below it (above when there is no room)
    bool align_right = false;
    float width = 0;
    std::string_view name = {};
    Role role = Role::menu;
};
void open_menu(std::string_view id);
[[nodiscard]] bool menu_is_open(std::string_view id);
bool begin_menu(UiContext& ctx, std::string_view id, const MenuOptions& options);
void end_menu(UiContext& ctx);
struct MenuItemOptions {
    Icon icon = Icon::none;
    std::string_view shortcut = {};
    std::string_view id = {};
    bool disabled = false;
    bool danger = false;
    std::optional<bool> checked = {};
    bool keep_open = false;
    Role role = Role::menuitem;
    std::string_view hint = {};           // muted, at the right end
};
bool menu_item(UiContext& ctx, std::string_view label, const MenuItemOptions& options = {});
bool menu_command(UiContext& ctx, std::string_view command_id, Icon icon = Icon::none, bool danger = false);
void menu_separator(UiContext& ctx);
void menu_label(UiContext& ctx, std::string_view text);

// Modal dialog in the middle of the window, page behind dimmed; Escape closes it. open_dialog() any time.
struct DialogOptions {
    std::string_view title = {};
    float width = 420;
    bool title_bar = true;           // title and close button
    float top = 0;                   // > 0: that far from the top in place of the middle
    float padding = 20;
};
void open_dialog(UiContext& ctx, std::string_view id);
void close_dialog(UiContext& ctx, std::string_view id);  // the one that is being drawn, or any
[[nodiscard]] bool dialog_is_open(std::string_view id);
bool begin_dialog(UiContext& ctx, std::string_view id, const DialogOptions& options);
void end_dialog(UiContext& ctx);

// Soft shadow around the rectangle (outside of it), for popups and toasts.
void draw_shadow(UiContext& ctx, ImDrawList* list, ImVec2 min, ImVec2 max, float radius);

// Child region that shares keyboard focus with its parent. Padding inside; scrolls vertically when `scroll`.
// end_region() always, also when this is false (nothing of it is visible).
bool begin_region(UiContext& ctx, std::string_view id, ImVec2 min, ImVec2 max, ImU32 background, ImVec2 padding = ImVec2(0, 0),
                  bool scroll = false, bool horizontal_scroll = false);
void end_region(UiContext& ctx);
// After things that were placed by hand at the end of a window: they must not make it larger.
void end_placed();

// ---- words --------------------------------------------------------------------------------------------------------------------

// "just now", "3 min ago", "2 h ago", "5 d ago"; asks for a frame at the next minute step. "" for 0.
[[nodiscard]] std::string ago(UiContext& ctx, std::int64_t unix_ms);
// The same from an RFC 3339 stamp; the stamp itself when it is none.
[[nodiscard]] std::string ago(UiContext& ctx, std::string_view rfc3339);

}  // namespace ui
