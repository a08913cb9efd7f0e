#include <algorithm>
#include <utility>

#include "kube/kubelet/kubelet.hpp"
#include "kube/kubelet/pod_status.hpp"
#include "kube/kubelet/references.hpp"

// The life of one container: pull, configure, start, ready, exit, back-off, and again.

namespace kube::kubelet {
namespace {

using controllers::text;
using controllers::time_ms;

// A container that ran this long has recovered: its back-off begins anew.
constexpr std::int64_t kForgiveAfter_ms = 10 * 60 * 1000;

std::string duration_text(std::int64_t ms) {
    return ms < 1000 ? std::to_string(ms) + "ms" : std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + "s";
}

std::string back_off_text(std::int64_t ms) {
    const std::int64_t seconds = ms / 1000;
    return seconds < 60 ? std::to_string(seconds) + "s" : std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s";
}

}  // namespace

std::int64_t back_off_ms(std::int64_t failures) {
    constexpr std::int64_t kFirst_ms = 10'000, kMost_ms = 5 * 60 * 1000;
    return std::min(kMost_ms, kFirst_ms << std::clamp<std::int64_t>(failures - 1, 0, 10));
}

void Kubelet::pull(Pod& pod, Container& container) {
    const ObjectPtr object = context_.store.get(pod.key);
    const Json* spec = object ? container_spec(*object, container.name) : nullptr;
    if (!spec) return;
    container.image = text(*spec, {"image"});
    const Image image = find_image(container.image);
    if (image.verdict == ImageVerdict::invalid) {
        const std::string message = "Failed to apply default image tag \"" + container.image + "\": couldn't parse image name \"" + container.image + "\": invalid reference format";
        container.phase = Phase::pull_failed;
        container.timer.cancel();
        set_waiting(pod, container, "InvalidImageName", message);
        record(pod, &container, "InspectFailed", message, true);
        record(pod, &container, "Failed", "Error: InvalidImageName", true);
        return;
    }
    const std::string policy = text(*spec, {"imagePullPolicy"}, image.tag == "latest" ? "Always" : "IfNotPresent");
    const bool present = present_images_.contains({pod.node, image.canonical}) && image.verdict == ImageVerdict::found;
    if (policy == "Never" && !present) {
        container.phase = Phase::pull_failed;
        set_waiting(pod, container, "ErrImageNeverPull", "Container image \"" + container.image + "\" is not present with pull policy of Never");
        record(pod, &container, "ErrImageNeverPull", "Container image \"" + container.image + "\" is not present with pull policy of Never", true);
        return;
    }
    if (present && policy != "Always") {
        record(pod, &container, "Pulled", "Container image \"" + container.image + "\" already present on machine");
        return configure(pod, container);
    }
    container.phase = Phase::pulling;
    record(pod, &container, "Pulling", "Pulling image \"" + container.image + "\"");
    // A tag that is not there is known soon; layers that are there already need not come again.
    const std::int64_t base_ms = image.verdict == ImageVerdict::not_found ? 700 : present ? 250 : image.pull_ms;
    const std::int64_t took_ms = context_.between(base_ms * 85 / 100, base_ms * 115 / 100);
    container.timer = context_.scheduler.after(took_ms, [this, key = pod.key, uid = pod.uid, name = container.name, took_ms] {
        Pod* found = find(key, uid);
        Container* target = found ? find(*found, name) : nullptr;
        if (target && !found->terminating) pulled(*found, *target, took_ms);
    });
}

void Kubelet::pulled(Pod& pod, Container& container, std::int64_t took_ms) {
    const Image image = find_image(container.image);
    if (image.verdict != ImageVerdict::found) return pull_failed(pod, container, image);
    present_images_.emplace(pod.node, image.canonical);
    container.failed_pulls = 0;
    const std::string took = duration_text(took_ms);
    record(pod, &container, "Pulled", "Successfully pulled image \"" + container.image + "\" in " + took + " (" + took + " including waiting). Image size: " + std::to_string(image.size_bytes) + " bytes.");
    configure(pod, container);
}

void Kubelet::pull_failed(Pod& pod, Container& container, const Image& image) {
    container.phase = Phase::pull_failed;
    ++container.failed_pulls;
    const std::string error = pull_error(image);
    set_waiting(pod, container, "ErrImagePull", error);
    record(pod, &container, "Failed", "Failed to pull image \"" + container.image + "\": " + error, true);
    record(pod, &container, "Failed", "Error: ErrImagePull", true);
    container.timer = later(pod, container, context_.scaled(std::int64_t{1500}), &Kubelet::back_off_pull);
}

void Kubelet::back_off_pull(Pod& pod, Container& container) {
    set_waiting(pod, container, "ImagePullBackOff",
                "Back-off pulling image \"" + container.image + "\": ErrImagePull: " + pull_error(find_image(container.image)));
    record(pod, &container, "BackOff", "Back-off pulling image \"" + container.image + "\"");
    record(pod, &container, "Failed", "Error: ImagePullBackOff", true);
    container.timer = later(pod, container, context_.scaled(back_off_ms(container.failed_pulls)), &Kubelet::pull);
}

void Kubelet::configure(Pod& pod, Container& container) {
    const ObjectPtr object = context_.store.get(pod.key);
    const Json* spec = object ? container_spec(*object, container.name) : nullptr;
    if (!spec) return;
    if (const std::string problem = find_missing_environment(context_.store, *object, *spec); !problem.empty()) {
        const bool told = container.phase == Phase::config_error;
        container.phase = Phase::config_error;
        container.timer.cancel();
        set_waiting(pod, container, "CreateContainerConfigError", problem);
        if (!told) record(pod, &container, "Failed", "Error: " + problem, true);
        return;  // the object's arrival brings us here again
    }
    start(pod, container);
}

void Kubelet::start(Pod& pod, Container& container) {
    const ObjectPtr object = context_.store.get(pod.key);
    const Json* spec = object ? container_spec(*object, container.name) : nullptr;
    if (!spec) return;
    container.phase = Phase::starting;
    const Json* status = container_status(*object, container.name);
    const bool ran_before = status && controllers::find(*status, {"lastState", "terminated"});
    const std::int64_t run = restart_count(*object, container.name) + (ran_before ? 1 : 0);
    record(pod, &container, "Created", "Created container: " + container.name);
    container.timer = later(pod, container, context_.scaled(plan_run(*object, *spec, run, container.is_init).start_ms), &Kubelet::started);
}

void Kubelet::started(Pod& pod, Container& container) {
    const ObjectPtr object = context_.store.get(pod.key);
    const Json* spec = object ? container_spec(*object, container.name) : nullptr;
    const Json* before = object ? container_status(*object, container.name) : nullptr;
    if (!spec || !before) return;
    const bool ran_before = controllers::find(*before, {"lastState", "terminated"}) != nullptr;
    const std::int64_t run = restart_count(*object, container.name) + (ran_before ? 1 : 0);
    const Image image = find_image(container.image);
    container.phase = Phase::running;
    change_status(pod, container.name, [&](Json& status, const Json&) {
        status["image"] = container.image;
        status["imageID"] = image.canonical.substr(0, image.canonical.find_first_of("@:", image.canonical.rfind('/'))) + "@" + image.digest;
        status["containerID"] = "containerd://" + controllers::hex_digest(pod.uid + "/" + container.name + "/" + std::to_string(run));
        status["restartCount"] = run;
        status["started"] = true;
        status["ready"] = false;
        set_state(status, "running", {{"startedAt", context_.now()}});
    });
    record(pod, &container, "Started", "Started container " + container.name);
    arm_running(pod, container, plan_run(*object, *spec, run, container.is_init), 0, false);
}

void Kubelet::arm_running(Pod& pod, Container& container, const RunPlan& plan, std::int64_t since_ms, bool ready) {
    if (plan.ends_after_ms) {
        container.timer = later(pod, container, context_.scaled(*plan.ends_after_ms) - since_ms, &Kubelet::exited);
    }
    if (container.is_init || ready) return;
    if (plan.ready_ms) {
        const bool ends_first = plan.ends_after_ms && *plan.ends_after_ms <= *plan.ready_ms;
        if (!ends_first) container.ready_timer = later(pod, container, context_.scaled(*plan.ready_ms) - since_ms, &Kubelet::make_ready);
    } else {
        container.ready_timer = later(pod, container, context_.scaled(std::int64_t{3000}) - since_ms, &Kubelet::make_ready);
    }
}

void Kubelet::make_ready(Pod& pod, Container& container) {
    if (container.phase != Phase::running) return;
    const ObjectPtr object = context_.store.get(pod.key);
    const Json* spec = object ? container_spec(*object, container.name) : nullptr;
    if (!spec) return;
    if (!plan_run(*object, *spec, restart_count(*object, container.name), container.is_init).ready_ms) {
        // Said once: a probe that fails for ever would wake the tab for ever.
        record(pod, &container, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", true);
        return;
    }
    change_status(pod, container.name, [](Json& status, const Json&) { status["ready"] = true; });
}

void Kubelet::exited(Pod& pod, Container& container) {
    const ObjectPtr object = context_.store.get(pod.key);
    const Json* spec = object ? container_spec(*object, container.name) : nullptr;
    const Json* before = object ? container_status(*object, container.name) : nullptr;
    if (!spec || !before) return;
    container.timer.cancel();
    container.ready_timer.cancel();
    const RunPlan plan = plan_run(*object, *spec, restart_count(*object, container.name), container.is_init);
    const bool killed = !plan.ends_after_ms;  // its definition changed
    const int exit_code = killed ? 143 : plan.exit_code;
    const std::int64_t started_ms = time_ms(*before, {"state", "running", "startedAt"}).value_or(context_.now_ms());
    change_status(pod, container.name, [&](Json& status, const Json&) {
        status["ready"] = false;
        status["started"] = false;
        set_state(status, "terminated",
                  {{"exitCode", exit_code},
                   {"reason", killed ? "Error" : plan.reason},
                   {"startedAt", controllers::format_time(started_ms)},
                   {"finishedAt", context_.now()},
                   {"containerID", text(status, {"containerID"})}});
    });
    if (!restarts(*object, container.is_init, exit_code)) {
        container.phase = Phase::ended;
        if (container.is_init && exit_code == 0) proceed(pod);
        const ObjectPtr now = context_.store.get(pod.key);
        if (now && controllers::is_finished(*now)) queue_.add(pod.key);  // nothing is left to do for it
        return;
    }
    container.phase = Phase::back_off;
    const bool recovered = context_.now_ms() - started_ms >= context_.scaled(kForgiveAfter_ms) || killed;
    container.quick_crashes = recovered ? 0 : container.quick_crashes;
    ++container.quick_crashes;
    if (container.quick_crashes == 1) {
        container.timer = later(pod, container, context_.scaled(kFirstRestart_ms), &Kubelet::restart);
    } else {
        // The terminated state is seen for a moment, then the back-off begins; it counts from the crash.
        back_off_start(pod, container, back_off_ms(container.quick_crashes - 1));
    }
}

void Kubelet::back_off_start(Pod& pod, Container& container, std::int64_t delay_ms) {
    const std::int64_t seen_ms = context_.scaled(std::int64_t{1200});
    container.timer = context_.scheduler.after(seen_ms, [this, key = pod.key, uid = pod.uid, name = container.name, delay_ms, seen_ms] {
        Pod* found = find(key, uid);
        Container* target = found ? find(*found, name) : nullptr;
        if (!target || found->terminating) return;
        const std::string who = "container=" + name + " pod=" + key.name + "_" + key.ns + "(" + uid + ")";
        change_status(*found, name, [&](Json& status, const Json&) {
            if (Json* ended = status["state"].is_object() && status["state"].contains("terminated") ? &status["state"]["terminated"] : nullptr) {
                const Json last = *ended;
                status["lastState"] = Json::object();
                status["lastState"]["terminated"] = last;
            }
            set_state(status, "waiting",
                      {{"reason", "CrashLoopBackOff"}, {"message", "back-off " + back_off_text(delay_ms) + " restarting failed " + who}});
        });
        record(*found, target, "BackOff", "Back-off restarting failed container " + name + " in pod " + key.name + "_" + key.ns + "(" + uid + ")", true);
        target->timer = later(*found, *target, context_.scaled(delay_ms) - seen_ms, &Kubelet::restart);
    });
}

void Kubelet::restart(Pod& pod, Container& container) {
    change_status(pod, container.name, [&](Json& status, const Json&) {
        if (const Json* ended = controllers::find(status, {"state", "terminated"})) {
            const Json last = *ended;
            status["lastState"] = Json::object();
            status["lastState"]["terminated"] = last;
        }
        if (!controllers::find(status, {"state", "waiting"})) set_state(status, "waiting", {{"reason", container.is_init ? "PodInitializing" : "ContainerCreating"}});
    });
    container.phase = Phase::idle;
    pull(pod, container);
}

}  // namespace kube::kubelet
