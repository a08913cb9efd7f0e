// KubeWatch: keeps up with one list of Kubernetes objects, as JSON values, for as long as it lives. For the hub's own use of a few
// objects; what is handed on to clients goes as text (watch_hub.hpp). Both are a wire::WatchMachine, which has the rules.
//
// Promises: after `on_reset` the listener has the whole list and gets every later change as one event, in order. A watch that
// ends is resumed where it stopped; history that is gone (410) or changes that cannot be read lead to a new list and another
// `on_reset`. Failures are retried with growing pauses and told by `on_trouble` when they begin. Nothing is polled.
//
//   KubeWatch watch(kube, random, "/api/v1/namespaces/default/pods", "app%3Dweb", listener);
#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "hub/json_text.hpp"
#include "hub/kube_api.hpp"
#include "hub/watch_driver.hpp"

namespace hub {

class KubeWatch final : private wire::WatchConsumer {
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

    // `path` is the collection; `label_selector` is percent-encoded and may be empty. The listener must outlive the watch and may
    // destroy it in any callback but only by scheduler.post.
    KubeWatch(KubeApi& kube, base::Random& random, std::string path, const std::string& label_selector, Listener& listener);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool synced() const { return driver_.machine().synced(); }  // a list has arrived at least once
    // How many lists were asked for: an object written now is contained in any list numbered higher.
    [[nodiscard]] std::uint64_t lists_sent() const { return driver_.machine().stats().lists; }

private:
    void on_init() override;
    void on_init_apply(const wire::WatchObject& object) override;
    void on_init_done(std::string_view resource_version) override;
    void on_apply(const wire::WatchObject& object) override;
    void on_deleted(const wire::WatchObject& object) override;
    void on_trouble(const wire::WatchTrouble& trouble) override;
    void on_recovered() override;

    std::string path_;
    Listener& listener_;
    std::vector<Json> listed_;
    bool listing_ = false;
    WatchDriver driver_;
};

// A watch's trouble as the hub tells it.
[[nodiscard]] base::Error watch_error(const wire::WatchTrouble& trouble);

}  // namespace hub
