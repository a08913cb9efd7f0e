// The Spec tab: a form made from the parameters of the node's type; every change goes through App::edit.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

using model::Json;
using model::NodeParameter;

// Seldom needed; they are behind "More options" unless they were set.
constexpr std::array<std::string_view, 22> kRare{"namespace", "command", "args", "imagePullPolicy", "strategy", "envKeys", "storageClass", "completions",
    "parallelism", "backoffLimit", "restartPolicy", "concurrencyPolicy", "suspend", "headless", "protocol", "nodePort", "ingressClassName", "tlsSecret",
    "secretType", "mountPath", "accessMode", "targetPort"};
// Short fields that share a line.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kPairs{{{"cpu", "memory"}, {"minReplicas", "maxReplicas"}}};
// Words that a terminal would show in its own face.
constexpr std::array<std::string_view, 8> kMono{"image", "host", "cpu", "memory", "schedule", "storage", "size", "mountPath"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_set(const NodeParameter& parameter, const Json& data) {
    const auto found = data.find(parameter.name);
    if (found == data.end() || found->is_null() || *found == parameter.default_value) return false;
    return !((found->is_string() && found->get_ref<const std::string&>().empty()) || (found->is_structured() && found->empty()));
}

const Json* value_of(const Json& data, std::string_view name) {
    const auto found = data.find(name);
    return found == data.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const Json* value) {
    if (value == nullptr) return {};
    if (const auto* text = value->get_ptr<const Json::string_t*>()) return *text;
    if (value->is_number_float()) return base::short_number(*value->get_ptr<const double*>(), 6);
    return value->is_primitive() ? value->dump() : std::string();
}

std::optional<double> number_of(const Json* value) {
    if (value == nullptr) return std::nullopt;
    if (const auto* u = value->get_ptr<const std::uint64_t*>(); u != nullptr) return static_cast<double>(*u);
    if (const auto* i = value->get_ptr<const std::int64_t*>(); i != nullptr) return static_cast<double>(*i);
    if (const auto* d = value->get_ptr<const double*>(); d != nullptr) return *d;
    return base::parse_number(text_of(value));
}

// One form of one frame: collects the change and applies it at the end.
class Form {
public:
    Form(UiContext& ctx, ViewState& views, const model::Node& node, const model::NodeStatus& status)
        : ctx_(ctx), state_(views.spec), node_(node), status_(status), data_(node.data) {}

    void draw(const model::NodeType& type);
    void apply() {
        if (changed_) (void)ctx_.app.edit(model::SetNodeData{node_.id, std::move(data_)});
    }

private:
    void field(const NodeParameter& parameter, float width = -1);
    void text_field(const NodeParameter& parameter, float width);
    void number_field(const NodeParameter& parameter, float width);
    void boolean_field(const NodeParameter& parameter);
    void select_field(const NodeParameter& parameter, float width);
    void pairs_field(const NodeParameter& parameter);
    void list_field(const NodeParameter& parameter);
    [[nodiscard]] std::string error_for(const NodeParameter& parameter, const Json* value) const;
    void store(const std::string& name, Json value) {
        data_[name] = std::move(value);
        changed_ = true;
    }

    UiContext& ctx_;
    SpecFormState& state_;
    const model::Node& node_;
    const model::NodeStatus& status_;
    Json data_;
    bool changed_ = false;
};

std::string Form::error_for(const NodeParameter& parameter, const Json* value) const {
    const auto issues = state::validate(parameter.schema, value).issues;
    if (!issues.empty()) return issues.front().message;
    if (parameter.name == "image" && status_.state == model::NodeState::error && is_image_problem(status_.message)) {
        return image_problem_words(status_.message, text_of(value));
    }
    return {};
}

void Form::text_field(const NodeParameter& parameter, float width) {
    std::string value = text_of(value_of(data_, parameter.name));
    const Json shown(value);
    const std::string error = error_for(parameter, &shown);
    const FieldResult result = input_text(ctx_, parameter.name, value,
                                          {.label = parameter.label, .placeholder = text_of(&parameter.default_value), .error = error,
                                           .required = parameter.required, .mono = contains(kMono, parameter.name), .width = width});
    if (result.changed) store(parameter.name, value);
}

void Form::number_field(const NodeParameter& parameter, float width) {
    std::optional<double> value = number_of(value_of(data_, parameter.name));
    const std::string error = error_for(parameter, value_of(data_, parameter.name));
    const FieldResult result = input_number(ctx_, parameter.name, value, {.min = parameter.min, .max = parameter.max, .integer = true},
                                            {.label = parameter.label, .placeholder = text_of(&parameter.default_value), .error = error,
                                             .required = parameter.required, .width = width});
    if (!result.changed) return;
    if (value) store(parameter.name, static_cast<std::int64_t>(*value));
    else if (data_.erase(parameter.name) > 0) changed_ = true;
}

void Form::boolean_field(const NodeParameter& parameter) {
    const Json* current = value_of(data_, parameter.name);
    if (current == nullptr) current = &parameter.default_value;
    const auto* flag = current->get_ptr<const bool*>();
    bool value = flag != nullptr && *flag;
    if (switch_control(ctx_, parameter.label, value, false, parameter.description)) store(parameter.name, value);
}

void Form::select_field(const NodeParameter& parameter, float width) {
    std::string value = text_of(value_of(data_, parameter.name));
    if (value.empty()) value = text_of(&parameter.default_value);
    const Json shown(value);
    const std::string error = error_for(parameter, &shown);
    std::vector<SelectItem> items;
    for (const auto& [choice, label] : parameter.options) items.push_back({choice, label});
    if (select(ctx_, parameter.name, value, items, {.label = parameter.label, .error = error, .required = parameter.required, .width = width})) store(parameter.name, value);
}

// An object of texts: name and value side by side, as in a list of environment variables.
void Form::pairs_field(const NodeParameter& parameter) {
    section_label(ctx_, parameter.label);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
    const Json* current = value_of(data_, parameter.name);
    const Json document = current != nullptr && current->is_object() ? *current : Json::object();
    PairRows& buffer = state_.pairs[parameter.name];
    if (buffer.stored != document) {
        buffer = {.rows = {}, .stored = document};
        for (const auto& [key, value] : document.items()) buffer.rows.emplace_back(key, text_of(&value));
    }
    auto& pairs = buffer.rows;
    const float button_width = control_height(ctx_);
    bool changed = false;
    std::optional<std::size_t> removed;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        auto& [key, value] = pairs[i];
        // By position: the key is what is being typed.
        ImGui::PushID(static_cast<int>(i));
        const float room = ImGui::GetContentRegionAvail().x - button_width - 12;
        const bool twice = !key.empty() && std::count_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == key; }) > 1;
        changed |= input_text(ctx_, "key", key, {.name = parameter.label + " name " + std::to_string(i + 1), .placeholder = "NAME", .error = twice ? "Twice" : "",
                                                 .mono = true, .focus = state_.new_key_for == parameter.name && i + 1 == pairs.size(), .width = room * 0.45f}).changed;
        ImGui::SameLine(0, 6);
        changed |= input_text(ctx_, "value", value, {.name = key.empty() ? "Value " + std::to_string(i + 1) : key, .placeholder = "value", .mono = true, .width = room * 0.55f}).changed;
        ImGui::SameLine(0, 6);
        if (button(ctx_, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "remove", .name = "Remove " + key, .tooltip = "Remove", .height = button_width})) removed = i;
        ImGui::PopID();
    }
    if (state_.new_key_for == parameter.name) state_.new_key_for.clear();
    if (removed) {
        pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(*removed));
        changed = true;
    }
    if (button(ctx_, "Add", {.style = ButtonStyle::ghost, .icon = Icon::plus, .id = "add-" + parameter.name, .name = "Add to " + parameter.label})) {
        pairs.emplace_back();
        state_.new_key_for = parameter.name;
        ctx_.wake_in(0);
    }
    if (!changed) return;
    ctx_.wake_in(0);  // what is there twice shows with the next frame
    // A row without a name, or with a name that an earlier one has, waits in the form.
    Json object = Json::object();
    for (const auto& [key, value] : pairs) {
        if (!key.empty() && !object.contains(key)) object[key] = value;
    }
    buffer.stored = object;
    if (object != document) store(parameter.name, std::move(object));
}

// A list of texts, or of objects of which one text is edited (path, name); their other members stay as they are.
void Form::list_field(const NodeParameter& parameter) {
    section_label(ctx_, parameter.label);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
    const std::string member = parameter.name == "paths" ? "path" : parameter.name == "keys" || parameter.name == "envKeys" ? "name" : "";
    Json list = Json::array();
    if (const Json* current = value_of(data_, parameter.name); current != nullptr && current->is_array()) list = *current;
    const float button_width = control_height(ctx_);
    bool changed = false;
    std::optional<std::size_t> removed;
    for (std::size_t i = 0; i < list.size(); ++i) {
        ImGui::PushID(static_cast<int>(i));
        Json& entry = list[i];
        const Json* shown = member.empty() ? &entry : entry.is_object() ? value_of(entry, member) : &entry;
        std::string value = text_of(shown);
        const float room = ImGui::GetContentRegionAvail().x - button_width - 6;
        if (input_text(ctx_, "entry", value, {.name = parameter.label + " " + std::to_string(i + 1), .mono = true,
                                              .focus = state_.new_key_for == parameter.name && i + 1 == list.size(), .width = room}).changed) {
            if (member.empty() || !entry.is_object()) entry = value;
            else entry[member] = value;
            changed = true;
        }
        ImGui::SameLine(0, 6);
        if (button(ctx_, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "remove", .name = "Remove " + parameter.label + " " + std::to_string(i + 1), .tooltip = "Remove", .height = button_width}))
            removed = i;
        ImGui::PopID();
    }
    if (state_.new_key_for == parameter.name) state_.new_key_for.clear();
    if (removed) {
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(*removed));
        changed = true;
    }
    if (button(ctx_, "Add", {.style = ButtonStyle::ghost, .icon = Icon::plus, .id = "add-" + parameter.name, .name = "Add to " + parameter.label})) {
        if (member.empty()) {
            list.push_back("");
        } else {
            std::size_t number = list.size() + 1;
            auto taken = [&](const std::string& id) {
                return std::any_of(list.begin(), list.end(), [&](const Json& entry) { return entry.is_object() && text_of(value_of(entry, "id")) == id; });
            };
            while (taken(member + "-" + std::to_string(number))) ++number;
            Json entry{{"id", member + "-" + std::to_string(number)}, {member, member == "path" ? "/" : ""}};
            if (member == "path") entry["pathType"] = "Prefix";
            list.push_back(std::move(entry));
        }
        state_.new_key_for = parameter.name;
        changed = true;
    }
    if (changed) store(parameter.name, std::move(list));
}

void Form::field(const NodeParameter& parameter, float width) {
    ImGui::PushID(parameter.name.c_str());
    if (parameter.type == "number") number_field(parameter, width);
    else if (parameter.type == "boolean") boolean_field(parameter);
    else if (parameter.type == "select") select_field(parameter, width);
    else if (parameter.type == "object") pairs_field(parameter);
    else if (parameter.type == "array") list_field(parameter);
    else text_field(parameter, width);
    ImGui::PopID();
}

void Form::draw(const model::NodeType& type) {
    auto find = [&](std::string_view name) {
        return std::find_if(type.parameters.begin(), type.parameters.end(), [&](const NodeParameter& p) { return p.name == name; });
    };
    auto draw_some = [&](bool rare) {
        for (const NodeParameter& parameter : type.parameters) {
            const bool is_rare = !parameter.required && contains(kRare, parameter.name) && !is_set(parameter, node_.data);
            if (is_rare != rare) continue;
            const auto pair = std::find_if(kPairs.begin(), kPairs.end(), [&](const auto& p) { return p.first == parameter.name || p.second == parameter.name; });
            if (pair == kPairs.end()) {
                field(parameter);
                continue;
            }
            const auto second = find(pair->second);
            if (parameter.name == pair->second && find(pair->first) != type.parameters.end()) continue;  // drawn with the first
            if (second == type.parameters.end()) {
                field(parameter);
                continue;
            }
            const float half = (ImGui::GetContentRegionAvail().x - 8) / 2;
            ImGui::BeginGroup();
            field(parameter, half);
            ImGui::EndGroup();
            ImGui::SameLine(0, 8);
            ImGui::BeginGroup();
            field(*second, half);
            ImGui::EndGroup();
        }
    };
    draw_some(false);
    const bool any_rare = std::any_of(type.parameters.begin(), type.parameters.end(), [&](const NodeParameter& p) {
        return !p.required && contains(kRare, p.name) && !is_set(p, node_.data);
    });
    if (!any_rare) return;
    if (button(ctx_, "More options", {.style = ButtonStyle::ghost, .icon = state_.more_open ? Icon::chevron_down : Icon::chevron_right, .expanded = state_.more_open, .has_menu = true}))
        state_.more_open = !state_.more_open;
    if (state_.more_open) draw_some(true);
}

}  // namespace

void draw_spec_form(UiContext& ctx, ViewState& views, const model::Node& node, const model::NodeStatus& status) {
    if (views.spec.node_id != node.id) {
        const bool more = views.spec.more_open;
        views.spec = {.node_id = node.id, .more_open = more, .new_key_for = {}, .pairs = {}};
    }
    const model::NodeType* type = ctx.app.node_type(node.type);
    if (type == nullptr) {
        if (ctx.app.node_types().empty()) skeleton(ctx, "form-loading", 6);
        else text(ctx, "Binnacle knows no form for \"" + node.type + "\". The node is kept as it is.", {.color = ctx.theme.muted, .wrap = true});
        return;
    }
    Form form(ctx, views, node, status);
    form.draw(*type);
    form.apply();  // last: it replaces the node
}

}  // namespace ui
