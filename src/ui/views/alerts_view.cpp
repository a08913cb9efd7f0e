#include "ui/views/alerts_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/time_text.hpp"
#include "model/alerts.hpp"
#include "model/clusters.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

constexpr std::string_view kForm = "alert-rule";
constexpr std::string_view kRemove = "remove-alert-rule";
constexpr float kColumn = 860;

bool is_admin(const model::App& app) {
    const auto& user = app.auth().user;
    return !user || user->role == "admin";
}

struct SeverityLook {
    ImU32 color;
    Icon icon;
    std::string_view words;
};
SeverityLook look_of(const Theme& theme, std::string_view severity) {
    if (severity == "critical") return {theme.danger, Icon::error, "Critical"};
    if (severity == "info") return {theme.accent, Icon::info, "Info"};
    return {theme.warning, Icon::warning, "Warning"};
}

std::string where_of(const model::AlertView& alert) {
    if (alert.test) return "Test";
    std::string where = alert.kind + " " + (alert.ns.empty() ? "" : alert.ns + "/") + alert.name;
    if (!alert.cluster.empty()) where += " · " + alert.cluster;
    return where;
}

// What became of it, below its words.
std::string story_of(UiContext& ctx, const model::AlertView& alert) {
    std::string story = alert.rule_name + " · " + where_of(alert) + " · " + ago(ctx, alert.fired_at);
    if (alert.status == "acknowledged") story += " · seen by " + alert.acknowledged_by;
    if (alert.status == "resolved") story += alert.resolved_by.empty() ? " · over " + ago(ctx, alert.resolved_at) : " · resolved by " + alert.resolved_by;
    return story;
}

void alert_row(UiContext& ctx, const model::AlertView& alert) {
    model::Alerts& alerts = ctx.app.alerts();
    ImGui::PushID(alert.id.c_str());
    const SeverityLook look = look_of(ctx.theme, alert.severity);
    const float room = ImGui::GetContentRegionAvail().x;
    const bool busy = alerts.state().busy.contains(alert.id);
    const bool firing = alert.status == "firing";
    const bool narrow = room < 640;
    float buttons = 0;
    if (alert.active()) buttons = (firing ? button_width(ctx, "Acknowledge") + 8 : 0) + button_width(ctx, "Resolve");
    const float words_room = std::max((narrow ? room : room - buttons - 16) - 30, 60.0f);
    // What a runtime says can be long: two lines of it, the rest on hover.
    const float whole = ctx.fonts.ui->CalcTextSizeA(text_size::kUi, FLT_MAX, words_room, alert.message.c_str()).y;
    const float words = std::min(whole, 2 * ctx.fonts.ui->CalcTextSizeA(text_size::kUi, FLT_MAX, 0, "X").y);
    const float row = words + 26;
    const float height = row + (narrow && buttons > 0 ? button_height(ctx) + 6 : 0);
    const ImVec2 min = reserve(ctx, ImVec2(room, height));
    const ImVec2 after = ImGui::GetCursorScreenPos();
    const std::string story = story_of(ctx, alert);
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_icon(list, alert.active() ? look.icon : Icon::ok, ImVec2(min.x, min.y + 2), 17, alert.active() ? look.color : ctx.theme.success);
    const ImVec2 words_min(min.x + 30, min.y);
    const ImVec2 words_max(words_min.x + words_room, min.y + words);
    list->PushClipRect(words_min, words_max, true);
    list->AddText(ctx.fonts.ui, text_size::kUi, words_min, alert.active() ? ctx.theme.text : ctx.theme.muted, alert.message.data(), alert.message.data() + alert.message.size(), words_room);
    list->PopClipRect();
    if (whole > words) tooltip(ctx, {.id = id_of("words"), .min = words_min, .max = words_max, .visible = true, .hovered = ImGui::IsMouseHoveringRect(words_min, words_max)}, alert.message);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 30, min.y + words + 3), ctx.theme.muted, story, words_room);
    const std::string name = std::string(look.words) + ": " + alert.message;
    const std::string_view state = firing ? "Firing" : alert.status == "acknowledged" ? "Acknowledged" : "Resolved";
    begin_record_group(ctx, id_of("row"), min, ImVec2(min.x + room, min.y + height), {.role = Role::listitem, .name = name, .value = state, .description = story});
    if (alert.active()) {
        const float x = narrow ? min.x + 30 : min.x + room - buttons;
        ImGui::SetCursorScreenPos(ImVec2(x, narrow ? min.y + row : min.y + 2));
        if (firing) {
            if (button(ctx, "Acknowledge", {.id = "acknowledge", .name = "Acknowledge " + alert.message, .disabled = busy})) alerts.acknowledge(alert.id);
            ImGui::SameLine(0, 8);
        }
        if (button(ctx, "Resolve", {.id = "resolve", .name = "Resolve " + alert.message, .disabled = busy})) alerts.resolve(alert.id);
    }
    end_record_group(ctx);
    ImGui::SetCursorScreenPos(after);
    list->AddRectFilled(ImVec2(min.x, min.y + height + 5), ImVec2(min.x + room, min.y + height + 6), ctx.theme.border);
    ImGui::Dummy(ImVec2(0, 4));
    ImGui::PopID();
}

void event_list(UiContext& ctx, ViewState& views, bool active) {
    model::Alerts& alerts = ctx.app.alerts();
    const model::AlertsState& state = alerts.state();
    if (state.phase == model::LoadPhase::failed && state.events.empty()) {
        if (error_state(ctx, "alerts-error", state.error)) alerts.reload();
        return;
    }
    if (state.phase != model::LoadPhase::ready && state.events.empty()) return skeleton(ctx, "alerts-loading", 4);
    if (state.phase == model::LoadPhase::failed && banner(ctx, "alerts-stale", BannerKind::warning, "Not up to date: " + state.error.message, "Retry")) alerts.reload();
    const std::vector<model::AlertView> shown = state.events;  // a press changes the state
    bool any = false;
    begin_record_group(ctx, id_of("alert-list"), ImGui::GetCursorScreenPos(), ImGui::GetCursorScreenPos(), {.role = Role::list, .name = active ? "Active alerts" : "Past alerts"});
    for (const model::AlertView& alert : shown) {
        if (alert.active() != active) continue;
        any = true;
        alert_row(ctx, alert);
    }
    end_record_group(ctx);
    if (any) {
        if (!active && state.total > static_cast<int>(state.events.size())) text(ctx, "The last " + std::to_string(state.events.size()) + " of " + std::to_string(state.total) + " are shown.", {.color = ctx.theme.muted});
        return;
    }
    const bool no_rules = state.rules_phase == model::LoadPhase::ready && std::none_of(state.rules.begin(), state.rules.end(), [](const model::AlertRuleView& rule) { return rule.enabled; });
    const std::string_view words = !active ? std::string_view("Nothing has happened yet.") : no_rules ? std::string_view("Nothing is watched: no rule is on.") : std::string_view("Nothing is wrong. Rules watch the clusters all the time.");
    if (state_message(ctx, "no-alerts", {.icon = active ? Icon::ok : Icon::list, .text = words, .action = active && no_rules ? "Choose rules" : ""})) views.alerts.tab = "rules";
}

std::string rule_words(const model::AlertRuleView& rule) {
    std::string words;
    if (rule.threshold > 0 && rule.type == "pod_restarts") words = std::to_string(rule.threshold) + " restarts or more";
    if (rule.for_seconds > 0) words += (words.empty() ? "" : ", ") + std::string("for ") + base::short_duration(std::int64_t{rule.for_seconds} * 1'000);
    if (words.empty()) words = "at once";
    words += " · " + (rule.cluster.empty() ? std::string("all clusters") : rule.cluster) + (rule.ns.empty() ? "" : ", namespace " + rule.ns);
    if (rule.active > 0) words += " · " + std::to_string(rule.active) + " active";
    return words;
}

void rule_row(UiContext& ctx, ViewState& views, const model::AlertRuleView& rule, bool admin) {
    model::Alerts& alerts = ctx.app.alerts();
    ImGui::PushID(rule.id.c_str());
    const float room = ImGui::GetContentRegionAvail().x;
    constexpr float kHeight = 46;
    const ImVec2 min = reserve(ctx, ImVec2(room, kHeight));
    const ImVec2 after = ImGui::GetCursorScreenPos();
    const ImVec2 max(min.x + room, min.y + kHeight);
    const SeverityLook look = look_of(ctx.theme, rule.severity);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const std::string words = rule_words(rule);
    const float buttons = admin ? button_width(ctx, rule.enabled ? "Turn off" : "Turn on") + 8 + button_height(ctx) : 0;
    draw_icon(list, look.icon, ImVec2(min.x, min.y + 5), 17, rule.enabled ? look.color : ctx.theme.disabled);
    draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(min.x + 30, min.y + 4), rule.enabled ? ctx.theme.text : ctx.theme.muted, rule.name, std::max(room - buttons - 46, 40.0f));
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 30, min.y + 25), ctx.theme.muted, words, std::max(room - buttons - 46, 40.0f));
    begin_record_group(ctx, id_of("rule"), min, max, {.role = Role::listitem, .name = rule.name, .value = rule.enabled ? "On" : "Off", .description = std::string(look.words) + ", " + words});
    if (admin) {
        const bool busy = alerts.state().busy.contains(rule.id);
        ImGui::SetCursorScreenPos(ImVec2(max.x - buttons, min.y + (kHeight - button_height(ctx)) / 2));
        const std::string_view toggle = rule.enabled ? "Turn off" : "Turn on";
        if (button(ctx, toggle, {.id = "toggle", .name = std::string(toggle) + " " + rule.name, .disabled = busy})) alerts.toggle(rule.id);
        ImGui::SameLine(0, 8);
        const ImVec2 at = ImGui::GetCursorScreenPos();
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::more, .id = "more", .tooltip = "More for " + rule.name, .expanded = menu_is_open("rule-menu"), .has_menu = true})) open_menu("rule-menu");
        if (begin_menu(ctx, "rule-menu", {.anchor_min = at, .anchor_max = ImVec2(at.x + button_height(ctx), at.y + button_height(ctx)), .align_right = true, .width = 180, .name = "More for " + rule.name})) {
            if (menu_item(ctx, "Change…", {.icon = Icon::edit})) {
                alerts.begin_form(rule.id);
                open_dialog(ctx, kForm);
            }
            if (menu_item(ctx, "Try it", {.icon = Icon::bell, .hint = "fires a test"})) alerts.test_fire(rule.id);
            menu_separator(ctx);
            if (menu_item(ctx, "Remove…", {.icon = Icon::trash, .danger = true})) {
                views.alerts.rule_to_remove = rule.id;
                open_dialog(ctx, kRemove);
            }
            end_menu(ctx);
        }
    }
    end_record_group(ctx);
    ImGui::SetCursorScreenPos(after);
    list->AddRectFilled(ImVec2(min.x, max.y + 3), ImVec2(max.x, max.y + 4), ctx.theme.border);
    ImGui::PopID();
}

void template_row(UiContext& ctx, const model::AlertTemplateView& entry, bool admin) {
    ImGui::PushID(entry.id.c_str());
    const float room = ImGui::GetContentRegionAvail().x;
    const float button_room = admin ? button_width(ctx, "Turn on") + 16 : 0;
    const float words_room = std::max(room - button_room - 30, 60.0f);
    const float words = ctx.fonts.ui->CalcTextSizeA(text_size::kSmall, FLT_MAX, words_room, entry.description.c_str()).y;
    const float height = 24 + words + 6;
    const ImVec2 min = reserve(ctx, ImVec2(room, height));
    const ImVec2 after = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_icon(list, look_of(ctx.theme, entry.severity).icon, ImVec2(min.x, min.y + 2), 17, ctx.theme.disabled);
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 30, min.y), ctx.theme.text, entry.name, words_room);
    list->AddText(ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 30, min.y + 22), ctx.theme.muted, entry.description.data(), entry.description.data() + entry.description.size(), words_room);
    begin_record_group(ctx, id_of("template"), min, ImVec2(min.x + room, min.y + height), {.role = Role::listitem, .name = entry.name, .description = entry.description});
    if (admin) {
        ImGui::SetCursorScreenPos(ImVec2(min.x + room - button_room + 16, min.y + 4));
        if (button(ctx, "Turn on", {.id = "enable", .name = "Turn on " + entry.name, .disabled = ctx.app.alerts().state().busy.contains(entry.id)})) ctx.app.alerts().enable_template(entry.id);
    }
    end_record_group(ctx);
    ImGui::SetCursorScreenPos(after);
    ImGui::PopID();
}

void rule_list(UiContext& ctx, ViewState& views) {
    model::Alerts& alerts = ctx.app.alerts();
    const model::AlertsState state = alerts.state();
    if (state.rules_phase == model::LoadPhase::failed && state.rules.empty()) {
        if (error_state(ctx, "rules-error", state.rules_error)) alerts.reload();
        return;
    }
    if (state.rules_phase != model::LoadPhase::ready) return skeleton(ctx, "rules-loading", 4);
    const bool admin = is_admin(ctx.app);
    if (!admin) text(ctx, "Only an admin may change alert rules.", {.color = ctx.theme.muted, .wrap = true, .role = Role::status});
    if (state.rules.empty()) text(ctx, "No rules yet", {.color = ctx.theme.muted, .role = Role::status});
    for (const model::AlertRuleView& rule : state.rules) rule_row(ctx, views, rule, admin);
    std::vector<model::AlertTemplateView> offered;
    for (const model::AlertTemplateView& entry : state.templates) {
        const bool made = std::any_of(state.rules.begin(), state.rules.end(), [&](const model::AlertRuleView& rule) { return rule.type == entry.id; });
        if (!made) offered.push_back(entry);
    }
    if (offered.empty()) return;
    ImGui::Dummy(ImVec2(0, 12));
    section_label(ctx, "Ready-made rules");
    for (const model::AlertTemplateView& entry : offered) template_row(ctx, entry, admin);
}

void rule_dialog(UiContext& ctx, ViewState& views) {
    model::Alerts& alerts = ctx.app.alerts();
    const bool changing = !alerts.state().form_rule.empty();
    if (!begin_dialog(ctx, kForm, {.title = changing ? "Change alert rule" : "New alert rule", .width = 480})) {
        if (views.alerts.form_shown) alerts.end_form();
        views.alerts.form_shown = false;
        return;
    }
    state::Form* form = alerts.form();
    views.alerts.form_shown = form != nullptr;
    if (form == nullptr) {
        ImGui::CloseCurrentPopup();
        end_dialog(ctx);
        return;
    }
    {
        FormFields fields(ctx, *form);
        fields.alert();
        (void)fields.text("name", {.label = "Name"});
        const std::vector<model::AlertTemplateView> types = alerts.state().templates;
        std::vector<SelectItem> items;
        for (const model::AlertTemplateView& type : types) items.push_back({type.id, type.name});
        const auto chosen = std::find_if(types.begin(), types.end(), [&](const model::AlertTemplateView& type) { return type.id == form->text("type"); });
        if (fields.choice("type", items, {.label = "What it looks at", .help = chosen == types.end() ? std::string_view() : std::string_view(chosen->description)})) {
            const auto now = std::find_if(types.begin(), types.end(), [&](const model::AlertTemplateView& type) { return type.id == form->text("type"); });
            if (now != types.end()) {
                form->set("threshold", now->threshold);
                form->set("forSeconds", now->for_seconds);
                form->set("severity", now->severity);
            }
        }
        constexpr std::array<SelectItem, 3> kSeverities{{{"info", "Info"}, {"warning", "Warning"}, {"critical", "Critical"}}};
        (void)fields.choice("severity", kSeverities, {.label = "Severity", .help = "You are notified of what is critical"});
        if (chosen != types.end() && !chosen->threshold_label.empty()) (void)fields.number("threshold", {.min = 1, .max = 10'000}, {.label = chosen->threshold_label});
        (void)fields.number("forSeconds", {.min = 0, .max = 86'400}, {.label = "For how long", .help = "Seconds that it has to last before the rule fires"});
        std::vector<SelectItem> clusters{{"", "All clusters"}};
        const auto known = ctx.app.clusters().state().clusters;
        for (const model::ClusterInfo& cluster : known) clusters.push_back({cluster.name, cluster.display_name});
        (void)fields.choice("cluster", clusters, {.label = "Cluster"});
        (void)fields.text("namespace", {.label = "Namespace", .placeholder = "all"});
        ImGui::Dummy(ImVec2(0, 4));
        const std::string_view label = changing ? "Save" : "Add rule";
        ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - button_width(ctx, "Cancel") - 8 - button_width(ctx, label, {.style = ButtonStyle::primary}), 0.0f));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        if (fields.submit(label, {.busy_label = "Saving…"})) alerts.submit();
    }
    end_dialog(ctx);
}

void remove_dialog(UiContext& ctx, ViewState& views) {
    if (!begin_dialog(ctx, kRemove, {.title = "Remove alert rule?"})) return;
    const model::AlertRuleView* rule = ctx.app.alerts().find_rule(views.alerts.rule_to_remove);
    if (rule == nullptr) {
        ImGui::CloseCurrentPopup();
        end_dialog(ctx);
        return;
    }
    text(ctx, "\"" + rule->name + "\" is forgotten, and its open alerts are resolved.", {.color = ctx.theme.muted, .wrap = true});
    ImGui::Dummy(ImVec2(0, 4));
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - button_width(ctx, "Cancel") - 8 - button_width(ctx, "Remove rule", {.style = ButtonStyle::danger}), 0.0f));
    if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
    ImGui::SameLine();
    if (button(ctx, "Remove rule", {.style = ButtonStyle::danger, .id = "confirm-remove"})) {
        ctx.app.alerts().remove(views.alerts.rule_to_remove);
        ImGui::CloseCurrentPopup();
    }
    end_dialog(ctx);
}

}  // namespace

void draw_alerts(UiContext& ctx, ViewState& views, const Layout& layout) {
    model::Alerts& alerts = ctx.app.alerts();
    alerts.ensure();
    const Box& box = layout.main;
    begin_record_group(ctx, id_of("alerts"), box.min, box.max, {.role = Role::main, .name = "Alerts"});
    const float side = std::max(box.width() > 600 ? 28.0f : metrics::kPad, (box.width() - kColumn) / 2);
    if (begin_region(ctx, "alerts-page", box.min, box.max, ctx.theme.background, ImVec2(side, 24), true)) {
        const float top = ImGui::GetCursorPosY();
        heading(ctx, "Alerts");
        const float after = ImGui::GetCursorPosY();
        const float buttons = button_width(ctx, "New rule", {.style = ButtonStyle::primary, .icon = Icon::plus}) + 8 + button_height(ctx);
        ImGui::SetCursorPos(ImVec2(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f), top));
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::refresh, .id = "reload-alerts", .tooltip = "Read the alerts again"})) alerts.reload();
        ImGui::SameLine();
        command_button(ctx, "alerts.new_rule", "New rule", {.style = ButtonStyle::primary, .icon = Icon::plus});
        ImGui::SetCursorPosY(std::max(after, ImGui::GetCursorPosY()) + 4);
        const std::array<TabItem, 3> items{{{"active", "Active", alerts.state().active}, {"history", "History"}, {"rules", "Rules"}}};
        if (const std::string_view chosen = tabs(ctx, "alert-tabs", items, views.alerts.tab, {.name = "Alerts"}); !chosen.empty()) views.alerts.tab = chosen;
        ImGui::Dummy(ImVec2(0, 6));
        if (views.alerts.tab == "rules") rule_list(ctx, views);
        else event_list(ctx, views, views.alerts.tab == "active");
    }
    end_region(ctx);
    end_record_group(ctx);
}

void draw_alert_dialogs(UiContext& ctx, ViewState& views) {
    rule_dialog(ctx, views);
    remove_dialog(ctx, views);
}

void register_alert_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers) {
    const auto signed_in = [&app] { return app.session().phase == model::SessionPhase::signed_in; };
    const auto show = [&app, &views](const char* tab) {
        return [&app, &views, tab] {
            views.alerts.tab = tab;
            app.set_rail("alerts");
        };
    };
    commands.add({.id = "go.alerts", .title = "Go to alerts", .group = "Go to", .keys = {"G L"}, .enabled = signed_in, .run = show("active")});
    commands.add({.id = "alerts.rules", .title = "Alert rules", .group = "Go to", .enabled = signed_in, .run = show("rules")});
    commands.add({.id = "alerts.new_rule", .title = "New alert rule…", .group = "Alerts", .enabled = [&app, signed_in] { return signed_in() && is_admin(app); }, .run = [&app, &layers, open = show("rules")] {
                      open();
                      app.alerts().ensure();
                      app.alerts().begin_form({});
                      layers.to_open.emplace_back(kForm);
                  }});
    commands.add({.id = "alerts.reload", .title = "Read the alerts again", .group = "Alerts", .enabled = signed_in, .run = [&app] { app.alerts().reload(); }});
}

}  // namespace ui
