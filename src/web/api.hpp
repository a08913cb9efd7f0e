// Api: window.binnacle (docs/browser-api.md): the state of the tab as JSON, for tests, bug reports and curious people. It never
// contains a token.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "model/app.hpp"

namespace web {

class FrameLoop;
class Renderer;
class SemanticsBridge;
struct Page;

struct ApiPorts {
    FrameLoop& frames;
    const Renderer& renderer;
    SemanticsBridge& semantics;
    const Page& page;
    std::string version;
    std::string backend_label;
    model::App* app = nullptr;
    std::function<std::string_view()> hub_role;       // of this tab (net::TabRole); empty: there is a backend
    std::function<int()> pending;                     // requests without an answer, open streams not among them
    std::function<bool()> busy;                       // tasks wait to run
    std::function<void(bool)> set_full_semantics;
};

class Api {
public:
    explicit Api(ApiPorts ports) : ports_(std::move(ports)) {}
    void start();

    [[nodiscard]] base::Json snapshot() const;
    [[nodiscard]] base::Json diagnostics() const;
    // The connection and the watches on it, for window.__watchStatus().
    [[nodiscard]] base::Json watch_status() const;
    // For how long nothing has been drawn or requested; 0 while something is under way.
    [[nodiscard]] double quiet_ms();
    [[nodiscard]] std::string busy_reason() const;  // empty: nothing
    void set_full_semantics(bool full) { ports_.set_full_semantics(full); }

private:
    ApiPorts ports_;
    double busy_at_ms_ = 0;
};

}  // namespace web
