// WorkflowDocument: a workflow's name and graph with its history; what undo, autosave and other tabs share.
//
//   document.open(std::move(graph), "Shop");
//   document.edit(MoveNodes{...}, {.group = "nudge"}, now_ms);
//   document.undo(1);
//   document.apply_remote(patch);        // another tab saved this; it is not ours to undo
//
// Promises
//   - edit() either makes its change and one entry (or joins one), or fails and changes nothing. What changes nothing makes no entry.
//   - undo() and redo() give back the document as it was, to the byte: ids, data, drawing order, edge lists.
//   - An edit brings the link fields of the nodes it concerns along (graph/connections.hpp), as a part of the same entry.
//   - What came from elsewhere is never overwritten, removed or brought back by undo or redo: apply_remote() takes everything it touched
//     out of all entries, field group by field group (a node's existence, position, data; an edge; the name). Entries left empty go.
//   - Selection and viewport are no part of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.hpp"
#include "state/history.hpp"

namespace model {

class LinkUpdate;

// Applied in order; the name is set last.
struct Patch {
    std::vector<Change> changes;
    std::optional<std::string> name = {};
    [[nodiscard]] bool empty() const { return changes.empty() && !name; }
};

// What an edit or an undo concerned, for selecting it.
struct Touched {
    std::vector<std::string> nodes, edges;
};

struct EditOptions {
    std::string title = {};  // empty: made from the change ("Move 3 nodes")
    std::string group = {};  // joins the entry before when that has the same group and is fresh; empty: by the change (typing)
};

class WorkflowDocument {
public:
    static constexpr std::size_t kLimit = 100;
    static constexpr std::int64_t kTypingMs = 1'000;

    WorkflowDocument() : history_({.limit = kLimit, .window_ms = kTypingMs}) {}

    // Another document, as it is stored: clean and without history.
    void open(Graph graph, std::string name);
    void close() { open(Graph{}, {}); }

    [[nodiscard]] const Graph& graph() const { return graph_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    // Status is no part of the document.
    bool set_status(std::string_view node_id, NodeStatus status) { return graph_.set_status(node_id, std::move(status)); }

    base::Result<void> edit(const Change& change, EditOptions options, std::int64_t now_ms);
    bool rename(std::string name, std::int64_t now_ms);
    // Becomes `graph` by one entry (`title`), the order of drawing included; undoing that restores all but the order.
    void adopt(const Graph& graph, const std::string& name, std::string title, std::int64_t now_ms);
    // Everything between these is one entry.
    void begin(std::string title) { history_.begin(std::move(title)); }
    void end() { history_.end(); }

    [[nodiscard]] bool can_undo() const { return history_.can_undo(); }
    [[nodiscard]] bool can_redo() const { return history_.can_redo(); }
    [[nodiscard]] std::string_view undo_title() const { return history_.undo_title(); }
    [[nodiscard]] std::string_view redo_title() const { return history_.redo_title(); }
    // nullopt: there was nothing to undo, or nothing of it could be.
    std::optional<Touched> undo(std::size_t n = 1);
    std::optional<Touched> redo(std::size_t n = 1);

    // Made elsewhere and stored there; only on a clean document. False (and the document unchanged) when it does not fit.
    bool apply_remote(const Patch& patch);
    // The stored version, whatever became of it: the document becomes that one, as if by apply_remote().
    void adopt_remote(const Graph& graph, const std::string& name);

    [[nodiscard]] state::StateId present() const { return history_.present(); }
    [[nodiscard]] bool dirty() const { return history_.dirty(); }
    void mark_saved(state::StateId id) { history_.mark_saved(id); }

    // Hears of every change made here (not of remote ones), after it was made.
    class Listener {
    public:
        virtual ~Listener() = default;
        virtual void changed(const Graph& graph, const Change& change) = 0;
        virtual void renamed(const std::string& name) = 0;
    };
    void set_listener(Listener* listener) { listener_ = listener; }
    [[nodiscard]] const state::History<Patch>& history() const { return history_; }

private:
    // Applies what can be applied (with `keep_rules`, only edges that there is room for); returns the inverse of that. `exact` becomes
    // false when something was left out.
    Patch apply(Patch patch, Touched& touched, bool keep_rules, bool& exact);
    void arrange_as(const Graph& graph);
    // Brings the link fields up to date, as part of the edit whose parts are in `undo`.
    void follow(const LinkUpdate& links, std::vector<std::vector<Change>>& undo);

    Graph graph_;
    std::string name_;
    state::History<Patch> history_;
    Listener* listener_ = nullptr;
    bool mixed_ = false;  // something came from elsewhere: what is brought back must keep the rules of edges
};

// "Move 3 nodes", "Delete web", "Change image of web": what `change` would do to `graph`.
[[nodiscard]] std::string title_of(const Graph& graph, const Change& change);
// Typing into one field, word by word; empty for what stands alone.
[[nodiscard]] std::string group_of(const Graph& graph, const Change& change);

}  // namespace model
