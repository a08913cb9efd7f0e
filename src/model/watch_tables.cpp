#include "model/watch_tables.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace model::watch_tables {

using state::SharedJson;

namespace {

constexpr std::array<Table, 6> kTables{{
    {"dnszones", "DNS zones", "apis/dns.networking.miloapis.com/v1alpha1/dnszones", "default", true, true},
    {"dnsrecordsets", "DNS record sets", "apis/dns.networking.miloapis.com/v1alpha1/dnsrecordsets", "default", true, true},
    {"domains", "Domains", "apis/networking.datumapis.com/v1alpha/domains", "default", true, true},
    {"secrets", "Secrets", "api/v1/secrets", "default", true, false},
    {"httpproxies", "HTTP proxies", "apis/networking.datumapis.com/v1alpha/httpproxies", "default", true, true},
    {"exportpolicies", "Export policies", "apis/telemetry.miloapis.com/v1alpha1/exportpolicies", "default", false, true},
}};

struct Verdict {
    Readiness readiness = Readiness::not_yet;
    std::string_view reason;
    std::string_view message;
};

// What a condition says to people while it is not met.
Verdict verdict_of(const SharedJson& condition, std::int64_t generation) {
    const std::int64_t seen = condition.integer_or("observedGeneration", generation);
    Verdict verdict{Readiness::not_yet, condition.string_or("reason", ""), condition.string_or("message", "")};
    if (seen < generation) return {Readiness::not_yet, "Outdated", "The controller has not seen the last change yet"};
    const std::string_view status = condition.string_or("status", "Unknown");
    if (status == "True") verdict.readiness = Readiness::ready;
    // "Pending" and the like are on their way; what a controller calls failed or invalid is not.
    if (status == "False" && (verdict.reason.find("Failed") != std::string_view::npos || verdict.reason.find("Invalid") != std::string_view::npos)) verdict.readiness = Readiness::failed;
    return verdict;
}

Verdict judge(const Table& table, const SharedJson& object) {
    if (!table.becomes_ready) return {Readiness::ready, "", ""};
    const std::int64_t generation = object.member("metadata").integer_or("generation", 0);
    const auto conditions = object.member("status").member("conditions").items();
    const auto ready = std::find_if(conditions.begin(), conditions.end(), [](const SharedJson& each) { return each.string_or("type", "") == "Ready"; });
    if (ready != conditions.end()) return verdict_of(*ready, generation);
    if (conditions.empty()) return {Readiness::not_yet, "Pending", "No controller has looked at it yet"};
    for (const SharedJson& condition : conditions) {
        if (const Verdict verdict = verdict_of(condition, generation); verdict.readiness != Readiness::ready) return verdict;
    }
    return {Readiness::ready, "", ""};
}

std::string_view word(Readiness readiness) {
    switch (readiness) {
        case Readiness::ready: return "ready";
        case Readiness::not_yet: return "pending";
        case Readiness::failed: return "failed";
    }
    return "pending";
}

SharedJson names_of(const SharedJson& object) {
    std::vector<SharedJson> names;
    for (const SharedJson::Member& member : object.members()) names.push_back(member.name);
    return SharedJson::array(std::move(names));
}

SharedJson add_details(const Table& table, const SharedJson& object, SharedJson row) {
    const SharedJson& spec = object.member("spec");
    const auto text = [&](std::string_view name, const SharedJson& from, std::string_view member) {
        if (const SharedJson* value = from.find(member); value && value->is_string()) row = row.with(name, *value);
    };
    if (table.plural == "dnszones") {
        text("domain", spec, "domainName");
        text("class", spec, "dnsZoneClassName");
        row = row.with("nameservers", object.member("status").member("nameservers"));
    } else if (table.plural == "dnsrecordsets") {
        text("recordType", spec, "recordType");
        text("zone", spec.member("dnsZoneRef"), "name");
        row = row.with("records", static_cast<std::int64_t>(spec.member("records").size()));
    } else if (table.plural == "domains") {
        text("domain", spec, "domainName");
        text("registrar", object.member("status").member("registration").member("registrar"), "name");
    } else if (table.plural == "secrets") {
        text("type", object, "type");
        row = row.with("keys", names_of(object.member("data")));
    } else if (table.plural == "httpproxies") {
        row = row.with("hostnames", spec.member("hostnames"));
    } else if (table.plural == "exportpolicies") {
        row = row.with("sources", static_cast<std::int64_t>(spec.member("sources").size())).with("sinks", static_cast<std::int64_t>(spec.member("sinks").size()));
    }
    return row;
}

}  // namespace

std::span<const Table> all() { return kTables; }

const Table* find(std::string_view plural) {
    const auto found = std::find_if(kTables.begin(), kTables.end(), [plural](const Table& table) { return table.plural == plural; });
    return found == kTables.end() ? nullptr : &*found;
}

net::WatchSpec spec_of(const Table& table, const Scope& scope) {
    return {.resource_type = std::string(table.resource_type),
            .org = scope.org,
            .project = scope.project,
            .ns = scope.ns.empty() ? std::string(table.default_namespace) : scope.ns,
            .name = scope.name,
            .label_selector = {},
            .field_selector = {},
            .cluster = scope.cluster};
}

state::QueryKey key_of(const Table& table, const Scope& scope) {
    SharedJson where = SharedJson::object();
    using Field = std::pair<const char*, const std::string*>;
    for (const auto& [name, value] : {Field{"org", &scope.org}, Field{"project", &scope.project}, Field{"namespace", &scope.ns}, Field{"cluster", &scope.cluster}}) {
        if (!value->empty()) where = where.with(name, *value);
    }
    if (scope.name.empty()) return {table.plural, "list", where};
    return {table.plural, "detail", where, scope.name};
}

SharedJson row_of(const Table& table, const net::WatchedObject& object) {
    const auto parsed = SharedJson::parse(object.text);
    if (!parsed || !parsed->is_object()) return {};
    const Verdict verdict = judge(table, *parsed);
    SharedJson row = SharedJson::object({{"key", object.key()}, {"name", object.name}, {"namespace", object.ns}, {"uid", object.uid}, {"ready", word(verdict.readiness)}});
    row = row.with("createdAt", parsed->member("metadata").string_or("creationTimestamp", ""));
    if (!verdict.reason.empty()) row = row.with("reason", verdict.reason);
    if (!verdict.message.empty()) row = row.with("message", verdict.message);
    return add_details(table, *parsed, std::move(row));
}

Readiness readiness_of(const Table& table, const net::WatchedObject& object) {
    const auto parsed = SharedJson::parse(object.text);
    return parsed ? judge(table, *parsed).readiness : Readiness::not_yet;
}

std::unique_ptr<WatchedList> watch(net::WatchManager& watches, state::QueryClient& queries, base::Scheduler& scheduler, const Table& table, const Scope& scope) {
    WatchedListOptions options;
    options.spec = spec_of(table, scope);
    options.key = key_of(table, scope);
    options.item = [&table](const net::WatchedObject& object) { return row_of(table, object); };
    return std::make_unique<WatchedList>(watches, queries, scheduler, std::move(options));
}

net::WatchSubscription wait_until_ready(net::WatchManager& watches, const Table& table, const Scope& scope, std::int64_t timeout_ms,
                                        base::UniqueFunction<void(base::Result<net::WatchedPtr>)> done) {
    return watches.wait_for(
        spec_of(table, scope), [&table](const net::WatchedObject& object) { return readiness_of(table, object) != Readiness::not_yet; }, timeout_ms,
        [done = std::move(done), &table](base::Result<net::WatchedPtr> found) mutable {
            if (!found || readiness_of(table, **found) == Readiness::ready) return done(std::move(found));
            const SharedJson row = row_of(table, **found);
            done(base::fail(base::ErrorCode::conflict, (*found)->name + " has failed: " + std::string(row.string_or("message", row.string_or("reason", "no reason given"))),
                            "Correct its spec, or look at its events"));
        });
}

}  // namespace model::watch_tables
