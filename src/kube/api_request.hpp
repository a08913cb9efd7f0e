// A request of the Kubernetes API, taken apart: what it is about, in which form the answer is wanted.
//
//   auto path = parse_resource_path(target.segments, kinds);   // of "/apis/apps/v1/namespaces/default/deployments/web/scale"
//   path->type->kind    // "Deployment"
//   path->subresource   // "scale"
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/url.hpp"
#include "kube/api_error.hpp"
#include "kube/custom_resources.hpp"
#include "kube/selectors.hpp"
#include "kube/table.hpp"
#include "net/http.hpp"

namespace kube::api {

// Where a path below /api/v1 or /apis/<group>/<version> leads.
struct ResourcePath {
    const ResourceType* type = nullptr;
    std::shared_ptr<const CustomKind> custom = {};  // keeps `type` alive when it is a custom one
    std::string ns;           // empty: cluster-scoped, or all namespaces
    std::string name;         // empty: the collection
    std::string subresource;  // empty: the object itself
};

// unknown_path for what is not served.
[[nodiscard]] ApiResult<ResourcePath> parse_resource_path(const std::vector<std::string>& segments, const ResourceCatalogue& kinds);

enum class AnswerShape { object, table, metadata };

// The first form of the Accept header that the server can answer in; 406 when there is none.
struct AnswerForm {
    AnswerShape shape = AnswerShape::object;
    std::string version = "v1";  // of meta.k8s.io for tables and metadata: "v1" or "v1beta1"
};
[[nodiscard]] ApiResult<AnswerForm> parse_accept(std::string_view accept);

// The selectors of list, watch and deletecollection.
struct Selection {
    LabelSelector labels;
    FieldSelector fields;
    [[nodiscard]] bool matches(const Json& object) const { return labels.matches(object) && fields.matches(object); }
    [[nodiscard]] bool empty() const { return labels.empty() && fields.empty(); }
};
[[nodiscard]] ApiResult<Selection> parse_selection(const base::Query& query, const ResourceType& type, std::string_view name = {});

[[nodiscard]] ApiResult<IncludeObject> parse_include_object(const base::Query& query);

// A non-negative integer; nullopt when the parameter is missing or empty, 400 when it is something else.
[[nodiscard]] ApiResult<std::optional<std::int64_t>> parse_count(const base::Query& query, std::string_view name);
// true, false, 1, 0, t, f, ...; missing is false and "?watch" true, as Go's ParseBool in url decoding; 400 for anything else.
[[nodiscard]] ApiResult<bool> parse_flag(const base::Query& query, std::string_view name);
// resourceVersion; nullopt when missing or empty.
[[nodiscard]] ApiResult<std::optional<std::uint64_t>> parse_version(const base::Query& query);

// The media type without parameters, lower case.
[[nodiscard]] std::string media_type(std::string_view content_type);

// A JSON body within limits.
[[nodiscard]] ApiResult<Json> parse_body(std::string_view body);
// Members and items that are null vanish, as they do in Go's decoder.
void erase_nulls(Json& value);

}  // namespace kube::api
