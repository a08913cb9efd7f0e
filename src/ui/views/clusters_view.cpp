// The Clusters page: list and details. Its dialogs are in cluster_dialogs.cpp.
#include "ui/views/clusters_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "model/clusters.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

using model::ClusterHealth;
using model::ClusterInfo;
using model::ClusterStatus;

constexpr float kDetailsWidth = 420;
constexpr float kRow = 60;

struct HealthWords {
    ImU32 color;
    std::string_view words;
};

HealthWords health_words(const Theme& theme, ClusterHealth health, bool checking) {
    if (checking && health == ClusterHealth::unknown) return {theme.disabled, "Checking…"};
    switch (health) {
        case ClusterHealth::connected: return {theme.success, "Connected"};
        case ClusterHealth::disconnected: return {theme.danger, "No answer"};
        case ClusterHealth::error: return {theme.danger, "Error"};
        case ClusterHealth::unknown: break;
    }
    return {theme.disabled, "Not checked"};
}

std::string nodes_words(const ClusterInfo& info) {
    if (info.node_count < 0) return {};
    return std::to_string(info.node_count) + (info.node_count == 1 ? " node" : " nodes");
}

std::string second_line(const ClusterInfo& info) {
    if (info.builtin && info.server.empty()) return "Comes with this server";
    std::string_view server = info.server;
    if (server.starts_with("https://")) server.remove_prefix(8);
    return std::string(server) + (info.insecure ? " · certificate not checked" : "");
}

void cluster_row(UiContext& ctx, ViewState& views, const ClusterInfo& info) {
    model::Clusters& clusters = ctx.app.clusters();
    const model::ClustersState& state = clusters.state();
    const ClusterStatus status = clusters.status(info.name);
    const HealthWords health = health_words(ctx.theme, status.health, state.checking.contains(info.name));
    const std::string facts = info.version + (info.version.empty() || info.node_count < 0 ? "" : " · ") + nodes_words(info);
    std::string value(health.words);
    if (status.stale && status.health != ClusterHealth::unknown) value += ", not checked lately";
    if (!facts.empty()) value += ", " + facts;
    if (info.is_default) value += ", default";
    const bool selected = state.selected == info.name;
    const Interaction row = list_row(ctx, info.name, {.name = info.display_name, .value = value, .description = "Show details", .selected = selected, .height = kRow, .role = Role::button, .inset = 12});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float width = row.max.x - row.min.x;
    const float right = std::min(200.0f, width * 0.42f);
    list->AddCircleFilled(ImVec2(row.min.x + 5, row.min.y + 20), 4.5f, health.color);
    const float name_room = width - right - 32;
    float x = row.min.x + 20;
    const float pill_space = info.is_default ? pill_width(ctx, "Default") + 8 : 0;
    x += draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(x, row.min.y + 9), ctx.theme.text, info.display_name, std::max(name_room - pill_space, 40.0f));
    if (info.is_default) draw_pill(ctx, list, ImVec2(x + 8, row.min.y + 10), "Default", ctx.theme.pill, ctx.theme.muted);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.min.x + 20, row.min.y + 32), ctx.theme.muted, second_line(info), name_room);
    const ImU32 word_color = health.color == ctx.theme.danger ? ctx.theme.danger_text : ctx.theme.text;
    const float word = std::min(text_width(ctx.fonts.ui, text_size::kUi, health.words), right);
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(row.max.x - word, row.min.y + 9), status.stale ? ctx.theme.muted : word_color, health.words, right);
    const std::string below = !facts.empty() ? facts : status.stale && !status.last_check.empty() ? "checked " + ago(ctx, status.last_check) : std::string();
    const std::string shown = ellipsized(ctx.fonts.ui, text_size::kSmall, below, right);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.max.x - text_width(ctx.fonts.ui, text_size::kSmall, shown), row.min.y + 32), ctx.theme.muted, shown);
    if (row.pressed) {
        ctx.app.clusters().select(info.name);
        views.clusters.details_open = true;
    }
}

void list_part(UiContext& ctx, ViewState& views, const Box& box) {
    model::Clusters& clusters = ctx.app.clusters();
    const model::ClustersState& state = clusters.state();
    const float side = box.width() > 600 ? 28.0f : metrics::kPad;
    if (begin_region(ctx, "clusters-list", box.min, box.max, ctx.theme.background, ImVec2(side, 24), true)) {
        const float top = ImGui::GetCursorPosY();
        heading(ctx, "Clusters");
        const float after = ImGui::GetCursorPosY();
        const float buttons = button_width(ctx, "Add cluster", {.style = ButtonStyle::primary, .icon = Icon::plus}) + 8 + button_height(ctx);
        ImGui::SetCursorPos(ImVec2(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f), top));
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::refresh, .id = "reload-clusters", .tooltip = "Check all clusters again"})) clusters.reload();
        ImGui::SameLine();
        command_button(ctx, "cluster.add", "Add cluster", {.style = ButtonStyle::primary, .icon = Icon::plus});
        ImGui::SetCursorPosY(std::max(after, ImGui::GetCursorPosY()) + 8);
        if (state.clusters.empty()) {
            if (state.phase == model::LoadPhase::failed) {
                if (error_state(ctx, "clusters-error", state.error)) clusters.reload();
            } else if (state.phase == model::LoadPhase::ready) {
                if (state_message(ctx, "no-clusters", {.icon = Icon::clusters, .title = "No cluster yet", .text = "Add a Kubernetes cluster to run workflows on it.", .action = "Add cluster"}))
                    ctx.commands.run("cluster.add");
            } else {
                skeleton(ctx, "clusters-loading", 4);
            }
        } else {
            if (state.phase == model::LoadPhase::failed && stale_banner(ctx, "clusters-stale", state.error, state.loaded_at_ms)) clusters.reload();
            const std::vector<ClusterInfo> shown = state.clusters;  // a press on a row changes the state
            for (const ClusterInfo& info : shown) cluster_row(ctx, views, info);
        }
    }
    end_region(ctx);
}

// ---- details --------------------------------------------------------------------------------------------------------------------

std::string amount(double value, bool bytes) { return bytes ? base::human_bytes(static_cast<std::uint64_t>(std::max(value, 0.0))) : base::short_number(value, 1); }

void usage_bar(UiContext& ctx, std::string_view name, const model::ClusterUsage& usage, bool bytes) {
    const float room = ImGui::GetContentRegionAvail().x;
    const ImVec2 min = reserve(ctx, ImVec2(room, 36));
    ImDrawList* list = ImGui::GetWindowDrawList();
    const bool known = usage.capacity > 0;
    const std::string words = known ? amount(usage.used, bytes) + " of " + amount(usage.capacity, bytes) + (bytes ? "" : " cores") : "not known";
    const std::string percent = known ? std::to_string(static_cast<int>(std::lround(usage.percentage))) + " %" : std::string();
    draw_text(list, ctx.fonts.ui, text_size::kUi, min, ctx.theme.text, name);
    const std::string shown = words + (known ? " · " + percent : "");
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + room - text_width(ctx.fonts.ui, text_size::kSmall, shown), min.y + 2), ctx.theme.muted, shown);
    const ImVec2 bar(min.x, min.y + 26);
    list->AddRectFilled(bar, ImVec2(bar.x + room, bar.y + 6), ctx.theme.pill, 3);
    const float share = std::clamp(static_cast<float>(usage.percentage) / 100, 0.0f, 1.0f);
    const ImU32 color = usage.percentage >= 90 ? ctx.theme.danger : usage.percentage >= 75 ? ctx.theme.warning : ctx.theme.accent;
    if (share > 0) list->AddRectFilled(bar, ImVec2(bar.x + std::max(room * share, 6.0f), bar.y + 6), color, 3);
    record(ctx, id_of(name), min, ImVec2(min.x + room, min.y + 36),
           {.role = Role::progressbar, .name = name, .value = shown, .value_min = 0, .value_max = 100, .value_now = static_cast<float>(usage.percentage)});
}

void usage_part(UiContext& ctx) {
    const model::ClusterDetails& details = ctx.app.clusters().state().details;
    section_label(ctx, "Usage");
    if (details.metrics_phase == model::LoadPhase::failed) {
        text(ctx, details.metrics_error.message, {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert});
        if (button(ctx, "Retry", {.id = "retry-metrics", .name = "Load usage again"})) ctx.app.clusters().retry_details();
        return;
    }
    if (details.metrics_phase != model::LoadPhase::ready) return skeleton(ctx, "usage-loading", 3);
    usage_bar(ctx, "CPU", details.cpu, false);
    usage_bar(ctx, "Memory", details.memory, true);
    usage_bar(ctx, "Storage", details.storage, true);
    std::string source = details.measured ? "Measured by the metrics server" : "What pods request: there is no metrics server";
    if (const std::string when = ago(ctx, details.metrics_at); !when.empty()) source += ", " + when;
    text(ctx, source, {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
    for (const model::ClusterHealthRow& row : details.health) {
        const ImU32 color = row.status == "healthy" ? ctx.theme.success : row.status == "error" ? ctx.theme.danger : row.status == "warning" ? ctx.theme.warning : ctx.theme.disabled;
        status_dot(ctx, color, row.name + ": " + row.message);
    }
}

void log_part(UiContext& ctx) {
    const model::ClusterDetails& details = ctx.app.clusters().state().details;
    section_label(ctx, "Connection log");
    if (details.log_phase == model::LoadPhase::failed) return text(ctx, details.log_error.message, {.color = ctx.theme.danger_text, .wrap = true});
    if (details.log_phase != model::LoadPhase::ready) return skeleton(ctx, "log-loading", 2);
    if (details.log.empty()) return text(ctx, "Nothing yet", {.color = ctx.theme.muted});
    std::size_t shown = 0;
    for (const model::ClusterLogLine& line : details.log) {
        if (++shown > 12) break;
        ImGui::PushID(static_cast<int>(shown));
        text(ctx, line.message, {.color = line.level == "error" ? ctx.theme.danger_text : ctx.theme.text, .wrap = true});
        ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 8);
        text(ctx, ago(ctx, line.timestamp), {.size = text_size::kSmall, .color = ctx.theme.muted, .tooltip = line.timestamp});
        ImGui::PopID();
    }
}

std::string joined(const std::vector<std::string>& parts, std::size_t most) {
    std::string words;
    for (std::size_t i = 0; i < parts.size() && i < most; ++i) words += (i ? ", " : "") + parts[i];
    if (parts.size() > most) words += " and " + std::to_string(parts.size() - most) + " more";
    return words;
}

void facts_part(UiContext& ctx, const ClusterInfo& info) {
    section_label(ctx, "About");
    if (!info.server.empty()) label_value(ctx, "Server", info.server);
    if (!info.builtin) label_value(ctx, "Signed in by", info.auth_type == "kubeconfig" ? std::string_view("kubeconfig") : info.auth_type == "certificate" ? std::string_view("client certificate") : std::string_view("token"));
    if (!info.context.empty()) label_value(ctx, "Context", info.context);
    if (!info.ns.empty()) label_value(ctx, "Namespace", info.ns);
    if (!info.version.empty()) label_value(ctx, "Kubernetes", info.version + (info.platform.empty() ? "" : " on " + info.platform));
    if (info.node_count >= 0) {
        label_value(ctx, "Nodes", std::to_string(info.node_count) + (info.cpu_capacity > 0 ? " · " + base::short_number(info.cpu_capacity, 1) + " cores · " + amount(info.memory_capacity, true) : ""));
    }
    if (!info.provider.empty()) label_value(ctx, "Provider", info.provider + (info.region.empty() ? "" : " · " + info.region));
    if (!info.namespaces.empty()) label_value(ctx, "Namespaces", joined(info.namespaces, 4));
    if (!info.storage_classes.empty()) label_value(ctx, "Storage classes", joined(info.storage_classes, 3));
    if (!info.capabilities.empty()) {
        section_label(ctx, "Capabilities");
        text(ctx, joined(info.capabilities, 20), {.wrap = true});
    }
}

void actions_part(UiContext& ctx, ViewState& views, const ClusterInfo& info) {
    model::Clusters& clusters = ctx.app.clusters();
    const auto& busy = clusters.state().busy;
    const auto under_way = busy.find(info.name);
    const bool any = under_way != busy.end();
    const auto doing = [&](model::ClusterAction action) { return any && under_way->second == action; };
    const float right = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
    const auto next = [&](std::string_view label, const ButtonOptions& options) {
        if (ImGui::GetItemRectMax().x + 8 + button_width(ctx, label, options) <= right) ImGui::SameLine();
    };
    if (button(ctx, doing(model::ClusterAction::test) ? "Testing…" : "Test", {.id = "test-cluster", .name = "Test connection", .disabled = any, .busy = doing(model::ClusterAction::test)})) clusters.test(info.name);
    next("Refresh", {.icon = Icon::refresh});
    if (button(ctx, doing(model::ClusterAction::refresh) ? "Refreshing…" : "Refresh", {.icon = Icon::refresh, .id = "refresh-cluster", .name = "Refresh details", .disabled = any, .busy = doing(model::ClusterAction::refresh)}))
        clusters.refresh(info.name);
    if (!info.is_default && ctx.commands.enabled("cluster.add")) {  // an admin's
        next("Make default", {});
        if (button(ctx, "Make default", {.tooltip = "New workflows go to the default cluster", .disabled = any, .busy = doing(model::ClusterAction::make_default)})) clusters.make_default(info.name);
    }
    if (!info.can_change) return;
    next("Edit", {.icon = Icon::edit});
    if (button(ctx, "Edit", {.icon = Icon::edit, .id = "edit-cluster", .name = "Edit cluster", .disabled = any})) {
        views.clusters.edit_of = info.name;
        open_dialog(ctx, "edit-cluster");
    }
    next("Credentials", {.icon = Icon::lock});
    if (button(ctx, "Credentials", {.icon = Icon::lock, .id = "replace-credentials", .name = "Replace credentials", .disabled = any})) {
        clusters.begin_replace(info.name);
        open_dialog(ctx, "cluster-form");
    }
    next("", {.icon = Icon::trash});
    if (button(ctx, "", {.icon = Icon::trash, .id = "delete-cluster", .tooltip = "Delete this cluster", .disabled = any})) {
        views.clusters.remove_of = info.name;
        clusters.dismiss_problem();
        open_dialog(ctx, "delete-cluster");
    }
}

void trouble_box(UiContext& ctx, std::string_view id, std::string_view message, std::string_view hint, bool danger) {
    const float room = ImGui::GetContentRegionAvail().x;
    const float wrap = room - 50;
    const auto height_of = [&](std::string_view words) {
        return words.empty() ? 0.0f : ctx.fonts.ui->CalcTextSizeA(text_size::kUi, FLT_MAX, wrap, words.data(), words.data() + words.size()).y;
    };
    const float first = height_of(message);
    const float height = 20 + first + (hint.empty() ? 0 : 4 + height_of(hint));
    const ImVec2 min = reserve(ctx, ImVec2(room, height));
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, ImVec2(min.x + room, min.y + height), danger ? ctx.theme.danger_soft : ctx.theme.warning_soft, metrics::kRadius);
    draw_icon(list, danger ? Icon::error : Icon::warning, ImVec2(min.x + 12, min.y + 12), metrics::kIconSmall, danger ? ctx.theme.danger : ctx.theme.warning);
    list->AddText(ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 38, min.y + 10), ctx.theme.text, message.data(), message.data() + message.size(), wrap);
    if (!hint.empty()) list->AddText(ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 38, min.y + 14 + first), ctx.theme.muted, hint.data(), hint.data() + hint.size(), wrap);
    record(ctx, id_of(id), min, ImVec2(min.x + room, min.y + height), {.role = Role::alert, .name = message, .description = hint});
}

void details_part(UiContext& ctx, ViewState& views, const Layout& layout, const Box& box, const ClusterInfo& info) {
    model::Clusters& clusters = ctx.app.clusters();
    const model::ClustersState& state = clusters.state();
    const ClusterStatus status = clusters.status(info.name);
    begin_record_group(ctx, id_of("cluster-details"), box.min, box.max, {.role = Role::region, .name = "Details of " + info.display_name});
    if (begin_region(ctx, "cluster-details-region", box.min, box.max, ctx.theme.surface, ImVec2(metrics::kPad + 4, 20), true)) {
        const float top = ImGui::GetCursorPosY();
        const float room = ImGui::GetContentRegionAvail().x;
        text(ctx, info.display_name, {.font = ctx.fonts.semibold, .size = text_size::kTitle, .max_width = room - 48, .role = Role::heading});
        const float after = ImGui::GetCursorPosY();
        ImGui::SetCursorPos(ImVec2(ImGui::GetCursorPosX() + room - button_height(ctx), top));
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "close-cluster", .tooltip = layout.compact ? "Back to the list" : "Close details"})) {
            if (layout.compact) views.clusters.details_open = false;
            else clusters.select({});
        }
        ImGui::SetCursorPosY(std::max(after, ImGui::GetCursorPosY()));
        const HealthWords health = health_words(ctx.theme, status.health, state.checking.contains(info.name));
        std::string words(health.words);
        if (status.latency_ms >= 0 && status.health == ClusterHealth::connected) words += " · " + std::to_string(status.latency_ms) + " ms";
        if (const std::string when = ago(ctx, status.last_check); !when.empty()) words += " · checked " + when;
        status_dot(ctx, health.color, words);
        if (info.is_default) text(ctx, "Default: new workflows go here unless another cluster is selected.", {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
        if (!info.description.empty()) text(ctx, info.description, {.color = ctx.theme.muted, .wrap = true});
        ImGui::Dummy(ImVec2(0, 2));
        actions_part(ctx, views, info);
        if (state.problem_of == info.name && !dialog_is_open("delete-cluster")) trouble_box(ctx, "cluster-problem", state.problem.message, state.problem.hint, true);
        else if (!status.message.empty()) trouble_box(ctx, "cluster-trouble", status.message, status.hint, status.health != ClusterHealth::connected);
        separator(ctx, 20);
        usage_part(ctx);
        separator(ctx, 20);
        facts_part(ctx, info);
        separator(ctx, 20);
        log_part(ctx);
    }
    end_region(ctx);
    end_record_group(ctx);
}

}  // namespace

std::string open_cluster_name(const model::App& app) {
    const std::string& open = app.workflow().cluster;
    return app.clusters().display_name(open.empty() ? app.session().cluster_name : open);
}

void draw_clusters(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.main;
    ctx.wake_in(ctx.app.clusters().seen());
    begin_record_group(ctx, id_of("clusters"), box.min, box.max, {.role = Role::main, .name = "Clusters"});
    // A copy: an action replaces the state while it is drawn.
    std::optional<ClusterInfo> selected;
    if (const ClusterInfo* known = ctx.app.clusters().selected()) selected = *known;
    if (layout.compact) {
        if (selected && views.clusters.details_open) details_part(ctx, views, layout, box, *selected);
        else list_part(ctx, views, box);
    } else if (selected) {
        const float x = box.max.x - std::min(kDetailsWidth, box.width() * 0.5f);
        list_part(ctx, views, {box.min, ImVec2(x, box.max.y)});
        details_part(ctx, views, layout, {ImVec2(x, box.min.y), box.max}, *selected);
        ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(x, box.min.y), ImVec2(x + 1, box.max.y), ctx.theme.border);
    } else {
        list_part(ctx, views, box);
    }
    end_record_group(ctx);
}

}  // namespace ui
