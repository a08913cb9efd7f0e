// The little of a shell that the simulated kubelet understands: echo, printf, sleep, exit, true, false, :, cd, export, set, trap,
// `;` `&&` newlines, and `while true; do ... done`. Enough for what people put into a demo's command; anything else stops the
// reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/kubelet/run_plan.hpp"

namespace kube::kubelet {

struct ShellRun {
    std::vector<ScriptLine> lines;
    std::int64_t duration_ms = 0;
    std::optional<int> exit_code;  // not set: it runs for ever, in `loop` or in an unknown program
    std::optional<Loop> loop;
    std::string unknown_program;   // the command that was not understood; it takes over from there
};

// A whole argv: {"sh", "-c", "..."} or a plain program with arguments. Nullopt for an empty one.
[[nodiscard]] std::optional<ShellRun> interpret(const std::vector<std::string>& argv);

}  // namespace kube::kubelet
