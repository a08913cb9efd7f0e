#include "kube/kubelet/kubelet.hpp"

#include <algorithm>
#include <charconv>

#include "kube/kubelet/pod_status.hpp"
#include "kube/kubelet/references.hpp"

namespace kube::kubelet {
namespace {

using controllers::array;
using controllers::is_deleting;
using controllers::key_of;
using controllers::list_member;
using controllers::member;
using controllers::text;
using controllers::time_ms;
using controllers::uid_of;

}  // namespace

Kubelet::Kubelet(controllers::Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe("pods", [this](const StoreEvent& event) {
        // Its own status writes come back here; only what others changed needs a look.
        const bool own = event.type == EventType::modified && event.previous && pods_.contains(event.key) &&
                         controllers::map(*event.previous, {"spec"}) == controllers::map(*event.object, {"spec"}) &&
                         is_deleting(*event.previous) == is_deleting(*event.object) &&
                         array(*event.previous, {"metadata", "finalizers"}) == array(*event.object, {"metadata", "finalizers"});
        if (!own) queue_.add(event.key);
    }));
    for (const char* resource : {"configmaps", "secrets", "persistentvolumeclaims"}) {
        subscriptions_.push_back(context_.store.subscribe(resource, [this](const StoreEvent& event) {
            if (event.type == EventType::deleted) return;
            for (const auto& [key, pod] : pods_) {
                if (key.ns == event.key.ns && (!pod->told_volume.empty() || std::any_of(pod->containers.begin(), pod->containers.end(), [](const Container& each) {
                        return each.phase == Phase::config_error;
                    }))) {
                    queue_.add(key);
                }
            }
        }));
    }
    subscriptions_.push_back(context_.store.subscribe("nodes", [this](const StoreEvent& event) {
        if (event.type != EventType::deleted) return;
        for (const ObjectPtr& pod : context_.store.list("pods")) {  // nobody will end these any more
            if (text(*pod, {"spec", "nodeName"}) == event.key.name) [[maybe_unused]] const auto removed = context_.store.remove(key_of("pods", *pod));
        }
    }));
    for (const ObjectPtr& pod : context_.store.list("pods")) {
        for (const Json& status : array(*pod, {"status", "containerStatuses"})) {
            if (!text(status, {"imageID"}).empty()) present_images_.emplace(text(*pod, {"spec", "nodeName"}), find_image(text(status, {"image"})).canonical);
        }
        queue_.add(key_of("pods", *pod));
    }
}

Kubelet::Pod* Kubelet::find(const ObjectKey& key, const std::string& uid) {
    const auto it = pods_.find(key);
    return it == pods_.end() || it->second->uid != uid ? nullptr : it->second.get();
}

Kubelet::Container* Kubelet::find(Pod& pod, const std::string& container) {
    const auto it = std::find_if(pod.containers.begin(), pod.containers.end(), [&](const Container& each) { return each.name == container; });
    return it == pod.containers.end() ? nullptr : &*it;
}

base::Timer Kubelet::later(const Pod& pod, const Container& container, std::int64_t delay_ms, void (Kubelet::*step)(Pod&, Container&)) {
    return context_.scheduler.after(std::max<std::int64_t>(0, delay_ms), [this, key = pod.key, uid = pod.uid, name = container.name, step] {
        Pod* found = find(key, uid);
        Container* target = found ? find(*found, name) : nullptr;
        if (target && !found->terminating) (this->*step)(*found, *target);
    });
}

void Kubelet::sync(const ObjectKey& key) {
    const ObjectPtr object = context_.store.get(key);
    if (!object) {
        pods_.erase(key);
        return;
    }
    if (const auto it = pods_.find(key); it != pods_.end() && it->second->uid != uid_of(*object)) pods_.erase(it);
    const bool assigned = !text(*object, {"spec", "nodeName"}).empty();
    if (is_deleting(*object)) {
        if (!assigned || controllers::is_finished(*object)) return finish_termination(key);
        if (!pods_.contains(key)) admit(*object);
        return terminate(*pods_.at(key), *object);
    }
    if (!assigned || controllers::is_finished(*object)) {
        pods_.erase(key);
        return;
    }
    if (!pods_.contains(key)) {
        admit(*object);
        return resume(*pods_.at(key), *object);
    }
    Pod& pod = *pods_.at(key);
    retry_references(pod, *object);
    for (Container& container : pod.containers) notice_new_image(pod, container, *object);
}

void Kubelet::admit(const Json& object) {
    auto pod = std::make_unique<Pod>();
    pod->key = key_of("pods", object);
    pod->uid = uid_of(object);
    pod->node = text(object, {"spec", "nodeName"});
    for (const char* list : {"initContainers", "containers"}) {
        for (const Json& spec : array(object, {"spec", list})) {
            Container container;
            container.name = text(spec, {"name"});
            container.is_init = std::string_view(list) == "initContainers";
            container.image = text(spec, {"image"});
            pod->containers.push_back(std::move(container));
        }
    }
    const ObjectKey key = pod->key;
    pods_[key] = std::move(pod);
}

// From the beginning, or from where the status says that it stands.
void Kubelet::resume(Pod& pod, const Json& object) {
    pod.has_sandbox = !text(object, {"status", "podIP"}).empty();
    if (text(object, {"status", "startTime"}).empty()) {
        [[maybe_unused]] const auto admitted = context_.store.modify(pod.key, [&](Json& changed) {
            Json& status = member(changed, {"status"});
            status["startTime"] = context_.now();
            if (const ObjectPtr node = context_.store.get({"nodes", "", pod.node})) {
                for (const Json& address : array(*node, {"status", "addresses"})) {
                    if (text(address, {"type"}) != "InternalIP") continue;
                    status["hostIP"] = text(address, {"address"});
                    status["hostIPs"] = Json::array({Json{{"ip", text(address, {"address"})}}});
                }
            }
            const bool has_init = !array(changed, {"spec", "initContainers"}).empty();
            for (const auto& [list, statuses] : {std::pair{"initContainers", "initContainerStatuses"}, std::pair{"containers", "containerStatuses"}}) {
                Json entries = Json::array();
                const bool waits = has_init;  // the containers, and all init containers but the first
                for (const Json& container : array(changed, {"spec", list})) entries.push_back(waiting_status(container, waits ? "PodInitializing" : "ContainerCreating"));
                if (!entries.empty()) changed["status"][statuses] = std::move(entries);
            }
            controllers::set_condition(changed["status"], "PodScheduled", "True", {}, {}, context_.now_ms());
            summarize(changed, context_.now_ms());
        });
    }
    if (!pod.has_sandbox) return make_sandbox(pod, object);
    for (Container& container : pod.containers) {
        if (const Json* status = container_status(object, container.name)) resume_container(pod, container, object, *status);
    }
    proceed(pod);
}

void Kubelet::resume_container(Pod& pod, Container& container, const Json& object, const Json& status) {
    const std::int64_t run = controllers::integer(status, {"restartCount"});
    const std::int64_t now_ms = context_.now_ms();
    container.quick_crashes = run;
    if (controllers::find(status, {"state", "running"})) {
        const Json* spec = container_spec(object, container.name);
        if (!spec) return;
        container.phase = Phase::running;
        const std::int64_t since_ms = now_ms - time_ms(status, {"state", "running", "startedAt"}).value_or(now_ms);
        arm_running(pod, container, plan_run(object, *spec, run, container.is_init), since_ms, controllers::flag(status, {"ready"}));
    } else if (controllers::find(status, {"state", "terminated"}) || text(status, {"state", "waiting", "reason"}) == "CrashLoopBackOff") {
        const char* where = controllers::find(status, {"state", "terminated"}) ? "state" : "lastState";
        const int exit_code = static_cast<int>(controllers::integer(status, {where, "terminated", "exitCode"}));
        if (!restarts(object, container.is_init, exit_code)) {
            container.phase = Phase::ended;
            return;
        }
        const std::int64_t ended_ms = time_ms(status, {where, "terminated", "finishedAt"}).value_or(now_ms);
        container.phase = Phase::back_off;
        const std::int64_t delay_ms = context_.scaled(run == 0 ? kFirstRestart_ms : back_off_ms(run));
        container.timer = later(pod, container, ended_ms + delay_ms - now_ms, &Kubelet::restart);
    }
    // All else (pulling, waiting for a reference) begins again with proceed().
}

std::string Kubelet::allocate_address(const std::string& node) const {
    std::string prefix = "10.244.0.";
    if (const ObjectPtr object = context_.store.get({"nodes", "", node})) {
        const std::string cidr = text(*object, {"spec", "podCIDR"});
        if (const std::size_t dot = cidr.rfind('.'); dot != std::string::npos) prefix = cidr.substr(0, dot + 1);
    }
    std::set<int> taken;
    int newest = 1;
    std::int64_t newest_ms = -1;
    for (const ObjectPtr& pod : context_.store.list("pods")) {
        const std::string ip = text(*pod, {"status", "podIP"});
        if (!ip.starts_with(prefix)) continue;
        int host = 0;
        std::from_chars(ip.data() + prefix.size(), ip.data() + ip.size(), host);
        taken.insert(host);
        const std::int64_t at_ms = time_ms(*pod, {"status", "startTime"}).value_or(0);
        if (at_ms > newest_ms || (at_ms == newest_ms && host > newest)) {
            newest_ms = at_ms;
            newest = host;
        }
    }
    for (int step = 1; step < 254; ++step) {  // onwards from the newest, so that an address is not used again at once
        const int host = 2 + (newest - 2 + step + 253) % 253;
        if (!taken.contains(host)) return prefix + std::to_string(host);
    }
    return prefix + "254";
}

void Kubelet::make_sandbox(Pod& pod, const Json& object) {
    const MissingVolume missing = find_missing_volume(context_.store, object);
    if (!missing.problem.empty()) {
        if (pod.told_volume != missing.problem) {
            record(pod, nullptr, "FailedMount", "MountVolume.SetUp failed for volume \"" + missing.volume + "\" : " + missing.problem, true);
        }
        pod.told_volume = missing.problem;
        return;  // the object's arrival brings us here again
    }
    pod.told_volume.clear();
    pod.timer = context_.scheduler.after(context_.between(150, 450), [this, key = pod.key, uid = pod.uid] {
        Pod* found = find(key, uid);
        if (!found || found->terminating) return;
        const std::string ip = allocate_address(found->node);
        const auto written = context_.store.modify(key, [&](Json& changed) {
            Json& status = member(changed, {"status"});
            const bool host_network = controllers::flag(changed, {"spec", "hostNetwork"});
            status["podIP"] = host_network ? text(status, {"hostIP"}) : ip;
            status["podIPs"] = Json::array({Json{{"ip", status["podIP"]}}});
            summarize(changed, context_.now_ms());
        });
        if (!written) return;
        found->has_sandbox = true;
        proceed(*found);
    });
}

void Kubelet::proceed(Pod& pod) {
    for (Container& container : pod.containers) {
        if (!container.is_init) break;
        if (container.phase == Phase::ended) continue;
        if (container.phase == Phase::idle) pull(pod, container);
        return;  // the next one waits for this one
    }
    for (Container& container : pod.containers) {
        if (!container.is_init && container.phase == Phase::idle) pull(pod, container);
    }
}

void Kubelet::retry_references(Pod& pod, const Json& object) {
    if (!pod.has_sandbox) {
        if (!pod.timer.pending()) make_sandbox(pod, object);
        return;
    }
    for (Container& container : pod.containers) {
        if (container.phase == Phase::config_error) configure(pod, container);
    }
}

void Kubelet::notice_new_image(Pod& pod, Container& container, const Json& object) {
    const Json* spec = container_spec(object, container.name);
    const std::string image = spec ? text(*spec, {"image"}) : container.image;
    if (image == container.image) return;
    container.image = image;
    container.failed_pulls = 0;
    if (container.phase == Phase::pull_failed || container.phase == Phase::pulling || container.phase == Phase::config_error) {
        pull(pod, container);
    } else if (container.phase == Phase::running) {
        record(pod, &container, "Killing", "Container " + container.name + " definition changed, will be restarted");
        exited(pod, container);
    }
}

void Kubelet::terminate(Pod& pod, const Json& object) {
    if (pod.terminating) {
        if (!pod.timer.pending()) finish_termination(pod.key);  // its finalizers went
        return;
    }
    pod.terminating = true;
    for (Container& container : pod.containers) {
        const Json* status = container_status(object, container.name);
        if (status && controllers::find(*status, {"state", "running"})) record(pod, &container, "Killing", "Stopping container " + container.name);
        container.timer.cancel();
        container.ready_timer.cancel();
    }
    // Endpoints let go of it at once: a pod on its way out serves nobody new.
    const std::int64_t grace_ms = controllers::seconds_as_ms(object, {"metadata", "deletionGracePeriodSeconds"}, 30);
    const std::int64_t delay_ms = std::min(context_.scaled(grace_ms), context_.between(1000, 2000));
    pod.timer = context_.scheduler.after(std::max<std::int64_t>(0, delay_ms), [this, key = pod.key, uid = pod.uid] {
        if (find(key, uid)) finish_termination(key);
    });
}

void Kubelet::finish_termination(const ObjectKey& key) {
    const ObjectPtr object = context_.store.get(key);
    if (!object) return;
    if (array(*object, {"metadata", "finalizers"}).empty()) {
        [[maybe_unused]] const auto removed = context_.store.remove(key);
        return;  // the deletion's event drops our record
    }
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        changed["metadata"]["deletionGracePeriodSeconds"] = 0;  // the store removes it with its last finalizer
        for (Json& status : list_member(changed, {"status", "containerStatuses"})) {
            if (!controllers::find(status, {"state", "running"})) continue;
            status["ready"] = false;
            set_state(status, "terminated", {{"exitCode", 143}, {"reason", "Error"}, {"startedAt", text(status, {"state", "running", "startedAt"})}, {"finishedAt", context_.now()}});
        }
        summarize(changed, context_.now_ms());
    });
}

void Kubelet::change_status(Pod& pod, const std::string& container, const std::function<void(Json&, const Json&)>& change) {
    [[maybe_unused]] const auto written = context_.store.modify(pod.key, [&](Json& changed) {
        const Container* target = find(pod, container);
        const char* list = target && target->is_init ? "initContainerStatuses" : "containerStatuses";
        Json& statuses = list_member(changed, {"status", list});
        Json* status = nullptr;
        for (Json& each : statuses) {
            if (text(each, {"name"}) == container) status = &each;
        }
        if (!status) {
            const Json* spec = container_spec(changed, container);
            status = &statuses.emplace_back(waiting_status(spec ? *spec : Json{{"name", container}}, "ContainerCreating"));
        }
        change(*status, changed);
        summarize(changed, context_.now_ms());
    });
}

void Kubelet::set_waiting(Pod& pod, Container& container, const std::string& reason, const std::string& message) {
    change_status(pod, container.name, [&](Json& status, const Json&) {
        Json body{{"reason", reason}};
        if (!message.empty()) body["message"] = message;
        set_state(status, "waiting", std::move(body));
        status["image"] = container.image;
        status["ready"] = false;
    });
}

void Kubelet::record(const Pod& pod, const Container* container, std::string reason, std::string message, bool warning) {
    const ObjectPtr object = context_.store.get(pod.key);
    if (!object) return;
    const std::string field = !container ? std::string() : std::string("spec.") + (container->is_init ? "initContainers{" : "containers{") + container->name + "}";
    context_.events.record(*object, {.reason = std::move(reason),
                                     .message = std::move(message),
                                     .component = "kubelet",
                                     .host = pod.node,
                                     .field_path = field,
                                     .warning = warning});
}

}  // namespace kube::kubelet
