#include "hub/cluster_routes.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "hub/kubeconfig.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

std::string time_text(std::int64_t unix_ms) { return unix_ms == 0 ? std::string() : base::format_rfc3339_millis(unix_ms); }

// {"error", "details": ["path: message", ..., hint], "hint"}: details end with what can be done, for clients that know nothing else.
void send_problem(net::ResponseWriter& writer, int status, const std::string& message, std::vector<std::string> details, const std::string& hint) {
    Json body = {{"error", message}};
    if (!hint.empty()) {
        details.push_back(hint);
        body["hint"] = hint;
    }
    if (!details.empty()) body["details"] = std::move(details);
    send_json(writer, status, body);
}

void send_field_errors(net::ResponseWriter& writer, const FieldErrors& errors) {
    std::string message = errors.lines.front();
    if (errors.lines.size() > 1) message += " (and " + std::to_string(errors.lines.size() - 1) + " more)";
    send_problem(writer, 400, message, errors.lines, errors.hint);
}

// Not the code of the connection's error: a 401 or 404 of the other side is not one of ours.
void send_failed_check(net::ResponseWriter& writer, const CheckResult& result) {
    Json body = {{"error", result.message}, {"status", result.status}};
    if (!result.hint.empty()) {
        body["hint"] = result.hint;
        body["details"] = Json::array({result.hint});
    }
    send_json(writer, 503, body);
}

Json check_json(const CheckResult& result) {
    Json answer = {{"status", result.status}, {"version", result.version}, {"platform", result.platform}, {"latencyMs", result.latency_ms}};
    if (!result.message.empty()) answer["message"] = result.message;
    if (!result.hint.empty()) answer["hint"] = result.hint;
    return answer;
}

}  // namespace

void ClusterRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    services_.route(router, "GET", "/clusters", [this](const User& caller, Routed, const Writer& writer) { list(caller, writer); });
    services_.route(router, "POST", "/clusters", [this](const User& caller, Routed routed, const Writer& writer) { create(caller, routed.request, writer); });
    services_.route(router, "POST", "/clusters/kubeconfig", [this](const User& caller, Routed routed, const Writer& writer) {
        if (is_admin(caller, *writer)) inspect_kubeconfig(routed.request, writer);
    });
    services_.route(router, "POST", "/clusters/test", [this](const User& caller, Routed routed, const Writer& writer) {
        if (is_admin(caller, *writer)) try_access(routed.request, writer);
    });
    services_.route(router, "GET", "/clusters/default", [this](const User& caller, Routed, const Writer& writer) {
        Entry& entry = services_.clusters.default_entry();
        if (!services_.clusters.may(caller, entry, ClusterUse::see)) return send_error(*writer, 404, "The default cluster is not shared with you.");
        get(caller, entry, writer);
    });
    const auto by_name = [&](const char* method, const std::string& path, auto handle) {
        services_.route(router, method, "/clusters/:name" + path, [this, handle](const User& caller, Routed routed, const Writer& writer) mutable {
            const auto entry = services_.clusters.visible(caller, routed.param("name"));
            if (!entry) return send_error(*writer, entry.error());
            handle(caller, **entry, routed, writer);
        });
    };
    by_name("GET", "", [this](const User& caller, Entry& entry, Routed&, const Writer& writer) { get(caller, entry, writer); });
    by_name("PUT", "", [this](const User& caller, Entry& entry, Routed& routed, const Writer& writer) { put(caller, entry, routed.request, writer); });
    by_name("DELETE", "", [this](const User& caller, Entry& entry, Routed& routed, const Writer& writer) {
        const auto query = base::parse_query(routed.query());
        remove(caller, entry, query && query->flag("force"), writer);
    });
    by_name("GET", "/status", [this](const User&, Entry& entry, Routed& routed, const Writer& writer) {
        const auto query = base::parse_query(routed.query());
        status(entry, query && query->flag("cached"), writer);
    });
    by_name("GET", "/metrics", [this](const User&, Entry& entry, Routed& routed, const Writer& writer) {
        const auto query = base::parse_query(routed.query());
        metrics(entry, query && query->flag("refresh"), writer);
    });
    by_name("PUT", "/default", [this](const User& caller, Entry& entry, Routed&, const Writer& writer) { make_default(caller, entry, writer); });
    by_name("POST", "/test", [this](const User&, Entry& entry, Routed&, const Writer& writer) { test(entry, writer); });
    by_name("POST", "/refresh", [this](const User& caller, Entry& entry, Routed&, const Writer& writer) { refresh(caller, entry, writer); });
    by_name("GET", "/logs", [this](const User&, Entry& entry, Routed& routed, const Writer& writer) { log(entry, routed.query(), writer); });
    by_name("PUT", "/credentials", [this](const User& caller, Entry& entry, Routed& routed, const Writer& writer) { put_credentials(caller, entry, routed.request, writer); });
    by_name("POST", "/share", [this](const User& caller, Entry& entry, Routed& routed, const Writer& writer) { share(caller, entry, routed.request, writer); });
}

bool ClusterRoutes::is_admin(const User& caller, net::ResponseWriter& writer) const {
    if (caller.role == "admin") return true;
    send_error(writer, 403, "Only an admin may add or change clusters.");
    return false;
}

bool ClusterRoutes::is_changeable(const Entry& entry, net::ResponseWriter& writer) const {
    if (!entry.record.builtin) return true;
    send_error(writer, 409, "The cluster \"" + entry.record.name + "\" belongs to this server and cannot be changed here.");
    return false;
}

Json ClusterRoutes::to_wire(const User& caller, const Entry& entry) const {
    const ClusterRecord& record = entry.record;
    Json wire = {{"id", record.id},
                 {"name", record.name},
                 {"displayName", record.display_name},
                 {"description", record.description},
                 {"server", record.access.server},
                 {"authType", record.auth_type},
                 {"status", record.status},
                 {"default", &services_.clusters.default_entry() == &entry},
                 {"singleNode", record.single_node},
                 {"labels", record.labels},
                 {"metadata", record.metadata},
                 // ours
                 {"builtin", record.builtin},
                 {"namespace", record.ns},
                 {"context", record.context},
                 {"insecure", record.access.insecure},
                 {"message", record.message},
                 {"hint", record.hint},
                 {"lastCheck", time_text(record.last_check_ms)},
                 {"latencyMs", record.latency_ms},
                 {"isStale", services_.clusters.stale(entry)},
                 {"canChange", caller.role == "admin" && !record.builtin},
                 {"canRun", services_.clusters.may(caller, entry, ClusterUse::run)},
                 {"createdAt", record.created_at}};
    if (caller.role == "admin") {
        Json shares = Json::array();
        for (const ClusterShare& share : record.shares) shares.push_back({{"userId", share.user_id}, {"role", share.role}, {"namespaces", share.namespaces}});
        wire["shares"] = std::move(shares);
    }
    return wire;
}

void ClusterRoutes::list(const User& caller, const Writer& writer) {
    // What is not known of the built-in one yet is found out first; from then on /status asks, as for the others.
    Entry& builtin = *services_.clusters.find(services_.options.cluster_name);
    const auto answer = [this, caller, writer](Entry&) {
        Json clusters = Json::array();
        for (const Entry* entry : services_.clusters.all_visible(caller)) clusters.push_back(to_wire(caller, *entry));
        send_json(*writer, 200, {{"clusters", std::move(clusters)}, {"default", services_.clusters.default_entry().record.id}});
    };
    if (builtin.record.last_check_ms != 0) return answer(builtin);
    services_.clusters.check(builtin, answer);
}

void ClusterRoutes::verified(const Json& body, ClusterRecord record, const Writer& writer, base::UniqueFunction<void(ClusterRecord, CheckResult)> then) {
    const Json& verify = value_at(body, "verify");
    if (verify.is_boolean() && !*verify.get_ptr<const bool*>()) return then(std::move(record), {.status = "unknown", .message = {}, .hint = {}, .version = {}, .platform = {}});
    services_.clusters.try_access(record, lifetime_.guard([record, writer, then = std::move(then)](base::Result<CheckResult> result) mutable {
        if (!result) return send_problem(*writer, http_status(result.error().code), result.error().message, {}, result.error().hint);
        if (!result->online()) return send_failed_check(*writer, *result);
        then(std::move(record), std::move(*result));
    }));
}

void ClusterRoutes::answer_changed(std::string name, const User& caller, int status, std::string message, const Writer& writer) {
    Entry* entry = services_.clusters.find(name);
    if (!entry) return send_error(*writer, 404, "The cluster was deleted meanwhile.");
    send_json(*writer, status, {{"message", std::move(message)}, {"cluster", to_wire(caller, *entry)}});
}

void ClusterRoutes::create(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    if (!is_admin(caller, *writer)) return;
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    FieldErrors errors;
    ClusterRecord record = read_new_cluster(*body, errors);
    if (services_.clusters.find(record.name)) errors.add("name", "there is a cluster of that name already", "Choose another name, or change the credentials of the one there is");
    if (!errors.lines.empty()) return send_field_errors(*writer, errors);
    record.owner_id = caller.id;
    verified(*body, std::move(record), writer, [this, caller, writer](ClusterRecord checked, CheckResult result) {
        if (services_.clusters.find(checked.name)) return send_problem(*writer, 409, "name: there is a cluster of that name already", {"name: there is a cluster of that name already"}, {});
        const bool known = result.status == "connected";
        services_.clusters.add(std::move(checked), lifetime_.guard([this, caller, writer, known](base::Result<Entry*> added) {
            if (!added) return send_problem(*writer, http_status(added.error().code), added.error().message, {}, added.error().hint);
            const std::string name = (*added)->record.name;
            if (!known) return answer_changed(name, caller, 201, "Cluster added", writer);
            // Once more, over the connection that stays: version, state and capacities are in the answer then.
            services_.clusters.check(**added, [this, caller, writer, name](Entry&) { answer_changed(name, caller, 201, "Cluster added", writer); });
        }));
    });
}

void ClusterRoutes::inspect_kubeconfig(const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    const auto config = read_kubeconfig(text_at(*body, "kubeconfig"));
    if (!config) return send_problem(*writer, 400, config.error().message, {"credentials.kubeconfig: " + config.error().message}, config.error().hint);
    Json contexts = Json::array();
    for (const KubeContext& context : config->contexts) {
        Json row = {{"name", context.name}, {"cluster", context.cluster}, {"user", context.user}, {"namespace", context.ns}, {"server", context.server}};
        if (!context.problem.empty()) row["problem"] = context.problem;
        if (!context.hint.empty()) row["hint"] = context.hint;
        contexts.push_back(std::move(row));
    }
    send_json(*writer, 200, {{"current", config->current}, {"contexts", std::move(contexts)}});
}

void ClusterRoutes::try_access(const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    FieldErrors errors;
    ClusterRecord record;
    read_credentials(*body, record, errors);
    if (!errors.lines.empty()) return send_field_errors(*writer, errors);
    verified(Json::object(), std::move(record), writer, [writer](ClusterRecord, CheckResult result) { send_json(*writer, 200, check_json(result)); });
}

void ClusterRoutes::get(const User& caller, Entry& entry, const Writer& writer) {
    if (entry.record.last_check_ms != 0) return send_json(*writer, 200, to_wire(caller, entry));
    services_.clusters.check(entry, lifetime_.guard([this, caller, writer](Entry& checked) { send_json(*writer, 200, to_wire(caller, checked)); }));
}

void ClusterRoutes::put(const User& caller, Entry& entry, const net::ServerRequest& request, const Writer& writer) {
    if (!is_admin(caller, *writer) || !is_changeable(entry, *writer)) return;
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    FieldErrors errors;
    ClusterRecord record = entry.record;
    read_cluster_changes(*body, record, errors);
    if (!errors.lines.empty()) return send_field_errors(*writer, errors);
    const std::string name = record.name;
    services_.clusters.change(std::move(record), false, lifetime_.guard([this, name, caller, writer](base::Result<Entry*> changed) {
        if (!changed) return send_error(*writer, changed.error());
        answer_changed(name, caller, 200, "Cluster changed", writer);
    }));
}

void ClusterRoutes::put_credentials(const User& caller, Entry& entry, const net::ServerRequest& request, const Writer& writer) {
    if (!is_admin(caller, *writer) || !is_changeable(entry, *writer)) return;
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    FieldErrors errors;
    ClusterRecord record = entry.record;
    read_credentials(*body, record, errors);
    if (!errors.lines.empty()) return send_field_errors(*writer, errors);
    verified(*body, std::move(record), writer, [this, caller, writer](ClusterRecord checked, CheckResult) {
        const std::string name = checked.name;
        services_.clusters.change(std::move(checked), true, lifetime_.guard([this, name, caller, writer](base::Result<Entry*> changed) {
            if (!changed) return send_error(*writer, changed.error());
            services_.clusters.log(**changed, "info", "Credentials replaced: " + (*changed)->record.access.server);
            services_.clusters.check(**changed, [this, caller, writer, name](Entry&) { answer_changed(name, caller, 200, "Credentials replaced", writer); });
        }));
    });
}

void ClusterRoutes::remove(const User& caller, Entry& entry, bool force, const Writer& writer) {
    if (!is_admin(caller, *writer) || !is_changeable(entry, *writer)) return;
    services_.repository.list(lifetime_.guard([this, force, writer, name = entry.record.name](base::Result<std::vector<WorkflowRecord>> records) {
        if (!records) return send_error(*writer, records.error());
        std::vector<std::string> deployed;
        for (const WorkflowRecord& record : *records) {
            if (text_at(record.document, "cluster_id") == name && !record.state.deployed.empty()) deployed.push_back(record.name());
        }
        if (!deployed.empty() && !force) {
            return send_problem(*writer, 409, std::to_string(deployed.size()) + (deployed.size() == 1 ? " workflow has" : " workflows have") + " objects in this cluster, which would stay there.",
                                deployed, "Archive them first, or delete the cluster with ?force=true: the objects stay, and Binnacle forgets them");
        }
        services_.clusters.remove(name, lifetime_.guard([writer, left = deployed.size()](base::Result<void> removed) {
            if (!removed) return send_error(*writer, removed.error());
            send_json(*writer, 200, {{"message", "Cluster deleted"}, {"workflows_left", left}});
        }));
    }));
}

void ClusterRoutes::status(Entry& entry, bool cached, const Writer& writer) {
    const auto answer = [this, writer](Entry& known) {
        const ClusterRecord& record = known.record;
        Json body = {{"cluster", record.name},
                     {"status", record.status},
                     {"lastCheck", time_text(record.last_check_ms)},
                     {"isStale", services_.clusters.stale(known)},
                     {"isOnline", record.status == "connected"},
                     {"latencyMs", record.latency_ms},
                     {"version", text_at(record.metadata, "version")}};
        if (!record.message.empty()) body["message"] = record.message;
        if (!record.hint.empty()) body["hint"] = record.hint;
        send_json(*writer, 200, body);
    };
    if (cached || !services_.clusters.stale(entry)) return answer(entry);
    services_.clusters.check(entry, lifetime_.guard(answer));
}

void ClusterRoutes::test(Entry& entry, const Writer& writer) {
    services_.clusters.check(entry, lifetime_.guard([this, writer](Entry& checked) {
        const ClusterRecord& record = checked.record;
        CheckResult result{record.status, record.message, record.hint, text_at(record.metadata, "version"), text_at(record.metadata, "platform"), record.latency_ms};
        if (!result.online()) {
            services_.clusters.log(checked, "error", "Test failed: " + record.message);
            return send_failed_check(*writer, result);
        }
        services_.clusters.log(checked, "info", "Test passed in " + std::to_string(record.latency_ms) + " ms");
        send_json(*writer, 200, check_json(result));
    }));
}

void ClusterRoutes::refresh(const User& caller, Entry& entry, const Writer& writer) {
    services_.clusters.check(entry, lifetime_.guard([this, caller, writer](Entry& checked) {
        if (checked.record.status != "connected" || !checked.link) {
            return send_failed_check(*writer, {checked.record.status, checked.record.message, checked.record.hint, {}, {}});
        }
        checked.metrics = nullptr;
        services_.clusters.read_metadata(checked, lifetime_.guard([this, caller, writer](Entry& read) {
            send_json(*writer, 200, {{"metadata", read.record.metadata}, {"cluster", to_wire(caller, read)}});
        }));
    }));
}

void ClusterRoutes::metrics(Entry& entry, bool fresh, const Writer& writer) {
    if (!entry.link) return send_problem(*writer, 503, entry.link_error.message, {}, entry.link_error.hint);
    const std::int64_t now = services_.ports.scheduler.clock().monotonic_ms();
    if (!fresh && entry.metrics.is_object() && now - entry.metrics_ms < Clusters::kMetricsFreshMs) return send_json(*writer, 200, entry.metrics);
    const std::string at = base::format_rfc3339_millis(services_.ports.scheduler.clock().unix_ms());
    read_cluster_metrics(entry.link->kube, entry.record.name, at, lifetime_.guard([this, writer, name = entry.record.name](base::Result<Json> read) {
        if (!read) return send_problem(*writer, 503, read.error().message, {}, read.error().hint);
        if (Entry* known = services_.clusters.find(name)) {
            known->metrics = *read;
            known->metrics_ms = services_.ports.scheduler.clock().monotonic_ms();
        }
        send_json(*writer, 200, *read);
    }));
}

void ClusterRoutes::log(Entry& entry, std::string_view query_text, const Writer& writer) {
    const auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    std::size_t limit = 100;
    if (query->has("limit")) {
        const auto value = base::parse_integer_in<int>(query->get("limit"), 1, 1'000);
        if (!value) return send_error(*writer, 400, "limit: expected a number from 1 to 1000");
        limit = static_cast<std::size_t>(*value);
    }
    services_.clusters.with_log(entry, lifetime_.guard([writer, limit](const Json& entries) {
        Json newest = Json::array();
        for (std::size_t i = entries.size(); i > 0 && newest.size() < limit; --i) newest.push_back(entries[i - 1]);
        send_json(*writer, 200, {{"logs", std::move(newest)}});
    }));
}

void ClusterRoutes::make_default(const User& caller, Entry& entry, const Writer& writer) {
    if (!is_admin(caller, *writer)) return;
    services_.clusters.make_default(entry.record.name, lifetime_.guard([this, caller, writer, name = entry.record.name](base::Result<void> saved) {
        if (!saved) return send_error(*writer, saved.error());
        answer_changed(name, caller, 200, "New workflows go to " + name, writer);
    }));
}

void ClusterRoutes::share(const User& caller, Entry& entry, const net::ServerRequest& request, const Writer& writer) {
    if (!is_admin(caller, *writer)) return;
    if (services_.auth.mode() == AuthMode::none) {
        return send_problem(*writer, 409, "There is nobody to share with: everybody who reaches this server is its admin.", {}, "Start it with --auth builtin to have users");
    }
    if (entry.record.builtin) return send_error(*writer, 409, "The server's own cluster is open to all of its users.");
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    FieldErrors errors;
    ClusterShare share = read_share(*body, errors);
    const User* target = services_.auth.find_user(share.user_id);
    if (!target && !share.user_id.empty()) errors.add("targetUserId", "there is no such user", "Give the user's id or e-mail address");
    if (!errors.lines.empty()) return send_field_errors(*writer, errors);
    share.user_id = target->id;
    ClusterRecord record = entry.record;
    std::erase_if(record.shares, [&](const ClusterShare& known) { return known.user_id == share.user_id; });
    const bool ends = share.role == "none";
    const std::string what = ends ? "No longer shared with " + target->email : "Shared with " + target->email + " as " + share.role;
    if (!ends) record.shares.push_back(std::move(share));
    const std::string name = record.name;
    services_.clusters.change(std::move(record), false, lifetime_.guard([this, name, what, caller, writer](base::Result<Entry*> changed) {
        if (!changed) return send_error(*writer, changed.error());
        services_.clusters.log(**changed, "info", what);
        answer_changed(name, caller, 200, what, writer);
    }));
}

}  // namespace hub
