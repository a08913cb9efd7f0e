// ApiError: what the API server answers when it cannot do as asked, always as a metav1.Status. Messages are worded as
// kube-apiserver words them, since kubectl prints them and people search for them.
//
//   return fail(not_found(type, "web"));            // 404 NotFound: deployments.apps "web" not found
//
//   Causes causes;
//   causes.required("spec.containers");
//   return fail(invalid(type, "web", causes));      // 422 Invalid: Pod "web" is invalid: spec.containers: Required value
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "kube/object_store.hpp"
#include "kube/resource_types.hpp"

namespace kube::api {

struct ApiError {
    int code = 500;
    std::string reason;  // metav1.StatusReason
    std::string message;
    Json details = nullptr;  // metav1.StatusDetails, or null
};

template <class T>
using ApiResult = std::expected<T, ApiError>;

[[nodiscard]] inline std::unexpected<ApiError> fail(ApiError error) { return std::unexpected<ApiError>(std::move(error)); }

[[nodiscard]] Json to_status(const ApiError& error);

// The field errors of one object (field.ErrorList), in order.
class Causes {
public:
    void required(std::string field, std::string detail = {});
    void invalid(std::string field, const Json& value, std::string detail);
    void not_supported(std::string field, const Json& value, std::string supported);
    void duplicate(std::string field, const Json& value);
    void forbidden(std::string field, std::string detail);
    void too_long(std::string field, std::string detail);
    [[nodiscard]] bool empty() const { return list_.empty(); }

    struct Cause {
        std::string reason;
        std::string field;
        std::string message;
    };
    [[nodiscard]] const std::vector<Cause>& list() const { return list_; }

private:
    void add(std::string reason, std::string field, std::string message);
    std::vector<Cause> list_;
};

[[nodiscard]] ApiError bad_request(std::string message);
[[nodiscard]] ApiError not_found(const ResourceType& type, std::string_view name);
[[nodiscard]] ApiError unknown_path();
[[nodiscard]] ApiError already_exists(const ResourceType& type, std::string_view name);
// `why` ends the sentence "Operation cannot be fulfilled on pods "x": ...".
[[nodiscard]] ApiError conflict(const ResourceType& type, std::string_view name, std::string_view why);
[[nodiscard]] ApiError modified_meanwhile(const ResourceType& type, std::string_view name);
[[nodiscard]] ApiError forbidden(const ResourceType& type, std::string_view name, std::string_view why);
[[nodiscard]] ApiError invalid(const ResourceType& type, std::string_view name, const Causes& causes);
[[nodiscard]] ApiError method_not_allowed();
[[nodiscard]] ApiError unsupported_media(std::string_view accepted);
[[nodiscard]] ApiError not_acceptable(std::string_view offered);
[[nodiscard]] ApiError expired(std::string message);  // 410
[[nodiscard]] ApiError too_large_version(std::uint64_t asked, std::uint64_t current);  // 504, cause ResourceVersionTooLarge
[[nodiscard]] ApiError too_large_body(std::size_t limit_bytes);
[[nodiscard]] ApiError internal_error(std::string message);

// "deployments.apps", "pods": how errors name a resource.
[[nodiscard]] std::string qualified(const ResourceType& type);

}  // namespace kube::api
