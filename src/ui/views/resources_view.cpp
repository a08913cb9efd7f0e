#include "ui/views/resources_view.hpp"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "model/clusters.hpp"
#include "model/resources.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

using model::ResourceAction;
using model::ResourceKind;
using model::ResourceRow;
using model::ResourceSort;
using model::ResourceStatus;
using model::StatusTone;

constexpr float kKindsWidth = 212;
constexpr float kDetailsWidth = 440;
constexpr float kKindsFrom = 760;      // the list of kinds is a column when the page is at least so wide
constexpr float kCardWidth = 250;
constexpr float kCardHeight = 84;
constexpr float kTwoLineRow = 52;
constexpr float kColumnGap = 16;
constexpr float kWidestColumn = 240;
constexpr float kNameWidth = 200;      // columns are left out rather than the name cut shorter than this
constexpr float kNamespaceWidth = 130;
constexpr float kStatusWidth = 150;
constexpr float kAgeWidth = 96;

ImU32 tone_color(const Theme& theme, StatusTone tone) {
    switch (tone) {
        case StatusTone::good: return theme.success;
        case StatusTone::busy: return theme.accent;
        case StatusTone::warning: return theme.warning;
        case StatusTone::bad: return theme.danger;
        case StatusTone::none: break;
    }
    return theme.disabled;
}

std::string plural_words(const ResourceKind& kind) {
    const std::string& word = kind.kind;
    if (word.ends_with("s") || word.ends_with("x") || word.ends_with("ch")) return word.ends_with("Endpoints") || word.ends_with("Metrics") ? word : word + "es";
    if (word.ends_with("y") && word.size() > 1 && std::string_view("aeiou").find(word[word.size() - 2]) == std::string_view::npos) return word.substr(0, word.size() - 1) + "ies";
    return word + "s";
}

// ---- kinds ----------------------------------------------------------------------------------------------------------------------

void kind_row(UiContext& ctx, const ResourceKind& kind, bool selected) {
    const std::string words = plural_words(kind);
    const Interaction row = list_row(ctx, kind.type, {.name = words, .value = kind.api_version(), .selected = selected, .role = Role::button, .inset = 8});
    const float y = row.min.y + (row.max.y - row.min.y - text_size::kUi) / 2;
    draw_text(ImGui::GetWindowDrawList(), ctx.fonts.ui, text_size::kUi, ImVec2(row.min.x, y), selected ? ctx.theme.text : ctx.theme.muted, words, row.max.x - row.min.x);
    tooltip(ctx, row, kind.api_version() + " " + kind.kind);
    if (row.pressed) ctx.app.resources().show(kind.type);
}

void kinds_part(UiContext& ctx, ViewState& views, const Box& box) {
    model::Resources& resources = ctx.app.resources();
    begin_record_group(ctx, id_of("resource-kinds"), box.min, box.max, {.role = Role::navigation, .name = "Kinds"});
    if (begin_region(ctx, "resource-kinds-region", box.min, box.max, ctx.theme.surface, ImVec2(metrics::kPad, 14), true)) {
        const model::ResourcesState& state = resources.state();
        (void)input_text(ctx, "find-kind", views.resources.kind_search, {.name = "Find a kind", .placeholder = "Find a kind", .search = true});
        if (state.kinds.empty() && state.kinds_phase != model::LoadPhase::failed) {
            skeleton(ctx, "kinds-loading", 8);
        } else {
            const std::vector<ResourceKind> kinds = state.kinds;  // a press changes the state
            const std::string current = state.type;
            std::string group;
            bool any = false;
            for (const ResourceKind& kind : kinds) {
                const bool wanted = base::find_ascii_case(kind.kind + " " + kind.plural + " " + kind.short_names + " " + kind.group, views.resources.kind_search) != std::string_view::npos;
                if (!wanted) continue;
                any = true;
                if (kind.custom && kind.group != group) {
                    group = kind.group;
                    ImGui::Dummy(ImVec2(0, 4));
                    section_label(ctx, group);
                }
                ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(ImGui::GetStyle().ItemSpacing.x, 1));
                kind_row(ctx, kind, kind.type == current);
                ImGui::PopStyleVar();
            }
            if (!any && !kinds.empty()) text(ctx, "No kind has that name", {.color = ctx.theme.muted, .wrap = true});
            if (state.groups_failed > 0) {
                text(ctx, std::to_string(state.groups_failed) + (state.groups_failed == 1 ? " API group did not answer" : " API groups did not answer"), {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
            }
        }
    }
    end_region(ctx);
    end_record_group(ctx);
}

// ---- toolbar --------------------------------------------------------------------------------------------------------------------

std::string count_words(const model::Resources& resources) {
    const std::size_t all = resources.rows().size();
    const std::size_t shown = resources.rows().shown_size();
    return shown == all ? base::grouped(all) : base::grouped(shown) + " of " + base::grouped(all);
}

void kind_select(UiContext& ctx, float width) {
    model::Resources& resources = ctx.app.resources();
    const std::vector<ResourceKind>& kinds = resources.state().kinds;
    std::vector<std::string> labels;
    labels.reserve(kinds.size());
    std::vector<SelectItem> items;
    for (const ResourceKind& kind : kinds) {
        labels.push_back(plural_words(kind) + (kind.custom ? " · " + kind.group : ""));
        items.push_back({kind.type, labels.back()});
    }
    std::string type = resources.state().type;
    if (select(ctx, "kind", type, items, {.name = "Kind", .width = width})) resources.show(type);
}

void namespace_select(UiContext& ctx, float width) {
    model::Resources& resources = ctx.app.resources();
    const std::vector<std::string>& names = resources.state().namespaces;
    std::vector<SelectItem> items{{"", "All namespaces"}};
    for (const std::string& name : names) items.push_back({name, name});
    std::string ns = resources.filters().ns;
    const ResourceKind* kind = resources.kind();
    if (select(ctx, "namespace", ns, items, {.name = "Namespace", .disabled = kind && !kind->namespaced, .width = width})) resources.set_namespace(ns);
}

void cluster_select(UiContext& ctx, float width) {
    model::Resources& resources = ctx.app.resources();
    const std::vector<model::ClusterInfo>& clusters = ctx.app.clusters().state().clusters;
    if (clusters.size() < 2) return;
    std::vector<SelectItem> items;
    for (const model::ClusterInfo& info : clusters) items.push_back({info.is_default ? std::string_view() : std::string_view(info.name), info.display_name});
    std::string cluster = resources.state().cluster;
    if (select(ctx, "cluster", cluster, items, {.name = "Cluster", .width = width})) resources.set_cluster(cluster);
    ImGui::SameLine();
}

// Says whether what is seen is the present.
void live_mark(UiContext& ctx) {
    const model::ResourcesState& state = ctx.app.resources().state();
    if (state.phase != model::LoadPhase::ready || !state.live) return;
    status_dot(ctx, ctx.theme.success, "Live", ctx.theme.muted);
}

void toolbar_part(UiContext& ctx, ViewState& views, bool with_kind, bool narrow) {
    model::Resources& resources = ctx.app.resources();
    const ResourceKind* kind = resources.kind();
    const float top = ImGui::GetCursorPosY();
    const float left = ImGui::GetCursorPosX();
    const float room = ImGui::GetContentRegionAvail().x;
    heading(ctx, kind ? plural_words(*kind) : std::string("Resources"));
    const float below = ImGui::GetCursorPosY();
    if (resources.state().phase == model::LoadPhase::ready) {
        ImGui::SameLine(0, 10);
        ImGui::SetCursorPosY(top + 4);
        text(ctx, count_words(resources), {.color = ctx.theme.muted});
        if (!narrow) {
            ImGui::SameLine(0, 14);
            ImGui::SetCursorPosY(top + 4);
            live_mark(ctx);
        }
    }
    const bool cards = ctx.app.browse().resources().view_mode == model::ResourceViewMode::cards;
    const float buttons = 2 * (button_height(ctx) + 8);
    ImGui::SetCursorPos(ImVec2(left + room - buttons + 8, top));
    if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = cards ? Icon::list : Icon::layout, .id = "view-mode", .tooltip = cards ? "Show as a list" : "Show as cards"}))
        resources.set_view_mode(cards ? model::ResourceViewMode::list : model::ResourceViewMode::cards);
    ImGui::SameLine();
    command_button(ctx, "resources.reload", "", {.style = ButtonStyle::ghost, .icon = Icon::refresh, .name = "Read again", .tooltip = "Read again"});
    ImGui::SetCursorPos(ImVec2(left, std::max(below, top + button_height(ctx) + 6) + 4));

    const float whole = ImGui::GetContentRegionAvail().x;
    const float small = narrow ? (whole - 8) / 2 : 170.0f;
    if (with_kind) {
        kind_select(ctx, small);
        ImGui::SameLine();
    }
    if (!narrow) cluster_select(ctx, 150);
    namespace_select(ctx, small);
    if (!narrow) ImGui::SameLine();
    std::string search = resources.filters().search;
    const float search_width = narrow ? whole : std::clamp(ImGui::GetContentRegionAvail().x * 0.42f, 140.0f, 300.0f);
    const FieldResult found = input_text(ctx, "search", search, {.name = "Filter", .placeholder = "Filter by name, status, …", .search = true, .focus = std::exchange(views.resources.focus_search, false), .width = search_width});
    if (found.changed) resources.set_search(search);
    if (found.cancelled) resources.set_search({});
    if (!narrow) ImGui::SameLine();
    // A selector goes to the server: on Enter, not at every letter.
    ResourcesViewState& view = views.resources;
    if (view.labels_of != resources.filters().labels) view.labels = view.labels_of = resources.filters().labels;
    const FieldResult labels = input_text(ctx, "labels", view.labels, {.name = "Label selector", .placeholder = "Labels: app=web,tier!=cache", .error = resources.state().labels_problem, .mono = true, .width = -1});
    if (labels.submitted || labels.left) {
        resources.set_labels(view.labels);
        view.labels_of = resources.filters().labels;
    }
    bool problems = resources.filters().status == "problems";
    if (checkbox(ctx, "Problems only", problems)) resources.set_only_problems(problems);
    if (kind && kind->namespaced && resources.filters().ns.empty()) {
        ImGui::SameLine(0, 20);
        bool hide = resources.filters().hide_system;
        if (checkbox(ctx, "Hide system namespaces", hide)) resources.set_hide_system(hide);
    }
}

// ---- the list -------------------------------------------------------------------------------------------------------------------

struct Column {
    enum class What : std::uint8_t { name, ns, status, age, cell } what = What::name;
    std::string title;
    std::size_t cell = 0;
    bool number = false;
    float x = 0, width = 0;
};

// The server's columns that fit; its own status column says what ours says.
std::vector<Column> columns_for(const model::Resources& resources, const ResourcesViewState& view, float room) {
    const ResourceKind* kind = resources.kind();
    const bool with_ns = kind && kind->namespaced && resources.filters().ns.empty();
    std::vector<Column> columns{{.what = Column::What::name, .title = "Name", .width = kNameWidth}};
    if (with_ns) columns.push_back({.what = Column::What::ns, .title = "Namespace", .width = kNamespaceWidth});
    columns.push_back({.what = Column::What::status, .title = "Status", .width = kStatusWidth});
    float used = kNameWidth + kStatusWidth + kAgeWidth + (with_ns ? kNamespaceWidth + kColumnGap : 0) + 2 * kColumnGap;
    const auto& of_server = resources.state().columns;
    for (const bool wide : {false, true}) {
        for (std::size_t i = 0; i < of_server.size(); ++i) {
            const model::ResourceColumn& column = of_server[i];
            if (column.wide != wide || base::equals_ascii_case(column.name, "status")) continue;
            const float width = i < view.widths.size() ? view.widths[i] : 60.0f;
            if (used + width + kColumnGap > room) continue;
            used += width + kColumnGap;
            columns.push_back({.what = Column::What::cell, .title = column.name, .cell = column.cell, .number = column.number, .width = width});
        }
    }
    columns.push_back({.what = Column::What::age, .title = "Age", .width = kAgeWidth});
    columns.front().width += std::max(room - used, 0.0f);
    float x = 0;
    for (Column& column : columns) {
        column.x = x;
        x += column.width + kColumnGap;
    }
    return columns;
}

ResourceSort sort_of(const Column& column) {
    switch (column.what) {
        case Column::What::name: return {.by = ResourceSort::By::name};
        case Column::What::ns: return {.by = ResourceSort::By::ns};
        case Column::What::status: return {.by = ResourceSort::By::status};
        case Column::What::age: return {.by = ResourceSort::By::age};
        case Column::What::cell: return {.by = ResourceSort::By::cell, .cell = column.cell};
    }
    return {};
}

void header_row(UiContext& ctx, const std::vector<Column>& columns) {
    model::Resources& resources = ctx.app.resources();
    const ResourceSort now = resources.rows().sort();
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float height = row_height(ctx);
    ImDrawList* list = ImGui::GetWindowDrawList();
    std::optional<ResourceSort> chosen;
    for (const Column& column : columns) {
        ResourceSort sort = sort_of(column);
        const bool by_this = sort.by == now.by && (sort.by != ResourceSort::By::cell || sort.cell == now.cell);
        const ImVec2 at(min.x + column.x, min.y);
        ImGui::PushID(static_cast<int>(column.cell) + static_cast<int>(column.what) * 100);
        const Interaction item = interact(ctx, id_of("sort"), at, ImVec2(at.x + column.width, at.y + height),
                                          {.role = Role::button, .name = "Sort by " + base::to_ascii_lower(column.title), .value = !by_this ? "" : now.descending ? "descending" : "ascending", .flags = kPressable | (by_this ? kSelected : 0U)});
        ImGui::PopID();
        const ImU32 color = by_this || item.hovered ? ctx.theme.text : ctx.theme.muted;
        const float mark = by_this ? 16.0f : 0;
        const float y = at.y + (height - text_size::kSmall) / 2;
        const float width = std::min(text_width(ctx.fonts.ui, text_size::kSmall, column.title), column.width - mark);
        const float x = column.number ? at.x + column.width - width - mark : at.x;
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x, y), color, column.title, column.width - mark);
        if (by_this) draw_icon(list, now.descending ? Icon::arrow_down : Icon::arrow_up, ImVec2(x + width + 2, at.y + (height - 13) / 2), 13, color);
        if (item.pressed) {
            sort.descending = by_this && !now.descending;
            chosen = sort;
        }
    }
    ImGui::Dummy(ImVec2(0, height));
    if (chosen) resources.set_sort(*chosen);
}

std::string age_words(UiContext& ctx, const ResourceRow& row) { return ago(ctx, row.created_ms); }

std::string row_words(UiContext& ctx, const ResourceRow& row) {
    std::string words = row.status.word;
    if (!row.status.reason.empty()) words += ": " + row.status.reason;
    if (!row.ns.empty()) words += (words.empty() ? "" : ", ") + ("namespace " + row.ns);
    if (const std::string age = age_words(ctx, row); !age.empty()) words += (words.empty() ? "" : ", ") + age;
    return words;
}

void draw_status(UiContext& ctx, ImVec2 at, const ResourceStatus& status, float room) {
    if (status.word.empty()) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const bool bad = status.tone == StatusTone::bad;
    list->AddCircleFilled(ImVec2(at.x + 4, at.y + text_size::kUi / 2), 4, tone_color(ctx.theme, status.tone));
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(at.x + 14, at.y), bad ? ctx.theme.danger_text : ctx.theme.text, status.word, room - 14);
}

void choose(UiContext& ctx, const ResourceRow& row) {
    ctx.app.resources().select(row.key());
    ctx.app.resources().set_details_open(true);
}

void table_row(UiContext& ctx, const ResourceRow& row, bool selected, const std::vector<Column>& columns) {
    const Interaction item = list_row(ctx, row.uid.empty() ? row.key() : row.uid, {.name = row.name, .value = row_words(ctx, row), .description = "Show details", .selected = selected, .role = Role::row, .inset = 8});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float y = item.min.y + (item.max.y - item.min.y - text_size::kUi) / 2;
    for (const Column& column : columns) {
        const float x = item.min.x + column.x;
        switch (column.what) {
            case Column::What::name: draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(x, y), ctx.theme.text, row.name, column.width); break;
            case Column::What::ns: draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(x, y), ctx.theme.muted, row.ns, column.width); break;
            case Column::What::status: draw_status(ctx, ImVec2(x, y), row.status, column.width); break;
            case Column::What::age: draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(x, y), ctx.theme.muted, age_words(ctx, row), column.width); break;
            case Column::What::cell: {
                if (column.cell >= row.cells.size()) break;
                const std::string& cell = row.cells[column.cell];
                const float width = column.number ? std::min(text_width(ctx.fonts.ui, text_size::kUi, cell), column.width) : 0;
                draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(column.number ? x + column.width - width : x, y), ctx.theme.muted, cell, column.width);
                break;
            }
        }
    }
    if (!row.status.reason.empty()) tooltip(ctx, item, row.status.reason);
    if (item.pressed) choose(ctx, row);
}

void two_line_row(UiContext& ctx, const ResourceRow& row, bool selected) {
    const Interaction item = list_row(ctx, row.uid.empty() ? row.key() : row.uid, {.name = row.name, .value = row_words(ctx, row), .description = "Show details", .selected = selected, .height = kTwoLineRow, .role = Role::row, .inset = 8});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float room = item.max.x - item.min.x;
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(item.min.x, item.min.y + 5), ctx.theme.text, row.name, room * 0.62f);
    draw_status(ctx, ImVec2(item.min.x + room * 0.66f, item.min.y + 5), row.status, room * 0.34f);
    std::string second = row.ns;
    if (const std::string age = age_words(ctx, row); !age.empty()) second += (second.empty() ? "" : " · ") + age;
    if (!row.status.reason.empty() && row.status.tone != StatusTone::good) second += " · " + row.status.reason;
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(item.min.x, item.min.y + 29), ctx.theme.muted, second, room);
    if (item.pressed) choose(ctx, row);
}

void card(UiContext& ctx, const ResourceRow& row, bool selected, ImVec2 min, ImVec2 max) {
    const Interaction item = interact(ctx, id_of(row.uid.empty() ? row.key() : row.uid), min, max, {.role = Role::row, .name = row.name, .value = row_words(ctx, row), .description = "Show details", .flags = selected ? static_cast<std::uint32_t>(kSelected) : 0U});
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, item.hovered ? ctx.theme.hover : ctx.theme.raised, metrics::kRadius);
    list->AddRect(min, max, selected ? ctx.theme.accent : ctx.theme.border, metrics::kRadius, 0, selected ? 2.0f : 1.0f);
    const float room = max.x - min.x - 24;
    draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(min.x + 12, min.y + 8), ctx.theme.text, row.name, room);
    std::string second = row.ns;
    if (const std::string age = age_words(ctx, row); !age.empty()) second += (second.empty() ? "" : " · ") + age;
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 12, min.y + 31), ctx.theme.muted, second, room);
    draw_status(ctx, ImVec2(min.x + 12, min.y + 54), row.status, room);
    focus_ring(ctx, item);
    if (!row.status.reason.empty()) tooltip(ctx, item, row.status.reason);
    if (item.pressed) choose(ctx, row);
}

// Columns grow with what is on screen and never shrink, so that scrolling does not make them jump.
void measure_columns(UiContext& ctx, ResourcesViewState& view, std::size_t first, std::size_t last) {
    const model::Resources& resources = ctx.app.resources();
    const auto& columns = resources.state().columns;
    const std::string of = resources.state().cluster + resources.state().type;
    if (view.columns_of != of || view.widths.size() != columns.size()) {
        view.columns_of = of;
        view.widths.clear();
        for (const model::ResourceColumn& column : columns) view.widths.push_back(text_width(ctx.fonts.ui, text_size::kSmall, column.name) + 18);
    }
    for (std::size_t row = first; row < last; ++row) {
        const auto& cells = resources.rows().shown(row).cells;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].cell >= cells.size()) continue;
            view.widths[i] = std::max(view.widths[i], std::min(text_width(ctx.fonts.ui, text_size::kUi, cells[columns[i].cell]), kWidestColumn));
        }
    }
}

void rows_part(UiContext& ctx, ViewState& views, const Box& box, float side, bool narrow) {
    model::Resources& resources = ctx.app.resources();
    ResourcesViewState& view = views.resources;
    const model::ResourceRows& rows = resources.rows();
    const bool cards = ctx.app.browse().resources().view_mode == model::ResourceViewMode::cards && !narrow;
    const float room = box.width() - 2 * side - ImGui::GetStyle().ScrollbarSize;
    const std::size_t across = cards ? std::max<std::size_t>(1, static_cast<std::size_t>((room + 12) / (kCardWidth + 12))) : 1;
    const std::vector<Column> columns = columns_for(resources, view, room);
    float top = box.min.y;
    if (!cards && !narrow) {
        if (begin_region(ctx, "resource-header", ImVec2(box.min.x, top), ImVec2(box.max.x, top + row_height(ctx)), ctx.theme.background, ImVec2(side, 0))) header_row(ctx, columns);
        end_region(ctx);
        top += row_height(ctx);
        ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.min.x + side, top), ImVec2(box.max.x - side, top + 1), ctx.theme.border);
        top += 2;
    }
    const ResourceKind* kind = resources.kind();
    if (begin_region(ctx, "resource-rows", ImVec2(box.min.x, top), box.max, ctx.theme.background, ImVec2(side, cards ? 4.0f : 0.0f), true)) {
        const float line = cards ? kCardHeight + 12 : narrow ? kTwoLineRow : row_height(ctx);
        const std::size_t lines = (rows.shown_size() + across - 1) / across;
        const std::string selected = resources.state().selected;
        const float view_height = box.max.y - top;
        if (std::exchange(view.scroll_to_selected, false)) {
            if (const auto index = rows.index_of(selected)) {
                const float at = static_cast<float>(*index / across) * line;
                if (at < ImGui::GetScrollY()) ImGui::SetScrollY(at);
                else if (at + line > ImGui::GetScrollY() + view_height) ImGui::SetScrollY(at + line - view_height);
            }
        }
        const auto first_line = static_cast<std::size_t>(std::max(ImGui::GetScrollY(), 0.0f) / line);
        const std::size_t last_line = std::min(lines, first_line + static_cast<std::size_t>(view_height / line) + 2);
        const std::size_t first = std::min(first_line * across, rows.shown_size());
        const std::size_t last = std::min(last_line * across, rows.shown_size());
        resources.set_visible(first, last);
        measure_columns(ctx, view, first, last);
        view.rows_drawn = last - first;
        const ImVec2 origin = ImGui::GetCursorScreenPos();
        // These walk the list (register_resource_commands) and must not move ImGui's own focus as well.
        if (!ImGui::GetIO().WantTextInput && !ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup)) {
            for (const ImGuiKey key : {ImGuiKey_UpArrow, ImGuiKey_DownArrow, ImGuiKey_Home, ImGuiKey_End, ImGuiKey_PageUp, ImGuiKey_PageDown}) ImGui::SetKeyOwner(key, id_of("rows"));
        }
        begin_record_group(ctx, id_of("rows"), ImVec2(box.min.x, top), box.max, {.role = Role::grid, .name = kind ? plural_words(*kind) : std::string("Objects"), .value = base::grouped(rows.shown_size())});
        const float gap = ImGui::GetStyle().ItemSpacing.y;
        // The row that was pressed changes the selection only: the rows stay as they are while they are drawn.
        for (std::size_t i = first; i < last; ++i) {
            const ResourceRow& row = rows.shown(i);
            const bool is_selected = row.key() == selected;
            if (cards) {
                const float width = (room - static_cast<float>(across - 1) * 12) / static_cast<float>(across);
                const ImVec2 min(origin.x + static_cast<float>(i % across) * (width + 12), origin.y + static_cast<float>(i / across) * line);
                card(ctx, row, is_selected, min, ImVec2(min.x + width, min.y + kCardHeight));
                continue;
            }
            ImGui::SetCursorScreenPos(ImVec2(origin.x, origin.y + static_cast<float>(i) * line));
            if (narrow) two_line_row(ctx, row, is_selected);
            else table_row(ctx, row, is_selected, columns);
        }
        end_record_group(ctx);
        ImGui::SetCursorScreenPos(origin);
        ImGui::Dummy(ImVec2(1, std::max(static_cast<float>(lines) * line - gap, 1.0f)));
    }
    end_region(ctx);
}

bool has_filters(const model::ResourceFilters& filters) { return !filters.search.empty() || !filters.labels.empty() || filters.status == "problems"; }

// In place of the rows while there are none. False when there are.
bool state_part(UiContext& ctx, ViewState& views, const Box& box, float side) {
    model::Resources& resources = ctx.app.resources();
    const model::ResourcesState& state = resources.state();
    const bool ready = state.phase == model::LoadPhase::ready;
    const bool lost = ready && !state.live && resources.rows().size() == 0 && !state.error.message.empty() && state.labels_problem.empty();
    const bool failed = state.phase == model::LoadPhase::failed || lost;
    if (ready && (resources.rows().shown_size() > 0 || resources.rows().busy())) return false;
    if (begin_region(ctx, "resource-state", box.min, box.max, ctx.theme.background, ImVec2(side, 16), true)) {
        if (failed) {
            if (error_state(ctx, "resources-error", state.error)) resources.reload();
        } else if (!ready || (resources.rows().size() == 0 && !state.live && state.labels_problem.empty())) {
            skeleton(ctx, "resources-loading", 8);
        } else if (resources.rows().size() > 0 || has_filters(resources.filters())) {
            if (state_message(ctx, "resources-none", {.icon = Icon::search, .title = "Nothing fits the filter", .text = "Other objects of this kind are hidden by it.", .action = "Clear filter"})) {
                resources.set_search({});
                resources.set_labels({});
                resources.set_only_problems(false);
                resources.set_hide_system(false);
                views.resources.labels_of.clear();
                views.resources.labels.clear();
            }
        } else {
            const ResourceKind* kind = resources.kind();
            const std::string& ns = resources.filters().ns;
            const std::string what = kind ? plural_words(*kind) : std::string("objects");
            const bool within = kind && kind->namespaced && !ns.empty();
            if (state_message(ctx, "resources-empty", {.icon = Icon::box, .title = within ? "No " + what + " in " + ns : "No " + what + " yet", .text = "New ones appear here as soon as they are made.", .action = within ? "All namespaces" : ""}))
                resources.set_namespace({});
        }
    }
    end_region(ctx);
    return true;
}

void list_part(UiContext& ctx, ViewState& views, const Box& box, bool with_kind, bool narrow) {
    model::Resources& resources = ctx.app.resources();
    const float side = box.width() > 600 ? 24.0f : 12.0f;
    const model::ResourcesState& state = resources.state();
    float top = box.min.y;
    // The toolbar is as high as its fields make it.
    if (begin_region(ctx, "resource-toolbar", box.min, ImVec2(box.max.x, box.min.y + views.resources.toolbar_height), ctx.theme.background, ImVec2(side, 18))) {
        const float begin = ImGui::GetCursorScreenPos().y;
        toolbar_part(ctx, views, with_kind, narrow);
        const float height = std::ceil(ImGui::GetCursorScreenPos().y - begin) + 18 + 4;
        if (std::abs(height - views.resources.toolbar_height) > 0.5f) {
            views.resources.toolbar_height = height;
            ctx.wake_in(0);
        }
    }
    end_region(ctx);
    top += views.resources.toolbar_height;
    if (state.phase == model::LoadPhase::ready && !state.live && !state.error.message.empty() && resources.rows().size() > 0) {
        const float height = ctx.input.coarse_pointer ? metrics::kTouchTarget + 4 : 36.0f;
        if (begin_region(ctx, "resource-banner", ImVec2(box.min.x, top), ImVec2(box.max.x, top + height), ctx.theme.background)) {
            const std::string words = state.error.message + ". Shown is the state of " + ago(ctx, state.live_until_ms);
            if (banner(ctx, "resources-stale", BannerKind::warning, words, "Retry")) resources.reload();
        }
        end_region(ctx);
        top += height;
    }
    const Box rest{ImVec2(box.min.x, top), box.max};
    if (!state_part(ctx, views, rest, side)) rows_part(ctx, views, rest, side, narrow);
}

}  // namespace

void draw_resources(UiContext& ctx, ViewState& views, const Layout& layout) {
    model::Resources& resources = ctx.app.resources();
    const Box& box = layout.main;
    ctx.wake_in(ctx.app.clusters().seen());
    begin_record_group(ctx, id_of("resources"), box.min, box.max, {.role = Role::main, .name = "Resources"});
    const bool details = resources.state().details_open && !resources.state().selected.empty();
    if (layout.compact && details) {
        draw_resource_details(ctx, views, layout, box);
    } else {
        float left = box.min.x;
        float right = box.max.x;
        const bool kinds = box.width() >= kKindsFrom;
        ImDrawList* list = ImGui::GetWindowDrawList();
        if (kinds) {
            kinds_part(ctx, views, {box.min, ImVec2(left + kKindsWidth, box.max.y)});
            left += kKindsWidth;
        }
        if (details) right -= std::min(kDetailsWidth, (right - left) * 0.5f);
        list_part(ctx, views, {ImVec2(left, box.min.y), ImVec2(right, box.max.y)}, !kinds, layout.narrow);
        if (details) draw_resource_details(ctx, views, layout, {ImVec2(right, box.min.y), box.max});
        if (kinds) list->AddRectFilled(ImVec2(left, box.min.y), ImVec2(left + 1, box.max.y), ctx.theme.border);
        if (details) list->AddRectFilled(ImVec2(right, box.min.y), ImVec2(right + 1, box.max.y), ctx.theme.border);
    }
    end_record_group(ctx);
}

void register_resource_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers, Platform& platform) {
    const auto here = [&app] { return app.ui().rail == "resources" && app.session().phase == model::SessionPhase::signed_in; };
    const auto can = [&app, here](ResourceAction action) { return [&app, here, action] { return here() && app.resources().can(action); }; };
    const auto dialog = [&layers](const char* id) { return [&layers, id] { layers.to_open.emplace_back(id); }; };
    // By so many rows; the first one when nothing is selected.
    const auto move = [&app, &views](std::int64_t by) {
        return [&app, &views, by] {
            model::Resources& resources = app.resources();
            const auto size = static_cast<std::int64_t>(resources.rows().shown_size());
            if (size == 0) return;
            const auto at = resources.rows().index_of(resources.state().selected);
            resources.select_index(static_cast<std::size_t>(at ? std::clamp<std::int64_t>(static_cast<std::int64_t>(*at) + by, 0, size - 1) : 0));
            views.resources.scroll_to_selected = true;
        };
    };
    const auto end = [&app, &views](bool last) {
        return [&app, &views, last] {
            model::Resources& resources = app.resources();
            if (resources.rows().shown_size() > 0) resources.select_index(last ? resources.rows().shown_size() - 1 : 0);
            views.resources.scroll_to_selected = true;
        };
    };
    const char* group = "Resources";
    commands.add({.id = "resources.next", .title = "Next object", .group = group, .keys = {"J", "ArrowDown"}, .enabled = here, .run = move(1), .in_palette = false, .repeats = true});
    commands.add({.id = "resources.previous", .title = "Previous object", .group = group, .keys = {"K", "ArrowUp"}, .enabled = here, .run = move(-1), .in_palette = false, .repeats = true});
    commands.add({.id = "resources.page_down", .title = "A page of objects down", .group = group, .keys = {"PageDown"}, .enabled = here, .run = move(20), .in_palette = false, .repeats = true});
    commands.add({.id = "resources.page_up", .title = "A page of objects up", .group = group, .keys = {"PageUp"}, .enabled = here, .run = move(-20), .in_palette = false, .repeats = true});
    commands.add({.id = "resources.first", .title = "First object", .group = group, .keys = {"G G", "Home"}, .enabled = here, .run = end(false), .in_palette = false});
    commands.add({.id = "resources.last", .title = "Last object", .group = group, .keys = {"Shift+G", "End"}, .enabled = here, .run = end(true), .in_palette = false});
    commands.add({.id = "resources.open", .title = "Show the object's details", .group = group, .keys = {"Enter"}, .enabled = [&app, here] { return here() && !app.resources().state().selected.empty() && !app.resources().state().details_open; },
                  .run = [&app] { app.resources().set_details_open(true); },
                  .keys_active = [] { return !ImGui::GetIO().NavVisible; }});  // else Enter is the focused control's
    commands.add({.id = "resources.close", .title = "Close the object's details", .group = group, .keys = {"Escape"}, .enabled = [&app, here] { return here() && app.resources().state().details_open; },
                  .run = [&app] { app.resources().set_details_open(false); }});
    commands.add({.id = "resources.search", .title = "Filter the objects", .group = group, .keys = {"/"}, .enabled = here, .run = [&views] { views.resources.focus_search = true; }});
    commands.add({.id = "resources.reload", .title = "Read kinds and objects again", .group = group, .keys = {"R"}, .enabled = here, .run = [&app] { app.resources().reload(); }});
    commands.add({.id = "resources.restart", .title = "Restart the selected workload…", .group = group, .enabled = can(ResourceAction::restart), .run = dialog("restart-resource")});
    commands.add({.id = "resources.scale", .title = "Scale the selected workload…", .group = group, .enabled = can(ResourceAction::scale), .run = dialog("scale-resource")});
    commands.add({.id = "resources.delete", .title = "Delete the selected object…", .group = group, .keys = {"Delete"}, .enabled = can(ResourceAction::remove), .run = dialog("delete-resource")});
    commands.add({.id = "resources.copy_yaml", .title = "Copy the object's YAML", .group = group, .enabled = [&app, here] { return here() && app.resources().object() != nullptr; },
                  .run = [&app, &platform] {
                      platform.copy_text(app.resources().yaml_text());
                      app.show_toast(model::ToastKind::info, "YAML copied", "");
                  }});
    commands.add({.id = "go.resources", .title = "Go to resources", .group = "Go to", .keys = {"G R"}, .enabled = [&app] { return app.session().phase == model::SessionPhase::signed_in; }, .run = [&app] { app.set_rail("resources"); }});
}

}  // namespace ui
