#include "kube/api_error.hpp"

#include "kube/api_json.hpp"

namespace kube::api {
namespace {

Json details_of(const ResourceType& type, std::string_view name, std::string_view kind) {
    Json details = Json::object();
    if (!name.empty()) details["name"] = name;
    if (!type.group.empty()) details["group"] = type.group;
    details["kind"] = kind;
    return details;
}

std::string quoted_name(const ResourceType& type, std::string_view name) {
    return qualified(type) + " \"" + std::string(name) + "\"";
}

}  // namespace

std::string qualified(const ResourceType& type) {
    std::string out(type.plural);
    if (!type.group.empty()) {
        out += '.';
        out += type.group;
    }
    return out;
}

Json to_status(const ApiError& error) {
    Json status{{"kind", "Status"},         {"apiVersion", "v1"},       {"metadata", Json::object()}, {"status", "Failure"},
                {"message", error.message}, {"reason", error.reason}, {"code", error.code}};
    if (!error.details.is_null()) status["details"] = error.details;
    return status;
}

void Causes::add(std::string reason, std::string field, std::string message) {
    if (list_.size() >= 100) return;  // enough to act on; a hostile object may have a million
    list_.push_back({std::move(reason), std::move(field), std::move(message)});
}

void Causes::required(std::string field, std::string detail) {
    add("FieldValueRequired", std::move(field), detail.empty() ? "Required value" : "Required value: " + detail);
}

void Causes::invalid(std::string field, const Json& value, std::string detail) {
    add("FieldValueInvalid", std::move(field), "Invalid value: " + dump(value).substr(0, 200) + ": " + detail);
}

void Causes::not_supported(std::string field, const Json& value, std::string supported) {
    add("FieldValueNotSupported", std::move(field),
        "Unsupported value: " + dump(value).substr(0, 200) + ": supported values: " + supported);
}

void Causes::duplicate(std::string field, const Json& value) {
    add("FieldValueDuplicate", std::move(field), "Duplicate value: " + dump(value).substr(0, 200));
}

void Causes::forbidden(std::string field, std::string detail) {
    add("FieldValueForbidden", std::move(field), "Forbidden: " + detail);
}

void Causes::too_long(std::string field, std::string detail) {
    add("FieldValueTooLong", std::move(field), "Too long: " + detail);
}

ApiError bad_request(std::string message) { return {400, "BadRequest", std::move(message), nullptr}; }

ApiError not_found(const ResourceType& type, std::string_view name) {
    return {404, "NotFound", quoted_name(type, name) + " not found", details_of(type, name, type.plural)};
}

ApiError unknown_path() { return {404, "NotFound", "the server could not find the requested resource", Json::object()}; }

ApiError already_exists(const ResourceType& type, std::string_view name) {
    return {409, "AlreadyExists", quoted_name(type, name) + " already exists", details_of(type, name, type.plural)};
}

ApiError conflict(const ResourceType& type, std::string_view name, std::string_view why) {
    return {409, "Conflict", "Operation cannot be fulfilled on " + quoted_name(type, name) + ": " + std::string(why),
            details_of(type, name, type.plural)};
}

ApiError modified_meanwhile(const ResourceType& type, std::string_view name) {
    return conflict(type, name, "the object has been modified; please apply your changes to the latest version and try again");
}

ApiError forbidden(const ResourceType& type, std::string_view name, std::string_view why) {
    return {403, "Forbidden", quoted_name(type, name) + " is forbidden: " + std::string(why), details_of(type, name, type.plural)};
}

ApiError invalid(const ResourceType& type, std::string_view name, const Causes& causes) {
    Json list = Json::array();
    std::string all;
    for (const auto& cause : causes.list()) {
        list.push_back(Json{{"reason", cause.reason}, {"message", cause.message}, {"field", cause.field}});
        if (!all.empty()) all += ", ";
        all += cause.field + ": " + cause.message;
    }
    if (causes.list().size() > 1) all = "[" + all + "]";
    std::string subject(type.kind);
    if (!type.group.empty()) {
        subject += '.';
        subject += type.group;
    }
    Json details = details_of(type, name, type.kind);
    details["causes"] = std::move(list);
    return {422, "Invalid", subject + " \"" + std::string(name) + "\" is invalid: " + all, std::move(details)};
}

ApiError method_not_allowed() {
    return {405, "MethodNotAllowed", "the server does not allow this method on the requested resource", Json::object()};
}

ApiError unsupported_media(std::string_view accepted) {
    return {415, "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: " + std::string(accepted), nullptr};
}

ApiError not_acceptable(std::string_view offered) {
    return {406, "NotAcceptable", "only the following media types are accepted: " + std::string(offered), nullptr};
}

ApiError expired(std::string message) { return {410, "Expired", std::move(message), nullptr}; }

ApiError too_large_version(std::uint64_t asked, std::uint64_t current) {
    const std::string message =
        "Timeout: Too large resource version: " + std::to_string(asked) + ", current: " + std::to_string(current);
    return {504, "Timeout", message,
            Json{{"causes", {{{"reason", "ResourceVersionTooLarge"}, {"message", "Too large resource version"}}}},
                 {"retryAfterSeconds", 1}}};
}

ApiError too_large_body(std::size_t limit_bytes) {
    return {413, "RequestEntityTooLarge", "Request entity too large: limit is " + std::to_string(limit_bytes), nullptr};
}

ApiError internal_error(std::string message) {
    return {500, "InternalError", "Internal error occurred: " + std::move(message), nullptr};
}

}  // namespace kube::api
