#include "ui/icons.hpp"

#include <imgui_internal.h>

#include <initializer_list>

#include "ui/theme.hpp"

namespace ui {

namespace {

constexpr float kPi = 3.14159265358979f;

// Draws on the 18 x 18 grid.
struct Pen {
    ImDrawList* list;
    ImVec2 origin;
    float scale;
    ImU32 color;
    float width;

    [[nodiscard]] ImVec2 at(float x, float y) const { return ImVec2(origin.x + x * scale, origin.y + y * scale); }
    void poly(std::initializer_list<ImVec2> points, bool closed = false) const {
        list->PathClear();
        for (const ImVec2& p : points) list->PathLineTo(at(p.x, p.y));
        list->PathStroke(color, closed ? ImDrawFlags_Closed : ImDrawFlags_None, width);
    }
    void line(float x1, float y1, float x2, float y2) const { poly({{x1, y1}, {x2, y2}}); }
    void circle(float x, float y, float r) const { list->AddCircle(at(x, y), r * scale, color, 0, width); }
    void dot(float x, float y, float r) const { list->AddCircleFilled(at(x, y), r * scale, color); }
    void rect(float x, float y, float w, float h, float r = 1.5f) const {
        list->AddRect(at(x, y), at(x + w, y + h), color, r * scale, 0, width);
    }
    // Angles in turns, 0 = right, clockwise.
    void arc(float x, float y, float r, float from, float to) const {
        list->PathClear();
        list->PathArcTo(at(x, y), r * scale, from * 2 * kPi, to * 2 * kPi);
        list->PathStroke(color, 0, width);
    }
    void ellipse(float x, float y, float rx, float ry, float from = 0, float to = 1) const {
        list->PathClear();
        const int segments = 24;
        const bool closed = to - from >= 1;
        const int last = closed ? segments - 1 : segments;
        for (int i = 0; i <= last; ++i) {
            const float a = (from + (to - from) * static_cast<float>(i) / segments) * 2 * kPi;
            list->PathLineTo(at(x + rx * ImCos(a), y + ry * ImSin(a)));
        }
        list->PathStroke(color, closed ? ImDrawFlags_Closed : ImDrawFlags_None, width);
    }
    void curve(ImVec2 a, ImVec2 b, ImVec2 c, ImVec2 d) const {
        list->AddBezierCubic(at(a.x, a.y), at(b.x, b.y), at(c.x, c.y), at(d.x, d.y), color, width);
    }
    void fill(std::initializer_list<ImVec2> points) const {
        list->PathClear();
        for (const ImVec2& p : points) list->PathLineTo(at(p.x, p.y));
        list->PathFillConvex(color);
    }
};

void draw_rail(const Pen& pen, Icon icon) {
    switch (icon) {
        case Icon::workflows:
            pen.rect(2, 3, 5.5f, 5, 1);
            pen.rect(10.5f, 10, 5.5f, 5, 1);
            pen.poly({{7.5f, 5.5f}, {9.5f, 5.5f}, {9.5f, 12.5f}, {10.5f, 12.5f}});
            break;
        case Icon::box:
            pen.poly({{9, 2}, {15.5f, 5.5f}, {15.5f, 12.5f}, {9, 16}, {2.5f, 12.5f}, {2.5f, 5.5f}}, true);
            pen.poly({{2.5f, 5.5f}, {9, 9}, {15.5f, 5.5f}});
            pen.line(9, 9, 9, 16);
            break;
        case Icon::studio:
            pen.circle(9, 9, 3);
            pen.line(9, 1.5f, 9, 4);
            pen.line(9, 14, 9, 16.5f);
            pen.line(1.5f, 9, 4, 9);
            pen.line(14, 9, 16.5f, 9);
            break;
        case Icon::clusters:
            pen.rect(2.5f, 3, 13, 5, 1.2f);
            pen.rect(2.5f, 10, 13, 5, 1.2f);
            pen.dot(5.5f, 5.5f, 0.9f);
            pen.dot(5.5f, 12.5f, 0.9f);
            break;
        case Icon::activity:
            pen.poly({{1.5f, 9}, {4.8f, 9}, {7, 3}, {11, 15}, {13.2f, 9}, {16.5f, 9}});
            break;
        case Icon::settings:
            pen.line(2, 5, 16, 5);
            pen.line(2, 13, 16, 13);
            pen.list->AddCircleFilled(pen.at(6, 5), 2.2f * pen.scale, pen.color);
            pen.list->AddCircleFilled(pen.at(12, 13), 2.2f * pen.scale, pen.color);
            break;
        default: break;
    }
}

void draw_kind(const Pen& pen, Icon icon) {
    switch (icon) {
        case Icon::globe:
            pen.circle(9, 9, 6.8f);
            pen.ellipse(9, 9, 3, 6.8f);
            pen.line(2.2f, 9, 15.8f, 9);
            break;
        case Icon::network:
            pen.circle(9, 4, 1.8f);
            pen.circle(4, 14, 1.8f);
            pen.circle(14, 14, 1.8f);
            pen.poly({{9, 5.8f}, {9, 9}});
            pen.poly({{4.6f, 12.3f}, {9, 9}, {13.4f, 12.3f}});
            break;
        case Icon::hexagon:
            pen.poly({{9, 2}, {15, 5.5f}, {15, 12.5f}, {9, 16}, {3, 12.5f}, {3, 5.5f}}, true);
            break;
        case Icon::database:
            pen.ellipse(9, 4.2f, 5.5f, 2.2f);
            pen.line(3.5f, 4.2f, 3.5f, 13.8f);
            pen.line(14.5f, 4.2f, 14.5f, 13.8f);
            pen.ellipse(9, 13.8f, 5.5f, 2.2f, 0, 0.5f);
            pen.ellipse(9, 9, 5.5f, 2.2f, 0, 0.5f);
            break;
        case Icon::file:
            pen.poly({{4, 2}, {10.5f, 2}, {14, 5.5f}, {14, 16}, {4, 16}}, true);
            pen.poly({{10.2f, 2.2f}, {10.2f, 5.8f}, {13.8f, 5.8f}});
            break;
        case Icon::lock:
            pen.rect(3.5f, 8, 11, 8, 1.5f);
            pen.arc(9, 6, 3, 0.5f, 1.0f);
            pen.line(6, 6, 6, 8);
            pen.line(12, 6, 12, 8);
            pen.dot(9, 12, 1.1f);
            break;
        case Icon::check:
        case Icon::ok:
            if (icon == Icon::ok) {
                pen.circle(9, 9, 7);
                pen.poly({{5.8f, 9.2f}, {8.1f, 11.5f}, {12.3f, 6.8f}});
            } else {
                pen.poly({{3.5f, 9.5f}, {7.2f, 13}, {14.5f, 5}});
            }
            break;
        case Icon::clock:
            pen.circle(9, 9, 7);
            pen.poly({{9, 4.8f}, {9, 9}, {12, 10.8f}});
            break;
        case Icon::disk:
            pen.rect(2.5f, 3, 13, 12, 2);
            pen.line(2.5f, 10.5f, 15.5f, 10.5f);
            pen.dot(12.5f, 12.8f, 0.9f);
            break;
        case Icon::shield:
            pen.poly({{9, 2}, {15, 4.2f}, {15, 9}, {13.2f, 13}, {9, 16}, {4.8f, 13}, {3, 9}, {3, 4.2f}}, true);
            break;
        case Icon::gauge:
            pen.arc(9, 11, 6.8f, 0.5f, 1.0f);
            pen.line(2.2f, 11, 2.2f, 13);
            pen.line(15.8f, 11, 15.8f, 13);
            pen.line(9, 11.5f, 12.2f, 7.5f);
            break;
        case Icon::layers:
            pen.poly({{9, 2.5f}, {16, 6.2f}, {9, 10}, {2, 6.2f}}, true);
            pen.poly({{2, 11}, {9, 14.8f}, {16, 11}});
            break;
        case Icon::puzzle:
            pen.rect(3, 6, 9, 9, 1.2f);
            pen.arc(7.5f, 4.4f, 2, 0.4f, 1.1f);
            pen.arc(13.6f, 10.5f, 2, -0.35f, 0.35f);
            break;
        default: break;
    }
}

void draw_sign(const Pen& pen, Icon icon) {
    switch (icon) {
        case Icon::warning:
            pen.poly({{9, 2.5f}, {16.5f, 15.5f}, {1.5f, 15.5f}}, true);
            pen.line(9, 7, 9, 11);
            pen.dot(9, 13.2f, 0.95f);
            break;
        case Icon::info:
            pen.circle(9, 9, 7);
            pen.line(9, 8.5f, 9, 12.8f);
            pen.dot(9, 5.6f, 1);
            break;
        case Icon::error:
            pen.circle(9, 9, 7);
            pen.line(9, 5, 9, 9.6f);
            pen.dot(9, 12.6f, 1);
            break;
        case Icon::help:
            pen.circle(9, 9, 7);
            pen.arc(9, 7.2f, 2.1f, 0.5f, 1.15f);
            pen.line(9, 9.4f, 9, 10.4f);
            pen.dot(9, 12.9f, 0.95f);
            break;
        case Icon::sun:
            pen.circle(9, 9, 3.2f);
            for (int i = 0; i < 8; ++i) {
                const float a = static_cast<float>(i) * kPi / 4;
                pen.line(9 + 5.4f * ImCos(a), 9 + 5.4f * ImSin(a), 9 + 7.4f * ImCos(a), 9 + 7.4f * ImSin(a));
            }
            break;
        case Icon::moon:
            pen.arc(9, 9, 6.6f, 0.03f, 0.72f);
            pen.arc(12.6f, 5.4f, 5.0f, 0.21f, 0.54f);
            break;
        case Icon::monitor:
            pen.rect(2, 3, 14, 9.5f, 1.5f);
            pen.line(9, 12.5f, 9, 15.5f);
            pen.line(5.5f, 15.5f, 12.5f, 15.5f);
            break;
        case Icon::user:
            pen.circle(9, 6, 3.2f);
            pen.arc(9, 16.5f, 6.2f, 0.53f, 0.97f);
            break;
        case Icon::terminal:
            pen.rect(2, 3, 14, 12, 1.5f);
            pen.poly({{5, 7}, {7.5f, 9}, {5, 11}});
            pen.line(9, 11.5f, 12.5f, 11.5f);
            break;
        case Icon::list:
            for (const float y : {4.5f, 9.0f, 13.5f}) {
                pen.line(6, y, 16, y);
                pen.dot(2.8f, y, 1);
            }
            break;
        case Icon::layout:
            pen.rect(2, 3, 5.2f, 4.4f, 1);
            pen.rect(10.8f, 3, 5.2f, 4.4f, 1);
            pen.rect(6.4f, 11, 5.2f, 4.4f, 1);
            pen.poly({{4.6f, 7.4f}, {4.6f, 9.2f}, {13.4f, 9.2f}, {13.4f, 7.4f}});
            pen.line(9, 9.2f, 9, 11);
            break;
        default: break;
    }
}

void draw_action(const Pen& pen, Icon icon) {
    switch (icon) {
        case Icon::plus:
            pen.line(9, 3.5f, 9, 14.5f);
            pen.line(3.5f, 9, 14.5f, 9);
            break;
        case Icon::minus: pen.line(3.5f, 9, 14.5f, 9); break;
        case Icon::fit:
            pen.poly({{2.5f, 6.5f}, {2.5f, 2.5f}, {6.5f, 2.5f}});
            pen.poly({{11.5f, 2.5f}, {15.5f, 2.5f}, {15.5f, 6.5f}});
            pen.poly({{15.5f, 11.5f}, {15.5f, 15.5f}, {11.5f, 15.5f}});
            pen.poly({{6.5f, 15.5f}, {2.5f, 15.5f}, {2.5f, 11.5f}});
            break;
        case Icon::search:
            pen.circle(8, 8, 5);
            pen.line(11.6f, 11.6f, 15.5f, 15.5f);
            break;
        case Icon::play: pen.fill({{5, 3.2f}, {14.5f, 9}, {5, 14.8f}}); break;
        case Icon::close:
            pen.line(4, 4, 14, 14);
            pen.line(14, 4, 4, 14);
            break;
        case Icon::chevron_down: pen.poly({{4.5f, 7}, {9, 11.5f}, {13.5f, 7}}); break;
        case Icon::chevron_up: pen.poly({{4.5f, 11}, {9, 6.5f}, {13.5f, 11}}); break;
        case Icon::chevron_right: pen.poly({{7, 4.5f}, {11.5f, 9}, {7, 13.5f}}); break;
        case Icon::undo:
            pen.poly({{6.5f, 3.5f}, {3, 7}, {6.5f, 10.5f}});
            pen.line(3, 7, 11, 7);
            pen.arc(11, 10.75f, 3.75f, -0.25f, 0.25f);
            pen.line(11, 14.5f, 7, 14.5f);
            break;
        case Icon::redo:
            pen.poly({{11.5f, 3.5f}, {15, 7}, {11.5f, 10.5f}});
            pen.line(15, 7, 7, 7);
            pen.arc(7, 10.75f, 3.75f, 0.25f, 0.75f);
            pen.line(7, 14.5f, 11, 14.5f);
            break;
        case Icon::copy:
            pen.rect(6, 6, 9.5f, 9.5f, 1.5f);
            pen.poly({{3.5f, 12}, {2.5f, 12}, {2.5f, 2.5f}, {12, 2.5f}, {12, 3.5f}});
            break;
        case Icon::trash:
            pen.line(2.5f, 4.5f, 15.5f, 4.5f);
            pen.poly({{6.5f, 4.5f}, {6.5f, 2.3f}, {11.5f, 2.3f}, {11.5f, 4.5f}});
            pen.poly({{4, 4.5f}, {4.8f, 15.7f}, {13.2f, 15.7f}, {14, 4.5f}});
            break;
        case Icon::external:
            pen.poly({{8, 4}, {3, 4}, {3, 15}, {14, 15}, {14, 10}});
            pen.poly({{10.5f, 2.8f}, {15.2f, 2.8f}, {15.2f, 7.5f}});
            pen.line(15, 3, 8.5f, 9.5f);
            break;
        case Icon::menu:
            for (const float y : {4.5f, 9.0f, 13.5f}) pen.line(2.5f, y, 15.5f, y);
            break;
        case Icon::more:
            for (const float x : {4.0f, 9.0f, 14.0f}) pen.dot(x, 9, 1.4f);
            break;
        case Icon::logout:
            pen.poly({{7, 2.5f}, {3, 2.5f}, {3, 15.5f}, {7, 15.5f}});
            pen.line(7.5f, 9, 15.5f, 9);
            pen.poly({{12, 5.5f}, {15.5f, 9}, {12, 12.5f}});
            break;
        case Icon::bell:
            pen.curve({3, 13.2f}, {5.4f, 11}, {3.6f, 3.2f}, {9, 3.2f});
            pen.curve({9, 3.2f}, {14.4f, 3.2f}, {12.6f, 11}, {15, 13.2f});
            pen.line(3, 13.2f, 15, 13.2f);
            pen.arc(9, 13.6f, 2.2f, 0.05f, 0.45f);
            break;
        case Icon::refresh:
            pen.arc(9, 9, 6, 0.08f, 0.86f);
            pen.poly({{13.6f, 1.8f}, {13.2f, 5.2f}, {9.9f, 4.6f}});
            break;
        case Icon::edit:
            pen.poly({{3, 15}, {3.6f, 11.6f}, {12.2f, 3}, {15, 5.8f}, {6.4f, 14.4f}}, true);
            pen.line(10.4f, 4.8f, 13.2f, 7.6f);
            break;
        case Icon::follow:
            pen.line(9, 2.5f, 9, 11);
            pen.poly({{5.2f, 7.6f}, {9, 11.4f}, {12.8f, 7.6f}});
            pen.line(3.5f, 15, 14.5f, 15);
            break;
        case Icon::arrow_up:
            pen.line(9, 3.5f, 9, 14.5f);
            pen.poly({{4.8f, 7.7f}, {9, 3.5f}, {13.2f, 7.7f}});
            break;
        case Icon::arrow_down:
            pen.line(9, 3.5f, 9, 14.5f);
            pen.poly({{4.8f, 10.3f}, {9, 14.5f}, {13.2f, 10.3f}});
            break;
        default: break;
    }
}

void draw_provider(const Pen& pen, Icon icon) {
    switch (icon) {
        case Icon::github:  // a cat's head, and its tail
            pen.poly({{4.3f, 2.4f}, {6.9f, 3.9f}, {11.1f, 3.9f}, {13.7f, 2.4f}, {14.2f, 5.0f}, {15.1f, 7.2f}, {14.7f, 9.6f}, {13.3f, 11.2f}, {11.3f, 12.0f}, {11.8f, 13.4f}, {11.8f, 16.4f}});
            pen.poly({{4.3f, 2.4f}, {3.8f, 5.0f}, {2.9f, 7.2f}, {3.3f, 9.6f}, {4.7f, 11.2f}, {6.7f, 12.0f}, {6.2f, 13.4f}, {6.2f, 16.4f}});
            pen.poly({{6.2f, 14.7f}, {4.9f, 14.8f}, {4.0f, 14.2f}, {3.4f, 13.1f}, {2.3f, 12.7f}});
            break;
        case Icon::key:
            pen.circle(5.8f, 9, 3.3f);
            pen.line(9.1f, 9, 16, 9);
            pen.line(12.8f, 9, 12.8f, 11.6f);
            pen.line(15.6f, 9, 15.6f, 12.2f);
            break;
        default: break;
    }
}

}  // namespace

void draw_icon(ImDrawList* list, Icon icon, ImVec2 min, float size, ImU32 color, float stroke) {
    if (icon == Icon::none || (color >> 24) == 0) return;
    const float scale = size / metrics::kIcon;
    const float width = stroke > 0 ? stroke : ImMax(metrics::kIconStroke * scale, 1.2f);
    const Pen pen{list, min, scale, color, width};
    // Each drawer knows a part of the icons and ignores the others.
    draw_rail(pen, icon);
    draw_kind(pen, icon);
    draw_sign(pen, icon);
    draw_action(pen, icon);
    draw_provider(pen, icon);
}

void draw_icon_centered(ImDrawList* list, Icon icon, ImVec2 center, float size, ImU32 color, float stroke) {
    draw_icon(list, icon, ImVec2(center.x - size / 2, center.y - size / 2), size, color, stroke);
}

Icon kind_icon(model::NodeKind kind) {
    using model::NodeKind;
    switch (kind) {
        case NodeKind::deployment: return Icon::hexagon;
        case NodeKind::service: return Icon::network;
        case NodeKind::ingress: return Icon::globe;
        case NodeKind::configmap: return Icon::file;
        case NodeKind::secret: return Icon::lock;
        case NodeKind::persistentvolumeclaim: return Icon::disk;
        case NodeKind::statefulset: return Icon::database;
        case NodeKind::job: return Icon::check;
        case NodeKind::cronjob: return Icon::clock;
        case NodeKind::daemonset: return Icon::layers;
        case NodeKind::hpa: return Icon::gauge;
        case NodeKind::networkpolicy: return Icon::shield;
        case NodeKind::plugin: return Icon::puzzle;
    }
    return Icon::box;
}

}  // namespace ui
