// The seam suite on Beast: client and server over real sockets of one loop.
#include <catch2/catch_test_macros.hpp>

#include "gateway/beast_client.hpp"
#include "gateway/beast_server.hpp"
#include "net/router.hpp"
#include "support/behaviour_handler.hpp"
#include "support/http_behaviour.hpp"

namespace {

constexpr std::int64_t kWatchdogMs = 60'000;

class BeastRig final : public support::HttpRig {
public:
    BeastRig() {
        mounts_.mount("/prefix", handler_, net::Mounts::Prefix::strip);
        auto listening = gateway::BeastServer::listen(loop, mounts_, {});
        REQUIRE(listening.has_value());
        server_ = std::move(*listening);
    }
    std::unique_ptr<net::HttpClient> make_client() override {
        auto client = gateway::BeastClient::create(loop, {.base_url = server_->url() + "prefix"});
        REQUIRE(client.has_value());
        return std::move(*client);
    }
    std::unique_ptr<net::HttpClient> make_refused_client() override {
        // A port that was just free: nobody listens there now.
        auto listening = gateway::BeastServer::listen(loop, mounts_, {});
        REQUIRE(listening.has_value());
        const std::string url = (*listening)->url();
        listening->reset();
        auto client = gateway::BeastClient::create(loop, {.base_url = url});
        REQUIRE(client.has_value());
        return std::move(*client);
    }
    base::Scheduler& scheduler() override { return loop; }
    bool has_back_pressure() const override { return true; }
    std::string run_id() const override { return "beast"; }

    gateway::AsioScheduler loop;

private:
    support::BehaviourHandler handler_;
    net::Mounts mounts_;
    std::unique_ptr<gateway::BeastServer> server_;
};

}  // namespace

TEST_CASE("Beast client and server keep the seam's contract") {
    for (const auto& behaviour : support::http_behaviours()) {
        DYNAMIC_SECTION(behaviour.name) {
            BeastRig rig;
            support::BehaviourRun run(behaviour, rig);
            if (!rig.loop.run_until([&] { return run.poll(); }, kWatchdogMs)) run.give_up();
            for (const auto& failure : run.failures()) {
                UNSCOPED_INFO(failure);
                CHECK(failure.empty());
            }
            SUCCEED();
        }
    }
}
