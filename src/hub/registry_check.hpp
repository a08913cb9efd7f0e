// Does a registry answer, and does it take our credentials? Asks as a container runtime does (OCI distribution specification):
// GET /v2/, then Basic or a token from the place that the challenge names, then GET /v2/ again.
//
//   check_ = check_registry(outbound, scheduler, record, [](RegistryVerdict verdict) { ... });
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/scheduler.hpp"
#include "base/unique_function.hpp"
#include "hub/outbound_http.hpp"
#include "hub/registry_record.hpp"

namespace hub {

struct RegistryVerdict {
    bool connected = false;
    std::string message;  // "Signed in as ...", "The registry refuses the credentials"
    std::string hint;     // what to do next; may be empty
};

// `done` runs once, through the scheduler; not at all once what this answers is dropped, which may happen inside `done`.
[[nodiscard]] std::shared_ptr<void> check_registry(OutboundHttp& outbound, base::Scheduler& scheduler, const RegistryRecord& record, base::UniqueFunction<void(RegistryVerdict)> done);

// WWW-Authenticate: one challenge. `Bearer realm="https://auth.docker.io/token",service="registry.docker.io"`
struct AuthChallenge {
    std::string scheme;  // lower case
    std::string realm;
    std::string service;
    std::string scope;
};
[[nodiscard]] AuthChallenge parse_challenge(std::string_view header);

}  // namespace hub
