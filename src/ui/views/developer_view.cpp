#include "ui/views/developer_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "ui/commands.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr std::int64_t kStreamRefreshMs = 1'000;

struct Column {
    float share;  // of the row's width
    std::string_view title;
};

std::string clock_time(std::int64_t unix_ms) {
    const base::UtcTime t = base::utc_from_unix_ms(unix_ms);
    char text[16];
    std::snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", t.hour, t.minute, t.second, t.millisecond);
    return text;
}

std::string bytes_text(std::size_t bytes) {
    char text[24];
    if (bytes < 1024) std::snprintf(text, sizeof text, "%zu B", bytes);
    else if (bytes < 1024 * 1024) std::snprintf(text, sizeof text, "%.1f kB", static_cast<double>(bytes) / 1024);
    else std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / (1024 * 1024));
    return text;
}

std::string age_text(std::int64_t age_ms) { return age_ms < 0 ? std::string("no data") : base::short_duration(age_ms); }

bool has(std::string_view text, std::string_view wanted) { return wanted.empty() || base::to_ascii_lower(text).find(base::to_ascii_lower(wanted)) != std::string::npos; }

std::string change_text(const state::TraceChange& change) {
    std::string path = change.path.empty() ? std::string("all") : change.path.substr(1);
    return path + ": " + (change.from.empty() ? "(none)" : change.from) + " → " + (change.to.empty() ? "(none)" : change.to);
}

// A row of texts in columns; what a screen reader hears is all of them. Shared by every list of the panel.
template <std::size_t N>
Interaction table_row(UiContext& ctx, std::string_view id, const std::array<Column, N>& columns, const std::array<std::string, N>& cells, bool pressable) {
    std::string name;
    for (const std::string& cell : cells) {
        if (!cell.empty()) name += (name.empty() ? "" : ", ") + cell;
    }
    const Interaction row = list_row(ctx, id, {.name = name, .role = pressable ? Role::button : Role::listitem, .inset = 6});
    if (!row.visible) return row;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float width = row.max.x - row.min.x;
    const float y = row.min.y + (row.max.y - row.min.y - text_size::kSmall) / 2 - 1;
    float x = row.min.x;
    for (std::size_t i = 0; i < N; ++i) {
        const float room = width * columns[i].share;
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x, y), i == 0 ? ctx.theme.muted : ctx.theme.text, cells[i], room - 10);
        x += room;
    }
    return row;
}

template <std::size_t N>
void table_head(UiContext& ctx, const std::array<Column, N>& columns) {
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 min = reserve(ctx, ImVec2(width, 20));
    float x = min.x;
    for (const Column& column : columns) {
        draw_text(ImGui::GetWindowDrawList(), ctx.fonts.semibold, text_size::kSmall, ImVec2(x, min.y + 2), ctx.theme.muted, column.title, width * column.share - 10);
        x += width * column.share;
    }
}

void actions(UiContext& ctx, DeveloperState& state) {
    const auto& entries = ctx.app.trace().entries();
    if (entries.empty()) return (void)state_message(ctx, "no-actions", {.icon = Icon::list, .text = "Nothing has happened yet"});
    static constexpr std::array<Column, 4> kColumns{{{0.12f, "Time (UTC)"}, {0.12f, "Store"}, {0.18f, "Action"}, {0.58f, "Difference"}}};
    table_head(ctx, kColumns);
    for (std::size_t i = entries.size(); i-- > 0;) {
        const state::TraceEntry& entry = entries[i];
        std::string difference;
        for (const auto& change : entry.changes) difference += (difference.empty() ? "" : ";  ") + change_text(change);
        if (!has(entry.store, state.filter) && !has(entry.action, state.filter) && !has(difference, state.filter)) continue;
        const std::string id = "entry-" + std::to_string(entry.number);
        const std::string action = entry.action + (entry.count > 1 ? " ×" + std::to_string(entry.count) : "");
        const Interaction row = table_row(ctx, id, kColumns, {clock_time(entry.unix_ms), entry.store, action, difference}, true);
        if (row.pressed) state.open_entry = state.open_entry == entry.number ? 0 : entry.number;
        if (state.open_entry != entry.number) continue;
        for (const auto& change : entry.changes) text(ctx, change_text(change), {.font = ctx.fonts.mono, .size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
    }
    if (entries.dropped() > 0) text(ctx, std::to_string(entries.dropped()) + " older ones are gone", {.size = text_size::kSmall, .color = ctx.theme.muted});
}

void queries(UiContext& ctx, DeveloperState& state) {
    const auto infos = ctx.app.queries().list_queries();
    const auto mutations = ctx.app.queries().list_mutations();
    if (infos.empty() && mutations.empty()) return (void)state_message(ctx, "no-queries", {.icon = Icon::list, .text = "The cache is empty"});
    static constexpr std::array<Column, 5> kColumns{{{0.44f, "Key"}, {0.12f, "State"}, {0.12f, "Fetching"}, {0.14f, "Age"}, {0.18f, "Observers"}}};
    table_head(ctx, kColumns);
    for (const state::QueryInfo& info : infos) {
        if (!has(info.key, state.filter)) continue;
        std::string status(state::to_string(info.status));
        if (info.is_stale) status += ", stale";
        if (info.optimistic) status += ", edited";
        std::string observers = std::to_string(info.observers);
        if (info.failure_count > 0) observers += " · " + std::to_string(info.failure_count) + " failures: " + info.failure_reason;
        const Interaction row = table_row(ctx, info.key, kColumns, {info.key, status, std::string(state::to_string(info.fetch_status)), age_text(info.age_ms), observers}, false);
        tooltip(ctx, row, info.key);
    }
    for (const state::MutationInfo& info : mutations) {
        const std::string id = "mutation-" + std::to_string(info.id);
        (void)table_row(ctx, id, kColumns, {"mutation " + info.key, info.is_paused ? std::string("paused") : std::string(), info.scope, clock_time(info.submitted_at_ms), info.failure_reason}, false);
    }
}

std::string_view phase_word(model::StreamPhase phase) {
    switch (phase) {
        case model::StreamPhase::closed: return "closed";
        case model::StreamPhase::connecting: return "connecting";
        case model::StreamPhase::open: return "open";
        case model::StreamPhase::retrying: return "retrying";
        case model::StreamPhase::gave_up: return "gave up";
        case model::StreamPhase::stopped: return "stopped";
    }
    return "";
}

void streams(UiContext& ctx, DeveloperState& state) {
    const auto views = ctx.app.streams();
    if (views.empty()) return (void)state_message(ctx, "no-streams", {.icon = Icon::list, .text = "No stream is open"});
    static constexpr std::array<Column, 8> kColumns{
        {{0.26f, "Stream"}, {0.1f, "State"}, {0.08f, "Age"}, {0.09f, "Events/s"}, {0.08f, "Events"}, {0.09f, "Bytes"}, {0.07f, "Retries"}, {0.23f, "Last error"}}};
    table_head(ctx, kColumns);
    const std::int64_t now_ms = ctx.input.now_ms;
    ctx.wake_in(kStreamRefreshMs);  // ages and rates change by themselves
    for (const model::StreamView& stream : views) {
        if (!has(stream.key, state.filter)) continue;
        std::string phase(phase_word(stream.phase));
        if (stream.phase == model::StreamPhase::retrying && stream.retry_at_ms > now_ms) phase = "retrying in " + base::short_duration(stream.retry_at_ms - now_ms);
        const std::string last = stream.last_error.empty() ? stream.note : stream.last_error + (stream.note.empty() ? "" : " (" + stream.note + ")");
        const Interaction row = table_row(ctx, stream.key, kColumns,
                                          {stream.key, phase, stream.opened_at_ms > 0 ? base::short_duration(now_ms - stream.opened_at_ms) : std::string(), base::short_number(stream.events_per_second, 1),
                                           std::to_string(stream.events), bytes_text(stream.bytes), std::to_string(stream.retries), last},
                                          false);
        tooltip(ctx, row, stream.key + (last.empty() ? "" : ": " + last));
    }
}

void storage(UiContext& ctx, DeveloperState& state) {
    const auto use = ctx.app.storage_use();
    if (use.empty()) return (void)state_message(ctx, "no-storage", {.icon = Icon::list, .text = "Nothing is stored in this browser"});
    static constexpr std::array<Column, 2> kColumns{{{0.7f, "Key"}, {0.3f, "Size"}}};
    table_head(ctx, kColumns);
    for (const auto& [key, bytes] : use) {
        if (has(key, state.filter)) (void)table_row(ctx, key, kColumns, {key, bytes_text(bytes)}, false);
    }
}

base::Json export_json(UiContext& ctx) {
    base::Json cache = base::Json::array();
    for (const state::QueryInfo& info : ctx.app.queries().list_queries()) {
        cache.push_back({{"key", info.key}, {"status", state::to_string(info.status)}, {"fetching", state::to_string(info.fetch_status)}, {"ageMs", info.age_ms},
                         {"observers", info.observers}, {"stale", info.is_stale}, {"failures", info.failure_count}, {"failure", info.failure_reason}});
    }
    base::Json open = base::Json::array();
    for (const model::StreamView& stream : ctx.app.streams()) {
        open.push_back({{"key", stream.key}, {"state", phase_word(stream.phase)}, {"events", stream.events}, {"bytes", stream.bytes}, {"eventsPerSecond", stream.events_per_second}, {"retries", stream.retries}, {"lastError", stream.last_error}, {"note", stream.note}});
    }
    base::Json kept = base::Json::object();
    for (const auto& [key, bytes] : ctx.app.storage_use()) kept[key] = bytes;
    return {{"actions", ctx.app.trace().to_json()}, {"queries", std::move(cache)}, {"streams", std::move(open)}, {"storage", std::move(kept)}};
}

}  // namespace

// A part of its own: docs/decisions/0009.
[[gnu::noinline]] void draw_developer(UiContext& ctx, DeveloperState& state, const Box& box) {
    const float bar = button_height(ctx) + 9;
    const Box top{box.min, ImVec2(box.max.x, box.min.y + bar)};
    if (begin_region(ctx, "developer-bar", top.min, top.max, ctx.theme.surface, ImVec2(12, 4))) {
        static constexpr std::array<TabItem, 4> kTabs{{{"actions", "Actions"}, {"queries", "Queries"}, {"streams", "Streams"}, {"storage", "Storage"}}};
        if (const auto chosen = tabs(ctx, "developer-tabs", kTabs, state.tab, {.name = "Developer panel", .height = button_height(ctx)}); !chosen.empty()) state.tab = chosen;
        const float buttons = button_width(ctx, "", {.icon = Icon::copy}) + button_width(ctx, "", {.icon = Icon::trash}) + 16;
        const float field = std::clamp(box.width() - 360 - buttons, 80.0f, 240.0f);
        ImGui::SetCursorScreenPos(ImVec2(box.max.x - 12 - buttons - field, top.min.y + 4));
        (void)input_text(ctx, "developer-filter", state.filter, {.name = "Filter the developer panel", .placeholder = "Filter", .search = true, .width = field, .height = button_height(ctx)});
        ImGui::SetCursorScreenPos(ImVec2(box.max.x - 12 - buttons + 8, top.min.y + 4));
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::copy, .id = "copy", .tooltip = "Copy all as JSON"})) {
            ctx.platform.copy_text(base::dump_json(export_json(ctx), 2));
            ctx.app.show_toast(model::ToastKind::info, "Copied as JSON", "It holds no tokens or passwords.");
        }
        ImGui::SameLine(0, 4);
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::trash, .id = "clear", .tooltip = "Clear the actions"})) ctx.app.trace().clear();
    }
    end_region(ctx);
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.min.x, top.max.y), ImVec2(box.max.x, top.max.y + 1), ctx.theme.border);
    if (begin_region(ctx, "developer-list", ImVec2(box.min.x, top.max.y + 1), box.max, ctx.theme.background, ImVec2(12, 6), true)) {
        if (state.tab == "queries") queries(ctx, state);
        else if (state.tab == "streams") streams(ctx, state);
        else if (state.tab == "storage") storage(ctx, state);
        else actions(ctx, state);
    }
    end_region(ctx);
}

}  // namespace ui
