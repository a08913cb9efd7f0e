// PluginSettings: which plugins this hub has enabled. Kept in memory besides the store, so that node types are known without waiting.
//
//   settings.load([](base::Result<void> loaded) { ... });
//   settings.set("cert-manager", true, [](base::Result<void> stored) { ... });
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "hub/document_store.hpp"
#include "hub/lifetime.hpp"
#include "hub/workflow_rules.hpp"

namespace hub {

class PluginSettings {
public:
    using Done = base::UniqueFunction<void(base::Result<void>)>;

    explicit PluginSettings(DocumentStore& store) : store_(store) {}

    void load(Done done);
    // Takes effect once it is stored.
    void set(std::string plugin_id, bool enabled, Done done);
    [[nodiscard]] const std::set<std::string, std::less<>>& enabled() const { return enabled_; }

    // Nodes whose plugin is not enabled: the workflow cannot run before it is.
    [[nodiscard]] std::vector<Problem> check_enabled(const Json& nodes) const;

private:
    DocumentStore& store_;
    std::set<std::string, std::less<>> enabled_;
    Lifetime lifetime_;
};

}  // namespace hub
