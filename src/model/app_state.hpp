// The values that the views read. Plain data; App (model/app.hpp) is the only writer.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/edge_geometry.hpp"
#include "model/execution.hpp"
#include "model/feed_event.hpp"
#include "model/graph.hpp"
#include "model/graph_diff.hpp"
#include "model/oauth_login.hpp"
#include "state/forms/schema.hpp"

namespace model {

enum class LoadPhase { idle, loading, ready, failed };

struct User {
    std::string id, name, email, role, created_at, avatar_url, auth_provider;
    std::string full_name = {}, organization_id = {};  // of backends that know them
    friend bool operator==(const User&, const User&) = default;
};

// Persisted as one value under "auth-storage"; SessionStore (model/session_store.hpp) is its only writer.
struct AuthState {
    std::string token;
    std::string refresh_token = {};       // of backends that hand one out
    std::int64_t expires_at_ms = 0;       // unix, by the server's clock
    std::int64_t obtained_at_ms = 0;      // unix, by this machine's clock
    std::int64_t skew_ms = 0;             // the server's clock less ours, when the token came
    std::optional<User> user = {};
    std::vector<std::string> permissions = {};
    std::uint64_t epoch = 0;              // raised by each sign-in and sign-out in any tab
    std::string owner_id = {};            // whose settings and drafts are stored here; outlives a session that expired
    std::string return_path = {};         // where that session of theirs ended, "/?workflow=w1"; only while nobody is signed in
    friend bool operator==(const AuthState&, const AuthState&) = default;
};

enum class SessionPhase { starting, signed_out, signed_in };

struct SessionState {
    SessionPhase phase = SessionPhase::starting;
    bool login_required = false;   // --auth builtin
    bool signup_enabled = false;
    bool password_enabled = true;  // else the providers are the only way in
    std::vector<SignInProvider> providers;
    bool busy = false;             // a login or register request is under way
    std::string form_error;        // what the last try came to; empty while there is nothing to say
    base::Error form_problem;      // the same, whole (code, hint), while form_error is not empty
    std::string return_path;       // where the session ended, "/?workflow=w1": signing in again leads there; or empty
    std::string return_of;         // the user whose session it was: nobody else is led there
    std::string backend_label;     // "gateway" / "in this tab"
    std::string cluster_name;      // "demo cluster"
    friend bool operator==(const SessionState&, const SessionState&) = default;
};

// A form's request: `answers` is raised when one is settled, `error` says what the last one came to (no message: it worked).
struct SubmitState {
    bool busy = false;
    std::uint64_t answers = 0;
    base::Error error;
    friend bool operator==(const SubmitState&, const SubmitState&) = default;
};

struct ProfileState {
    std::string read_for;          // id of the user whose profile was asked for
    SubmitState name, password;
    friend bool operator==(const ProfileState&, const ProfileState&) = default;
};

enum class ThemeChoice { system, dark, light };

enum class Density { comfortable, compact };

// How the canvas answers the pointer; a part of UiState.
struct CanvasSettings {
    bool snap = true;               // moved nodes come to lie on a grid
    bool drag_selects = false;      // dragging empty canvas draws a marquee and Shift-drag pans; else the other way round
    bool marquee_encloses = false;  // a marquee selects what lies in it whole; else what it touches
    bool wheel_zooms = false;       // else the wheel pans, and zooms with Ctrl or Cmd
    friend bool operator==(const CanvasSettings&, const CanvasSettings&) = default;
};

// Persisted under "binnacle-ui" (how it looks; other tabs follow) and "binnacle-view" (where one is), but for what says otherwise.
struct UiState {
    static constexpr int kMinFontPercent = 80;
    static constexpr int kMaxFontPercent = 150;
    static constexpr int kMaxToastSeconds = 60;

    ThemeChoice theme = ThemeChoice::system;
    Density density = Density::comfortable;
    int font_percent = 100;          // scales everything
    bool sidebar_open = true;        // the rail
    bool sidebar_collapsed = true;   // icons alone, without their words
    bool developer = false;          // the developer tab in the dock
    int toast_seconds = 5;           // how long a toast stays; 0: until it is dismissed
    int toast_error_seconds = 7;     // one that tells of a failure
    bool event_toasts = true;        // events of the feed pop up
    CanvasSettings canvas;
    std::string active_modal;        // id of the open dialog; not persisted
    Json modal_data;                 // what it is about; not persisted
    int selected_row = -1;           // of the explorer's grid; not persisted
    std::string rail = "workflows";  // workflows, resources, explorer, studio, clusters, activity, settings
    std::string dock_tab = "logs";   // logs, events, terminal, build, problems
    bool dock_open = true;
    bool inspector_open = true;
    std::string last_workflow_id;
    friend bool operator==(const UiState&, const UiState&) = default;
};

// Persisted under "binnacle-panels"; logical px.
struct PanelState {
    float inspector_width = 320;
    float dock_height = 240;
    friend bool operator==(const PanelState&, const PanelState&) = default;
};

// Persisted under "binnacle-canvas", by workflow id (the last 20 opened).
struct Viewport {
    float x = 0;     // canvas position shown at the left upper corner
    float y = 0;
    float zoom = 1;  // 0.02 .. 4
    friend bool operator==(const Viewport&, const Viewport&) = default;
};

struct CanvasState {
    static constexpr int kMaxBookmarks = 9;

    std::string workflow_id;
    std::optional<Viewport> viewport;  // none: fit when first drawn
    std::set<std::string> selected_nodes;
    std::set<std::string> selected_edges;
    bool locked = false;                // it is looked at: nothing is added, moved, connected or deleted
    std::map<int, Viewport> bookmarks;  // by their number, 1 to kMaxBookmarks
    EdgeStyle edge_style = EdgeStyle::bezier;  // of all workflows
    friend bool operator==(const CanvasState&, const CanvasState&) = default;
};

struct WorkflowSummary {
    std::string id, name, description, status, updated_at;
    int run_count = 0;
    friend bool operator==(const WorkflowSummary&, const WorkflowSummary&) = default;
};

enum class SavePhase { saved, unsaved, saving, failed, conflict };
enum class RunPhase { idle, saving, applying };

struct WorkflowState {
    LoadPhase list_phase = LoadPhase::idle;
    base::Error list_error;
    std::vector<WorkflowSummary> list;

    LoadPhase phase = LoadPhase::idle;  // of the open one
    base::Error error;
    std::string id, name, description, status;
    std::string cluster;                // the name of the one it runs on
    int run_count = 0;
    SavePhase save = SavePhase::saved;
    base::Error save_error;
    std::int64_t saved_at_ms = 0;       // unix, when the backend last stored it; 0: not known
    RunPhase run = RunPhase::idle;
    std::string last_run_message;       // of a failed run
    int nodes_total = 0;                // with a status expected
    int nodes_ready = 0;
    int nodes_failed = 0;
    friend bool operator==(const WorkflowState&, const WorkflowState&) = default;
};

// Edits here and another version in the backend; left of the diff is mine, right is theirs.
struct ConflictState {
    bool known = false;      // both sides are there
    bool open = false;       // the dialog is wanted
    bool busy = false;       // a copy is being saved
    std::string my_name, their_name, their_updated_at;
    GraphDiff diff;
    std::string error;       // why the copy could not be saved
    friend bool operator==(const ConflictState&, const ConflictState&) = default;
};
enum class ConflictChoice { keep_mine, take_theirs, save_copy };

enum class StreamPhase { closed, connecting, open, retrying, gave_up, stopped };

struct StreamView {
    std::string key;             // "connection", "workflow:<id>", "pod-logs:<id>", "watch:<what>"
    StreamPhase phase = StreamPhase::closed;
    std::uint64_t bytes = 0;
    std::uint64_t events = 0;
    int retries = 0;             // since it last worked
    std::int64_t retry_at_ms = 0;  // monotonic, when retrying
    std::string last_error;
    bool ended = false;          // when stopped: it has said all, nothing is wrong
    std::uint64_t attempts = 0;
    std::int64_t phase_since_ms = 0;  // monotonic
    std::int64_t opened_at_ms = 0; // monotonic; 0: it is not open, or nobody has noted it
    double events_per_second = 0;  // over the last ten seconds
    std::string note;              // what the phase does not say: "3 views, 120 objects", "waits for a free connection"
    friend bool operator==(const StreamView&, const StreamView&) = default;
};

struct ConnectionState {
    bool online = true;            // the backend answered last time
    std::string problem;           // "The gateway does not answer", when not
    std::int64_t retry_at_ms = 0;  // monotonic
    friend bool operator==(const ConnectionState&, const ConnectionState&) = default;
};

struct PodView {
    std::string id, name, phase, reason, started_at;  // phase: Running, Pending, ... ; reason: ImagePullBackOff, ...
    std::vector<std::string> containers;
    bool ready = false;
    int restarts = 0;
    friend bool operator==(const PodView&, const PodView&) = default;
};

// Pods of the node that the dock and the inspector show.
struct PodsState {
    std::string node_id;
    LoadPhase phase = LoadPhase::idle;
    base::Error error;
    std::vector<PodView> pods;
    friend bool operator==(const PodsState&, const PodsState&) = default;
};

struct LogPanelState {
    std::string node_id;
    std::string pod_id;        // the one followed; empty: none
    std::string pod_name;
    bool follow = true;        // the view sticks to the end
    bool wrap = false;
    std::string search;
    std::string empty_reason;  // why there are no lines ("The container has not started: ImagePullBackOff")
    friend bool operator==(const LogPanelState&, const LogPanelState&) = default;
};

struct KubeEventView {
    std::string id, type, reason, message, object, last_seen;  // type: Normal, Warning; object: "Pod/web-0"
    int count = 1;
    friend bool operator==(const KubeEventView&, const KubeEventView&) = default;
};

struct EventsState {
    std::string node_id;       // empty: the whole workflow
    LoadPhase phase = LoadPhase::idle;
    base::Error error;
    std::vector<KubeEventView> events;
    friend bool operator==(const EventsState&, const EventsState&) = default;
};

struct Problem {
    std::string node_id, node_name, message;
    friend bool operator==(const Problem&, const Problem&) = default;
};

enum class ToastKind { info, success, warning, danger };

struct Toast {
    std::uint64_t id = 0;
    ToastKind kind = ToastKind::info;
    std::string title, text;
    std::string node_id;              // clicking selects it; may be empty
    std::int64_t expires_at_ms = 0;   // monotonic; kNever: when it is dismissed
    std::string link = {};            // else where a click leads, as parse_notification_link() reads it; may be empty
    EventAbout about = EventAbout::other;  // gives it an icon of its own
    bool group = false;               // of many events
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    friend bool operator==(const Toast&, const Toast&) = default;
};

// A parameter of a node type, from GET /templates.
struct NodeParameter {
    std::string name, label, description, type;  // string, number, boolean, select, object, array
    bool required = false;
    Json default_value;
    std::vector<std::pair<std::string, std::string>> options;  // value, label
    std::optional<double> min, max;
    state::Schema schema;  // made of the above: model/parameter_schema.hpp
};
struct NodeType {
    std::string type;  // "deployment"
    std::string title, category, description;
    std::vector<NodeParameter> parameters;
};

}  // namespace model
