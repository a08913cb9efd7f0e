// The sample workflow "Online shop" (assets/sample-workflows/online-shop.json), embedded at build time. Empty when that file was missing.
#pragma once

#include <string_view>

namespace gateway {

[[nodiscard]] std::string_view sample_workflow_json();

}  // namespace gateway
