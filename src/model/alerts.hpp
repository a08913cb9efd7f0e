// Alerts: rules over the clusters and what they found. Live by one stream, which says that something changed; the lists are the query
// cache's and are read when somebody looks.
//
//   alerts.start();                     // signed in: how many are active, for the status bar
//   alerts.ensure();                    // the page is shown: events, rules, templates
//   alerts.acknowledge(id); alerts.resolve(id);
//   alerts.toggle(rule_id);             // admins; others are told why not
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/api_slots.hpp"
#include "model/list_query.hpp"
#include "model/model_context.hpp"
#include "model/stream_payloads.hpp"
#include "state/forms/form.hpp"
#include "state/store.hpp"

namespace model {

struct AlertRuleView {
    std::string id, name, description, type, severity, cluster, ns;  // severity: info, warning, critical
    std::string created_by;
    bool enabled = false;
    int threshold = 0;
    int for_seconds = 0;
    int active = 0;       // events of it that are not resolved
    friend bool operator==(const AlertRuleView&, const AlertRuleView&) = default;
};

struct AlertTemplateView {
    std::string id, name, description, severity, threshold_label;  // the label is empty where nothing is counted
    int threshold = 0;
    int for_seconds = 0;
    friend bool operator==(const AlertTemplateView&, const AlertTemplateView&) = default;
};

struct AlertView {
    std::string id, rule_id, rule_name, severity, type, message, status;  // status: firing, acknowledged, resolved
    std::string cluster, kind, ns, name;
    std::string fired_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by;
    bool test = false;
    [[nodiscard]] bool active() const { return status != "resolved"; }
    friend bool operator==(const AlertView&, const AlertView&) = default;
};

struct AlertsState {
    LoadPhase phase = LoadPhase::idle;         // of the events
    base::Error error;
    std::vector<AlertView> events;             // newest first, the last kListed
    int total = 0;
    LoadPhase rules_phase = LoadPhase::idle;
    base::Error rules_error;
    std::vector<AlertRuleView> rules;
    std::vector<AlertTemplateView> templates;
    int active = 0;                            // not resolved
    int critical = 0;                          // of those
    bool live = false;
    std::set<std::string> busy;                // ids of events and rules that something is done with
    bool form_open = false;
    std::string form_rule;                     // the one that is changed; empty: a new one
    friend bool operator==(const AlertsState&, const AlertsState&) = default;
};

class Alerts {
public:
    static constexpr int kListed = 100;

    explicit Alerts(ModelContext& context);

    [[nodiscard]] const AlertsState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }
    [[nodiscard]] const AlertRuleView* find_rule(const std::string& id) const;

    void start();
    void ensure();
    void reload();

    void acknowledge(const std::string& event_id);
    void resolve(const std::string& event_id);

    void toggle(const std::string& rule_id);
    void remove(const std::string& rule_id);
    void test_fire(const std::string& rule_id);
    void enable_template(const std::string& template_id);

    // `rule_id` empty: a new one.
    void begin_form(const std::string& rule_id);
    void end_form();
    [[nodiscard]] state::Form* form() { return form_.get(); }
    void submit();

    void clear();

private:
    void update(std::function<void(AlertsState&)> change);
    void take_overview(const base::Result<Json>& answer);
    void take_events(const base::Result<Json>& answer);
    void take_rules(const base::Result<Json>& answer);
    void on_event(const wire::SseEvent& event);
    void refresh_soon();
    void act(const std::string& id, net::ApiRequest request, std::string_view failed_title);

    ModelContext& context_;
    state::Store<AlertsState> state_;
    ApiSlots slots_;
    ListQuery overview_, events_, rules_, templates_;
    std::unique_ptr<state::Form> form_;
    base::Timer refresh_;
    bool seen_connected_ = false;
    net::SharedStreams::Lease stream_;
};

}  // namespace model
