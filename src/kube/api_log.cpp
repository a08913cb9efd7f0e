#include "kube/api_log.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "kube/api_json.hpp"

namespace kube::api {
namespace {

std::vector<std::string> names(const Json& pod, std::string_view list) {
    std::vector<std::string> found;
    for (const Json& container : array(pod, {"spec", list})) found.push_back(text(container, {"name"}));
    return found;
}

bool contains(const std::vector<std::string>& list, std::string_view name) { return std::find(list.begin(), list.end(), name) != list.end(); }

ApiResult<std::string> choose_container(const Json& pod, std::string asked) {
    const auto containers = names(pod, "containers");
    const auto init_containers = names(pod, "initContainers");
    if (asked.empty() && containers.size() == 1) return containers.front();
    if (asked.empty()) {
        std::string message = "a container name must be specified for pod " + name_of(pod) + ", choose one of: [" + base::join(containers, " ") + "]";
        if (!init_containers.empty()) message += " or one of the init containers: [" + base::join(init_containers, " ") + "]";
        return fail(bad_request(std::move(message)));
    }
    if (contains(containers, asked) || contains(init_containers, asked)) return asked;
    return fail(bad_request("container " + asked.substr(0, 80) + " is not valid for pod " + name_of(pod)));
}

const Json* status_of(const Json& pod, std::string_view container) {
    for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
        for (const Json& status : array(pod, {"status", list})) {
            if (text(status, {"name"}) == container) return &status;
        }
    }
    return nullptr;
}

ApiResult<void> check_started(const Json& pod, const std::string& container, bool previous) {
    if (text(pod, {"spec", "nodeName"}).empty()) return fail(bad_request("pod " + name_of(pod) + " does not have a host assigned"));
    const std::string subject = "container \"" + container + "\" in pod \"" + name_of(pod) + "\"";
    const Json* status = status_of(pod, container);
    const bool ran_before = status && find(*status, {"lastState", "terminated"});
    if (previous) {
        if (ran_before) return {};
        return fail(bad_request("previous terminated " + subject + " not found"));
    }
    const bool has_started = status && (find(*status, {"state", "running"}) || find(*status, {"state", "terminated"}) || ran_before);
    if (has_started) return {};
    const std::string reason = status ? text(*status, {"state", "waiting", "reason"}) : "";
    if (reason == "ErrImagePull" || reason == "ImagePullBackOff") {
        return fail(bad_request(subject + " is waiting to start: trying and failing to pull image"));
    }
    if (!reason.empty()) return fail(bad_request(subject + " is waiting to start: " + reason));
    return fail(bad_request(subject + " is waiting to start: " + (contains(names(pod, "initContainers"), container) ? "PodInitializing" : "ContainerCreating")));
}

}  // namespace

ApiResult<LogOptions> parse_log_request(const Json& pod, const base::Query& query) {
    static constexpr ResourceType kLogOptions{"", "v1", "podlogoptions", "podlogoptions", "PodLogOptions", ""};
    LogOptions options;
    const auto follow = parse_flag(query, "follow");
    const auto previous = parse_flag(query, "previous");
    const auto timestamps = parse_flag(query, "timestamps");
    const auto tail = parse_count(query, "tailLines");
    const auto since_s = parse_count(query, "sinceSeconds");
    const auto limit = parse_count(query, "limitBytes");
    for (const auto* flag_value : {&follow, &previous, &timestamps}) {
        if (!*flag_value) return fail(flag_value->error());
    }
    for (const auto* count : {&tail, &since_s, &limit}) {
        if (!*count) return fail(count->error());
    }
    options.follow = *follow;
    options.previous = *previous;
    options.timestamps = *timestamps;
    options.tail_lines = *tail;
    options.since_seconds = *since_s;
    options.limit_bytes = *limit;
    Causes causes;
    if (*since_s == 0) causes.invalid("sinceSeconds", 0, "must be greater than 0");
    if (*limit == 0) causes.invalid("limitBytes", 0, "must be greater than 0");
    if (const auto since = query.get("sinceTime"); !since.empty()) {
        const auto time = base::parse_rfc3339(since);
        if (!time) return fail(bad_request("sinceTime: " + dump(since.substr(0, 80)) + " is not an RFC 3339 time"));
        // Beyond these years nanoseconds do not fit; no log line lies there.
        constexpr std::int64_t kLimit_ms = 9'000'000'000'000;
        options.since_time_ns = std::clamp(time->unix_ms, -kLimit_ms, kLimit_ms) * 1'000'000 + time->nanos_in_ms;
        if (options.since_seconds) causes.forbidden("sinceTime", "at most one of `sinceTime` or `sinceSeconds` may be specified");
    }
    if (!causes.empty()) return fail(invalid(kLogOptions, "", causes));
    auto container = choose_container(pod, std::string(query.get("container")));
    if (!container) return fail(container.error());
    options.container = std::move(*container);
    if (auto ok = check_started(pod, options.container, options.previous); !ok) return fail(ok.error());
    return options;
}

}  // namespace kube::api
