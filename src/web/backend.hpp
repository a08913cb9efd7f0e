// Backend: which one this tab talks to. config.json beside the page names them; one counts as present only if its health route
// answers as Binnacle's does. With none, the hub and the cluster run in the tab.
//
//   BackendFinder finder(scheduler, page, [](BackendChoice choice) { ... });
//
// What boot.js has asked for while the program was on its way is taken from there: config.json, and the first backend's health.
//
// "cluster" says how fast the cluster runs that stands in for a backend: {"cluster": {"speed": 4}}.
//
//   {"backends": [{"name": "gateway", "kind": "kubeorch", "url": "/v1/api", "default": true}]}
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "web/page.hpp"

namespace web {

struct BackendEntry {
    std::string name;
    std::string kind;    // "kubeorch": the API of src/hub
    std::string origin;  // empty: the page's
    std::string prefix;  // "/v1/api", no slash at the end
    bool is_default = false;
};

struct BackendChoice {
    bool in_tab = true;
    BackendEntry entry;  // when not in the tab
    std::string health;  // JSON: what it answered
    std::vector<BackendEntry> known;  // all that config.json names
    double cluster_speed = 1;  // of the cluster in the tab
    // Why a backend that was asked for by name is not used.
    std::string notice;
};

// The entries that this program can use, the default first. A broken file is an error; unknown kinds are left out.
[[nodiscard]] base::Result<std::vector<BackendEntry>> read_backends(std::string_view config_json);
// "cluster.speed", 0.01 to 1000; 1 when there is none that makes sense.
[[nodiscard]] double read_cluster_speed(std::string_view config_json);

// Where a hub whose API is at `prefix` has its shared stream: "/api/watch" beside "/v1/api", behind the same proxy path.
[[nodiscard]] std::string watch_root_of(std::string_view prefix);

// A health answer: JSON, product "binnacle". Anything else, such as a file server's fallback page, is not a backend.
[[nodiscard]] bool is_health_answer(const net::Response& response);

class BackendFinder {
public:
    static constexpr std::int64_t kConfigTimeoutMs = 5000;
    static constexpr std::int64_t kHealthTimeoutMs = 3000;

    BackendFinder(base::Scheduler& scheduler, const Page& page, base::UniqueFunction<void(BackendChoice)> done);
    ~BackendFinder();
    BackendFinder(const BackendFinder&) = delete;
    BackendFinder& operator=(const BackendFinder&) = delete;

private:
    void read_config();
    void on_config(const net::Response& response);
    void try_next();
    void finish(BackendChoice choice);

    base::Scheduler& scheduler_;
    Page page_;
    base::UniqueFunction<void(BackendChoice)> done_;
    std::unique_ptr<net::HttpClient> client_;
    net::RequestHandle request_;
    std::vector<BackendEntry> entries_;
    std::vector<BackendEntry> known_;
    std::size_t next_ = 0;
    double cluster_speed_ = 1;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace web
