#include "kube/discovery.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace kube::api {
namespace {

struct Group {
    std::string_view name;
    std::vector<std::string_view> versions;  // the preferred one first
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

// "v2" before "v1" before "v1beta2" before "v1alpha1", anything else last by name: the order kube-apiserver prefers versions in.
using VersionRank = std::tuple<int, int, int>;
VersionRank rank_of(std::string_view version) {
    constexpr VersionRank kUnknown{3, 0, 0};
    if (!version.starts_with('v')) return kUnknown;
    const auto stage_at = version.find_first_not_of("0123456789", 1);
    const auto major = base::parse_integer<int>(version.substr(1, stage_at == std::string_view::npos ? stage_at : stage_at - 1));
    if (!major) return kUnknown;
    if (stage_at == std::string_view::npos) return {0, -*major, 0};
    const std::string_view stage = version.substr(stage_at);
    for (const auto& [word, rank] : {std::pair{std::string_view("beta"), 1}, std::pair{std::string_view("alpha"), 2}}) {
        if (!stage.starts_with(word)) continue;
        const auto minor = stage == word ? 0 : base::parse_integer<int>(stage.substr(word.size()));
        if (minor) return {rank, -*major, -*minor};
    }
    return kUnknown;
}

std::vector<Group> groups(const ResourceCatalogue& kinds) {
    std::vector<Group> found;
    const auto add = [&](std::string_view name, std::string_view version) {
        if (name.empty()) return;
        auto group = std::find_if(found.begin(), found.end(), [&](const Group& known) { return known.name == name; });
        if (group == found.end()) group = found.insert(found.end(), Group{name, {}});
        auto& versions = group->versions;
        if (std::find(versions.begin(), versions.end(), version) == versions.end()) versions.push_back(version);
    };
    for (const ResourceType* type : kinds.all()) add(type->group, type->version);
    for (const auto& review : kReviews) add(review.group, "v1");
    for (Group& group : found) {
        std::stable_sort(group.versions.begin(), group.versions.end(), [](auto a, auto b) { return rank_of(a) < rank_of(b); });
    }
    return found;
}

Json group_json(const Group& group) {
    Json versions = Json::array();
    for (const auto version : group.versions) {
        versions.push_back(Json{{"groupVersion", std::string(group.name) + "/" + std::string(version)}, {"version", version}});
    }
    const Json preferred = versions.front();
    return Json{{"name", group.name}, {"versions", std::move(versions)}, {"preferredVersion", preferred}};
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
    if (type.custom && !type.custom->categories.empty()) {
        resource["categories"] = type.custom->categories;
    } else if (type.in_all) {
        resource["categories"] = Json::array({"all"});
    }
    if (type.is(kDefinitions)) resource["categories"] = Json::array({"api-extensions"});
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

Json api_group_list(const ResourceCatalogue& kinds) {
    Json list = Json::array();
    for (const auto& group : groups(kinds)) list.push_back(group_json(group));
    return Json{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}};
}

std::optional<Json> api_group(const ResourceCatalogue& kinds, std::string_view name) {
    for (const auto& group : groups(kinds)) {
        if (group.name != name) continue;
        Json json = group_json(group);
        json["kind"] = "APIGroup";
        json["apiVersion"] = "v1";
        return json;
    }
    return std::nullopt;
}

std::optional<Json> api_resource_list(const ResourceCatalogue& kinds, std::string_view group, std::string_view version) {
    Json resources = Json::array();
    for (const ResourceType* type : kinds.all()) {
        if (type->group == group && type->version == version) add_resource(*type, resources);
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
