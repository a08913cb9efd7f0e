// App: the gateway put together: cluster (or a client to a real one) -> hub -> server, with the site beside them.
//
//   auto app = gateway::App::start(loop, options);
//   if (!app) ...app.error()...
//   std::puts(("Binnacle is at " + (*app)->url()).c_str());
//   (*app)->shutdown([&] { loop.stop(); });
//
// /v1/api -> hub; /k8s -> the cluster in memory (a bearer is needed with --auth builtin; not there with --kubernetes); / -> site.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "gateway/asio_scheduler.hpp"
#include "gateway/options.hpp"

namespace gateway {

class App {
public:
    // `loop` must outlive the app.
    [[nodiscard]] static base::Result<std::unique_ptr<App>> start(AsioScheduler& loop, const Options& options);
    ~App();
    [[nodiscard]] std::string url() const;
    void shutdown(base::UniqueFunction<void()> done);

private:
    struct Parts;
    explicit App(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace gateway
