#include "kube/kubelet/run_plan.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "kube/controllers/object_access.hpp"
#include "kube/kubelet/toy_shell.hpp"

namespace kube::kubelet {
namespace {

using namespace std::string_view_literals;
using controllers::array;
using controllers::find;
using controllers::integer;
using controllers::text;

std::string environment(const Json& container, std::string_view name) {
    std::string value;
    for (const Json& each : array(container, {"env"})) {
        if (text(each, {"name"}) == name) value = text(each, {"value"});
    }
    return value;
}

std::vector<std::string> argv_of(const Json& container) {
    std::vector<std::string> argv;
    for (const std::string_view part : {"command"sv, "args"sv}) {
        for (const Json& word : array(container, {part})) {
            if (word.is_string()) argv.push_back(word.get_ref<const std::string&>());
        }
    }
    // Arguments alone go to the image's own program, which is no shell of ours; "sh -c" as args of a bare shell image is.
    if (array(container, {"command"}).empty() && !argv.empty()) {
        const ImageFlavour flavour = find_image(text(container, {"image"})).flavour;
        if (flavour != ImageFlavour::tool) argv.clear();
    }
    return argv;
}

void append_crash(RunPlan& plan, int exit_code, std::int64_t after_ms) {
    plan.ends_after_ms = after_ms;
    plan.exit_code = exit_code;
    plan.reason = exit_code == 0 ? "Completed" : "Error";
    plan.serves = false;
    plan.loop.reset();
    std::erase_if(plan.script, [&](const ScriptLine& line) { return line.at_ms > after_ms - 40; });
    for (std::string& line : crash_lines(plan.flavour, plan.program, exit_code)) plan.script.push_back({after_ms - 30, std::move(line)});
}

void kill_for_memory(RunPlan& plan, std::int64_t after_ms) {
    plan.ends_after_ms = after_ms;
    plan.exit_code = 137;
    plan.reason = "OOMKilled";
    plan.loop.reset();
    std::erase_if(plan.script, [&](const ScriptLine& line) { return line.at_ms >= after_ms; });
}

void serve(RunPlan& plan) {
    plan.serves = true;
    const std::int64_t base_ms = plan.script.empty() ? 0 : plan.script.back().at_ms + 50;
    for (ScriptLine& line : startup_lines(plan.flavour, plan.program, plan.seed)) plan.script.push_back({base_ms + line.at_ms, std::move(line.text)});
    plan.serves_from_ms = plan.script.empty() ? 0 : plan.script.back().at_ms + 400;
}

void run_task(RunPlan& plan, Dice& dice) {
    const std::int64_t base_ms = plan.script.empty() ? 0 : plan.script.back().at_ms + 50;
    const std::int64_t duration_ms = dice.between(2000, 5500);
    for (ScriptLine& line : task_lines(plan.program, duration_ms, plan.seed)) plan.script.push_back({base_ms + line.at_ms, std::move(line.text)});
    plan.ends_after_ms = base_ms + duration_ms;
    plan.exit_code = 0;
    plan.reason = "Completed";
}

}  // namespace

RunPlan plan_run(const Json& pod, const Json& container, std::int64_t run, bool is_init) {
    RunPlan plan;
    const std::string name = text(container, {"name"});
    plan.seed = controllers::fnv1a(controllers::uid_of(pod) + "/" + name + "/" + std::to_string(run));
    Dice dice(plan.seed);
    const Image image = find_image(text(container, {"image"}));
    plan.flavour = image.flavour;
    const std::size_t slash = image.repository.rfind('/');
    plan.program = slash == std::string::npos ? image.repository : image.repository.substr(slash + 1);
    if (plan.program.empty()) plan.program = name;

    std::string trigger = environment(container, "SIMULATE");
    if (trigger.empty() && (image.tag == "crash" || image.tag == "oom" || image.tag == "slow" || image.tag == "notready")) trigger = image.tag;
    const bool slow = trigger == "slow";
    plan.start_ms = dice.between(300, 1000) * (slow ? 6 : 1);
    const std::int64_t delay_s = std::clamp<std::int64_t>(integer(container, {"readinessProbe", "initialDelaySeconds"}), 0, 3600);
    if (trigger != "notready") {
        plan.ready_ms = delay_s > 0 ? delay_s * 1000 + dice.between(100, 900) : dice.between(1000, 3000);
        if (slow) *plan.ready_ms += dice.between(12'000, 20'000);
    }
    if (find(container, {"readinessProbe", "httpGet"})) {
        plan.probe_period_s = std::clamp<std::int64_t>(integer(container, {"readinessProbe", "periodSeconds"}, 10), 1, 3600);
    }
    if (const std::string rate = environment(container, "SIMULATE_LOG_RATE"); !rate.empty()) {
        std::from_chars(rate.data(), rate.data() + rate.size(), plan.lines_per_second);
        plan.lines_per_second = std::clamp(plan.lines_per_second, 0, 5000);
    }

    const std::vector<std::string> argv = argv_of(container);
    const bool is_task = is_init || text(pod, {"spec", "restartPolicy"}, "Always") != "Always";
    const auto shell = interpret(argv);
    if (shell) {
        plan.script = shell->lines;
        if (!shell->unknown_program.empty()) plan.program = shell->unknown_program.substr(shell->unknown_program.rfind('/') + 1);
    }
    if (shell && shell->exit_code) {
        plan.ends_after_ms = std::max<std::int64_t>(shell->duration_ms, 0) + dice.between(60, 250);
        plan.exit_code = *shell->exit_code;
        plan.reason = plan.exit_code == 0 ? "Completed" : "Error";
    } else if (shell && shell->unknown_program.empty()) {
        plan.loop = shell->loop;  // or a sleep without end
    } else if (is_task) {
        run_task(plan, dice);
    } else if (!shell && plan.flavour == ImageFlavour::tool) {
        plan.ends_after_ms = dice.between(60, 250);
        plan.reason = "Completed";
    } else {
        serve(plan);
    }

    const std::int64_t limit = controllers::bytes(find(container, {"resources", "limits", "memory"}));
    if (trigger == "crash") {
        append_crash(plan, 1, dice.between(900, 2200));
    } else if (trigger == "oom" || (limit > 0 && limit < image.memory_bytes)) {
        kill_for_memory(plan, dice.between(900, 2600));
    }
    return plan;
}

}  // namespace kube::kubelet
