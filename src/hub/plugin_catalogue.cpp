#include "hub/plugin_catalogue.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/yaml_text.hpp"

namespace hub {

namespace {

const PluginField* find_field(const PluginNodeType& type, std::string_view id) {
    const auto found = std::find_if(type.fields.begin(), type.fields.end(), [id](const PluginField& field) { return field.id == id; });
    return found == type.fields.end() ? nullptr : &*found;
}

Json lines_of(std::string_view text, char separator) {
    Json list = Json::array();
    for (const std::string_view line : base::split(text, separator)) {
        if (const std::string_view entry = base::trim(line); !entry.empty()) list.push_back(entry);
    }
    return list;
}

Json pairs_of(const Json& lines) {
    Json object = Json::object();
    for (const Json& line : lines) {
        const auto* text = line.get_ptr<const std::string*>();
        const auto halves = text ? base::split_once(*text, '=') : std::nullopt;
        if (halves) object[std::string(base::trim(halves->before))] = std::string(base::trim(halves->after));
    }
    return object;
}

std::string scalar_of(const Json& value) {
    if (const auto* text = value.get_ptr<const std::string*>()) return std::string(base::trim(*text));
    if (value.is_number() || value.is_boolean()) return dump_json(value);
    return {};
}

Json number_of(std::string_view text) {
    if (const auto whole = base::parse_integer<std::int64_t>(text)) return *whole;
    if (const auto number = base::parse_number(text)) return *number;
    return nullptr;
}

// The value of a field in the form its type asks for; null when there is none.
Json value_of(const PluginField& field, const Json& data) {
    const Json& given = value_at(data, field.id);
    switch (field.type) {
        case PluginFieldType::lines: {
            if (given.is_array()) {
                Json list = Json::array();
                for (const Json& entry : given) {
                    if (std::string text = scalar_of(entry); !text.empty()) list.push_back(std::move(text));
                }
                return list.empty() ? Json() : list;
            }
            Json list = lines_of(scalar_of(given), '\n');
            return list.empty() ? Json() : list;
        }
        case PluginFieldType::pairs: {
            Json object = Json::object();
            if (given.is_object()) {
                for (const auto& [key, value] : given.items()) object[key] = scalar_of(value);
            } else {
                object = pairs_of(lines_of(scalar_of(given), '\n'));
            }
            return object.empty() ? Json() : object;
        }
        case PluginFieldType::json: {
            if (given.is_structured()) return given.empty() ? Json() : given;
            auto parsed = base::parse_json(scalar_of(given));
            return parsed ? std::move(*parsed) : Json();
        }
        case PluginFieldType::number: {
            if (given.is_number()) return given;
            return number_of(scalar_of(given));
        }
        case PluginFieldType::long_text: {
            const auto* text = given.get_ptr<const std::string*>();
            return text && !base::trim(*text).empty() ? Json(*text) : Json();
        }
        case PluginFieldType::text:
        case PluginFieldType::select: break;
    }
    std::string text = scalar_of(given);
    return text.empty() ? Json() : Json(std::move(text));
}

Json preset_of(const PluginField& field) {
    switch (field.type) {
        case PluginFieldType::lines: return lines_of(field.preset, '|');
        case PluginFieldType::pairs: return pairs_of(lines_of(field.preset, '|'));
        case PluginFieldType::number: return number_of(field.preset);
        default: return field.preset.empty() ? Json() : Json(field.preset);
    }
}

class Filler {
public:
    Filler(const PluginNodeType& type, const Json& data) : type_(type), data_(data) {}

    // Null: leave it out.
    Json fill(const Json& mold) const {
        if (const auto* text = mold.get_ptr<const std::string*>()) return fill_text(*text);
        if (mold.is_object()) {
            if (mold.empty()) return mold;
            Json object = Json::object();
            for (const auto& [key, entry] : mold.items()) {
                if (Json value = fill(entry); !value.is_null()) object[embedded(key)] = std::move(value);
            }
            return object.empty() ? Json() : object;
        }
        if (mold.is_array()) {
            Json list = Json::array();
            for (const Json& entry : mold) {
                if (Json value = fill(entry); !value.is_null()) list.push_back(std::move(value));
            }
            return list.empty() ? Json() : list;
        }
        return mold;
    }

private:
    Json fill_text(const std::string& text) const {
        if (!text.starts_with('$')) return Json(text);
        if (text.starts_with("${")) return embedded_or_nothing(text);
        const bool marked = text.size() > 1 && std::string_view("*%?~").find(text[1]) != std::string_view::npos;
        const PluginField* field = find_field(type_, std::string_view(text).substr(marked ? 2 : 1));
        if (!field) return Json(text);
        Json value = value_of(*field, data_);
        if (marked && text[1] == '?' && value.is_string()) return Json(value == "true");
        return value;
    }

    std::string embedded(std::string text) const {
        for (const PluginField& field : type_.fields) {
            const std::string mark = "${" + std::string(field.id) + "}";
            if (text.find(mark) != std::string::npos) text = base::replace_all(text, mark, scalar_of(value_of(field, data_)));
        }
        return text;
    }
    // A text that begins with a mark has nothing to say when that is empty.
    Json embedded_or_nothing(const std::string& text) const {
        const PluginField* first = find_field(type_, std::string_view(text).substr(2, text.find('}') - 2));
        if (first && value_of(*first, data_).is_null()) return nullptr;
        return Json(embedded(text));
    }

    const PluginNodeType& type_;
    const Json& data_;
};

std::string_view wire_type(PluginFieldType type) {
    switch (type) {
        case PluginFieldType::text: return "text";
        case PluginFieldType::number: return "number";
        case PluginFieldType::select: return "select";
        default: return "textarea";
    }
}

std::string_view parameter_type(PluginFieldType type) {
    switch (type) {
        case PluginFieldType::number: return "number";
        case PluginFieldType::select: return "select";
        case PluginFieldType::lines: return "array";
        case PluginFieldType::pairs: return "object";
        default: return "string";
    }
}

std::string examples(const PluginField& field) {
    return base::replace_all(field.preset.empty() ? field.placeholder : field.preset, "|", "\n");
}

Json field_to_wire(const PluginField& field) {
    Json options = Json::array();
    if (!field.options.empty()) options = lines_of(field.options, '|');
    const bool separated = field.type == PluginFieldType::lines || field.type == PluginFieldType::pairs;
    return {{"id", field.id},
            {"label", field.label},
            {"type", wire_type(field.type)},
            {"required", field.required},
            {"default", separated ? base::replace_all(field.preset, "|", "\n") : std::string(field.preset)},
            {"options", std::move(options)},
            {"placeholder", separated ? base::replace_all(field.placeholder, "|", "\n") : std::string(field.placeholder)}};
}

}  // namespace

const Plugin* find_plugin(std::string_view id) {
    for (const Plugin& plugin : plugins()) {
        if (plugin.id == id) return &plugin;
    }
    return nullptr;
}

std::vector<std::string_view> plugin_categories() {
    std::vector<std::string_view> categories;
    for (const Plugin& plugin : plugins()) {
        if (std::find(categories.begin(), categories.end(), plugin.category) == categories.end()) categories.push_back(plugin.category);
    }
    return categories;
}

const PluginNodeType* plugin_node_type(NodeKind kind) {
    if (!is_plugin_kind(kind)) return nullptr;
    std::size_t left = static_cast<std::size_t>(kind) - kFirstPluginKind;
    for (const Plugin& plugin : plugins()) {
        if (left < plugin.node_types.size()) return &plugin.node_types[left];
        left -= plugin.node_types.size();
    }
    return nullptr;
}

const Plugin* plugin_of(NodeKind kind) {
    const PluginNodeType* type = plugin_node_type(kind);
    for (const Plugin& plugin : plugins()) {
        for (const PluginNodeType& entry : plugin.node_types) {
            if (&entry == type) return &plugin;
        }
    }
    return nullptr;
}

std::vector<PluginFieldProblem> check_fields(const PluginNodeType& type, const Json& data) {
    std::vector<PluginFieldProblem> problems;
    for (const PluginField& field : type.fields) {
        const Json& given = value_at(data, field.id);
        const Json value = value_of(field, data);
        const std::string text = scalar_of(given);
        if (value.is_null() && text.empty()) {
            if (field.required) problems.push_back({field.id, "fill in " + std::string(field.label)});
            continue;
        }
        if (field.type == PluginFieldType::number && value.is_null()) problems.push_back({field.id, "\"" + text + "\" is no number"});
        if (field.type == PluginFieldType::json && !value.is_structured()) problems.push_back({field.id, "write it as a JSON object"});
        if (field.type == PluginFieldType::select) {
            const Json options = lines_of(field.options, '|');
            if (std::find(options.begin(), options.end(), value) == options.end()) {
                problems.push_back({field.id, "\"" + text + "\" is not one of " + base::replace_all(field.options, "|", ", ")});
            }
        }
    }
    return problems;
}

Json fill_body(const PluginNodeType& type, const Json& data) {
    const auto mold = base::parse_json(type.body);
    if (!mold) return Json::object();
    Json body = Filler(type, data).fill(*mold);
    return body.is_object() ? body : Json::object();
}

std::string default_yaml(const PluginNodeType& type) {
    Json data = Json::object();
    for (const PluginField& field : type.fields) {
        if (std::string text = examples(field); !text.empty()) data[std::string(field.id)] = std::move(text);
    }
    Json object = {{"apiVersion", type.api_version}, {"kind", type.kube_kind}, {"metadata", {{"name", type.name}, {"namespace", "default"}}}};
    object.merge_patch(fill_body(type, data));
    return base::yaml_text(object);
}

Json plugin_to_wire(const Plugin& plugin, bool enabled) {
    Json types = Json::array();
    for (const PluginNodeType& type : plugin.node_types) {
        Json fields = Json::array();
        for (const PluginField& field : type.fields) fields.push_back(field_to_wire(field));
        types.push_back({{"name", type.name},
                         {"displayName", type.title},
                         {"description", type.description},
                         {"category", plugin.category},
                         {"fields", std::move(fields)},
                         {"defaultYaml", default_yaml(type)}});
    }
    return {{"id", plugin.id},
            {"name", plugin.id},
            {"displayName", plugin.title},
            {"description", plugin.description},
            {"category", plugin.category},
            {"version", plugin.version},
            {"homepage", plugin.home},
            {"crdGroup", plugin.crd_group},
            {"crdKinds", lines_of(plugin.crd_kinds, ' ')},
            {"nodeTypes", std::move(types)},
            {"enabled", enabled}};
}

std::vector<Json> plugin_templates(const Plugin& plugin) {
    std::vector<Json> templates;
    for (const PluginNodeType& type : plugin.node_types) {
        Json parameters = Json::array({{{"name", "name"},
                                        {"label", "Name"},
                                        {"type", "string"},
                                        {"description", "Name of the " + std::string(type.kube_kind) + ": lower case letters, digits and '-'"},
                                        {"required", true}}});
        for (const PluginField& field : type.fields) {
            Json parameter = {{"name", field.id},
                              {"label", field.label},
                              {"type", parameter_type(field.type)},
                              {"description", field.placeholder.empty() ? std::string() : "Such as " + base::replace_all(field.placeholder, "|", ", ")},
                              {"required", field.required}};
            if (Json preset = preset_of(field); !preset.is_null()) parameter["default"] = std::move(preset);
            if (field.type == PluginFieldType::select) {
                Json options = Json::array();
                for (const Json& option : lines_of(field.options, '|')) options.push_back({{"value", option}, {"label", option}});
                parameter["options"] = std::move(options);
            }
            parameters.push_back(std::move(parameter));
        }
        parameters.push_back({{"name", "namespace"},
                              {"label", "Namespace"},
                              {"type", "string"},
                              {"description", "Empty: the cluster's default namespace"},
                              {"required", false}});
        templates.push_back({{"id", std::string(plugin.id) + "/" + std::string(type.name)},
                             {"name", type.name},
                             {"type", type.name},
                             {"displayName", type.title},
                             {"category", plugin.category},
                             {"description", type.description},
                             {"icon", "plugin"},
                             {"version", plugin.version},
                             {"tags", Json::array({plugin.category, plugin.title})},
                             {"usageFrequency", 0},
                             {"difficulty", "advanced"},
                             {"dependencies", Json::array()},
                             {"connectsTo", Json::array()},
                             {"parameters", std::move(parameters)},
                             {"isPlugin", true},
                             {"pluginId", plugin.id}});
    }
    return templates;
}

}  // namespace hub
