#include "kube/api_write.hpp"

#include <algorithm>
#include <array>

#include "base/time_text.hpp"
#include "kube/api_defaults.hpp"
#include "kube/api_json.hpp"
#include "kube/api_validation.hpp"
#include "kube/patch.hpp"
#include "kube/patch_apply.hpp"

namespace kube::api {
namespace {

constexpr std::size_t kMaxGeneratedBase = 58;  // five random characters follow: 63 in all

// What only the server writes.
constexpr auto kServerMetadata = std::to_array<const char*>(
    {"uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink"});

constexpr std::string_view kCustomPatchTypes = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";

// The value at a path of names; null when it leads nowhere.
const Json* at(const Json& object, const std::vector<std::string>& path) {
    const Json* value = path.empty() ? nullptr : &object;
    for (const auto& step : path) value = value ? child(*value, step) : nullptr;
    return value;
}
std::int64_t whole_number(const Json* value) { return value && value->is_number_integer() ? value->get<std::int64_t>() : 0; }

ApiError from_store(const base::Error& error, const ResourceType& type, std::string_view name) {
    switch (error.code) {
        case base::ErrorCode::not_found: return not_found(type, name);
        case base::ErrorCode::conflict: return modified_meanwhile(type, name);
        default: return internal_error(error.message);
    }
}

ApiError from_patch(const base::Error& error) {
    if (error.code == base::ErrorCode::conflict) return {422, "Invalid", error.message, nullptr};
    if (error.code == base::ErrorCode::too_large) return {413, "RequestEntityTooLarge", error.message, nullptr};
    return bad_request(error.message);
}

ApiError from_apply(const ApplyFailure& failure, const ResourceType& type, std::string_view name) {
    if (!failure.malformed.empty()) return bad_request("failed to create typed patch object (" + std::string(name) + "; " + type.api_version() + ", Kind=" + std::string(type.kind) + "): " + failure.malformed);
    const auto& conflicts = failure.conflicts;
    std::string message = "Apply failed with " + std::to_string(conflicts.size()) + " conflict" + (conflicts.size() == 1 ? "" : "s") + ":";
    const bool one_owner = std::all_of(conflicts.begin(), conflicts.end(), [&](const auto& c) { return c.who == conflicts.front().who; });
    if (conflicts.size() == 1) {
        message += " " + conflicts.front().who + ": " + conflicts.front().field;
    } else {
        std::string who;
        for (const auto& one : conflicts) {
            if (one.who != who) message += (one_owner ? " conflicts" : "\nconflicts") + one.who.substr(8) + ":";
            who = one.who;
            message += "\n- " + one.field;
        }
    }
    Json causes = Json::array();
    for (const auto& one : conflicts) {
        causes.push_back(Json{{"reason", "FieldManagerConflict"}, {"message", one.who}, {"field", one.field}});
    }
    return {409, "Conflict", std::move(message), Json{{"causes", std::move(causes)}}};
}

std::string generate_name(std::string base_name, base::Random& random) {
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";  // no vowels: no words
    if (base_name.size() > kMaxGeneratedBase) base_name.resize(kMaxGeneratedBase);
    for (int i = 0; i < 5; ++i) base_name += kAlphabet[random.below(kAlphabet.size())];
    return base_name;
}

// Metadata that the server owns comes from `live`, whatever the client sent.
void keep_server_metadata(const Json& live, Json& next) {
    const Json& old_metadata = map(live, {"metadata"});
    Json& metadata = member(next, {"metadata"});
    metadata["name"] = name_of(live);
    if (const Json* ns = child(old_metadata, "namespace")) {
        metadata["namespace"] = *ns;
    } else {
        metadata.erase("namespace");
    }
    for (const char* name : kServerMetadata) {
        if (const Json* value = child(old_metadata, name)) {
            metadata[name] = *value;
        } else {
            metadata.erase(name);
        }
    }
}

// The parts of `next` that a write to this (sub)resource may not touch are taken from `live`.
void keep_other_parts(const ResourceType& type, std::string_view subresource, const Json& live, Json& next) {
    if (subresource == "status") {
        Json status = child(next, "status") ? *child(next, "status") : Json::object();
        next = live;
        next["status"] = std::move(status);
    } else if (subresource.empty() && type.has_status) {
        if (const Json* status = child(live, "status")) {
            next["status"] = *status;
        } else {
            next.erase("status");
        }
        // A namespace's finalizers change through /finalize only.
        if (type.is("namespaces")) {
            const Json* spec = child(live, "spec");
            next["spec"] = spec ? *spec : Json::object();
        }
    }
}

}  // namespace

ObjectKey key_of(const ResourcePath& path) { return {std::string(path.type->store_key()), path.ns, path.name}; }

ObjectWriter::ObjectWriter(ObjectStore& store, base::Scheduler& scheduler, base::Random& random, const Schema& schema)
    : store_(store), scheduler_(scheduler), random_(random), schema_(schema) {}

const Schema::Type& ObjectWriter::type_of(const ResourceType& type) const {
    return type.custom ? type.custom->schema.type() : schema_.kind(type.kind);
}

std::string ObjectWriter::now() const { return base::format_rfc3339(scheduler_.clock().unix_ms()); }

// The body is an object of that type.
ApiResult<Json> ObjectWriter::decode(const ResourceType& type, Json body) const {
    if (!body.is_object()) return fail(bad_request("the object provided is unrecognized: the body is not a JSON object"));
    erase_nulls(body);
    const std::string api_version = text(body, {"apiVersion"}, type.api_version());
    const std::string kind = text(body, {"kind"}, type.kind);
    if (api_version != type.api_version()) {
        return fail(bad_request("the API version in the data (" + api_version.substr(0, 80) + ") does not match the expected API version (" +
                                type.api_version() + ")"));
    }
    if (kind != type.kind) {
        return fail(bad_request("the kind in the data (" + kind.substr(0, 80) + ") does not match the expected kind (" + std::string(type.kind) + ")"));
    }
    // Of a custom object the envelope alone: what its own schema says against the rest is a 422 of validate().
    if (auto wrong = schema_.check(schema_.kind(type.custom ? "" : type.kind), body)) {
        return fail(bad_request(std::string(type.kind) + " in version \"" + std::string(type.version) + "\" cannot be handled as a " +
                                std::string(type.kind) + ": json: " + *wrong));
    }
    body["apiVersion"] = type.api_version();
    body["kind"] = type.kind;
    member(body, {"metadata"});
    if (type.custom) type.custom->schema.prune(body);
    return body;
}

ApiResult<void> ObjectWriter::check_namespace(const WriteRequest& request) const {
    if (!request.path.type->namespaced) return {};
    static const ResourceType& namespaces = *find_resource("namespaces");
    const ObjectPtr ns = store_.get({"namespaces", "", request.path.ns});
    if (!ns) return fail(not_found(namespaces, request.path.ns));
    if (text(*ns, {"metadata", "deletionTimestamp"}).empty()) return {};
    return fail(forbidden(*request.path.type, request.path.name,
                          "unable to create new content in namespace " + request.path.ns + " because it is being terminated"));
}

ApiResult<Written> ObjectWriter::create(const WriteRequest& request, Json body) {
    auto object = decode(*request.path.type, std::move(body));
    if (!object) return fail(object.error());
    if (!text(*object, {"metadata", "resourceVersion"}).empty()) {
        return fail(bad_request("resourceVersion should not be set on objects to be created"));
    }
    return create_decoded(request, std::move(*object), false);
}

ApiResult<Written> ObjectWriter::create_decoded(const WriteRequest& request, Json object, bool applied) {
    const ResourceType& type = *request.path.type;
    Json& metadata = member(object, {"metadata"});
    const std::string ns = text(metadata, {"namespace"}, request.path.ns);
    if (type.namespaced && ns != request.path.ns) {
        return fail(bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    if (auto ok = check_namespace(request); !ok) return fail(ok.error());
    const Json managed = applied && metadata.contains("managedFields") ? metadata["managedFields"] : Json(nullptr);
    for (const char* name : kServerMetadata) metadata.erase(name);
    metadata.erase("resourceVersion");
    std::string name = text(metadata, {"name"});
    const std::string prefix = text(metadata, {"generateName"});
    if (name.empty() && !prefix.empty()) name = generate_name(prefix, random_);
    metadata["name"] = name;
    if (type.namespaced) {
        metadata["namespace"] = request.path.ns;
    } else {
        metadata.erase("namespace");
    }
    metadata["uid"] = make_uid(random_);
    if (!managed.is_null()) metadata["managedFields"] = managed;

    apply_defaults(type, object);
    prepare_for_create(type, object);
    if (const Causes causes = validate(type, object); !causes.empty()) return fail(invalid(type, name, causes));
    const ObjectKey key{std::string(type.store_key()), request.path.ns, name};
    if (store_.get(key)) return fail(already_exists(type, name));
    if (type.is("services")) {
        if (auto ok = allocate_service(store_, random_, nullptr, object); !ok) return fail(ok.error());
    }
    if (!applied) track_update(type_of(type), nullptr, object, {request.manager, type.api_version(), now(), {}});
    if (request.dry_run) {
        object["metadata"]["creationTimestamp"] = now();
        return Written{std::make_shared<const Json>(std::move(object)), true};
    }
    auto made = store_.create(key, std::move(object));
    if (!made) return fail(from_store(made.error(), type, name));
    return Written{*made, true};
}

ApiResult<Written> ObjectWriter::replace(const WriteRequest& request, Json body) {
    const ResourceType& type = *request.path.type;
    const std::string& name = request.path.name;
    const ObjectPtr live = store_.get(key_of(request.path));
    if (!live) return fail(not_found(type, name));
    if (request.path.subresource == "scale") return replace_scale(request, *live, body);
    auto object = decode(type, std::move(body));
    if (!object) return fail(object.error());
    const std::string body_name = name_of(*object);
    if (body_name != name) {
        return fail(bad_request("the name of the object (" + body_name.substr(0, 260) + ") does not match the name on the URL (" + name + ")"));
    }
    if (type.namespaced && text(*object, {"metadata", "namespace"}, request.path.ns) != request.path.ns) {
        return fail(bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    return update_to(request, *live, std::move(*object), false);
}

ApiResult<Written> ObjectWriter::update_to(const WriteRequest& request, const Json& live, Json next, bool applied) {
    const ResourceType& type = *request.path.type;
    const std::string& name = request.path.name;
    const std::string asked_version = text(next, {"metadata", "resourceVersion"});
    const std::string asked_uid = uid_of(next);
    if (!asked_uid.empty() && asked_uid != uid_of(live)) {
        return fail(conflict(type, name, "Precondition failed: UID in precondition: " + asked_uid.substr(0, 80) + ", UID in object meta: " + uid_of(live)));
    }
    if (!asked_version.empty() && asked_version != text(live, {"metadata", "resourceVersion"})) return fail(modified_meanwhile(type, name));

    const Json managed = applied ? array(next, {"metadata", "managedFields"}) : Json(nullptr);
    if (request.path.subresource == "finalize") {
        Json spec = map(next, {"spec"});
        next = live;
        next["spec"] = std::move(spec);
    } else {
        keep_other_parts(type, request.path.subresource, live, next);
    }
    keep_server_metadata(live, next);
    if (applied && !managed.empty()) next["metadata"]["managedFields"] = managed;
    next["metadata"]["resourceVersion"] = text(live, {"metadata", "resourceVersion"});
    next["apiVersion"] = type.api_version();
    next["kind"] = type.kind;
    if (request.path.subresource.empty()) {
        apply_defaults(type, next);
        if (const Causes causes = validate(type, next); !causes.empty()) return fail(invalid(type, name, causes));
        if (type.is("services")) {
            if (auto ok = allocate_service(store_, random_, &live, next); !ok) return fail(ok.error());
        }
        if (const Causes causes = validate_update(type, live, next); !causes.empty()) return fail(invalid(type, name, causes));
    } else if (type.custom) {  // through status or scale
        if (const Causes causes = validate(type, next); !causes.empty()) return fail(invalid(type, name, causes));
    }
    if (!applied) {
        track_update(type_of(type), &live, next, {request.manager, type.api_version(), now(), request.path.subresource});
    }
    if (differs_only_in_times(live, next)) next = live;
    if (request.dry_run) return Written{std::make_shared<const Json>(std::move(next)), false};
    auto written = store_.update(key_of(request.path), std::move(next));
    if (!written) return fail(from_store(written.error(), type, name));
    return Written{*written, false};
}

ApiResult<Written> ObjectWriter::patch(const WriteRequest& request, PatchKind kind, Json patch) {
    const ResourceType& type = *request.path.type;
    const ObjectPtr live = store_.get(key_of(request.path));
    if (kind == PatchKind::apply && request.path.subresource != "scale") return apply(request, live, std::move(patch));
    if (!live) return fail(not_found(type, request.path.name));
    const bool scale = request.path.subresource == "scale";
    if (kind == PatchKind::strategic && type.custom && !scale) return fail(unsupported_media(kCustomPatchTypes));
    const Json& target = scale ? scale_of(type, *live) : *live;
    base::Result<Json> patched = Json();
    if (kind == PatchKind::json) {
        patched = apply_json_patch(target, patch);
    } else if (!patch.is_object()) {
        return fail(bad_request("the patch is not a JSON object"));
    } else if (kind == PatchKind::strategic) {
        patched = apply_strategic_merge_patch(scale ? schema_.kind("Scale") : type_of(type), target, patch);
    } else {
        patched = apply_merge_patch(target, patch);
    }
    if (!patched) return fail(from_patch(patched.error()));
    if (scale) return replace_scale(request, *live, *patched);
    auto decoded = decode(type, std::move(*patched));
    if (!decoded) return fail(decoded.error());
    if (name_of(*decoded) != request.path.name) {
        return fail(bad_request("the name of the object does not match the name on the URL (" + request.path.name + ")"));
    }
    return update_to(request, *live, std::move(*decoded), false);
}

ApiResult<Written> ObjectWriter::apply(const WriteRequest& request, const ObjectPtr& live, Json config) {
    const ResourceType& type = *request.path.type;
    const std::string& name = request.path.name;
    auto decoded = decode(type, std::move(config));
    if (!decoded) return fail(decoded.error());
    if (find(*decoded, {"metadata", "managedFields"})) return fail(bad_request("metadata.managedFields must be nil"));
    const std::string config_name = name_of(*decoded);
    if (!config_name.empty() && config_name != name) {
        return fail(bad_request("the name of the object (" + config_name.substr(0, 260) + ") does not match the name on the URL (" + name + ")"));
    }
    if (type.namespaced && text(*decoded, {"metadata", "namespace"}, request.path.ns) != request.path.ns) {
        return fail(bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    if (request.path.subresource != "status" && type.has_status) decoded->erase("status");
    const std::string asked_version = text(*decoded, {"metadata", "resourceVersion"});
    const std::string asked_uid = uid_of(*decoded);
    for (const char* field : kServerMetadata) (*decoded)["metadata"].erase(field);
    (*decoded)["metadata"].erase("resourceVersion");
    if (!live && (!asked_version.empty() || request.path.subresource == "status")) return fail(not_found(type, name));
    if (type.is("secrets")) apply_defaults(type, *decoded);  // stringData is data by the time fields are compared

    const FieldWriter writer{request.manager, type.api_version(), now(), request.path.subresource};
    auto applied = apply_configuration(type_of(type), live.get(), std::move(*decoded), writer, request.force);
    if (!applied) return fail(from_apply(applied.error(), type, name));
    if (!live) {
        member(*applied, {"metadata"})["name"] = name;
        return create_decoded(request, std::move(*applied), true);
    }
    Json& metadata = member(*applied, {"metadata"});
    if (!asked_version.empty()) metadata["resourceVersion"] = asked_version;
    if (!asked_uid.empty()) metadata["uid"] = asked_uid;
    return update_to(request, *live, std::move(*applied), true);
}

Json ObjectWriter::scale_of(const ResourceType& type, const Json& workload) {
    Json metadata = Json::object();
    for (const char* name : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
        if (const Json* value = find(workload, {"metadata", name})) metadata[name] = *value;
    }
    std::string selector;
    std::int64_t wanted = integer(workload, {"spec", "replicas"});
    std::int64_t present = integer(workload, {"status", "replicas"});
    if (type.custom) {
        wanted = whole_number(at(workload, type.custom->scale.spec_replicas));
        present = whole_number(at(workload, type.custom->scale.status_replicas));
        selector = view(at(workload, type.custom->scale.label_selector));
    } else if (const Json* object = find(workload, {"spec", "selector"})) {
        if (const auto parsed = LabelSelector::from_object(*object)) selector = parsed->to_string();
    }
    return Json{{"kind", "Scale"},
                {"apiVersion", "autoscaling/v1"},
                {"metadata", std::move(metadata)},
                {"spec", {{"replicas", wanted}}},
                {"status", {{"replicas", present}, {"selector", selector}}}};
}

ApiResult<Written> ObjectWriter::replace_scale(const WriteRequest& request, const Json& live, const Json& scale) {
    const ResourceType& type = *request.path.type;
    const std::string kind = text(scale, {"kind"}, "Scale");
    if (!scale.is_object() || kind != "Scale") return fail(bad_request("the body is not a Scale"));
    if (auto wrong = schema_.check(schema_.kind("Scale"), scale)) return fail(bad_request("Scale in version \"v1\" cannot be handled as a Scale: json: " + *wrong));
    static constexpr ResourceType kScale{"autoscaling", "v1", "scales", "scale", "Scale", ""};
    Causes causes;
    const std::string name = text(scale, {"metadata", "name"}, request.path.name);
    if (name != request.path.name) causes.invalid("metadata.name", name, "must match the name on the URL");
    validate_range(map(scale, {"spec"}), "replicas", "spec", 0, kMaxReplicas, causes);
    if (!causes.empty()) return fail(invalid(kScale, request.path.name, causes));
    Json next = live;
    Json* replicas = type.custom ? &next : &member(next, {"spec"})["replicas"];
    if (type.custom) {
        for (const auto& step : type.custom->scale.spec_replicas) {
            if (!replicas->is_object()) *replicas = Json::object();
            replicas = &(*replicas)[step];
        }
    }
    *replicas = integer(scale, {"spec", "replicas"});
    next["metadata"]["resourceVersion"] = text(scale, {"metadata", "resourceVersion"});
    next["metadata"]["uid"] = text(scale, {"metadata", "uid"});
    return update_to(request, live, std::move(next), false);
}

}  // namespace kube::api
