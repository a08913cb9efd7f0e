// How this user looks at lists: the resources view (list or cards, filters) and which folders of the sidebar are open. Kept in this
// browser under "binnacle-resources" and "binnacle-sidebar"; both go with the session.
//
//   preferences.set_view_mode(ResourceViewMode::cards);
//   if (preferences.folder_open("workflows/published")) ...
#pragma once

#include <functional>
#include <map>
#include <string>

#include "model/model_context.hpp"
#include "state/store.hpp"

namespace model {

enum class ResourceViewMode { list, cards };

struct ResourceFilters {
    std::string cluster, ns, type, status, search;
    std::string labels;  // a label selector
    bool hide_system = true;
    friend bool operator==(const ResourceFilters&, const ResourceFilters&) = default;
};

struct ResourcePreferences {
    ResourceViewMode view_mode = ResourceViewMode::list;
    ResourceFilters filters;
    std::string sort;  // "namespace", "age", "status"; empty: by name
    bool descending = false;
    friend bool operator==(const ResourcePreferences&, const ResourcePreferences&) = default;
};

struct SidebarState {
    static constexpr std::size_t kMaxFolders = 200;
    std::map<std::string, bool> folder_state;  // by path; a folder that is not named is open
    friend bool operator==(const SidebarState&, const SidebarState&) = default;
};

class BrowsePreferences {
public:
    explicit BrowsePreferences(ModelContext& context);

    [[nodiscard]] const ResourcePreferences& resources() const { return resources_.get(); }
    [[nodiscard]] const SidebarState& sidebar() const { return sidebar_.get(); }
    [[nodiscard]] bool folder_open(const std::string& path) const;

    void set_view_mode(ResourceViewMode mode);
    void update_resources(const std::function<void(ResourcePreferences&)>& change);
    void set_folder_open(const std::string& path, bool open);
    // Sign-out: back to the defaults, and gone from storage.
    void clear_resources_state();
    void clear_sidebar_state();

private:
    ModelContext& context_;
    state::Store<ResourcePreferences> resources_;
    state::Store<SidebarState> sidebar_;
};

}  // namespace model
