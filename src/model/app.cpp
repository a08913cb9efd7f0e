#include "model/app.hpp"

#include <algorithm>

#include "model/app_impl.hpp"
#include "model/query_keys.hpp"

namespace model {

namespace {

constexpr std::int64_t kSeenAgainMs = 5'000;  // what was not seen has that long at least
constexpr std::int64_t kOwnRunMs = 10'000;
constexpr std::size_t kMaxToasts = 4;

ToastKind kind_of(EventLevel level) {
    switch (level) {
        case EventLevel::info: break;
        case EventLevel::success: return ToastKind::success;
        case EventLevel::warning: return ToastKind::warning;
        case EventLevel::danger: return ToastKind::danger;
    }
    return ToastKind::info;
}

}  // namespace

App::Impl::Impl(AppPorts app_ports, AppOptions app_options)
    : ports(app_ports), options(std::move(app_options)), self(std::make_shared<Impl*>(this)),
      tabs(ports.channel, options.storage_suffix),
      trace(ports.scheduler.clock()), persist(ports.storage, {.on_notice = [this](const state::PersistNotice& notice) { storage_notice(notice); }, .on_dirty = {}}),
      // One session per backend: signing in to another one must not hand it this one's token.
      auth({.storage = ports.storage, .scheduler = ports.scheduler, .random = ports.random, .tabs = &tabs,
            .on_notice = [this](const state::PersistNotice& notice) { storage_notice(notice); }},
           options.storage_suffix.empty() ? "auth-storage" : "auth-storage-" + options.storage_suffix),
      api(ports.api, ports.scheduler, options.api_prefix, *this), link(ports.api, ports.scheduler, ports.random, link_options()),
      mux(ports.api, ports.scheduler, link, options.stream_budget), watches(ports.api, ports.scheduler, ports.random, link), queries(ports.scheduler),
      live(mux, ports.scheduler, ports.random),
      context{.api = api, .queries = queries, .scheduler = ports.scheduler, .random = ports.random, .persist = persist, .streams = live, .changed = [this](TopicSet topics) { changed(topics); },
              .toast = [this](ToastKind kind, std::string title, std::string text) { toast(kind, std::move(title), std::move(text)); }},
      log_stream(live, [this](const std::string& path) { return context.stream(net::StreamKind::pod_log, path); },
                 {.on_change = [this] { on_log_change(); }, .on_phase = [this] { changed(kTopicLogs | kTopicChrome); }, .on_complete = [this] { on_log_complete(); }}),
      clusters(context), notifications(context),
      event_feed({.context = context, .tabs = tabs, .archive = ports.event_archive, .source = event_feed_source(options.backend_kind)}),
      event_toasts({.scheduler = ports.scheduler, .locks = ports.locks, .tabs = tabs,
                    .lock_name = "binnacle-toasts-" + (options.storage_suffix.empty() ? "gateway" : options.storage_suffix),
                    .show = [this](const EventToast& toast) { event_toast(toast); }}),
      registries(context), plugins(context, [this] { read_node_types(); }), builds(context),
      imports(context, {.insert = [this](const Json& nodes, const Json& edges) { return insert_import(nodes, edges); }, .open_workflow = [this](const std::string& id) { open_workflow(id); }}),
      exports(context, document), alerts(context), live_resource(context),
      browse(context) {
    session.update([&](SessionState& s) { s.backend_label = options.backend_label; });
    bind_storage();
    watch_stores();
    keys::register_defaults(queries);
    online_watch = connection.subscribe([](const ConnectionState& s) { return s.online; }, [this](bool online, bool) { queries.set_online(online); });
    page_watch = ui.subscribe([](const UiState& s) { return s.rail; }, [this](const std::string& rail, const std::string&) {
        resources.set_open(rail == "resources" && session.get().phase == SessionPhase::signed_in);
    });
    auth.on_event([this](SessionEvent event) { on_session_event(event); });
    hear_tabs();
    link.on_change([this] { on_link_change(); });
    api.on_reachable([this](bool reached) { backend_reachable(reached); });
    event_toasts.set_visible(visible);
    event_feed.on_fresh([this](const FeedEventPtr& event) {
        event_toasts.set_enabled(ui.get().event_toasts);
        if (!said_already(*event)) event_toasts.consider(*event);
    });
}

App::Impl::~Impl() { *self = nullptr; }

void App::Impl::changed(TopicSet topics) {
    pending_topics |= topics;
    if (change_posted || !change_callback) return;
    change_posted = true;
    ports.scheduler.post([guard = self] {
        Impl* impl = *guard;
        if (!impl) return;
        impl->change_posted = false;
        const TopicSet due = std::exchange(impl->pending_topics, 0);
        if (impl->change_callback) impl->change_callback(due);
    });
}

// A session that is over gets no answers, though its calls were dropped: another tab may have ended it just now.
void App::Impl::call(net::ApiRequest request, std::function<void(base::Result<net::ApiReply>)> done) {
    const std::uint64_t id = next_call++;
    auth.sync();
    calls[id] = api.call(std::move(request), [this, id, epoch = auth.get().epoch, done = std::move(done)](base::Result<net::ApiReply> reply) {
        const auto node = calls.extract(id);  // keeps the handle until the callback is over
        if (epoch != auth.get().epoch) return late_answer();
        done(std::move(reply));
    });
}

void App::Impl::call_in(const std::string& slot, net::ApiRequest request, std::function<void(base::Result<net::ApiReply>)> done) {
    auth.sync();
    slots[slot] = api.call(std::move(request), [this, slot, epoch = auth.get().epoch, done = std::move(done)](base::Result<net::ApiReply> reply) {
        const auto node = slots.extract(slot);
        if (epoch != auth.get().epoch) return late_answer();
        done(std::move(reply));
    });
}

void App::Impl::drop_calls() {
    calls.clear();
    slots.clear();
}

void App::Impl::toast(ToastKind kind, std::string title, std::string text, std::string node_id, std::int64_t life_ms) {
    show_toast({.kind = kind, .title = std::move(title), .text = std::move(text), .node_id = std::move(node_id), .expires_at_ms = life_ms});
}

// `expires_at_ms` as it comes: the time to live, 0 for the usual one.
void App::Impl::show_toast(Toast toast) {
    const int seconds = toast.kind == ToastKind::danger ? ui.get().toast_error_seconds : ui.get().toast_seconds;
    const std::int64_t life_ms = toast.expires_at_ms > 0 ? toast.expires_at_ms : std::int64_t{seconds} * 1'000;
    toast.expires_at_ms = life_ms > 0 ? ports.scheduler.clock().monotonic_ms() + life_ms : Toast::kNever;
    toast.id = next_toast++;
    toasts.update([&](std::vector<Toast>& list) {
        // The same thing said again renews the one that is shown.
        std::erase_if(list, [&](const Toast& t) { return (t.title == toast.title && t.text == toast.text) || (t.group && toast.group); });
        list.push_back(std::move(toast));
        if (list.size() > kMaxToasts) list.erase(list.begin());
    });
    expire_toasts();
    changed(kTopicToasts);
}

void App::Impl::event_toast(const EventToast& event) {
    Toast toast{.kind = kind_of(event.level), .title = event.title, .text = event.text, .node_id = {}, .link = event.link, .about = event.about, .group = event.grouped > 0};
    if (!event.workload_id.empty() && event.project_id == workflow.get().id && graph.find_node(event.workload_id) != kNoIndex) toast.node_id = event.workload_id;
    show_toast(std::move(toast));
}

// Who presses Run gets the answer of the run itself.
bool App::Impl::said_already(const FeedEvent& event) const {
    if (event.about != EventAbout::project && event.about != EventAbout::error) return false;
    if (event.project_id.empty() || event.project_id != workflow.get().id) return false;
    return workflow.get().run != RunPhase::idle || (run_answered_ms >= 0 && ports.scheduler.clock().monotonic_ms() - run_answered_ms < kOwnRunMs);
}

void App::Impl::expire_toasts() {
    toast_timer.cancel();
    if (toasts_paused || !visible || toasts.get().empty()) return;
    const std::int64_t now_ms = ports.scheduler.clock().monotonic_ms();
    const auto expired = [&](const Toast& t) { return t.expires_at_ms <= now_ms; };
    if (std::any_of(toasts.get().begin(), toasts.get().end(), expired)) {
        toasts.update([&](std::vector<Toast>& list) { std::erase_if(list, expired); });
        changed(kTopicToasts);
    }
    if (toasts.get().empty()) return;
    std::int64_t next_ms = toasts.get().front().expires_at_ms;
    for (const Toast& t : toasts.get()) next_ms = std::min(next_ms, t.expires_at_ms);
    if (next_ms == Toast::kNever) return;
    toast_timer = ports.scheduler.after(next_ms - now_ms, [this] { expire_toasts(); });
}

App::App(AppPorts ports, AppOptions options) : impl_(std::make_unique<Impl>(ports, std::move(options))) {}
App::~App() = default;

void App::start() { impl_->start(); }
void App::on_change(base::UniqueFunction<void(TopicSet)> callback) { impl_->change_callback = std::move(callback); }
void App::flush_storage(bool leaving) {
    if (impl_->storage_closed) return;
    if (leaving) {
        impl_->write_draft();
        impl_->remember_canvas();
        impl_->autosave.flush();
        impl_->event_feed.flush();
    }
    impl_->persist.flush();
}
void App::wake() {
    impl_->session_wake();
    impl_->wake();
}
void App::page_shown() { wake(); }
void App::storage_changed(std::string_view key) {
    if (key.empty() || key == impl_->auth.key()) impl_->auth.sync();
    if (key == Impl::kLookKey) {
        impl_->persist.reload(key);
        impl_->changed(~0U);
    }
}
void App::on_leave(std::function<void()> clear) { impl_->leave_hooks.push_back(std::move(clear)); }

void App::set_visible(bool visible) {
    if (impl_->visible == visible) return;
    impl_->visible = visible;
    impl_->queries.set_focused(visible);
    impl_->link.set_visible(visible);
    impl_->event_toasts.set_visible(visible);
    if (visible) {
        impl_->session_wake();
        // What was not seen has not expired.
        const std::int64_t soon_ms = impl_->ports.scheduler.clock().monotonic_ms() + kSeenAgainMs;
        impl_->toasts.update([&](std::vector<Toast>& list) {
            for (Toast& t : list) t.expires_at_ms = std::max(t.expires_at_ms, soon_ms);
        });
    }
    // A hidden tab may have been frozen, and what others posted then was lost.
    const std::int64_t now_ms = impl_->now().monotonic_ms;
    if (!visible) impl_->hidden_since_ms = now_ms;
    else if (impl_->hidden_since_ms >= 0 && now_ms - impl_->hidden_since_ms >= 1'000) impl_->read_again(true);
    impl_->expire_toasts();
}

const AuthState& App::auth() const { return impl_->auth.get(); }
const SessionState& App::session() const { return impl_->session.get(); }
const ProfileState& App::profile() const { return impl_->profile.get(); }
const UiState& App::ui() const { return impl_->ui.get(); }
const PanelState& App::panels() const { return impl_->panels.get(); }
const CanvasState& App::canvas() const { return impl_->canvas.get(); }
const WorkflowState& App::workflow() const { return impl_->workflow.get(); }
const ConnectionState& App::connection() const { return impl_->connection.get(); }
const PodsState& App::pods() const { return impl_->pods.get(); }
const LogPanelState& App::log_panel() const { return impl_->log_panel.get(); }
const LogBuffer& App::log() const { return impl_->log_stream.lines(); }
const EventsState& App::events() const { return impl_->events.get(); }
const std::vector<Toast>& App::toasts() const { return impl_->toasts.get(); }
const std::vector<Problem>& App::problems() const { return impl_->problems.get(); }
const std::vector<NodeType>& App::node_types() const { return impl_->node_types; }
const Graph& App::graph() const { return impl_->graph; }
const ConflictState& App::conflict() const { return impl_->conflict.get(); }
const ExecutionState& App::execution() const { return impl_->execution.state(); }
const base::RingBuffer<ExecutionLog>& App::execution_logs() const { return impl_->execution.logs(); }
bool App::has_unsaved() const { return !impl_->bench && impl_->autosave.has_unsaved(); }
std::vector<StreamView> App::streams() const { return impl_->streams(); }
StreamView App::log_stream() const { return impl_->log_view(); }
Json App::watch_status() const { return impl_->watches.status(); }

const NodeType* App::node_type(std::string_view type) const {
    for (const NodeType& t : impl_->node_types) {
        if (t.type == type) return &t;
    }
    return nullptr;
}

std::vector<std::pair<std::string, std::uint64_t>> App::store_versions() const {
    return {{"auth", impl_->auth.version()},         {"session", impl_->session.version()}, {"ui", impl_->ui.version()},
            {"panels", impl_->panels.version()},     {"canvas", impl_->canvas.version()},   {"workflow", impl_->workflow.version()},
            {"connection", impl_->connection.version()}, {"pods", impl_->pods.version()},   {"log", impl_->log_stream.lines().version()},
            {"logPanel", impl_->log_panel.version()}, {"events", impl_->events.version()},  {"toasts", impl_->toasts.version()},
            {"problems", impl_->problems.version()}, {"graph", impl_->graph.document_version()},
            {"status", impl_->graph.status_version()}, {"clusters", impl_->clusters.version()},
            {"notifications", impl_->notifications.version()}, {"activity", impl_->event_feed.version()}, {"registries", impl_->registries.version()},
            {"plugins", impl_->plugins.version()}, {"builds", impl_->builds.version()}, {"imports", impl_->imports.version()}, {"alerts", impl_->alerts.version()}};
}

Notifications& App::notifications() { return impl_->notifications; }
EventFeed& App::event_feed() { return impl_->event_feed; }
const EventFeed& App::event_feed() const { return impl_->event_feed; }
Registries& App::registries() { return impl_->registries; }
Plugins& App::plugins() { return impl_->plugins; }
Resources& App::resources() { return impl_->resources; }
Versions& App::versions() { return impl_->versions; }
Runs& App::runs() { return impl_->runs; }
NodeActions& App::node_actions() { return impl_->node_actions; }
DryRun& App::dry_run() { return impl_->dry_run; }
RunInputs& App::run_inputs() { return impl_->run_inputs; }
Builds& App::builds() { return impl_->builds; }
Imports& App::imports() { return impl_->imports; }
Exports& App::exports() { return impl_->exports; }
Alerts& App::alerts() { return impl_->alerts; }
LiveResource& App::live_resource() { return impl_->live_resource; }
BrowsePreferences& App::browse() { return impl_->browse; }
const BrowsePreferences& App::browse() const { return impl_->browse; }
const state::QueryClient& App::queries() const { return impl_->queries; }
const AppOptions& App::options() const { return impl_->options; }
state::Trace& App::trace() { return impl_->trace; }
std::vector<std::pair<std::string, std::size_t>> App::storage_use() const { return impl_->storage_use(); }
void App::clear_local_data() { impl_->clear_local_data(); }

Clusters& App::clusters() { return impl_->clusters; }
const Clusters& App::clusters() const { return impl_->clusters; }

int App::pending_requests() const { return impl_->api.pending(); }
bool App::storage_degraded() const { return impl_->persist.degraded(); }

Route App::route() const { return impl_->route(); }
void App::go(const ReadRoute& to) { impl_->go(to); }

void App::login(std::string email, std::string password) { impl_->login(std::move(email), std::move(password)); }
void App::register_user(std::string name, std::string email, std::string password, std::string invite_code) {
    impl_->register_user(std::move(name), std::move(email), std::move(password), std::move(invite_code));
}
void App::sign_in_by(const std::string& provider, const std::string& invite_code) { impl_->sign_in_by(provider, invite_code); }
void App::load_profile() { impl_->load_profile(); }
void App::save_profile_name(const std::string& name) { impl_->save_profile_name(name); }
void App::change_password(const std::string& current, const std::string& next) { impl_->change_password(current, next); }
void App::logout() { impl_->leave(Impl::Leave::by_user); }
bool App::has_permission(std::string_view permission) const { return impl_->auth.has_permission(permission); }

void App::reload_workflows() { impl_->read_workflows(false); }
void App::open_workflow(std::string id) { impl_->open_workflow(std::move(id)); }
void App::open_workflow_at(std::string id, std::string node_id) { impl_->open_workflow_at(std::move(id), std::move(node_id)); }
void App::create_workflow(std::string name) { impl_->create_workflow(std::move(name)); }
void App::rename_workflow(std::string name) { impl_->rename_workflow(std::move(name)); }
void App::move_workflow(std::string cluster) { impl_->move_workflow(std::move(cluster)); }
void App::delete_workflow(std::string id) { impl_->delete_workflow(std::move(id)); }
void App::run() { impl_->run(); }
void App::cancel_run() { impl_->cancel_run(); }
void App::open_conflict() { impl_->open_conflict(); }
void App::postpone_conflict() {
    impl_->conflict.update([](ConflictState& s) { s.open = false; });
    impl_->changed(kTopicChrome);
}
void App::resolve_conflict(ConflictChoice choice) { impl_->resolve_conflict(choice); }
void App::save_now() { impl_->save([](bool) {}); }

void App::retry() {
    Impl& i = *impl_;
    if (i.session.get().phase != SessionPhase::signed_in) return i.connect();
    if (i.workflow.get().list_phase == LoadPhase::failed) i.read_workflows(i.workflow.get().id.empty());
    if (i.workflow.get().phase == LoadPhase::failed) i.open_workflow(i.workflow.get().id);
    if (i.pods.get().phase == LoadPhase::failed) i.read_pods();
    if (i.events.get().phase == LoadPhase::failed) i.read_events();
    i.wake();
}

base::Result<void> App::edit(const Change& change, std::string group) { return impl_->edit(change, {.title = {}, .group = std::move(group)}); }
void App::undo(int steps) { impl_->travel(false, steps); }
void App::redo(int steps) { impl_->travel(true, steps); }
bool App::can_undo() const { return impl_->workflow.get().phase == LoadPhase::ready && !canvas().locked && impl_->document.can_undo(); }
bool App::can_redo() const { return impl_->workflow.get().phase == LoadPhase::ready && !canvas().locked && impl_->document.can_redo(); }
std::string App::undo_title() const { return can_undo() ? "Undo " + std::string(impl_->document.undo_title()) : "Undo"; }
std::string App::redo_title() const { return can_redo() ? "Redo " + std::string(impl_->document.redo_title()) : "Redo"; }
std::string App::add_node(std::string_view type, Vec2 position) { return impl_->add_node(type, position); }

bool App::use_image(const std::string& node_id, const std::string& image) { return impl_->use_image(node_id, image); }
void App::select_nodes(std::set<std::string> ids, bool add) {
    const CanvasState& now = impl_->canvas.get();
    if (add) ids.insert(now.selected_nodes.begin(), now.selected_nodes.end());
    impl_->select(std::move(ids), add ? now.selected_edges : std::set<std::string>{});
}

void App::select_edges(std::set<std::string> ids, bool add) {
    const CanvasState& now = impl_->canvas.get();
    if (add) ids.insert(now.selected_edges.begin(), now.selected_edges.end());
    impl_->select(add ? now.selected_nodes : std::set<std::string>{}, std::move(ids));
}

void App::select(std::set<std::string> node_ids, std::set<std::string> edge_ids) { impl_->select(std::move(node_ids), std::move(edge_ids)); }
void App::clear_selection() { impl_->select({}, {}); }

void App::delete_selection() { impl_->delete_selection(); }

void App::set_viewport(Viewport viewport) {
    viewport.zoom = std::clamp(viewport.zoom, 0.02F, 4.0F);
    impl_->canvas.mutate([&](CanvasState& s) {
        if (s.viewport == viewport) return false;
        s.viewport = viewport;
        return true;
    });
    impl_->remember_canvas_soon();
    impl_->changed(kTopicCanvas);
}

void App::set_edge_style(EdgeStyle style) { impl_->set_edge_style(style); }

void App::load_bench_graph(int nodes) { impl_->load_bench_graph(nodes); }

void App::set_theme(ThemeChoice theme) {
    impl_->ui.update("theme", [&](UiState& s) { s.theme = theme; });
    impl_->changed(kTopicChrome);
}
void App::set_density(Density density) {
    impl_->ui.update("density", [&](UiState& s) { s.density = density; });
    impl_->changed(~0U);
}
void App::set_font_percent(int percent) {
    impl_->ui.update("font", [&](UiState& s) { s.font_percent = std::clamp(percent, UiState::kMinFontPercent, UiState::kMaxFontPercent); });
    impl_->changed(~0U);
}
void App::set_toast_seconds(int seconds, int error_seconds) {
    impl_->ui.update("toasts/time", [&](UiState& s) {
        s.toast_seconds = std::clamp(seconds, 0, UiState::kMaxToastSeconds);
        s.toast_error_seconds = std::clamp(error_seconds, 0, UiState::kMaxToastSeconds);
    });
    impl_->changed(kTopicPages);
}
void App::set_event_toasts(bool on) {
    impl_->ui.update("toasts/events", [&](UiState& s) { s.event_toasts = on; });
    impl_->changed(kTopicPages);
}
void App::toggle_sidebar() {
    impl_->ui.update("sidebar/toggle", [](UiState& s) { s.sidebar_open = !s.sidebar_open; });
    impl_->changed(kTopicChrome);
}
void App::set_sidebar_collapsed(bool collapsed) {
    impl_->ui.update("sidebar/collapse", [&](UiState& s) { s.sidebar_collapsed = collapsed; });
    impl_->changed(kTopicChrome);
}
void App::set_developer(bool on) {
    impl_->ui.update("developer", [&](UiState& s) {
        s.developer = on;
        if (on) s.dock_tab = "developer";
        else if (s.dock_tab == "developer") s.dock_tab = "logs";
    });
    impl_->changed(kTopicChrome);
}
void App::open_modal(std::string id, Json data) {
    impl_->ui.update("modal/open", [&](UiState& s) {
        s.active_modal = std::move(id);
        s.modal_data = std::move(data);
    });
    impl_->changed(kTopicChrome);
}
void App::close_modal() {
    impl_->ui.update("modal/close", [](UiState& s) {
        s.active_modal.clear();
        s.modal_data = nullptr;
    });
    impl_->changed(kTopicChrome);
}
void App::select_row(int row) {
    impl_->ui.update("row", [&](UiState& s) { s.selected_row = std::max(row, -1); });
    impl_->changed(kTopicPages);
}
void App::set_rail(std::string rail) {
    impl_->ui.update("page", [&](UiState& s) { s.rail = std::move(rail); });
    impl_->changed(kTopicChrome);
}
void App::set_dock_tab(std::string tab) {
    impl_->ui.update("dock/tab", [&](UiState& s) {
        s.dock_tab = std::move(tab);
        s.dock_open = true;
    });
    impl_->changed(kTopicChrome);
}
void App::set_dock_open(bool open) {
    impl_->ui.update("dock/open", [&](UiState& s) { s.dock_open = open; });
    impl_->changed(kTopicChrome);
}
void App::set_inspector_open(bool open) {
    impl_->ui.update("inspector/open", [&](UiState& s) { s.inspector_open = open; });
    impl_->changed(kTopicChrome);
}
void App::set_panel_sizes(PanelState panels) {
    impl_->panels.update("panels/resize", [&](PanelState& s) { s = panels; });
    impl_->changed(kTopicChrome);
}
void App::follow_pod(std::string pod_id) {
    impl_->wanted_pod = pod_id;
    impl_->follow_pod(std::move(pod_id));
}
void App::set_log_follow(bool follow) {
    impl_->log_panel.update([&](LogPanelState& s) { s.follow = follow; });
    impl_->changed(kTopicLogs);
}
void App::set_log_wrap(bool wrap) {
    impl_->log_panel.update([&](LogPanelState& s) { s.wrap = wrap; });
    impl_->changed(kTopicLogs);
}
void App::set_log_search(std::string text) {
    impl_->log_panel.update([&](LogPanelState& s) { s.search = std::move(text); });
    impl_->changed(kTopicLogs);
}
void App::clear_log() {
    impl_->log_stream.clear();
    impl_->changed(kTopicLogs);
}
void App::reconnect_log() {
    impl_->log_stream.reconnect();
    impl_->changed(kTopicLogs);
}
void App::dismiss_toast(std::uint64_t id) {
    impl_->toasts.update([&](std::vector<Toast>& list) { std::erase_if(list, [&](const Toast& t) { return t.id == id; }); });
    impl_->expire_toasts();
    impl_->changed(kTopicToasts);
}
void App::pause_toasts(bool paused) {
    if (impl_->toasts_paused == paused) return;
    impl_->toasts_paused = paused;
    if (!paused) {
        const std::int64_t soon_ms = impl_->ports.scheduler.clock().monotonic_ms() + 2'000;
        impl_->toasts.update([&](std::vector<Toast>& list) {
            for (Toast& t : list) t.expires_at_ms = std::max(t.expires_at_ms, soon_ms);
        });
    }
    impl_->expire_toasts();
}
void App::show_toast(ToastKind kind, std::string title, std::string text, std::string node_id) {
    impl_->toast(kind, std::move(title), std::move(text), std::move(node_id));
}

}  // namespace model
