// Text fields, numbers, check boxes, switches, selects.
#include <imgui.h>
#include <imgui_internal.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

float resolved_width(float wanted) {
    const float room = ImGui::GetContentRegionAvail().x;
    if (wanted > 0) return std::min(wanted, std::max(room, 1.0f));
    return std::max(wanted == -1.0f ? room : room + wanted, 24.0f);
}

// Label above a field; "*" says required, for eyes (the record has a flag).
void field_label(UiContext& ctx, const FieldOptions& options) {
    if (options.label.empty()) return;
    std::string label(options.label);
    if (options.required) label += " *";
    const float width = resolved_width(options.width);
    const ImVec2 pos = reserve(ctx, ImVec2(width, text_size::kSmall));
    draw_text(ImGui::GetWindowDrawList(), ctx.fonts.ui, text_size::kSmall, pos, ctx.theme.muted, label, width);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
}

// Error, else help, below a field.
void field_note(UiContext& ctx, const FieldOptions& options) {
    const std::string_view note = !options.error.empty() ? options.error : options.help;
    if (note.empty()) return;
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
    const float room = resolved_width(options.width);
    const ImVec2 size = ctx.fonts.ui->CalcTextSizeA(text_size::kSmall, FLT_MAX, room, note.data(), note.data() + note.size());
    const ImVec2 pos = reserve(ctx, size);
    ImGui::GetWindowDrawList()->AddText(ctx.fonts.ui, text_size::kSmall, pos, options.error.empty() ? ctx.theme.muted : ctx.theme.danger_text,
                                        note.data(), note.data() + note.size(), room);
}

std::string_view field_name(const FieldOptions& options) {
    return !options.name.empty() ? options.name : !options.label.empty() ? options.label : options.placeholder;
}

std::uint32_t field_flags(const FieldOptions& options) {
    std::uint32_t flags = 0;
    if (!options.error.empty()) flags |= kInvalid;
    if (options.required) flags |= kRequired;
    if (options.disabled) flags |= kDisabled;
    if (options.readonly) flags |= kReadonly;
    if (options.password) flags |= kPassword;
    if (options.rows > 1) flags |= kMultiline;
    return flags;
}

void draw_frame(UiContext& ctx, ImVec2 min, ImVec2 max, bool active, bool hovered, const FieldOptions& options) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, options.disabled ? ctx.theme.surface : ctx.theme.background, metrics::kRadius);
    const bool invalid = !options.error.empty();
    const ImU32 border = invalid ? ctx.theme.danger : active ? ctx.theme.accent : hovered && !options.disabled ? ctx.theme.disabled : ctx.theme.border;
    list->AddRect(min, max, border, metrics::kRadius, 0, active ? 1.5f : 1.0f);
}

struct HistoryKeys {
    bool up = false, down = false;
};

int on_history(ImGuiInputTextCallbackData* data) {
    auto* keys = static_cast<HistoryKeys*>(data->UserData);
    if (data->EventKey == ImGuiKey_UpArrow) keys->up = true;
    if (data->EventKey == ImGuiKey_DownArrow) keys->down = true;
    return 0;
}

// A small round button at the end of a search field.
bool clear_button(UiContext& ctx, ImVec2 center) {
    const float half = ctx.input.coarse_pointer ? 22.0f : 10.0f;
    const ImVec2 min(center.x - half, center.y - half);
    const ImVec2 max(center.x + half, center.y + half);
    const Interaction item = interact(ctx, id_of("clear"), min, max, {.role = Role::button, .name = "Clear search"});
    draw_icon_centered(ImGui::GetWindowDrawList(), Icon::close, center, 12, item.hovered ? ctx.theme.text : ctx.theme.muted);
    return item.pressed;
}

}  // namespace

FieldResult input_text(UiContext& ctx, std::string_view id, std::string& value, const FieldOptions& options) {
    FieldResult result;
    ImGuiContext& g = *ImGui::GetCurrentContext();
    ImGui::PushID(id.data(), id.data() + id.size());
    field_label(ctx, options);

    ImFont* font = options.mono ? ctx.fonts.mono : ctx.fonts.ui;
    const float font_size = options.mono ? text_size::kMono : text_size::kUi;
    const bool multiline = options.rows > 1;
    const float width = resolved_width(options.width);
    const float single = options.height > 0 ? options.height : control_height(ctx);
    const float height = multiline ? static_cast<float>(options.rows) * font_size + 12 : single;
    const ImVec2 min = snap(ImGui::GetCursorScreenPos(), ctx.input.pixel_ratio);
    const ImVec2 max(min.x + width, min.y + height);

    const ImGuiID field_id = ImGui::GetID("##field");
    const bool was_active = g.ActiveId == field_id;
    draw_frame(ctx, min, max, was_active, ImGui::IsMouseHoveringRect(min, max), options);

    ImDrawList* list = ImGui::GetWindowDrawList();
    float left_pad = 10;
    if (options.search) {
        draw_icon_centered(list, Icon::search, ImVec2(min.x + 17, min.y + height / 2), 14, ctx.theme.muted);
        left_pad = 30;
    }
    const bool clearable = options.search && !value.empty() && !options.disabled;
    float right = clearable ? 26.0f : 0.0f;
    if (!options.trailing.empty()) {
        const float trailing = text_width(ctx.fonts.ui, text_size::kSmall, options.trailing);
        draw_text(list, ctx.fonts.ui, text_size::kSmall,
                  ImVec2(max.x - right - trailing - (clearable ? 2.0f : 10.0f), min.y + (height - text_size::kSmall) / 2), ctx.theme.muted,
                  options.trailing);
        right += trailing + 12;
    }

    SemanticAction action;
    if (ctx.semantics.take_action(field_id, ActionKind::set_text, action) && !options.disabled && !options.readonly) {
        value = action.text;
        result.changed = true;
        if (ImGuiInputTextState* state = ImGui::GetInputTextState(field_id)) state->ReloadUserBufAndSelectAll();
    }
    const bool wants_focus = ctx.semantics.take_action(field_id, ActionKind::activate, action) ||
                             ctx.semantics.take_action(field_id, ActionKind::focus, action);
    if ((options.focus || wants_focus) && !options.disabled) {
        ImGui::SetKeyboardFocusHere();
        if (ctx.layers != nullptr) ctx.layers->field_frames = Layers::kFieldFrames;
        ctx.wake_in(0);
    }

    HistoryKeys keys;
    ImGuiInputTextFlags flags = ImGuiInputTextFlags_None;
    if (options.password) flags |= ImGuiInputTextFlags_Password;
    if (options.readonly) flags |= ImGuiInputTextFlags_ReadOnly;
    if (options.select_all_on_focus) flags |= ImGuiInputTextFlags_AutoSelectAll;
    if (!multiline && !options.password) flags |= ImGuiInputTextFlags_CallbackHistory;
    const bool keep_active_backup = g.IO.ConfigInputTextEnterKeepActive;
    g.IO.ConfigInputTextEnterKeepActive = options.search;

    ImGui::SetCursorScreenPos(min);
    ImGui::SetNextItemWidth(width - right);
    ImGui::PushStyleColor(ImGuiCol_FrameBg, 0U);
    ImGui::PushStyleColor(ImGuiCol_FrameBgHovered, 0U);
    ImGui::PushStyleColor(ImGuiCol_FrameBgActive, 0U);
    ImGui::PushStyleColor(ImGuiCol_ChildBg, 0U);
    ImGui::PushStyleColor(ImGuiCol_Text, options.disabled ? ctx.theme.disabled : ctx.theme.text);
    ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 0.0f);
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(left_pad, multiline ? 6.0f : std::floor((height - font_size) / 2)));
    if (options.disabled) ImGui::BeginDisabled();
    {
        FontScope scope(font, font_size);
        const std::string hint(options.placeholder);
        if (multiline) {
            result.changed |= ImGui::InputTextMultiline("##field", &value, ImVec2(width - right, height), flags);
        } else if (options.password) {
            result.changed |= ImGui::InputTextWithHint("##field", hint.c_str(), &value, flags);
        } else {
            result.changed |= ImGui::InputTextWithHint("##field", hint.c_str(), &value, flags, &on_history, &keys);
        }
    }
    result.left = ImGui::IsItemDeactivatedAfterEdit();
    const bool deactivated = ImGui::IsItemDeactivated();
    result.blurred = deactivated;
    if (options.disabled) ImGui::EndDisabled();
    ImGui::PopStyleVar(2);
    ImGui::PopStyleColor(5);
    g.IO.ConfigInputTextEnterKeepActive = keep_active_backup;

    result.active = g.ActiveId == field_id;
    if (was_active && result.active && ctx.layers != nullptr) ctx.layers->field_frames = 0;  // it has taken what was typed
    result.up = keys.up;
    result.down = keys.down;
    if (was_active && !multiline) {
        const bool enter = ImGui::IsKeyPressed(ImGuiKey_Enter) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter);
        result.submitted = enter;
        result.shift_submit = enter && g.IO.KeyShift;
    }
    result.cancelled = was_active && deactivated && ImGui::IsKeyPressed(ImGuiKey_Escape);

    const bool focused = result.active || (g.NavId == field_id && g.NavWindow == ImGui::GetCurrentWindow());
    record(ctx, field_id, min, max,
           {.role = options.search ? Role::searchbox : Role::textbox,
            .name = field_name(options),
            .value = options.password ? std::string_view() : std::string_view(value),
            .description = !options.error.empty() ? options.error : options.help,
            .flags = field_flags(options) | (focused ? static_cast<std::uint32_t>(kFocused) : 0U)});
    if (focused && !result.active) focus_ring(ctx, {.id = field_id, .min = min, .max = max, .visible = true, .focused = true});
    if (clearable && clear_button(ctx, ImVec2(max.x - 15, min.y + height / 2))) {
        value.clear();
        result.changed = true;
        if (ImGuiInputTextState* state = ImGui::GetInputTextState(field_id)) state->ReloadUserBufAndSelectAll();
    }
    ImGui::SetCursorScreenPos(min);
    reserve(ctx, ImVec2(width, height));
    field_note(ctx, options);
    ImGui::PopID();
    return result;
}

FieldResult input_number(UiContext& ctx, std::string_view id, std::optional<double>& value, const NumberOptions& number, FieldOptions options) {
    std::string content = value ? base::short_number(*value, 6) : std::string();
    // What is being typed is kept by the field itself, so a half-typed number survives; the reason is kept beside it.
    ImGuiStorage* storage = ImGui::GetStateStorage();
    const ImGuiID key = id_of(id) ^ 0x4E554DU;
    enum Problem : int { kFine, kNoNumber, kNotWhole, kTooSmall, kTooLarge };
    int problem = storage->GetInt(key, kFine);
    auto set_problem = [&](int now) {
        problem = now;
        storage->SetInt(key, now);
    };
    std::string reason;
    switch (problem) {
        case kNoNumber: reason = "Enter a number"; break;
        case kNotWhole: reason = "Enter a whole number"; break;
        case kTooSmall: reason = "At least " + base::short_number(number.min.value_or(0), 6); break;
        case kTooLarge: reason = "At most " + base::short_number(number.max.value_or(0), 6); break;
        default: break;
    }
    if (!reason.empty()) options.error = reason;
    options.mono = true;
    FieldResult result = input_text(ctx, id, content, options);
    if (!result.active && !result.changed && problem != kFine) set_problem(kFine);

    auto check = [&](double parsed) {
        if (number.integer && parsed != std::floor(parsed)) return kNotWhole;
        if (number.min && parsed < *number.min) return kTooSmall;
        if (number.max && parsed > *number.max) return kTooLarge;
        return kFine;
    };
    if (result.active && (result.up || result.down)) {
        double next = value.value_or(number.min.value_or(0)) + (result.up ? number.step : -number.step);
        if (number.min) next = std::max(next, *number.min);
        if (number.max) next = std::min(next, *number.max);
        value = next;
        set_problem(kFine);
        ImGui::PushID(id.data(), id.data() + id.size());
        // The new text reaches the field with the next frame.
        if (ImGuiInputTextState* state = ImGui::GetInputTextState(ImGui::GetID("##field"))) state->ReloadUserBufAndSelectAll();
        ImGui::PopID();
        ctx.wake_in(0);
        result.changed = true;
        return result;
    }
    if (!result.changed) return result;
    const std::string_view trimmed = base::trim(content);
    const int before = problem;
    result.changed = false;
    if (trimmed.empty()) {
        result.changed = value.has_value();
        value.reset();
        set_problem(kFine);
    } else if (const auto parsed = base::parse_number(trimmed)) {
        set_problem(check(*parsed));
        if (problem == kFine) {
            result.changed = !value || *value != *parsed;
            value = *parsed;
        }
    } else {
        set_problem(kNoNumber);
    }
    if (problem != before) ctx.wake_in(0);
    return result;
}

bool checkbox(UiContext& ctx, std::string_view label, bool& value, bool disabled, std::string_view help) {
    constexpr float kBox = 18;
    const float height = button_height(ctx);
    const float width = std::min(kBox + 8 + text_width(ctx.fonts.ui, text_size::kUi, label), ImGui::GetContentRegionAvail().x);
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    const Interaction item = interact(ctx, id_of(label), min, max,
                                      {.role = Role::checkbox, .name = label, .description = help, .flags = value ? static_cast<std::uint32_t>(kChecked) : 0U}, disabled);
    if (item.pressed) value = !value;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 box(min.x, std::floor(min.y + (height - kBox) / 2));
    const ImVec2 box_max(box.x + kBox, box.y + kBox);
    if (value) {
        list->AddRectFilled(box, box_max, disabled ? ctx.theme.disabled : ctx.theme.accent, 4);
        draw_icon(list, Icon::check, ImVec2(box.x + 2, box.y + 2), 14, ctx.theme.on_accent, 2);
    } else {
        list->AddRectFilled(box, box_max, ctx.theme.background, 4);
        list->AddRect(box, box_max, item.hovered ? ctx.theme.muted : ctx.theme.border, 4, 0, 1.2f);
    }
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + kBox + 8, min.y + (height - text_size::kUi) / 2),
              disabled ? ctx.theme.disabled : ctx.theme.text, label, width - kBox - 8);
    if (!help.empty()) text(ctx, help, {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
    return item.pressed;
}

bool switch_control(UiContext& ctx, std::string_view label, bool& value, bool disabled, std::string_view help) {
    constexpr float kTrackWidth = 32;
    constexpr float kTrackHeight = 18;
    const float height = control_height(ctx);
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    const Interaction item = interact(ctx, id_of(label), min, max,
                                      {.role = Role::switch_, .name = label, .description = help, .flags = value ? static_cast<std::uint32_t>(kChecked) : 0U}, disabled);
    if (item.pressed) value = !value;
    const float knob = animate(ctx, item.id, value ? 1.0f : 0.0f);
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x, min.y + (height - text_size::kUi) / 2),
              disabled ? ctx.theme.disabled : ctx.theme.text, label, width - kTrackWidth - 8);
    const ImVec2 track(max.x - kTrackWidth, min.y + (height - kTrackHeight) / 2);
    const ImU32 on = disabled ? ctx.theme.disabled : ctx.theme.accent;
    list->AddRectFilled(track, ImVec2(max.x, track.y + kTrackHeight), mixed(item.hovered ? ctx.theme.disabled : ctx.theme.border, on, knob), kTrackHeight / 2);
    list->AddCircleFilled(ImVec2(track.x + 9 + knob * (kTrackWidth - 18), track.y + 9), 6.5f, rgb(0xFFFFFF));
    if (!help.empty()) text(ctx, help, {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
    return item.pressed;
}

bool select(UiContext& ctx, std::string_view id, std::string& value, std::span<const SelectItem> items, FieldOptions options) {
    ImGui::PushID(id.data(), id.data() + id.size());
    field_label(ctx, options);
    const float width = resolved_width(options.width);
    const float height = options.height > 0 ? options.height : control_height(ctx);
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);

    std::string_view shown = value;
    for (const SelectItem& item : items) {
        if (item.value == value) shown = item.label;
    }
    const ImGuiID field_id = id_of("##select");
    const std::string menu_id = "select-" + std::to_string(field_id);
    const bool open = menu_is_open(menu_id);
    const Interaction item = interact(ctx, field_id, min, max,
                                      {.role = Role::combobox,
                                       .name = field_name(options),
                                       .value = shown,
                                       .description = !options.error.empty() ? options.error : options.help,
                                       .flags = field_flags(options) | (open ? kExpanded : kCollapsed)},
                                      options.disabled);
    if (options.focus && !options.disabled) {
        ImGui::FocusItem();
        ImGui::SetNavCursorVisible(true);
        ctx.wake_in(0);
    }
    draw_frame(ctx, min, max, open, item.hovered, options);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const bool empty = shown.empty();
    draw_text(list, options.mono ? ctx.fonts.mono : ctx.fonts.ui, options.mono ? text_size::kMono : text_size::kUi,
              ImVec2(min.x + 10, min.y + (height - (options.mono ? text_size::kMono : text_size::kUi)) / 2),
              options.disabled ? ctx.theme.disabled : empty ? ctx.theme.muted : ctx.theme.text, empty ? options.placeholder : shown, width - 38);
    draw_icon_centered(list, Icon::chevron_down, ImVec2(max.x - 16, min.y + height / 2), 12, ctx.theme.muted);
    focus_ring(ctx, item);
    if (item.pressed) open_menu(menu_id);

    bool changed = false;
    SemanticAction action;
    if (ctx.semantics.take_action(field_id, ActionKind::set_text, action) && !options.disabled) {
        for (const SelectItem& choice : items) {
            if (choice.label != action.text && choice.value != action.text) continue;
            changed = value != choice.value;
            value = choice.value;
            break;
        }
    }
    if (begin_menu(ctx, menu_id, {.anchor_min = min, .anchor_max = max, .width = width, .name = field_name(options), .role = Role::list})) {
        for (const SelectItem& choice : items) {
            const bool chosen = choice.value == value;
            if (menu_item(ctx, choice.label, {.id = choice.value, .checked = chosen, .role = Role::option})) {
                changed = !chosen;
                value = choice.value;
            }
            if (chosen) ImGui::SetItemDefaultFocus();
        }
        if (items.empty()) menu_label(ctx, "Nothing to choose from");
        end_menu(ctx);
    }
    field_note(ctx, options);
    ImGui::PopID();
    return changed;
}

}  // namespace ui
