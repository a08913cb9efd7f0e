// CanvasView: the workflow canvas. Pan, zoom, select, move, connect, delete, add, copy, arrange, minimap; nodes and edges as semantic records.
//
//   view.register_commands(commands, app);
//   view.draw(ctx, min, max);       // once per frame, inside an ImGui window
//
// The document is changed by App::edit() only, once per gesture: a drag moves a picture of the nodes and edits when it ends.
// Mouse: drag empty canvas to pan (also the middle or right button, and Space), Shift-drag for a marquee (a setting swaps these), drag a node to
// move the selection, drag from a port to connect, drag the end of an edge to reconnect it; the wheel pans, Ctrl/Cmd-wheel and pinch zoom
// at the pointer. At the edges of the canvas a drag moves the view. Keys are commands ("canvas.*"), active while the canvas has the
// keyboard; Tab walks the nodes and leaves after the last. docs/canvas.md has all of it.
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
#include "ui/canvas/canvas_find.hpp"
#include "ui/canvas/canvas_guides.hpp"
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
    enum class Marquee : std::uint8_t { replaces, adds, toggles };
    // What the node search adds a node for.
    struct NodeSearch {
        bool wanted = false;       // opens with the next frame
        model::Vec2 at;            // canvas: where the node goes, or where its port goes
        std::string connect;       // id of the node it is to be connected to; may be empty
        bool before = false;       // an edge leads from the new node to that one
        std::string edge;          // id of the edge it goes into; may be empty
        std::string query;
        int chosen = 0;
    };
    // What a right click was on.
    struct ContextMenu {
        bool wanted = false;
        model::Vec2 at;
        enum class Of : std::uint8_t { canvas, node, edge } of = Of::canvas;
    };

    void draw_content(UiContext& ctx, ImVec2 min, ImVec2 max);
    void draw_overlays(UiContext& ctx);
    // canvas_gestures.cpp
    void handle_input(UiContext& ctx, ImGuiID id, bool hovered, bool active);
    void begin_gesture(UiContext& ctx);
    void begin_move(UiContext& ctx);
    void begin_connecting(model::App& app, model::NodeIndex from, bool backwards);
    void continue_gesture(UiContext& ctx);
    void end_gesture(UiContext& ctx);
    void end_click(UiContext& ctx);
    void end_marquee(model::App& app);
    void end_move(model::App& app);
    void end_connecting(UiContext& ctx);
    void cancel_gesture();
    void auto_pan(UiContext& ctx);
    void lift(model::App& app);
    void drag_nodes(model::App& app);
    void find_drop_edge(const model::Graph& graph);
    void light_edge(model::EdgeIndex edge);
    void find_edge_end(const model::Graph& graph, ImVec2 mouse);
    [[nodiscard]] bool space_held() const;
    [[nodiscard]] model::Rect marquee_rect() const;
    [[nodiscard]] std::set<std::string> marquee_hits(const model::App& app);
    // On the grid when snapping is on, else on whole units.
    [[nodiscard]] static model::Vec2 settled(const model::App& app, model::Vec2 at);

    // canvas_menus.cpp
    void draw_menus(UiContext& ctx);
    void draw_node_search(UiContext& ctx);
    void draw_context_menu(UiContext& ctx);
    void open_context_menu(model::App& app, model::Vec2 at, model::NodeIndex node, model::EdgeIndex edge);
    void open_context_menu_of_selection(model::App& app);
    void insert_on_selected_edge(model::App& app);

    // canvas_find.cpp
    void draw_find(UiContext& ctx);
    void open_find();
    void close_find();
    void find_step(model::App& app, int direction);
    void center_on(model::App& app, model::NodeIndex node);

    void hit_test(const model::Graph& graph, ImVec2 mouse);
    void wheel(UiContext& ctx);
    void keyboard(UiContext& ctx, ImGuiID id);
    void draw_marks(UiContext& ctx, ImDrawList* list);
    void draw_pulses(UiContext& ctx, ImDrawList* list);
    void draw_connection(UiContext& ctx, ImDrawList* list);
    void draw_guides(UiContext& ctx, ImDrawList* list);
    void draw_lit_ports(UiContext& ctx, ImDrawList* list);
    void push_records(UiContext& ctx);
    void step_node(model::App& app, int direction);
    // Of all nodes, top to bottom; sorted anew only when something was moved.
    const std::vector<model::NodeIndex>& reading_order(const model::Graph& graph);
    void nudge(model::App& app, float dx, float dy, float steps);
    // Undo or redo, and what it was about comes into view.
    void travel(model::App& app, bool redo);
    void zoom_by(model::App& app, float factor);
    void reveal(model::App& app, model::NodeIndex node);
    void zoom_to_selection(model::App& app);
    void open_add_menu(model::Vec2 at);
    [[nodiscard]] model::Viewport current_viewport(const model::App& app) const;
    void register_arrange_commands(CommandTable& commands, model::App& app);
    void register_view_commands(CommandTable& commands, model::App& app);  // canvas_view_commands.cpp
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
    model::Vec2 press_canvas_;      // canvas point under the press
    std::int64_t auto_pan_ms_ = -1; // the last step
    Marquee marquee_ = Marquee::replaces;
    std::set<std::string> marquee_base_;
    model::NodeIndex grabbed_ = model::kNoIndex;  // the dragged node that was pressed: it meets the grid
    model::Rect lift_bounds_;       // of all lifted nodes, where they were
    Guides guides_;
    std::vector<model::NodeIndex> guide_nodes_;   // guides_ name these
    std::vector<model::Rect> guide_rects_;
    model::EdgeIndex drop_edge_ = model::kNoIndex;  // the dragged node would go into this
    bool locked_out_ = false;       // the press would have moved or connected something
    bool moved_ = false;            // beyond the drag threshold
    bool pressed_on_node_ = false;
    bool hand_ = false;             // pressed with Space: it pans, whatever is there
    Lift lift_;                     // where lifted nodes are drawn
    model::NodeIndex connect_from_ = model::kNoIndex;
    bool connect_backwards_ = false;  // began at an input port
    std::string reconnect_edge_;    // the end of this one is dragged; connect_from_ is its other end
    NodeSearch search_;
    ContextMenu menu_;
    NodeFind find_;

    model::NodeIndex hovered_node_ = model::kNoIndex;
    model::EdgeIndex hovered_edge_ = model::kNoIndex;
    int hovered_port_ = 0;          // -1 input, 1 output
    int hovered_end_ = 0;           // of hovered_edge_: -1 at its source, 1 at its target
    bool focused_ = false;
    bool bare_ = false;             // nothing but the canvas: a drag pans wherever it starts
    bool focus_wanted_ = false;
    std::string selected_edges_key_;
    std::vector<model::NodeIndex> order_;
    std::uint64_t order_layout_ = 0, order_epoch_ = 0;  // of the graph that order_ is of

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
