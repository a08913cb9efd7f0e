// The seam suite (tests/support/http_behaviour.hpp) on the Fetch client, against binnacle-behaviour-server.
#include <memory>

#include "support/http_behaviour.hpp"
#include "wasm/web_test.hpp"
#include "web/fetch_client.hpp"
#include "web/web_random.hpp"

namespace web_test {

namespace {

// Nobody listens there, and a browser would not ask anyway.
constexpr const char* kRefusedOrigin = "http://127.0.0.1:1";

class FetchRig final : public support::HttpRig {
public:
    explicit FetchRig(base::Scheduler& scheduler) : scheduler_(scheduler) {
        web::WebRandom random;
        run_id_ = "web" + std::to_string(random.next_u64());
    }
    [[nodiscard]] std::unique_ptr<net::HttpClient> make_client() override {
        return std::make_unique<web::FetchClient>(scheduler_, "/behaviour");
    }
    [[nodiscard]] std::unique_ptr<net::HttpClient> make_refused_client() override {
        return std::make_unique<web::FetchClient>(scheduler_, kRefusedOrigin);
    }
    [[nodiscard]] base::Scheduler& scheduler() override { return scheduler_; }
    [[nodiscard]] bool has_back_pressure() const override { return false; }
    [[nodiscard]] std::string run_id() const override { return run_id_; }

private:
    base::Scheduler& scheduler_;
    std::string run_id_;
};

}  // namespace

void add_http_tests(Suite& suite, base::Scheduler& scheduler) {
    for (const support::Behaviour& behaviour : support::http_behaviours()) {
        suite.add("fetch: " + std::string(behaviour.name), [&behaviour, &scheduler](TestCase& test) {
            auto rig = std::make_shared<FetchRig>(scheduler);
            auto run = std::make_shared<support::BehaviourRun>(behaviour, *rig);
            test.until("the case is over", [rig, run] { return run->poll(); }, [rig, run](TestCase& over) {
                over.failures = run->failures();
                over.skip_reason = run->skip_reason();
            });
        });
    }
}

}  // namespace web_test
