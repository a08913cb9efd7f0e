// The columns and cells of each kind, as kubectl's printers have them (pkg/printers/internalversion). Used by table.cpp only.
#pragma once

#include <cstdint>
#include <string>

#include "kube/table.hpp"

namespace kube::table {

// "5m", "<unknown>" without a time, "<invalid>" in the future.
[[nodiscard]] std::string age_since(std::string_view time, std::int64_t now_ms);
[[nodiscard]] std::string age(const Json& object, std::int64_t now_ms);

#define BINNACLE_TABLE_KIND(kind)        \
    [[nodiscard]] TableColumns kind##_columns(); \
    void kind##_cells(const Json& object, std::int64_t now_ms, Json& out);

BINNACLE_TABLE_KIND(pod)
BINNACLE_TABLE_KIND(deployment)
BINNACLE_TABLE_KIND(replica_set)
BINNACLE_TABLE_KIND(stateful_set)
BINNACLE_TABLE_KIND(daemon_set)
BINNACLE_TABLE_KIND(job)
BINNACLE_TABLE_KIND(cron_job)
BINNACLE_TABLE_KIND(service)
BINNACLE_TABLE_KIND(endpoints)
BINNACLE_TABLE_KIND(endpoint_slice)
BINNACLE_TABLE_KIND(ingress)
BINNACLE_TABLE_KIND(network_policy)
BINNACLE_TABLE_KIND(node)
BINNACLE_TABLE_KIND(event)
BINNACLE_TABLE_KIND(namespace)
BINNACLE_TABLE_KIND(config_map)
BINNACLE_TABLE_KIND(secret)
BINNACLE_TABLE_KIND(service_account)
BINNACLE_TABLE_KIND(claim)
BINNACLE_TABLE_KIND(autoscaler)

#undef BINNACLE_TABLE_KIND

}  // namespace kube::table
