// CronJobController: makes a Job whenever a CronJob's schedule is due: concurrencyPolicy, startingDeadlineSeconds, suspend,
// history limits. It sleeps until the next due minute. Schedules are in UTC; another timeZone is refused with an event.
#pragma once

#include <string>
#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class CronJobController {
public:
    explicit CronJobController(Context& context);

private:
    void sync(const ObjectKey& key);
    void start_job(const Json& cron, std::int64_t due_ms, const std::vector<ObjectPtr>& active);
    void clean_up(const Json& cron, const std::vector<ObjectPtr>& jobs);
    void write_active(const ObjectKey& key);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
