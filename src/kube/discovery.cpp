#include "kube/discovery.hpp"

#include <array>
#include <vector>

#include "base/text.hpp"
#include "kube/resource_types.hpp"

namespace kube::api {
namespace {

struct GroupVersion {
    std::string_view group;
    std::string_view version;
};

// Review kinds are answered, not stored.
struct Review {
    std::string_view group;
    std::string_view plural;
    std::string_view kind;
};
constexpr auto kReviews = std::to_array<Review>({
    {"authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"},
    {"authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"},
    {"authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"},
});

std::vector<GroupVersion> groups() {
    std::vector<GroupVersion> found;
    const auto add = [&](std::string_view group, std::string_view version) {
        if (group.empty()) return;
        for (const auto& known : found) {
            if (known.group == group) return;
        }
        found.push_back({group, version});
    };
    for (const auto& type : resource_types()) add(type.group, type.version);
    for (const auto& review : kReviews) add(review.group, "v1");
    return found;
}

Json group_json(const GroupVersion& group) {
    const Json version{{"groupVersion", std::string(group.group) + "/" + std::string(group.version)}, {"version", group.version}};
    return Json{{"name", group.group}, {"versions", Json::array({version})}, {"preferredVersion", version}};
}

Json subresource(const ResourceType& type, std::string_view name, std::string_view kind, Json verbs) {
    return Json{{"name", std::string(type.plural) + "/" + std::string(name)},
                {"singularName", ""},
                {"namespaced", type.namespaced},
                {"kind", kind},
                {"verbs", std::move(verbs)}};
}

void add_resource(const ResourceType& type, Json& resources) {
    Json resource{{"name", type.plural},
                  {"singularName", type.singular},
                  {"namespaced", type.namespaced},
                  {"kind", type.kind},
                  {"verbs", {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}}};
    if (type.is("namespaces")) resource["verbs"] = {"create", "delete", "get", "list", "patch", "update", "watch"};
    if (!type.short_names.empty()) {
        Json names = Json::array();
        for (const auto name : base::split(type.short_names, ' ')) names.push_back(name);
        resource["shortNames"] = std::move(names);
    }
    if (type.in_all) resource["categories"] = Json::array({"all"});
    resources.push_back(std::move(resource));
    const Json edit = {"get", "patch", "update"};
    if (type.has_status) resources.push_back(subresource(type, "status", type.kind, edit));
    if (type.has_scale) {
        Json scale = subresource(type, "scale", "Scale", edit);
        scale["group"] = "autoscaling";
        scale["version"] = "v1";
        resources.push_back(std::move(scale));
    }
    if (type.is("namespaces")) resources.push_back(subresource(type, "finalize", "Namespace", Json::array({"update"})));
    if (type.is("pods")) {
        resources.push_back(subresource(type, "binding", "Binding", Json::array({"create"})));
        Json eviction = subresource(type, "eviction", "Eviction", Json::array({"create"}));
        eviction["group"] = "policy";
        eviction["version"] = "v1";
        resources.push_back(std::move(eviction));
        resources.push_back(subresource(type, "log", "Pod", Json::array({"get"})));
    }
}

}  // namespace

Json api_versions() {
    return Json{{"kind", "APIVersions"}, {"versions", {"v1"}}, {"serverAddressByClientCIDRs", Json::array()}};
}

Json api_group_list() {
    Json list = Json::array();
    for (const auto& group : groups()) list.push_back(group_json(group));
    return Json{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}};
}

std::optional<Json> api_group(std::string_view name) {
    for (const auto& group : groups()) {
        if (group.group != name) continue;
        Json json = group_json(group);
        json["kind"] = "APIGroup";
        json["apiVersion"] = "v1";
        return json;
    }
    return std::nullopt;
}

std::optional<Json> api_resource_list(std::string_view group, std::string_view version) {
    Json resources = Json::array();
    for (const auto& type : resource_types()) {
        if (type.group == group && type.version == version) add_resource(type, resources);
    }
    for (const auto& review : kReviews) {
        if (review.group != group || version != "v1") continue;
        resources.push_back(Json{{"name", review.plural}, {"singularName", ""}, {"namespaced", false}, {"kind", review.kind}, {"verbs", {"create"}}});
    }
    if (resources.empty()) return std::nullopt;
    const std::string name = group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
    return Json{{"kind", "APIResourceList"}, {"apiVersion", "v1"}, {"groupVersion", name}, {"resources", std::move(resources)}};
}

Json version_info() {
    return Json{{"major", "1"},
                {"minor", "31"},
                {"gitVersion", "v1.31.0-binnacle"},
                {"gitCommit", ""},
                {"gitTreeState", "clean"},
                {"buildDate", "1970-01-01T00:00:00Z"},
                {"goVersion", ""},
                {"compiler", "c++"},
                {"platform", "in-memory/any"}};
}

}  // namespace kube::api
