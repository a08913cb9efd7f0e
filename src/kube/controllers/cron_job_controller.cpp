#include "kube/controllers/cron_job_controller.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "kube/controllers/cron_schedule.hpp"

namespace kube::controllers {
namespace {

constexpr const char* kComponent = "cronjob-controller";
// setTimeout and friends take 31 bits; a farther date is reached in steps.
constexpr std::int64_t kLongestSleep_ms = std::int64_t{24} * 3600 * 1000;

bool has_ended(const Json& job) { return condition_is(job, "Complete", "True") || condition_is(job, "Failed", "True"); }

std::vector<ObjectPtr> jobs_of(const Context& context, const Json& cron) {
    auto jobs = context.store.list("jobs", namespace_of(cron));
    std::erase_if(jobs, [&](const ObjectPtr& job) { return !is_controlled_by(*job, cron); });
    return jobs;
}

bool is_utc(const std::string& zone) {
    static constexpr std::array<std::string_view, 5> kNames{"", "UTC", "Etc/UTC", "Etc/GMT", "GMT"};
    return std::find(kNames.begin(), kNames.end(), zone) != kNames.end();
}

}  // namespace

CronJobController::CronJobController(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe("cronjobs", [this](const StoreEvent& event) {
        queue_.forget_delayed(event.key);  // the schedule may be another
        queue_.add(event.key);
    }));
    subscriptions_.push_back(context_.store.subscribe("jobs", [this](const StoreEvent& event) {
        if (const Json* owner = controller_of(*event.object); owner && text(*owner, {"kind"}) == "CronJob") {
            queue_.add({"cronjobs", event.key.ns, text(*owner, {"name"})});
        }
    }));
    for (const ObjectPtr& cron : context_.store.list("cronjobs")) queue_.add(key_of("cronjobs", *cron));
}

void CronJobController::sync(const ObjectKey& key) {
    const ObjectPtr cron = context_.store.get(key);
    if (!cron) return queue_.forget_delayed(key);
    if (is_deleting(*cron)) return;
    clean_up(*cron, jobs_of(context_, *cron));
    write_active(key);
    if (flag(*cron, {"spec", "suspend"})) return;
    const std::string zone = text(*cron, {"spec", "timeZone"});
    const auto schedule = CronSchedule::parse(text(*cron, {"spec", "schedule"}));
    if (!is_utc(zone) || !schedule) {
        context_.events.record(*cron, {.reason = schedule ? "UnknownTimeZone" : "UnparseableSchedule",
                                       .message = schedule ? "invalid timeZone: " + zone + " (this cluster keeps UTC only)" : schedule.error().message,
                                       .component = kComponent,
                                       .warning = true});
        return;
    }
    const std::int64_t now_ms = context_.now_ms();
    const std::int64_t since_ms = std::max(time_ms(*cron, {"status", "lastScheduleTime"}).value_or(0),
                                           time_ms(*cron, {"metadata", "creationTimestamp"}).value_or(now_ms));
    // Of the dates that were missed (the tab was closed), the newest counts.
    std::optional<std::int64_t> due_ms;
    auto next_ms = schedule->next_after(std::max(since_ms, now_ms - kLongestSleep_ms));
    for (int i = 0; next_ms && *next_ms <= now_ms && i < 100'000; ++i) {
        due_ms = next_ms;
        next_ms = schedule->next_after(*next_ms);
    }
    if (due_ms) {
        std::vector<ObjectPtr> active = jobs_of(context_, *cron);
        std::erase_if(active, [](const ObjectPtr& job) { return has_ended(*job) || is_deleting(*job); });
        start_job(*cron, *due_ms, active);
    }
    if (next_ms) queue_.add_after(key, std::min(*next_ms - now_ms, kLongestSleep_ms));
}

void CronJobController::start_job(const Json& cron, std::int64_t due_ms, const std::vector<ObjectPtr>& active) {
    const ObjectKey key = key_of("cronjobs", cron);
    if (const Json* deadline = find(cron, {"spec", "startingDeadlineSeconds"});
        deadline && deadline->is_number() && context_.now_ms() - due_ms > seconds_as_ms(cron, {"spec", "startingDeadlineSeconds"})) {
        context_.events.record(cron, {.reason = "MissSchedule",
                                      .message = "Missed scheduled time to start a job: " + format_time(due_ms),
                                      .component = kComponent,
                                      .warning = true});
        [[maybe_unused]] const auto noted =
            context_.store.modify(key, [&](Json& changed) { member(changed, {"status"})["lastScheduleTime"] = format_time(due_ms); });
        return;
    }
    const std::string policy = text(cron, {"spec", "concurrencyPolicy"}, "Allow");
    if (policy == "Forbid" && !active.empty()) {
        context_.events.record(cron, {.reason = "JobAlreadyActive",
                                      .message = "Not starting job because prior execution is running and concurrency policy is Forbid",
                                      .component = kComponent});
        [[maybe_unused]] const auto noted =
            context_.store.modify(key, [&](Json& changed) { member(changed, {"status"})["lastScheduleTime"] = format_time(due_ms); });
        return;
    }
    if (policy == "Replace") {
        for (const ObjectPtr& job : active) {
            delete_object(context_, key_of("jobs", *job));
            context_.events.record(cron, {.reason = "SuccessfulDelete", .message = "Deleted job " + name_of(*job), .component = kComponent});
        }
    }
    Json job{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", Json::object()}, {"spec", map(cron, {"spec", "jobTemplate", "spec"})}};
    Json& metadata = job["metadata"];
    metadata["labels"] = map(cron, {"spec", "jobTemplate", "metadata", "labels"});
    metadata["annotations"] = map(cron, {"spec", "jobTemplate", "metadata", "annotations"});
    metadata["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] = format_time(due_ms);
    metadata["ownerReferences"] = Json::array({owner_reference(cron)});
    member(job, {"spec"});
    job["status"] = Json::object();
    const std::string name = joined_name(key.name, std::to_string(due_ms / 60'000));
    const auto created = context_.store.create({"jobs", key.ns, name}, std::move(job));
    if (created) {
        context_.events.record(cron, {.reason = "SuccessfulCreate", .message = "Created job " + name, .component = kComponent});
    } else if (created.error().code != base::ErrorCode::conflict) {
        context_.events.record(
            cron, {.reason = "FailedCreate", .message = "Error creating job: " + created.error().message, .component = kComponent, .warning = true});
    }
    [[maybe_unused]] const auto noted =
        context_.store.modify(key, [&](Json& changed) { member(changed, {"status"})["lastScheduleTime"] = format_time(due_ms); });
    write_active(key);
}

void CronJobController::clean_up(const Json& cron, const std::vector<ObjectPtr>& jobs) {
    for (const auto& [outcome, field, fallback] :
         {std::tuple{"Complete", "successfulJobsHistoryLimit", 3}, std::tuple{"Failed", "failedJobsHistoryLimit", 1}}) {
        std::vector<ObjectPtr> ended;
        for (const ObjectPtr& job : jobs) {
            if (condition_is(*job, outcome, "True") && !is_deleting(*job)) ended.push_back(job);
        }
        const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(integer(cron, {"spec", field}, fallback), 0, 10'000));
        std::sort(ended.begin(), ended.end(), [](const ObjectPtr& a, const ObjectPtr& b) {
            const auto rank = [](const ObjectPtr& job) { return std::pair(text(*job, {"metadata", "creationTimestamp"}), name_of(*job)); };
            return rank(a) < rank(b);
        });
        for (std::size_t i = 0; i + limit < ended.size(); ++i) delete_object(context_, key_of("jobs", *ended[i]));
    }
}

void CronJobController::write_active(const ObjectKey& key) {
    const ObjectPtr cron = context_.store.get(key);
    if (!cron) return;
    Json active = Json::array();
    std::int64_t last_success_ms = 0;
    for (const ObjectPtr& job : jobs_of(context_, *cron)) {
        if (!has_ended(*job) && !is_deleting(*job)) {
            active.push_back({{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"name", name_of(*job)}, {"namespace", key.ns}, {"uid", uid_of(*job)}});
        }
        last_success_ms = std::max(last_success_ms, time_ms(*job, {"status", "completionTime"}).value_or(0));
    }
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        Json& status = member(changed, {"status"});
        if (active.empty()) {
            status.erase("active");
        } else {
            status["active"] = active;
        }
        if (last_success_ms > 0) status["lastSuccessfulTime"] = format_time(last_success_ms);
    });
}

}  // namespace kube::controllers
