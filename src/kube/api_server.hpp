// ApiServer: the Kubernetes API over an ObjectStore, as an HttpHandler. Every answer that is not a success is a metav1.Status.
//
//   api::ApiServer server({store, scheduler, random}, {});
//   server.set_logs(&controllers.logs());
//   net::LoopbackClient client(scheduler, server);      // GET /api/v1/pods?watch=1
#pragma once

#include <memory>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "kube/log_source.hpp"
#include "kube/object_store.hpp"
#include "net/http.hpp"

namespace kube::api {

struct ApiPorts {
    ObjectStore& store;
    base::Scheduler& scheduler;
    base::Random& random;
};

struct ApiOptions {
    std::int64_t bookmark_interval_ms = 30'000;
    std::size_t max_body_bytes = 3 * 1024 * 1024;
};

class ApiServer final : public net::HttpHandler {
public:
    ApiServer(ApiPorts ports, ApiOptions options);
    ~ApiServer() override;  // ends all watches

    // Null: the log endpoint answers 503. The source must outlive the server or be taken away first.
    void set_logs(LogSource* logs);
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override;
    [[nodiscard]] std::size_t open_watches() const;
    // Serves the custom resources of a store whose content was replaced.
    void reload();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

// The namespaces every cluster has, and the Service "kubernetes"; what is there already stays.
void create_system_objects(ObjectStore& store);

}  // namespace kube::api
