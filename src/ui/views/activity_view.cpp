#include "ui/views/activity_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "model/event_feed.hpp"
#include "ui/commands.hpp"
#include "ui/views/activity_chart.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

using model::EventFeedState;
using model::EventFilter;
using model::FeedEvent;
using model::FeedEventPtr;
using model::FeedPhase;

constexpr const char* kDetails = "event-details";
constexpr float kRow = 56;
constexpr float kTouchRow = 64;
constexpr std::size_t kMostResources = 40;  // in the menu
constexpr std::int64_t kHourMs = 60 * 60 * 1000LL;
constexpr std::int64_t kShortestChartMs = 15 * 60 * 1000LL;

struct Span {
    std::string_view id, label;
    std::int64_t length_ms;  // 0: the live list
};
constexpr std::array<Span, 5> kSpans{{{"live", "Latest", 0}, {"hour", "Last hour", kHourMs}, {"day", "Last 24 hours", 24 * kHourMs}, {"week", "Last 7 days", 7 * 24 * kHourMs}, {"month", "Last 30 days", 30 * 24 * kHourMs}}};

const Span& span_of(std::string_view id) {
    const auto found = std::find_if(kSpans.begin(), kSpans.end(), [id](const Span& span) { return span.id == id; });
    return found == kSpans.end() ? kSpans.front() : *found;
}

EventFilter filter_of(const ActivityViewState& view) {
    EventFilter filter;
    filter.search = view.search;
    filter.about = model::event_about_from_word(view.about);
    if (view.resource != "all") filter.resource = view.resource;
    filter.least = model::event_priority_from_word(view.least).value_or(model::EventPriority::low);
    if (view.acknowledged == "open") filter.acknowledged = EventFilter::Acknowledged::open;
    if (view.acknowledged == "done") filter.acknowledged = EventFilter::Acknowledged::done;
    return filter;
}

bool looks_back(const EventFeedState& state) { return state.replay.phase != model::LoadPhase::idle; }
const std::vector<FeedEventPtr>& all_events(const EventFeedState& state) { return looks_back(state) ? state.replay.events : state.events; }

// What fits the filters, kept until the feed or they change.
const std::vector<FeedEventPtr>& shown_events(const model::App& app, ActivityViewState& view) {
    const EventFilter filter = filter_of(view);
    const std::uint64_t version = app.event_feed().version();
    if (view.seen_any && view.seen_version == version && view.seen_filter == filter) return view.shown;
    view.seen_any = true;
    view.seen_version = version;
    view.seen_filter = filter;
    view.shown.clear();
    for (const FeedEventPtr& event : all_events(app.event_feed().state())) {
        if (filter.passes(*event)) view.shown.push_back(event);
    }
    return view.shown;
}

void clear_filters(ActivityViewState& view) {
    view.search.clear();
    view.about = view.resource = "all";
    view.least = "low";
    view.acknowledged = "any";
}

void choose_span(model::App& app, ActivityViewState& view, std::int64_t now_ms) {
    const Span& span = span_of(view.span);
    app.event_feed().replay_from(span.length_ms > 0 ? now_ms - span.length_ms : -1);
}

std::vector<std::string> open_ids(const std::vector<FeedEventPtr>& events) {
    std::vector<std::string> ids;
    for (const FeedEventPtr& event : events) {
        if (!event->acknowledged) ids.push_back(event->id);
    }
    return ids;
}

Icon icon_of(const FeedEvent& event) {
    const Icon about = about_icon(event.about);
    return about != Icon::none ? about : Icon::info;
}

std::string feed_words(UiContext& ctx, const EventFeedState& state) {
    switch (state.phase) {
        case FeedPhase::open: return "Live";
        case FeedPhase::gave_up: return "Not connected";
        case FeedPhase::refused: return "No live feed";
        case FeedPhase::retrying: {
            const std::int64_t left_ms = state.retry_at_ms - ctx.input.now_ms;
            const std::int64_t seconds = std::max<std::int64_t>((left_ms + 999) / 1000, 0);
            if (seconds > 0) ctx.wake_in(left_ms - (seconds - 1) * 1000);
            return "Reconnecting in " + std::to_string(seconds) + " s, try " + std::to_string(state.tries) + " of " + std::to_string(ctx.app.event_feed().max_tries());
        }
        case FeedPhase::closed:
        case FeedPhase::connecting: break;
    }
    return "Connecting…";
}

ImU32 feed_color(const UiContext& ctx, FeedPhase phase) {
    switch (phase) {
        case FeedPhase::open: return ctx.theme.success;
        case FeedPhase::gave_up: return ctx.theme.danger;
        case FeedPhase::retrying: return ctx.theme.warning;
        case FeedPhase::refused:
        case FeedPhase::closed:
        case FeedPhase::connecting: break;
    }
    return ctx.theme.disabled;
}

void head(UiContext& ctx, const std::vector<FeedEventPtr>& shown) {
    const EventFeedState& state = ctx.app.event_feed().state();
    const float left = ImGui::GetCursorPosX();
    const float top = ImGui::GetCursorPosY();
    const float room = ImGui::GetContentRegionAvail().x;
    heading(ctx, "Activity");
    const float after = ImGui::GetCursorPosY();
    const ButtonOptions acknowledge{.icon = Icon::check, .id = "acknowledge-all", .name = "Acknowledge all that are shown", .tooltip = "Acknowledge all that are shown", .disabled = open_ids(shown).empty()};
    const ButtonOptions exported{.trailing_icon = Icon::chevron_down, .id = "export", .name = "Export", .disabled = shown.empty(), .expanded = menu_is_open("activity-export"), .has_menu = true};
    const std::string_view words = room > 520 ? "Acknowledge all" : "";
    const float buttons = button_width(ctx, words, acknowledge) + 8 + button_width(ctx, "Export", exported);
    ImGui::SetCursorPos(ImVec2(left + std::max(room - buttons, 0.0f), top));
    if (button(ctx, words, acknowledge)) ctx.commands.run("activity.acknowledge_all");
    ImGui::SameLine();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (button(ctx, "Export", exported)) open_menu("activity-export");
    if (begin_menu(ctx, "activity-export", {.anchor_min = at, .anchor_max = ImVec2(at.x + button_width(ctx, "Export", exported), at.y + button_height(ctx)), .align_right = true, .width = 220, .name = "Export"})) {
        menu_label(ctx, std::to_string(shown.size()) + (shown.size() == 1 ? " event" : " events"));
        menu_command(ctx, "activity.save_json", Icon::file);
        menu_command(ctx, "activity.save_csv", Icon::file);
        menu_separator(ctx);
        menu_command(ctx, "activity.copy_json", Icon::copy);
        menu_command(ctx, "activity.copy_csv", Icon::copy);
        end_menu(ctx);
    }
    ImGui::SetCursorPos(ImVec2(left, std::max(after, ImGui::GetCursorPosY()) + 2));
    const std::string phase = feed_words(ctx, state);
    status_dot(ctx, feed_color(ctx, state.phase), phase, ctx.theme.muted);
    if (state.phase == FeedPhase::retrying) {
        ImGui::SameLine(0, 12);
        if (link(ctx, "Reconnect now", "reconnect-now")) ctx.app.event_feed().reconnect();
    }
}

void notices(UiContext& ctx) {
    const EventFeedState& state = ctx.app.event_feed().state();
    if (state.phase == FeedPhase::gave_up) {
        const std::string words = "The live feed does not answer after " + std::to_string(ctx.app.event_feed().max_tries()) + " tries" + (state.problem.empty() ? "" : ": " + state.problem) + ". What is shown may be old.";
        if (banner(ctx, "feed-gave-up", BannerKind::danger, words, "Reconnect")) ctx.commands.run("activity.reconnect");
    } else if (state.phase == FeedPhase::refused && !all_events(state).empty()) {
        if (banner(ctx, "feed-refused", BannerKind::warning, state.problem + ". What is shown may be old.", "Reconnect")) ctx.commands.run("activity.reconnect");
    }
    if (state.gap) (void)banner(ctx, "feed-gap", BannerKind::warning, "Some events are missing: the tab was away for longer than the server remembers.");
    if (!state.archive_problem.empty()) (void)banner(ctx, "feed-archive", BannerKind::warning, "Events are not kept for the next visit. " + state.archive_problem + ".");
    if (state.newer_kept) (void)banner(ctx, "feed-newer", BannerKind::info, "A newer version of Binnacle has stored events here that this one does not read. They are kept.");
    if (state.replay.cut) (void)banner(ctx, "feed-cut", BannerKind::info, "These are the newest " + base::grouped(model::EventFeed::kMaxReplay) + ". Choose a shorter time to see the others.");
}

void filters(UiContext& ctx, ActivityViewState& view) {
    const EventFeedState& state = ctx.app.event_feed().state();
    const float right = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
    const float room = ImGui::GetContentRegionAvail().x;
    const bool narrow = room < 560;
    // As many to a row as fit.
    const float field = narrow ? (room - 8) / 2 : std::clamp((room - 4 * 8 - 220) / 5, 116.0f, 168.0f);
    const auto next = [&] {
        if (ImGui::GetItemRectMax().x + 8 + field <= right + 0.5f) ImGui::SameLine(0, 8);
    };
    (void)input_text(ctx, "activity-search", view.search, {.name = "Search events", .placeholder = "Search events", .search = true, .focus = std::exchange(view.focus_search, false), .width = narrow ? room : std::max(room - 5 * (field + 8), 160.0f)});
    std::array<SelectItem, kSpans.size()> spans;
    for (std::size_t i = 0; i < spans.size(); ++i) spans[i] = {kSpans[i].id, kSpans[i].label};
    next();
    if (select(ctx, "activity-span", view.span, spans, {.name = "From", .width = field})) choose_span(ctx.app, view, ctx.input.unix_ms);
    constexpr std::array<SelectItem, 8> kAbouts{{{"all", "All types"}, {"workload", "Workloads"}, {"project", "Projects"}, {"cluster", "Clusters"}, {"addon", "Addons"}, {"build", "Builds"}, {"error", "Errors"}, {"other", "Others"}}};
    next();
    (void)select(ctx, "activity-about", view.about, kAbouts, {.name = "Type", .width = field});
    std::set<std::string_view> names;
    for (const FeedEventPtr& event : all_events(state)) {
        if (!event->resource.empty() && names.size() < kMostResources) names.insert(event->resource);
    }
    if (view.resource != "all") names.insert(view.resource);
    std::vector<SelectItem> resources{{"all", "All resources"}};
    for (const std::string_view name : names) resources.push_back({name, name});
    std::string resource = view.resource;  // the items look into it
    next();
    if (select(ctx, "activity-resource", resource, resources, {.name = "Resource", .width = field})) view.resource = resource;
    constexpr std::array<SelectItem, 4> kPriorities{{{"low", "Any priority"}, {"normal", "Normal and up"}, {"high", "High and up"}, {"critical", "Critical"}}};
    next();
    (void)select(ctx, "activity-least", view.least, kPriorities, {.name = "Priority", .width = field});
    constexpr std::array<SelectItem, 3> kStates{{{"any", "Acknowledged or not"}, {"open", "Not acknowledged"}, {"done", "Acknowledged"}}};
    next();
    (void)select(ctx, "activity-state", view.acknowledged, kStates, {.name = "Acknowledged", .width = field});
}

void row(UiContext& ctx, ActivityViewState& view, const FeedEvent& event, float height) {
    const float width = std::max(ImGui::GetContentRegionAvail().x, 120.0f);
    const float mark = ctx.input.coarse_pointer ? metrics::kTouchTarget : 34.0f;
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    const std::string when = ago(ctx, event.time_ms);
    std::string name = event.title;
    if (event.priority >= model::EventPriority::high) name += ", " + std::string(model::word_of(event.priority));
    if (!event.acknowledged) name += ", not acknowledged";
    ImGui::PushID(event.id.c_str());
    const Interaction hit = interact(ctx, id_of("event"), min, ImVec2(max.x - mark - 2, max.y), {.role = Role::listitem, .name = name, .value = when, .description = event.message});
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (hit.hovered) list->AddRectFilled(min, max, ctx.theme.hover, 4);
    const LevelLook look = level_look(ctx, event.level);
    const float block = text_size::kUi + text_size::kSmall;
    const float top = min.y + (height - block) / 2;
    draw_icon_centered(list, icon_of(event), ImVec2(min.x + 18, min.y + height / 2), metrics::kIcon, look.color);
    const float text_x = min.x + 40;
    const float when_width = text_width(ctx.fonts.ui, text_size::kSmall, when);
    const float text_right = max.x - mark - 8;
    float title_right = text_right - when_width - 12;
    if (event.priority >= model::EventPriority::high) {
        const std::string_view word = event.priority == model::EventPriority::critical ? "Critical" : "High";
        const float pill = pill_width(ctx, word);
        const float title = std::min(text_width(event.acknowledged ? ctx.fonts.ui : ctx.fonts.semibold, text_size::kUi, event.title), std::max(title_right - text_x - pill - 8, 40.0f));
        draw_pill(ctx, list, ImVec2(text_x + title + 8, top + 1), word, ctx.theme.danger_soft, ctx.theme.danger_text);
        title_right = text_x + title;
    }
    draw_text(list, event.acknowledged ? ctx.fonts.ui : ctx.fonts.semibold, text_size::kUi, ImVec2(text_x, top), ctx.theme.text, event.title, std::max(title_right - text_x, 40.0f) + 1);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(text_right - when_width, top + 1), ctx.theme.muted, when);
    const std::string_view below = event.message.empty() ? model::word_of(event.about) : std::string_view(event.message);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(text_x, top + text_size::kUi), ctx.theme.muted, below, text_right - text_x);
    focus_ring(ctx, hit, 4);
    const Interaction check = interact(ctx, id_of("acknowledge"), ImVec2(max.x - mark, min.y), max,
                                       {.role = Role::checkbox, .name = "Acknowledged: " + event.title, .flags = event.acknowledged ? static_cast<std::uint32_t>(kChecked) : 0U});
    const ImVec2 center(max.x - mark / 2, min.y + height / 2);
    if (event.acknowledged) draw_icon_centered(list, Icon::check, center, 15, ctx.theme.success);
    else list->AddCircle(center, 7, check.hovered ? ctx.theme.text : ctx.theme.muted, 24, 1.5f);
    focus_ring(ctx, check, 4);
    tooltip(ctx, check, event.acknowledged ? "Acknowledged" : "Acknowledge");
    tooltip(ctx, hit, base::format_rfc3339(event.time_ms) + (event.message.empty() ? "" : "\n" + event.message));
    list->AddRectFilled(ImVec2(text_x, max.y - 1), ImVec2(max.x, max.y), faded(ctx.theme.border, 0.6f));
    ImGui::PopID();
    if (check.pressed) ctx.app.event_feed().acknowledge({event.id}, !event.acknowledged);
    if (hit.pressed) {
        view.open_event = event.id;
        open_dialog(ctx, kDetails);
    }
}

void list(UiContext& ctx, ActivityViewState& view, const std::vector<FeedEventPtr>& shown) {
    const float height = ctx.input.coarse_pointer ? kTouchRow : ctx.app.ui().density == model::Density::compact ? kRow - 8 : kRow;
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    begin_record_group(ctx, id_of("events"), origin, ImVec2(origin.x + width, origin.y + height * static_cast<float>(shown.size())), {.role = Role::list, .name = "Events", .description = base::grouped(shown.size()) + " events"});
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(shown.size()), height);
    while (clipper.Step()) {
        for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) row(ctx, view, *shown[static_cast<std::size_t>(i)], height);
    }
    ImGui::PopStyleVar();
    end_record_group(ctx);
}

void body(UiContext& ctx, ActivityViewState& view, const std::vector<FeedEventPtr>& shown) {
    model::EventFeed& feed = ctx.app.event_feed();
    const EventFeedState& state = feed.state();
    if (state.replay.phase == model::LoadPhase::failed) {
        if (error_state(ctx, "activity-error", state.replay.error)) feed.retry_replay();
        return;
    }
    if (state.replay.phase == model::LoadPhase::loading || (state.loading && state.events.empty())) return skeleton(ctx, "activity-loading", 6);
    const std::vector<FeedEventPtr>& all = all_events(state);
    if (all.empty()) {
        if (state.phase == FeedPhase::refused) {
            const bool forbidden = state.refusal == base::ErrorCode::forbidden;
            const base::Error error{state.refusal, state.problem, forbidden ? "Ask an admin for the right to read events" : "This backend may have no feed of events"};
            if (error_state(ctx, "activity-refused", error)) feed.reconnect();
        } else if (looks_back(state)) {
            if (state_message(ctx, "activity-none", {.icon = Icon::activity, .title = "Nothing happened in this time", .text = "Only what a tab of this browser has seen is kept.", .action = "Show the latest"})) {
                view.span = "live";
                choose_span(ctx.app, view, ctx.input.unix_ms);
            }
        } else if (state_message(ctx, "activity-empty", {.icon = Icon::activity, .title = "Nothing has happened yet", .text = "Runs, workloads, clusters and builds are told of here as they change.", .action = "Go to workflows"})) {
            ctx.commands.run("go.workflows");
        }
        return;
    }
    const std::int64_t now_ms = ctx.input.unix_ms + 1;
    std::int64_t from_ms = looks_back(state) ? state.replay.from_ms : now_ms - kShortestChartMs;
    if (!looks_back(state)) from_ms = std::min(from_ms, all.back()->time_ms);
    draw_event_chart(ctx, shown, from_ms, now_ms);
    ImGui::Dummy(ImVec2(0, 4));
    if (shown.empty()) {
        if (state_message(ctx, "activity-no-match", {.icon = Icon::search, .title = "No event fits these filters", .text = base::grouped(all.size()) + (all.size() == 1 ? " event is" : " events are") + " hidden.", .action = "Clear filters"})) clear_filters(view);
        return;
    }
    list(ctx, view, shown);
}

void save(model::App& app, Platform& platform, const std::vector<FeedEventPtr>& events, bool csv, std::int64_t newest_ms) {
    const std::string day = base::format_rfc3339(newest_ms).substr(0, 10);
    platform.save_file("activity-" + day + (csv ? ".csv" : ".json"), csv ? "text/csv" : "application/json", csv ? model::events_to_csv(events) : model::events_to_json(events));
    app.show_toast(model::ToastKind::info, "Saved as a file", std::to_string(events.size()) + (events.size() == 1 ? " event" : " events"));
}

void copy(model::App& app, Platform& platform, const std::vector<FeedEventPtr>& events, bool csv) {
    platform.copy_text(csv ? model::events_to_csv(events) : model::events_to_json(events));
    app.show_toast(model::ToastKind::info, csv ? "Copied as CSV" : "Copied as JSON", std::to_string(events.size()) + (events.size() == 1 ? " event" : " events"));
}

}  // namespace

void register_activity_commands(CommandTable& commands, model::App& app, ViewState& views, Platform& platform) {
    const auto signed_in = [&app] { return app.session().phase == model::SessionPhase::signed_in; };
    const auto here = [&app] { return app.session().phase == model::SessionPhase::signed_in && app.ui().rail == "activity"; };
    const auto any_shown = [&app, &views, here] { return here() && !shown_events(app, views.activity).empty(); };
    commands.add({.id = "go.activity", .title = "Go to activity", .group = "Go to", .keys = {"G A"}, .enabled = signed_in, .run = [&app] { app.set_rail("activity"); }});
    commands.add({.id = "activity.search", .title = "Search events", .group = "Activity", .keys = {"/"}, .enabled = here, .run = [&views] { views.activity.focus_search = true; }});
    commands.add({.id = "activity.reconnect", .title = "Reconnect the live feed", .group = "Activity",
                  .enabled = [&app, signed_in] { return signed_in() && app.event_feed().state().phase != FeedPhase::open; }, .run = [&app] { app.event_feed().reconnect(); }});
    commands.add({.id = "activity.acknowledge_all", .title = "Acknowledge all events that are shown", .group = "Activity",
                  .enabled = [&app, &views, here] { return here() && !open_ids(shown_events(app, views.activity)).empty(); },
                  .run = [&app, &views] { app.event_feed().acknowledge(open_ids(shown_events(app, views.activity))); }});
    for (const bool csv : {false, true}) {
        commands.add({.id = csv ? "activity.save_csv" : "activity.save_json", .title = csv ? "Save as CSV" : "Save as JSON", .group = "Activity", .enabled = any_shown, .run = [&app, &views, &platform, csv] {
                          const std::vector<FeedEventPtr>& shown = shown_events(app, views.activity);
                          save(app, platform, shown, csv, shown.front()->time_ms);
                      }});
        commands.add({.id = csv ? "activity.copy_csv" : "activity.copy_json", .title = csv ? "Copy as CSV" : "Copy as JSON", .group = "Activity", .enabled = any_shown,
                      .run = [&app, &views, &platform, csv] { copy(app, platform, shown_events(app, views.activity), csv); }});
    }
}

void draw_activity(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.main;
    ActivityViewState& view = views.activity;
    begin_record_group(ctx, id_of("activity"), box.min, box.max, {.role = Role::main, .name = "Activity"});
    const float side = box.width() > 600 ? 28.0f : metrics::kPad;
    if (begin_region(ctx, "activity-page", box.min, box.max, ctx.theme.background, ImVec2(side, 24), true)) {
        const std::vector<FeedEventPtr> shown = shown_events(ctx.app, view);  // a press changes it while it is drawn
        head(ctx, shown);
        ImGui::Dummy(ImVec2(0, 2));
        notices(ctx);
        ImGui::Dummy(ImVec2(0, 2));
        filters(ctx, view);
        if (filter_of(view) != view.seen_filter) ctx.wake_in(0);  // what is shown was chosen before
        ImGui::Dummy(ImVec2(0, 6));
        body(ctx, view, shown);
        ImGui::Dummy(ImVec2(0, 16));
    }
    end_region(ctx);
    end_record_group(ctx);
}

void draw_event_details(UiContext& ctx, ViewState& views) {
    ActivityViewState& view = views.activity;
    if (!dialog_is_open(kDetails) && view.open_event.empty()) return;
    const EventFeedState& state = ctx.app.event_feed().state();
    FeedEventPtr event;
    for (const std::vector<FeedEventPtr>* list : {&state.replay.events, &state.events}) {
        const auto found = std::find_if(list->begin(), list->end(), [&](const FeedEventPtr& each) { return each->id == view.open_event; });
        if (!event && found != list->end()) event = *found;
    }
    if (!begin_dialog(ctx, kDetails, {.title = event ? std::string_view(event->title) : "Event", .width = 560})) return;
    if (!event) {
        text(ctx, "This event is no longer in the list.", {.color = ctx.theme.muted});
        return end_dialog(ctx);
    }
    if (!event->message.empty()) text(ctx, event->message, {.wrap = true});
    ImGui::Dummy(ImVec2(0, 2));
    const auto fact = [&](std::string_view label, std::string_view value) {
        if (!value.empty()) label_value(ctx, label, value);
    };
    fact("Time", base::format_rfc3339_millis(event->time_ms));
    fact("Type", event->type);
    fact("Status", event->status);
    fact("Priority", model::word_of(event->priority));
    fact("Resource", event->resource);
    fact("Workload", event->workload_id);
    fact("Project", event->project_id);
    fact("Cluster", event->cluster_id);
    fact("Id", event->id);
    if (!event->details.empty()) {
        section_label(ctx, "As it came");
        const auto json = base::parse_json(event->details);
        const std::string pretty = json ? base::dump_json(*json, 2) : event->details;
        const float rows = static_cast<float>(std::count(pretty.begin(), pretty.end(), '\n') + 1);
        const float height = std::min(rows * text_size::kMono + 16, std::clamp(ctx.input.height - 460, 100.0f, 240.0f));
        const ImVec2 min = ImGui::GetCursorScreenPos();
        const float width = ImGui::GetContentRegionAvail().x;
        if (begin_region(ctx, "event-json", min, ImVec2(min.x + width, min.y + height), ctx.theme.background, ImVec2(10, 8), true)) text(ctx, pretty, {.font = ctx.fonts.mono, .size = text_size::kMono, .wrap = true});
        end_region(ctx);
        ImGui::SetCursorScreenPos(min);
        reserve(ctx, ImVec2(width, height));
    }
    ImGui::Dummy(ImVec2(0, 4));
    const std::string to = model::event_link(*event);
    if (button(ctx, event->acknowledged ? "Not acknowledged" : "Acknowledge", {.icon = event->acknowledged ? Icon::none : Icon::check, .id = "acknowledge"})) ctx.app.event_feed().acknowledge({event->id}, !event->acknowledged);
    ImGui::SameLine();
    if (button(ctx, "Copy as JSON", {.icon = Icon::copy, .id = "copy-event"})) copy(ctx.app, ctx.platform, {event}, false);
    if (!to.empty()) {
        ImGui::SameLine();
        if (button(ctx, event->workload_id.empty() ? "Show" : "Show the node", {.style = ButtonStyle::primary, .id = "show", .name = "Show what it is about"})) {
            ImGui::CloseCurrentPopup();
            follow_link(ctx, views, to);
        }
    }
    end_dialog(ctx);
}

}  // namespace ui
