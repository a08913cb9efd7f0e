// The inside of App, shared by its parts: app_session (who), app_workflow (the document), app_live (streams, pods, logs, events),
// app_preferences (what is persisted). Nobody else includes this.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/app.hpp"
#include "model/browse_preferences.hpp"
#include "model/clusters.hpp"
#include "model/model_context.hpp"
#include "model/notifications.hpp"
#include "model/plugins.hpp"
#include "model/registries.hpp"
#include "model/session_store.hpp"
#include "model/tab_sync.hpp"
#include "net/api_client.hpp"
#include "net/event_stream.hpp"
#include "state/persist.hpp"
#include "state/store.hpp"
#include "state/trace.hpp"
#include "wire/json_reader.hpp"

namespace model {

// Viewport and selection per workflow, the last kRemembered opened. Persisted under "binnacle-canvas".
struct CanvasMemory {
    static constexpr std::size_t kRemembered = 20;
    struct Entry {
        std::string workflow_id;
        std::optional<Viewport> viewport;
        std::set<std::string> selected_nodes;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::vector<Entry> entries;  // most recent last
    friend bool operator==(const CanvasMemory&, const CanvasMemory&) = default;
};

// An edited document that the backend has not got yet. Persisted under "binnacle-draft", so that a reload loses nothing.
struct Draft {
    std::string workflow_id;
    std::string etag;  // of the version the edits were made on
    std::string name;
    Json nodes;
    Json edges;
    friend bool operator==(const Draft&, const Draft&) = default;
};

// Time order of two RFC 3339 stamps in UTC whose fractions may differ in length: <0, 0, >0.
[[nodiscard]] int compare_timestamps(std::string_view a, std::string_view b);

// Keeps a log without doubled lines when its stream reconnects and replays a tail. Lines of one pod come in time order.
class LogResume {
public:
    void restart() { replaying_ = !last_.empty(); skipped_at_last_ = 0; }
    void reset() { *this = LogResume{}; }
    // False when this line was already taken before the reconnect.
    bool take(std::string_view timestamp);

private:
    std::string last_;
    std::size_t at_last_ = 0;          // lines taken with exactly that stamp
    std::size_t skipped_at_last_ = 0;  // of them seen again in this replay
    bool replaying_ = false;
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
    void expire_toasts();
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
    void read_node_types();

    // app_oauth.cpp
    void read_methods();
    void sign_in_by(const std::string& provider, const std::string& invite_code);
    bool take_oauth_return();

    // app_profile.cpp
    void load_profile();
    void save_profile_name(const std::string& name);
    void change_password(const std::string& current, const std::string& next);

    // app_workflow.cpp
    void read_workflows(bool open_one);
    void open_workflow(std::string id);
    void open_workflow_at(std::string id, std::string node_id);
    void close_workflow();
    void show_workflow(const Json& json, const net::Headers& headers);
    void mark_dirty();
    void write_draft();
    void drop_draft();
    void save(std::function<void(bool)> done);
    void run();
    void create_workflow(std::string name);
    void rename_workflow(std::string name);
    void move_workflow(std::string cluster);
    void delete_workflow(std::string id);
    base::Result<void> edit(const Change& change);
    std::string add_node(std::string_view type, Vec2 position);
    void select(std::set<std::string> nodes, std::set<std::string> edges);
    void drop_stale_selection();
    void load_bench_graph(int nodes);

    // app_live.cpp
    void open_status_stream();
    void on_status_event(const wire::SseEvent& event);
    void on_status_phase();
    void apply_node_status(std::string_view node_id, NodeStatus status, bool announce);
    void recount();
    void follow_selection();
    void read_pods();
    void read_events();
    void refresh_live_soon();
    void pick_pod();
    void follow_pod(std::string pod_id);
    void on_log_event(const wire::SseEvent& event);
    void wake();
    [[nodiscard]] std::vector<StreamView> streams() const;

    // app_route.cpp
    [[nodiscard]] Route route() const;
    void go(const ReadRoute& to);
    void take_wanted_selection(bool also_none = false);

    // app_trace.cpp
    void watch_stores();

    // app_preferences.cpp
    [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> storage_use() const;
    void clear_local_data();
    void bind_storage();
    void remember_canvas_soon();  // a drag moves the viewport in every frame
    void remember_canvas();
    void recall_canvas(const std::string& workflow_id);
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
    state::Store<Draft> draft;
    state::Store<CanvasState> canvas;
    state::Store<WorkflowState> workflow;
    state::Store<ConnectionState> connection;
    state::Store<PodsState> pods;
    state::Store<LogPanelState> log_panel;
    state::Store<EventsState> events;
    state::Store<std::vector<Toast>> toasts;
    state::Store<std::vector<Problem>> problems;
    std::vector<NodeType> node_types;
    Graph graph;
    LogBuffer log;
    LogResume log_resume;

    TabSync tabs;  // what this tab tells the others: on("kind", ...), post("kind", ...)
    state::Trace trace;
    std::vector<state::Subscription> traced;
    state::Subscription online_watch;
    state::PersistHub persist;

    SessionStore auth;
    net::ReplyTiming renewal_timing;
    net::ApiClient api;
    state::QueryClient queries;
    ModelContext context;
    Clusters clusters;
    Notifications notifications;
    Registries registries;
    Plugins plugins;
    BrowsePreferences browse;
    std::vector<std::function<void()>> leave_hooks;  // caches, queues and databases of the user who leaves
    base::Timer expiry_timer;
    std::map<std::uint64_t, net::RequestHandle> calls;
    std::map<std::string, net::RequestHandle> slots;
    std::uint64_t next_call = 1;

    std::unique_ptr<net::EventStream> status_stream;
    std::unique_ptr<net::EventStream> log_stream;
    bool log_complete = false;

    std::string etag;
    std::uint64_t saved_document_version = 0;
    std::uint64_t edits = 0;          // raised by rename too, which the graph does not see
    bool save_in_flight = false;
    std::vector<std::function<void(bool)>> save_waiters;
    base::Timer autosave_timer;
    base::Timer draft_timer;
    base::Timer remember_timer;
    base::Timer refresh_timer;
    base::Timer connect_timer;
    base::Timer toast_timer;
    int connect_failures = 0;
    bool toasts_paused = false;
    std::uint64_t next_toast = 1;
    std::string followed_node;        // the node whose pods and logs are shown
    std::string wanted_pod;           // chosen by hand; empty: the best one
    Route place;                      // what an address said: the explorer's part, and until it is open the workflow and the selection
    bool storage_closed = false;      // local data was cleared: nothing may be written until the page is loaded anew
    bool bench = false;
};

}  // namespace model
