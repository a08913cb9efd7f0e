// JobController: runs pods until spec.completions have succeeded: parallelism, backoffLimit with growing delays, completion
// indexes, suspend, activeDeadlineSeconds, ttlSecondsAfterFinished.
#pragma once

#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class JobController {
public:
    explicit JobController(Context& context);

private:
    struct Tally {
        std::vector<ObjectPtr> active;
        std::int64_t succeeded = 0;
        std::int64_t failed = 0;
        std::int64_t restarts = 0;       // within pods with restartPolicy OnFailure
        std::int64_t ready = 0;
        std::int64_t last_failure_ms = 0;
    };

    void sync(const ObjectKey& key);
    void ensure_identity(const ObjectKey& key);
    [[nodiscard]] Tally tally(const Json& job) const;
    void adjust(const Json& job, const Tally& tally);
    void create(const Json& job, std::int64_t count);
    void finish(const Json& job, const Tally& tally, bool complete, const std::string& reason, const std::string& message);
    void suspend(const Json& job, const Tally& tally);
    void write_counts(const Json& job, const Tally& tally);
    void expire(const Json& job);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
