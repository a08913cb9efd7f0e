// CanvasView: the workflow canvas. Pan, zoom, select, move, connect, delete, add, copy, arrange, minimap; nodes and edges as semantic records.
//
//   view.register_commands(commands, app);
//   view.draw(ctx, min, max);       // once per frame, inside an ImGui window
//
// The document is changed by App::edit() only, once per gesture: a drag moves a picture of the nodes and edits when it ends.
// Mouse: drag empty canvas to pan (also the middle button), Shift-drag for a marquee, drag a node to move the selection, drag from a
// port to connect; the wheel pans, Ctrl/Cmd-wheel and pinch zoom at the pointer. Keys are commands ("canvas.*"), active while the canvas
// has the keyboard; Tab walks the nodes and leaves after the last.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <imgui.h>

#include "base/unique_function.hpp"
#include "model/graph.hpp"
#include "model/spatial_index.hpp"
#include "ui/canvas/canvas_scene.hpp"
#include "ui/canvas/canvas_space.hpp"
#include "ui/canvas/minimap.hpp"
#include "ui/commands.hpp"
#include "ui/ui_context.hpp"

namespace ui {

class CanvasView {
public:
    CanvasView() = default;
    CanvasView(const CanvasView&) = delete;
    CanvasView& operator=(const CanvasView&) = delete;

    void draw(UiContext& ctx, ImVec2 min, ImVec2 max);
    // The canvas without its overlays (?bench=graph); there a drag pans wherever it starts.
    void draw_bare(UiContext& ctx, ImVec2 min, ImVec2 max);
    void register_commands(CommandTable& commands, model::App& app);
    // Shows the whole graph in an area of this size.
    void fit(model::App& app, ImVec2 size);

    [[nodiscard]] CanvasScene& scene() { return scene_; }
    [[nodiscard]] bool focused() const { return focused_; }

private:
    enum class Gesture : std::uint8_t { none, pan, marquee, move, connect };

    void draw_content(UiContext& ctx, ImVec2 min, ImVec2 max);
    void draw_overlays(UiContext& ctx);
    void draw_add_menu(UiContext& ctx);
    void handle_input(UiContext& ctx, ImGuiID id, bool hovered, bool active);
    void begin_gesture(UiContext& ctx);
    void end_gesture(UiContext& ctx);
    void cancel_gesture();
    void hit_test(const model::Graph& graph, ImVec2 mouse);
    void wheel(UiContext& ctx);
    void keyboard(UiContext& ctx, ImGuiID id);
    void draw_marks(UiContext& ctx, ImDrawList* list);
    void draw_pulses(UiContext& ctx, ImDrawList* list);
    void draw_connection(UiContext& ctx, ImDrawList* list);
    void push_records(UiContext& ctx);
    void step_node(model::App& app, int direction);
    [[nodiscard]] std::vector<model::NodeIndex> reading_order(const model::Graph& graph) const;
    void nudge(model::App& app, float dx, float dy);
    // Undo or redo, and what it was about comes into view.
    void travel(model::App& app, bool redo);
    void zoom_by(model::App& app, float factor);
    void reveal(model::App& app, model::NodeIndex node);
    void open_add_menu(model::Vec2 at);
    [[nodiscard]] model::Viewport current_viewport(const model::App& app) const;
    void register_arrange_commands(CommandTable& commands, model::App& app);
    // Runs an edit that moves nodes; they are drawn on their way for a moment.
    void glide(model::App& app, base::UniqueFunction<void()> edit);
    void step_glide(UiContext& ctx);
    // The canvas point under the pointer, if it is over the canvas.
    [[nodiscard]] std::optional<model::Vec2> pointed_at() const;

    model::SpatialIndex index_;
    CanvasScene scene_;
    SceneLook look_;
    Minimap minimap_;
    CanvasSpace space_{};
    bool placed_ = false;           // space_ is of a drawn frame
    std::uint64_t slot_epoch_ = 0;  // of the graph that the indices here belong to

    Gesture gesture_ = Gesture::none;
    ImVec2 press_at_{};             // window px
    model::Viewport press_view_;
    bool moved_ = false;            // beyond the drag threshold
    bool pressed_on_node_ = false;
    Lift lift_;                     // where lifted nodes are drawn
    model::NodeIndex connect_from_ = model::kNoIndex;
    bool connect_backwards_ = false;  // began at an input port
    bool add_menu_wanted_ = false;
    model::Vec2 add_at_;

    model::NodeIndex hovered_node_ = model::kNoIndex;
    model::EdgeIndex hovered_edge_ = model::kNoIndex;
    int hovered_port_ = 0;          // -1 input, 1 output
    bool focused_ = false;
    bool bare_ = false;             // nothing but the canvas: a drag pans wherever it starts
    bool focus_wanted_ = false;
    std::string selected_edges_key_;

    struct Pulse {
        model::NodeState state = model::NodeState::none;
        std::int64_t since_ms = -1;
    };
    struct Glide {
        std::vector<model::Vec2> from;  // by node slot: from where it stands now to where it came from
        std::int64_t since_ms = -1;     // -1: begins with the next frame
        bool active = false;
    };
    Glide glide_;
    std::vector<Pulse> pulses_;     // by node slot
    std::string pulses_workflow_;
    std::uint64_t pulses_version_ = 0;
};

}  // namespace ui
