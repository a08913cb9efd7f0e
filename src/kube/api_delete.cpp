#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "kube/api_json.hpp"
#include "kube/api_write.hpp"

namespace kube::api {
namespace {

constexpr std::int64_t kLongestGrace_s = 24 * 60 * 60;

bool is_protected_namespace(std::string_view name) { return name == "default" || name == "kube-system" || name == "kube-public"; }

// How long a pod may take to end; 0 when nothing of it runs.
std::int64_t pod_grace_s(const Json& pod, const DeleteOptions& options) {
    const std::string phase = text(pod, {"status", "phase"});
    if (text(pod, {"spec", "nodeName"}).empty() || phase == "Succeeded" || phase == "Failed") return 0;
    const std::int64_t grace_s = options.grace_s.value_or(integer(pod, {"spec", "terminationGracePeriodSeconds"}, 30));
    return std::clamp<std::int64_t>(grace_s, 0, kLongestGrace_s);
}

}  // namespace

ApiResult<DeleteOptions> parse_delete_options(std::string_view body, const base::Query& query) {
    DeleteOptions options;
    if (!base::trim(body).empty()) {
        auto json = parse_body(body);
        if (!json) return fail(json.error());
        erase_nulls(*json);
        if (!json->is_object()) return fail(bad_request("DeleteOptions is not an object"));
        const std::string kind = text(*json, {"kind"}, "DeleteOptions");
        if (kind != "DeleteOptions") return fail(bad_request("the body is not DeleteOptions but " + kind.substr(0, 80)));
        if (const Json* grace = child(*json, "gracePeriodSeconds")) {
            if (!grace->is_number_integer()) return fail(bad_request("DeleteOptions.gracePeriodSeconds is not an integer"));
            options.grace_s = grace->get<std::int64_t>();
        }
        options.propagation = text(*json, {"propagationPolicy"});
        if (flag(*json, {"orphanDependents"})) options.propagation = "Orphan";
        options.uid = text(*json, {"preconditions", "uid"});
        options.resource_version = text(*json, {"preconditions", "resourceVersion"});
        for (const Json& value : array(*json, {"dryRun"})) options.dry_run = options.dry_run || view(&value) == "All";
    }
    const auto grace_s = parse_count(query, "gracePeriodSeconds");
    if (!grace_s) return fail(grace_s.error());
    if (grace_s->has_value()) options.grace_s = *grace_s;
    if (const auto policy = query.get("propagationPolicy"); !policy.empty()) options.propagation = policy;
    if (query.get("orphanDependents") == "true") options.propagation = "Orphan";
    if (query.get("dryRun") == "All") options.dry_run = true;
    const auto& policy = options.propagation;
    if (!policy.empty() && policy != "Background" && policy != "Foreground" && policy != "Orphan") {
        static constexpr ResourceType kOptions{"meta.k8s.io", "v1", "deleteoptions", "deleteoptions", "DeleteOptions", ""};
        Causes causes;
        causes.not_supported("propagationPolicy", policy, R"("Background", "Foreground", "Orphan")");
        return fail(invalid(kOptions, "", causes));
    }
    return options;
}

ApiResult<Deleted> ObjectWriter::remove(const ResourceType& type, const ObjectKey& key, const DeleteOptions& options) {
    const ObjectPtr live = store_.get(key);
    if (!live) return fail(not_found(type, key.name));
    if (!options.uid.empty() && options.uid != uid_of(*live)) {
        return fail(conflict(type, key.name, "Precondition failed: UID in precondition: " + options.uid.substr(0, 80) + ", UID in object meta: " + uid_of(*live)));
    }
    const std::string version = text(*live, {"metadata", "resourceVersion"});
    if (!options.resource_version.empty() && options.resource_version != version) {
        return fail(conflict(type, key.name, "Precondition failed: ResourceVersion in precondition: " + options.resource_version.substr(0, 80) +
                                                 ", ResourceVersion in object meta: " + version));
    }
    if (type.is("namespaces") && is_protected_namespace(key.name)) {
        return fail(forbidden(type, key.name, "this namespace may not be deleted"));
    }
    if (type.is("namespaces")) return mark(key, 0, {}, options.dry_run);
    const std::int64_t grace_s = type.is("pods") ? pod_grace_s(*live, options) : 0;
    // The garbage collector does what they stand for and takes them off.
    const std::string_view finalizer = options.propagation == "Foreground" ? "foregroundDeletion" : options.propagation == "Orphan" ? "orphan" : "";
    const bool held = !array(*live, {"metadata", "finalizers"}).empty();
    if (grace_s > 0 || held || !finalizer.empty()) return mark(key, grace_s, finalizer, options.dry_run);
    if (options.dry_run) return Deleted{live, true};
    auto gone = store_.remove(key);
    if (!gone) return fail(internal_error(gone.error().message));
    return Deleted{*gone, true};
}

// Sets deletionTimestamp. A second delete can only shorten the grace period.
ApiResult<Deleted> ObjectWriter::mark(const ObjectKey& key, std::int64_t grace_s, std::string_view finalizer, bool dry_run) {
    Json next = *store_.get(key);
    Json& metadata = member(next, {"metadata"});
    const bool again = !text(metadata, {"deletionTimestamp"}).empty();
    if (again && integer(metadata, {"deletionGracePeriodSeconds"}) <= grace_s) return Deleted{store_.get(key), false};
    metadata["deletionTimestamp"] = base::format_rfc3339(scheduler_.clock().unix_ms() + grace_s * 1000);
    metadata["deletionGracePeriodSeconds"] = grace_s;
    if (!finalizer.empty()) {
        Json& finalizers = metadata["finalizers"];
        if (!finalizers.is_array()) finalizers = Json::array();
        if (std::find(finalizers.begin(), finalizers.end(), Json(finalizer)) == finalizers.end()) finalizers.push_back(finalizer);
    }
    if (key.resource == "namespaces") member(next, {"status"})["phase"] = "Terminating";
    if (dry_run) return Deleted{std::make_shared<const Json>(std::move(next)), false};
    auto written = store_.update(key, std::move(next));
    if (!written) return fail(internal_error(written.error().message));
    return Deleted{*written, store_.get(key) == nullptr};
}

}  // namespace kube::api
