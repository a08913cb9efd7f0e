// The log endpoint: reads PodLogOptions, finds the container and says in kubelet's words why there is no log (yet).
//
//   auto options = parse_log_request(*pod, query);
//   if (options) logs.open(key, *options, writer);
#pragma once

#include "kube/api_error.hpp"
#include "kube/api_request.hpp"
#include "kube/log_source.hpp"

namespace kube::api {

[[nodiscard]] ApiResult<LogOptions> parse_log_request(const Json& pod, const base::Query& query);

}  // namespace kube::api
