// Views: the parts of the window. Each draws const state of model::App into a box and calls App's actions. What a view itself must
// remember from frame to frame (an open tab, a half-typed name) is in ViewState, owned by the Shell.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/forms/form.hpp"
#include "ui/icons.hpp"
#include "ui/ui_context.hpp"
#include "ui/views/activity_view.hpp"
#include "ui/views/alerts_view.hpp"
#include "ui/views/builds_view.hpp"
#include "ui/views/clusters_view.hpp"
#include "ui/views/developer_view.hpp"
#include "ui/views/export_dialog.hpp"
#include "ui/views/history_view.hpp"
#include "ui/views/import_dialog.hpp"
#include "ui/views/layout.hpp"
#include "ui/views/log_view.hpp"
#include "ui/views/resources_view.hpp"
#include "ui/views/settings_view.hpp"

namespace ui {

// The sign-in page's forms. They go when somebody is in, and the passwords with them.
struct SessionForms {
    SessionForms();
    [[nodiscard]] state::Form& current() { return registering ? registration : login; }
    void set_registering(bool on);   // takes along what both forms ask for

    bool registering = false;
    state::Form login, registration;
    std::string placed_error;        // what SessionState::form_error said when it went into the form
    float card_height = 0;           // of the content, last frame
};

struct ProfileForms {
    ProfileForms(const model::User& user, const model::ProfileState& profile);

    std::string user_id;
    state::Form name, password;
    std::uint64_t name_answers, password_answers;  // of ProfileState, as far as the forms have been told
};

struct PaletteState {
    std::string query;
    int chosen = 0;
    bool scroll_to_chosen = false;
    bool just_opened = false;
};

struct NameDialog {
    NameDialog();
    state::Form form;
};

// Rows of a key-value list while they are edited: in the order they were made, with keys that are empty or there twice, which the
// document cannot hold.
struct PairRows {
    std::vector<std::pair<std::string, std::string>> rows;
    model::Json stored;        // what the document has because of them
};

struct SpecFormState {
    std::string node_id;
    bool more_open = false;
    std::string new_key_for;   // parameter whose new row shall take the keyboard
    std::map<std::string, PairRows> pairs;  // by parameter
};

struct ViewState {
    std::unique_ptr<ProfileForms> profile_forms;  // while the profile is shown
    std::unique_ptr<SessionForms> session_forms;  // while the sign-in page is shown
    PaletteState palette;
    int dialog_frames = 0;              // for which dialogs are drawn although none is open
    NameDialog name_dialog;
    SpecFormState spec;
    LogView log_view;
    ActivityViewState activity;
    ClustersViewState clusters;
    ResourcesViewState resources;
    BuildsViewState builds;
    HistoryViewState history;
    ImportViewState imports;
    ExportViewState exports;
    AlertsViewState alerts;
    DeveloperState developer;
    std::string inspector_tab = "spec";
    std::string workflow_to_delete;
    std::string scale_node;             // the node that `scale_to` is typed for
    std::optional<double> scale_to;
    bool conflict_shown = false;        // its dialog was opened for the conflict there is
    bool sheet_dismissed = false;       // compact: the inspector sheet was closed for this selection
    bool compact_dock_open = false;
    bool focus_log_search = false;
    bool workflows_visible = false;     // the list is shown this frame
    bool dark = true;
    SettingsState settings;
    bool notifications_wanted = false;  // the panel opens with the next frame
    std::string idle_text;              // status bar, with developer set
};

// Commands of the shell and its views.
void register_shell_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers, Platform& platform);

void draw_rail(UiContext& ctx, const Layout& layout);
// In a side bar with words: the button at the end of the entry Workflows, and what stands under it, at most as high as `room`; how high it is.
inline constexpr std::string_view kWorkflowsFolder = "workflows";
[[nodiscard]] bool rail_workflows_open(const model::App& app);
void draw_rail_workflows_toggle(UiContext& ctx, ImVec2 min, ImVec2 size);
float draw_rail_workflows(UiContext& ctx, ImVec2 min, ImVec2 room);
void draw_top_bar(UiContext& ctx, ViewState& views, const Layout& layout);
void draw_status_bar(UiContext& ctx, ViewState& views, const Layout& layout);
void draw_offline_banner(UiContext& ctx, const Layout& layout);
void draw_inspector(UiContext& ctx, ViewState& views, const Layout& layout);
void draw_spec_form(UiContext& ctx, ViewState& views, const model::Node& node, const model::NodeStatus& status);
void draw_dock(UiContext& ctx, ViewState& views, const Layout& layout);
void draw_events_table(UiContext& ctx, std::string_view id);
void draw_problems(UiContext& ctx);
void draw_toasts(UiContext& ctx, ViewState& views, const Layout& layout);
void draw_session_page(UiContext& ctx, ViewState& views);
void draw_profile(UiContext& ctx, ViewState& views, const Layout& layout);
// The ways in besides the password, under the sign-in form; the id of the one that was pressed.
std::string_view draw_provider_buttons(UiContext& ctx, bool registering);
[[nodiscard]] Icon provider_icon(std::string_view name);
// Of the person who is signed in.
[[nodiscard]] std::string initials_of(const model::App& app);
[[nodiscard]] ImU32 avatar_color(const UiContext& ctx);
void draw_settings(UiContext& ctx, ViewState& views, const Layout& layout);
// What a rail entry shows in place of canvas, inspector and dock; null for the workflow itself.
using PageDraw = void (*)(UiContext&, ViewState&, const Layout&);
[[nodiscard]] PageDraw full_page(std::string_view rail);
// In place of the canvas while there is no document: loading, empty, failed. False when the canvas is to be drawn.
bool draw_workflow_state(UiContext& ctx, const Layout& layout);
// Dialogs and the palette; drawn last, from the root window.
void draw_dialogs(UiContext& ctx, ViewState& views);
void draw_palette(UiContext& ctx, ViewState& views);
// Two versions of the document side by side, and which one shall be.
void draw_conflict_dialog(UiContext& ctx, ViewState& views);

// Goes where a link of a notification, a toast or an event leads; other links are not followed.
void follow_link(UiContext& ctx, ViewState& views, std::string_view link);
// The sign of what events are about; none for others.
[[nodiscard]] Icon about_icon(model::EventAbout about);
// Above a list that could not be renewed: why, and how old what is shown is. True when Retry is pressed.
bool stale_banner(UiContext& ctx, std::string_view id, const base::Error& error, std::int64_t loaded_at_ms);

// Words shared by views.
[[nodiscard]] std::string save_words(const model::WorkflowState& workflow);  // "Saved", "Not saved: the gateway does not answer"
// The one selected node, or kNoIndex.
[[nodiscard]] model::NodeIndex selected_node(const model::App& app);
// Splits "ImagePullBackOff: Back-off pulling image: no such tag" at the first colon.
struct Reason {
    std::string_view reason, detail;
};
[[nodiscard]] Reason split_reason(std::string_view message);
// True when the state's message is about the image (pull errors), so it belongs at the image field.
[[nodiscard]] bool is_image_problem(std::string_view message);
// The same in one sentence for the image field: "The registry has no tag 9.9. Newest known tag: 3.1".
[[nodiscard]] std::string image_problem_words(std::string_view message, std::string_view image);
// Height of the action row at the bottom of the inspector's Spec tab.
inline constexpr float kInspectorFooter = 52;

}  // namespace ui
