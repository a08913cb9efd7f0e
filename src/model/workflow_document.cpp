#include "model/workflow_document.hpp"

#include <algorithm>
#include <unordered_set>

#include "model/graph/connections.hpp"
#include "model/graph_diff.hpp"

namespace model {

namespace {

// What a change from elsewhere has touched. Undo keeps off it.
struct Facts {
    std::unordered_set<std::string> existence, position, data, attached, edges;
    bool name = false;

    void add(const Patch& patch) {
        for (const Change& change : patch.changes) std::visit([this](const auto& one) { add(one); }, change);
        name = name || patch.name.has_value();
    }
    void add(const AddNode& c) { existence.insert(c.node.id); }
    void add(const RemoveNodes& c) { existence.insert(c.ids.begin(), c.ids.end()); }
    void add(const MoveNodes& c) {
        for (const MoveNode& move : c.moves) position.insert(move.id);
    }
    void add(const SetNodeData& c) { data.insert(c.id); }
    void add(const AddEdge& c) { add(c.edge); }
    void add(const RemoveEdges& c) { edges.insert(c.ids.begin(), c.ids.end()); }
    void add(const Restore& c) {
        for (const auto& [slot, node, status] : c.nodes) existence.insert(node.id);
        for (const auto& [slot, edge] : c.edges) add(edge);
    }
    void add(const Edge& edge) {
        edges.insert(edge.id);
        attached.insert(edge.source);
        attached.insert(edge.target);
    }

    [[nodiscard]] bool has_edge(const Edge& edge) const { return edges.contains(edge.id) || existence.contains(edge.source) || existence.contains(edge.target); }
    [[nodiscard]] bool has_node(const std::string& id) const {
        return existence.contains(id) || position.contains(id) || data.contains(id) || attached.contains(id);
    }

    // Each removes from the change what was touched; true when nothing is left of it.
    bool strip(AddNode& c) const { return existence.contains(c.node.id); }
    bool strip(RemoveNodes& c) const {
        std::erase_if(c.ids, [&](const std::string& id) { return has_node(id); });
        return c.ids.empty();
    }
    bool strip(MoveNodes& c) const {
        std::erase_if(c.moves, [&](const MoveNode& move) { return position.contains(move.id) || existence.contains(move.id); });
        return c.moves.empty();
    }
    bool strip(SetNodeData& c) const { return data.contains(c.id) || existence.contains(c.id); }
    bool strip(AddEdge& c) const { return has_edge(c.edge); }
    bool strip(RemoveEdges& c) const {
        std::erase_if(c.ids, [&](const std::string& id) { return edges.contains(id); });
        return c.ids.empty();
    }
    bool strip(Restore& c) const {
        std::erase_if(c.nodes, [&](const Restore::NodeAt& at) { return existence.contains(at.node.id); });
        std::erase_if(c.edges, [&](const Restore::EdgeAt& at) { return has_edge(at.edge); });
        return c.nodes.empty() && c.edges.empty();
    }
    void strip(Patch& patch) const {
        std::erase_if(patch.changes, [this](Change& change) { return std::visit([this](auto& one) { return strip(one); }, change); });
        if (name) patch.name.reset();
    }
};

void note(Touched& touched, const Change& change) {
    struct Visitor {
        Touched& out;
        void operator()(const AddNode& c) const { out.nodes.push_back(c.node.id); }
        void operator()(const RemoveNodes&) const {}
        void operator()(const MoveNodes& c) const {
            for (const MoveNode& move : c.moves) out.nodes.push_back(move.id);
        }
        void operator()(const SetNodeData& c) const {
            if (!c.follows) out.nodes.push_back(c.id);
        }
        void operator()(const AddEdge& c) const { out.edges.push_back(c.edge.id); }
        void operator()(const RemoveEdges&) const {}
        void operator()(const Restore& c) const {
            for (const auto& [slot, node, status] : c.nodes) out.nodes.push_back(node.id);
            if (!c.nodes.empty()) return;
            for (const auto& [slot, edge] : c.edges) out.edges.push_back(edge.id);
        }
    };
    std::visit(Visitor{touched}, change);
}

// True when undoing `older` also undoes `newer`: it sets at least the same values.
bool covers(const Patch& older, const Patch& newer) {
    if (newer.name && !older.name) return false;
    const auto covered = [&](const Change& change) {
        if (const auto* data = std::get_if<SetNodeData>(&change)) {
            return std::any_of(older.changes.begin(), older.changes.end(), [&](const Change& c) {
                const auto* other = std::get_if<SetNodeData>(&c);
                return other && other->id == data->id;
            });
        }
        const auto* moves = std::get_if<MoveNodes>(&change);
        return moves && std::any_of(older.changes.begin(), older.changes.end(), [&](const Change& c) {
            const auto* other = std::get_if<MoveNodes>(&c);
            if (!other || other->moves.size() < moves->moves.size()) return false;
            std::unordered_set<std::string_view> ids;
            for (const MoveNode& move : other->moves) ids.insert(move.id);
            return std::all_of(moves->moves.begin(), moves->moves.end(), [&](const MoveNode& move) { return ids.contains(move.id); });
        });
    };
    const auto sets_values = [](const Patch& patch) {
        return std::all_of(patch.changes.begin(), patch.changes.end(),
                           [](const Change& c) { return std::holds_alternative<SetNodeData>(c) || std::holds_alternative<MoveNodes>(c); });
    };
    return sets_values(older) && sets_values(newer) && std::all_of(newer.changes.begin(), newer.changes.end(), covered);
}

void merge_undo(Patch& older, Patch newer) {
    if (covers(older, newer)) return;
    // The newer edit is taken back first.
    std::vector<Change> all = std::move(newer.changes);
    for (Change& change : older.changes) all.push_back(std::move(change));
    older.changes = std::move(all);
    if (!older.name) older.name = std::move(newer.name);
}

void reverse_parts(std::vector<std::vector<Change>>& parts, std::vector<Change>& out) {
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        for (Change& change : *part) out.push_back(std::move(change));
    }
}

}  // namespace

void WorkflowDocument::open(Graph graph, std::string name) {
    graph_.replace(std::move(graph));
    name_ = std::move(name);
    history_.clear();
    mixed_ = false;
}

base::Result<void> WorkflowDocument::edit(const Change& change, EditOptions options, std::int64_t now_ms) {
    if (options.title.empty()) options.title = title_of(graph_, change);
    if (options.group.empty()) options.group = group_of(graph_, change);
    const LinkUpdate links(graph_, change);
    std::vector<std::vector<Change>> parts(1);
    if (auto done = graph_.apply(change, &parts.front()); !done) return done;
    if (parts.front().empty()) return {};
    if (listener_) listener_->changed(graph_, change);
    follow(links, parts);
    Patch undo;
    reverse_parts(parts, undo.changes);
    history_.record({std::move(options.title), std::move(options.group), now_ms}, std::move(undo), merge_undo);
    return {};
}

void WorkflowDocument::follow(const LinkUpdate& links, std::vector<std::vector<Change>>& undo) {
    for (SetNodeData& data : links.changes(graph_)) {
        const Change change = std::move(data);
        undo.emplace_back();
        if (graph_.apply(change, &undo.back()) && listener_) listener_->changed(graph_, change);
    }
}

bool WorkflowDocument::rename(std::string name, std::int64_t now_ms) {
    if (name == name_) return false;
    Patch undo{.changes = {}, .name = std::exchange(name_, std::move(name))};
    if (listener_) listener_->renamed(name_);
    history_.record({.title = "Rename workflow", .group = {}, .now_ms = now_ms}, std::move(undo), merge_undo);
    return true;
}

Patch WorkflowDocument::apply(Patch patch, Touched& touched, bool keep_rules, bool& exact) {
    std::vector<std::vector<Change>> parts;
    const auto make = [&](const Change& change) {
        // With changes of others in between, the data that is put back may say another thing of the edges than is true now.
        std::optional<LinkUpdate> links;
        if (keep_rules) links.emplace(graph_, change);
        std::vector<Change> undo;
        if (!graph_.apply(change, &undo)) exact = false;
        if (undo.empty()) return;
        note(touched, change);
        if (listener_) listener_->changed(graph_, change);
        parts.push_back(std::move(undo));
        if (links) follow(*links, parts);
    };
    for (Change& change : patch.changes) {
        auto* restore = std::get_if<Restore>(&change);
        if (!restore || !keep_rules) {
            make(change);
            continue;
        }
        // Edges that were added elsewhere meanwhile may leave no room for one of these.
        const std::vector<Restore::EdgeAt> edges = std::exchange(restore->edges, {});
        const std::uint64_t epoch = restore->epoch;
        make(change);
        for (const Restore::EdgeAt& at : edges) {
            if (graph_.has_room_for(at.edge)) make(Restore{{}, {at}, epoch});
            else exact = false;
        }
    }
    Patch inverse;
    reverse_parts(parts, inverse.changes);
    if (patch.name && *patch.name != name_) {
        inverse.name = std::exchange(name_, std::move(*patch.name));
        if (listener_) listener_->renamed(name_);
    }
    return inverse;
}

std::optional<Touched> WorkflowDocument::undo(std::size_t n) {
    Touched touched;
    if (history_.undo(n, [&](Patch patch, bool& exact) { return apply(std::move(patch), touched, mixed_, exact); }) == 0) return std::nullopt;
    return touched;
}

std::optional<Touched> WorkflowDocument::redo(std::size_t n) {
    Touched touched;
    if (history_.redo(n, [&](Patch patch, bool& exact) { return apply(std::move(patch), touched, mixed_, exact); }) == 0) return std::nullopt;
    return touched;
}

void WorkflowDocument::arrange_as(const Graph& graph) {
    const GraphOrder order = order_of(graph);
    if (order_of(graph_) != order) graph_.arrange(order.nodes, order.edges);
}

void WorkflowDocument::adopt(const Graph& graph, const std::string& name, std::string title, std::int64_t now_ms) {
    Touched touched;
    bool exact = true;
    Patch undo = apply({.changes = changes_between(graph_, graph), .name = name}, touched, false, exact);
    arrange_as(graph);
    history_.seal();
    history_.record({.title = std::move(title), .group = {}, .now_ms = now_ms}, std::move(undo), merge_undo);
    history_.seal();
}

bool WorkflowDocument::apply_remote(const Patch& patch) {
    Facts facts;
    facts.add(patch);
    Patch undo;
    std::vector<std::vector<Change>> parts;
    bool fits = true;
    for (const Change& change : patch.changes) {
        std::vector<Change> inverse;
        fits = graph_.apply(change, &inverse).has_value();
        if (!fits) break;
        parts.push_back(std::move(inverse));
    }
    reverse_parts(parts, undo.changes);
    if (!fits) {
        for (const Change& change : undo.changes) (void)graph_.apply(change);
        return false;
    }
    facts.add(undo);  // edges that went with their nodes
    if (patch.name) name_ = *patch.name;
    mixed_ = true;
    history_.rebase(true, [&](Patch& entry) { facts.strip(entry); });
    return true;
}

void WorkflowDocument::adopt_remote(const Graph& graph, const std::string& name) {
    Patch patch{.changes = changes_between(graph_, graph), .name = {}};
    if (name != name_) patch.name = name;
    if (!apply_remote(patch)) open(graph, name);
    arrange_as(graph);
}

std::string title_of(const Graph& graph, const Change& change) {
    struct Visitor {
        const Graph& graph;
        [[nodiscard]] std::string name_of(std::string_view id) const {
            const NodeIndex i = graph.find_node(id);
            return short_name(i == kNoIndex ? id : std::string_view(graph.node(i).name));
        }
        static std::string counted(std::size_t n, const char* one, const char* many) { return std::to_string(n) + (n == 1 ? one : many); }
        std::string operator()(const AddNode& c) const {
            const NodeKind kind = node_kind_from_type(c.node.type);
            return "Add " + (kind == NodeKind::plugin ? c.node.type : std::string(kind_title(kind)));
        }
        std::string operator()(const RemoveNodes& c) const { return "Delete " + (c.ids.size() == 1 ? name_of(c.ids[0]) : counted(c.ids.size(), " node", " nodes")); }
        std::string operator()(const MoveNodes& c) const { return "Move " + (c.moves.size() == 1 ? name_of(c.moves[0].id) : counted(c.moves.size(), " node", " nodes")); }
        std::string operator()(const SetNodeData& c) const {
            const NodeIndex i = graph.find_node(c.id);
            if (i == kNoIndex || !c.data.is_object()) return "Change " + c.id;
            const std::string field = changed_field(graph.node(i).data, c.data);
            return "Change " + (field.empty() ? "" : short_name(field) + " of ") + short_name(graph.node(i).name);
        }
        std::string operator()(const AddEdge& c) const { return "Connect " + name_of(c.edge.source) + " to " + name_of(c.edge.target); }
        std::string operator()(const RemoveEdges& c) const { return "Delete " + counted(c.ids.size(), " connection", " connections"); }
        std::string operator()(const Restore& c) const { return "Restore " + counted(c.nodes.size(), " node", " nodes"); }
        // The one member that differs; empty when there are several.
        static std::string changed_field(const Json& before, const Json& after) {
            std::string field;
            const auto differs = [&](const Json& from, const Json& to) {
                for (auto it = from.begin(); it != from.end(); ++it) {
                    const auto other = to.find(it.key());
                    if (other != to.end() && *other == *it) continue;
                    if (!field.empty() && field != it.key()) return true;
                    field = it.key();
                }
                return false;
            };
            return differs(before, after) || differs(after, before) ? std::string{} : field;
        }
    };
    return std::visit(Visitor{graph}, change);
}

std::string group_of(const Graph& graph, const Change& change) {
    const auto* data = std::get_if<SetNodeData>(&change);
    if (!data || !data->data.is_object()) return {};
    const NodeIndex i = graph.find_node(data->id);
    if (i == kNoIndex) return {};
    const Json& before = graph.node(i).data;
    std::string field;
    const Json* text = nullptr;
    for (auto it = data->data.begin(); it != data->data.end(); ++it) {
        const auto other = before.find(it.key());
        if (other != before.end() && *other == *it) continue;
        if (!field.empty()) return {};
        field = it.key();
        text = &*it;
    }
    if (field.empty() || text->is_boolean()) return {};
    // The number of words so far: the first letter of the next word begins an entry.
    std::size_t words = 0;
    if (const auto* value = text->get_ptr<const Json::string_t*>()) {
        bool inside = false;
        for (const char c : *value) {
            const bool space = c == ' ' || c == '\t' || c == '\n';
            words += !space && !inside ? 1 : 0;
            inside = !space;
        }
    }
    return "data:" + data->id + ":" + field + ":" + std::to_string(words);
}

}  // namespace model
