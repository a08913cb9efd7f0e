#include "model/graph/graph_svg.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace model {

namespace {

constexpr float kMargin = 32;
constexpr float kMaxSide = 16'384;
constexpr std::size_t kNameChars = 19;
constexpr std::size_t kSubtitleChars = 25;
constexpr std::size_t kTitleChars = 500;

// The colours of the two themes (src/ui/theme.cpp) that an image needs.
struct Palette {
    const char *background, *card, *border, *text, *muted, *edge, *port, *success, *warning, *danger, *accent, *plugin;
};
constexpr Palette kDark{"#0e1116", "#1c232c", "#2a323d", "#e6eaf0", "#9aa5b1", "#6b7683", "#9aa5b1", "#3fb950", "#d29922", "#f85149", "#4c9aff", "#4b5563"};
constexpr Palette kLight{"#f6f8fa", "#ffffff", "#d0d7de", "#1f2328", "#57606a", "#8c959f", "#57606a", "#1a7f37", "#9a6700", "#cf222e", "#0969da", "#57606a"};

const char* kind_fill(NodeKind kind, const Palette& palette) {
    switch (kind) {
        case NodeKind::ingress: return "#0d9488";
        case NodeKind::service: return "#2f81f7";
        case NodeKind::deployment: return "#7c3aed";
        case NodeKind::statefulset: return "#be185d";
        case NodeKind::daemonset: return "#6d28d9";
        case NodeKind::configmap:
        case NodeKind::secret: return "#b45309";
        case NodeKind::persistentvolumeclaim: return "#0e7490";
        case NodeKind::job:
        case NodeKind::cronjob: return "#475569";
        case NodeKind::hpa: return "#15803d";
        case NodeKind::networkpolicy: return "#b91c1c";
        case NodeKind::plugin: break;
    }
    return palette.plugin;
}

const char* state_fill(NodeState state, const Palette& palette) {
    switch (state) {
        case NodeState::healthy:
        case NodeState::created:
        case NodeState::bound: return palette.success;
        case NodeState::partial: return palette.warning;
        case NodeState::error:
        case NodeState::lost: return palette.danger;
        case NodeState::pending:
        case NodeState::running: return palette.accent;
        case NodeState::none: break;
    }
    return palette.muted;
}

// Letters on the chip, in place of the icons: "De", "Se", "In".
std::string chip_letters(const Node& node) {
    const std::string_view title = node.kind == NodeKind::plugin ? std::string_view(node.type) : kind_title(node.kind);
    std::string letters;
    for (const char c : title) {
        if (!base::is_ascii_alpha(c)) continue;
        letters += letters.empty() ? base::ascii_upper(c) : base::ascii_lower(c);
        if (letters.size() == 2) break;
    }
    return letters;
}

// The first `count` code points of `text`, on one line; never ends in a joiner or a selector that would change what follows.
std::string first_chars(std::string_view text, std::size_t count) {
    // A code point has four bytes at most: what lies behind them need not be looked at, however long it is.
    std::string valid = base::to_valid_utf8(text.substr(0, count * 4 + 4));
    for (char& c : valid) {
        if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    }
    std::size_t bytes = 0;
    std::size_t chars = 0;
    while (bytes < valid.size() && chars < count) {
        ++bytes;
        while (bytes < valid.size() && (static_cast<unsigned char>(valid[bytes]) & 0xC0) == 0x80) ++bytes;
        ++chars;
    }
    if (bytes >= valid.size() && text.size() <= count * 4 + 4) return valid;
    std::string out = valid.substr(0, bytes);
    constexpr std::string_view kJoiner = "\xE2\x80\x8D";
    while (out.ends_with(kJoiner)) out.resize(out.size() - kJoiner.size());
    return out + "…";
}

class Writer {
public:
    Writer(const Graph& graph, const SvgLook& look) : graph_(graph), look_(look), palette_(look.dark ? kDark : kLight) {}

    std::string write() {
        const Rect box = extent();
        const float width = box.max.x - box.min.x;
        const float height = box.max.y - box.min.y;
        const float scale = std::min({1.0F, kMaxSide / width, kMaxSide / height});
        const std::string title = look_.title.empty() ? "Workflow" : first_chars(look_.title, kTitleChars);
        add("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", svg_number(width * scale), "\" height=\"",
            svg_number(height * scale), "\" viewBox=\"", svg_number(box.min.x), " ", svg_number(box.min.y), " ", svg_number(width), " ", svg_number(height),
            "\" role=\"img\" font-family=\"Inter, system-ui, sans-serif\">\n<title>", xml_text(title), "</title>\n<desc>", count_text(), "</desc>\n");
        add("<defs><clipPath id=\"words\"><rect x=\"55\" y=\"0\" width=\"146\" height=\"72\"/></clipPath><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
            "markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\"><path d=\"M 0 0.5 L 7.5 4 L 0 7.5\" fill=\"none\" stroke=\"",
            palette_.edge, "\" stroke-width=\"1.4\"/></marker></defs>\n");
        if (!look_.transparent) {
            add("<rect x=\"", svg_number(box.min.x), "\" y=\"", svg_number(box.min.y), "\" width=\"", svg_number(width), "\" height=\"", svg_number(height), "\" fill=\"",
                palette_.background, "\"/>\n");
        }
        if (graph_.edge_count() > 0) {
            add("<g fill=\"none\" stroke=\"", palette_.edge, "\" stroke-width=\"1.6\">\n");
            for (EdgeIndex i = 0; i < graph_.edge_slots(); ++i) {
                if (graph_.edge_alive(i)) add("<path d=\"", svg_path(edge_curve(graph_, i, look_.edge_style)), "\" marker-end=\"url(#arrow)\"/>\n");
            }
            add("</g>\n");
        }
        for (NodeIndex i = 0; i < graph_.node_slots(); ++i) {
            if (graph_.node_alive(i)) node(i);
        }
        add("</svg>\n");
        return std::move(out_);
    }

private:
    template <typename... Parts>
    void add(const Parts&... parts) {
        (out_.append(parts), ...);
    }

    // Of everything that is drawn; edges that go back swing out beyond the nodes.
    [[nodiscard]] Rect extent() const {
        Rect box = graph_.bounds().value_or(Rect{{0, 0}, kNodeSize});
        for (EdgeIndex i = 0; i < graph_.edge_slots(); ++i) {
            if (!graph_.edge_alive(i)) continue;
            const Rect edge = edge_bounds(edge_curve(graph_, i, look_.edge_style));
            box = {{std::min(box.min.x, edge.min.x), std::min(box.min.y, edge.min.y)}, {std::max(box.max.x, edge.max.x), std::max(box.max.y, edge.max.y)}};
        }
        return {{box.min.x - kMargin, box.min.y - kMargin}, {box.max.x + kMargin, box.max.y + kMargin}};
    }

    [[nodiscard]] std::string count_text() const {
        const auto counted = [](std::size_t n, const char* one, const char* many) { return std::to_string(n) + (n == 1 ? one : many); };
        return counted(graph_.node_count(), " node, ", " nodes, ") + counted(graph_.edge_count(), " edge", " edges");
    }

    void words(float y, float size, const char* weight, const char* fill, const std::string& text) {
        add("<text x=\"55\" y=\"", svg_number(y), "\" font-size=\"", svg_number(size), "\" font-weight=\"", weight, "\" fill=\"", fill, "\">", xml_text(text), "</text>");
    }

    void node(NodeIndex i) {
        const Node& node = graph_.node(i);
        const NodeStatus& status = graph_.status(i);
        const bool stated = look_.states && status.state != NodeState::none;
        const Rect rect = graph_.node_rect(i);
        std::string whole = std::string(kind_title(node.kind)) + " " + first_chars(node.name, kTitleChars);
        if (stated) whole += ", " + std::string(ui_word(node.kind, status.state));
        add("<g transform=\"translate(", svg_number(rect.min.x), " ", svg_number(rect.min.y), ")\"><title>", xml_text(whole), "</title>");
        add("<rect width=\"", svg_number(kNodeSize.x), "\" height=\"", svg_number(kNodeSize.y), "\" rx=\"8\" fill=\"", palette_.card, "\" stroke=\"", palette_.border, "\"/>");
        add("<rect x=\"13\" y=\"13\" width=\"32\" height=\"32\" rx=\"6\" fill=\"", kind_fill(node.kind, palette_), "\"/>");
        add("<text x=\"29\" y=\"34\" font-size=\"13\" font-weight=\"600\" fill=\"#ffffff\" text-anchor=\"middle\">", xml_text(chip_letters(node)), "</text>");
        add("<g clip-path=\"url(#words)\">");
        words(25, 14, "600", palette_.text, first_chars(node.name, kNameChars));
        words(42, 11, "400", palette_.muted, first_chars(node.subtitle, kSubtitleChars));
        if (stated) {
            std::string state(ui_word(node.kind, status.state));
            if (status.replicas >= 0 && status.ready_replicas >= 0) state += " " + std::to_string(status.ready_replicas) + "/" + std::to_string(status.replicas);
            add("<circle cx=\"59\" cy=\"59\" r=\"4\" fill=\"", state_fill(status.state, palette_), "\"/><text x=\"69\" y=\"63\" font-size=\"11\" fill=\"", palette_.muted, "\">",
                xml_text(state), "</text>");
        }
        add("</g>");
        for (const float x : {0.0F, kNodeSize.x}) {
            add("<circle cx=\"", svg_number(x), "\" cy=\"", svg_number(kNodeSize.y / 2), "\" r=\"4.5\" fill=\"", palette_.background, "\" stroke=\"", palette_.port, "\" stroke-width=\"1.8\"/>");
        }
        add("</g>\n");
    }

    const Graph& graph_;
    const SvgLook& look_;
    const Palette& palette_;
    std::string out_;
};

}  // namespace

std::string xml_text(std::string_view text) {
    std::string valid = base::to_valid_utf8(text);
    std::string out;
    out.reserve(valid.size());
    for (std::size_t i = 0; i < valid.size(); ++i) {
        const char c = valid[i];
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default:
                if (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') {
                    out += "\xEF\xBF\xBD";
                } else if (byte == 0xEF && i + 2 < valid.size() && valid[i + 1] == '\xBF' && (valid[i + 2] == '\xBE' || valid[i + 2] == '\xBF')) {
                    out += "\xEF\xBF\xBD";  // U+FFFE and U+FFFF are no characters of XML
                    i += 2;
                } else {
                    out += c;
                }
        }
    }
    return out;
}

std::string graph_as_svg(const Graph& graph, const SvgLook& look) { return Writer(graph, look).write(); }

}  // namespace model
