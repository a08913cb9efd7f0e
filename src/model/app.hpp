// App: all state of one tab and every action on it. Views read the const stores and call the actions; nothing else writes.
//
//   model::App app({.api = client, .scheduler = loop, .random = random, .storage = local_storage}, {.backend_label = "gateway"});
//   app.on_change([](model::TopicSet topics) { ... draw a frame if one of them is visible ... });
//   app.start();
//
// Single-threaded; callbacks come through the scheduler. Streams reconnect by themselves and say so in streams().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "base/tabs.hpp"
#include "model/app_state.hpp"
#include "model/graph.hpp"
#include "model/graph/arrange.hpp"
#include "model/log_buffer.hpp"
#include "model/route.hpp"
#include "model/topics.hpp"
#include "net/http.hpp"
#include "state/query/query_client.hpp"
#include "state/storage.hpp"
#include "state/trace.hpp"

namespace model {

class Alerts;
class BrowsePreferences;
class Builds;
class Clusters;
class EventArchiveStore;
class EventFeed;
class Exports;
class Imports;
class Notifications;
class Plugins;
class Registries;
class LiveResource;
class Resources;
class DryRun;
class NodeActions;
class RunInputs;
class Runs;
class Versions;

struct AppPorts {
    net::HttpClient& api;  // targets begin with "/v1/api"
    base::Scheduler& scheduler;
    base::Random& random;
    state::KeyValueStorage& storage;
    // Null: this tab is alone. See TabSync for what goes over the channel (named TabSync::kChannelName).
    base::TabChannel* channel = nullptr;
    base::TabLocks* locks = nullptr;
    SignInPage* sign_in_page = nullptr;  // null: providers are not offered
    EventArchiveStore* event_archive = nullptr;  // null: events of the feed are not kept
};

// One that the page may talk to (config.json), for the settings.
struct BackendView {
    std::string name;      // as in ?backend=NAME; "tab": hub and cluster in the tab
    std::string address;
    bool in_use = false;
};

struct AppOptions {
    std::string backend_label;         // "gateway", "in this tab"
    std::string backend_kind = "kubeorch";  // see event_feed_source()
    std::string version{};             // of the program
    std::vector<BackendView> backends{};
    std::string api_prefix = "/v1/api";
    OAuthReturn oauth_return{};        // what came back from a sign-in provider
    std::string storage_suffix;        // one session per backend: appended to the auth key when not empty
    // Where the backend keeps its shared stream ("/api/watch"), which then carries every live stream of the tab. Empty: it has none, and at
    // most stream_budget long streams are open at a time (0: no limit), the others wait for their turn.
    std::string watch_root{};
    std::size_t stream_budget = 0;
};

class App {
public:
    App(AppPorts ports, AppOptions options);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    // Reads what was persisted (at construction) and talks to the backend: session, node types, workflows, the last open workflow.
    void start();
    void on_change(base::UniqueFunction<void(TopicSet)> callback);
    // Writes changed persisted stores; call once per frame, and with `leaving` on pagehide and when the tab is hidden (then unsaved
    // edits of the document are written too, which otherwise happens every half second).
    void flush_storage(bool leaving = false);
    // The tab came back or the network did: reconnect now instead of waiting for the back-off.
    void wake();
    // The page came back from the back/forward cache: what happened meanwhile in other tabs is taken over first.
    void page_shown();
    // Another tab wrote or removed this storage key (the `storage` event; empty: all were cleared).
    void storage_changed(std::string_view key);
    // `clear` runs whenever a user leaves, and before another one enters: query cache, offline queue, databases.
    void on_leave(std::function<void()> clear);
    // A hidden tab lets go of its streams after a while and catches up when it is shown; toasts do not expire unseen.
    void set_visible(bool visible);

    // ---- state
    [[nodiscard]] const AuthState& auth() const;
    [[nodiscard]] const SessionState& session() const;
    [[nodiscard]] const ProfileState& profile() const;
    [[nodiscard]] const UiState& ui() const;
    [[nodiscard]] const PanelState& panels() const;
    [[nodiscard]] const CanvasState& canvas() const;
    [[nodiscard]] const WorkflowState& workflow() const;
    [[nodiscard]] const ConnectionState& connection() const;
    [[nodiscard]] const PodsState& pods() const;
    [[nodiscard]] const LogPanelState& log_panel() const;
    [[nodiscard]] const LogBuffer& log() const;
    [[nodiscard]] const EventsState& events() const;
    [[nodiscard]] const std::vector<Toast>& toasts() const;
    [[nodiscard]] const std::vector<Problem>& problems() const;
    [[nodiscard]] const std::vector<NodeType>& node_types() const;
    [[nodiscard]] const NodeType* node_type(std::string_view type) const;
    [[nodiscard]] const Graph& graph() const;
    [[nodiscard]] const ConflictState& conflict() const;
    [[nodiscard]] const ExecutionState& execution() const;
    [[nodiscard]] const base::RingBuffer<ExecutionLog>& execution_logs() const;
    // Something would be lost or unsent if the page went now: asks before leaving.
    [[nodiscard]] bool has_unsaved() const;
    // The shared connection, every stream and every watch.
    [[nodiscard]] std::vector<StreamView> streams() const;
    [[nodiscard]] StreamView log_stream() const;  // of the log panel; closed when it follows nothing
    // For window.__watchStatus(): the connection and each watch on it.
    [[nodiscard]] Json watch_status() const;
    // Store name → version, for snapshot() and diagnostics.
    [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> store_versions() const;
    // What happened to the stores (state/trace.hpp), for the developer panel.
    [[nodiscard]] state::Trace& trace();
    [[nodiscard]] const AppOptions& options() const;
    // The cache behind every list (state/query/query_client.hpp).
    [[nodiscard]] const state::QueryClient& queries() const;
    // Keys of this program in the storage with their bytes, the largest first.
    [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> storage_use() const;
    // Forgets everything this browser keeps for the program: preferences, drafts, session. The page is to be loaded anew after it.
    void clear_local_data();
    [[nodiscard]] int pending_requests() const;  // without open streams
    [[nodiscard]] bool storage_degraded() const; // persisted nothing: denied or full; a toast has said so

    // ---- where we are
    // What the address should say; go() brings the tab there: reading only, whatever the link says. Before start() it says where to begin.
    [[nodiscard]] Route route() const;
    void go(const ReadRoute& to);

    // ---- parts with actions of their own
    [[nodiscard]] Clusters& clusters();
    [[nodiscard]] const Clusters& clusters() const;
    [[nodiscard]] EventFeed& event_feed();
    [[nodiscard]] const EventFeed& event_feed() const;
    [[nodiscard]] Notifications& notifications();
    [[nodiscard]] Registries& registries();
    [[nodiscard]] Plugins& plugins();
    [[nodiscard]] Builds& builds();
    [[nodiscard]] Imports& imports();
    [[nodiscard]] Exports& exports();
    [[nodiscard]] Alerts& alerts();
    [[nodiscard]] LiveResource& live_resource();
    [[nodiscard]] BrowsePreferences& browse();
    [[nodiscard]] Resources& resources();
    [[nodiscard]] Versions& versions();
    [[nodiscard]] Runs& runs();
    [[nodiscard]] NodeActions& node_actions();
    [[nodiscard]] DryRun& dry_run();
    [[nodiscard]] RunInputs& run_inputs();  // what a run needs that is stored nowhere
    [[nodiscard]] const BrowsePreferences& browse() const;

    // ---- session
    void login(std::string email, std::string password);
    void register_user(std::string name, std::string email, std::string password, std::string invite_code);
    void logout();
    // The browser leaves for the provider, with the invite code that a new account needs.
    void sign_in_by(const std::string& provider, const std::string& invite_code);
    // Reads profile and providers anew, once for each user; for the profile page.
    void load_profile();
    void save_profile_name(const std::string& name);
    void change_password(const std::string& current, const std::string& next);
    [[nodiscard]] bool has_permission(std::string_view permission) const;

    // ---- workflows
    void reload_workflows();
    void open_workflow(std::string id);
    // The same, and selects the node as soon as the workflow is there. The open one is not read again.
    void open_workflow_at(std::string id, std::string node_id);
    void create_workflow(std::string name);
    void rename_workflow(std::string name);
    void move_workflow(std::string cluster);  // refused while it has objects in its present one
    void delete_workflow(std::string id);
    void run();                 // saves first if needed
    void cancel_run();          // stops waiting; what was applied stays in the cluster
    void save_now();
    void retry();               // whatever failed to load
    // The stored version is another one than the edits here were made on.
    void open_conflict();       // shows the choice (again)
    void postpone_conflict();   // edits stay here, unsaved
    void resolve_conflict(ConflictChoice choice);

    // ---- canvas
    // Applies, schedules the autosave; a refusal becomes a toast and is returned too.
    // Edits of the same `group` within a second are one step of undo (typing into one field is by itself).
    base::Result<void> edit(const Change& change, std::string group = {});
    void undo(int steps = 1);
    void redo(int steps = 1);
    [[nodiscard]] bool can_undo() const;
    [[nodiscard]] bool can_redo() const;
    [[nodiscard]] std::string undo_title() const;  // "Undo Move 3 nodes"; "Undo" when there is nothing
    [[nodiscard]] std::string redo_title() const;
    // Adds a node of that type with its defaults at a canvas position, selects it, returns its id.
    std::string add_node(std::string_view type, Vec2 position);
    // Gives a node another image; false (and a toast) when there is no such node, or it has no image.
    bool use_image(const std::string& node_id, const std::string& image);
    void select_nodes(std::set<std::string> ids, bool add = false);
    void select_edges(std::set<std::string> ids, bool add = false);
    void select(std::set<std::string> node_ids, std::set<std::string> edge_ids);  // exactly these
    void clear_selection();
    void delete_selection();
    // Needs two selected nodes, three for distributing; does nothing when they stand so already.
    void arrange(Arrange how);
    // Layered layout of the selected nodes, or of all when fewer than two are selected.
    void tidy_up(LayoutDirection direction);
    // For the clipboard; "" when no node is selected (model/graph/clipping.hpp).
    [[nodiscard]] std::string selection_as_text() const;
    // Adds what was copied there and selects it: its middle at `at`, else beside where it was copied. Says why when the text is something else.
    void paste_text(std::string_view text, std::optional<Vec2> at);
    void duplicate_selection();
    void set_viewport(Viewport viewport);
    // While it is locked edits of nodes and edges, undo and redo are refused with a toast; what a node's form says may be changed.
    void set_canvas_locked(bool locked);
    // Views to come back to, 1 to CanvasState::kMaxBookmarks, kept with the workflow. Other numbers do nothing.
    void set_bookmark(int number);
    void remove_bookmark(int number);
    void go_to_bookmark(int number);
    void set_canvas_settings(CanvasSettings settings);
    // Edges and what goes with them; each is one step of undo, or a toast with the reason and no change.
    void connect(const std::string& source_id, const std::string& target_id);
    void reconnect_edge(const std::string& edge_id, bool target_end, const std::string& node_id);
    // Adds a node with an edge from `node_id` to it (`before`: from it to `node_id`), selects it, returns its id.
    std::string add_connected_node(std::string_view type, Vec2 position, const std::string& node_id, bool before);
    // The edge's place is taken by two, with the node between them.
    void insert_on_edge(const std::string& edge_id, const std::string& node_id, Vec2 position);
    std::string add_node_on_edge(std::string_view type, Vec2 position, const std::string& edge_id);
    // Deletes the selection; nodes before it are connected to nodes after it where the rules allow that, and a toast says where not.
    void delete_and_reconnect();
    void set_edge_style(EdgeStyle style);

    // ?bench=graph: a generated graph of `nodes` in a grid of √nodes columns, 240 x 110 apart, with a chain of edges; no backend.
    void load_bench_graph(int nodes);

    // ---- panels
    void set_theme(ThemeChoice theme);
    void set_density(Density density);
    void set_font_percent(int percent);   // clamped to UiState's limits
    void set_toast_seconds(int seconds, int error_seconds);  // the same; 0: until dismissed
    void set_event_toasts(bool on);
    void toggle_sidebar();
    void set_sidebar_collapsed(bool collapsed);
    void set_developer(bool on);
    void open_modal(std::string id, Json data = {});
    void close_modal();
    void select_row(int row);             // -1: none
    void set_rail(std::string rail);
    void set_dock_tab(std::string tab);
    void set_dock_open(bool open);
    void set_inspector_open(bool open);
    void set_panel_sizes(PanelState panels);
    void follow_pod(std::string pod_id);
    void set_log_follow(bool follow);
    void set_log_wrap(bool wrap);
    void set_log_search(std::string text);
    void clear_log();
    void reconnect_log();  // at once, whatever became of its stream
    void dismiss_toast(std::uint64_t id);
    void pause_toasts(bool paused);          // while one is hovered
    void show_toast(ToastKind kind, std::string title, std::string text, std::string node_id = {});

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace model
