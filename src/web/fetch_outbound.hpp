// FetchOutbound: hub::OutboundHttp for a hub in the tab. The browser decides what may be reached: https (http from an http page or to
// this machine), and only servers that allow this page's origin (CORS).
#pragma once

#include "base/scheduler.hpp"
#include "hub/outbound_http.hpp"

namespace web {

class FetchOutbound final : public hub::OutboundHttp {
public:
    explicit FetchOutbound(base::Scheduler& scheduler) : scheduler_(scheduler) {}
    [[nodiscard]] base::Result<std::unique_ptr<net::HttpClient>> connect(const std::string& origin) override;

private:
    base::Scheduler& scheduler_;
};

}  // namespace web
