#include "model/browse_preferences.hpp"

#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr const char* kResourcesKey = "binnacle-resources";
constexpr const char* kSidebarKey = "binnacle-sidebar";
constexpr std::size_t kMaxFilterBytes = 500;

state::PersistSchema<ResourcePreferences> resources_schema() {
    return {.key = kResourcesKey,
            .version = 1,
            .to_json = [](const ResourcePreferences& s) {
                const ResourceFilters& f = s.filters;
                return Json{{"viewMode", s.view_mode == ResourceViewMode::cards ? "cards" : "list"},
                            {"filters",
                             {{"cluster", f.cluster}, {"namespace", f.ns}, {"type", f.type}, {"status", f.status}, {"search", f.search}, {"labels", f.labels}, {"hideSystem", f.hide_system}}},
                            {"sort", s.sort},
                            {"descending", s.descending}};
            },
            .from_json = [](const Json& json, ResourcePreferences current) {
                wire::JsonErrors errors;
                const wire::JsonReader reader(json, errors);
                current.view_mode = reader.string_or("viewMode", "list") == "cards" ? ResourceViewMode::cards : ResourceViewMode::list;
                if (const auto filters = reader.optional_object("filters")) {
                    const auto word = [&](std::string_view name) {
                        std::string value = filters.string_or(name, "");
                        return value.size() > kMaxFilterBytes ? std::string() : value;
                    };
                    current.filters = {.cluster = word("cluster"), .ns = word("namespace"), .type = word("type"), .status = word("status"),
                                       .search = word("search"), .labels = word("labels"), .hide_system = filters.boolean_or("hideSystem", true)};
                }
                current.sort = reader.string_or("sort", "");
                if (current.sort.size() > kMaxFilterBytes) current.sort.clear();
                current.descending = reader.boolean_or("descending", false);
                return current;
            },
            .migrations = {}};
}

state::PersistSchema<SidebarState> sidebar_schema() {
    return {.key = kSidebarKey,
            .version = 1,
            .to_json = [](const SidebarState& s) { return Json{{"folderState", s.folder_state}}; },
            .from_json = [](const Json& json, SidebarState current) {
                wire::JsonErrors errors;
                current.folder_state.clear();
                if (const auto folders = wire::JsonReader(json, errors).optional_object("folderState")) {
                    for (const std::string_view path : folders.keys()) {
                        if (current.folder_state.size() < SidebarState::kMaxFolders) current.folder_state[std::string(path)] = folders.boolean_or(path, true);
                    }
                }
                return current;
            },
            .migrations = {}};
}

}  // namespace

BrowsePreferences::BrowsePreferences(ModelContext& context) : context_(context) {
    context_.persist.bind(resources_, resources_schema());
    context_.persist.bind(sidebar_, sidebar_schema());
}

bool BrowsePreferences::folder_open(const std::string& path) const {
    const auto found = sidebar().folder_state.find(path);
    return found == sidebar().folder_state.end() || found->second;
}

void BrowsePreferences::set_view_mode(ResourceViewMode mode) {
    resources_.update([mode](ResourcePreferences& s) { s.view_mode = mode; });
    context_.changed(kTopicPages);
}

void BrowsePreferences::update_resources(const std::function<void(ResourcePreferences&)>& change) {
    resources_.update([&](ResourcePreferences& s) { change(s); });
    context_.changed(kTopicPages);
}

void BrowsePreferences::set_folder_open(const std::string& path, bool open) {
    sidebar_.update([&](SidebarState& s) {
        // Only what is closed has to be remembered.
        if (open) s.folder_state.erase(path);
        else if (s.folder_state.size() < SidebarState::kMaxFolders) s.folder_state[path] = false;
    });
    context_.changed(kTopicChrome | kTopicWorkflows);
}

void BrowsePreferences::clear_resources_state() {
    resources_.set({});
    context_.persist.erase(kResourcesKey);
    context_.changed(kTopicPages);
}

void BrowsePreferences::clear_sidebar_state() {
    sidebar_.set({});
    context_.persist.erase(kSidebarKey);
    context_.changed(kTopicChrome | kTopicWorkflows);
}

}  // namespace model
