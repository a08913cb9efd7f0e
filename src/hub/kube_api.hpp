// KubeApi: the hub's calls to a Kubernetes API server, JSON in and out. Errors carry the server's own words
// (Status.message and the causes), so that they can be shown as they are.
//
//   kube.get("/apis/apps/v1/namespaces/default/deployments/web", [](base::Result<Json> deployment) { ... });
//   kube.apply(path, manifest, ...);      // server-side apply, field manager "binnacle", force
//
// Calls end silently when the KubeApi is destroyed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "base/unique_function.hpp"
#include "hub/json_text.hpp"
#include "net/http.hpp"

namespace hub {

class KubeApi {
public:
    using Done = base::UniqueFunction<void(base::Result<Json>)>;

    KubeApi(net::HttpClient& client, base::Scheduler& scheduler) : client_(client), scheduler_(scheduler) {}
    ~KubeApi();
    KubeApi(const KubeApi&) = delete;
    KubeApi& operator=(const KubeApi&) = delete;

    void get(std::string target, Done done);
    void apply(const std::string& path, const Json& object, Done done);
    // Its dependents go too, in the background. not_found when there was none.
    void remove(const std::string& path, Done done);

    // Any request whose answer is JSON.
    void send(net::Request request, Done done);

    [[nodiscard]] net::HttpClient& client() { return client_; }
    [[nodiscard]] base::Scheduler& scheduler() { return scheduler_; }

private:
    net::HttpClient& client_;
    base::Scheduler& scheduler_;
    std::uint64_t next_id_ = 0;
    std::map<std::uint64_t, net::RequestHandle> calls_;
};

// The Error for an answer that is no success: from a Status object if it is one.
[[nodiscard]] base::Error kube_error(int status, std::string_view body);
// The Error for a call that got no whole answer.
[[nodiscard]] base::Error kube_transport_error(const base::Error& error);

}  // namespace hub
