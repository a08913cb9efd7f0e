#include "model/browse_preferences.hpp"

#include <catch2/catch_test_macros.hpp>

#include "feeds_rig.hpp"

using namespace model;
using namespace model::testing;

TEST_CASE("view mode and filters of the resources, and folders of the sidebar, survive a reload [P22]") {
    state::MemoryStorage storage;
    {
        FeedsRig rig(storage);
        BrowsePreferences browse(rig.context);
        CHECK(browse.resources().view_mode == ResourceViewMode::list);
        CHECK(browse.resources().filters.hide_system);
        browse.set_view_mode(ResourceViewMode::cards);
        browse.update_resources([](ResourcePreferences& p) {
            p.filters = {.cluster = "demo", .ns = "shop", .type = "api/v1/pods", .status = "problems", .search = "web", .labels = "app=web", .hide_system = false};
            p.sort = "age";
            p.descending = true;
        });
        browse.set_folder_open("workflows/draft", false);
        browse.set_folder_open("workflows/published", false);
        browse.set_folder_open("workflows/published", true);
        rig.persist.flush();
    }
    CHECK(storage.get("binnacle-resources").value()->find("\"viewMode\":\"cards\"") != std::string::npos);
    CHECK(storage.get("binnacle-sidebar").value()->find("\"folderState\":{\"workflows/draft\":false}") != std::string::npos);
    FeedsRig rig(storage);
    BrowsePreferences browse(rig.context);
    CHECK(browse.resources().view_mode == ResourceViewMode::cards);
    CHECK(browse.resources().filters == ResourceFilters{.cluster = "demo", .ns = "shop", .type = "api/v1/pods", .status = "problems", .search = "web", .labels = "app=web", .hide_system = false});
    CHECK(browse.resources().sort == "age");
    CHECK(browse.resources().descending);
    CHECK_FALSE(browse.folder_open("workflows/draft"));
    CHECK(browse.folder_open("workflows/published"));
    CHECK(browse.folder_open("unknown"));
}

TEST_CASE("clearing them resets memory and storage, and nothing is written again [P17]") {
    state::MemoryStorage storage;
    FeedsRig rig(storage);
    BrowsePreferences browse(rig.context);
    browse.set_view_mode(ResourceViewMode::cards);
    browse.set_folder_open("a", false);
    rig.persist.flush();
    browse.clear_resources_state();
    browse.clear_sidebar_state();
    rig.persist.flush();
    CHECK(browse.resources() == ResourcePreferences{});
    CHECK(browse.sidebar() == SidebarState{});
    CHECK_FALSE(storage.get("binnacle-resources").value().has_value());
    CHECK_FALSE(storage.get("binnacle-sidebar").value().has_value());
}

TEST_CASE("what is stored wrongly falls back to the defaults, field by field [P19]") {
    state::MemoryStorage storage;
    REQUIRE(storage.set("binnacle-resources", R"({"state":{"viewMode":7,"filters":{"cluster":[],"search":"web"}},"version":1})"));
    REQUIRE(storage.set("binnacle-sidebar", R"({"state":{"folderState":{"a":"x","b":false}},"version":1})"));
    FeedsRig rig(storage);
    BrowsePreferences browse(rig.context);
    CHECK(browse.resources().view_mode == ResourceViewMode::list);
    CHECK(browse.resources().filters.search == "web");
    CHECK(browse.folder_open("a"));
    CHECK_FALSE(browse.folder_open("b"));
}
