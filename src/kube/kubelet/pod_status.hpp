// The parts of PodStatus that follow from the container statuses: phase and conditions, by the kubelet's own rules.
#pragma once

#include <cstdint>
#include <string>

#include "kube/object_store.hpp"

namespace kube::kubelet {

// Writes status.phase and the conditions PodReadyToStartContainers, Initialized, ContainersReady and Ready from
// status.initContainerStatuses and status.containerStatuses.
void summarize(Json& pod, std::int64_t now_ms);

// A container status that has not run yet.
[[nodiscard]] Json waiting_status(const Json& container, const std::string& reason);
// `state` replaced by {kind: body}.
void set_state(Json& container_status, const char* kind, Json body);
// The container (or init container) of that name in the pod's spec; null when there is none.
[[nodiscard]] const Json* container_spec(const Json& pod, const std::string& name, bool* is_init = nullptr);

// The status of the container (or init container) of that name, and its restartCount; null and 0 when there is none.
[[nodiscard]] const Json* container_status(const Json& pod, const std::string& name);
[[nodiscard]] std::int64_t restart_count(const Json& pod, const std::string& name);
// Whether the pod's restartPolicy starts it again after that exit code.
[[nodiscard]] bool restarts(const Json& pod, bool is_init, int exit_code);

// A container that has crashed for the first time is started again after this.
inline constexpr std::int64_t kFirstRestart_ms = 1000;

}  // namespace kube::kubelet
