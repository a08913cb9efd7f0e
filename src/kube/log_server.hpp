// LogServer: answers the log endpoint out of LogRun. A follower has one timer, for the next line it is owed; nobody reading costs
// nothing. A reader that lags keeps its place; when it falls behind what a node would keep (2,000 lines, 1 MB) it goes on from
// the oldest line kept. The answer ends with the container's run, or with the pod.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/scheduler.hpp"
#include "kube/log_run.hpp"
#include "kube/log_source.hpp"

namespace kube {

class LogServer final : public LogSource {
public:
    LogServer(ObjectStore& store, base::Scheduler& scheduler, double speed);
    ~LogServer() override;

    [[nodiscard]] base::Result<void> open(const ObjectKey& pod, const LogOptions& options, std::shared_ptr<net::ResponseWriter> writer) override;

    [[nodiscard]] std::size_t follower_count() const { return followers_.size(); }

private:
    struct Follower;

    void observe(const StoreEvent& event);
    // Writes what is due, then waits for the next line, the reader or the end.
    void pump(const std::shared_ptr<Follower>& follower);
    void wait_for_reader(const std::shared_ptr<Follower>& follower);
    void wait_for_line(const std::shared_ptr<Follower>& follower);
    static void seek(Follower& follower, const LogOptions& options, std::int64_t now_ns);
    void drop(Follower& follower);
    [[nodiscard]] std::int64_t now_ns() const { return scheduler_.clock().unix_ms() * 1'000'000; }

    ObjectStore& store_;
    base::Scheduler& scheduler_;
    double speed_;
    std::vector<std::shared_ptr<Follower>> followers_;
    bool subscribed_ = false;  // only while somebody follows
    Subscription subscription_;
};

}  // namespace kube
