#include "hub/plugin_routes.hpp"

#include "hub/plugin_catalogue.hpp"

namespace hub {

void PluginRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    services_.route(router, "GET", "/plugins", [this](const User&, Routed, const Writer& writer) { list(false, writer); });
    services_.route(router, "GET", "/plugins/enabled", [this](const User&, Routed, const Writer& writer) { list(true, writer); });
    services_.route(router, "GET", "/plugins/categories", [](const User&, Routed, const Writer& writer) {
        send_json(*writer, 200, {{"categories", plugin_categories()}});
    });
    services_.route(router, "GET", "/plugins/:id", [this](const User&, Routed routed, const Writer& writer) { get(routed.param("id"), writer); });
    for (const bool enabled : {true, false}) {
        services_.route(router, "POST", std::string("/plugins/:id/") + (enabled ? "enable" : "disable"),
                        [this, enabled](const User& caller, Routed routed, const Writer& writer) { set_enabled(caller, routed.param("id"), enabled, writer); });
    }
}

void PluginRoutes::list(bool only_enabled, const Writer& writer) const {
    Json entries = Json::array();
    for (const Plugin& plugin : plugins()) {
        const bool enabled = services_.plugins.enabled().contains(plugin.id);
        if (enabled || !only_enabled) entries.push_back(plugin_to_wire(plugin, enabled));
    }
    send_json(*writer, 200, {{"plugins", std::move(entries)}});
}

const Plugin* PluginRoutes::plugin_or_404(std::string_view id, net::ResponseWriter& writer) {
    const Plugin* plugin = find_plugin(id);
    if (!plugin) send_error(writer, 404, "There is no plugin " + std::string(id) + ".");
    return plugin;
}

void PluginRoutes::get(std::string_view id, const Writer& writer) const {
    const Plugin* plugin = plugin_or_404(id, *writer);
    if (!plugin) return;
    const bool enabled = services_.plugins.enabled().contains(plugin->id);
    send_json(*writer, 200, {{"plugin", plugin_to_wire(*plugin, enabled)}, {"enabled", enabled}});
}

void PluginRoutes::set_enabled(const User& caller, std::string_view id, bool enabled, const Writer& writer) {
    if (!services_.require_admin(caller, "enable or disable plugins", *writer)) return;
    const Plugin* plugin = plugin_or_404(id, *writer);
    if (!plugin) return;
    const bool was_enabled = services_.plugins.enabled().contains(plugin->id);
    services_.plugins.set(std::string(plugin->id), enabled, lifetime_.guard([this, plugin, enabled, was_enabled, writer](base::Result<void> stored) {
        if (!stored) return send_error(*writer, stored.error());
        const std::string title = std::string(plugin->title) + (enabled ? " is enabled" : " is disabled");
        if (enabled != was_enabled) {
            services_.news.plugin_changed(plugin->id, plugin->title, enabled);
            services_.tell_everybody({.type = "system",
                                      .title = title,
                                      .message = enabled ? "Its node types can be added to workflows now" : "Workflows with its nodes cannot run until it is enabled again",
                                      .link = "/settings/plugins",
                                      .ref_id = std::string(plugin->id)});
        }
        send_json(*writer, 200, {{"message", title}, {"plugin", plugin_to_wire(*plugin, enabled)}, {"enabled", enabled}});
    }));
}

}  // namespace hub
