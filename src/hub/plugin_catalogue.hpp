// The plugins that come with Binnacle: well-known Kubernetes extensions, each with the custom resource kinds it brings and the
// node types it adds to workflows (contracts: KubeOrch core, "Plugins"). Plain data; plugin_data.cpp holds it.
//
// Binnacle installs none of these projects: a plugin teaches it to write their objects. A cluster that does not know a kind
// refuses it, and the run says which.
//
// A node type's `body` is JSON with marks where the values of its fields go:
//   "$id"    the value: a number for number fields, else text          "${id}"  the value within a longer text, also in keys
//   "$*id"   a list of texts (lines)                                   "$%id"   an object of texts (pairs)
//   "$?id"   true or false                                             "$~id"   JSON, as written
// What an empty field leaves empty is left out.
//
//   const PluginNodeType* type = plugin_node_type(kind);
//   Json manifest = fill_body(*type, data);            // {"spec": {...}}
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub/json_text.hpp"
#include "hub/node_kinds.hpp"

namespace hub {

enum class PluginFieldType { text, number, select, lines, pairs, long_text, json };

struct PluginField {
    std::string_view id;
    std::string_view label;
    PluginFieldType type = PluginFieldType::text;
    bool required = false;
    std::string_view preset = {};       // as text; lines by '|', pairs as "k=v|k=v"
    std::string_view options = {};      // of a select, by '|'
    std::string_view placeholder = {};  // an example; stands in default_yaml for what has no preset
};

struct PluginNodeType {
    std::string_view name;  // the node's `type`, unique over all plugins and the core kinds
    std::string_view title;
    std::string_view description;
    std::string_view api_version;  // "cert-manager.io/v1"
    std::string_view kube_kind;    // "Certificate"
    std::string_view plural;       // "certificates"
    std::span<const PluginField> fields;
    std::string_view body;
};

struct Plugin {
    std::string_view id;
    std::string_view title;
    std::string_view description;
    std::string_view category;
    std::string_view version;    // of the API that its node types are written in
    std::string_view crd_group;
    std::string_view crd_kinds;  // separated by blanks
    std::string_view home;       // where to read how it is installed
    std::span<const PluginNodeType> node_types;
};

[[nodiscard]] std::span<const Plugin> plugins();
[[nodiscard]] const Plugin* find_plugin(std::string_view id);
// Each category once, in the order of the catalogue.
[[nodiscard]] std::vector<std::string_view> plugin_categories();

// Null for a core kind.
[[nodiscard]] const PluginNodeType* plugin_node_type(NodeKind kind);
[[nodiscard]] const Plugin* plugin_of(NodeKind kind);

// What its fields lack: {field id, what to do about it}.
struct PluginFieldProblem {
    std::string_view field;
    std::string message;
};
[[nodiscard]] std::vector<PluginFieldProblem> check_fields(const PluginNodeType& type, const Json& data);
// The object without apiVersion, kind and name.
[[nodiscard]] Json fill_body(const PluginNodeType& type, const Json& data);
// A whole object as YAML, with presets and examples for values.
[[nodiscard]] std::string default_yaml(const PluginNodeType& type);
// As on the wire, `enabled` and all.
[[nodiscard]] Json plugin_to_wire(const Plugin& plugin, bool enabled);
// The GET /templates entries of a plugin's node types.
[[nodiscard]] std::vector<Json> plugin_templates(const Plugin& plugin);

}  // namespace hub
