// The developer panel in the dock: what happened to the stores, what the query cache holds, the streams, the storage. Everything it
// shows is free of secrets and can be copied as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "ui/ui_context.hpp"
#include "ui/views/layout.hpp"

namespace ui {

struct DeveloperState {
    std::string tab = "actions";   // actions, queries, streams, storage
    std::string filter;
    std::uint64_t open_entry = 0;  // number of the trace entry that shows all its changes; 0: none
};

void draw_developer(UiContext& ctx, DeveloperState& state, const Box& box);

}  // namespace ui
