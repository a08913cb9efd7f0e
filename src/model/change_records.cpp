#include "model/change_records.hpp"

#include <algorithm>
#include <cmath>

#include "wire/json_reader.hpp"

namespace model {

namespace {

// Nothing that stays is drawn after the first of them, so appending them gives the same order.
bool is_last(const Graph& graph, const Restore& restore) {
    NodeIndex first_node = graph.node_slots();
    EdgeIndex first_edge = graph.edge_slots();
    for (const auto& [slot, node, status] : restore.nodes) first_node = std::min(first_node, graph.find_node(node.id));
    for (const auto& [slot, edge] : restore.edges) first_edge = std::min(first_edge, graph.find_edge(edge.id));
    std::size_t nodes = 0;
    std::size_t edges = 0;
    for (NodeIndex i = first_node; i < graph.node_slots(); ++i) nodes += graph.node_alive(i) ? 1 : 0;
    for (EdgeIndex i = first_edge; i < graph.edge_slots(); ++i) edges += graph.edge_alive(i) ? 1 : 0;
    return nodes == restore.nodes.size() && edges == restore.edges.size();
}

Json texts(const std::vector<std::string>& ids) {
    Json out = Json::array();
    for (const auto& id : ids) out.push_back(id);
    return out;
}

}  // namespace

void ChangeOutbox::add(Json record, std::size_t parts) {
    if (whole_) return;
    // Typing: the last text of a node is enough.
    if (record["op"] == "data" && !records_.empty() && records_.back()["op"] == "data" && records_.back()["id"] == record["id"]) {
        records_.back() = std::move(record);
        return;
    }
    parts_ += parts;
    if (records_.size() >= kMaxRecords || parts_ > kMaxParts) {
        whole_ = true;
        records_ = Json::array();
        return;
    }
    records_.push_back(std::move(record));
}

void ChangeOutbox::changed(const Graph& graph, const Change& change) {
    if (whole_) return;
    struct Visitor {
        ChangeOutbox& box;
        const Graph& graph;
        void operator()(const AddNode& c) const { box.add(Json{{"op", "add"}, {"nodes", Json::array({node_to_json(c.node)})}}, 1); }
        void operator()(const AddEdge& c) const { box.add(Json{{"op", "add"}, {"edges", Json::array({edge_to_json(c.edge)})}}, 1); }
        void operator()(const RemoveNodes& c) const { box.add(Json{{"op", "remove"}, {"nodes", texts(c.ids)}}, c.ids.size()); }
        void operator()(const RemoveEdges& c) const { box.add(Json{{"op", "remove"}, {"edges", texts(c.ids)}}, c.ids.size()); }
        void operator()(const SetNodeData& c) const { box.add(Json{{"op", "data"}, {"id", c.id}, {"data", c.data}}, 1); }
        void operator()(const MoveNodes& c) const {
            if (c.moves.size() > kMaxParts) return box.spoil();
            Json moves = Json::array();
            for (const MoveNode& move : c.moves) moves.push_back({{"id", move.id}, {"x", move.to.x}, {"y", move.to.y}});
            box.add(Json{{"op", "move"}, {"moves", std::move(moves)}}, c.moves.size());
        }
        void operator()(const Restore& c) const {
            if (c.nodes.size() + c.edges.size() > kMaxParts || !is_last(graph, c)) return box.spoil();
            std::vector<std::pair<NodeIndex, Json>> nodes;
            std::vector<std::pair<EdgeIndex, Json>> edges;
            for (const auto& [slot, node, status] : c.nodes) nodes.emplace_back(graph.find_node(node.id), node_to_json(node));
            for (const auto& [slot, edge] : c.edges) edges.emplace_back(graph.find_edge(edge.id), edge_to_json(edge));
            const auto by_slot = [](const auto& a, const auto& b) { return a.first < b.first; };
            std::sort(nodes.begin(), nodes.end(), by_slot);
            std::sort(edges.begin(), edges.end(), by_slot);
            Json record{{"op", "add"}, {"nodes", Json::array()}, {"edges", Json::array()}};
            for (auto& [slot, json] : nodes) record["nodes"].push_back(std::move(json));
            for (auto& [slot, json] : edges) record["edges"].push_back(std::move(json));
            box.add(std::move(record), c.nodes.size() + c.edges.size());
        }
    };
    std::visit(Visitor{*this, graph}, change);
}

void ChangeOutbox::renamed(const std::string& name) { add(Json{{"op", "name"}, {"name", name}}, 1); }

void ChangeOutbox::clear() {
    records_ = Json::array();
    parts_ = 0;
    whole_ = false;
}

std::optional<Json> ChangeOutbox::take() {
    std::optional<Json> out;
    if (!whole_) out = std::move(records_);
    clear();
    return out;
}

void ChangeOutbox::give_back(std::optional<Json> records) {
    if (!records || whole_ || records->size() + records_.size() > kMaxRecords) return spoil();
    for (Json& record : records_) records->push_back(std::move(record));
    records_ = std::move(*records);
}

base::Result<Patch> patch_from_records(const Json& records) {
    if (!records.is_array()) return base::fail(base::ErrorCode::invalid_argument, "changes: expected an array");
    Patch patch;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const std::string path = "changes[" + std::to_string(i) + "]";
        wire::JsonErrors errors;
        const wire::JsonReader record(records[i], errors);
        const std::string op = record.string_or("op", "");
        const auto wrong = [&](std::string_view what) { return base::fail(base::ErrorCode::invalid_argument, path + ": " + std::string(what)); };
        if (op == "add") {
            Restore add;
            const Json* nodes = record.raw("nodes");
            const Json* edges = record.raw("edges");
            for (std::size_t n = 0; nodes && nodes->is_array() && n < nodes->size(); ++n) {
                auto node = node_from_json((*nodes)[n], path + ".nodes[" + std::to_string(n) + "]");
                if (!node) return base::fail(node.error());
                add.nodes.push_back({kNoIndex, std::move(node->node), {}});
            }
            for (std::size_t n = 0; edges && edges->is_array() && n < edges->size(); ++n) {
                auto edge = edge_from_json((*edges)[n], path + ".edges[" + std::to_string(n) + "]");
                if (!edge) return base::fail(edge.error());
                add.edges.push_back({kNoIndex, std::move(*edge)});
            }
            patch.changes.emplace_back(std::move(add));
        } else if (op == "remove") {
            if (auto ids = record.string_list("edges"); !ids.empty()) patch.changes.emplace_back(RemoveEdges{std::move(ids)});
            if (auto ids = record.string_list("nodes"); !ids.empty()) patch.changes.emplace_back(RemoveNodes{std::move(ids)});
        } else if (op == "move") {
            MoveNodes moves;
            for (const wire::JsonReader move : record.array_or_empty("moves")) {
                const double x = move.number_or("x", 0);
                const double y = move.number_or("y", 0);
                if (!std::isfinite(x) || !std::isfinite(y) || std::abs(x) > 1e7 || std::abs(y) > 1e7) return wrong("a position must be finite");
                moves.moves.push_back({move.string_or("id", ""), {static_cast<float>(x), static_cast<float>(y)}});
            }
            patch.changes.emplace_back(std::move(moves));
        } else if (op == "data") {
            const Json* data = record.raw("data");
            if (!data || !data->is_object()) return wrong("data must be an object");
            patch.changes.emplace_back(SetNodeData{record.string_or("id", ""), *data});
        } else if (op == "name") {
            patch.name = record.string_or("name", "");
            if (patch.name->empty()) return wrong("a name must not be empty");
        } else {
            return wrong("unknown op \"" + op + "\"");
        }
        if (!errors.empty()) return base::fail(errors.to_error());
    }
    return patch;
}

}  // namespace model
