// The inside of App, shared by its parts: app_session (who), app_workflow (which document), app_edit (changing it, undo), app_arrange (several nodes at once),
// app_canvas_edits (edges; the canvas's lock, bookmarks, settings), app_save (storing it, drafts), app_conflict (versions from elsewhere), app_run, app_live (streams, pods, logs, events), app_preferences (what is
// persisted). Nobody else includes this.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/alerts.hpp"
#include "model/app.hpp"
#include "model/autosave.hpp"
#include "model/browse_preferences.hpp"
#include "model/builds.hpp"
#include "model/change_records.hpp"
#include "model/clusters.hpp"
#include "model/dry_run.hpp"
#include "model/event_feed.hpp"
#include "model/event_toasts.hpp"
#include "model/execution.hpp"
#include "model/exports.hpp"
#include "model/imports.hpp"
#include "model/list_query.hpp"
#include "model/log_stream.hpp"
#include "model/model_context.hpp"
#include "model/node_actions.hpp"
#include "model/notifications.hpp"
#include "model/plugins.hpp"
#include "model/query_keys.hpp"
#include "model/registries.hpp"
#include "model/live_resource.hpp"
#include "model/resources.hpp"
#include "model/run_inputs.hpp"
#include "model/runs.hpp"
#include "model/session_store.hpp"
#include "model/stream_rates.hpp"
#include "model/tab_sync.hpp"
#include "model/versions.hpp"
#include "model/workflow_document.hpp"
#include "net/api_client.hpp"
#include "net/stream_link.hpp"
#include "net/stream_mux.hpp"
#include "net/watch_manager.hpp"
#include "state/persist.hpp"
#include "state/store.hpp"
#include "state/trace.hpp"
#include "wire/json_reader.hpp"

namespace model {

struct Clipping;

// What the canvas keeps of each workflow: the last kRemembered opened, and kBookmarked that have bookmarks. Persisted under "binnacle-canvas".
struct CanvasMemory {
    static constexpr std::size_t kRemembered = 20;
    static constexpr std::size_t kBookmarked = 200;
    struct Entry {
        std::string workflow_id;
        std::optional<Viewport> viewport;
        std::set<std::string> selected_nodes;
        bool locked = false;
        std::map<int, Viewport> bookmarks;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::vector<Entry> entries;  // most recent last
    EdgeStyle edge_style = EdgeStyle::bezier;
    friend bool operator==(const CanvasMemory&, const CanvasMemory&) = default;
};

// An edited document that the backend has not got yet.
struct Draft {
    std::string workflow_id;
    std::string etag;  // of the version the edits were made on
    std::string name;
    Json nodes;
    Json edges;
    friend bool operator==(const Draft&, const Draft&) = default;
};
// Persisted under "binnacle-draft", so that a reload loses nothing. The latest is last.
struct Drafts {
    static constexpr std::size_t kMax = 8;
    std::vector<Draft> entries;
    [[nodiscard]] const Draft* find(std::string_view workflow_id) const {
        for (const Draft& draft : entries) {
            if (draft.workflow_id == workflow_id) return &draft;
        }
        return nullptr;
    }
    friend bool operator==(const Drafts&, const Drafts&) = default;
};

// What the backend has in place of what the edits here were made on.
struct StoredVersion {
    std::string etag, name, updated_at;
    Graph graph;
};

class App::Impl final : public net::Session {
public:
    Impl(AppPorts ports, AppOptions options);
    ~Impl() override;

    // net::Session, for `api`
    [[nodiscard]] std::string token() const override { return auth.get().token; }
    [[nodiscard]] bool token_expired() const override { return auth.is_token_expired(); }
    void renewed(const Json& token_and_user) override;
    void ended() override;
    void answered(const net::ReplyTiming& timing) override { renewal_timing = timing; }
    [[nodiscard]] std::uint64_t epoch() const override { return auth.get().epoch; }
    [[nodiscard]] bool renewal_due() const override { return auth.renewal_due(); }
    void sync() override { auth.sync(); }
    [[nodiscard]] std::optional<Json> renewal_body() const override;
    [[nodiscard]] base::TabLocks* locks() override { return ports.locks; }
    [[nodiscard]] std::string lock_name() const override;
    [[nodiscard]] double jitter() override { return auth.jitter(); }

    // app.cpp
    void changed(TopicSet topics);
    void toast(ToastKind kind, std::string title, std::string text, std::string node_id = {}, std::int64_t life_ms = 0);
    void show_toast(Toast toast);
    void expire_toasts();
    void event_toast(const EventToast& toast);
    [[nodiscard]] bool said_already(const FeedEvent& event) const;  // this tab tells of it by itself
    void backend_reachable(bool reached);
    // Keeps a call's handle until it settles; all are dropped on logout and destruction.
    void call(net::ApiRequest request, std::function<void(base::Result<net::ApiReply>)> done);
    // The same, but a later call with the same slot cancels an earlier one.
    void call_in(const std::string& slot, net::ApiRequest request, std::function<void(base::Result<net::ApiReply>)> done);
    void drop_calls();

    // app_session.cpp
    void start();
    void connect();
    void enter();
    enum class Leave { by_user, refused, elsewhere };
    void leave(Leave why);
    void on_session_event(SessionEvent event);
    void late_answer();  // of a session that is over
    // A request whose answer is a session (login, register, the exchange of an OAuth code), and all that follows from it.
    void sign_in(net::ApiRequest request);
    void watch_expiry();
    void session_wake();
    void login(std::string email, std::string password);
    void register_user(std::string name, std::string email, std::string password, std::string invite_code);
    void read_profile();
    void read_node_types() { node_type_list.load(); }
    void take_node_types(const base::Result<Json>& answer);
    void stop_lists();

    // app_oauth.cpp
    void read_methods();
    void sign_in_by(const std::string& provider, const std::string& invite_code);
    bool take_oauth_return();

    // app_profile.cpp
    void load_profile();
    void take_profile(const base::Result<Json>& answer);
    void save_profile_name(const std::string& name);
    void change_password(const std::string& current, const std::string& next);

    // app_workflow.cpp
    void read_workflows(bool open_one);
    void take_workflows(const base::Result<Json>& answer);
    void open_from_list();
    void name_in_list();
    void open_workflow(std::string id);
    void open_workflow_at(std::string id, std::string node_id);
    void close_workflow();
    void show_workflow(const Json& json, const net::Headers& headers);
    void create_workflow(std::string name);
    void move_workflow(std::string cluster);
    void delete_workflow(std::string id);
    void load_bench_graph(int nodes);  // bench_graph.cpp

    // app_edit.cpp
    base::Result<void> edit(const Change& change, EditOptions edit_options = {});
    void rename_workflow(std::string name);
    void travel(bool redo, int steps);
    void document_changed();  // after an edit, an undo or a remote change
    std::string add_node(std::string_view type, Vec2 position);
    [[nodiscard]] Node new_node(std::string_view type, Vec2 position) const;  // with its defaults, not yet in the graph
    // Nodes and edges of an import beside what is there, as one step; how many nodes.
    base::Result<int> insert_import(const Json& nodes, const Json& edges);
    bool use_image(const std::string& node_id, const std::string& image);
    void delete_selection();
    void select(std::set<std::string> nodes, std::set<std::string> edges);
    void drop_stale_selection();

    // app_arrange.cpp
    void arrange(Arrange how);
    void tidy_up(LayoutDirection direction);
    void paste(const Clipping& clipping, std::string_view verb, Vec2 offset);

    // app_canvas_edits.cpp
    bool refuse_if_locked();  // true after a toast
    [[nodiscard]] std::string free_edge_id(const std::string& source, const std::string& target) const;
    // All of them as one step, or, after a toast with the reason, none.
    bool edit_all(std::string title, const std::vector<Change>& changes);
    void delete_and_reconnect();

    // app_save.cpp
    class SaveTarget final : public Autosave::Document {
    public:
        explicit SaveTarget(Impl& impl) : impl_(impl) {}
        [[nodiscard]] state::StateId present() const override { return impl_.document.present(); }
        [[nodiscard]] bool dirty() const override { return impl_.document.dirty(); }
        void mark_saved(state::StateId id) override { impl_.document.mark_saved(id); }
        void send(const std::string& revision, Autosave::RevisionCallback done) override { impl_.send_document(revision, std::move(done)); }
        void read_revision(Autosave::RevisionCallback done) override { impl_.read_revision(std::move(done)); }
        void save_changed() override { impl_.save_changed(); }

    private:
        Impl& impl_;
    };
    void send_document(const std::string& revision, Autosave::RevisionCallback done);
    void read_revision(Autosave::RevisionCallback done);
    void save_changed();
    void take_up_draft(StoredVersion stored);  // edits of the last visit that the backend never got
    void mark_dirty();
    void write_draft();
    void drop_draft(const std::string& workflow_id);
    void drop_draft() { drop_draft(workflow.get().id); }
    void save(std::function<void(bool)> done) { autosave.save_now(std::move(done)); }
    // What the backend answered, read; revision is its ETag, or a fingerprint where it has none.
    [[nodiscard]] static base::Result<StoredVersion> read_version(const Json& json, const net::Headers& headers);

    // app_conflict.cpp
    void hear_tabs();
    void on_tab_edit(const Json& message);
    void read_again(bool show_conflict);  // the stored version: applied when there are no edits here, else a conflict
    void meet_version(StoredVersion version, bool show_conflict);
    void apply_stored(StoredVersion version);
    void remote_applied();
    void open_conflict();
    void close_conflict();
    void resolve_conflict(ConflictChoice choice);
    void save_copy();

    // app_run.cpp
    void run();
    void ask_and_apply(const std::string& id);  // what a person has to enter is asked for first
    void apply_run(const std::string& id, Json trigger_data);
    void cancel_run();
    void follow_execution();
    [[nodiscard]] Execution::Now now() const { return {ports.scheduler.clock().monotonic_ms(), ports.scheduler.clock().unix_ms()}; }

    // app_live.cpp
    void open_status_stream();
    void on_status_event(const wire::SseEvent& event);
    void on_status_phase(const net::EventStream::State& stream);
    void apply_node_status(std::string_view node_id, NodeStatus status, bool announce);
    void recount();
    void follow_selection();
    void read_pods();
    void read_events();
    void refresh_live_soon();
    void pick_pod();
    void follow_pod(std::string pod_id);
    void on_log_change();
    void on_log_complete();
    void wake();
    [[nodiscard]] StreamView log_view() const;

    // app_history.cpp
    [[nodiscard]] Versions::Ports version_ports();
    void version_restored(std::int64_t number, const Json& json, const net::Headers& headers);
    void show_states(const std::map<std::string, NodeStatus>* states);  // of a past run; null: what is live
    void forget_history();
    void set_replicas(const std::string& node_id, std::int64_t replicas);

    // app_streams.cpp
    [[nodiscard]] net::StreamLink::Options link_options();
    void on_link_change();
    void back_online();
    [[nodiscard]] std::vector<StreamView> streams();

    // app_route.cpp
    [[nodiscard]] Route route() const;
    void go(const ReadRoute& to);
    void take_wanted_selection(bool also_none = false);

    // app_trace.cpp
    void watch_stores();

    // app_preferences.cpp
    static constexpr std::string_view kLookKey = "binnacle-ui";  // what all tabs show alike
    [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> storage_use() const;
    void clear_local_data();
    void bind_storage();
    void remember_canvas_soon();  // a drag moves the viewport in every frame
    void remember_canvas();
    void recall_canvas(const std::string& workflow_id);
    void set_edge_style(EdgeStyle style);
    void clear_personal_state(bool keep_draft = false);
    void storage_notice(const state::PersistNotice& notice);

    AppPorts ports;
    AppOptions options;
    base::UniqueFunction<void(TopicSet)> change_callback;
    TopicSet pending_topics = 0;
    bool change_posted = false;
    bool visible = true;
    std::shared_ptr<Impl*> self;  // null inside once destroyed: guards posted tasks

    state::Store<SessionState> session;
    state::Store<ProfileState> profile;
    state::Store<UiState> ui;
    state::Store<PanelState> panels;
    state::Store<CanvasMemory> canvas_memory;
    state::Store<Drafts> drafts;
    state::Store<ConflictState> conflict;
    state::Store<CanvasState> canvas;
    state::Store<WorkflowState> workflow;
    state::Store<ConnectionState> connection;
    state::Store<PodsState> pods;
    state::Store<LogPanelState> log_panel;
    state::Store<EventsState> events;
    state::Store<std::vector<Toast>> toasts;
    state::Store<std::vector<Problem>> problems;
    std::vector<NodeType> node_types;
    WorkflowDocument document;
    const Graph& graph = document.graph();

    TabSync tabs;  // what this tab tells the others: on("kind", ...), post("kind", ...)
    state::Trace trace;
    std::vector<state::Subscription> traced;
    state::Subscription online_watch;
    state::PersistHub persist;

    SessionStore auth;
    net::ReplyTiming renewal_timing;
    net::ApiClient api;
    net::StreamLink link;
    net::StreamMux mux;          // for everything that lives; calls go by `api`
    net::WatchManager watches;
    StreamRates rates;
    state::QueryClient queries;
    net::SharedStreams live;          // all streams, by key; they end with it
    ModelContext context;
    LogStream log_stream;
    Clusters clusters;
    Notifications notifications;
    EventFeed event_feed;
    EventToasts event_toasts;
    Registries registries;
    Plugins plugins;
    Builds builds;
    Imports imports;
    Exports exports;
    Alerts alerts;
    LiveResource live_resource;
    BrowsePreferences browse;
    WatchFeed resource_feed{watches};
    Resources resources{context, browse, clusters, resource_feed};
    Versions versions{context, version_ports()};
    Runs runs{context, [this](const std::map<std::string, NodeStatus>* states) { show_states(states); }};
    NodeActions node_actions{context, {.cluster = [this] { return workflow.get().cluster; }, .set_replicas = [this](const std::string& id, std::int64_t replicas) { set_replicas(id, replicas); }}};
    DryRun dry_run{context, [this](std::function<void(bool)> done) { save(std::move(done)); }};
    RunInputs run_inputs{context};
    std::optional<std::map<std::string, NodeStatus>> live_states;  // while a past run is shown: what the canvas goes back to
    state::Subscription page_watch;
    ListQuery workflow_list{context, keys::workflows::list(), "/workflows", [this](const base::Result<Json>& answer) { take_workflows(answer); }};
    ListQuery node_type_list{context, keys::templates(), "/templates", [this](const base::Result<Json>& answer) { take_node_types(answer); }};
    ListQuery profile_query{context, keys::profile(), "/profile", [this](const base::Result<Json>& answer) { take_profile(answer); }};
    bool open_when_listed = false;    // the list is read to open one of it
    std::vector<std::function<void()>> leave_hooks;  // caches, queues and databases of the user who leaves
    base::Timer expiry_timer;
    std::map<std::uint64_t, net::RequestHandle> calls;
    std::map<std::string, net::RequestHandle> slots;
    std::uint64_t next_call = 1;

    net::SharedStreams::Lease status_stream;

    ChangeOutbox outbox;              // edits that the other tabs have not heard of
    SaveTarget save_target{*this};
    Autosave autosave{ports.scheduler, ports.random, save_target};
    std::unique_ptr<StoredVersion> theirs;  // of the conflict
    bool heard_meanwhile = false;     // another tab stored something while a save was under way
    Execution execution;
    base::Timer execution_timer;
    std::int64_t hidden_since_ms = -1;
    base::Timer draft_timer;
    base::Timer remember_timer;
    base::Timer refresh_timer;
    base::Timer connect_timer;
    base::Timer toast_timer;
    int connect_failures = 0;
    std::int64_t run_answered_ms = -1;  // monotonic, of the last run from this tab
    bool toasts_paused = false;
    std::uint64_t next_toast = 1;
    std::string followed_node;        // the node whose pods and logs are shown
    std::string wanted_pod;           // chosen by hand; empty: the best one
    std::string signed_in_as;         // id of the user who is in, in this tab
    Route place;                      // what an address said: the explorer's part, and until it is open the workflow and the selection
    bool storage_closed = false;      // local data was cleared: nothing may be written until the page is loaded anew
    bool bench = false;
};

}  // namespace model
