// What the programs of the simulated cluster print. Every function is pure: the same seed gives the same words, so a log can be
// told again from any point.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kube/images.hpp"

namespace kube {

struct ScriptLine {
    std::int64_t at_ms = 0;  // since the container's start, at speed 1
    std::string text;
};

// A small random sequence (splitmix64): cheap to begin anywhere.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t bound) { return bound ? next() % bound : 0; }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
    }
    bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }

private:
    std::uint64_t state_;
};

// The first lines of a server, in order of time; the last one says that it is ready.
[[nodiscard]] std::vector<ScriptLine> startup_lines(ImageFlavour flavour, const std::string& program, std::uint64_t seed);
// How many entries the flavour prints in a second: low..high, in tenths.
struct Pace {
    int low_tenths = 10;
    int high_tenths = 40;
};
[[nodiscard]] Pace pace_of(ImageFlavour flavour);
// One entry of a serving program at `unix_ms`; more than one line for a stack trace.
[[nodiscard]] std::vector<std::string> steady_entry(ImageFlavour flavour, const std::string& program, std::uint64_t seed, std::int64_t unix_ms);
// The kubelet's readiness probe, as the server sees it. Empty when the flavour does not log requests.
[[nodiscard]] std::string probe_line(ImageFlavour flavour, std::int64_t unix_ms);
// The last words before a crash, times relative to the crash's beginning.
[[nodiscard]] std::vector<std::string> crash_lines(ImageFlavour flavour, const std::string& program, int exit_code);
// A task that takes `duration_ms` and succeeds.
[[nodiscard]] std::vector<ScriptLine> task_lines(const std::string& program, std::int64_t duration_ms, std::uint64_t seed);
// Upon SIGTERM.
[[nodiscard]] std::vector<std::string> shutdown_lines(ImageFlavour flavour, const std::string& program, std::int64_t unix_ms);

}  // namespace kube
