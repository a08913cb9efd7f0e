// The details of the selected object: overview, YAML, events; and the dialogs of what can be done with it.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "model/resources.hpp"
#include "ui/commands.hpp"
#include "ui/views/resources_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "wire/json_reader.hpp"

namespace ui {

namespace {

using model::Json;
using model::ResourceAction;
using model::ResourceKind;

constexpr std::size_t kMostPairs = 40;

void right_align(float width) { ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - width, 0.0f)); }

void actions_part(UiContext& ctx) {
    const model::Resources& resources = ctx.app.resources();
    const auto& busy = resources.state().busy;
    const auto under_way = busy.find(resources.state().selected);
    const auto doing = [&](ResourceAction action) { return under_way != busy.end() && under_way->second == action; };
    const ResourceKind* kind = resources.kind();
    if (!kind) return;
    if (kind->can_restart()) {
        command_button(ctx, "resources.restart", doing(ResourceAction::restart) ? "Restarting…" : "Restart", {.icon = Icon::refresh, .busy = doing(ResourceAction::restart)});
        ImGui::SameLine();
    }
    if (kind->can_scale) {
        command_button(ctx, "resources.scale", doing(ResourceAction::scale) ? "Scaling…" : "Scale", {.icon = Icon::layers, .busy = doing(ResourceAction::scale)});
        ImGui::SameLine();
    }
    command_button(ctx, "resources.copy_yaml", "", {.icon = Icon::copy, .name = "Copy YAML", .tooltip = "Copy YAML"});
    if (!kind->can_delete) return;
    ImGui::SameLine();
    command_button(ctx, "resources.delete", "", {.icon = Icon::trash, .name = "Delete", .tooltip = "Delete", .busy = doing(ResourceAction::remove)});
}

// A map of texts as lines "key: value".
void pairs_part(UiContext& ctx, std::string_view title, const wire::JsonReader& map) {
    const auto keys = map ? map.keys() : std::vector<std::string_view>{};
    if (keys.empty()) return;
    ImGui::Dummy(ImVec2(0, 4));
    section_label(ctx, std::string(title) + " " + std::to_string(keys.size()));
    std::size_t shown = 0;
    for (const std::string_view key : keys) {
        if (++shown > kMostPairs) {
            text(ctx, "and " + std::to_string(keys.size() - kMostPairs) + " more in the YAML", {.color = ctx.theme.muted});
            break;
        }
        ImGui::PushID(static_cast<int>(shown));
        std::string value = map.string_or(key, "");
        if (value.size() > 300) value = std::string(base::utf8_prefix(value, 300)) + "…";
        text(ctx, std::string(key) + ": " + value, {.font = ctx.fonts.mono, .size = text_size::kMono, .color = ctx.theme.text, .wrap = true});
        ImGui::PopID();
    }
}

struct Owner {
    std::string type, ns, name;
};

// The owner whose link was pressed. It is gone to only when the object that is drawn is not needed any more.
std::optional<Owner> owners_part(UiContext& ctx, const wire::JsonReader& metadata) {
    std::optional<Owner> pressed;
    int index = 0;
    for (const wire::JsonReader owner : metadata.array_or_empty("ownerReferences")) {
        const std::string kind_word = owner.string_or("kind", "");
        const std::string name = owner.string_or("name", "");
        const std::string api_version = owner.string_or("apiVersion", "");
        ImGui::PushID(index++);
        text(ctx, "Controlled by", {.color = ctx.theme.muted});
        ImGui::SameLine(0, 8);
        if (link(ctx, kind_word + " " + name, "owner")) {
            const auto& kinds = ctx.app.resources().state().kinds;
            const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const ResourceKind& kind) { return kind.kind == kind_word && kind.api_version() == api_version; });
            if (found != kinds.end()) pressed = Owner{found->type, found->namespaced ? metadata.string_or("namespace", "") : std::string(), name};
        }
        ImGui::PopID();
    }
    return pressed;
}

void conditions_part(UiContext& ctx, const wire::JsonReader& object) {
    const auto status = object.optional_object("status");
    if (!status) return;
    bool first = true;
    int index = 0;
    for (const wire::JsonReader condition : status.array_or_empty("conditions")) {
        const std::string type = condition.string_or("type", "");
        if (type.empty()) continue;
        if (std::exchange(first, false)) {
            ImGui::Dummy(ImVec2(0, 4));
            section_label(ctx, "Conditions");
        }
        ImGui::PushID(index++);
        const std::string value = condition.string_or("status", "");
        const bool good = value == "True";
        // Of what is bad when it is true the colour says nothing.
        const bool inverted = type.ends_with("Pressure") || type.ends_with("Failure") || type == "Failed" || type.ends_with("Unavailable");
        const ImU32 color = value == "Unknown" ? ctx.theme.accent : good != inverted ? ctx.theme.success : ctx.theme.warning;
        std::string words = type + ": " + value;
        if (const std::string reason = condition.string_or("reason", ""); !reason.empty()) words += " · " + reason;
        status_dot(ctx, color, words);
        if (const std::string message = condition.string_or("message", ""); !message.empty()) {
            ImGui::SetCursorPosX(ImGui::GetCursorPosX() + 16);
            text(ctx, message, {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
        }
        ImGui::PopID();
    }
}

void containers_part(UiContext& ctx, const wire::JsonReader& object) {
    auto spec = object.optional_object("spec");
    if (spec) {
        if (const auto pod_template = spec.optional_object("template")) spec = pod_template.optional_object("spec");
    }
    if (!spec) return;
    bool first = true;
    int index = 0;
    for (const char* list : {"initContainers", "containers"}) {
        for (const wire::JsonReader container : spec.array_or_empty(list)) {
            if (std::exchange(first, false)) {
                ImGui::Dummy(ImVec2(0, 4));
                section_label(ctx, "Containers");
            }
            ImGui::PushID(index++);
            label_value(ctx, container.string_or("name", ""), container.string_or("image", ""), true);
            ImGui::PopID();
        }
    }
}

void overview_part(UiContext& ctx) {
    const model::Resources& resources = ctx.app.resources();
    const Json* json = resources.object();
    if (!json) return skeleton(ctx, "details-loading", 6);
    wire::JsonErrors errors;
    const wire::JsonReader object(*json, errors);
    const auto metadata = object.optional_object("metadata");
    if (!metadata) return;
    const ResourceKind* kind = resources.kind();
    if (kind) label_value(ctx, "Kind", kind->api_version() + " " + kind->kind);
    if (const std::string ns = metadata.string_or("namespace", ""); !ns.empty()) label_value(ctx, "Namespace", ns);
    if (const std::string created = metadata.string_or("creationTimestamp", ""); !created.empty()) label_value(ctx, "Created", ago(ctx, created) + " · " + created);
    if (const std::string deleted = metadata.string_or("deletionTimestamp", ""); !deleted.empty()) label_value(ctx, "Ending since", deleted);
    const std::optional<Owner> owner = owners_part(ctx, metadata);
    containers_part(ctx, object);
    conditions_part(ctx, object);
    pairs_part(ctx, "Labels", metadata.optional_object("labels"));
    pairs_part(ctx, "Annotations", metadata.optional_object("annotations"));
    if (owner) ctx.app.resources().open_object(owner->type, owner->ns, owner->name);
}

// Only the lines on screen; long ones scroll sideways.
void yaml_part(UiContext& ctx, const Box& box) {
    const std::vector<std::string>& lines = ctx.app.resources().yaml();
    if (begin_region(ctx, "resource-yaml", box.min, box.max, ctx.theme.background, ImVec2(12, 8), true, true)) {
        constexpr float kLine = text_size::kMono;
        const ImVec2 origin = ImGui::GetCursorScreenPos();
        const auto first = static_cast<std::size_t>(std::max(ImGui::GetScrollY() - 8, 0.0f) / kLine);
        const std::size_t last = std::min(lines.size(), first + static_cast<std::size_t>(box.height() / kLine) + 2);
        ImDrawList* list = ImGui::GetWindowDrawList();
        float widest = 1;
        std::string shown;
        for (std::size_t i = first; i < last; ++i) {
            const std::string& line = lines[i];
            const ImVec2 at(origin.x, origin.y + static_cast<float>(i) * kLine);
            const std::size_t colon = line.find(':');
            const std::size_t name_end = colon == std::string::npos || line.find('"') < colon ? 0 : colon;
            const std::string_view name(line.data(), name_end);
            const float name_width = draw_text(list, ctx.fonts.mono, text_size::kMono, at, ctx.theme.accent, name);
            const std::string_view rest = std::string_view(line).substr(name_end);
            widest = std::max(widest, name_width + draw_text(list, ctx.fonts.mono, text_size::kMono, ImVec2(at.x + name_width, at.y), ctx.theme.text, rest));
            shown += line + "\n";
        }
        record(ctx, id_of("yaml-lines"), box.min, box.max, {.role = Role::textbox, .name = "YAML", .value = shown, .flags = kReadonly | kMultiline});
        ImGui::Dummy(ImVec2(widest, static_cast<float>(lines.size()) * kLine));
    }
    end_region(ctx);
}

void events_part(UiContext& ctx) {
    const std::vector<model::ResourceEvent>& events = ctx.app.resources().events();
    if (events.empty()) return text(ctx, "No events of this object. Kubernetes keeps them for an hour.", {.color = ctx.theme.muted, .wrap = true});
    int index = 0;
    for (const model::ResourceEvent& event : events) {
        ImGui::PushID(index++);
        const bool warning = event.type == "Warning";
        const ImVec2 at = ImGui::GetCursorScreenPos();
        draw_icon(ImGui::GetWindowDrawList(), warning ? Icon::warning : Icon::info, ImVec2(at.x, at.y + 3), 14, warning ? ctx.theme.warning : ctx.theme.muted);
        ImGui::SetCursorScreenPos(ImVec2(at.x + 22, at.y));
        std::string title = event.reason;
        if (event.count > 1) title += " ×" + std::to_string(event.count);
        text(ctx, title, {.font = ctx.fonts.semibold});
        ImGui::SetCursorScreenPos(ImVec2(at.x + 22, ImGui::GetCursorScreenPos().y - 6));
        text(ctx, event.message, {.wrap = true, .role = Role::listitem});
        ImGui::SetCursorScreenPos(ImVec2(at.x + 22, ImGui::GetCursorScreenPos().y - 6));
        std::string from = ago(ctx, event.last_ms);
        if (!event.from.empty()) from += (from.empty() ? "" : " · ") + event.from;
        text(ctx, from, {.size = text_size::kSmall, .color = ctx.theme.muted, .tooltip = base::format_rfc3339(event.last_ms)});
        ImGui::PopID();
    }
}

}  // namespace

void draw_resource_details(UiContext& ctx, ViewState& views, const Layout& layout, const Box& box) {
    model::Resources& resources = ctx.app.resources();
    ResourcesViewState& view = views.resources;
    const std::string key = resources.state().selected;
    const std::string name = key.substr(key.find('/') + 1);
    begin_record_group(ctx, id_of("resource-details"), box.min, box.max, {.role = Role::region, .name = "Details of " + name});
    float top = box.min.y;
    if (begin_region(ctx, "resource-details-head", box.min, ImVec2(box.max.x, box.min.y + views.resources.details_height), ctx.theme.surface, ImVec2(metrics::kPad + 4, 16))) {
        const float begin = ImGui::GetCursorScreenPos().y;
        const float y = ImGui::GetCursorPosY();
        const float room = ImGui::GetContentRegionAvail().x;
        text(ctx, name, {.font = ctx.fonts.semibold, .size = text_size::kTitle, .max_width = room - 48, .role = Role::heading, .tooltip = name});
        const float after = ImGui::GetCursorPosY();
        ImGui::SetCursorPos(ImVec2(ImGui::GetCursorPosX() + room - button_height(ctx), y));
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "close-resource", .tooltip = layout.compact ? "Back to the list" : "Close details", .shortcut = ctx.commands.shortcut("resources.close")}))
            resources.set_details_open(false);
        ImGui::SetCursorPosY(std::max(after, ImGui::GetCursorPosY()));
        const model::ResourceStatus status = resources.status();
        if (resources.state().gone) {
            status_dot(ctx, ctx.theme.disabled, "Deleted. This is how it was last", ctx.theme.muted);
        } else if (!status.word.empty()) {
            const bool bad = status.tone == model::StatusTone::bad || status.tone == model::StatusTone::warning;
            const ImU32 color = status.tone == model::StatusTone::good ? ctx.theme.success : status.tone == model::StatusTone::bad ? ctx.theme.danger : status.tone == model::StatusTone::warning ? ctx.theme.warning : ctx.theme.accent;
            status_dot(ctx, color, status.word);
            if (!status.reason.empty()) text(ctx, status.reason, {.color = bad ? ctx.theme.danger_text : ctx.theme.muted, .wrap = true, .role = bad ? Role::alert : Role::text});
        }
        ImGui::Dummy(ImVec2(0, 2));
        actions_part(ctx);
        const std::array<TabItem, 3> items{{{"overview", "Overview"}, {"yaml", "YAML"}, {"events", "Events", static_cast<int>(resources.events().size())}}};
        if (const auto chosen = tabs(ctx, "resource-tabs", items, view.tab, {.name = "Details"}); !chosen.empty()) view.tab = chosen;
        const float height = std::ceil(ImGui::GetCursorScreenPos().y - begin) + 16 - ImGui::GetStyle().ItemSpacing.y;
        if (std::abs(height - views.resources.details_height) > 0.5f) {
            views.resources.details_height = height;
            ctx.wake_in(0);
        }
    }
    end_region(ctx);
    top += views.resources.details_height;
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.min.x, top), ImVec2(box.max.x, top + 1), ctx.theme.border);
    const Box rest{ImVec2(box.min.x, top + 1), box.max};
    if (view.tab == "yaml") {
        yaml_part(ctx, rest);
    } else {
        if (begin_region(ctx, "resource-details-body", rest.min, rest.max, ctx.theme.surface, ImVec2(metrics::kPad + 4, 14), true)) {
            if (view.tab == "events") events_part(ctx);
            else overview_part(ctx);
        }
        end_region(ctx);
    }
    end_record_group(ctx);
}

void draw_resource_dialogs(UiContext& ctx, ViewState& views) {
    model::Resources& resources = ctx.app.resources();
    const std::string key = resources.state().selected;
    const std::string name = key.substr(key.find('/') + 1);
    if (begin_dialog(ctx, "delete-resource", {.title = "Delete " + name + "?"})) {
        text(ctx, resources.loss_words(), {.color = ctx.theme.muted, .wrap = true});
        text(ctx, "This cannot be undone.", {.color = ctx.theme.muted, .wrap = true});
        ImGui::Dummy(ImVec2(0, 4));
        right_align(button_width(ctx, "Cancel") + 8 + button_width(ctx, "Delete", {.style = ButtonStyle::danger}));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        if (button(ctx, "Delete", {.style = ButtonStyle::danger, .id = "confirm-delete-resource", .disabled = !resources.can(ResourceAction::remove)})) {
            resources.remove();
            ImGui::CloseCurrentPopup();
        }
        end_dialog(ctx);
    }
    if (begin_dialog(ctx, "restart-resource", {.title = "Restart " + name + "?"})) {
        text(ctx, "Its pods are replaced one after the other by new ones of the same kind.", {.color = ctx.theme.muted, .wrap = true});
        ImGui::Dummy(ImVec2(0, 4));
        right_align(button_width(ctx, "Cancel") + 8 + button_width(ctx, "Restart", {.style = ButtonStyle::primary}));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        if (button(ctx, "Restart", {.style = ButtonStyle::primary, .id = "confirm-restart-resource", .disabled = !resources.can(ResourceAction::restart)})) {
            resources.restart();
            ImGui::CloseCurrentPopup();
        }
        end_dialog(ctx);
    }
    if (begin_dialog(ctx, "scale-resource", {.title = "Scale " + name})) {
        const bool appearing = ImGui::IsWindowAppearing();
        if (appearing) {
            views.resources.replicas.reset();
            if (const Json* json = resources.object()) {
                wire::JsonErrors errors;
                if (const auto spec = wire::JsonReader(*json, errors).optional_object("spec")) {
                    if (const auto replicas = spec.optional_integer("replicas")) views.resources.replicas = static_cast<double>(*replicas);
                }
            }
        }
        const FieldResult field = input_number(ctx, "replicas", views.resources.replicas, {.min = 0, .max = 1000}, {.label = "Replicas", .help = "0 stops all its pods", .focus = appearing, .select_all_on_focus = true});
        ImGui::Dummy(ImVec2(0, 4));
        right_align(button_width(ctx, "Cancel") + 8 + button_width(ctx, "Scale", {.style = ButtonStyle::primary}));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        const bool ready = views.resources.replicas.has_value() && resources.can(ResourceAction::scale);
        if ((button(ctx, "Scale", {.style = ButtonStyle::primary, .id = "confirm-scale-resource", .disabled = !ready}) || field.submitted) && ready) {
            resources.scale(static_cast<std::int64_t>(*views.resources.replicas));
            ImGui::CloseCurrentPopup();
        }
        end_dialog(ctx);
    }
}

}  // namespace ui
