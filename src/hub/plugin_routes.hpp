// /plugins: the catalogue, and which of it is enabled (contracts: KubeOrch core, "Plugins"). Enabling is an admin's affair: it
// changes everybody's node types.
#pragma once

#include "hub/services.hpp"

namespace hub {

struct Plugin;

class PluginRoutes {
public:
    explicit PluginRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    void list(bool only_enabled, const Writer& writer) const;
    void get(std::string_view id, const Writer& writer) const;
    void set_enabled(const User& caller, std::string_view id, bool enabled, const Writer& writer);
    // Null after a 404.
    [[nodiscard]] static const Plugin* plugin_or_404(std::string_view id, net::ResponseWriter& writer);

    Services& services_;
    Lifetime lifetime_;
};

}  // namespace hub
