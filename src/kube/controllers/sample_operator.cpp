#include "kube/controllers/sample_operator.hpp"

#include <algorithm>
#include <array>

#include "kube/selectors.hpp"

namespace kube::controllers {
namespace {

constexpr std::string_view kZones = "dnszones.dns.networking.miloapis.com";
constexpr std::string_view kRecordSets = "dnsrecordsets.dns.networking.miloapis.com";
constexpr std::string_view kDomains = "domains.networking.datumapis.com";
constexpr std::string_view kProxies = "httpproxies.networking.datumapis.com";
constexpr std::string_view kPolicies = "exportpolicies.telemetry.miloapis.com";

struct Kind {
    std::string_view resource;
    std::string_view accepted;                     // the condition of the first step; empty: there is none
    std::array<std::string_view, 3> programmed;    // those of the second; unused ones are empty
};
constexpr auto kKinds = std::to_array<Kind>({
    {kZones, "Accepted", {"Programmed"}},
    {kRecordSets, "Accepted", {"Programmed"}},
    {kDomains, "ValidDomain", {"VerifiedDNS", "VerifiedHTTP", "Verified"}},
    {kProxies, "Accepted", {"Programmed"}},
    {kPolicies, "", {}},
});

const Kind* kind_of(std::string_view resource) {
    const auto it = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& kind) { return kind.resource == resource; });
    return it == kKinds.end() ? nullptr : &*it;
}

bool never_resolves(std::string_view host) { return host == "invalid" || host.ends_with(".invalid"); }

std::string_view host_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    return url.substr(0, url.find_first_of(":/?#"));
}

// As of this generation of the object.
bool condition_is_current(const Json& object, std::string_view type, std::string_view value) {
    const Json* found = condition(object, type);
    return found && text(*found, {"status"}) == value && integer(*found, {"observedGeneration"}) == integer(object, {"metadata", "generation"}, 1);
}

void observe_condition(Json& status, const Json& object, std::string_view type, std::string_view value, std::string_view reason,
                       std::string_view message, std::int64_t now_ms) {
    set_condition(status, type, value, reason, message, now_ms);
    for (Json& each : list_member(status, {"conditions"})) {
        if (text(each, {"type"}) == type) each["observedGeneration"] = integer(object, {"metadata", "generation"}, 1);
    }
}

Json nameservers_of(std::string_view domain) {
    Json servers = Json::array();
    const auto first = 1 + fnv1a(domain) % 4;
    for (std::uint64_t i = 0; i < 4; ++i) servers.push_back("ns" + std::to_string(1 + (first + i) % 4) + ".dns.binnacle.example.");
    return servers;
}

Json nameserver_objects(std::string_view domain) {
    Json servers = Json::array();
    for (const Json& name : nameservers_of(domain)) {
        servers.push_back(Json{{"hostname", name}, {"ips", Json::array({Json{{"address", "198.51.100." + std::to_string(10 + fnv1a(name.dump()) % 200)},
                                                                            {"registrantName", "Binnacle sample network"}}})}});
    }
    return servers;
}

}  // namespace

SampleOperator::SampleOperator(Context& context) : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscription_ = context_.store.subscribe("", [this](const StoreEvent& event) { observe(event); });
    for (const Kind& kind : kKinds) {
        for (const ObjectPtr& object : context_.store.list(kind.resource)) {
            queue_.add_after(key_of(kind.resource, *object), context_.between(300, 900));
        }
    }
}

void SampleOperator::observe(const StoreEvent& event) {
    if (!kind_of(event.key.resource)) return;
    if (event.type == EventType::deleted) {
        queue_.forget_delayed(event.key);
    } else if (event.type == EventType::added || integer(*event.object, {"metadata", "generation"}) != integer(*event.previous, {"metadata", "generation"})) {
        queue_.add_after(event.key, context_.between(300, 900));
    }
    // Zones and their record sets wait for, and count, each other.
    const std::string domain = text(*event.object, {"spec", "domainName"});
    if (event.key.resource == kDomains || (event.key.resource == kZones && event.type == EventType::deleted)) {
        for (const ObjectPtr& zone : context_.store.list(kZones)) {
            if (text(*zone, {"spec", "domainName"}) == domain) queue_.add(key_of(kZones, *zone));
        }
    }
    if (event.key.resource == kZones) {
        for (const ObjectPtr& records : context_.store.list(kRecordSets, event.key.ns)) {
            if (text(*records, {"spec", "dnsZoneRef", "name"}) == event.key.name) queue_.add(key_of(kRecordSets, *records));
        }
    } else if (event.key.resource == kRecordSets) {
        queue_.add({std::string(kZones), event.key.ns, text(*event.object, {"spec", "dnsZoneRef", "name"})});
    }
}

void SampleOperator::sync(const ObjectKey& key) {
    const ObjectPtr object = context_.store.get(key);
    if (!object || is_deleting(*object)) return;
    const Kind& kind = *kind_of(key.resource);
    const Verdict accepted = accept(key, *object);
    const std::string_view first = kind.accepted.empty() ? std::string_view("Ready") : kind.accepted;
    const bool seen = condition(*object, first) != nullptr;
    if (!accepted.good || !(condition_is_current(*object, first, "True") || (kind.accepted.empty() && seen))) {
        write_pending(key, *object, accepted);
        if (accepted.good) queue_.add_after(key, context_.between(500, 1500));
        return;
    }
    const Verdict programmed = program(key, *object);
    write_done(key, *object, programmed);
}

SampleOperator::Verdict SampleOperator::accept(const ObjectKey& key, const Json& object) const {
    const std::string domain = text(object, {"spec", "domainName"});
    if ((key.resource == kZones || key.resource == kDomains) && !is_dns_subdomain(domain)) {
        return {false, "InvalidDomain", "\"" + domain.substr(0, 80) + "\" is not a domain name"};
    }
    if (key.resource == kZones) {
        for (const ObjectPtr& other : context_.store.list(kZones)) {
            if (text(*other, {"spec", "domainName"}) != domain || uid_of(*other) == uid_of(object)) continue;
            if (condition_is(*other, "Accepted", "True")) {
                return {false, "DNSZoneInUse", "zone " + namespace_of(*other) + "/" + name_of(*other) + " already serves " + domain};
            }
        }
    } else if (key.resource == kRecordSets) {
        const std::string zone = text(object, {"spec", "dnsZoneRef", "name"});
        if (!context_.store.get({std::string(kZones), key.ns, zone})) return {false, "DNSZoneNotFound", "DNSZone \"" + zone + "\" not found"};
    } else if (key.resource == kProxies) {
        for (const Json& rule : array(object, {"spec", "rules"})) {
            for (const Json& backend : array(rule, {"backends"})) {
                const std::string endpoint = text(backend, {"endpoint"});
                const bool web = endpoint.starts_with("http://") || endpoint.starts_with("https://");
                if (!web || host_of(endpoint).empty()) return {false, "InvalidBackend", "the endpoint \"" + endpoint.substr(0, 120) + "\" is not an http or https URL"};
            }
        }
    }
    return {true, "Accepted", ""};
}

SampleOperator::Verdict SampleOperator::program(const ObjectKey& key, const Json& object) const {
    if (key.resource == kRecordSets) {
        const ObjectPtr zone = context_.store.get({std::string(kZones), key.ns, text(object, {"spec", "dnsZoneRef", "name"})});
        if (!zone || !condition_is(*zone, "Programmed", "True")) return {false, "DNSZoneNotProgrammed", "waits for its zone"};
    } else if (key.resource == kDomains || key.resource == kZones) {
        const std::string domain = text(object, {"spec", "domainName"});
        if (never_resolves(domain)) return {false, "PendingVerification", "no record of " + domain + " answers yet"};
    } else if (key.resource == kProxies) {
        for (const Json& rule : array(object, {"spec", "rules"})) {
            for (const Json& backend : array(rule, {"backends"})) {
                const std::string endpoint = text(backend, {"endpoint"});
                if (never_resolves(host_of(endpoint))) return {false, "BackendUnreachable", "no address for " + endpoint};
            }
        }
    } else if (key.resource == kPolicies) {
        for (const Json& sink : array(object, {"spec", "sinks"})) {
            const std::string endpoint = text(sink, {"target", "prometheusRemoteWrite", "endpoint"});
            if (never_resolves(host_of(endpoint))) return {false, "SinkUnreachable", "sink " + text(sink, {"name"}) + ": no address for " + endpoint};
        }
    }
    return {true, "Programmed", ""};
}

void SampleOperator::write_pending(const ObjectKey& key, const Json& object, const Verdict& accepted) {
    const Kind& kind = *kind_of(key.resource);
    const std::string_view value = accepted.good ? "True" : "False";
    const bool news = !accepted.good && !condition_is_current(object, kind.accepted.empty() ? "Ready" : kind.accepted, "False");
    const auto written = context_.store.modify(key, [&](Json& changed) {
        Json& status = member(changed, {"status"});
        const std::int64_t now_ms = context_.now_ms();
        if (!kind.accepted.empty()) observe_condition(status, object, kind.accepted, value, accepted.reason, accepted.message, now_ms);
        for (const std::string_view later : kind.programmed) {
            if (!later.empty()) observe_condition(status, object, later, "Unknown", "Pending", "waits to be programmed", now_ms);
        }
        observe_condition(status, object, "Ready", accepted.good ? "Unknown" : "False", accepted.good ? "Pending" : accepted.reason, accepted.message, now_ms);
        if (key.resource == kDomains && accepted.good) fill_status(key, object, status);  // how to verify is known before it is verified
    });
    if (written && news) context_.events.record(object, {.reason = accepted.reason, .message = accepted.message, .component = "sample-operator", .warning = true});
}

void SampleOperator::write_done(const ObjectKey& key, const Json& object, const Verdict& programmed) {
    const Kind& kind = *kind_of(key.resource);
    const std::string_view value = programmed.good ? "True" : "False";
    const bool news = !condition_is_current(object, "Ready", value);
    const auto written = context_.store.modify(key, [&](Json& changed) {
        Json& status = member(changed, {"status"});
        const std::int64_t now_ms = context_.now_ms();
        for (const std::string_view type : kind.programmed) {
            if (type.empty()) continue;
            const bool verified = type.starts_with("Verified");
            observe_condition(status, object, type, value, programmed.good && verified ? "Verified" : programmed.reason, programmed.message, now_ms);
        }
        observe_condition(status, object, "Ready", value, programmed.good ? "Ready" : programmed.reason, programmed.message, now_ms);
        fill_status(key, object, status);
    });
    if (!written || !news || programmed.reason == "DNSZoneNotProgrammed") return;
    context_.events.record(object, {.reason = programmed.good ? "Ready" : programmed.reason,
                                    .message = programmed.good ? text(object, {"kind"}) + " " + key.name + " is ready" : programmed.message,
                                    .component = "sample-operator",
                                    .warning = !programmed.good});
}

std::int64_t SampleOperator::records_of(const std::string& ns, const std::string& zone) const {
    std::int64_t count = 0;
    for (const ObjectPtr& records : context_.store.list(kRecordSets, ns)) {
        if (text(*records, {"spec", "dnsZoneRef", "name"}) == zone) count += static_cast<std::int64_t>(array(*records, {"spec", "records"}).size());
    }
    return count;
}

void SampleOperator::fill_status(const ObjectKey& key, const Json& object, Json& status) const {
    const std::string domain = text(object, {"spec", "domainName"});
    if (key.resource == kZones) {
        status["nameservers"] = nameservers_of(domain);
        status["recordCount"] = records_of(key.ns, key.name);
        for (const ObjectPtr& other : context_.store.list(kDomains, key.ns)) {
            if (text(*other, {"spec", "domainName"}) != domain) continue;
            status["domainRef"] = Json{{"name", name_of(*other)}, {"status", {{"nameservers", nameserver_objects(domain)}}}};
        }
    } else if (key.resource == kRecordSets) {
        Json names = Json::array();
        for (const Json& record : array(object, {"spec", "records"})) {
            const Json entry{{"name", text(record, {"name"})}};
            if (std::find(names.begin(), names.end(), entry) == names.end()) names.push_back(entry);
        }
        status["recordSets"] = std::move(names);
    } else if (key.resource == kDomains) {
        const std::string token = hex_digest(uid_of(object), 32);
        status["apex"] = std::count(domain.begin(), domain.end(), '.') == 1;
        status["verification"] = Json{{"dnsRecord", {{"name", "_dnsverify." + domain}, {"type", "TXT"}, {"content", token}}},
                                      {"httpToken", {{"url", "http://" + domain + "/.well-known/verify/" + uid_of(object)}, {"body", token}}}};
        if (!condition_is(Json{{"status", status}}, "Verified", "True")) return;
        status["nameservers"] = nameserver_objects(domain);
        status["registration"] = Json{{"registrar", {{"name", "Example Registrar"}}}, {"createdDate", "2019-04-01T00:00:00Z"}, {"expirationDate", "2031-04-01T00:00:00Z"}};
    } else if (key.resource == kProxies) {
        const std::string canonical = short_hash(uid_of(object)) + ".proxy.binnacle.example";
        Json hostnames = array(object, {"spec", "hostnames"});
        hostnames.push_back(canonical);
        status["hostnames"] = std::move(hostnames);
        status["canonicalHostname"] = canonical;
        status["addresses"] = Json::array({Json{{"type", "IPAddress"}, {"value", "203.0.113." + std::to_string(10 + fnv1a(uid_of(object)) % 200)}}});
    } else if (key.resource == kPolicies) {
        Json sinks = Json::array();
        const Json holder{{"status", status}};
        const Json* ready = condition(holder, "Ready");
        for (const Json& sink : array(object, {"spec", "sinks"})) {
            Json entry{{"name", text(sink, {"name"})}};
            if (ready) entry["conditions"] = Json::array({Json(*ready)});
            sinks.push_back(std::move(entry));
        }
        status["sinks"] = std::move(sinks);
    }
}

}  // namespace kube::controllers
