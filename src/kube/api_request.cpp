#include "kube/api_request.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "kube/api_json.hpp"

namespace kube::api {
namespace {

constexpr std::size_t kMaxBodyDepth = 48;  // kinds of Kubernetes nest less than half as deep

std::string parameter(const std::vector<std::string_view>& parts, std::string_view name) {
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto halves = base::split_once(base::trim(parts[i]), '=');
        if (halves && base::equals_ascii_case(base::trim(halves->before), name)) return std::string(base::trim(halves->after));
    }
    return {};
}

}  // namespace

void erase_nulls(Json& value) {
    if (value.is_object()) {
        std::erase_if(value.get_ref<Json::object_t&>(), [](const auto& entry) { return entry.second.is_null(); });
    } else if (value.is_array()) {
        std::erase_if(value.get_ref<Json::array_t&>(), [](const Json& item) { return item.is_null(); });
    }
    if (!value.is_structured()) return;
    for (Json& below : value) erase_nulls(below);
}

ApiResult<ResourcePath> parse_resource_path(const std::vector<std::string>& segments, const ResourceCatalogue& kinds) {
    std::size_t at = 0;
    std::string_view group;
    std::string_view version;
    if (segments.size() >= 3 && segments[0] == "api") {
        version = segments[1];
        at = 2;
    } else if (segments.size() >= 4 && segments[0] == "apis") {
        group = segments[1];
        version = segments[2];
        at = 3;
    } else {
        return fail(unknown_path());
    }
    ResourcePath path;
    const auto left = [&] { return segments.size() - at; };
    // /namespaces/x/status and /finalize are about the namespace itself.
    const bool inside_namespace =
        segments[at] == "namespaces" && left() >= 3 && segments[at + 2] != "status" && segments[at + 2] != "finalize";
    if (inside_namespace) {
        path.ns = segments[at + 1];
        at += 2;
    }
    path.type = kinds.find(group, version, segments[at]);
    if (path.type) path.custom = kinds.hold(*path.type);
    if (!path.type || left() > 3 || path.type->namespaced < inside_namespace) return fail(unknown_path());
    if (left() >= 2) path.name = segments[at + 1];
    if (left() >= 3) path.subresource = segments[at + 2];
    if (path.type->namespaced && path.ns.empty() && !path.name.empty()) return fail(unknown_path());
    return path;
}

ApiResult<AnswerForm> parse_accept(std::string_view accept) {
    if (base::trim(accept).empty()) return AnswerForm{};
    for (const auto clause : base::split(accept, ',')) {
        const auto parts = base::split(clause, ';');
        const std::string type = base::to_ascii_lower(base::trim(parts.front()));
        if (type != "application/json" && type != "application/*" && type != "*/*") continue;
        AnswerForm form;
        const std::string as = parameter(parts, "as");
        if (as.empty()) return form;
        const std::string version = parameter(parts, "v");
        if (parameter(parts, "g") != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) continue;
        form.version = version;
        if (as == "Table") {
            form.shape = AnswerShape::table;
        } else if (as == "PartialObjectMetadata" || as == "PartialObjectMetadataList") {
            form.shape = AnswerShape::metadata;
        } else {
            continue;
        }
        return form;
    }
    return fail(not_acceptable("application/json, application/json;as=Table;g=meta.k8s.io;v=v1, "
                               "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"));
}

ApiResult<Selection> parse_selection(const base::Query& query, const ResourceType& type, std::string_view name) {
    Selection selection;
    auto labels = LabelSelector::parse(query.get("labelSelector"));
    if (!labels) return fail(bad_request("unable to parse requirement: " + labels.error().message));
    auto fields = FieldSelector::parse(query.get("fieldSelector"), type);
    if (!fields) return fail(bad_request(fields.error().message));
    selection.labels = std::move(*labels);
    selection.fields = std::move(*fields);
    if (!name.empty()) {
        auto by_name = FieldSelector::parse("metadata.name=" + std::string(name), type);
        if (!by_name) return fail(bad_request(by_name.error().message));
        selection.fields = std::move(*by_name);
    }
    return selection;
}

ApiResult<IncludeObject> parse_include_object(const base::Query& query) {
    const auto value = query.get("includeObject");
    if (value.empty() || value == "Metadata") return IncludeObject::metadata;
    if (value == "Object") return IncludeObject::object;
    if (value == "None") return IncludeObject::none;
    return fail(bad_request("unrecognized includeObject value: " + dump(value)));
}

ApiResult<std::optional<std::int64_t>> parse_count(const base::Query& query, std::string_view name) {
    const auto value = query.get(name);
    if (value.empty()) return std::nullopt;
    const auto number = base::parse_integer<std::int64_t>(value);
    if (!number || *number < 0) {
        return fail(bad_request("invalid value for " + std::string(name) + ": " + dump(value.substr(0, 80)) + " is not a non-negative integer"));
    }
    return number;
}

ApiResult<bool> parse_flag(const base::Query& query, std::string_view name) {
    if (!query.has(name)) return false;
    const std::string value = base::to_ascii_lower(query.get(name));
    if (value.empty() || value == "1" || value == "t" || value == "true") return true;
    if (value == "0" || value == "f" || value == "false") return false;
    return fail(bad_request("invalid value for " + std::string(name) + ": " + dump(value.substr(0, 80)) + " is not true or false"));
}

ApiResult<std::optional<std::uint64_t>> parse_version(const base::Query& query) {
    const auto value = query.get("resourceVersion");
    if (value.empty()) return std::nullopt;
    const auto number = base::parse_integer<std::uint64_t>(value);
    if (!number) return fail(bad_request("resourceVersion: Invalid value: " + dump(value.substr(0, 80)) + ": not a resource version of this server"));
    return number;
}

std::string media_type(std::string_view content_type) {
    return base::to_ascii_lower(base::trim(content_type.substr(0, content_type.find(';'))));
}

ApiResult<Json> parse_body(std::string_view body) {
    auto json = base::parse_json(body, {.max_bytes = body.size(), .max_depth = kMaxBodyDepth});
    if (!json) return fail(bad_request("the object provided is unrecognized: couldn't parse the body as JSON: " + json.error().message));
    return std::move(*json);
}

}  // namespace kube::api
