// Page: what the address and the browser say about this visit.
//
//   ?embed=1  ?theme=dark|light|system  ?a11y=1  ?dev=1  ?backend=NAME ("tab": none)  ?bench=graph&nodes=N&zoom=Z|&fit=1
//   ?bench=logs
#pragma once

#include <optional>
#include <string>

#include "model/oauth_login.hpp"

namespace web {

struct BenchOptions {
    int nodes = 1000;
    std::optional<float> zoom;  // none: fit
    bool logs = false;          // window.binnacle.bench feeds streams; no graph
};

struct Page {
    std::string query;           // the address's, with its '?'
    std::string base = "/";      // path of the site's folder, with a slash at the end
    std::string origin;
    std::string agent;           // navigator.userAgent, for diagnostics
    bool mac = false;
    bool webdriver = false;
    bool embedded = false;       // in an iframe
    bool embed = false;
    bool full_semantics = false; // ?a11y=1, or driven by a test
    bool developer = false;
    std::string theme;           // "dark", "light", "system", or empty
    std::string backend;         // name in config.json, "tab", or empty
    std::optional<BenchOptions> bench;
    model::OAuthReturn oauth_return;  // from a sign-in provider
};

// The bytes of a file that boot.js has fetched while the program was on its way; empty when it has not, or when they were taken before.
[[nodiscard]] std::string take_asset(const std::string& name);
// Reads the page this runs in.
[[nodiscard]] Page read_page();
// The same from what lib_page.js answers, for tests.
[[nodiscard]] Page page_from_json(const std::string& text);

}  // namespace web
