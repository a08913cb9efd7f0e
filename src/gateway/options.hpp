// Options: the gateway's command line.
//
//   auto options = gateway::parse_options({"--port", "0", "--auth=builtin"}, environment);
//   if (!options) print options.error(), exit 2
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gateway/oauth_options.hpp"
#include "hub/hub.hpp"

namespace gateway {

struct Options {
    std::string bind = "127.0.0.1";
    std::uint16_t port = 8080;
    std::string static_dir{};  // empty: look for the built site beside the program
    std::string data_dir{};
    std::string key_file{};        // of the stored credentials; empty: in data_dir
    bool rotate_key = false;
    hub::AuthMode auth = hub::AuthMode::none;
    std::string kubernetes_url{};  // empty: the cluster in memory
    std::string frame_ancestors = "'self'";
    std::vector<std::string> allowed_hosts{};
    std::vector<std::string> allowed_origins{};
    std::vector<std::string> connect_sources{};
    OAuthSettings oauth{};
    double kube_speed = 1.0;
    std::size_t watch_clients = hub::HubOptions().watch_clients;
    std::size_t watch_channels = hub::HubOptions().watch_channels;
    bool log_requests = false;
    bool help = false;
    bool version = false;
};

// Where the defaults come from.
struct Environment {
    std::string home{};           // $HOME
    std::string xdg_data_home{};  // $XDG_DATA_HOME
    Variables variables{};        // those that begin with BINNACLE_
};

[[nodiscard]] base::Result<Options> parse_options(const std::vector<std::string>& arguments, const Environment& environment);
[[nodiscard]] std::string_view help_text();
[[nodiscard]] std::string_view version_text();
// 127.x.x.x, ::1 and localhost.
[[nodiscard]] bool is_loopback(std::string_view address);
// The same for a host in a URL, by address, not by the look of a name: 127.example.org is anybody's.
[[nodiscard]] bool is_this_machine(std::string_view host);

}  // namespace gateway
