// A cluster without an API server, in virtual time: the store, the controllers and the kubelet, and words to ask about them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "kube/controllers/context.hpp"
#include "kube/controllers/controller_manager.hpp"
#include "kube/controllers/object_access.hpp"
#include "kube/object_store.hpp"

namespace kube::testing {

using controllers::annotation;
using controllers::array;
using controllers::condition;
using controllers::condition_is;
using controllers::find;
using controllers::integer;
using controllers::is_ready;
using controllers::label;
using controllers::map;
using controllers::name_of;
using controllers::text;
using controllers::uid_of;

class World {
public:
    explicit World(ControllerOptions options = {}) : options_(options) {
        put("namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "default"}}}});
        start();
    }
    void start() { manager = std::make_unique<ControllerManager>(ControllerPorts{store, time, random}, options_); }

    ObjectPtr put(const std::string& resource, Json object) {
        const ObjectKey key = controllers::key_of(resource, object);
        auto created = store.create(key, std::move(object));
        return created ? *created : nullptr;
    }
    void change(const std::string& resource, const std::string& name, const std::function<void(Json&)>& edit) {
        (void)store.modify({resource, "default", name}, edit);
    }
    [[nodiscard]] Json get(const std::string& resource, const std::string& name) const {
        const ObjectPtr found = store.get({resource, resource == "nodes" || resource == "namespaces" ? "" : "default", name});
        return found ? *found : Json();
    }
    [[nodiscard]] std::vector<Json> list(const std::string& resource, const std::string& label_name = {}, const std::string& value = {}) const {
        std::vector<Json> found;
        for (const ObjectPtr& each : store.list(resource)) {
            if (label_name.empty() || label(*each, label_name) == value) found.push_back(*each);
        }
        return found;
    }
    // As DELETE does it.
    void end(const std::string& resource, const std::string& name, std::int64_t grace_s = 30) {
        const ObjectKey key{resource, resource == "namespaces" ? "" : "default", name};
        if (resource != "pods" && resource != "namespaces") {
            (void)store.remove(key);
            return;
        }
        (void)store.modify(key, [&](Json& object) {
            object["metadata"]["deletionTimestamp"] = controllers::format_time(time.unix_ms() + grace_s * 1000);
            if (resource == "pods") object["metadata"]["deletionGracePeriodSeconds"] = grace_s;
        });
    }
    // Moves time until it holds; false when it does not within the limit.
    bool until(const std::function<bool()>& holds, std::int64_t limit_ms = 60'000, std::int64_t step_ms = 50) {
        for (std::int64_t spent_ms = 0; spent_ms <= limit_ms; spent_ms += step_ms) {
            time.run_ready();
            if (holds()) return true;
            time.advance(step_ms);
        }
        return false;
    }
    [[nodiscard]] std::size_t ready_pods(const std::string& app) const {
        std::size_t count = 0;
        for (const Json& pod : list("pods", "app", app)) count += is_ready(pod) && !controllers::is_deleting(pod);
        return count;
    }
    [[nodiscard]] std::vector<Json> events(const std::string& reason, const std::string& object = {}) const {
        std::vector<Json> found;
        for (const Json& each : list("events")) {
            if (text(each, {"reason"}) == reason && (object.empty() || text(each, {"involvedObject", "name"}) == object)) found.push_back(each);
        }
        return found;
    }
    [[nodiscard]] static std::string waiting_reason(const Json& pod, std::size_t container = 0) {
        const Json& statuses = array(pod, {"status", "containerStatuses"});
        return container < statuses.size() ? text(statuses[container], {"state", "waiting", "reason"}) : std::string();
    }

    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{7};
    ObjectStore store{time, random, 8192};
    std::unique_ptr<ControllerManager> manager;

private:
    ControllerOptions options_;
};

inline Json container(const std::string& image, const std::string& name = "main") { return {{"name", name}, {"image", image}}; }

inline Json pod_template(const std::string& app, const std::string& image) {
    return {{"metadata", {{"labels", {{"app", app}}}}}, {"spec", {{"containers", Json::array({container(image)})}}}};
}

inline Json pod(const std::string& name, const std::string& image) {
    return {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata", {{"name", name}, {"namespace", "default"}, {"labels", {{"app", name}}}}},
            {"spec", {{"restartPolicy", "Always"}, {"terminationGracePeriodSeconds", 30}, {"containers", Json::array({container(image)})}}}};
}

inline Json workload(const std::string& api, const std::string& kind, const std::string& name, const std::string& image, int replicas) {
    return {{"apiVersion", api},
            {"kind", kind},
            {"metadata", {{"name", name}, {"namespace", "default"}}},
            {"spec", {{"replicas", replicas}, {"selector", {{"matchLabels", {{"app", name}}}}}, {"template", pod_template(name, image)}}}};
}

inline Json deployment(const std::string& name, const std::string& image, int replicas) {
    return workload("apps/v1", "Deployment", name, image, replicas);
}

inline Json job(const std::string& name, const std::string& image, const Json& extra = Json::object()) {
    Json object{{"apiVersion", "batch/v1"},
                {"kind", "Job"},
                {"metadata", {{"name", name}, {"namespace", "default"}}},
                {"spec", {{"template", {{"spec", {{"restartPolicy", "Never"}, {"containers", Json::array({container(image)})}}}}}}}};
    for (const auto& [key, value] : extra.items()) object["spec"][key] = value;
    return object;
}

inline void set_image(Json& object, const std::string& image) { object["spec"]["template"]["spec"]["containers"][0]["image"] = image; }

}  // namespace kube::testing
