// Asking a cluster how it is: does it answer and take our credentials, what is it made of, how much of it is used.
//
//   check_cluster(kube, "default", [](CheckResult result) { ... });
//   read_cluster_metadata(kube, check, now, [](Json metadata) { ... });     // the contract's `metadata`
//   read_cluster_metrics(kube, name, now, [](base::Result<Json> metrics) { ... });
//
// What may not be read (no right to list nodes, no metrics server) is left out and said, never an error of the whole.
#pragma once

#include <cstdint>
#include <string>

#include "hub/kube_api.hpp"

namespace hub {

inline constexpr std::int64_t kClusterCheckTimeoutMs = 10'000;

struct CheckResult {
    std::string status;      // connected, disconnected (no answer), error (an answer that is of no use)
    std::string message;     // why not connected, or a limitation ("may not list pods in default")
    std::string hint;
    std::string version;     // "v1.34.1"
    std::string platform;    // "linux/amd64"
    std::int64_t latency_ms = -1;
    [[nodiscard]] bool online() const { return status == "connected"; }
};

// GET /version, which many clusters give to anybody, then a SelfSubjectAccessReview, which only valid credentials get. `done` runs
// exactly once, 20 s later at most, unless the KubeApi ends first.
void check_cluster(KubeApi& kube, std::string ns, base::UniqueFunction<void(CheckResult)> done);

void read_cluster_metadata(KubeApi& kube, CheckResult check, std::string now, base::UniqueFunction<void(Json)> done);

// An error only when neither nodes nor pods can be listed.
void read_cluster_metrics(KubeApi& kube, std::string name, std::string now, base::UniqueFunction<void(base::Result<Json>)> done);

}  // namespace hub
