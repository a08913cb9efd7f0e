#include "model/clusters.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "base/url.hpp"
#include "model/api_query.hpp"
#include "model/cluster_form.hpp"
#include "model/cluster_reading.hpp"
#include "model/list_query.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

using state::SharedJson;

constexpr int kLogLines = 50;

std::string path_of(std::string_view name, std::string_view rest = {}) { return "/clusters/" + base::percent_encode_segment(name) + std::string(rest); }

// The persisted part of the store.
struct Choice {
    std::string selected, default_id;
    friend bool operator==(const Choice&, const Choice&) = default;
};

}  // namespace

class Clusters::Impl {
public:
    explicit Impl(ModelContext& its_context) : context(its_context) {
        context.persist.bind(choice, state::PersistSchema<Choice>{
            .key = "binnacle-cluster",
            .version = 1,
            .to_json = [](const Choice& c) { return Json{{"selectedCluster", c.selected}, {"defaultClusterId", c.default_id}}; },
            .from_json = [](const Json& json, Choice current) {
                wire::JsonErrors errors;
                const wire::JsonReader reader(json, errors);
                current.selected = reader.string_or("selectedCluster", "");
                current.default_id = reader.string_or("defaultClusterId", "");
                return current;
            },
            .migrations = {}});
        follow_choice();
        chosen_elsewhere = choice.subscribe([this](const Choice&) { follow_choice(); });
    }

    void follow_choice() {
        update("clusters.restored", [this](ClustersState& s) {
            s.selected = choice.get().selected;
            s.default_id = choice.get().default_id;
        });
    }

    template <class F>
    void update(const char* action, F change) {
        const std::uint64_t before = store.version();
        store.update(action, std::move(change));
        if (store.version() != before) context.changed(kTopicPages | kTopicChrome);
    }

    // A later call in the same slot replaces an earlier one.
    template <class F>
    void call(std::string slot, net::ApiRequest request, F done) {
        calls[slot] = context.api.call(std::move(request), [this, slot, done = std::move(done)](base::Result<net::ApiReply> reply) mutable {
            const auto held = calls.extract(slot);  // until the callback is over
            done(std::move(reply));
        });
    }

    // From the cache, or from the backend. A later one in the same slot replaces an earlier one.
    enum class Age : std::uint8_t { any, new_only };
    template <class F>
    void read(const std::string& slot, state::QueryKey key, std::string path, Age age, F done) {
        state::QueryOptions options{.key = std::move(key), .fetch = api_get(context.api, std::move(path))};
        if (age == Age::new_only) options.settings.stale_ms = 0;
        reads[slot] = context.queries.fetch(std::move(options), [this, slot, done = std::move(done)](base::Result<SharedJson> answer) mutable {
            const auto held = reads.extract(slot);  // until the callback is over
            done(answer);
        });
    }

    [[nodiscard]] std::int64_t unix_ms() const { return context.scheduler.clock().unix_ms(); }
    [[nodiscard]] const ClustersState& get() const { return store.get(); }
    [[nodiscard]] const ClusterInfo* find(std::string_view name) const {
        const auto found = std::find_if(get().clusters.begin(), get().clusters.end(), [&](const ClusterInfo& info) { return info.name == name; });
        return found == get().clusters.end() ? nullptr : &*found;
    }

    // ---- the list, and what patches it

    void load() {
        update("clusters.load", [](ClustersState& s) {
            if (s.clusters.empty()) s.phase = LoadPhase::loading;
        });
        list.load();
    }

    void take(const base::Result<Json>& answer) {
        if (!answer) {
            return update("clusters.failed", [&](ClustersState& s) {
                s.phase = LoadPhase::failed;
                s.error = answer.error();
                for (auto& [name, status] : s.statuses) status.stale = true;
            });
        }
        wire::JsonErrors ignored;
        const wire::JsonReader json(*answer, ignored);
        std::vector<ClusterInfo> clusters;
        std::map<std::string, ClusterStatus> statuses;
        for (const wire::JsonReader item : json.array_or_empty("clusters")) {
            ClusterInfo info = read_cluster(item);
            if (info.name.empty()) continue;
            statuses[info.name] = read_status(item);
            clusters.push_back(std::move(info));
        }
        const std::string default_id = json.string_or("default", "");
        choice.update([&](Choice& c) {
            c.default_id = default_id;
            const bool known = std::any_of(clusters.begin(), clusters.end(), [&](const ClusterInfo& info) { return info.name == c.selected; });
            if (!known) c.selected.clear();
        });
        update("clusters.loaded", [&](ClustersState& s) {
            if (!list.failing()) {
                s.phase = LoadPhase::ready;
                s.error = {};
            }
            s.loaded_at_ms = list.updated_at_ms();
            s.clusters = std::move(clusters);
            s.statuses = std::move(statuses);
        });
        if (patching) return;  // not the backend's news
        to_check.clear();
        for (const auto& [name, status] : get().statuses) {
            if (status.stale) to_check.push_back(name);
        }
        check_next();
    }

    template <class F>
    void patch(F change) {
        patching = true;
        list.patch(std::move(change));
        patching = false;
    }

    // Members of an answer of /status, put into the cluster of that name.
    void put_status(const std::string& name, const SharedJson& status) {
        patch([&](const SharedJson& now) -> std::optional<SharedJson> {
            const SharedJson& clusters = now.member("clusters");
            for (std::size_t i = 0; i < clusters.size(); ++i) {
                SharedJson cluster = clusters.item(i);
                if (cluster.string_or("name", "") != name) continue;
                for (const std::string_view key : {"status", "message", "hint", "lastCheck", "latencyMs", "isStale"}) {
                    const SharedJson* value = status.find(key);
                    cluster = value ? cluster.with(key, *value) : cluster.without(key);
                }
                if (const std::string_view version = status.string_or("version", ""); !version.empty()) cluster = cluster.with_path({"metadata", "version"}, version);
                return now.with("clusters", clusters.with_item(i, std::move(cluster)));
            }
            return std::nullopt;
        });
    }

    // An answer that carries the cluster as it is now.
    void put_cluster(const Json& answer) {
        const auto found = answer.is_object() ? answer.find("cluster") : answer.end();
        if (found == answer.end() || !found->is_object()) return;
        const SharedJson cluster = SharedJson::from(*found);
        if (cluster.string_or("name", "").empty()) return;
        patch([&](const SharedJson& now) -> std::optional<SharedJson> {
            SharedJson clusters = now.member("clusters");
            SharedJson next = now;
            if (cluster.boolean_or("default", false)) {
                for (std::size_t i = 0; i < clusters.size(); ++i) clusters = clusters.with_item(i, clusters.item(i).with("default", false));
                next = next.with("default", cluster.member("id"));
            }
            return next.with("clusters", clusters.with_item_by("name", cluster));
        });
    }

    void check_next() {
        while (get().checking.size() < kParallelChecks && !to_check.empty()) {
            const std::string name = to_check.front();
            to_check.pop_front();
            if (get().checking.contains(name) || get().busy.contains(name)) continue;
            update("clusters.check", [&](ClustersState& s) { s.checking.insert(name); });
            read("status:" + name, keys::clusters::status(name), path_of(name, "/status"), Age::any, [this, name](const base::Result<SharedJson>& answer) {
                update("clusters.checked", [&](ClustersState& s) { s.checking.erase(name); });
                if (answer) put_status(name, *answer);
                check_next();
            });
        }
    }

    // One action per cluster at a time.
    template <class F>
    void act(const char* what, const std::string& of, ClusterAction action, net::ApiRequest request, F done) {
        const std::string name = of;  // the views pass names that lie in the store, which changes here
        if (!find(name) || get().busy.contains(name)) return;
        update(what, [&](ClustersState& s) {
            s.busy[name] = action;
            if (s.problem_of == name) {
                s.problem_of.clear();
                s.problem = {};
            }
            s.delete_blocked_by.clear();
        });
        call("act:" + name, std::move(request), [this, what, name, done = std::move(done)](base::Result<net::ApiReply> reply) mutable {
            update(what, [&](ClustersState& s) { s.busy.erase(name); });
            done(std::move(reply));
        });
    }

    void fail(const char* what, const std::string& name, const base::Error& error) {
        update(what, [&](ClustersState& s) {
            s.problem_of = name;
            s.problem = error;
        });
    }

    // The status that a failed test leaves, and what the connection log has got by it.
    void after_test(const std::string& name) {
        read("status:" + name, keys::clusters::status(name), path_of(name, "/status?cached=true"), Age::new_only, [this, name](const base::Result<SharedJson>& answer) {
            if (answer) put_status(name, *answer);
        });
        if (get().details.name == name) load_log();
    }

    // ---- details

    void load_details(Age age) {
        const std::string name = get().selected;
        if (!find(name)) return;
        update("clusters.details", [&](ClustersState& s) {
            if (s.details.name != name) s.details = {.name = name, .metrics_error = {}, .cpu = {}, .memory = {}, .storage = {}, .health = {}, .metrics_at = {}, .log_error = {}, .log = {}};
            if (s.details.metrics_phase != LoadPhase::ready) s.details.metrics_phase = LoadPhase::loading;
        });
        read("metrics", keys::clusters::metrics(name), path_of(name, age == Age::new_only ? "/metrics?refresh=true" : "/metrics"), age, [this, name](const base::Result<SharedJson>& answer) {
            update("clusters.metrics", [&](ClustersState& s) {
                ClusterDetails& details = s.details;
                if (details.name != name) return;
                details.metrics_phase = answer ? LoadPhase::ready : LoadPhase::failed;
                details.metrics_error = answer ? base::Error{} : answer.error();
                if (!answer) return;
                wire::JsonErrors ignored;
                const Json json = answer->to_json();
                read_metrics(wire::JsonReader(json, ignored), details);
            });
        });
        load_log();
    }

    void load_log() {
        const std::string name = get().details.name;
        update("clusters.details", [](ClustersState& s) {
            if (s.details.log_phase != LoadPhase::ready) s.details.log_phase = LoadPhase::loading;
        });
        read("log", keys::clusters::log(name), path_of(name, "/logs?limit=" + std::to_string(kLogLines)), Age::new_only, [this, name](const base::Result<SharedJson>& answer) {
            update("clusters.log", [&](ClustersState& s) {
                if (s.details.name != name) return;
                s.details.log_phase = answer ? LoadPhase::ready : LoadPhase::failed;
                s.details.log_error = answer ? base::Error{} : answer.error();
                if (!answer) return;
                wire::JsonErrors ignored;
                const Json json = answer->to_json();
                read_log(wire::JsonReader(json, ignored), s.details);
            });
        });
    }

    void select(std::string name) {
        choice.update([&](Choice& c) { c.selected = std::move(name); });
        if (get().selected.empty()) return update("clusters.select", [](ClustersState& s) { s.details = {}; });
        load_details(Age::any);
    }

    // ---- the form

    void update_form(ClusterFormState next) {
        if (next == form_state) return;
        form_state = std::move(next);
        context.changed(kTopicPages);
    }

    void open_form(const std::string& replaces) {
        const ClusterInfo* known = find(replaces);
        form = make_cluster_form(known);
        form->on_change([this] { context.changed(kTopicPages); });
        form->focus(form->text("method") == "kubeconfig" ? "kubeconfig" : "server");
        inspect_timer.cancel();
        calls.erase("inspect");
        calls.erase("submit");
        ClusterFormState next;
        next.open = true;
        next.replaces = known ? known->name : std::string();
        form_state = {};
        update_form(std::move(next));
    }

    void inspect() {
        const std::string text = form ? form->text("kubeconfig") : std::string();
        ClusterFormState next = form_state;
        next.contexts.clear();
        next.inspecting = !text.empty();
        update_form(std::move(next));
        calls.erase("inspect");
        if (text.empty()) return;
        call("inspect", {.method = "POST", .path = "/clusters/kubeconfig", .body = Json{{"kubeconfig", text}}}, [this](base::Result<net::ApiReply> reply) {
            ClusterFormState after = form_state;
            after.inspecting = false;
            if (!reply) {
                update_form(std::move(after));
                PlacedClusterError placed = place_cluster_error(reply.error());
                return form->failed(std::move(placed.issues), std::move(placed.message));
            }
            wire::JsonErrors ignored;
            const wire::JsonReader json(reply->json, ignored);
            for (const wire::JsonReader item : json.array_or_empty("contexts")) {
                after.contexts.push_back({item.string_or("name", ""), item.string_or("server", ""), item.string_or("user", ""), item.string_or("namespace", ""),
                                          item.string_or("problem", ""), item.string_or("hint", "")});
            }
            const auto known = [&](std::string_view name) {
                return std::any_of(after.contexts.begin(), after.contexts.end(), [&](const KubeContextChoice& choice_of) { return choice_of.name == name; });
            };
            const std::string current = json.string_or("current", "");
            if (!known(form->text("context"))) form->set("context", known(current) ? current : after.contexts.size() == 1 ? after.contexts.front().name : "");
            suggest_name(after);
            update_form(std::move(after));
        });
    }

    // An empty name is filled from the context: "kind-staging" as it is, "arn:aws:eks:.../prod" as "prod".
    void suggest_name(const ClusterFormState& now) {
        if (!now.replaces.empty() || !form->text("name").empty()) return;
        const std::string name = name_from_context(form->text("context"));
        if (!name.empty() && !find(name)) form->set("name", name);
    }

    void submit(bool skip_test) {
        if (!form) return;
        ClusterFormState next = form_state;
        next.may_skip_test = false;
        update_form(std::move(next));
        form->submit([this, skip_test](const Json& values) {
            Json body = cluster_body(values);
            if (skip_test) body["verify"] = false;
            const std::string replaces = form_state.replaces;
            net::ApiRequest request{.method = replaces.empty() ? "POST" : "PUT", .path = replaces.empty() ? "/clusters" : path_of(replaces, "/credentials"), .body = std::move(body)};
            call("submit", std::move(request), [this, replaces](base::Result<net::ApiReply> reply) { submitted(replaces, std::move(reply)); });
        });
    }

    void submitted(const std::string& replaces, base::Result<net::ApiReply> reply) {
        if (!form) return;
        if (!reply) {
            PlacedClusterError placed = place_cluster_error(reply.error());
            ClusterFormState next = form_state;
            next.may_skip_test = placed.issues.empty() && reply.error().code == base::ErrorCode::unavailable;
            form->failed(std::move(placed.issues), std::move(placed.message));
            return update_form(std::move(next));
        }
        form->succeeded();
        wire::JsonErrors ignored;
        const auto cluster = wire::JsonReader(reply->json, ignored).optional_object("cluster");
        const std::string name = cluster ? cluster.string_or("name", replaces) : replaces;
        put_cluster(reply->json);
        context.toast(ToastKind::success, replaces.empty() ? "Cluster added" : "Credentials replaced", name);
        end_form();
        select(name);
        load();
    }

    void end_form() {
        inspect_timer.cancel();
        calls.erase("inspect");
        calls.erase("submit");
        form.reset();
        update_form({});
    }

    ModelContext& context;
    state::Store<ClustersState> store;
    state::Store<Choice> choice;
    state::Subscription chosen_elsewhere;
    std::deque<std::string> to_check;
    std::unique_ptr<state::Form> form;
    ClusterFormState form_state;
    base::Timer inspect_timer;
    bool patching = false;
    ListQuery list{context, keys::clusters::list(), "/clusters", [this](const base::Result<Json>& answer) { take(answer); }};
    std::map<std::string, state::QueryRequest> reads;
    std::map<std::string, net::RequestHandle> calls;  // last: ends first
};

Clusters::Clusters(ModelContext& context) : impl_(std::make_unique<Impl>(context)) {}
Clusters::~Clusters() = default;

const ClustersState& Clusters::state() const { return impl_->get(); }
std::uint64_t Clusters::version() const { return impl_->store.version(); }
const ClusterInfo* Clusters::find(std::string_view name) const { return impl_->find(name); }
const ClusterInfo* Clusters::selected() const { return impl_->find(state().selected); }

const ClusterInfo* Clusters::default_cluster() const {
    const auto& clusters = state().clusters;
    const auto found = std::find_if(clusters.begin(), clusters.end(), [](const ClusterInfo& info) { return info.is_default; });
    return found == clusters.end() ? nullptr : &*found;
}

ClusterStatus Clusters::status(std::string_view name) const {
    const auto found = state().statuses.find(std::string(name));
    return found == state().statuses.end() ? ClusterStatus{} : found->second;
}

std::string Clusters::display_name(std::string_view name) const {
    const ClusterInfo* info = impl_->find(name);
    return info ? info->display_name : std::string(name);
}

std::string Clusters::for_new_workflow() const {
    const ClusterInfo* info = selected();
    return info && info->can_run ? info->name : std::string();
}

std::int64_t Clusters::seen() {
    Impl& i = *impl_;
    if (state().phase == LoadPhase::idle) {
        i.load();
    } else if (state().phase == LoadPhase::ready && state().details.name != state().selected && selected()) {
        i.load_details(Impl::Age::any);
    }
    if (state().phase != LoadPhase::ready) return keys::clusters::kListStaleMs;
    if (i.list.stale() && !i.list.loading()) i.load();
    const std::int64_t age_ms = std::max<std::int64_t>(i.unix_ms() - state().loaded_at_ms, 0);
    return std::max<std::int64_t>(keys::clusters::kListStaleMs - age_ms, 1'000);
}

void Clusters::reload() { impl_->load(); }
void Clusters::select(std::string name) { impl_->select(std::move(name)); }

void Clusters::test(const std::string& name) {
    Impl& i = *impl_;
    i.act("clusters.test", name, ClusterAction::test, {.method = "POST", .path = path_of(name, "/test"), .body = Json::object()}, [&i, name](base::Result<net::ApiReply> reply) {
        if (!reply) i.fail("clusters.test", name, reply.error());
        else i.context.toast(ToastKind::success, "The cluster answers", name);
        i.after_test(name);
    });
}

void Clusters::refresh(const std::string& name) {
    Impl& i = *impl_;
    i.act("clusters.refresh", name, ClusterAction::refresh, {.method = "POST", .path = path_of(name, "/refresh"), .body = Json::object()}, [&i, name](base::Result<net::ApiReply> reply) {
        if (!reply) i.fail("clusters.refresh", name, reply.error());
        else i.put_cluster(reply->json);
        if (!reply) i.after_test(name);
        else if (i.get().selected == name) i.load_details(Impl::Age::new_only);
    });
}

void Clusters::make_default(const std::string& name) {
    Impl& i = *impl_;
    i.act("clusters.make_default", name, ClusterAction::make_default, {.method = "PUT", .path = path_of(name, "/default"), .body = Json::object()}, [&i, name](base::Result<net::ApiReply> reply) {
        if (!reply) i.fail("clusters.make_default", name, reply.error());
        else i.put_cluster(reply->json);
    });
}

void Clusters::change(const std::string& name, std::string display_name, std::string description) {
    Impl& i = *impl_;
    i.act("clusters.change", name, ClusterAction::change,
          {.method = "PUT", .path = path_of(name), .body = Json{{"displayName", std::move(display_name)}, {"description", std::move(description)}}}, [&i, name](base::Result<net::ApiReply> reply) {
        if (!reply) i.fail("clusters.change", name, reply.error());
        else i.put_cluster(reply->json);
    });
}

void Clusters::remove(const std::string& name, bool force) {
    Impl& i = *impl_;
    i.act("clusters.remove", name, ClusterAction::remove, {.method = "DELETE", .path = path_of(name, force ? "?force=true" : "")}, [&i, name](base::Result<net::ApiReply> reply) {
        if (!reply) {
            i.fail("clusters.remove", name, reply.error());
            if (reply.error().code != base::ErrorCode::conflict) return;
            return i.update("clusters.remove", [&](ClustersState& s) { s.delete_blocked_by = {reply.error().hint}; });
        }
        i.context.toast(ToastKind::info, "Cluster deleted", "Nothing in the cluster was touched.");
        const bool was_selected = i.get().selected == name;
        i.patch([&](const SharedJson& now) -> std::optional<SharedJson> { return now.with("clusters", now.member("clusters").without_item_by("name", name)); });
        if (was_selected) i.select({});
        i.load();  // another one may be the default now
    });
}

void Clusters::retry_details() { impl_->load_details(Impl::Age::new_only); }

void Clusters::dismiss_problem() {
    impl_->update("clusters.dismiss", [](ClustersState& s) {
        s.problem_of.clear();
        s.problem = {};
        s.delete_blocked_by.clear();
    });
}

void Clusters::begin_add() { impl_->open_form({}); }
void Clusters::begin_replace(const std::string& name) { impl_->open_form(name); }
void Clusters::end_form() { impl_->end_form(); }
const ClusterFormState& Clusters::form_state() const { return impl_->form_state; }
state::Form* Clusters::form() { return impl_->form.get(); }
void Clusters::kubeconfig_changed() {
    impl_->inspect_timer = impl_->context.scheduler.after(kInspectDelayMs, [i = impl_.get()] { i->inspect(); });
}
void Clusters::submit(bool skip_test) { impl_->submit(skip_test); }

void Clusters::clear() {
    Impl& i = *impl_;
    i.list.stop();
    i.calls.clear();
    i.reads.clear();
    i.to_check.clear();
    i.end_form();
    i.choice.reset();
    i.store.reset();
    i.context.changed(kTopicPages | kTopicChrome);
}

}  // namespace model
