// The inspector: what is selected, as form, status and events; the workflow when nothing is.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "model/node_actions.hpp"
#include "model/runs.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

std::string namespace_of(const model::Node& node) {
    const auto found = node.data.find("namespace");
    if (found != node.data.end()) {
        if (const auto* text = found->get_ptr<const model::Json::string_t*>(); text != nullptr && !text->empty()) return *text;
    }
    return "default";
}

void close_button(UiContext& ctx, ViewState& views, const Layout& layout) {
    const float size = button_height(ctx);
    ImGui::SetCursorScreenPos(ImVec2(layout.inspector.max.x - size - 10, layout.inspector.min.y + 12));
    if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "close-inspector", .tooltip = "Close details"})) {
        if (layout.compact) views.sheet_dismissed = true;
        else ctx.app.set_inspector_open(false);
    }
}

void node_header(UiContext& ctx, const model::Node& node, const Box& box) {
    constexpr float kChip = 32;
    ImGui::SetCursorScreenPos(ImVec2(box.min.x + metrics::kPad, box.min.y + 18));
    kind_chip(ctx, node.kind, kChip);
    const float x = box.min.x + metrics::kPad + kChip + 10;
    const float room = box.max.x - x - 48;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 title(x, box.min.y + 13);
    draw_text(list, ctx.fonts.semibold, text_size::kUi + 2, title, ctx.theme.text, node.name, room);
    record(ctx, id_of("node-title"), title, ImVec2(x + room, title.y + 23), {.role = Role::heading, .name = node.name});
    const std::string subtitle = std::string(node.kind == model::NodeKind::plugin ? std::string_view(node.type) : model::kind_title(node.kind)) + " · " + namespace_of(node);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x, box.min.y + 35), ctx.theme.muted, subtitle, room);
    record(ctx, id_of("node-subtitle"), ImVec2(x, box.min.y + 35), ImVec2(x + room, box.min.y + 53), {.role = Role::text, .name = subtitle});
}

ImU32 pod_color(const Theme& theme, const model::PodView& pod) {
    if (pod.phase == "Succeeded") return theme.success;
    if (pod.phase == "Failed" || pod.reason.find("BackOff") != std::string::npos || pod.reason.find("Err") != std::string::npos || pod.reason == "OOMKilled") return theme.danger;
    if (pod.ready) return theme.success;
    return theme.warning;
}

void pods_list(UiContext& ctx) {
    const model::PodsState& pods = ctx.app.pods();
    section_label(ctx, "Pods");
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
    if (pods.phase == model::LoadPhase::loading) return skeleton(ctx, "pods-loading", 2);
    if (pods.phase == model::LoadPhase::failed) {
        if (error_state(ctx, "pods-error", pods.error)) ctx.app.retry();
        return;
    }
    if (pods.pods.empty()) return text(ctx, "No pod yet", {.color = ctx.theme.muted});
    for (const model::PodView& pod : pods.pods) {
        const std::string word = !pod.reason.empty() ? pod.reason : pod.phase == "Running" && !pod.ready ? "Starting" : pod.phase;
        const std::string when = ago(ctx, pod.started_at);
        std::string about = word;
        if (pod.restarts > 0) about += ", " + std::to_string(pod.restarts) + (pod.restarts == 1 ? " restart" : " restarts");
        const Interaction row = list_row(ctx, pod.id, {.name = pod.name, .value = about, .description = "Show its log", .selected = false, .height = 42, .role = Role::button, .inset = 6});
        ImDrawList* list = ImGui::GetWindowDrawList();
        list->AddCircleFilled(ImVec2(row.min.x + 4, row.min.y + 13), 4, pod_color(ctx.theme, pod));
        const float when_width = text_width(ctx.fonts.ui, text_size::kSmall, when);
        draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(row.min.x + 16, row.min.y + 2), ctx.theme.text, pod.name, row.max.x - row.min.x - when_width - 28);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.max.x - when_width, row.min.y + 4), ctx.theme.muted, when);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.min.x + 16, row.min.y + 22), ctx.theme.muted, about, row.max.x - row.min.x - 16);
        tooltip(ctx, row, pod.started_at);
        if (row.pressed) {
            ctx.app.follow_pod(pod.id);
            ctx.commands.run("view.logs");
        }
    }
}

void failure_box(UiContext& ctx, const model::NodeStatus& status) {
    const Reason reason = split_reason(status.message);
    const float room = ImGui::GetContentRegionAvail().x;
    const std::string title(reason.reason.empty() ? std::string_view("Failed") : reason.reason);
    const float wrap = room - 50;
    const float detail = reason.detail.empty() ? 0 : ctx.fonts.ui->CalcTextSizeA(text_size::kUi, FLT_MAX, wrap, reason.detail.data(), reason.detail.data() + reason.detail.size()).y;
    const ImVec2 min = reserve(ctx, ImVec2(room, 20 + text_size::kUi + detail));
    const ImVec2 max(min.x + room, min.y + 20 + text_size::kUi + detail);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, ctx.theme.danger_soft, metrics::kRadius);
    draw_icon(list, Icon::error, ImVec2(min.x + 12, min.y + 12), metrics::kIconSmall, ctx.theme.danger);
    draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(min.x + 38, min.y + 10), ctx.theme.text, title, wrap);
    if (detail > 0)
        list->AddText(ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 38, min.y + 10 + text_size::kUi), ctx.theme.text, reason.detail.data(),
                      reason.detail.data() + reason.detail.size(), wrap);
    record(ctx, id_of("failure"), min, max, {.role = Role::alert, .name = status.message});
}

void actions(UiContext& ctx, bool has_pods) {
    const bool busy = ctx.app.workflow().run != model::RunPhase::idle;
    if (button(ctx, busy ? "Applying…" : "Apply", {.style = ButtonStyle::primary, .id = "apply", .name = "Apply",
                                                   .tooltip = "Save and deploy the workflow", .shortcut = ctx.commands.shortcut("workflow.run"),
                                                   .disabled = !ctx.commands.enabled("workflow.run"), .busy = busy}))
        ctx.commands.run("workflow.run");
    if (has_pods) {
        ImGui::SameLine();
        if (button(ctx, "Logs", {.id = "show-logs", .name = "Show logs"})) ctx.commands.run("view.logs");
    }
    ImGui::SameLine();
    if (button(ctx, "", {.icon = Icon::trash, .id = "delete-node", .tooltip = "Delete this node"})) ctx.app.delete_selection();
}

bool kind_has_pods(model::NodeKind kind) {
    using model::NodeKind;
    return kind == NodeKind::deployment || kind == NodeKind::statefulset || kind == NodeKind::daemonset || kind == NodeKind::job || kind == NodeKind::cronjob;
}

// What can be done at once to what runs in the cluster.
void live_actions(UiContext& ctx, ViewState& views, const model::Node& node, const model::NodeStatus& status) {
    model::NodeActions& actions = ctx.app.node_actions();
    if (!model::NodeActions::can_restart(node.kind) || status.state == model::NodeState::none || !ctx.app.runs().state().replayed.empty()) return;
    separator(ctx, 12);
    const bool restarting = actions.state().restarting.contains(node.id);
    if (button(ctx, restarting ? "Restarting…" : "Restart", {.icon = Icon::refresh, .id = "restart-node", .name = "Restart", .tooltip = "Replaces the pods one after another", .busy = restarting})) actions.restart(node);
    if (!model::NodeActions::can_scale(node.kind)) return;
    if (views.scale_node != node.id) {
        views.scale_node = node.id;
        views.scale_to = std::max(status.replicas, 0);
    }
    const bool scaling = actions.state().scaling.contains(node.id);
    const FieldResult field = input_number(ctx, "scale-to", views.scale_to, {.min = 0, .max = static_cast<double>(model::NodeActions::kMaxReplicas), .integer = true}, {.label = "Scale to", .width = 110});
    const bool ready = views.scale_to && *views.scale_to != status.replicas && !scaling;
    if ((button(ctx, scaling ? "Scaling…" : "Scale", {.id = "scale-node", .name = "Scale", .tooltip = "Now, in the cluster and in the node", .disabled = !ready, .height = control_height(ctx), .busy = scaling}) || (field.submitted && ready)))
        actions.scale(node, static_cast<std::int64_t>(*views.scale_to));
}

void status_tab(UiContext& ctx, ViewState& views, const model::Node& node, const model::NodeStatus& status) {
    const std::string_view word = status.state == model::NodeState::none ? std::string_view("Not deployed") : model::ui_word(node.kind, status.state);
    status_dot(ctx, state_color(ctx.theme, status.state), word);
    if (status.state == model::NodeState::error || status.state == model::NodeState::lost) failure_box(ctx, status);
    else if (!status.message.empty()) text(ctx, status.message, {.color = ctx.theme.muted, .wrap = true});
    if (status.replicas >= 0) label_value(ctx, "Replicas", std::to_string(std::max(status.ready_replicas, 0)) + " of " + std::to_string(status.replicas) + " ready");
    if (!status.cluster_ip.empty()) label_value(ctx, "Cluster IP", status.cluster_ip, true);
    if (!status.external_ip.empty()) label_value(ctx, "External IP", status.external_ip, true);
    if (status.node_port > 0) label_value(ctx, "Node port", std::to_string(status.node_port), true);
    label_value(ctx, "Kind", node.kind == model::NodeKind::plugin ? std::string_view(node.type) : model::kind_title(node.kind));
    label_value(ctx, "Namespace", namespace_of(node));
    if (status.state == model::NodeState::none) text(ctx, "Run the workflow to create its objects in the cluster.", {.color = ctx.theme.muted, .wrap = true});
    live_actions(ctx, views, node, status);
    if (kind_has_pods(node.kind)) {
        separator(ctx, 12);
        pods_list(ctx);
    }
}

void node_view(UiContext& ctx, ViewState& views, const Layout& layout, model::NodeIndex index) {
    // Copies: an edit replaces the node while it is drawn.
    const model::Node node = ctx.app.graph().node(index);
    const model::NodeStatus status = ctx.app.graph().status(index);
    const Box& box = layout.inspector;
    node_header(ctx, node, box);
    close_button(ctx, views, layout);

    const float tabs_y = box.min.y + 62;
    ImGui::SetCursorScreenPos(ImVec2(box.min.x + metrics::kPad, tabs_y));
    const int events = ctx.app.events().node_id == node.id ? static_cast<int>(ctx.app.events().events.size()) : 0;
    const std::array<TabItem, 3> items{{{"spec", "Spec"}, {"status", "Status"}, {"events", "Events", events}}};
    if (const auto chosen = tabs(ctx, "inspector-tabs", items, views.inspector_tab, {.name = "Details"}); !chosen.empty()) views.inspector_tab = std::string(chosen);
    const float body_y = tabs_y + (ctx.input.coarse_pointer ? metrics::kTouchTarget : metrics::kTabHeight);
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.min.x, body_y), ImVec2(box.max.x, body_y + 1), ctx.theme.border);

    const bool spec = views.inspector_tab == "spec";
    const float footer = !spec ? 0.0f : ctx.input.coarse_pointer ? kInspectorFooter + 12 : kInspectorFooter;
    const float body_end = std::max(box.max.y - footer, body_y + 1);
    ImGui::PushID(node.id.c_str());  // scroll and open fields belong to the node
    const std::string body = "inspector-" + views.inspector_tab;
    if (begin_region(ctx, body, ImVec2(box.min.x + 1, body_y + 1), ImVec2(box.max.x, body_end), 0U, ImVec2(metrics::kPad - 1, 12), true)) {
        if (views.inspector_tab == "status") {
            status_tab(ctx, views, node, status);
        } else if (views.inspector_tab == "events") {
            draw_events_table(ctx, "inspector-events");
        } else {
            const bool failed = status.state == model::NodeState::error;
            if (failed && !is_image_problem(status.message)) failure_box(ctx, status);
            draw_spec_form(ctx, views, node, status);
            if (kind_has_pods(node.kind) && status.state != model::NodeState::none) {
                ImGui::Dummy(ImVec2(0, 4));
                pods_list(ctx);
            }
        }
    }
    end_region(ctx);
    if (spec) {
        ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.min.x, body_end), ImVec2(box.max.x, body_end + 1), ctx.theme.border);
        ImGui::SetCursorScreenPos(ImVec2(box.min.x + metrics::kPad, body_end + (footer - button_height(ctx)) / 2));
        actions(ctx, kind_has_pods(node.kind));
    }
    ImGui::PopID();
}

void workflow_summary(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.inspector;
    const model::WorkflowState& workflow = ctx.app.workflow();
    close_button(ctx, views, layout);
    if (begin_region(ctx, "summary", ImVec2(box.min.x + 1, box.min.y), ImVec2(box.max.x - 50, box.min.y + 56), 0U, ImVec2(metrics::kPad - 1, 16))) {
        if (workflow.phase == model::LoadPhase::ready) heading(ctx, workflow.name);
        else if (workflow.phase == model::LoadPhase::loading) skeleton(ctx, "summary-title", 1);
    }
    end_region(ctx);
    if (begin_region(ctx, "summary-body", ImVec2(box.min.x + 1, box.min.y + 56), box.max, 0U, ImVec2(metrics::kPad - 1, 4), true)) {
        if (workflow.phase == model::LoadPhase::ready) {
            if (!workflow.description.empty()) text(ctx, workflow.description, {.color = ctx.theme.muted, .wrap = true});
            label_value(ctx, "Nodes", std::to_string(ctx.app.graph().node_count()));
            label_value(ctx, "Connections", std::to_string(ctx.app.graph().edge_count()));
            if (workflow.nodes_total > 0) label_value(ctx, "Ready", std::to_string(workflow.nodes_ready) + " of " + std::to_string(workflow.nodes_total));
            label_value(ctx, "Runs", base::grouped(static_cast<std::uint64_t>(std::max(workflow.run_count, 0))));
            if (!workflow.last_run_message.empty()) text(ctx, workflow.last_run_message, {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert});
            separator(ctx, 16);
            if (ctx.app.graph().node_count() == 0) text(ctx, "Add a node to begin: search for \"add\".", {.color = ctx.theme.muted, .wrap = true});
            else text(ctx, "Select a node to see its settings, status and log.", {.color = ctx.theme.muted, .wrap = true});
            ImGui::Dummy(ImVec2(0, 4));
            command_button(ctx, "view.versions", "Versions", {.icon = Icon::layers});
            ImGui::SameLine();
            command_button(ctx, "view.runs", "Past runs", {.icon = Icon::clock});
            command_button(ctx, "workflow.dry_run", "Dry run", {.icon = Icon::help});
        } else if (workflow.phase == model::LoadPhase::loading) {
            skeleton(ctx, "summary-lines", 4);
        }
    }
    end_region(ctx);
}

void multi_view(UiContext& ctx, ViewState& views, const Layout& layout, std::size_t nodes, std::size_t edges) {
    const Box& box = layout.inspector;
    close_button(ctx, views, layout);
    if (begin_region(ctx, "multi", ImVec2(box.min.x + 1, box.min.y), ImVec2(box.max.x - 50, box.max.y), 0U, ImVec2(metrics::kPad - 1, 16))) {
        std::string title;
        if (nodes > 0) title = std::to_string(nodes) + (nodes == 1 ? " node" : " nodes");
        if (edges > 0) title += (title.empty() ? "" : ", ") + std::to_string(edges) + (edges == 1 ? " connection" : " connections");
        heading(ctx, title + " selected");
        for (const std::string& id : ctx.app.canvas().selected_nodes) {
            const model::NodeIndex index = ctx.app.graph().find_node(id);
            if (index != model::kNoIndex) text(ctx, ctx.app.graph().node(index).name, {.color = ctx.theme.muted});
        }
        for (const std::string& id : ctx.app.canvas().selected_edges) {
            const model::EdgeIndex index = ctx.app.graph().find_edge(id);
            if (index == model::kNoIndex) continue;
            const model::Graph& graph = ctx.app.graph();
            text(ctx, graph.node(graph.edge_source(index)).name + " → " + graph.node(graph.edge_target(index)).name, {.color = ctx.theme.muted});
        }
        ImGui::Dummy(ImVec2(0, 4));
        if (button(ctx, "Delete", {.style = ButtonStyle::secondary, .icon = Icon::trash, .id = "delete-selection", .name = "Delete selection"})) ctx.app.delete_selection();
    }
    end_region(ctx);
}

}  // namespace

void draw_inspector(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.inspector;
    if (box.empty()) return;
    begin_record_group(ctx, id_of("inspector"), box.min, box.max, {.role = Role::region, .name = "Details"});
    if (begin_region(ctx, "inspector-region", box.min, box.max, ctx.theme.surface)) {
        if (layout.compact) {
            ImDrawList* list = ImGui::GetWindowDrawList();
            draw_shadow(ctx, list, box.min, box.max, 0);
            list->AddRect(box.min, box.max, ctx.theme.border);
        }
        const auto& canvas = ctx.app.canvas();
        const model::NodeIndex node = selected_node(ctx.app);
        const std::size_t count = canvas.selected_nodes.size() + canvas.selected_edges.size();
        if (node != model::kNoIndex && canvas.selected_edges.empty()) node_view(ctx, views, layout, node);
        else if (count > 0) multi_view(ctx, views, layout, canvas.selected_nodes.size(), canvas.selected_edges.size());
        else workflow_summary(ctx, views, layout);
    }
    end_region(ctx);
    end_record_group(ctx);
}

}  // namespace ui
