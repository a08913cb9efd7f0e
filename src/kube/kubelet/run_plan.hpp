// RunPlan: what a container of the simulated kubelet does from its start on: how long it takes to start and to become ready,
// whether and how it ends, and what it prints meanwhile. A pure function of the pod's spec, the container and the number of the
// run, so that the kubelet (which waits) and the logs (which are told later) agree without talking, also after a restore.
//
// What decides, in order:
//   SIMULATE=crash | oom | slow | notready    in the container's env, or the image tag of that name
//   a memory limit below what the image needs      OOMKilled, exit code 137
//   the command                                    a toy shell: `sh -c "echo hi; sleep 3; exit 1"`, `sleep 60`, `false`, `true`,
//                                                  `while true; do echo tick; sleep 5; done`; anything else is taken for the
//                                                  image's own program
//   restartPolicy other than Always                the program is a task: a few seconds of progress lines, then exit 0
//   the image                                      servers serve for ever; a bare shell or interpreter ends at once, exit 0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/images.hpp"
#include "kube/log_text.hpp"
#include "kube/object_store.hpp"

namespace kube::kubelet {

// Lines that come again and again: `while true; do ...; done`.
struct Loop {
    std::int64_t from_ms = 0;
    std::int64_t period_ms = 1000;  // >= 1
    std::vector<ScriptLine> lines;  // at_ms within the period
};

struct RunPlan {
    std::uint64_t seed = 0;
    std::int64_t start_ms = 500;               // from "created" to running
    std::optional<std::int64_t> ready_ms;      // from running to ready; never, when not set
    std::optional<std::int64_t> ends_after_ms; // from running to its end; for ever, when not set
    int exit_code = 0;
    std::string reason;                        // "Completed", "Error", "OOMKilled"
    std::vector<ScriptLine> script;            // in order of time
    std::optional<Loop> loop;
    ImageFlavour flavour = ImageFlavour::service;
    bool serves = false;                       // after the script come the steady lines of the flavour
    std::int64_t serves_from_ms = 0;
    std::int64_t probe_period_s = 0;           // of an HTTP readiness probe; 0 without
    int lines_per_second = 0;                  // SIMULATE_LOG_RATE, 1 to 5000; 0: the flavour's own pace
    std::string program;                       // short name for log lines
};

// `container` is an entry of spec.containers or spec.initContainers, `run` 0 for the first start.
[[nodiscard]] RunPlan plan_run(const Json& pod, const Json& container, std::int64_t run, bool is_init);

}  // namespace kube::kubelet
