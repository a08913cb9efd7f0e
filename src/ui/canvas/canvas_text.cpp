#include "ui/canvas/canvas_text.hpp"

#include <algorithm>
#include <cmath>

#include "ui/canvas/canvas_scene.hpp"
#include "ui/icons.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

using model::NodeKind;
using model::NodeState;

namespace {

constexpr float kTextX = 55;          // canvas units from the card's left side
constexpr float kRightPad = 13;
constexpr float kNameY = 20;          // centres of the three lines
constexpr float kSecondY = 37;
constexpr float kStateY = 61;
constexpr float kSecondLineZoom = 0.62F;
constexpr float kStateZoom = 0.5F;
constexpr float kSmallestName = 10;   // logical px

// Whole device pixels: every further size is a further set of glyphs in the atlas.
float glyph_size(float wanted, float pixel_ratio) { return std::max(std::round(wanted * pixel_ratio), 1.0F) / pixel_ratio; }

void centered_line(UiContext& ctx, ImDrawList* list, ImFont* font, float size, float x, float center_y, ImU32 color, std::string_view text, float width) {
    if (width < size) return;
    const ImVec2 pos = snap(ImVec2(x, center_y - size * 0.61F), ctx.input.pixel_ratio);
    draw_text(list, font, size, pos, color, text, width);
}

}  // namespace

std::string node_second_line(const model::Node& node, const model::NodeStatus& status) {
    if ((status.state == NodeState::error || status.state == NodeState::lost) && !status.message.empty()) {
        // The container runtime's sentence is long and begins with what everybody knows.
        const auto image = node.data.find("image");
        const std::string text = image != node.data.end() && image->is_string() ? image->get<std::string>() : std::string{};
        const std::size_t tag = text.rfind(':');
        if (is_image_problem(status.message) && status.message.find("not found") != std::string::npos && tag != std::string::npos) {
            return status.message.substr(0, status.message.find(':')) + ": no tag " + text.substr(tag + 1);
        }
        return status.message;
    }
    if (node.kind == NodeKind::service && !status.cluster_ip.empty()) {
        std::string text = status.cluster_ip;
        const auto port = node.data.find("port");
        const std::string port_text = port != node.data.end() && port->is_number_integer() ? std::to_string(port->get<int>()) : std::string{};
        if (!port_text.empty()) text += " · " + port_text;
        if (status.node_port > 0) text += (port_text.empty() ? " · " : ":") + std::to_string(status.node_port);
        return text;
    }
    if (node.kind == NodeKind::ingress && !status.external_ip.empty()) return "Ingress · " + status.external_ip;
    return node.subtitle;
}

std::string replicas_text(const model::NodeStatus& status) {
    if (status.replicas < 0 || status.ready_replicas < 0) return {};
    return std::to_string(status.ready_replicas) + "/" + std::to_string(status.replicas);
}

std::string node_spoken_name(const model::Graph& graph, model::NodeIndex index) {
    const model::Node& node = graph.node(index);
    const model::NodeStatus& status = graph.status(index);
    std::string text = std::string(model::kind_title(node.kind)) + " " + node.name + ", " + std::string(model::ui_word(node.kind, status.state));
    if (!replicas_text(status).empty()) text += ", " + std::to_string(status.ready_replicas) + " of " + std::to_string(status.replicas) + " ready";
    int listed = 0;
    int more = 0;
    for (const model::EdgeIndex edge : graph.edges_of(index)) {
        if (graph.edge_source(edge) != index) continue;
        if (listed == 3) {
            ++more;
            continue;
        }
        const model::Node& target = graph.node(graph.edge_target(edge));
        text += (listed++ == 0 ? ", connects to " : " and ") + std::string(model::kind_title(target.kind)) + " " + target.name;
    }
    if (more > 0) text += " and " + std::to_string(more) + " more";
    return text;
}

void draw_node_text(UiContext& ctx, ImDrawList* list, const CanvasSpace& space, const model::Node& node, const model::NodeStatus& status,
                    model::Vec2 canvas_min, bool dimmed) {
    const float zoom = space.view.zoom;
    if (zoom < kMiddleZoom) return;
    const Theme& theme = ctx.theme;
    const float pr = ctx.input.pixel_ratio;
    const float alpha = dimmed ? 0.4F : 1.0F;
    const auto shade = [&](ImU32 color) { return dimmed ? faded(color, alpha) : color; };
    const ImVec2 origin = space.screen_from_canvas(canvas_min);
    const float x = origin.x + kTextX * zoom;
    const float width = (model::kNodeSize.x - kTextX - kRightPad) * zoom;
    const bool second = zoom >= kSecondLineZoom;
    const bool state = zoom >= kStateZoom;
    const bool failed = status.state == NodeState::error || status.state == NodeState::lost;

    const float name_size = glyph_size(std::max(text_size::kUi * zoom, kSmallestName), pr);
    const float name_y = second ? kNameY : state ? 29 : 34;
    centered_line(ctx, list, ctx.fonts.semibold, name_size, x, origin.y + name_y * zoom, shade(theme.text), node.name, width);

    if (second) {
        const float size = glyph_size(text_size::kSmall * zoom, pr);
        centered_line(ctx, list, ctx.fonts.ui, size, x, origin.y + kSecondY * zoom, shade(failed ? theme.danger_text : theme.muted),
                      node_second_line(node, status), width);
    }
    if (state) {
        const float size = glyph_size(std::max(text_size::kSmall * zoom, 8.0F), pr);
        const std::string replicas = replicas_text(status);
        float pill_w = 0;
        if (!replicas.empty()) {
            const float text_w = text_width(ctx.fonts.ui, size, replicas);
            pill_w = text_w + 16 * zoom;
            const ImVec2 pill_max{origin.x + (model::kNodeSize.x - kRightPad) * zoom, origin.y + (kStateY + 8) * zoom};
            const ImVec2 pill_min{pill_max.x - pill_w, origin.y + (kStateY - 9) * zoom};
            if (zoom >= kNearZoom) list->AddRectFilled(pill_min, pill_max, shade(theme.pill), 8.5F * zoom);
            centered_line(ctx, list, ctx.fonts.ui, size, pill_min.x + 8 * zoom, origin.y + kStateY * zoom, shade(theme.text), replicas, text_w + size);
        }
        if (second) {
            centered_line(ctx, list, ctx.fonts.ui, size, origin.x + 69 * zoom, origin.y + kStateY * zoom, shade(theme.muted), model::ui_word(node.kind, status.state),
                          width - 14 * zoom - pill_w);
        }
    }
    if (zoom >= kSecondLineZoom) {
        const ImVec2 center{origin.x + 29 * zoom, origin.y + 29 * zoom};
        draw_icon_centered(list, kind_icon(node.kind), center, metrics::kIcon * zoom, shade(theme.chip_icon));
    }
}

}  // namespace ui
