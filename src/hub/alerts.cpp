#include "hub/alerts.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/time_text.hpp"
#include "hub/stream_envelope.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

namespace {

constexpr const char* kRules = "alert_rules";
constexpr const char* kEvents = "alert_events";

AlertEvent event_from_document(const std::string& id, const Json& json) {
    return {.id = id,
            .subject = {text_at(json, "ruleId"), text_at(json, "cluster"), text_at(json, "resource", "kind"), text_at(json, "resource", "namespace"), text_at(json, "resource", "name")},
            .rule_name = text_at(json, "ruleName"),
            .severity = text_at(json, "severity"),
            .type = text_at(json, "type"),
            .message = text_at(json, "message"),
            .status = text_at(json, "status"),
            .test = flag_at(json, "test"),
            .fired_at = text_at(json, "firedAt"),
            .acknowledged_at = text_at(json, "acknowledgedAt"),
            .acknowledged_by = text_at(json, "acknowledgedBy"),
            .resolved_at = text_at(json, "resolvedAt"),
            .resolved_by = text_at(json, "resolvedBy")};
}

std::string name_of(const User& user) { return user.name.empty() ? user.email : user.name; }

}  // namespace

Json AlertEvent::to_wire() const {
    Json wire = {{"id", id},
                 {"ruleId", subject.rule_id},
                 {"ruleName", rule_name},
                 {"severity", severity},
                 {"type", type},
                 {"message", message},
                 {"status", status},
                 {"test", test},
                 {"cluster", subject.cluster},
                 {"resource", {{"kind", subject.kind}, {"namespace", subject.ns}, {"name", subject.name}}},
                 {"firedAt", fired_at}};
    if (!acknowledged_at.empty()) wire.update({{"acknowledgedAt", acknowledged_at}, {"acknowledgedBy", acknowledged_by}});
    if (!resolved_at.empty()) wire.update({{"resolvedAt", resolved_at}, {"resolvedBy", resolved_by}});
    return wire;
}

Alerts::Alerts(Services& services) : services_(services), stored_([this](ReadOnce::Done done) { read(std::move(done)); }) {
    services_.clusters.on_link([this](ClusterLink& link) { take_link(link); });
    services_.clusters.on_removed([this](const std::string& cluster) {
        for (AlertEvent& event : events_) {
            if (event.open() && event.subject.cluster == cluster) settle(event, {});
        }
    });
}

Alerts::~Alerts() {
    services_.clusters.on_link({});
    services_.clusters.on_removed({});
    services_.clusters.each_link([](ClusterLink& link) { link.alerts.set_observer(nullptr, {}); });
}

std::string Alerts::now() const { return base::format_rfc3339_millis(services_.ports.scheduler.clock().unix_ms()); }

// ---- reading and watching ---------------------------------------------------------------------------------------------------------

void Alerts::start() {
    stored_.when_read(nullptr, [] {});
}

void Alerts::read(ReadOnce::Done done) {
    DocumentStore& store = services_.ports.documents;
    store.list(kRules, lifetime_.guard([this, &store, done = std::move(done)](base::Result<std::vector<Document>> rules) mutable {
        if (!rules) return done(base::fail(rules.error()));
        store.list(kEvents, lifetime_.guard([this, rules = std::move(*rules), done = std::move(done)](base::Result<std::vector<Document>> events) mutable {
            if (!events) return done(base::fail(events.error()));
            for (const Document& document : rules) {
                if (const auto json = base::parse_json(document.json); json && find_alert_type(text_at(*json, "type"))) rules_.push_back(alert_rule_from_document(document.id, *json));
            }
            std::stable_sort(rules_.begin(), rules_.end(), [](const AlertRule& a, const AlertRule& b) { return a.created_at < b.created_at; });
            for (const Document& document : *events) {
                if (const auto json = base::parse_json(document.json)) events_.push_back(event_from_document(document.id, *json));
            }
            std::sort(events_.begin(), events_.end(), [](const AlertEvent& a, const AlertEvent& b) { return a.fired_at > b.fired_at; });
            for (const AlertEvent& event : events_) {
                if (event.open()) open_[event.subject.key()] = event.id;
            }
            done({});
            rules_changed();
        }));
    }));
}

void Alerts::take_link(ClusterLink& link) {
    link.alerts.set_observer(this, link.name);
    if (stored_.ready()) link.alerts.set_rules(rules_);
}

void Alerts::rules_changed() {
    services_.clusters.each_link([this](ClusterLink& link) { take_link(link); });
    // What no enabled rule speaks for any more is over.
    for (AlertEvent& event : events_) {
        const AlertRule* rule = find_rule(event.subject.rule_id);
        const bool spoken_for = rule && (event.test || (rule->enabled && (rule->cluster.empty() || rule->cluster == event.subject.cluster) && (rule->ns.empty() || event.subject.ns.empty() || rule->ns == event.subject.ns)));
        if (event.open() && !spoken_for) settle(event, {});
    }
}

AlertEvent* Alerts::open_event(std::string_view key) {
    const auto id = open_.find(std::string(key));
    if (id == open_.end()) return nullptr;
    const auto event = std::find_if(events_.begin(), events_.end(), [&](const AlertEvent& entry) { return entry.id == id->second; });
    return event == events_.end() ? nullptr : &*event;
}

void Alerts::alert_holds(const AlertSubject& subject, const std::string& message) {
    const std::string key = subject.key();
    if (held_back_.contains(key)) return;
    if (AlertEvent* known = open_event(key)) {
        if (known->message == message) return;
        known->message = message;  // no news for anybody but those who look
        return store_event(*known);
    }
    const AlertRule* rule = find_rule(subject.rule_id);
    if (!rule) return;
    const AlertEvent& event = fire(*rule, subject, message, false);
    if (rule->severity != "critical" || rule->created_by.empty()) return;
    services_.notifications.tell({rule->created_by}, {.type = "resource_warning", .title = rule->name, .message = message, .link = "/alerts", .ref_id = event.id});
}

void Alerts::alert_over(const AlertSubject& subject) {
    const std::string key = subject.key();
    held_back_.erase(key);
    if (AlertEvent* event = open_event(key)) settle(*event, {});
}

void Alerts::alert_list_read(const std::string& cluster, const std::string& kind, const std::string& ns, const std::set<std::string>& holding) {
    for (AlertEvent& event : events_) {
        const AlertSubject& subject = event.subject;
        const bool looked_at = !event.test && subject.cluster == cluster && subject.kind == kind && (ns.empty() || subject.ns == ns);
        if (event.open() && looked_at && !holding.contains(subject.key())) {
            // Another rule may be the one that looks at this namespace.
            const AlertRule* rule = find_rule(subject.rule_id);
            if (rule && rule->ns == ns) settle(event, {});
        }
    }
    std::erase_if(held_back_, [&](const std::string& key) { return key.find("|" + cluster + "|" + kind + "|") != std::string::npos && !holding.contains(key); });
}

AlertEvent& Alerts::fire(const AlertRule& rule, AlertSubject subject, std::string message, bool test) {
    AlertEvent event{.id = base::make_id(services_.ports.random, services_.ports.scheduler.clock().unix_ms()),
                     .subject = std::move(subject),
                     .rule_name = rule.name,
                     .severity = rule.severity,
                     .type = rule.type,
                     .message = std::move(message),
                     .status = "firing",
                     .test = test,
                     .fired_at = now(),
                     .acknowledged_at = {}, .acknowledged_by = {}, .resolved_at = {}, .resolved_by = {}};
    open_[event.subject.key()] = event.id;
    events_.push_front(std::move(event));
    store_event(events_.front());
    tell("alert_fired", events_.front());
    while (events_.size() > kKept) {
        const AlertEvent& oldest = events_.back();
        if (const auto known = open_.find(oldest.subject.key()); known != open_.end() && known->second == oldest.id) open_.erase(known);
        services_.ports.documents.remove(kEvents, oldest.id, DocumentStore::kAnyRevision, [](base::Result<void>) {});
        events_.pop_back();
    }
    return events_.front();
}

void Alerts::settle(AlertEvent& event, const std::string& by) {
    event.status = "resolved";
    event.resolved_at = now();
    event.resolved_by = by;
    open_.erase(event.subject.key());
    store_event(event);
    tell("alert_resolved", event);
}

void Alerts::store_event(const AlertEvent& event) {
    services_.ports.documents.put(kEvents, event.id, dump_json(event.to_wire()), DocumentStore::kAnyRevision, [](base::Result<std::int64_t>) {});
}

void Alerts::tell(std::string_view type, const AlertEvent& event) {
    const Json data = {{"event_id", event.id}, {"rule_id", event.subject.rule_id}, {"severity", event.severity}, {"message", event.message}, {"type", event.type}, {"test", event.test}};
    const std::string bytes = wire::sse_event(type, dump_json(stream_envelope(type, "alerts", services_.ports.scheduler.clock().unix_ms(), data)));
    followers_.send(bytes, [&](const User& caller) { return may_see(caller, event); });
}

bool Alerts::may_see(const User& caller, const AlertEvent& event) const {
    if (event.subject.cluster.empty()) return true;  // a test
    const auto entry = services_.clusters.visible(caller, event.subject.cluster);
    if (!entry) return caller.role == "admin";  // of a cluster that is gone
    const std::vector<std::string> namespaces = services_.clusters.namespaces_of(caller, **entry);
    return namespaces.empty() || std::find(namespaces.begin(), namespaces.end(), event.subject.ns) != namespaces.end();
}

// ---- rules --------------------------------------------------------------------------------------------------------------------------

AlertRule* Alerts::find_rule(std::string_view id) {
    const auto found = std::find_if(rules_.begin(), rules_.end(), [id](const AlertRule& rule) { return rule.id == id; });
    return found == rules_.end() ? nullptr : &*found;
}

void Alerts::with_rule(std::string id, Writer writer, base::UniqueFunction<void(AlertRule&)> then) {
    stored_.when_read(writer, [this, id = std::move(id), writer, then = std::move(then)]() mutable {
        AlertRule* rule = find_rule(id);
        if (!rule) return send_error(*writer, 404, "There is no alert rule " + id + ".");
        then(*rule);
    });
}

void Alerts::store_rule(const AlertRule& rule) {
    services_.ports.documents.put(kRules, rule.id, dump_json(rule.to_wire()), DocumentStore::kAnyRevision, [](base::Result<std::int64_t>) {});
}

void Alerts::list_rules(Writer writer) {
    stored_.when_read(writer, [this, writer] {
        Json rules = Json::array();
        for (const AlertRule& rule : rules_) {
            Json wire = rule.to_wire();
            wire["activeEvents"] = std::count_if(events_.begin(), events_.end(), [&](const AlertEvent& event) { return event.open() && event.subject.rule_id == rule.id; });
            rules.push_back(std::move(wire));
        }
        send_json(*writer, 200, {{"rules", std::move(rules)}, {"total", rules_.size()}});
    });
}

void Alerts::get_rule(std::string id, Writer writer) {
    with_rule(std::move(id), writer, [writer](AlertRule& rule) { send_json(*writer, 200, {{"rule", rule.to_wire()}}); });
}

void Alerts::add_rule(const User& caller, AlertRule rule, Writer writer) {
    if (rules_.size() >= kMaxRules) return send_error(*writer, 409, "There are " + std::to_string(rules_.size()) + " rules already. Remove one first.");
    rule.id = base::make_id(services_.ports.random, services_.ports.scheduler.clock().unix_ms());
    rule.created_by = caller.id;
    rule.created_at = rule.updated_at = now();
    store_rule(rule);
    rules_.push_back(std::move(rule));
    send_json(*writer, 201, {{"message", "The rule was added"}, {"rule", rules_.back().to_wire()}});
    rules_changed();
}

void Alerts::create_rule(const User& caller, Json body, Writer writer) {
    auto rule = read_alert_rule(body, nullptr);
    if (!rule) return send_error(*writer, rule.error());
    if (!rule->cluster.empty() && !services_.clusters.find(rule->cluster)) return send_error(*writer, 400, "cluster: there is no cluster named \"" + rule->cluster + "\"");
    stored_.when_read(writer, [this, caller, rule = std::move(*rule), writer]() mutable { add_rule(caller, std::move(rule), writer); });
}

void Alerts::enable_template(const User& caller, std::string template_id, Writer writer) {
    const AlertType* type = find_alert_type(template_id);
    if (!type) return send_error(*writer, 404, "There is no alert template " + template_id + ".");
    stored_.when_read(writer, [this, caller, type, writer] {
        for (AlertRule& rule : rules_) {
            if (rule.template_id != type->type) continue;
            rule.enabled = true;
            rule.updated_at = now();
            store_rule(rule);
            send_json(*writer, 200, {{"message", "The rule is on"}, {"rule", rule.to_wire()}});
            return rules_changed();
        }
        add_rule(caller,
                 {.name = std::string(type->title), .description = std::string(type->description), .type = std::string(type->type), .severity = std::string(type->severity), .enabled = true,
                  .threshold = type->threshold, .for_seconds = type->for_seconds, .template_id = std::string(type->type)},
                 writer);
    });
}

void Alerts::change_rule(std::string id, Json body, Writer writer) {
    with_rule(std::move(id), writer, [this, body = std::move(body), writer](AlertRule& rule) {
        auto changed = read_alert_rule(body, &rule);
        if (!changed) return send_error(*writer, changed.error());
        if (!changed->cluster.empty() && !services_.clusters.find(changed->cluster)) return send_error(*writer, 400, "cluster: there is no cluster named \"" + changed->cluster + "\"");
        rule = std::move(*changed);
        rule.updated_at = now();
        store_rule(rule);
        send_json(*writer, 200, {{"message", "The rule was changed"}, {"rule", rule.to_wire()}});
        rules_changed();
    });
}

void Alerts::toggle_rule(std::string id, Writer writer) {
    with_rule(std::move(id), writer, [this, writer](AlertRule& rule) {
        rule.enabled = !rule.enabled;
        rule.updated_at = now();
        store_rule(rule);
        send_json(*writer, 200, {{"message", rule.enabled ? "The rule is on" : "The rule is off"}, {"rule", rule.to_wire()}});
        rules_changed();
    });
}

void Alerts::remove_rule(std::string id, Writer writer) {
    with_rule(id, writer, [this, id, writer](AlertRule&) {
        std::erase_if(rules_, [&](const AlertRule& rule) { return rule.id == id; });
        services_.ports.documents.remove(kRules, id, DocumentStore::kAnyRevision, [](base::Result<void>) {});
        send_json(*writer, 200, {{"message", "The rule was removed; its open alerts are resolved"}});
        rules_changed();
    });
}

void Alerts::test_fire(const User& caller, std::string rule_id, Writer writer) {
    with_rule(std::move(rule_id), writer, [this, caller, writer](AlertRule& rule) {
        const AlertSubject subject{rule.id, {}, "Test", {}, {}};
        if (AlertEvent* known = open_event(subject.key())) settle(*known, name_of(caller));
        const AlertEvent& event = fire(rule, subject, "A test of the rule " + rule.name + ", by " + name_of(caller) + ". Resolve it when you have seen it.", true);
        send_json(*writer, 201, {{"message", "The rule fired"}, {"event", event.to_wire()}});
    });
}

// ---- events -------------------------------------------------------------------------------------------------------------------------

void Alerts::with_event(const User& caller, std::string id, Writer writer, base::UniqueFunction<void(AlertEvent&)> then) {
    stored_.when_read(writer, [this, caller, id = std::move(id), writer, then = std::move(then)]() mutable {
        const auto event = std::find_if(events_.begin(), events_.end(), [&](const AlertEvent& entry) { return entry.id == id; });
        if (event == events_.end() || !may_see(caller, *event)) return send_error(*writer, 404, "There is no such alert; only the last " + std::to_string(kKept) + " are kept.");
        then(*event);
    });
}

void Alerts::overview(const User& caller, Writer writer) {
    stored_.when_read(writer, [this, caller, writer] {
        std::size_t active = 0, acknowledged = 0, total = 0;
        Json by_severity = {{"critical", 0}, {"warning", 0}, {"info", 0}};
        for (const AlertEvent& event : events_) {
            if (!may_see(caller, event)) continue;
            ++total;
            if (!event.open()) continue;
            ++active;
            if (event.status == "acknowledged") ++acknowledged;
            by_severity[event.severity] = number_at(by_severity, 0, event.severity) + 1;
        }
        const auto enabled = std::count_if(rules_.begin(), rules_.end(), [](const AlertRule& rule) { return rule.enabled; });
        send_json(*writer, 200, {{"activeAlerts", active}, {"acknowledgedAlerts", acknowledged}, {"bySeverity", std::move(by_severity)}, {"totalEvents", total}, {"totalRules", rules_.size()}, {"enabledRules", enabled}});
    });
}

void Alerts::list_events(const User& caller, AlertFilter filter, Writer writer) {
    stored_.when_read(writer, [this, caller, filter = std::move(filter), writer] {
        Json page = Json::array();
        std::size_t total = 0;
        for (const AlertEvent& event : events_) {
            if (!filter.severity.empty() && event.severity != filter.severity) continue;
            if (!filter.type.empty() && event.type != filter.type) continue;
            if (filter.status == "active" ? !event.open() : !filter.status.empty() && event.status != filter.status) continue;
            if (!may_see(caller, event)) continue;
            if (total++ >= filter.page.offset && page.size() < filter.page.limit) page.push_back(event.to_wire());
        }
        send_json(*writer, 200, {{"events", std::move(page)}, {"total", total}, {"limit", filter.page.limit}, {"offset", filter.page.offset}});
    });
}

void Alerts::acknowledge(const User& caller, std::string event_id, Writer writer) {
    with_event(caller, std::move(event_id), writer, [this, caller, writer](AlertEvent& event) {
        if (!event.open()) return send_error(*writer, 409, "The alert is resolved already.");
        if (event.status != "acknowledged") {
            event.status = "acknowledged";
            event.acknowledged_at = now();
            event.acknowledged_by = name_of(caller);
            store_event(event);
            tell("alert_acknowledged", event);
        }
        send_json(*writer, 200, {{"message", "The alert is acknowledged"}, {"event", event.to_wire()}});
    });
}

void Alerts::resolve(const User& caller, std::string event_id, Writer writer) {
    with_event(caller, std::move(event_id), writer, [this, caller, writer](AlertEvent& event) {
        if (event.open()) {
            if (!event.test) held_back_.insert(event.subject.key());
            settle(event, name_of(caller));
        }
        send_json(*writer, 200, {{"message", "The alert is resolved"}, {"event", event.to_wire()}});
    });
}

void Alerts::stream(const User& caller, Writer writer) {
    stored_.when_read(writer, [this, caller, writer] {
        services_.heartbeat.add(writer);
        followers_.add(writer, [] { return wire::sse_event("connected", R"({"status":"connected"})"); }, caller);
    });
}

}  // namespace hub
