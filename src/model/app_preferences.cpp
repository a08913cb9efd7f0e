// What survives a reload, and in which shape. One key per store; shapes are versioned here.
#include <algorithm>
#include <array>
#include <cmath>

#include "model/app_impl.hpp"

namespace model {

namespace {

constexpr std::int64_t kRememberMs = 400;

constexpr std::array<std::pair<ThemeChoice, std::string_view>, 3> kThemes{{
    {ThemeChoice::system, "system"}, {ThemeChoice::dark, "dark"}, {ThemeChoice::light, "light"}}};

std::string_view theme_word(ThemeChoice choice) {
    for (const auto& [value, word] : kThemes) {
        if (value == choice) return word;
    }
    return "system";
}

bool is_our_key(std::string_view key) { return key.starts_with("binnacle-") || key.starts_with("auth-storage"); }

// Where this tab was. Other tabs are elsewhere and stay there; the next visit begins where the last one ended.
state::PersistSchema<UiState> view_schema() {
    return {.key = "binnacle-view",
            .version = 1,
            .to_json = [](const UiState& s) {
                return Json{{"rail", s.rail}, {"dockTab", s.dock_tab}, {"dockOpen", s.dock_open}, {"inspectorOpen", s.inspector_open},
                            {"lastWorkflowId", s.last_workflow_id}, {"developer", s.developer}};
            },
            .from_json = [](const Json& json, UiState current) {
                wire::JsonErrors errors;
                const wire::JsonReader reader(json, errors);
                current.rail = reader.string_or("rail", current.rail);
                current.dock_tab = reader.string_or("dockTab", current.dock_tab);
                current.dock_open = reader.boolean_or("dockOpen", current.dock_open);
                current.inspector_open = reader.boolean_or("inspectorOpen", current.inspector_open);
                current.last_workflow_id = reader.string_or("lastWorkflowId", current.last_workflow_id);
                current.developer = reader.boolean_or("developer", current.developer);
                return current;
            },
            .migrations = {}};
}

// How it looks, the same in all tabs.
state::PersistSchema<UiState> ui_schema(std::string key) {
    return {.key = std::move(key),
            .version = 1,
            .to_json = [](const UiState& s) {
                return Json{{"theme", theme_word(s.theme)}, {"density", s.density == Density::compact ? "compact" : "comfortable"}, {"fontPercent", s.font_percent},
                            {"sidebarOpen", s.sidebar_open}, {"sidebarCollapsed", s.sidebar_collapsed},
                            {"toastSeconds", s.toast_seconds}, {"toastErrorSeconds", s.toast_error_seconds}, {"eventToasts", s.event_toasts},
                            {"canvas", {{"snap", s.canvas.snap}, {"dragSelects", s.canvas.drag_selects}, {"marqueeEncloses", s.canvas.marquee_encloses},
                                        {"wheelZooms", s.canvas.wheel_zooms}}}};
            },
            .from_json = [](const Json& json, UiState current) {
                wire::JsonErrors errors;
                const wire::JsonReader reader(json, errors);
                const std::string theme = reader.string_or("theme", "system");
                for (const auto& [value, word] : kThemes) {
                    if (word == theme) current.theme = value;
                }
                current.density = reader.string_or("density", "") == "compact" ? Density::compact : Density::comfortable;
                current.font_percent = static_cast<int>(reader.integer_or("fontPercent", 100, {.min = UiState::kMinFontPercent, .max = UiState::kMaxFontPercent}));
                current.sidebar_open = reader.boolean_or("sidebarOpen", current.sidebar_open);
                current.sidebar_collapsed = reader.boolean_or("sidebarCollapsed", current.sidebar_collapsed);
                current.toast_seconds = static_cast<int>(reader.integer_or("toastSeconds", current.toast_seconds, {.min = 0, .max = UiState::kMaxToastSeconds}));
                current.toast_error_seconds = static_cast<int>(reader.integer_or("toastErrorSeconds", current.toast_error_seconds, {.min = 0, .max = UiState::kMaxToastSeconds}));
                current.event_toasts = reader.boolean_or("eventToasts", current.event_toasts);
                if (const auto canvas = reader.optional_object("canvas")) {
                    current.canvas.snap = canvas.boolean_or("snap", current.canvas.snap);
                    current.canvas.drag_selects = canvas.boolean_or("dragSelects", current.canvas.drag_selects);
                    current.canvas.marquee_encloses = canvas.boolean_or("marqueeEncloses", current.canvas.marquee_encloses);
                    current.canvas.wheel_zooms = canvas.boolean_or("wheelZooms", current.canvas.wheel_zooms);
                }
                return current;
            },
            .migrations = {}};
}

state::PersistSchema<PanelState> panels_schema() {
    return {.key = "binnacle-panels",
            .version = 1,
            .to_json = [](const PanelState& s) {
                return Json{{"widths", {{"inspector", s.inspector_width}}}, {"heights", {{"dock", s.dock_height}}}};
            },
            .from_json = [](const Json& json, PanelState current) {
                wire::JsonErrors errors;
                const wire::JsonReader reader(json, errors);
                const auto size = [](const wire::JsonReader& group, std::string_view key, float fallback) {
                    if (!group) return fallback;
                    const double value = group.number_or(key, fallback);
                    return std::isfinite(value) ? static_cast<float>(std::clamp(value, 80.0, 4000.0)) : fallback;
                };
                current.inspector_width = size(reader.optional_object("widths"), "inspector", current.inspector_width);
                current.dock_height = size(reader.optional_object("heights"), "dock", current.dock_height);
                return current;
            },
            .migrations = {}};
}

Json viewport_to_json(const Viewport& view) { return Json{{"x", view.x}, {"y", view.y}, {"zoom", view.zoom}}; }

// None when it is not there, or is nothing that can be shown.
std::optional<Viewport> viewport_from_json(const wire::JsonReader& view) {
    if (!view) return std::nullopt;
    const Viewport viewport{static_cast<float>(view.number_or("x", 0)), static_cast<float>(view.number_or("y", 0)), static_cast<float>(view.number_or("zoom", 1))};
    const bool shows = std::isfinite(viewport.x) && std::isfinite(viewport.y) && viewport.zoom >= 0.02F && viewport.zoom <= 4;
    return shows ? std::optional(viewport) : std::nullopt;
}

state::PersistSchema<CanvasMemory> canvas_schema() {
    return {.key = "binnacle-canvas",
            .version = 1,
            .to_json = [](const CanvasMemory& s) {
                Json entries = Json::array();
                for (const auto& entry : s.entries) {
                    Json out{{"workflowId", entry.workflow_id}, {"selectedNodes", entry.selected_nodes}};
                    if (entry.viewport) out["viewport"] = viewport_to_json(*entry.viewport);
                    if (entry.locked) out["locked"] = true;
                    for (const auto& [number, view] : entry.bookmarks) out["bookmarks"][std::to_string(number)] = viewport_to_json(view);
                    entries.push_back(std::move(out));
                }
                return Json{{"workflows", std::move(entries)}, {"edgeStyle", edge_style_word(s.edge_style)}};
            },
            .from_json = [](const Json& json, CanvasMemory current) {
                wire::JsonErrors errors;
                const wire::JsonReader reader(json, errors);
                current.edge_style = edge_style_from_word(reader.string_or("edgeStyle", ""));
                for (const wire::JsonReader item : reader.array_or_empty("workflows")) {
                    CanvasMemory::Entry entry;
                    entry.workflow_id = item.string_or("workflowId", "");
                    for (std::string& id : item.string_list("selectedNodes")) entry.selected_nodes.insert(std::move(id));
                    entry.viewport = viewport_from_json(item.optional_object("viewport"));
                    entry.locked = item.boolean_or("locked", false);
                    const auto bookmarks = item.optional_object("bookmarks");
                    for (int number = 1; bookmarks && number <= CanvasState::kMaxBookmarks; ++number) {
                        if (const auto view = viewport_from_json(bookmarks.optional_object(std::to_string(number)))) entry.bookmarks[number] = *view;
                    }
                    if (!entry.workflow_id.empty() && current.entries.size() < CanvasMemory::kRemembered + CanvasMemory::kBookmarked) current.entries.push_back(std::move(entry));
                }
                return current;
            },
            .migrations = {}};
}

// By workflow, so that tabs with different workflows do not write over each other's.
state::PersistSchema<Drafts> drafts_schema() {
    return {.key = "binnacle-draft",
            .version = 2,
            .to_json = [](const Drafts& drafts) {
                Json out = Json::object();
                for (const Draft& d : drafts.entries) out[d.workflow_id] = Json{{"etag", d.etag}, {"name", d.name}, {"nodes", d.nodes}, {"edges", d.edges}};
                return out;
            },
            .from_json = [](const Json& json, Drafts) {
                Drafts drafts;
                if (!json.is_object()) return drafts;
                for (auto it = json.begin(); it != json.end() && drafts.entries.size() < Drafts::kMax; ++it) {
                    wire::JsonErrors errors;
                    const wire::JsonReader reader(*it, errors);
                    const Json* nodes = reader.raw("nodes");
                    const Json* edges = reader.raw("edges");
                    if (!nodes || !edges) continue;
                    Draft draft{it.key(), reader.string_or("etag", ""), reader.string_or("name", ""), *nodes, *edges};
                    if (errors.empty()) drafts.entries.push_back(std::move(draft));
                }
                return drafts;
            },
            .migrations = {{1, [](Json old) -> base::Result<Json> {
                                // One draft with its workflow's id inside.
                                Json out = Json::object();
                                const auto id = old.is_object() ? old.find("workflowId") : old.end();
                                if (!old.is_object() || id == old.end() || !id->is_string()) return out;
                                const std::string key = id->get_ref<const std::string&>();
                                old.erase(id);
                                if (!key.empty()) out[key] = std::move(old);
                                return out;
                            }}}};
}

}  // namespace

void App::Impl::bind_storage() {
    persist.bind(ui, ui_schema(std::string(kLookKey)));
    persist.bind(ui, view_schema());
    persist.bind(panels, panels_schema());
    persist.bind(canvas_memory, canvas_schema());
    persist.bind(drafts, drafts_schema());
}

void App::Impl::storage_notice(const state::PersistNotice& notice) {
    // Hydration runs in the constructor, before anybody can see a toast: say it when the loop runs.
    ports.scheduler.post([guard = self, message = notice.message] {
        if (Impl* impl = *guard) impl->toast(ToastKind::warning, "Settings are not stored", message);
    });
}

void App::Impl::remember_canvas_soon() {
    if (!remember_timer.pending()) {
        remember_timer = ports.scheduler.after(kRememberMs, [this] {
            remember_canvas();
            changed(kTopicChrome);  // a frame writes it
        });
    }
}

void App::Impl::remember_canvas() {
    remember_timer.cancel();
    const CanvasState& now = canvas.get();
    if (now.workflow_id.empty() || bench) return;
    canvas_memory.update([&](CanvasMemory& memory) {
        std::erase_if(memory.entries, [&](const CanvasMemory::Entry& e) { return e.workflow_id == now.workflow_id; });
        memory.entries.push_back({now.workflow_id, now.viewport, now.selected_nodes, now.locked, now.bookmarks});
        // A bookmark was made by hand: it stays longer than a view.
        const auto keep = [&](bool bookmarked, std::size_t most) {
            const auto of_these = [&](const CanvasMemory::Entry& e) { return !e.bookmarks.empty() == bookmarked; };
            auto count = static_cast<std::size_t>(std::count_if(memory.entries.begin(), memory.entries.end(), of_these));
            for (; count > most; --count) memory.entries.erase(std::find_if(memory.entries.begin(), memory.entries.end(), of_these));
        };
        keep(false, CanvasMemory::kRemembered);
        keep(true, CanvasMemory::kBookmarked);
    });
}

void App::Impl::recall_canvas(const std::string& workflow_id) {
    const auto& entries = canvas_memory.get().entries;
    const auto known = std::find_if(entries.begin(), entries.end(), [&](const CanvasMemory::Entry& e) { return e.workflow_id == workflow_id; });
    canvas.update([&](CanvasState& s) {
        s = CanvasState{};
        s.workflow_id = workflow_id;
        s.edge_style = canvas_memory.get().edge_style;
        if (known == entries.end()) return;
        s.viewport = known->viewport;
        s.locked = known->locked;
        s.bookmarks = known->bookmarks;
        for (const auto& id : known->selected_nodes) {
            if (graph.find_node(id) != kNoIndex) s.selected_nodes.insert(id);
        }
    });
}

void App::Impl::set_edge_style(EdgeStyle style) {
    canvas.update([&](CanvasState& s) { s.edge_style = style; });
    canvas_memory.update([&](CanvasMemory& memory) { memory.edge_style = style; });
    changed(kTopicCanvas | kTopicChrome);
}

std::vector<std::pair<std::string, std::size_t>> App::Impl::storage_use() const {
    std::vector<std::pair<std::string, std::size_t>> use;
    const auto keys = ports.storage.keys();
    if (!keys) return use;
    for (const std::string& key : *keys) {
        if (!is_our_key(key)) continue;
        const auto value = ports.storage.get(key);
        if (value && *value) use.emplace_back(key, key.size() + (*value)->size());
    }
    std::sort(use.begin(), use.end(), [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    return use;
}

void App::Impl::clear_local_data() {
    for (const auto& [key, bytes] : storage_use()) persist.erase(key);
    event_feed.clear_event_state();
    storage_closed = true;
}

// Nothing of one user is shown to the next one on a shared machine. How it looks (theme, density, text size) stays: that is the machine's.
void App::Impl::clear_personal_state(bool keep_draft) {
    notifications.clear_notification_state();
    event_feed.clear_event_state();
    event_toasts.clear();
    browse.clear_resources_state();
    resources.clear();
    browse.clear_sidebar_state();
    registries.clear();
    plugins.clear();
    builds.clear();
    forget_history();
    imports.clear();
    exports.clear();
    alerts.clear();
    live_resource.clear();
    panels.set(PanelState{});
    canvas_memory.set(CanvasMemory{.entries = {}, .edge_style = canvas_memory.get().edge_style});
    if (!keep_draft) drafts.set(Drafts{});
    ui.update([&](UiState& s) {
        UiState fresh;
        fresh.theme = s.theme;
        fresh.density = s.density;
        fresh.font_percent = s.font_percent;
        fresh.sidebar_open = s.sidebar_open;
        fresh.sidebar_collapsed = s.sidebar_collapsed;
        fresh.toast_seconds = s.toast_seconds;
        fresh.toast_error_seconds = s.toast_error_seconds;
        fresh.event_toasts = s.event_toasts;
        fresh.canvas = s.canvas;
        s = std::move(fresh);
        if (keep_draft && !drafts.get().entries.empty()) s.last_workflow_id = drafts.get().entries.back().workflow_id;
    });
    toasts.set({});
    workflow.set(WorkflowState{});
    node_types.clear();
    queries.clear();
    for (const auto& hook : leave_hooks) hook();
    clusters.clear();
    persist.flush();
}

}  // namespace model
