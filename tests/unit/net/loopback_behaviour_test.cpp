// The seam suite on the loopback client, in virtual time.
#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"
#include "net/loopback.hpp"
#include "support/behaviour_handler.hpp"
#include "support/http_behaviour.hpp"

namespace {

class LoopbackRig final : public support::HttpRig {
public:
    std::unique_ptr<net::HttpClient> make_client() override { return std::make_unique<net::LoopbackClient>(scheduler_, handler_); }
    std::unique_ptr<net::HttpClient> make_refused_client() override { return nullptr; }
    base::Scheduler& scheduler() override { return scheduler_; }
    bool has_back_pressure() const override { return true; }
    std::string run_id() const override { return "loopback"; }

    // False when nothing is left to do.
    bool step() { return scheduler_.run_ready(1) > 0 || scheduler_.advance_to_next(); }

private:
    base::testing::VirtualScheduler scheduler_;
    support::BehaviourHandler handler_;
};

}  // namespace

TEST_CASE("the loopback client keeps the seam's contract") {
    for (const auto& behaviour : support::http_behaviours()) {
        DYNAMIC_SECTION(behaviour.name) {
            LoopbackRig rig;
            support::BehaviourRun run(behaviour, rig);
            while (!run.poll()) {
                if (!rig.step()) run.give_up();
            }
            for (const auto& failure : run.failures()) {
                UNSCOPED_INFO(failure);
                CHECK(failure.empty());
            }
            SUCCEED();
        }
    }
}
