// Plugins: the catalogue of the hub, and which of it is enabled. Enabling adds node types; `on_node_types` is told to read them again.
//
//   plugins.ensure();
//   plugins.set_enabled("keda", true);        // at once here; taken back with a toast if the hub refuses
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/list_query.hpp"
#include "model/model_context.hpp"
#include "state/store.hpp"

namespace model {

struct PluginNodeTypeView {
    std::string name, title, description, default_yaml;
    std::vector<std::string> fields;  // their labels; those that are needed end with " *"
    friend bool operator==(const PluginNodeTypeView&, const PluginNodeTypeView&) = default;
};

struct PluginView {
    std::string id, title, description, category, version, homepage, crd_group;
    std::vector<std::string> crd_kinds;
    std::vector<PluginNodeTypeView> node_types;
    bool enabled = false;
    friend bool operator==(const PluginView&, const PluginView&) = default;
};

struct PluginsState {
    LoadPhase phase = LoadPhase::idle;
    base::Error error;             // of the last load; with a list there, it is as old as loaded_at_ms says
    std::int64_t loaded_at_ms = 0;  // unix
    std::vector<PluginView> plugins;
    std::vector<std::string> categories;
    std::set<std::string> busy;
    friend bool operator==(const PluginsState&, const PluginsState&) = default;
};

class Plugins {
public:
    Plugins(ModelContext& context, std::function<void()> on_node_types);
    ~Plugins() { *self_ = nullptr; }
    Plugins(const Plugins&) = delete;
    Plugins& operator=(const Plugins&) = delete;

    [[nodiscard]] const PluginsState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }
    [[nodiscard]] int enabled_count() const;

    void ensure();
    void reload();
    void set_enabled(const std::string& id, bool enabled);
    void clear();

private:
    void update(std::function<void(PluginsState&)> change);
    void take(const base::Result<Json>& answer);

    ModelContext& context_;
    std::function<void()> on_node_types_;
    state::Store<PluginsState> state_;
    ListQuery list_;
    std::shared_ptr<Plugins*> self_ = std::make_shared<Plugins*>(this);  // null once gone: a mutation may outlive this
};

}  // namespace model
