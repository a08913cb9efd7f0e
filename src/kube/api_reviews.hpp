// Review kinds: answered, never stored. The in-memory cluster has one user, who may do everything.
//
//   POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews -> status.allowed = true
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/api_error.hpp"

namespace kube::api {

[[nodiscard]] bool is_review_path(const std::vector<std::string>& segments);
// `plural` is the last segment of such a path; the answer is `review` with its status.
[[nodiscard]] ApiResult<Json> answer_review(std::string_view plural, Json review);

}  // namespace kube::api
