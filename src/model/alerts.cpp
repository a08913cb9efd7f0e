#include "model/alerts.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::int64_t kRefresh_ms = 250;  // a burst of alerts is one reading of the lists

AlertRuleView read_rule(const wire::JsonReader& item) {
    return {.id = item.string_or("id", ""),
            .name = item.string_or("name", ""),
            .description = item.string_or("description", ""),
            .type = item.string_or("type", ""),
            .severity = item.string_or("severity", "warning"),
            .cluster = item.string_or("cluster", ""),
            .ns = item.string_or("namespace", ""),
            .created_by = item.string_or("createdBy", ""),
            .enabled = item.boolean_or("enabled", false),
            .threshold = static_cast<int>(item.integer_or("threshold", 0, {.min = 0, .max = 1'000'000})),
            .for_seconds = static_cast<int>(item.integer_or("forSeconds", 0, {.min = 0, .max = 10'000'000})),
            .active = static_cast<int>(item.integer_or("activeEvents", 0, {.min = 0, .max = 1'000'000}))};
}

AlertView read_event(const wire::JsonReader& item) {
    const wire::JsonReader resource = item.optional_object("resource");
    return {.id = item.string_or("id", ""),
            .rule_id = item.string_or("ruleId", ""),
            .rule_name = item.string_or("ruleName", ""),
            .severity = item.string_or("severity", "warning"),
            .type = item.string_or("type", ""),
            .message = item.string_or("message", ""),
            .status = item.string_or("status", "firing"),
            .cluster = item.string_or("cluster", ""),
            .kind = resource.string_or("kind", ""),
            .ns = resource.string_or("namespace", ""),
            .name = resource.string_or("name", ""),
            .fired_at = item.string_or("firedAt", ""),
            .acknowledged_at = item.string_or("acknowledgedAt", ""),
            .acknowledged_by = item.string_or("acknowledgedBy", ""),
            .resolved_at = item.string_or("resolvedAt", ""),
            .resolved_by = item.string_or("resolvedBy", ""),
            .test = item.boolean_or("test", false)};
}

state::Schema rule_schema() {
    using namespace state::schema;
    return object({
        {"name", string().trim().min(1, "Give the rule a name").max(200).required("Give the rule a name")},
        {"type", string().min(1, "Choose what it looks at").required("Choose what it looks at")},
        {"severity", one_of({"info", "warning", "critical"})},
        {"threshold", number().coerce().integer().min(0).max(10'000).optional()},
        {"forSeconds", number().coerce().integer().min(0).max(86'400, "At most a day").optional()},
        {"cluster", string().trim().or_default("")},
        {"namespace", string().trim().or_default("")},
        {"description", string().or_default("")},
    });
}

std::string rule_path(const std::string& id) { return "/alerts/rules/" + base::percent_encode_segment(id); }
std::string event_path(const std::string& id) { return "/alerts/events/" + base::percent_encode_segment(id); }

}  // namespace

Alerts::Alerts(ModelContext& context)
    : context_(context), slots_(context.api),
      overview_(context, keys::alerts::overview(), "/alerts/overview", [this](const base::Result<Json>& answer) { take_overview(answer); }),
      events_(context, keys::alerts::events(), "/alerts/events?limit=" + std::to_string(kListed), [this](const base::Result<Json>& answer) { take_events(answer); }),
      rules_(context, keys::alerts::rules(), "/alerts/rules", [this](const base::Result<Json>& answer) { take_rules(answer); }),
      templates_(context, keys::alerts::templates(), "/alerts/templates", [this](const base::Result<Json>& answer) {
          if (!answer) return;
          update([&](AlertsState& s) {
              wire::JsonErrors errors;
              s.templates.clear();
              for (const wire::JsonReader item : wire::JsonReader(*answer, errors).array_or_empty("templates")) {
                  s.templates.push_back({.id = item.string_or("id", ""), .name = item.string_or("name", ""), .description = item.string_or("description", ""), .severity = item.string_or("severity", "warning"),
                                         .threshold_label = item.string_or("thresholdLabel", ""), .threshold = static_cast<int>(item.integer_or("threshold", 0)), .for_seconds = static_cast<int>(item.integer_or("forSeconds", 0))});
              }
          });
      }) {}

const AlertRuleView* Alerts::find_rule(const std::string& id) const {
    for (const AlertRuleView& rule : state().rules) {
        if (rule.id == id) return &rule;
    }
    return nullptr;
}

void Alerts::update(std::function<void(AlertsState&)> change) {
    const AlertsState& now = state();
    const int active = now.active;
    const int critical = now.critical;
    const std::uint64_t before = state_.version();
    state_.update([&](AlertsState& s) { change(s); });
    if (state_.version() == before) return;
    const bool counts = state().active != active || state().critical != critical;
    context_.changed(counts ? kTopicPages | kTopicChrome : kTopicPages);
}

void Alerts::start() {
    stream_ = context_.streams.join("alerts", [this] { return context_.stream(net::StreamKind::alerts, "/alerts/stream"); },
                                    {.on_event = [this](const wire::SseEvent& event) { on_event(event); },
                                     .on_change = [this](const net::EventStream::State& stream) { update([live = stream.phase == net::EventStream::Phase::open](AlertsState& s) { s.live = live; }); }});
}

void Alerts::on_event(const wire::SseEvent& event) {
    if (event.type == "alert_acknowledged") return refresh_soon();  // ours; other backends do not say it
    const auto said = decode_alert_event(event.type, event.data);
    if (!said) return;
    using Kind = AlertEvent::Kind;
    if (said->kind == Kind::connected) {
        // The first time there is nothing to show yet but the counts; later it means that something may have been missed.
        if (!std::exchange(seen_connected_, true)) return overview_.load();
        return refresh_soon();
    }
    if (said->kind == Kind::fired) context_.toast(said->severity == "critical" ? ToastKind::danger : said->severity == "info" ? ToastKind::info : ToastKind::warning, "Alert", said->message);
    refresh_soon();
}

void Alerts::refresh_soon() {
    if (refresh_.pending()) return;
    refresh_ = context_.scheduler.after(kRefresh_ms, [this] { context_.queries.invalidate(keys::alerts::all()); });
}

void Alerts::ensure() {
    if (state().phase == LoadPhase::idle) reload();
}

void Alerts::reload() {
    update([](AlertsState& s) {
        if (s.phase != LoadPhase::ready) s.phase = LoadPhase::loading;
        if (s.rules_phase != LoadPhase::ready) s.rules_phase = LoadPhase::loading;
    });
    overview_.load();
    events_.load();
    rules_.load();
    templates_.load();
}

void Alerts::take_overview(const base::Result<Json>& answer) {
    if (!answer) return;  // the page has the words for it
    wire::JsonErrors errors;
    const wire::JsonReader reader(*answer, errors);
    update([&](AlertsState& s) {
        s.active = static_cast<int>(reader.integer_or("activeAlerts", 0, {.min = 0, .max = 1'000'000}));
        s.critical = static_cast<int>(reader.optional_object("bySeverity").integer_or("critical", 0, {.min = 0, .max = 1'000'000}));
    });
}

void Alerts::take_events(const base::Result<Json>& answer) {
    update([&](AlertsState& s) {
        if (!answer) {
            s.error = answer.error();
            s.phase = LoadPhase::failed;
            return;
        }
        wire::JsonErrors errors;
        const wire::JsonReader reader(*answer, errors);
        s.events.clear();
        for (const wire::JsonReader item : reader.array_or_empty("events")) {
            if (AlertView view = read_event(item); !view.id.empty()) s.events.push_back(std::move(view));
        }
        s.total = static_cast<int>(reader.integer_or("total", static_cast<std::int64_t>(s.events.size()), {.min = 0, .max = 1'000'000}));
        s.phase = LoadPhase::ready;
        s.error = {};
    });
}

void Alerts::take_rules(const base::Result<Json>& answer) {
    update([&](AlertsState& s) {
        if (!answer) {
            s.rules_error = answer.error();
            s.rules_phase = LoadPhase::failed;
            return;
        }
        wire::JsonErrors errors;
        s.rules.clear();
        for (const wire::JsonReader item : wire::JsonReader(*answer, errors).array_or_empty("rules")) {
            if (AlertRuleView rule = read_rule(item); !rule.id.empty()) s.rules.push_back(std::move(rule));
        }
        s.rules_phase = LoadPhase::ready;
        s.rules_error = {};
    });
}

void Alerts::act(const std::string& id, net::ApiRequest request, std::string_view failed_title) {
    if (state().busy.contains(id)) return;
    update([&](AlertsState& s) { s.busy.insert(id); });
    slots_.call("act/" + id, std::move(request), [this, id, title = std::string(failed_title)](base::Result<net::ApiReply> reply) {
        update([&](AlertsState& s) { s.busy.erase(id); });
        if (!reply) context_.toast(ToastKind::danger, title, reply.error().message + (reply.error().hint.empty() ? "" : " " + reply.error().hint));
        context_.queries.invalidate(keys::alerts::all());
    });
}

void Alerts::acknowledge(const std::string& event_id) { act(event_id, {.method = "PATCH", .path = event_path(event_id) + "/acknowledge"}, "The alert was not acknowledged"); }
void Alerts::resolve(const std::string& event_id) { act(event_id, {.method = "PATCH", .path = event_path(event_id) + "/resolve"}, "The alert was not resolved"); }
void Alerts::toggle(const std::string& rule_id) { act(rule_id, {.method = "POST", .path = rule_path(rule_id) + "/toggle"}, "The rule was not changed"); }
void Alerts::remove(const std::string& rule_id) { act(rule_id, {.method = "DELETE", .path = rule_path(rule_id)}, "The rule was not removed"); }
void Alerts::test_fire(const std::string& rule_id) { act(rule_id, {.method = "POST", .path = rule_path(rule_id) + "/test-fire"}, "The rule did not fire"); }
void Alerts::enable_template(const std::string& template_id) {
    act(template_id, {.method = "POST", .path = "/alerts/templates/" + base::percent_encode_segment(template_id) + "/enable"}, "The rule was not added");
}

void Alerts::begin_form(const std::string& rule_id) {
    Json initial = {{"name", ""}, {"type", "pod_not_starting"}, {"severity", "warning"}, {"threshold", 3}, {"forSeconds", 60}, {"cluster", ""}, {"namespace", ""}, {"description", ""}};
    if (const AlertRuleView* rule = find_rule(rule_id)) {
        initial = {{"name", rule->name}, {"type", rule->type}, {"severity", rule->severity}, {"threshold", rule->threshold}, {"forSeconds", rule->for_seconds}, {"cluster", rule->cluster}, {"namespace", rule->ns}, {"description", rule->description}};
    }
    form_ = std::make_unique<state::Form>(rule_schema(), std::move(initial));
    form_->on_change([this] { context_.changed(kTopicPages); });
    update([&](AlertsState& s) {
        s.form_open = true;
        s.form_rule = rule_id;
    });
}

void Alerts::end_form() {
    form_.reset();
    slots_.drop("save");
    update([](AlertsState& s) {
        s.form_open = false;
        s.form_rule.clear();
    });
}

void Alerts::submit() {
    if (!form_) return;
    form_->submit([this](Json values) {
        const std::string id = state().form_rule;
        slots_.call("save", {.method = id.empty() ? "POST" : "PUT", .path = id.empty() ? "/alerts/rules" : rule_path(id), .body = std::move(values)}, [this](base::Result<net::ApiReply> reply) {
            if (!form_) return;
            if (!reply) return form_->failed(reply.error());
            form_->succeeded();
            end_form();
            context_.queries.invalidate(keys::alerts::all());
        });
    });
}

void Alerts::clear() {
    stream_.reset();
    refresh_.cancel();
    slots_.clear();
    overview_.stop();
    events_.stop();
    rules_.stop();
    templates_.stop();
    form_.reset();
    seen_connected_ = false;
    state_.set({});
    context_.changed(kTopicPages | kTopicChrome);
}

}  // namespace model
