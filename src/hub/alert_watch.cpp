#include "hub/alert_watch.hpp"

#include <algorithm>

#include "hub/node_kinds.hpp"

namespace hub {

void AlertWatch::set_observer(AlertObserver* observer, std::string cluster) {
    observer_ = observer;
    cluster_ = std::move(cluster);
}

void AlertWatch::set_rules(const std::vector<AlertRule>& rules) {
    timer_.cancel();
    // What is watched for the rules that stay is read anew: rules change seldom, and every object has to be looked at for a new one.
    std::map<std::string, Collection> gone = std::exchange(collections_, {});
    kube_.scheduler().post([gone = std::make_shared<std::map<std::string, Collection>>(std::move(gone))] { gone->clear(); });
    for (const AlertRule& rule : rules) {
        if (!rule.enabled || (!rule.cluster.empty() && rule.cluster != cluster_)) continue;
        for (const AlertKind& kind : kinds_of(rule.type)) {
            const std::string ns = kind.namespaced ? rule.ns : std::string();
            Collection& collection = collections_[resource_path(kind.api_version, kind.plural, ns)];
            collection.kind = kind;
            collection.ns = ns;
            collection.rules.push_back(rule);
        }
    }
    for (auto& [path, collection] : collections_) collection.watch = std::make_unique<KubeWatch>(kube_, random_, path, std::string(), *this);
}

AlertWatch::Collection* AlertWatch::find(const KubeWatch& watch) {
    for (auto& [path, collection] : collections_) {
        if (collection.watch.get() == &watch) return &collection;
    }
    return nullptr;  // of rules that were, and on its way out
}

AlertSubject AlertWatch::subject_of(const Collection& collection, const AlertRule& rule, const Json& object) const {
    return {rule.id, cluster_, std::string(collection.kind.kind), text_at(object, "metadata", "namespace"), text_at(object, "metadata", "name")};
}

void AlertWatch::look(Collection& collection, const AlertRule& rule, const Json& object) {
    const std::int64_t now_ms = kube_.scheduler().clock().monotonic_ms();
    const std::int64_t unix_ms = kube_.scheduler().clock().unix_ms();
    const AlertSubject subject = subject_of(collection, rule, object);
    const std::string key = subject.key();
    AlertFinding finding = examine(rule, object, unix_ms);
    if (!finding.holds) return drop(collection, key);
    const auto [entry, is_new] = collection.pending.try_emplace(key);
    Pending& pending = entry->second;
    // A successor of the same name starts over.
    const bool same = !is_new && text_at(pending.object, "metadata", "uid") == text_at(object, "metadata", "uid");
    if (!same) {
        pending.subject = subject;
        pending.since_ms = now_ms;
        pending.told.clear();
    }
    pending.object = object;
    pending.look_ms = finding.look_again_ms > 0 ? now_ms + std::max<std::int64_t>(finding.look_again_ms - unix_ms, 1) : 0;
    const std::int64_t due_ms = pending.since_ms + rule.for_seconds * 1'000;
    if (now_ms < due_ms) {
        pending.look_ms = pending.look_ms > 0 ? std::min(pending.look_ms, due_ms) : due_ms;
    } else if (pending.told != finding.message) {
        pending.told = std::move(finding.message);
        if (observer_) observer_->alert_holds(pending.subject, pending.told);
    }
}

void AlertWatch::drop(Collection& collection, const std::string& key) {
    const auto entry = collection.pending.extract(key);
    if (!entry.empty() && !entry.mapped().told.empty() && observer_) observer_->alert_over(entry.mapped().subject);
}

void AlertWatch::on_reset(KubeWatch& watch, std::vector<Json> objects) {
    Collection* collection = find(watch);
    if (!collection) return;
    std::set<std::string> there;
    for (const Json& object : objects) {
        for (const AlertRule& rule : collection->rules) {
            look(*collection, rule, object);
            there.insert(subject_of(*collection, rule, object).key());
        }
    }
    std::vector<std::string> gone;
    std::set<std::string> holding;
    for (const auto& [key, pending] : collection->pending) {
        if (there.contains(key)) holding.insert(key);
        else gone.push_back(key);
    }
    for (const std::string& key : gone) drop(*collection, key);
    if (observer_) observer_->alert_list_read(cluster_, std::string(collection->kind.kind), collection->ns, holding);
    arm();
}

void AlertWatch::on_changed(KubeWatch& watch, Json object) {
    Collection* collection = find(watch);
    if (!collection) return;
    for (const AlertRule& rule : collection->rules) look(*collection, rule, object);
    arm();
}

void AlertWatch::on_deleted(KubeWatch& watch, const Json& object) {
    Collection* collection = find(watch);
    if (!collection) return;
    for (const AlertRule& rule : collection->rules) drop(*collection, subject_of(*collection, rule, object).key());
    arm();
}

void AlertWatch::arm() {
    std::int64_t next_ms = 0;
    for (const auto& [path, collection] : collections_) {
        for (const auto& [key, pending] : collection.pending) {
            if (pending.look_ms > 0 && (next_ms == 0 || pending.look_ms < next_ms)) next_ms = pending.look_ms;
        }
    }
    timer_.cancel();
    if (next_ms == 0) return;
    const std::int64_t delay_ms = std::max<std::int64_t>(0, next_ms - kube_.scheduler().clock().monotonic_ms());
    timer_ = kube_.scheduler().after(delay_ms, lifetime_.guard([this] { look_again(); }));
}

void AlertWatch::look_again() {
    const std::int64_t now_ms = kube_.scheduler().clock().monotonic_ms();
    for (auto& [path, collection] : collections_) {
        std::vector<std::string> due;
        for (const auto& [key, pending] : collection.pending) {
            if (pending.look_ms > 0 && pending.look_ms <= now_ms) due.push_back(key);
        }
        for (const std::string& key : due) {
            const auto entry = collection.pending.find(key);
            if (entry == collection.pending.end()) continue;
            const Json object = entry->second.object;
            for (const AlertRule& rule : collection.rules) {
                if (rule.id == entry->second.subject.rule_id) {
                    look(collection, rule, object);
                    break;
                }
            }
        }
    }
    arm();
}

}  // namespace hub
