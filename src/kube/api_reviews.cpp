#include "kube/api_reviews.hpp"

#include "kube/api_json.hpp"

namespace kube::api {
namespace {

constexpr std::string_view kAccess = "selfsubjectaccessreviews";
constexpr std::string_view kRules = "selfsubjectrulesreviews";
constexpr std::string_view kSelf = "selfsubjectreviews";

Json star() { return Json::array({"*"}); }

}  // namespace

bool is_review_path(const std::vector<std::string>& segments) {
    if (segments.size() != 4 || segments[0] != "apis" || segments[2] != "v1") return false;
    if (segments[1] == "authorization.k8s.io") return segments[3] == kAccess || segments[3] == kRules;
    return segments[1] == "authentication.k8s.io" && segments[3] == kSelf;
}

ApiResult<Json> answer_review(std::string_view plural, Json review) {
    if (!review.is_object()) return fail(bad_request("the review is not an object"));
    if (plural == kAccess) {
        const Json& spec = map(review, {"spec"});
        if (!child(spec, "resourceAttributes") && !child(spec, "nonResourceAttributes")) {
            return fail(bad_request("spec: one of resourceAttributes and nonResourceAttributes is required"));
        }
        review["status"] = Json{{"allowed", true}, {"reason", "everything is allowed in this cluster"}};
    } else if (plural == kRules) {
        review["status"] = Json{
            {"incomplete", false},
            {"resourceRules", Json::array({Json{{"verbs", star()}, {"apiGroups", star()}, {"resources", star()}}})},
            {"nonResourceRules", Json::array({Json{{"verbs", star()}, {"nonResourceURLs", star()}}})}};
    } else {
        review["status"] = Json{{"userInfo", {{"username", "local-admin"}, {"groups", Json::array({"system:masters", "system:authenticated"})}}}};
    }
    return review;
}

}  // namespace kube::api
