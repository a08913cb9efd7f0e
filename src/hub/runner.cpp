#include "hub/runner.hpp"

#include <algorithm>
#include <utility>

#include "base/ids.hpp"
#include "base/time_text.hpp"
#include "hub/plugin_catalogue.hpp"
#include "hub/run_values.hpp"

namespace hub {

namespace {

constexpr std::size_t kParallel = 6;
constexpr std::int64_t kGonePause_ms = 250;
constexpr int kGoneTries = 60;

std::string describe(NodeKind kind, std::string_view name) {
    return std::string(info_of(kind).kube_kind) + " " + std::string(name);
}

bool has_condition(const Json& object, std::string_view type) {
    for (const Json& entry : array_at(object, "status", "conditions")) {
        if (text_at(entry, "type") == type && text_at(entry, "status") == "True") return true;
    }
    return false;
}

std::string random_password(base::Random& random) {
    constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    std::string password;
    for (int i = 0; i < 24; ++i) password += kAlphabet[random.below(kAlphabet.size())];
    return password;
}

}  // namespace

// Deletes a list of objects one after another. Kept alive by the callbacks it waits for.
class RemoveTask : public std::enable_shared_from_this<RemoveTask> {
public:
    using Done = base::UniqueFunction<void(Runner::Removal)>;
    RemoveTask(Runner& runner, WorkflowRecord record, std::vector<DeployedNode> victims, Done done)
        : runner_(runner), victims_(std::move(victims)), done_(std::move(done)) {
        removal_.record = std::move(record);
        std::stable_sort(victims_.begin(), victims_.end(), [](const DeployedNode& a, const DeployedNode& b) {
            return info_of(a.kind).apply_order > info_of(b.kind).apply_order;
        });
    }

    void next() {
        if (index_ == victims_.size()) return done_(std::move(removal_));
        const DeployedNode& victim = victims_[index_];
        runner_.ports_.kube.get(resource_path(victim.kind, victim.ns, victim.name),
                                runner_.lifetime_.guard([self = shared_from_this()](base::Result<Json> object) {
                                    self->on_found(std::move(object));
                                }));
    }

private:
    void on_found(base::Result<Json> object) {
        const DeployedNode& victim = victims_[index_];
        if (!object && object.error().code == base::ErrorCode::not_found) return finish_one(false);
        if (!object) return fail_one(object.error());
        if (text_at(*object, "metadata", "labels", kWorkflowLabel) != removal_.record.id) return finish_one(false);
        runner_.ports_.kube.remove(resource_path(victim.kind, victim.ns, victim.name),
                                   runner_.lifetime_.guard([self = shared_from_this()](base::Result<Json> result) {
                                       if (result) return self->finish_one(true);
                                       if (result.error().code == base::ErrorCode::not_found) return self->finish_one(false);
                                       self->fail_one(result.error());
                                   }));
    }

    void finish_one(bool deleted) {
        const DeployedNode& victim = victims_[index_];
        if (deleted) removal_.deleted.push_back(describe(victim.kind, victim.name));
        std::erase_if(removal_.record.state.deployed, [&](const DeployedNode& node) { return node.same_object(victim); });
        ++index_;
        next();
    }

    void fail_one(const base::Error& error) {
        const DeployedNode& victim = victims_[index_];
        removal_.problems.push_back(describe(victim.kind, victim.name) + ": " + error.message);
        ++index_;
        next();
    }

    Runner& runner_;
    std::vector<DeployedNode> victims_;
    std::size_t index_ = 0;
    Runner::Removal removal_;
    Done done_;
};

class RunTask : public std::enable_shared_from_this<RunTask> {
    // Callbacks keep the task alive, and do nothing once the runner is gone.
    template <class F>
    auto guard(F function) {
        return runner_.lifetime_.guard(
            [self = shared_from_this(), function = std::move(function)](auto&&... args) mutable {
                function(*self, std::forward<decltype(args)>(args)...);
            });
    }

public:
    using Done = base::UniqueFunction<void(base::Result<RunOutcome>)>;

    RunTask(Runner& runner, WorkflowRecord record, Runner::Trigger trigger, Done done)
        : runner_(runner),
          kube_(runner.ports_.kube),
          record_(std::move(record)),
          nodes_(record_.nodes()),
          edges_(record_.edges()),
          graph_(read_graph(nodes_, edges_, runner.ports_.default_namespace)),
          order_(apply_order(graph_)),
          given_{.workflow_id = record_.id, .secrets = std::move(trigger.secrets), .env = std::move(trigger.env)},
          triggered_by_(std::move(trigger.by)),
          caller_id_(std::move(trigger.caller_id)),
          done_(std::move(done)) {}

    // Announces what will be there, durably, before the cluster is touched: a hub that dies in the middle still knows.
    void start() {
        PendingRun& pending = record_.state.pending;
        if (pending.id.empty()) {
            pending.id = base::make_id(runner_.ports_.random, now_ms());
            pending.started_ms = now_ms();
            pending.triggered_by = triggered_by_;
            pending.caller_id = caller_id_;
            pending.revision = record_.revision;
            pending.repeatable = given_.secrets.empty() && given_.env.empty();
        } else {
            log("Cut off, begun anew");
        }
        ++pending.attempts;
        started_ms_ = pending.started_ms;
        run_id_ = pending.id;
        std::vector<DeployedNode> announced;
        for (const GraphNode& node : graph_.nodes) {
            DeployedNode entry{.node_id = node.id, .kind = node.kind, .ns = node.ns, .name = node.name};
            for (const DeployedNode& known : record_.state.deployed) {
                if (known.same_object(entry)) entry.applied = known.applied;
            }
            announced.push_back(std::move(entry));
        }
        for (DeployedNode& known : record_.state.deployed) {
            const bool wanted = std::any_of(announced.begin(), announced.end(),
                                            [&](const DeployedNode& entry) { return entry.same_object(known); });
            if (wanted) continue;
            known.stale = true;
            announced.push_back(known);
        }
        record_.state.deployed = std::move(announced);
        log("Run " + std::to_string(record_.state.run_count + 1) + " of \"" + record_.name() + "\", " +
            std::to_string(graph_.nodes.size()) + " nodes");
        runner_.ports_.repository.save_state(record_, guard([](RunTask& self, base::Result<std::int64_t> saved) {
            if (!saved) return self.give_up(saved.error());
            self.runner_.ports_.tracker.update(self.record_);
            self.pump();
        }));
    }

private:
    [[nodiscard]] std::int64_t now_ms() const { return kube_.scheduler().clock().unix_ms(); }
    void log(std::string line) { logs_.push_back(base::format_rfc3339_millis(now_ms()) + " " + std::move(line)); }

    std::string note_time(const GraphNode& node, std::string_view state, const std::string& message) {
        std::string at = base::format_rfc3339_millis(now_ms());
        timeline_.push_back({{"node_id", node.id}, {"at", at}, {"state", state}, {"message", message}});
        return at;
    }

    [[nodiscard]] const GraphNode& node_at(std::size_t position) const { return graph_.nodes[order_[position]]; }

    // Starts as many nodes of the present stage as may run at once; the next stage begins when this one is done.
    void pump() {
        while (next_ < order_.size() && in_flight_ < kParallel) {
            const int stage = info_of(node_at(next_).kind).apply_order;
            if (in_flight_ > 0 && stage != stage_) return;
            stage_ = stage;
            ++in_flight_;
            begin_node(order_[next_++]);
        }
        if (next_ == order_.size() && in_flight_ == 0) prune();
    }

    void begin_node(std::size_t index) {
        const GraphNode& node = graph_.nodes[index];
        started_at_[index] = note_time(node, "applying", "");
        kube_.get(resource_path(node.kind, node.ns, node.name),
                  guard([index](RunTask& self, base::Result<Json> existing) {
                      if (!existing && existing.error().code != base::ErrorCode::not_found) {
                          return self.end_node(index, "failed", existing.error().message);
                      }
                      self.on_existing(index, existing ? std::move(*existing) : Json());
                  }));
    }

    void on_existing(std::size_t index, const Json& existing) {
        const GraphNode& node = graph_.nodes[index];
        const std::string owner = text_at(existing, "metadata", "labels", kWorkflowLabel);
        if (!owner.empty() && owner != record_.id) {
            return end_node(index, "failed", describe(node.kind, node.name) + " belongs to another workflow (" + owner + ")");
        }
        ManifestInput input{.workflow_id = record_.id};
        if (std::string missing = fill_values(node, existing, input); !missing.empty()) {
            return end_node(index, "failed", "no value for " + missing + ": enter it and run again");
        }
        Json manifest = make_manifest(graph_, index, input);
        if (node.kind == NodeKind::job && existing.is_object()) return rerun_job(index, existing, std::move(manifest));
        apply(index, std::move(manifest));
    }

    // Values travel once, in trigger_data; later runs keep what the cluster has. Answers the keys that have no value.
    std::string fill_values(const GraphNode& node, const Json& existing, ManifestInput& input) {
        std::string missing;
        const bool secret = node.kind == NodeKind::secret;
        const ValuesByNode& given = secret ? given_.secrets : given_.env;
        const auto given_here = given.find(node.id);
        for (const ExpectedKey& key : expected_keys(node)) {
            std::optional<std::string> value;
            if (given_here != given.end()) {
                if (const auto found = given_here->second.find(key.name); found != given_here->second.end()) {
                    value = found->second;
                }
            }
            if (!value) value = kept_value(node, existing, key.name);
            if (!value && key.generate) {
                value = random_password(runner_.ports_.random);
                log(describe(node.kind, node.name) + ": generated a value for " + key.name);
            }
            if (value) {
                (secret ? input.secrets : input.env)[node.id][key.name] = *value;
            } else {
                missing += (missing.empty() ? "" : ", ") + key.name;
            }
        }
        return missing;
    }

    // The spec of a Job cannot change: one that has changed, or has failed, is replaced; one that has done its work stays.
    void rerun_job(std::size_t index, const Json& existing, Json manifest) {
        const GraphNode& node = graph_.nodes[index];
        const bool same = text_at(existing, "metadata", "annotations", kSpecHashAnnotation) ==
                          text_at(manifest, "metadata", "annotations", kSpecHashAnnotation);
        const bool going = value_at(existing, "metadata", "deletionTimestamp").is_string();
        if (same && !going && !has_condition(existing, "Failed")) {
            runner_.ports_.tracker.note_object(record_.id, entry_of(index), existing);
            return end_node(index, "unchanged", "unchanged");
        }
        log(describe(node.kind, node.name) + ": replacing it, a Job cannot be changed");
        kube_.remove(resource_path(node.kind, node.ns, node.name),
                     guard([index, uid = text_at(existing, "metadata", "uid"),
                            manifest = std::move(manifest)](RunTask& self, base::Result<Json> removed) mutable {
                         if (!removed && removed.error().code != base::ErrorCode::not_found) {
                             return self.end_node(index, "failed", removed.error().message);
                         }
                         self.apply_when_gone(index, std::move(uid), std::move(manifest), kGoneTries);
                     }));
    }

    void apply_when_gone(std::size_t index, std::string uid, Json manifest, int tries) {
        const GraphNode& node = graph_.nodes[index];
        kube_.get(resource_path(node.kind, node.ns, node.name),
                  guard([index, uid = std::move(uid), manifest = std::move(manifest),
                         tries](RunTask& self, base::Result<Json> existing) mutable {
                      if (!existing || text_at(*existing, "metadata", "uid") != uid) {
                          return self.apply(index, std::move(manifest));
                      }
                      if (tries == 0) return self.end_node(index, "failed", "the former Job is still being deleted");
                      self.timers_[index] = self.kube_.scheduler().after(
                          kGonePause_ms, self.guard([index, uid = std::move(uid), manifest = std::move(manifest),
                                                     tries](RunTask& again) mutable {
                              again.apply_when_gone(index, std::move(uid), std::move(manifest), tries - 1);
                          }));
                  }));
    }

    void apply(std::size_t index, Json manifest) {
        const GraphNode& node = graph_.nodes[index];
        kube_.apply(resource_path(node.kind, node.ns, node.name), manifest,
                    guard([index](RunTask& self, base::Result<Json> applied) {
                        if (!applied) return self.end_node(index, "failed", self.why_refused(index, applied.error()));
                        DeployedNode& entry = self.entry_of(index);
                        entry.applied = true;
                        self.runner_.ports_.tracker.note_object(self.record_.id, entry, std::move(*applied));
                        self.end_node(index, "applied", "applied");
                    }));
    }

    // "Not found" for a custom resource means its kind, unless Kubernetes names something else that is missing.
    [[nodiscard]] std::string why_refused(std::size_t index, const base::Error& error) const {
        const NodeKind kind = graph_.nodes[index].kind;
        const Plugin* plugin = plugin_of(kind);
        const bool other = error.message.starts_with("namespaces ");
        if (!plugin || error.code != base::ErrorCode::not_found || other) return error.message;
        const NodeKindInfo& info = info_of(kind);
        return "the cluster has no kind " + std::string(info.kube_kind) + ": its CRD " + std::string(info.plural) + "." + std::string(plugin->crd_group) +
               " is not installed. Install " + std::string(plugin->title) + " in the cluster (" + std::string(plugin->home) + ") and run again";
    }

    DeployedNode& entry_of(std::size_t index) { return record_.state.deployed[index]; }  // announced in the graph's order

    void end_node(std::size_t index, std::string_view state, const std::string& message) {
        const GraphNode& node = graph_.nodes[index];
        log(describe(node.kind, node.name) + ": " + message);
        const std::string ended_at = note_time(node, state, message);
        node_states_[node.id] = {{"state", state}, {"message", message}, {"started_at", started_at_[index]}, {"ended_at", ended_at}};
        DeployedNode& entry = entry_of(index);
        if (state == "failed") {
            entry.error = message;
            problems_.push_back(node.name + ": " + message);
            runner_.ports_.tracker.update(record_);
        } else {
            entry.applied = true;
        }
        --in_flight_;
        pump();
    }

    void prune() {
        runner_.ports_.tracker.update(record_);
        std::vector<DeployedNode> stale;
        for (const DeployedNode& node : record_.state.deployed) {
            if (node.stale) stale.push_back(node);
        }
        auto task = std::make_shared<RemoveTask>(runner_, std::move(record_), std::move(stale),
                                                 guard([](RunTask& self, Runner::Removal removal) { self.on_pruned(std::move(removal)); }));
        task->next();
    }

    void on_pruned(Runner::Removal removal) {
        record_ = std::move(removal.record);
        record_.state.pending = {};
        for (const std::string& deleted : removal.deleted) log(deleted + ": deleted, its node is gone");
        for (const std::string& problem : removal.problems) {
            log(problem);
            problems_.push_back(problem);
        }
        const bool failed = !problems_.empty();
        ++record_.state.run_count;
        ++(failed ? record_.state.failure_count : record_.state.success_count);
        record_.state.last_run_at = base::format_rfc3339_millis(started_ms_);
        log(failed ? "Failed: " + std::to_string(problems_.size()) + " of " + std::to_string(graph_.nodes.size()) : "Applied");
        const std::int64_t ended_ms = now_ms();
        run_ = {{"id", run_id_},
                {"number", record_.state.run_count},
                {"workflow_id", record_.id},
                {"version", record_.version},
                {"status", failed ? "failed" : "completed"},
                {"started_at", record_.state.last_run_at},
                {"completed_at", base::format_rfc3339_millis(ended_ms)},
                {"duration", std::max<std::int64_t>(0, ended_ms - started_ms_)},
                {"node_states", node_states_},
                {"timeline", timeline_},
                {"output", Json::object()},
                {"logs", logs_},
                {"triggered_by", triggered_by_},
                {"trigger_data", Json::object()},  // its values are secrets
                {"nodes", nodes_},
                {"edges", edges_}};
        if (failed) run_["error"] = problems_.front();
        runner_.ports_.repository.save_run(record_.id, run_, [](base::Result<std::int64_t>) {});
        runner_.ports_.repository.save_state(record_, guard([](RunTask& self, base::Result<std::int64_t> saved) {
            if (!saved) return self.give_up(saved.error());
            self.finish();
        }));
    }

    void finish() {
        runner_.active_.erase(record_.id);
        runner_.ports_.tracker.update(record_);
        done_(RunOutcome{std::move(run_), std::move(problems_), std::move(record_)});
    }

    void give_up(const base::Error& error) {
        runner_.active_.erase(given_.workflow_id);
        done_(base::fail(error));
    }

    Runner& runner_;
    KubeApi& kube_;
    WorkflowRecord record_;
    Json nodes_;  // the snapshot that the graph points into
    Json edges_;
    WorkflowGraph graph_;
    std::vector<std::size_t> order_;
    ManifestInput given_;
    std::string triggered_by_;
    std::string caller_id_;
    Done done_;

    std::string run_id_;
    std::int64_t started_ms_ = 0;
    std::size_t next_ = 0;
    std::size_t in_flight_ = 0;
    int stage_ = 0;
    std::map<std::size_t, base::Timer> timers_;
    std::vector<std::string> logs_;
    std::vector<std::string> problems_;
    Json node_states_ = Json::object();
    Json timeline_ = Json::array();  // see hub/run_recorder.hpp
    std::map<std::size_t, std::string> started_at_;
    Json run_;
};

bool Runner::claim(const std::string& workflow_id, RunDone& done) {
    if (active_.insert(workflow_id).second) return true;
    done(base::fail(base::ErrorCode::conflict, "A run of this workflow is under way.", "Wait until it has ended."));
    return false;
}

void Runner::run(WorkflowRecord record, Trigger trigger, RunDone done) {
    if (!claim(record.id, done)) return;
    record.state.pending = {};  // of a run that could not be ended any more; this one does what it would have done
    std::make_shared<RunTask>(*this, std::move(record), std::move(trigger), std::move(done))->start();
}

bool Runner::may_repeat(const WorkflowRecord& record) const {
    const PendingRun& pending = record.state.pending;
    const std::int64_t age_ms = ports_.kube.scheduler().clock().unix_ms() - pending.started_ms;
    return pending.repeatable && pending.attempts == 1 && pending.revision == record.revision && age_ms >= 0 && age_ms <= kRepeatWithinMs;
}

void Runner::repeat(WorkflowRecord record, RunDone done) {
    if (!claim(record.id, done)) return;
    Trigger trigger{.by = record.state.pending.triggered_by, .caller_id = record.state.pending.caller_id};
    std::make_shared<RunTask>(*this, std::move(record), std::move(trigger), std::move(done))->start();
}

void Runner::abandon(WorkflowRecord record, RunDone done) {
    if (!claim(record.id, done)) return;
    const PendingRun pending = std::exchange(record.state.pending, {});
    const std::string error = "The server stopped while it applied this run, so only a part may be in the cluster. Run again to apply the rest.";
    Json node_states = Json::object();
    for (const DeployedNode& node : record.state.deployed) {
        if (node.stale) continue;
        const bool failed = !node.error.empty();
        node_states[node.node_id] = {{"state", failed ? "failed" : "unknown"}, {"message", failed ? node.error : "cut off"}};
    }
    ++record.state.run_count;
    ++record.state.failure_count;
    record.state.last_run_at = base::format_rfc3339_millis(pending.started_ms);
    const std::string now = base::format_rfc3339_millis(ports_.kube.scheduler().clock().unix_ms());
    Json run = {{"id", pending.id},
                {"number", record.state.run_count},
                {"workflow_id", record.id},
                {"version", record.version},
                {"status", "failed"},
                {"error", error},
                {"started_at", record.state.last_run_at},
                {"completed_at", now},
                {"duration", 0},
                {"node_states", std::move(node_states)},
                {"output", Json::object()},
                {"logs", Json::array({now + " " + error})},
                {"triggered_by", pending.triggered_by},
                {"trigger_data", Json::object()},
                {"nodes", record.nodes()},
                {"edges", record.edges()}};
    ports_.repository.save_run(record.id, run, [](base::Result<std::int64_t>) {});
    auto outcome = std::make_shared<RunOutcome>(RunOutcome{std::move(run), {error}, std::move(record)});
    ports_.repository.save_state(outcome->record, lifetime_.guard([this, outcome, done = std::move(done)](base::Result<std::int64_t> saved) mutable {
        active_.erase(outcome->record.id);
        if (!saved) return done(base::fail(saved.error()));
        done(std::move(*outcome));
    }));
}

void Runner::remove_objects(WorkflowRecord record, const std::function<bool(const DeployedNode&)>& chosen,
                            base::UniqueFunction<void(base::Result<Removal>)> done) {
    if (!active_.insert(record.id).second) {
        return done(base::fail(base::ErrorCode::conflict, "A run of this workflow is under way.", "Wait until it has ended."));
    }
    std::vector<DeployedNode> victims;
    for (const DeployedNode& node : record.state.deployed) {
        if (chosen(node)) victims.push_back(node);
    }
    const std::string id = record.id;
    auto finish = lifetime_.guard([this, id, done = std::move(done)](Removal removal) mutable {
        // Kept in a shared holder: the store's callback needs it after this one has returned.
        auto result = std::make_shared<Removal>(std::move(removal));
        ports_.repository.save_state(
            result->record, lifetime_.guard([this, id, result, done = std::move(done)](base::Result<std::int64_t> saved) mutable {
                active_.erase(id);
                if (!saved) return done(base::fail(saved.error()));
                ports_.tracker.update(result->record);
                done(std::move(*result));
            }));
    });
    std::make_shared<RemoveTask>(*this, std::move(record), std::move(victims), std::move(finish))->next();
}

}  // namespace hub
