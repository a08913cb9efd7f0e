// YAML and kubeconfigs: any bytes give a document within the limits or an error with a message, and a context that is chosen has a server.
#include <cstddef>
#include <cstdint>
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "hub/kubeconfig.hpp"
#include "hub/yaml.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::size_t depth_of(const base::Json& json) {
    std::size_t deepest = 0;
    if (json.is_structured()) {
        for (const base::Json& child : json) deepest = std::max(deepest, depth_of(child) + 1);
    }
    return deepest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto json = hub::parse_yaml(text);
    if (json) {
        require(depth_of(*json) <= 64);
        // What was read can be written and read again.
        require(base::parse_json(base::dump_json(*json), {.max_bytes = std::size_t{64} * 1024 * 1024, .max_depth = 65}).has_value());
    } else {
        require(!json.error().message.empty());
    }
    const auto config = hub::read_kubeconfig(text);
    if (!config) {
        require(!config.error().message.empty());
        return 0;
    }
    require(!config->contexts.empty());
    for (const auto& context : config->contexts) {
        const auto chosen = hub::choose_context(*config, context.name);
        require(chosen ? !chosen->access.server.empty() : !chosen.error().message.empty());
    }
    return 0;
}
