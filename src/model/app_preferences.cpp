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
                            {"toastSeconds", s.toast_seconds}, {"toastErrorSeconds", s.toast_error_seconds}, {"eventToasts", s.event_toasts}};
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

state::PersistSchema<CanvasMemory> canvas_schema() {
    return {.key = "binnacle-canvas",
            .version = 1,
            .to_json = [](const CanvasMemory& s) {
                Json entries = Json::array();
                for (const auto& entry : s.entries) {
                    Json out{{"workflowId", entry.workflow_id}, {"selectedNodes", entry.selected_nodes}};
                    if (entry.viewport) out["viewport"] = Json{{"x", entry.viewport->x}, {"y", entry.viewport->y}, {"zoom", entry.viewport->zoom}};
                    entries.push_back(std::move(out));
                }
                return Json{{"workflows", std::move(entries)}};
            },
            .from_json = [](const Json& json, CanvasMemory current) {
                wire::JsonErrors errors;
                for (const wire::JsonReader item : wire::JsonReader(json, errors).array_or_empty("workflows")) {
                    CanvasMemory::Entry entry;
                    entry.workflow_id = item.string_or("workflowId", "");
                    for (std::string& id : item.string_list("selectedNodes")) entry.selected_nodes.insert(std::move(id));
                    if (const auto view = item.optional_object("viewport")) {
                        const Viewport viewport{static_cast<float>(view.number_or("x", 0)), static_cast<float>(view.number_or("y", 0)),
                                                static_cast<float>(view.number_or("zoom", 1))};
                        if (std::isfinite(viewport.x) && std::isfinite(viewport.y) && viewport.zoom >= 0.02F && viewport.zoom <= 4) entry.viewport = viewport;
                    }
                    if (!entry.workflow_id.empty() && current.entries.size() < CanvasMemory::kRemembered) current.entries.push_back(std::move(entry));
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
        memory.entries.push_back({now.workflow_id, now.viewport, now.selected_nodes});
        if (memory.entries.size() > CanvasMemory::kRemembered) memory.entries.erase(memory.entries.begin());
    });
}

void App::Impl::recall_canvas(const std::string& workflow_id) {
    const auto& entries = canvas_memory.get().entries;
    const auto known = std::find_if(entries.begin(), entries.end(), [&](const CanvasMemory::Entry& e) { return e.workflow_id == workflow_id; });
    canvas.update([&](CanvasState& s) {
        s = CanvasState{};
        s.workflow_id = workflow_id;
        if (known == entries.end()) return;
        s.viewport = known->viewport;
        for (const auto& id : known->selected_nodes) {
            if (graph.find_node(id) != kNoIndex) s.selected_nodes.insert(id);
        }
    });
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
    alerts.clear();
    live_resource.clear();
    panels.set(PanelState{});
    canvas_memory.set(CanvasMemory{});
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
