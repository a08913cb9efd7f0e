// AlertWatch: looks at one cluster with the rules that concern it. Watches are opened for the kinds that enabled rules need, and only
// those; nothing is polled. The timer is for what becomes true by waiting ("not ready for two minutes").
//
//   AlertWatch watch(kube, random);
//   watch.set_observer(&alerts, "staging");
//   watch.set_rules(rules);              // none: no watch is open
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "hub/alert_rules.hpp"
#include "hub/kube_watch.hpp"
#include "hub/lifetime.hpp"

namespace hub {

// What an alert is about.
struct AlertSubject {
    std::string rule_id;
    std::string cluster;
    std::string kind;     // "Pod"
    std::string ns;
    std::string name;

    // The same as long as it is about the same thing.
    [[nodiscard]] std::string key() const { return rule_id + "|" + cluster + "|" + kind + "|" + ns + "|" + name; }
};

class AlertObserver {
public:
    virtual ~AlertObserver() = default;
    virtual void alert_holds(const AlertSubject& subject, const std::string& message) = 0;  // for long enough; again when the words change
    virtual void alert_over(const AlertSubject& subject) = 0;
    // All objects of `kind` (in `ns`, if not empty) have been looked at: of what was an alert before, only `holding` (keys) still is.
    virtual void alert_list_read(const std::string& cluster, const std::string& kind, const std::string& ns, const std::set<std::string>& holding) = 0;
};

class AlertWatch final : public KubeWatch::Listener {
public:
    AlertWatch(KubeApi& kube, base::Random& random) : kube_(kube), random_(random) {}
    AlertWatch(const AlertWatch&) = delete;
    AlertWatch& operator=(const AlertWatch&) = delete;

    // The observer must outlive the watch, or be taken away by nullptr.
    void set_observer(AlertObserver* observer, std::string cluster);
    // Those of other clusters and disabled ones are left out here.
    void set_rules(const std::vector<AlertRule>& rules);
    [[nodiscard]] std::size_t open_watches() const { return collections_.size(); }

private:
    // A rule that holds for an object, or has to be looked at again.
    struct Pending {
        AlertSubject subject;
        Json object;
        std::int64_t since_ms = 0;   // monotonic; since when it holds
        std::int64_t look_ms = 0;    // monotonic; 0: when the object changes
        std::string told;            // the words; empty: nobody yet
    };
    struct Collection {
        std::unique_ptr<KubeWatch> watch;
        AlertKind kind;
        std::string ns;
        std::vector<AlertRule> rules;
        std::map<std::string, Pending> pending;  // by subject key
    };

    void on_reset(KubeWatch& watch, std::vector<Json> objects) override;
    void on_changed(KubeWatch& watch, Json object) override;
    void on_deleted(KubeWatch& watch, const Json& object) override;
    void on_trouble(KubeWatch&, const base::Error&) override {}  // the cluster's own state says so
    void on_recovered(KubeWatch&) override {}

    [[nodiscard]] Collection* find(const KubeWatch& watch);
    [[nodiscard]] AlertSubject subject_of(const Collection& collection, const AlertRule& rule, const Json& object) const;
    void look(Collection& collection, const AlertRule& rule, const Json& object);
    void drop(Collection& collection, const std::string& key);
    void arm();
    void look_again();

    KubeApi& kube_;
    base::Random& random_;
    AlertObserver* observer_ = nullptr;
    std::string cluster_;
    std::map<std::string, Collection> collections_;  // by path
    base::Timer timer_;
    Lifetime lifetime_;
};

}  // namespace hub
