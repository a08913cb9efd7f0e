#include "model/plugins.hpp"

#include <algorithm>
#include <optional>

#include "base/url.hpp"
#include "model/api_query.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

using state::SharedJson;

PluginView read_plugin(const wire::JsonReader& item) {
    PluginView plugin;
    plugin.id = item.string_or("id", "");
    plugin.title = item.string_or("displayName", plugin.id);
    plugin.description = item.string_or("description", "");
    plugin.category = item.string_or("category", "");
    plugin.version = item.string_or("version", "");
    plugin.homepage = item.string_or("homepage", "");
    plugin.crd_group = item.string_or("crdGroup", "");
    plugin.crd_kinds = item.string_list("crdKinds");
    plugin.enabled = item.boolean_or("enabled", false);
    for (const wire::JsonReader entry : item.array_or_empty("nodeTypes")) {
        PluginNodeTypeView type;
        type.name = entry.string_or("name", "");
        type.title = entry.string_or("displayName", type.name);
        type.description = entry.string_or("description", "");
        type.default_yaml = entry.string_or("defaultYaml", "");
        for (const wire::JsonReader field : entry.array_or_empty("fields")) {
            type.fields.push_back(field.string_or("label", field.string_or("id", "")) + (field.boolean_or("required", false) ? " *" : ""));
        }
        plugin.node_types.push_back(std::move(type));
    }
    return plugin;
}

std::optional<SharedJson> with_enabled(const SharedJson& list, const std::string& id, bool enabled) {
    const SharedJson& plugins = list.member("plugins");
    for (std::size_t i = 0; i < plugins.size(); ++i) {
        if (plugins.item(i).string_or("id", "") == id) return list.with("plugins", plugins.with_item(i, plugins.item(i).with("enabled", enabled)));
    }
    return std::nullopt;
}

}  // namespace

int Plugins::enabled_count() const {
    return static_cast<int>(std::count_if(state().plugins.begin(), state().plugins.end(), [](const PluginView& plugin) { return plugin.enabled; }));
}

void Plugins::update(std::function<void(PluginsState&)> change) {
    const std::uint64_t before = state_.version();
    state_.update([&](PluginsState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicPages);
}

Plugins::Plugins(ModelContext& context, std::function<void()> on_node_types)
    : context_(context), on_node_types_(std::move(on_node_types)),
      list_(context, keys::plugins(), "/plugins", [this](const base::Result<Json>& answer) { take(answer); }) {}

void Plugins::ensure() {
    if (state().phase == LoadPhase::idle) reload();
}

void Plugins::reload() {
    update([](PluginsState& s) {
        if (s.phase != LoadPhase::ready) s.phase = LoadPhase::loading;
    });
    list_.load();
}

void Plugins::take(const base::Result<Json>& answer) {
    update([&](PluginsState& s) {
        if (!answer) {
            s.error = answer.error();
            if (s.phase != LoadPhase::ready) s.phase = LoadPhase::failed;  // else what there is stays, with its age
            return;
        }
        wire::JsonErrors errors;
        s.plugins.clear();
        s.categories.clear();
        for (const wire::JsonReader item : wire::JsonReader(*answer, errors).array_or_empty("plugins")) {
            PluginView plugin = read_plugin(item);
            if (plugin.id.empty()) continue;
            if (std::find(s.categories.begin(), s.categories.end(), plugin.category) == s.categories.end()) s.categories.push_back(plugin.category);
            s.plugins.push_back(std::move(plugin));
        }
        s.phase = LoadPhase::ready;
        s.loaded_at_ms = list_.updated_at_ms();
        if (!list_.failing()) s.error = {};
    });
}

// Seen at once; what the hub refuses is taken back.
void Plugins::set_enabled(const std::string& id, bool enabled) {
    const auto& plugins = state().plugins;
    const auto plugin = std::find_if(plugins.begin(), plugins.end(), [&](const PluginView& each) { return each.id == id; });
    if (plugin == plugins.end() || plugin->enabled == enabled || state().busy.contains(id)) return;
    const std::string title = plugin->title;
    update([&](PluginsState& s) { s.busy.insert(id); });
    const auto over = [self = self_, id] {
        if (*self) (*self)->update([&](PluginsState& s) { s.busy.erase(id); });
        return *self;
    };
    context_.queries.mutate({.run = api_send(context_.api, "POST", "/plugins/" + base::percent_encode_segment(id) + (enabled ? "/enable" : "/disable")),
                             .optimistic =
                                 [id, enabled](const SharedJson&) {
                                     return std::vector<state::OptimisticEdit>{{keys::plugins(), [id, enabled](const std::optional<SharedJson>& list) {
                                                                                    return list ? with_enabled(*list, id, enabled) : std::nullopt;
                                                                                }}};
                                 }},
                            {},
                            {.on_success =
                                 [over](const SharedJson&) {
                                     if (Plugins* self = over()) self->on_node_types_();
                                 },
                             .on_error =
                                 [over, enabled, title](const base::Error& error) {
                                     if (Plugins* self = over()) self->context_.toast(ToastKind::danger, title + (enabled ? " was not enabled" : " was not disabled"), error.message);
                                 }});
    list_.deliver();
}

void Plugins::clear() {
    list_.stop();
    state_.set({});
    context_.changed(kTopicPages);
}

}  // namespace model
