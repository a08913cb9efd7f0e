// The clipboard: any bytes are a clipping that can be pasted twice, or an error with a message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/graph/clipping.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto clipping = model::read_clipping(text);
    if (!clipping) {
        require(!clipping.error().message.empty());
        return 0;
    }
    model::Graph graph;
    const std::size_t count = clipping->graph.node_count();
    for (std::size_t times = 1; times <= 2; ++times) {
        require(graph.apply(model::paste_of(graph, *clipping, {30, 30})).has_value());
        require(graph.node_count() == times * count);
    }
    return 0;
}
