// /alerts: overview, rules, templates, events and their stream (contracts: KubeOrch core, "Other"). What an alert is: alerts.hpp.
#pragma once

#include "hub/alerts.hpp"
#include "hub/services.hpp"

namespace hub {

class AlertRoutes {
public:
    explicit AlertRoutes(Services& services) : services_(services), alerts_(services) {}
    void add_routes(net::Router& router);
    void start() { alerts_.start(); }

private:
    void events(const User& caller, std::string_view query, const Writer& writer);

    Services& services_;
    Alerts alerts_;
};

}  // namespace hub
