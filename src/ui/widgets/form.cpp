#include "ui/widgets/form.hpp"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "state/forms/paths.hpp"

namespace ui {

namespace {

using model::Json;

constexpr int kCheckingWakeMs = 100;
constexpr ImGuiID kScrollKey = 0x5C2011U;
constexpr double kLargestWhole = 9.0e15;  // below it every whole number is exact

std::string shown_text(const Json* value) {
    if (value == nullptr) return {};
    if (const auto* text = value->get_ptr<const Json::string_t*>()) return *text;
    if (const auto* number = value->get_ptr<const Json::number_float_t*>()) return base::short_number(*number, 6);
    return value->is_number() ? base::dump_json(*value) : std::string();
}

Json number_json(double number) {
    if (number == std::floor(number) && std::abs(number) < kLargestWhole) return Json(static_cast<std::int64_t>(number));
    return Json(number);
}

void focus_next_frame(UiContext& ctx, ImGuiID id) {
    ctx.semantics.post_action({.kind = ActionKind::focus, .id = id, .text = {}, .number = 0});
    ctx.wake_in(0);
}

}  // namespace

FormFields::FormFields(UiContext& ctx, state::Form& form, bool busy)
    : ctx_(ctx), form_(form), focus_(form.take_focus_path()), busy_(busy || form.submitting()) {}

FormFields::~FormFields() {
    if (form_.checking()) ctx_.wake_in(kCheckingWakeMs);
}

void FormFields::alert(std::string_view other) {
    const std::string_view words = !form_.form_error().empty() ? form_.form_error() : other;
    if (!words.empty()) ui::text(ctx_, words, {.color = ctx_.theme.danger_text, .wrap = true, .role = Role::alert, .flags = kLive});
}

// ---- what all fields share

bool FormFields::takes_focus(std::string_view path) {
    if (busy_ || focus_.empty() || focus_ != path) return false;
    focus_.clear();
    return true;
}

void FormFields::prepare(std::string_view path, FieldOptions& options) {
    if (options.error.empty()) options.error = form_.error(path);
    const state::Schema* schema = form_.schema().find(path);
    options.required = options.required || (schema != nullptr && schema->needs_value());
    options.disabled = options.disabled || busy_;
    options.focus = takes_focus(path) || options.focus;
    if (form_.checking(path)) options.trailing = "Checking…";
}

// Scrolls to the field with its label and its note, a frame later than it takes the keyboard: ImGui then scrolls to the bare box.
void FormFields::follow_focus(std::string_view path, bool takes, float top) const {
    ImGuiStorage* storage = ImGui::GetStateStorage();
    const ImGuiID key = id_of(path) ^ kScrollKey;
    const int frame = ImGui::GetFrameCount();
    if (takes) {
        storage->SetInt(key, frame + 1);
    } else if (storage->GetInt(key, -1) == frame) {
        const ImVec2 bottom = ImGui::GetCursorScreenPos();
        ImGui::ScrollToRect(ImGui::GetCurrentWindow(), ImRect(bottom.x, top, bottom.x + 1, bottom.y));
    } else {
        return;
    }
    ctx_.wake_in(0);
}

void FormFields::after(std::string_view path, const FieldResult& result, const FieldOptions& options, float top) {
    follow_focus(path, options.focus, top);
    const bool long_text = options.rows > 1;
    const ImGuiIO& io = ImGui::GetIO();
    if (result.submitted && !long_text) entered_ = true;
    if (long_text && result.blurred && (io.KeyCtrl || io.KeySuper) && ImGui::IsKeyPressed(ImGuiKey_Enter)) entered_ = true;
    if (!result.blurred && !result.changed) return;
    if (result.blurred) form_.touch(path);
    ctx_.wake_in(0);  // what is wrong now shows with the next frame
}

// The error of something that has no place of its own for it.
void FormFields::note(std::string_view path) {
    const std::string_view error = form_.error(path);
    if (!error.empty()) ui::text(ctx_, error, {.size = text_size::kSmall, .color = ctx_.theme.danger_text, .wrap = true});
}

// ---- fields

bool FormFields::text(std::string_view path, FieldOptions options) { return text_at(path, path, options); }

bool FormFields::text_at(std::string_view id, std::string_view path, FieldOptions options) {
    prepare(path, options);
    const float top = ImGui::GetCursorScreenPos().y;
    std::string value = form_.text(path);
    const FieldResult result = input_text(ctx_, id, value, options);
    after(path, result, options, top);
    if (result.changed) form_.set(path, std::move(value));
    return result.changed;
}

bool FormFields::number(std::string_view path, const NumberOptions& number, FieldOptions options) {
    prepare(path, options);
    options.mono = true;
    const float top = ImGui::GetCursorScreenPos().y;
    std::string value = shown_text(form_.value(path));
    const FieldResult result = input_text(ctx_, path, value, options);
    after(path, result, options, top);
    if (result.active && (result.up || result.down)) {
        double next = base::parse_number(base::trim(value)).value_or(number.min.value_or(0)) + (result.up ? number.step : -number.step);
        if (number.min) next = std::max(next, *number.min);
        if (number.max) next = std::min(next, *number.max);
        form_.set(path, number_json(next));
        ImGui::PushID(path.data(), path.data() + path.size());
        // The new text reaches the field with the next frame.
        if (ImGuiInputTextState* state = ImGui::GetInputTextState(ImGui::GetID("##field"))) state->ReloadUserBufAndSelectAll();
        ImGui::PopID();
        ctx_.wake_in(0);
        return true;
    }
    if (!result.changed) return false;
    const std::string_view typed = base::trim(value);
    if (typed.empty()) form_.erase(path);
    else if (const auto parsed = base::parse_number(typed)) form_.set(path, number_json(*parsed));
    else form_.set(path, value);
    return true;
}

bool FormFields::choice(std::string_view path, std::span<const SelectItem> items, FieldOptions options) {
    prepare(path, options);
    const float top = ImGui::GetCursorScreenPos().y;
    std::string value = form_.text(path);
    const bool changed = select(ctx_, path, value, items, options);
    after(path, {.changed = changed, .blurred = changed}, options, top);
    if (changed) form_.set(path, std::move(value));
    return changed;
}

bool FormFields::box(std::string_view path, std::string_view label, std::string_view help, bool is_switch) {
    const bool takes = takes_focus(path);
    if (takes) focus_next_frame(ctx_, id_of(label));
    const float top = ImGui::GetCursorScreenPos().y;
    const Json* current = form_.value(path);
    const auto* flag = current != nullptr ? current->get_ptr<const bool*>() : nullptr;
    bool value = flag != nullptr && *flag;
    const bool changed = is_switch ? switch_control(ctx_, label, value, busy_, help) : checkbox(ctx_, label, value, busy_, help);
    note(path);
    follow_focus(path, takes, top);
    if (!changed) return false;
    form_.touch(path);
    form_.set(path, value);
    ctx_.wake_in(0);
    return true;
}

bool FormFields::check(std::string_view path, std::string_view label, std::string_view help) { return box(path, label, help, false); }
bool FormFields::toggle(std::string_view path, std::string_view label, std::string_view help) { return box(path, label, help, true); }

// ---- lists

bool FormFields::rows(std::string_view path, const RowsOptions& options) {
    ImGui::PushID(path.data(), path.data() + path.size());
    if (!options.label.empty()) {
        section_label(ctx_, options.label);
        ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
    }
    const ImGuiID add_id = id_of("add");
    if (takes_focus(path)) focus_next_frame(ctx_, add_id);
    constexpr float kGap = 6;
    const RowColumn plain{.member = {}, .label = options.item, .placeholder = options.placeholder, .mono = options.mono};
    const std::span<const RowColumn> columns = options.columns.empty() ? std::span<const RowColumn>(&plain, 1) : options.columns;
    float shares = 0;
    for (const RowColumn& column : columns) shares += column.share;
    const float button_size = control_height(ctx_);

    bool changed = false;
    std::optional<std::size_t> removed;
    const std::vector<state::RowId> ids = form_.rows(path);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        ImGui::PushID(static_cast<int>(ids[i]));  // what is being typed stays with its row
        const std::string row = state::join_path(path, i);
        const std::string number = " " + std::to_string(i + 1);
        const float room = ImGui::GetContentRegionAvail().x - button_size - kGap * static_cast<float>(columns.size());
        for (const RowColumn& column : columns) {
            const std::string at = column.member.empty() ? row : state::join_path(row, column.member);
            const std::string name = std::string(column.label) + number;
            ImGui::BeginGroup();
            changed |= text_at(column.member.empty() ? "entry" : column.member, at,
                               {.name = name, .placeholder = column.placeholder, .mono = column.mono, .width = std::floor(room * column.share / shares)});
            ImGui::EndGroup();
            ImGui::SameLine(0, kGap);
        }
        const std::string name = "Remove " + std::string(options.item) + number;
        if (button(ctx_, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "remove", .name = name, .tooltip = "Remove", .disabled = busy_, .height = button_size})) removed = i;
        ImGui::PopID();
    }
    note(path);
    const std::string_view first_member = columns.front().member;
    auto focus_row = [&](std::size_t index) {
        const std::string row = state::join_path(path, index);
        form_.focus(first_member.empty() ? row : state::join_path(row, first_member));
    };
    if (removed) {
        form_.remove_row(path, *removed);
        // The keyboard goes on with the row that took the place, else the one before, else the button.
        if (ids.size() > 1) focus_row(std::min(*removed, ids.size() - 2));
        else focus_next_frame(ctx_, add_id);
        changed = true;
    }
    const std::string name = "Add " + std::string(options.item);
    if (button(ctx_, "Add", {.style = ButtonStyle::ghost, .icon = Icon::plus, .id = "add", .name = name, .disabled = busy_})) {
        Json fresh = options.columns.empty() ? Json("") : Json::object();
        for (const RowColumn& column : options.columns) fresh[std::string(column.member)] = "";
        if (form_.append_row(path, std::move(fresh))) {
            focus_row(form_.rows(path).size() - 1);
            changed = true;
        }
    }
    if (!options.help.empty()) ui::text(ctx_, options.help, {.size = text_size::kSmall, .color = ctx_.theme.muted, .wrap = true});
    ImGui::PopID();
    if (changed) ctx_.wake_in(0);
    return changed;
}

// ---- submit

bool FormFields::submit(std::string_view label, const SubmitOptions& options) {
    const std::string_view words = busy_ && !options.busy_label.empty() ? options.busy_label : label;
    const bool pressed = button(ctx_, words, {.style = options.style, .icon = options.icon, .id = "submit", .name = options.name, .disabled = options.disabled,
                                              .width = options.width, .height = options.height, .busy = busy_});
    if ((!pressed && !entered_) || busy_ || options.disabled) return false;
    ctx_.wake_in(0);  // what was refused shows with the next frame
    return true;
}

}  // namespace ui
