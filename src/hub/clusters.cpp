#include "hub/clusters.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "hub/workflow_rules.hpp"

namespace hub {

namespace {

const ClusterShare* share_of(const ClusterRecord& record, const User& caller) {
    const auto found = std::find_if(record.shares.begin(), record.shares.end(), [&](const ClusterShare& share) { return share.user_id == caller.id; });
    return found == record.shares.end() ? nullptr : &*found;
}

bool owns(const ClusterRecord& record, const User& caller) { return caller.role == "admin" || (!record.owner_id.empty() && record.owner_id == caller.id); }

}  // namespace

Clusters::Clusters(const HubPorts& ports, const HubOptions& options, const Auth& auth, WorkflowRepository& workflows, Heartbeat& heartbeat)
    : ports_(ports), options_(options), auth_(auth), workflows_(workflows), heartbeat_(heartbeat), repository_(ports.documents) {
    auto entry = std::make_unique<Entry>();
    ClusterRecord& record = entry->record;
    record.id = record.name = record.display_name = options_.cluster_name;
    record.builtin = true;
    record.auth_type = "token";
    record.created_at = base::format_rfc3339_millis(unix_ms());
    adopt(*entry, std::make_unique<ClusterLink>(nullptr, ports_.kube, record.name, options_.default_namespace, true, ports_, workflows_, heartbeat_));
    entries_.emplace(record.name, std::move(entry));
    default_name_ = options_.cluster_name;
}

Clusters::~Clusters() = default;

void Clusters::load(base::UniqueFunction<void(base::Result<void>)> done) {
    repository_.load(lifetime_.guard([this, done = std::move(done)](base::Result<ClusterRepository::All> all) mutable {
        if (!all) return done(base::fail(all.error()));
        for (ClusterRecord& record : all->records) {
            if (entries_.contains(record.name)) continue;  // the built-in one got that name: it wins
            auto entry = std::make_unique<Entry>();
            entry->record = std::move(record);
            connect(*entry);
            entries_.emplace(entry->record.name, std::move(entry));
        }
        if (entries_.contains(all->default_name)) default_name_ = all->default_name;
        done({});
    }));
}

void Clusters::connect(Entry& entry) {
    forget_link(std::move(entry.link));
    if (!ports_.connector) {
        entry.link_error = {base::ErrorCode::unavailable, "This server cannot reach further clusters.", "Run Binnacle's gateway"};
        return;
    }
    auto client = ports_.connector->connect(entry.record.access);
    if (!client) {
        entry.link_error = client.error();
        entry.record.status = "error";
        entry.record.message = client.error().message;
        entry.record.hint = client.error().hint;
        return;
    }
    net::HttpClient& raw = **client;
    const std::string& ns = entry.record.ns.empty() ? options_.default_namespace : entry.record.ns;
    adopt(entry, std::make_unique<ClusterLink>(std::move(*client), raw, entry.record.name, ns, false, ports_, workflows_, heartbeat_));
}

void Clusters::adopt(Entry& entry, std::unique_ptr<ClusterLink> link) {
    entry.link = std::move(link);
    entry.link->tracker.on_node_failed([this](const NodeFailure& failure) {
        if (observer_.node_failed) observer_.node_failed(failure);
    });
    entry.link->tracker.on_node_changed([this, name = entry.link->name](const NodeChange& change) {
        if (observer_.node_changed) observer_.node_changed(name, change);
    });
    entry.link->tracker.on_doubt([this, name = entry.link->name] { doubt(name); });
    if (link_made_) link_made_(*entry.link);
}

void Clusters::each_link(const std::function<void(ClusterLink&)>& visit) {
    for (const auto& [name, entry] : entries_) {
        if (entry->link) visit(*entry->link);
    }
}

// Watches notice first that a cluster is gone, or back; nobody may be looking at the page that asks.
void Clusters::doubt(const std::string& name) {
    Entry* entry = find(name);
    if (!entry || entry->doubt.pending()) return;
    const std::int64_t since_ms = std::clamp<std::int64_t>(unix_ms() - entry->record.last_check_ms, 0, kDoubtPauseMs);
    entry->doubt = ports_.scheduler.after(kDoubtPauseMs - since_ms, [this, name] {
        if (Entry* doubted = find(name)) check(*doubted, [](Entry&) {});
    });
}

// Not at once: one of its own callbacks may have brought us here.
void Clusters::forget_link(std::unique_ptr<ClusterLink> link) {
    if (link) ports_.scheduler.post([link = std::move(link)]() mutable { link.reset(); });
}

bool Clusters::may(const User& caller, const Entry& entry, ClusterUse use) const {
    if (auth_.mode() == AuthMode::none || entry.record.builtin || owns(entry.record, caller)) return true;
    const ClusterShare* share = share_of(entry.record, caller);
    return share && (use == ClusterUse::see || share->role == "editor");
}

std::vector<std::string> Clusters::namespaces_of(const User& caller, const Entry& entry) const {
    if (auth_.mode() == AuthMode::none || owns(entry.record, caller)) return {};
    const ClusterShare* share = share_of(entry.record, caller);
    return share ? share->namespaces : std::vector<std::string>();
}

Clusters::Entry* Clusters::find(std::string_view name) {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second.get();
}

base::Result<Clusters::Entry*> Clusters::visible(const User& caller, std::string_view name) {
    Entry* entry = find(name);
    if (!entry || !may(caller, *entry, ClusterUse::see)) {
        return base::fail(base::ErrorCode::not_found, "There is no cluster named \"" + std::string(name) + "\".");
    }
    return entry;
}

std::vector<Clusters::Entry*> Clusters::all_visible(const User& caller) {
    std::vector<Entry*> found;
    for (const auto& [name, entry] : entries_) {
        if (may(caller, *entry, ClusterUse::see)) found.push_back(entry.get());
    }
    std::stable_partition(found.begin(), found.end(), [](const Entry* entry) { return entry->record.builtin; });
    return found;
}

Clusters::Entry& Clusters::default_entry() { return *entries_.find(default_name_)->second; }

base::Result<ClusterLink*> Clusters::reach(const User& caller, std::string_view name, ClusterUse use) {
    if (name.empty() || name == "default") name = default_name_;
    auto entry = visible(caller, name);
    if (!entry) return base::fail(entry.error());
    if (!may(caller, **entry, use)) {
        return base::fail(base::ErrorCode::forbidden, "The cluster \"" + std::string(name) + "\" is shared with you for looking only.", "Ask an admin for the role editor");
    }
    if (!(*entry)->link) return base::fail(base::ErrorCode::unavailable, (*entry)->link_error.message, (*entry)->link_error.hint);
    return (*entry)->link.get();
}

base::Result<ClusterLink*> Clusters::reach_for(const User& caller, const WorkflowRecord& workflow, ClusterUse use) {
    const std::string name = text_at(workflow.document, "cluster_id");
    auto link = reach(caller, name, use);
    if (!link && link.error().code == base::ErrorCode::not_found) {
        return base::fail(base::ErrorCode::conflict, "The workflow's cluster \"" + name + "\" is not here, or not shared with you.",
                          "Add a cluster of that name, or move the workflow to another one");
    }
    if (!link) return link;
    if (const auto allowed = may_use_namespaces(caller, **link, workflow); !allowed) return base::fail(allowed.error());
    return link;
}

base::Result<void> Clusters::may_use_namespaces(const User& caller, const ClusterLink& link, const WorkflowRecord& workflow) {
    const Entry* entry = find(link.name);
    const std::vector<std::string> allowed = entry ? namespaces_of(caller, *entry) : std::vector<std::string>();
    if (allowed.empty()) return {};
    const WorkflowGraph graph = read_graph(workflow.nodes(), workflow.edges(), link.default_namespace);
    for (const GraphNode& node : graph.nodes) {
        if (std::find(allowed.begin(), allowed.end(), node.ns) != allowed.end()) continue;
        return base::fail(base::ErrorCode::forbidden, node.name + " is in the namespace " + node.ns + ", which is not shared with you.", "Use one of: " + base::join(allowed, ", "));
    }
    return {};
}

void Clusters::forget_workflow(const std::string& workflow_id) {
    for (const auto& [name, entry] : entries_) {
        if (entry->link) entry->link->tracker.forget(workflow_id);
    }
}

void Clusters::add(ClusterRecord record, base::UniqueFunction<void(base::Result<Entry*>)> done) {
    if (entries_.size() >= kMaxClusters) return done(base::fail(base::ErrorCode::too_large, "There are " + std::to_string(kMaxClusters) + " clusters already.", "Delete some first"));
    record.id = base::make_id(ports_.random, unix_ms());
    record.created_at = record.updated_at = base::format_rfc3339_millis(unix_ms());
    auto entry = std::make_unique<Entry>();
    entry->record = record;
    entry->log_loaded = true;
    Entry* raw = entry.get();
    entries_.emplace(record.name, std::move(entry));  // the name is taken from here on
    repository_.save(record, lifetime_.guard([this, name = record.name, raw, done = std::move(done)](base::Result<void> saved) mutable {
        if (!saved) {
            entries_.erase(name);
            return done(base::fail(saved.error()));
        }
        connect(*raw);
        log(*raw, "info", "Added: " + raw->record.access.server);
        done(raw);
    }));
}

void Clusters::change(ClusterRecord record, bool with_credentials, base::UniqueFunction<void(base::Result<Entry*>)> done) {
    record.updated_at = base::format_rfc3339_millis(unix_ms());
    auto then = lifetime_.guard([this, record, with_credentials, done = std::move(done)](base::Result<void> saved) mutable {
        Entry* now = find(record.name);
        if (!now) return done(base::fail(base::ErrorCode::not_found, "The cluster was deleted meanwhile."));
        if (!saved) return done(base::fail(saved.error()));
        const bool reconnect = with_credentials || now->record.ns != record.ns;
        now->record = std::move(record);
        if (reconnect) {
            connect(*now);
            now->metrics = nullptr;
            if (!now->waiting_for_check.empty()) start_check(*now);
        }
        tell_changed();
        done(now);
    });
    if (with_credentials) repository_.save(record, std::move(then));
    else repository_.save_without_credentials(record, std::move(then));
}

void Clusters::remove(const std::string& name, base::UniqueFunction<void(base::Result<void>)> done) {
    repository_.remove(name, lifetime_.guard([this, name, done = std::move(done)](base::Result<void> removed) mutable {
        if (!removed) return done(std::move(removed));
        if (const auto found = entries_.find(name); found != entries_.end()) {
            for (auto& waiting : std::exchange(found->second->waiting_for_check, {})) waiting(*found->second);
            forget_link(std::move(found->second->link));
            entries_.erase(found);
            if (removed_) removed_(name);
        }
        if (default_name_ == name) make_default(options_.cluster_name, [](base::Result<void>) {});
        tell_changed();
        done({});
    }));
}

void Clusters::make_default(const std::string& name, base::UniqueFunction<void(base::Result<void>)> done) {
    repository_.save_default(name, lifetime_.guard([this, name, done = std::move(done)](base::Result<void> saved) mutable {
        if (saved && entries_.contains(name)) {
            default_name_ = name;
            tell_changed();
        }
        done(std::move(saved));
    }));
    if (!entries_.contains(default_name_)) default_name_ = options_.cluster_name;
}

void Clusters::try_access(const ClusterRecord& record, base::UniqueFunction<void(base::Result<CheckResult>)> done) {
    if (!ports_.connector) return done(base::fail(base::ErrorCode::unavailable, "This server cannot reach further clusters.", "Run Binnacle's gateway"));
    auto client = ports_.connector->connect(record.access);
    if (!client) return done(base::fail(client.error()));
    const std::uint64_t id = next_trial_++;
    Trial& trial = trials_[id];
    trial.client = std::move(*client);
    trial.kube = std::make_unique<KubeApi>(*trial.client, ports_.scheduler);
    const std::string ns = record.ns.empty() ? options_.default_namespace : record.ns;
    check_cluster(*trial.kube, ns, lifetime_.guard([this, id, done = std::move(done)](CheckResult result) mutable {
        // Its own callback is running: let go of it afterwards.
        ports_.scheduler.post(lifetime_.guard([this, id] { trials_.erase(id); }));
        done(std::move(result));
    }));
}

bool Clusters::stale(const Entry& entry) const { return entry.record.last_check_ms == 0 || unix_ms() - entry.record.last_check_ms > kStaleAfterMs; }

void Clusters::check(Entry& entry, base::UniqueFunction<void(Entry&)> done) {
    entry.waiting_for_check.push_back(std::move(done));
    if (entry.waiting_for_check.size() == 1) start_check(entry);
}

void Clusters::start_check(Entry& entry) {
    if (!entry.link) {
        checked(entry.record.name, {.status = "error", .message = entry.link_error.message, .hint = entry.link_error.hint, .version = {}, .platform = {}});
        return;
    }
    check_cluster(entry.link->kube, entry.link->default_namespace,
                  lifetime_.guard([this, name = entry.record.name, link = entry.link.get()](CheckResult result) {
                      const Entry* now = find(name);
                      if (now && now->link.get() == link) checked(name, std::move(result));  // else another check is under way
                  }));
}

void Clusters::checked(const std::string& name, CheckResult result) {
    Entry* entry = find(name);
    if (!entry) return;
    ClusterRecord& record = entry->record;
    const bool changed = record.status != result.status || record.message != result.message;
    const std::string former_status = record.status;
    record.last_check_ms = unix_ms();
    record.latency_ms = result.latency_ms;
    record.message = result.message;
    record.hint = result.hint;
    record.status = result.status;
    if (!result.version.empty()) record.metadata["version"] = result.version;
    if (!result.platform.empty()) record.metadata["platform"] = result.platform;
    if (changed) {
        if (result.online()) log(*entry, "info", "Connected: Kubernetes " + result.version + (result.message.empty() ? "" : ". " + result.message));
        else log(*entry, "error", result.message);
    }
    if (observer_.checked) observer_.checked(*entry, former_status);
    if (!record.builtin) repository_.save_without_credentials(record, [](base::Result<void>) {});
    const auto read_at = base::parse_rfc3339_ms(text_at(record.metadata, "lastUpdated"));
    if (result.online() && entry->link && (!read_at || unix_ms() - *read_at > kStaleAfterMs)) read_metadata(*entry, [](Entry&) {});
    for (auto& waiting : std::exchange(entry->waiting_for_check, {})) waiting(*entry);
}

void Clusters::read_metadata(Entry& entry, base::UniqueFunction<void(Entry&)> done) {
    CheckResult known;
    known.version = text_at(entry.record.metadata, "version");
    known.platform = text_at(entry.record.metadata, "platform");
    read_cluster_metadata(entry.link->kube, std::move(known), base::format_rfc3339_millis(unix_ms()),
                          lifetime_.guard([this, name = entry.record.name, done = std::move(done)](Json metadata) mutable {
                              Entry* now = find(name);
                              if (!now) return;
                              now->record.metadata = std::move(metadata);
                              if (!now->record.builtin) repository_.save_without_credentials(now->record, [](base::Result<void>) {});
                              done(*now);
                          }));
}

void Clusters::log(Entry& entry, std::string_view level, std::string message) {
    Json line = {{"timestamp", base::format_rfc3339_millis(unix_ms())}, {"level", level}, {"message", std::move(message)}};
    with_log(entry, [this, name = entry.record.name, line = std::move(line)](const Json&) mutable {
        Entry* now = find(name);
        if (!now) return;
        now->log.push_back(std::move(line));
        while (now->log.size() > kKeptLog) now->log.erase(now->log.begin());
        repository_.save_log(name, now->log);
    });
}

void Clusters::with_log(Entry& entry, base::UniqueFunction<void(const Json&)> done) {
    if (entry.log_loaded) return done(entry.log);
    repository_.load_log(entry.record.name, lifetime_.guard([this, name = entry.record.name, done = std::move(done)](Json stored) mutable {
        Entry* now = find(name);
        if (!now) return;
        if (!now->log_loaded) {
            now->log = std::move(stored);
            now->log_loaded = true;
        }
        done(now->log);
    }));
}

}  // namespace hub
