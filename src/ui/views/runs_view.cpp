// Past runs: the list, and one run's nodes over time, with a moment of it that the canvas can show.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "model/runs.hpp"
#include "ui/commands.hpp"
#include "ui/views/history_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kBarRow = 26;
constexpr float kScale = 30;       // height of the line with the moment
constexpr float kSmallestBar = 3;  // px; what took no time is seen all the same

ImU32 run_color(const Theme& theme, const model::RunView& run) {
    if (run.status == "completed") return theme.success;
    return run.failed() ? theme.danger : theme.warning;
}

// "0 s", "3.2 s", "2m10s": since the run began.
std::string since(const model::RunView& run, std::int64_t at_ms) {
    const std::int64_t ms = std::max<std::int64_t>(at_ms - run.from_ms, 0);
    if (ms >= 100'000) return base::short_duration(ms);
    char words[32];
    (void)std::snprintf(words, sizeof words, "%.1f s", static_cast<double>(ms) / 1'000);
    return words;
}

std::string run_title(const model::RunView& run) { return run.number > 0 ? "Run " + std::to_string(run.number) : "Run " + run.id; }

struct Track {
    float left, right;
    std::int64_t from_ms, to_ms;
    [[nodiscard]] float x(std::int64_t at_ms) const {
        const double span = static_cast<double>(std::max<std::int64_t>(to_ms - from_ms, 1));
        return left + static_cast<float>(static_cast<double>(at_ms - from_ms) / span) * (right - left);
    }
    [[nodiscard]] std::int64_t at(float px) const {
        const float part = std::clamp((px - left) / std::max(right - left, 1.0f), 0.0f, 1.0f);
        return from_ms + static_cast<std::int64_t>(static_cast<double>(part) * static_cast<double>(to_ms - from_ms));
    }
};

Track track_of(const model::RunView& run, float min_x, float width) {
    const float names = std::clamp(width * 0.22f, 80.0f, 180.0f);
    return {min_x + names, min_x + width - 8, run.from_ms, run.to_ms};
}

// The moment that the canvas shows: dragged, clicked, or by the arrow keys from one change to the next.
void moment_slider(UiContext& ctx, const model::RunView& run) {
    model::Runs& runs = ctx.app.runs();
    const bool replayed = runs.state().replayed == run.id;
    const std::int64_t now_ms = replayed ? runs.state().replay_at_ms : run.to_ms;
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 pos = reserve(ctx, ImVec2(width, kScale));
    const Track track = track_of(run, pos.x, width);
    const std::string words = since(run, now_ms) + (replayed ? "" : ", not shown");
    const auto seconds = [&](std::int64_t at_ms) { return static_cast<float>(at_ms - run.from_ms) / 1'000; };
    const auto id = static_cast<ImGuiID>(id_of("moment"));
    const Interaction item = interact(ctx, id, ImVec2(track.left - 8, pos.y), ImVec2(track.right + 8, pos.y + kScale),
                                      {.role = Role::slider, .name = "Moment of the run", .value = words, .description = "Shows the states of that moment on the canvas", .value_min = 0, .value_max = seconds(run.to_ms), .value_now = seconds(now_ms)});
    if (item.held || (item.pressed && !replayed)) runs.replay_at(item.held ? track.at(ImGui::GetIO().MousePos.x) : now_ms);
    SemanticAction action;
    if (ctx.semantics.take_action(id, ActionKind::set_number, action)) runs.replay_at(run.from_ms + static_cast<std::int64_t>(action.number * 1'000));
    if (item.focused) {
        // The arrows are ours while it has the keyboard; Tab leaves it.
        ImGui::SetKeyOwner(ImGuiKey_LeftArrow, id);
        ImGui::SetKeyOwner(ImGuiKey_RightArrow, id);
        const bool back = ImGui::IsKeyPressed(ImGuiKey_LeftArrow, ImGuiInputFlags_Repeat, id);
        const bool on = ImGui::IsKeyPressed(ImGuiKey_RightArrow, ImGuiInputFlags_Repeat, id);
        if (back || on) {
            ImGui::NavMoveRequestCancel();
            const std::vector<std::int64_t> moments = model::moments_of(run);
            const auto after = std::upper_bound(moments.begin(), moments.end(), now_ms);
            const auto here = std::lower_bound(moments.begin(), moments.end(), now_ms);
            if (on && after != moments.end()) runs.replay_at(*after);
            else if (back && here != moments.begin()) runs.replay_at(*(here - 1));
        }
    }
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(pos.x, pos.y + 6), ctx.theme.muted, since(run, now_ms), track.left - pos.x - 8);
    const float y = pos.y + kScale / 2;
    list->AddRectFilled(ImVec2(track.left, y - 1), ImVec2(track.right, y + 1), ctx.theme.border);
    const float x = track.x(now_ms);
    if (replayed) list->AddRectFilled(ImVec2(track.left, y - 1), ImVec2(x, y + 1), ctx.theme.accent);
    list->AddCircleFilled(ImVec2(x, y), 7, replayed ? ctx.theme.accent : ctx.theme.muted);
    focus_ring(ctx, item);
    tooltip(ctx, item, "Drag to see the states of that moment");
}

void node_row(UiContext& ctx, const model::RunView& run, const model::RunNode& node, std::int64_t shown_ms) {
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 pos = reserve(ctx, ImVec2(width, kBarRow));
    const Track track = track_of(run, pos.x, width);
    const model::NodeKind kind = model::node_kind_from_type(node.type);
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(pos.x, pos.y + 3), ctx.theme.text, node.name, track.left - pos.x - 10);
    std::string spoken;
    std::string hovered;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    for (const model::RunSpan& span : node.spans) {
        const float x0 = track.x(span.from_ms);
        const float x1 = std::max(track.x(span.to_ms), x0 + kSmallestBar);
        list->AddRectFilled(ImVec2(x0, pos.y + 5), ImVec2(std::max(x1 - 1, x0 + 2), pos.y + kBarRow - 5), state_color(ctx.theme, model::span_state(span)), 2);
        const std::string words = model::span_words(span, kind);
        if (x1 - x0 > text_width(ctx.fonts.ui, text_size::kSmall, words) + 12)
            draw_text(list, ctx.fonts.semibold, text_size::kSmall, ImVec2(x0 + 6, pos.y + 5), ctx.theme.surface, words);
        spoken += (spoken.empty() ? "" : ", ") + words + " at " + since(run, span.from_ms);
        if (mouse.x >= x0 && mouse.x < x1) hovered = words + ", " + since(run, span.from_ms) + " to " + since(run, span.to_ms) + (span.message.empty() ? "" : "\n" + span.message);
    }
    if (node.spans.empty()) {
        spoken = "not reached";
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(track.left, pos.y + 5), ctx.theme.disabled, spoken);
    }
    if (shown_ms > 0) list->AddRectFilled(ImVec2(track.x(shown_ms), pos.y), ImVec2(track.x(shown_ms) + 1, pos.y + kBarRow), ctx.theme.accent);
    const auto id = static_cast<ImGuiID>(id_of(node.id));
    const ImVec2 end(pos.x + width, pos.y + kBarRow);
    record(ctx, id, pos, end, {.role = Role::listitem, .name = node.name + ": " + spoken});
    if (!hovered.empty() && ImGui::IsMouseHoveringRect(pos, end)) tooltip(ctx, {.id = id, .min = pos, .max = end, .visible = true, .hovered = true}, hovered);
}

void timeline(UiContext& ctx, const model::RunView& run) {
    moment_slider(ctx, run);
    const bool replayed = ctx.app.runs().state().replayed == run.id;
    const std::int64_t shown_ms = replayed ? ctx.app.runs().state().replay_at_ms : 0;
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(8, 0));
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const ImVec2 max(min.x + ImGui::GetContentRegionAvail().x, min.y + static_cast<float>(run.nodes.size()) * kBarRow);
    begin_record_group(ctx, id_of("timeline"), min, max, {.role = Role::list, .name = "Timeline of " + run_title(run)});
    for (const model::RunNode& node : run.nodes) node_row(ctx, run, node, shown_ms);
    end_record_group(ctx);
    ImGui::PopStyleVar();
    if (run.cut) text(ctx, "More happened than is kept of one run.", {.size = text_size::kSmall, .color = ctx.theme.muted});
}

void log_lines(UiContext& ctx, const model::RunView& run) {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(8, 2));
    for (std::size_t i = 0; i < run.logs.size(); ++i) {
        ImGui::PushID(static_cast<int>(i));
        text(ctx, run.logs[i], {.font = ctx.fonts.mono, .size = text_size::kMono});
        ImGui::PopID();
    }
    ImGui::PopStyleVar();
}

}  // namespace

void draw_run_rows(UiContext& ctx, ViewState& views) {
    model::Runs& runs = ctx.app.runs();
    const model::RunsState& state = runs.state();
    if (state.phase == model::LoadPhase::failed) {
        if (state.runs.empty()) {
            if (error_state(ctx, "runs-error", state.error)) runs.reload();
        } else if (banner(ctx, "runs-stale", BannerKind::warning, "Not up to date: " + state.error.message, "Retry")) {
            runs.reload();
        }
    }
    if (state.runs.empty()) {
        if (state.phase == model::LoadPhase::loading || state.phase == model::LoadPhase::idle) skeleton(ctx, "runs-loading", 3);
        else if (state.phase == model::LoadPhase::ready) text(ctx, "No runs yet", {.color = ctx.theme.muted, .role = Role::status});
        return;
    }
    std::string pressed;
    for (const model::RunView& run : state.runs) {
        const std::string when = ago(ctx, run.started_at);
        const std::string below = model::run_words(run.status) + (run.version > 0 ? " · version " + std::to_string(run.version) : "");
        const Interaction row = list_row(ctx, run.id, {.name = run_title(run), .value = below + ", " + when, .description = "Show its timeline", .selected = state.selected == run.id, .height = kHistoryRow, .role = Role::button, .inset = 8});
        ImDrawList* list = ImGui::GetWindowDrawList();
        list->AddCircleFilled(ImVec2(row.min.x + 5, row.min.y + 15), 4, run_color(ctx.theme, run));
        const float when_width = text_width(ctx.fonts.ui, text_size::kSmall, when);
        const float room = row.max.x - row.min.x - 20;
        draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(row.min.x + 18, row.min.y + 5), ctx.theme.text, run_title(run), room);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.min.x + 18, row.min.y + 25), run.failed() ? ctx.theme.danger_text : ctx.theme.muted, below, room - when_width - 12);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.max.x - when_width, row.min.y + 25), ctx.theme.muted, when);
        if (row.pressed) pressed = run.id;
    }
    if (pressed.empty()) return;
    runs.select(pressed);
    views.history.details_open = true;
}

void draw_run_details(UiContext& ctx, ViewState& views) {
    model::Runs& runs = ctx.app.runs();
    const model::RunView* selected = runs.selected();
    if (selected == nullptr) {
        if (runs.state().phase == model::LoadPhase::ready) state_message(ctx, "no-run", {.icon = Icon::play, .text = "What each node did in a run is shown here, and can be seen again on the canvas."});
        return;
    }
    const model::RunView run = *selected;
    text(ctx, run_title(run), {.font = ctx.fonts.semibold, .max_width = 160, .role = Role::heading});
    ImGui::SameLine(0, 12);
    status_dot(ctx, run_color(ctx.theme, run), model::run_words(run.status), run.failed() ? ctx.theme.danger_text : ctx.theme.muted);
    std::string about = "Applied in " + base::short_duration(run.duration_ms);
    if (run.version > 0) about = "Version " + std::to_string(run.version) + " · " + about;
    if (!run.triggered_by.empty()) about += " · by " + run.triggered_by;
    text(ctx, about + " · " + ago(ctx, run.started_at), {.size = text_size::kSmall, .color = ctx.theme.muted, .tooltip = run.started_at});
    if (!run.error.empty()) text(ctx, run.error, {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert});
    const bool replayed = runs.state().replayed == run.id;
    if (!replayed && button(ctx, "Replay", {.style = ButtonStyle::primary, .icon = Icon::play, .id = "replay", .tooltip = "Shows the states of this run on the canvas, from its beginning"})) runs.replay_at(run.from_ms);
    if (replayed && button(ctx, "Back to live", {.id = "end-replay"})) runs.end_replay();
    ImGui::SameLine();
    if (button(ctx, "Log", {.id = "run-log", .name = "Log of the run", .selected = views.history.logs})) views.history.logs = !views.history.logs;
    std::size_t gone = 0;
    for (const model::RunNode& node : run.nodes) gone += ctx.app.graph().find_node(node.id) == model::kNoIndex ? 1 : 0;
    if (gone > 0) text(ctx, std::to_string(gone) + (gone == 1 ? " node of this run is" : " nodes of this run are") + " no longer in the workflow: the canvas cannot show them.", {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
    if (views.history.logs) log_lines(ctx, run);
    else timeline(ctx, run);
}

}  // namespace ui
