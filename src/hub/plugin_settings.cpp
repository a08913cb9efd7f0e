#include "hub/plugin_settings.hpp"

#include "hub/plugin_catalogue.hpp"

namespace hub {

namespace {

constexpr const char* kCollection = "settings";
constexpr const char* kDocument = "plugins";

}  // namespace

void PluginSettings::load(Done done) {
    store_.get(kCollection, kDocument, lifetime_.guard([this, done = std::move(done)](base::Result<Document> document) mutable {
        if (!document) {
            if (document.error().code == base::ErrorCode::not_found) return done({});
            return done(base::fail(document.error()));
        }
        const auto json = base::parse_json(document->json);
        for (const Json& id : array_at(json ? *json : shared_null(), "enabled")) {
            const auto* text = id.get_ptr<const std::string*>();
            if (text && find_plugin(*text)) enabled_.insert(*text);
        }
        done({});
    }));
}

void PluginSettings::set(std::string plugin_id, bool enabled, Done done) {
    std::set<std::string, std::less<>> wanted = enabled_;
    if (enabled) wanted.insert(plugin_id);
    else wanted.erase(plugin_id);
    store_.put(kCollection, kDocument, dump_json({{"enabled", wanted}}), DocumentStore::kAnyRevision,
               lifetime_.guard([this, id = std::move(plugin_id), enabled, done = std::move(done)](base::Result<std::int64_t> stored) mutable {
                   if (!stored) return done(base::fail(stored.error()));
                   if (enabled) enabled_.insert(id);
                   else enabled_.erase(id);
                   done({});
               }));
}

std::vector<Problem> PluginSettings::check_enabled(const Json& nodes) const {
    std::vector<Problem> problems;
    std::size_t index = 0;
    for (const Json& node : nodes) {
        const auto kind = node_kind_from_type(text_at(node, "type"));
        const Plugin* plugin = kind ? plugin_of(*kind) : nullptr;
        if (plugin && !enabled_.contains(plugin->id)) {
            problems.push_back({"nodes[" + std::to_string(index) + "].type", "enable the plugin " + std::string(plugin->title) + " in Settings", text_at(node, "id")});
        }
        ++index;
    }
    return problems;
}

}  // namespace hub
