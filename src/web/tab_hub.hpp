// TabHub: the site without a backend. One tab of the browser owns hub and cluster (net::TabGroup says which), and only that one loads their
// wasm; every tab's App talks to client(), which stays the same object wherever they are.
//
//   TabHub hub(scheduler, random, locks, {page.base, version}, {.on_ready = ..., .on_moved = ..., .on_fatal = ...});
//   hub.start();
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "net/http.hpp"
#include "net/tab_group.hpp"
#include "web/browser_tabs.hpp"
#include "web/fetch_client.hpp"
#include "web/tab_cluster.hpp"
#include "web/web_scheduler.hpp"

namespace web {

class TabHub {
public:
    struct Events {
        base::UniqueFunction<void()> on_ready;  // once: some tab has the hub
        base::UniqueFunction<void()> on_moved;  // another one has it now: reconnect
        base::UniqueFunction<void(const base::Error&)> on_failure;  // the hub's part of the program did not arrive; tried again
        base::UniqueFunction<void()> on_company;  // other tabs work on the same data, and cannot be told
    };
    struct Options {
        std::string base_path;
        std::string version;
        double cluster_speed = 1;  // kube::ClusterOptions
    };
    TabHub(WebScheduler& scheduler, base::Random& random, base::TabLocks& locks, Options options, Events events);
    ~TabHub();
    TabHub(const TabHub&) = delete;
    TabHub& operator=(const TabHub&) = delete;

    void start();
    [[nodiscard]] net::HttpClient& client() { return *group_; }
    [[nodiscard]] net::TabRole role() const { return group_->role(); }
    // Why something is not kept or not shared, or empty.
    [[nodiscard]] std::string notice() const;

    // ---- the page
    void on_cluster(bool loaded);  // bn_page_load_cluster has answered
    void set_visible(bool visible);
    void flush();
    void on_page_hide();
    void on_page_show();
    void on_freeze();

private:
    void open(bool alone, net::TabGroup::Opened done);
    void on_role(net::TabRole role);

    WebScheduler& scheduler_;
    base::Random& random_;
    Options options_;
    Events events_;
    std::unique_ptr<FetchClient> fetch_;
    net::RequestHandle sample_request_;
    std::string sample_json_;
    bool loading_ = false;
    bool alone_ = false;
    net::TabGroup::Opened opened_;     // of the turn that is under way
    TabCluster* built_ = nullptr;      // the group owns it
    TabCluster* cluster_ = nullptr;    // while this tab is the owner
    std::unique_ptr<net::TabGroup> group_;
    bool ready_ = false;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace web
