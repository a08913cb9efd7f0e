// The resources that a Datum portal watches, as tables: what is watched, what becomes of an object, when it is ready. Any other resource type
// needs no entry here: the Resources view watches what discovery names.
//
//   zones_ = watch_tables::watch(watches, queries, scheduler, *watch_tables::find("dnszones"), {.project = "proj-abc"});          // useDnsZonesWatch
//   zone_ = watch_tables::watch(watches, queries, scheduler, *watch_tables::find("dnszones"), {.project = "proj-abc", .name = "example-org"});
//   wait_ = watch_tables::wait_until_ready(watches, *watch_tables::find("dnszones"), {.project = "proj-abc", .name = "example-org"}, 60'000,
//                                          [](base::Result<net::WatchedPtr> zone) { ... });                  // waitForDnsZoneReady
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "model/watched_list.hpp"

namespace model::watch_tables {

struct Table {
    std::string_view plural;         // "dnszones"
    std::string_view title;          // "DNS zones"
    std::string_view resource_type;  // "apis/dns.networking.miloapis.com/v1alpha1/dnszones"
    std::string_view default_namespace;
    bool single = true;              // one object can be watched by name
    bool becomes_ready = true;       // it has conditions to wait for
};

// DNS zones, record sets, domains, secrets, HTTP proxies, export policies.
[[nodiscard]] std::span<const Table> all();
[[nodiscard]] const Table* find(std::string_view plural);

struct Scope {
    std::string project = {};
    std::string org = {};
    std::string ns = {};        // empty: the table's own
    std::string name = {};      // empty: the list
    std::string cluster = {};
};
[[nodiscard]] net::WatchSpec spec_of(const Table& table, const Scope& scope);
[[nodiscard]] state::QueryKey key_of(const Table& table, const Scope& scope);

// {key, name, namespace, uid, createdAt, ready, reason, message, and what the table shows of it: domain, zone, recordType, hostnames, type, keys}.
// Of a secret only the names of its keys, never a value. Null for what is no object.
[[nodiscard]] state::SharedJson row_of(const Table& table, const net::WatchedObject& object);

enum class Readiness { ready, not_yet, failed };
// By status.conditions for the present generation: `Ready` alone if it is there, else all of them. A table that has none is ready by being there.
[[nodiscard]] Readiness readiness_of(const Table& table, const net::WatchedObject& object);

[[nodiscard]] std::unique_ptr<WatchedList> watch(net::WatchManager& watches, state::QueryClient& queries, base::Scheduler& scheduler, const Table& table, const Scope& scope);
// `scope` names the object.
[[nodiscard]] net::WatchSubscription wait_until_ready(net::WatchManager& watches, const Table& table, const Scope& scope, std::int64_t timeout_ms,
                                                      base::UniqueFunction<void(base::Result<net::WatchedPtr>)> done);

}  // namespace model::watch_tables
