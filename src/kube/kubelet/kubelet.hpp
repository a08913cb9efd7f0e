// Kubelet: the simulated kubelet of all nodes. A pod that has a node gets an address, its volumes and images, runs its init
// containers in order and then its containers, becomes ready, crashes, backs off, completes and ends, each step with the status
// and the events a real cluster shows. What a container does is told by RunPlan; what can be pulled by images.hpp.
//
// All that must survive a restart is in the pod's status: a kubelet that meets a pod in mid-life goes on from there.
// Timers exist only for what is due (a pull, a start, a back-off, an end); a pod that runs costs nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"
#include "kube/kubelet/run_plan.hpp"

namespace kube::kubelet {

// 10 s, doubled each time, at most 5 min. `failures` counts from 1.
[[nodiscard]] std::int64_t back_off_ms(std::int64_t failures);

class Kubelet {
public:
    explicit Kubelet(controllers::Context& context);

private:
    enum class Phase { idle, pulling, pull_failed, config_error, starting, running, back_off, ended };

    struct Container {
        std::string name;
        bool is_init = false;
        std::string image;              // as it was when the phase began
        Phase phase = Phase::idle;
        std::int64_t failed_pulls = 0;
        std::int64_t quick_crashes = 0; // in a row; ten quiet minutes forgive them
        base::Timer timer;              // the next step of `phase`
        base::Timer ready_timer;
    };

    struct Pod {
        ObjectKey key;
        std::string uid;
        std::string node;
        bool has_sandbox = false;
        bool terminating = false;
        std::string told_volume;  // the mount problem last told by an event
        base::Timer timer;        // sandbox, then termination
        std::vector<Container> containers;  // init containers first
    };

    void sync(const ObjectKey& key);
    [[nodiscard]] Pod* find(const ObjectKey& key, const std::string& uid);
    [[nodiscard]] static Container* find(Pod& pod, const std::string& container);

    void admit(const Json& object);
    void resume(Pod& pod, const Json& object);
    void resume_container(Pod& pod, Container& container, const Json& object, const Json& status);
    void make_sandbox(Pod& pod, const Json& object);
    void proceed(Pod& pod);  // starts what may start now: the next init container, or all containers
    void notice_new_image(Pod& pod, Container& container, const Json& object);
    void retry_references(Pod& pod, const Json& object);
    [[nodiscard]] std::string allocate_address(const std::string& node) const;

    void pull(Pod& pod, Container& container);
    void pulled(Pod& pod, Container& container, std::int64_t took_ms);
    void pull_failed(Pod& pod, Container& container, const Image& image);
    void back_off_pull(Pod& pod, Container& container);
    void configure(Pod& pod, Container& container);
    void start(Pod& pod, Container& container);
    void started(Pod& pod, Container& container);
    void arm_running(Pod& pod, Container& container, const RunPlan& plan, std::int64_t since_ms, bool ready);
    void make_ready(Pod& pod, Container& container);
    void exited(Pod& pod, Container& container);
    void back_off_start(Pod& pod, Container& container, std::int64_t delay_ms);
    void restart(Pod& pod, Container& container);

    void terminate(Pod& pod, const Json& object);
    void finish_termination(const ObjectKey& key);

    // Edits the status of one container in the store, then phase and conditions.
    void change_status(Pod& pod, const std::string& container, const std::function<void(Json& status, const Json& object)>& change);
    void set_waiting(Pod& pod, Container& container, const std::string& reason, const std::string& message);
    void record(const Pod& pod, const Container* container, std::string reason, std::string message, bool warning = false);
    // Runs `step` later, if pod and container are still there.
    [[nodiscard]] base::Timer later(const Pod& pod, const Container& container, std::int64_t delay_ms, void (Kubelet::*step)(Pod&, Container&));

    controllers::Context& context_;
    controllers::WorkQueue queue_;
    std::map<ObjectKey, std::unique_ptr<Pod>> pods_;
    std::set<std::pair<std::string, std::string>> present_images_;  // node, canonical reference
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::kubelet
