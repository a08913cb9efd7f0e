// NodeFind: the nodes that fit what is typed into the find bar of the canvas, and which of them is shown. Pure.
//
//   find.query = "failed deployment";
//   find.update(graph);                          // every frame: does nothing while neither has changed
//   if (auto node = find.step(1)) show(*node);   // Enter; around at the ends
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.hpp"

namespace ui {

// Every word of `query` is somewhere in the node's name, kind or state, whatever the case. An empty query fits nothing.
[[nodiscard]] bool node_fits(const model::Graph& graph, model::NodeIndex node, std::string_view query);

struct NodeFind {
    bool open = false;
    bool focus_wanted = false;
    std::string query;
    std::vector<model::NodeIndex> hits;  // top to bottom, left to right
    int current = -1;                    // of hits; -1: none shown yet

    void update(const model::Graph& graph);
    std::optional<model::NodeIndex> step(int direction);
    // "2 of 5", "5 found", "Nothing found"; "" without a query.
    [[nodiscard]] std::string words() const;

private:
    std::string searched_;
    std::uint64_t document_ = 0, status_ = 0, epoch_ = 0;
};

}  // namespace ui
