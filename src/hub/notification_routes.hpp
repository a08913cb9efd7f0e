// /user-notifications: a caller's own notifications, and the stream of new ones (contracts: KubeOrch core, "Other", "SSE framing").
#pragma once

#include "hub/services.hpp"

namespace hub {

class NotificationRoutes {
public:
    explicit NotificationRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    void list(const User& caller, std::string_view query, const Writer& writer);

    Services& services_;
};

}  // namespace hub
