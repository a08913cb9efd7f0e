// KubeWatch: keeps up with one list of Kubernetes objects: list, then watch from its resourceVersion, for as long as it lives.
//
// Promises: after `on_reset` the listener has the whole list and gets every later change as one event, in order. A watch that
// ends is resumed where it stopped; history that is gone (410) or a change that cannot be read leads to a new list and another
// `on_reset`. Failures are retried with growing pauses (1 s to 30 s, with jitter) and told by `on_trouble` when they begin.
// Nothing is polled: the only timer is the pause before a retry.
//
//   KubeWatch watch(kube, random, "/api/v1/namespaces/default/pods", "app=web", listener);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "hub/json_text.hpp"
#include "hub/kube_api.hpp"
#include "net/http.hpp"
#include "wire/ndjson.hpp"

namespace hub {

class KubeWatch {
public:
    class Listener {
    public:
        virtual ~Listener() = default;
        virtual void on_reset(KubeWatch& watch, std::vector<Json> objects) = 0;
        virtual void on_changed(KubeWatch& watch, Json object) = 0;  // added or modified
        virtual void on_deleted(KubeWatch& watch, const Json& object) = 0;
        virtual void on_trouble(KubeWatch& watch, const base::Error& error) = 0;  // once per outage
        virtual void on_recovered(KubeWatch& watch) = 0;
    };

    // `path` is the collection; `label_selector` is percent-encoded by the caller's care (labels here need no encoding but
    // '='). The listener must outlive the watch and may destroy it in any callback but only by scheduler.post.
    KubeWatch(KubeApi& kube, base::Random& random, std::string path, std::string label_selector, Listener& listener);
    KubeWatch(const KubeWatch&) = delete;
    KubeWatch& operator=(const KubeWatch&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool synced() const { return synced_; }  // a list has arrived at least once
    // How many lists were asked for: an object written now is contained in any list numbered higher.
    [[nodiscard]] std::uint64_t lists_sent() const { return lists_sent_; }

private:
    void list();
    void on_listed(base::Result<net::Response> response);
    void watch();
    void on_watch_line(std::string_view line);
    void on_watch_done(base::Result<void> result);
    void retry_after_failure(const base::Error& error);
    void recovered();

    KubeApi& kube_;
    base::Random& random_;
    std::string path_;
    std::string label_selector_;
    Listener& listener_;

    std::string resource_version_;  // empty: list first
    int watch_status_ = 0;
    bool heard_of_watch_ = false;   // at least one line since the watch began
    bool relist_ = false;
    bool synced_ = false;
    bool in_trouble_ = false;
    int failures_ = 0;  // in a row; sets the pause
    std::int64_t watch_started_ms_ = 0;
    std::uint64_t lists_sent_ = 0;
    wire::LineSplitter lines_;
    std::string error_body_;
    base::Timer timer_;
    net::RequestHandle request_;
};

}  // namespace hub
