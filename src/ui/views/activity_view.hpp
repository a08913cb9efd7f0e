// The Activity page: what has happened, live or looked back on, with filters, a chart of counts, acknowledging and export.
//
// The list is drawn by its visible rows only. What is chosen here (filters, how far back) belongs to this page; the events are model::EventFeed's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/app.hpp"
#include "model/feed_query.hpp"

namespace ui {

class CommandTable;
class Platform;
struct Layout;
struct UiContext;
struct ViewState;

struct ActivityViewState {
    std::string search;
    std::string about = "all";          // a word of model::EventAbout
    std::string resource = "all";       // a name
    std::string least = "low";          // a word of model::EventPriority
    std::string acknowledged = "any";   // any, open, done
    std::string span = "live";          // live, hour, day, week, month
    std::string open_event;             // whose details are shown
    bool focus_search = false;
    // What fits, as of a version of the feed and these filters.
    std::uint64_t seen_version = 0;
    model::EventFilter seen_filter;
    bool seen_any = false;
    std::vector<model::FeedEventPtr> shown;
};

void register_activity_commands(CommandTable& commands, model::App& app, ViewState& views, Platform& platform);
void draw_activity(UiContext& ctx, ViewState& views, const Layout& layout);
// From the root window.
void draw_event_details(UiContext& ctx, ViewState& views);

}  // namespace ui
