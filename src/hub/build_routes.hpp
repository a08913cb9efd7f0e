// /builds: start, list, read, cancel and follow builds (contracts: KubeOrch core, "Builds"). What a build does: builds.hpp.
#pragma once

#include "hub/builds.hpp"
#include "hub/services.hpp"

namespace hub {

class BuildRoutes {
public:
    explicit BuildRoutes(Services& services);
    void add_routes(net::Router& router);

private:
    void start(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void list(const User& caller, std::string_view query, const Writer& writer);
    void tell(const Json& build);

    Services& services_;
    Builds builds_;
    Lifetime lifetime_;
};

}  // namespace hub
