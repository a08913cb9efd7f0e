// The two halves of the plugins' data, for plugin_data_more.cpp, which puts them together.
#pragma once

#include "hub/plugin_catalogue.hpp"

namespace hub::plugin_data {

[[nodiscard]] std::span<const Plugin> first_half();

}  // namespace hub::plugin_data
