#include "kube/controllers/job_controller.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace kube::controllers {
namespace {

constexpr const char* kComponent = "job-controller";
constexpr const char* kIndexAnnotation = "batch.kubernetes.io/job-completion-index";
constexpr std::int64_t kBackOff_ms = 10'000;
constexpr std::int64_t kMaxBackOff_ms = 6 * 60 * 1000;

std::int64_t parallelism(const Json& job) { return std::max<std::int64_t>(0, integer(job, {"spec", "parallelism"}, 1)); }

// -1: a work queue, done when one pod has succeeded and all have ended.
std::int64_t completions(const Json& job) {
    const bool given = find(job, {"spec", "completions"}) != nullptr;
    if (!given && find(job, {"spec", "parallelism"})) return parallelism(job) > 1 ? -1 : 1;
    return integer(job, {"spec", "completions"}, 1);
}

bool is_indexed(const Json& job) { return text(job, {"spec", "completionMode"}) == "Indexed"; }

bool has_ended(const Json& job) { return condition_is(job, "Complete", "True") || condition_is(job, "Failed", "True"); }

std::int64_t end_of(const Json& pod, std::int64_t fallback_ms) {
    std::int64_t latest_ms = 0;
    for (const Json& container : array(pod, {"status", "containerStatuses"})) {
        latest_ms = std::max(latest_ms, time_ms(container, {"state", "terminated", "finishedAt"}).value_or(0));
    }
    return latest_ms ? latest_ms : fallback_ms;
}

}  // namespace

JobController::JobController(Context& context) : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe("jobs", [this](const StoreEvent& event) { queue_.add(event.key); }));
    subscriptions_.push_back(context_.store.subscribe("pods", [this](const StoreEvent& event) {
        if (const Json* owner = controller_of(*event.object); owner && text(*owner, {"kind"}) == "Job") {
            queue_.add({"jobs", event.key.ns, text(*owner, {"name"})});
        }
    }));
    for (const ObjectPtr& job : context_.store.list("jobs")) queue_.add(key_of("jobs", *job));
}

// What the API server's strategy does on creation: a selector by controller-uid, and labels to match in the template.
void JobController::ensure_identity(const ObjectKey& key) {
    const ObjectPtr job = context_.store.get(key);
    if (!job || !map(*job, {"spec", "selector"}).empty() || flag(*job, {"spec", "manualSelector"})) return;
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        const std::string uid = uid_of(*job);
        Json& labels = member(changed, {"spec", "template", "metadata", "labels"});
        for (const char* prefix : {"", "batch.kubernetes.io/"}) {
            labels[std::string(prefix) + "controller-uid"] = uid;
            labels[std::string(prefix) + "job-name"] = key.name;
        }
        member(changed, {"spec", "selector", "matchLabels"})["batch.kubernetes.io/controller-uid"] = uid;
    });
}

JobController::Tally JobController::tally(const Json& job) const {
    Tally counts;
    std::set<std::string> indexes;
    for (const ObjectPtr& pod : pods_controlled_by(context_, job)) {
        const std::string phase = text(*pod, {"status", "phase"});
        if (phase == "Succeeded") {
            const bool doubled = is_indexed(job) && !indexes.insert(annotation(*pod, kIndexAnnotation)).second;
            counts.succeeded += doubled ? 0 : 1;
        } else if (phase == "Failed") {
            ++counts.failed;
            counts.last_failure_ms = std::max(counts.last_failure_ms, end_of(*pod, context_.now_ms()));
        } else if (!is_deleting(*pod)) {
            counts.active.push_back(pod);
            counts.ready += is_ready(*pod);
            for (const Json& container : array(*pod, {"status", "containerStatuses"})) counts.restarts += integer(container, {"restartCount"});
        }
    }
    // Finished pods may have been deleted since: what was counted stays counted.
    counts.succeeded = std::max(counts.succeeded, integer(job, {"status", "succeeded"}));
    counts.failed = std::max(counts.failed, integer(job, {"status", "failed"}));
    return counts;
}

void JobController::sync(const ObjectKey& key) {
    ensure_identity(key);
    const ObjectPtr job = context_.store.get(key);
    if (!job) return queue_.forget_delayed(key);
    if (is_deleting(*job)) return;
    if (has_ended(*job)) return expire(*job);
    const Tally counts = tally(*job);
    if (flag(*job, {"spec", "suspend"})) return suspend(*job, counts);

    const std::int64_t started_ms = time_ms(*job, {"status", "startTime"}).value_or(context_.now_ms());
    if (const Json* deadline = find(*job, {"spec", "activeDeadlineSeconds"}); deadline && deadline->is_number()) {
        const std::int64_t left_ms = started_ms + seconds_as_ms(*job, {"spec", "activeDeadlineSeconds"}) - context_.now_ms();
        if (left_ms <= 0) return finish(*job, counts, false, "DeadlineExceeded", "Job was active longer than specified deadline");
        queue_.add_after(key, left_ms);
    }
    const std::int64_t limit = integer(*job, {"spec", "backoffLimit"}, 6);
    if (counts.failed > limit || counts.restarts > limit) {
        return finish(*job, counts, false, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
    }
    const std::int64_t wanted = completions(*job);
    const bool done = wanted < 0 ? counts.succeeded > 0 && counts.active.empty() : counts.succeeded >= wanted;
    if (done) return finish(*job, counts, true, "CompletionsReached", "Reached expected number of succeeded pods");
    adjust(*job, counts);
    write_counts(*job, tally(*job));
}

void JobController::adjust(const Json& job, const Tally& counts) {
    const std::int64_t wanted = completions(job);
    std::int64_t target = parallelism(job);
    if (wanted >= 0) target = std::min(target, wanted - counts.succeeded);
    if (wanted < 0 && counts.succeeded > 0) target = static_cast<std::int64_t>(counts.active.size());
    const auto active = static_cast<std::int64_t>(counts.active.size());
    for (std::int64_t i = target; i < active; ++i) {
        const ObjectPtr& pod = counts.active[static_cast<std::size_t>(i)];
        delete_object(context_, key_of("pods", *pod));
        context_.events.record(job, {.reason = "SuccessfulDelete", .message = "Deleted pod: " + name_of(*pod), .component = kComponent});
    }
    if (active >= target) return;
    if (counts.failed > 0 && counts.last_failure_ms > 0) {
        const std::int64_t delay_ms = std::min(kMaxBackOff_ms, kBackOff_ms << std::min<std::int64_t>(counts.failed - 1, 10));
        const std::int64_t left_ms = counts.last_failure_ms + context_.scaled(delay_ms) - context_.now_ms();
        if (left_ms > 0) return queue_.add_after(key_of("jobs", job), left_ms);
    }
    create(job, std::min<std::int64_t>(target - active, 100));
}

void JobController::create(const Json& job, std::int64_t count) {
    std::set<std::int64_t> taken;
    if (is_indexed(job)) {
        for (const ObjectPtr& pod : pods_controlled_by(context_, job)) {
            if (text(*pod, {"status", "phase"}) == "Failed" || is_deleting(*pod)) continue;
            const std::string noted = annotation(*pod, kIndexAnnotation);
            std::int64_t number = -1;
            std::from_chars(noted.data(), noted.data() + noted.size(), number);
            taken.insert(number);
        }
    }
    std::int64_t index = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        Json pod = pod_from_template(map(job, {"spec", "template"}), job);
        std::string prefix = name_of(job) + "-";
        if (is_indexed(job)) {
            while (taken.contains(index)) ++index;
            taken.insert(index);
            const std::string number = std::to_string(index);
            member(pod, {"metadata", "annotations"})[kIndexAnnotation] = number;
            member(pod, {"metadata", "labels"})[kIndexAnnotation] = number;
            pod["spec"]["hostname"] = prefix + number;
            for (Json& container : list_member(pod, {"spec", "containers"})) {
                list_member(container, {"env"}).push_back({{"name", "JOB_COMPLETION_INDEX"}, {"value", number}});
            }
            prefix += number + "-";
        }
        const auto created = create_pod(context_, job, std::move(pod), prefix);
        const std::string message = created ? "Created pod: " + name_of(**created) : "Error creating: " + created.error().message;
        context_.events.record(
            job, {.reason = created ? "SuccessfulCreate" : "FailedCreate", .message = message, .component = kComponent, .warning = !created});
        if (!created) return;
    }
}

void JobController::write_counts(const Json& job, const Tally& counts) {
    [[maybe_unused]] const auto written = context_.store.modify(key_of("jobs", job), [&](Json& changed) {
        Json& status = member(changed, {"status"});
        if (!status.contains("startTime")) status["startTime"] = context_.now();
        for (const Json& each : array(status, {"conditions"})) {
            if (text(each, {"type"}) == "Suspended" && text(each, {"status"}) == "True") {
                set_condition(status, "Suspended", "False", "JobResumed", "Job resumed", context_.now_ms());
                break;
            }
        }
        status["ready"] = counts.ready;
        for (const auto& [name, value] : {std::pair{"active", static_cast<std::int64_t>(counts.active.size())},
                                          std::pair{"succeeded", counts.succeeded}, std::pair{"failed", counts.failed}}) {
            if (value > 0) {
                status[name] = value;
            } else {
                status.erase(name);
            }
        }
    });
}

void JobController::suspend(const Json& job, const Tally& counts) {
    for (const ObjectPtr& pod : counts.active) delete_object(context_, key_of("pods", *pod));
    const bool already = condition_is(job, "Suspended", "True");
    [[maybe_unused]] const auto written = context_.store.modify(key_of("jobs", job), [&](Json& changed) {
        Json& status = member(changed, {"status"});
        status.erase("active");
        status.erase("startTime");
        status["ready"] = 0;
        set_condition(status, "Suspended", "True", "JobSuspended", "Job suspended", context_.now_ms());
    });
    if (!already) context_.events.record(job, {.reason = "Suspended", .message = "Job suspended", .component = kComponent});
}

void JobController::finish(const Json& job, const Tally& counts, bool complete, const std::string& reason, const std::string& message) {
    for (const ObjectPtr& pod : counts.active) delete_object(context_, key_of("pods", *pod));
    Tally final_counts = counts;
    final_counts.active.clear();
    final_counts.ready = 0;
    write_counts(job, final_counts);
    [[maybe_unused]] const auto written = context_.store.modify(key_of("jobs", job), [&](Json& changed) {
        Json& status = member(changed, {"status"});
        if (complete) status["completionTime"] = context_.now();
        set_condition(status, complete ? "Complete" : "Failed", "True", reason, message, context_.now_ms());
        if (is_indexed(job) && counts.succeeded > 0) {
            const std::int64_t last = counts.succeeded - 1;
            status["completedIndexes"] = last == 0 ? "0" : "0-" + std::to_string(last);
        }
    });
    context_.events.record(job, {.reason = complete ? "Completed" : reason,
                                 .message = complete ? "Job completed" : message,
                                 .component = kComponent,
                                 .warning = !complete});
    queue_.forget_delayed(key_of("jobs", job));
}

void JobController::expire(const Json& job) {
    const Json* ttl = find(job, {"spec", "ttlSecondsAfterFinished"});
    if (!ttl || !ttl->is_number()) return;
    const Json* ended = condition_is(job, "Complete", "True") ? condition(job, "Complete") : condition(job, "Failed");
    const std::int64_t ended_ms = time_ms(*ended, {"lastTransitionTime"}).value_or(context_.now_ms());
    const std::int64_t left_ms = ended_ms + seconds_as_ms(job, {"spec", "ttlSecondsAfterFinished"}) - context_.now_ms();
    if (left_ms > 0) return queue_.add_after(key_of("jobs", job), left_ms);
    delete_object(context_, key_of("jobs", job));
}

}  // namespace kube::controllers
