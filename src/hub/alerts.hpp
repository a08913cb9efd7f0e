// Alerts: rules over the objects of the clusters, and what became of them (contracts: KubeOrch core, "Other", "SSE framing").
//
// An alert event fires when a rule holds for an object, is acknowledged or resolved by people, and resolves by itself when the rule does
// not hold any more. There is one open event for each rule and object. What a person has resolved although it still holds stays
// resolved until it has been over once. The last kKept events are kept. Everybody sees the rules and those events whose cluster and
// namespace they may see; admins change rules.
//
//   alerts.start();                                  // with the hub: rules that are enabled begin to watch
//   alerts.stream(caller, writer);                   // connected, alert_fired, alert_resolved, and ours: alert_acknowledged
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "hub/alert_watch.hpp"
#include "hub/followers.hpp"
#include "hub/page_query.hpp"
#include "hub/read_once.hpp"
#include "hub/services.hpp"

namespace hub {

struct AlertEvent {
    std::string id;
    AlertSubject subject;
    std::string rule_name;
    std::string severity;
    std::string type;
    std::string message;
    std::string status = "firing";  // firing, acknowledged, resolved
    bool test = false;
    std::string fired_at;
    std::string acknowledged_at, acknowledged_by;
    std::string resolved_at, resolved_by;  // by: empty when it resolved by itself

    [[nodiscard]] bool open() const { return status != "resolved"; }
    [[nodiscard]] Json to_wire() const;
};

struct AlertFilter {
    std::string severity, status, type;  // empty: any; status "active": not resolved
    Page page;
};

class Alerts final : public AlertObserver {
public:
    static constexpr std::size_t kKept = 500;
    static constexpr std::size_t kMaxRules = 100;

    explicit Alerts(Services& services);
    ~Alerts() override;

    void start();

    void overview(const User& caller, Writer writer);
    void list_rules(Writer writer);
    void get_rule(std::string id, Writer writer);
    void create_rule(const User& caller, Json body, Writer writer);
    void change_rule(std::string id, Json body, Writer writer);
    void toggle_rule(std::string id, Writer writer);
    void remove_rule(std::string id, Writer writer);
    void enable_template(const User& caller, std::string template_id, Writer writer);
    void test_fire(const User& caller, std::string rule_id, Writer writer);
    void list_events(const User& caller, AlertFilter filter, Writer writer);
    void acknowledge(const User& caller, std::string event_id, Writer writer);
    void resolve(const User& caller, std::string event_id, Writer writer);
    void stream(const User& caller, Writer writer);

private:
    void alert_holds(const AlertSubject& subject, const std::string& message) override;
    void alert_over(const AlertSubject& subject) override;
    void alert_list_read(const std::string& cluster, const std::string& kind, const std::string& ns, const std::set<std::string>& holding) override;

    void read(ReadOnce::Done done);
    void take_link(ClusterLink& link);
    void rules_changed();
    // Answers 404 itself.
    void with_rule(std::string id, Writer writer, base::UniqueFunction<void(AlertRule&)> then);
    void with_event(const User& caller, std::string id, Writer writer, base::UniqueFunction<void(AlertEvent&)> then);
    void add_rule(const User& caller, AlertRule rule, Writer writer);
    void store_rule(const AlertRule& rule);
    AlertEvent& fire(const AlertRule& rule, AlertSubject subject, std::string message, bool test);
    void settle(AlertEvent& event, const std::string& by);
    void store_event(const AlertEvent& event);
    void tell(std::string_view type, const AlertEvent& event);
    [[nodiscard]] AlertEvent* open_event(std::string_view key);
    [[nodiscard]] bool may_see(const User& caller, const AlertEvent& event) const;
    [[nodiscard]] AlertRule* find_rule(std::string_view id);
    [[nodiscard]] std::string now() const;

    Services& services_;
    std::vector<AlertRule> rules_;               // oldest first
    std::deque<AlertEvent> events_;              // newest first
    std::map<std::string, std::string> open_;    // subject key -> event id
    std::set<std::string, std::less<>> held_back_;  // keys that a person resolved although they hold
    Followers<User> followers_;
    ReadOnce stored_;
    Lifetime lifetime_;
};

}  // namespace hub
