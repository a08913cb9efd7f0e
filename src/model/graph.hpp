// Graph: the workflow document that the canvas shows and edits.
//
// Every edit goes through apply(Change): the one path that history, autosave and other tabs share. Live status is kept
// apart from the document (set_status): it is never saved. Nodes live in stable slots; a NodeIndex stays valid until that
// node is removed. Drawing order is slot order. Positions and sizes are in canvas units (px at zoom 1).
//
//   graph.apply(AddNode{node});
//   std::vector<Change> inverse;
//   graph.apply(MoveNodes{{{"web", {240, 110}}}}, &inverse);   // inverse moves it back
//   for (NodeIndex i : graph.node_indices()) draw(graph.node(i));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace model {

using Json = nlohmann::json;

struct Vec2 {
    float x = 0;
    float y = 0;
    friend bool operator==(const Vec2&, const Vec2&) = default;
};

struct Rect {
    Vec2 min;
    Vec2 max;
    [[nodiscard]] bool overlaps(const Rect& o) const {
        return min.x < o.max.x && o.min.x < max.x && min.y < o.max.y && o.min.y < max.y;
    }
    [[nodiscard]] bool contains(Vec2 p) const { return p.x >= min.x && p.x < max.x && p.y >= min.y && p.y < max.y; }
    friend bool operator==(const Rect&, const Rect&) = default;
};

inline constexpr Vec2 kNodeSize{208, 72};
inline constexpr float kMaxCoordinate = 1e7F;  // of a node, either way

enum class NodeKind : std::uint8_t {
    deployment, service, ingress, configmap, secret, persistentvolumeclaim,
    statefulset, job, cronjob, daemonset, hpa, networkpolicy, plugin,
};
// "deployment" etc. as on the wire; anything unknown is `plugin` and keeps its word in Node::type.
[[nodiscard]] NodeKind node_kind_from_type(std::string_view type);
[[nodiscard]] std::string_view kind_title(NodeKind kind);  // "Deployment", "ConfigMap", ...

struct Node {
    std::string id;
    std::string type;  // wire word: "deployment"
    NodeKind kind = NodeKind::plugin;
    std::string name;      // data.name
    std::string subtitle;  // image or kind, derived from data
    Vec2 position;
    Json data = Json::object();  // without "_status"
};

// What the hub says of a node's objects; states are the contract's words.
enum class NodeState : std::uint8_t { none, created, pending, running, partial, healthy, error, bound, lost };
[[nodiscard]] NodeState node_state_from_wire(std::string_view word);
[[nodiscard]] std::string_view wire_word(NodeState state);  // "healthy"; "" for none
[[nodiscard]] std::string_view ui_word(NodeState state);    // "healthy", "rolling out", "failed", ...: the one table
// The same for a kind: what runs to its end is "completed", not "healthy".
[[nodiscard]] std::string_view ui_word(NodeKind kind, NodeState state);

struct NodeStatus {
    NodeState state = NodeState::none;
    std::string wire_state;  // as received
    std::string message;
    int replicas = -1;        // -1 = not applicable
    int ready_replicas = -1;
    std::string cluster_ip;
    std::string external_ip;
    int node_port = 0;
    friend bool operator==(const NodeStatus&, const NodeStatus&) = default;
};

// Reads {"state","message","replicas",...} of the status stream; missing or mistyped fields keep their defaults.
[[nodiscard]] NodeStatus node_status_from_json(const Json& status);

struct Edge {
    std::string id;
    std::string source;
    std::string target;
    std::string source_handle;
    std::string target_handle;
};

using NodeIndex = std::uint32_t;
using EdgeIndex = std::uint32_t;
inline constexpr std::uint32_t kNoIndex = 0xffffffff;

struct AddNode { Node node; };
struct RemoveNodes { std::vector<std::string> ids; };  // removes their edges too
struct MoveNode { std::string id; Vec2 to; };
struct MoveNodes { std::vector<MoveNode> moves; };
struct SetNodeData {
    std::string id;
    Json data;
    bool follows = {};  // what an edit of edges or of another node brings about (graph/connections.hpp), not an edit by itself
};
struct AddEdge { Edge edge; };
struct RemoveEdges { std::vector<std::string> ids; };
// What RemoveNodes and RemoveEdges took out, put back where it was; also what was made elsewhere (epoch 0: it is appended). The rules
// of kinds and cycles do not hold for it: it has been in the document before.
struct Restore {
    struct NodeAt {
        NodeIndex slot = kNoIndex;
        Node node;
        NodeStatus status = {};
    };
    struct EdgeAt {
        EdgeIndex slot = kNoIndex;
        Edge edge;
    };
    std::vector<NodeAt> nodes;
    std::vector<EdgeAt> edges;
    std::uint64_t epoch = 0;  // Graph::slot_epoch() that the slots belong to; of another one, things are appended
};
using Change = std::variant<AddNode, RemoveNodes, MoveNodes, SetNodeData, AddEdge, RemoveEdges, Restore>;

class Graph {
public:
    // Reads {nodes:[], edges:[]} of a workflow; live status under data._status is split off. Errors name the JSON path.
    [[nodiscard]] static base::Result<Graph> from_json(const Json& workflow);
    [[nodiscard]] Json nodes_to_json() const;
    [[nodiscard]] Json edges_to_json() const;

    // Fails with a reason for the user (duplicate id, dangling edge, not allowed, cycle) and then changes nothing. A change that
    // would leave everything as it is raises no version. `inverse` gets what undoes it exactly (ids, data, slots, so drawing order
    // and edge lists), to be applied in order; nothing when nothing changed.
    base::Result<void> apply(const Change& change, std::vector<Change>* inverse = nullptr);
    // Takes another graph's content: all slots are new, versions go on rising.
    void replace(Graph other);
    // Brings nodes and edges into this order. Ids that are not named keep their order behind the named ones. Slots are new.
    void arrange(const std::vector<std::string>& node_ids, const std::vector<std::string>& edge_ids);
    // Raised when indices lose their meaning: by replace() and arrange().
    [[nodiscard]] std::uint64_t slot_epoch() const { return slot_epoch_; }
    // Why source may not be connected to target, as a sentence; nullopt when it may.
    [[nodiscard]] std::optional<std::string> why_not_connect(std::string_view source_id, std::string_view target_id) const;
    // Both ends are there, not yet connected in this direction, and the edge closes no cycle; whatever their kinds.
    [[nodiscard]] bool has_room_for(const Edge& edge) const;

    [[nodiscard]] std::size_t node_count() const { return node_by_id_.size(); }
    [[nodiscard]] std::size_t edge_count() const { return edge_by_id_.size(); }
    // Upper bounds of the slots; check alive().
    [[nodiscard]] NodeIndex node_slots() const { return static_cast<NodeIndex>(nodes_.size()); }
    [[nodiscard]] EdgeIndex edge_slots() const { return static_cast<EdgeIndex>(edges_.size()); }
    [[nodiscard]] bool node_alive(NodeIndex i) const { return i < nodes_.size() && !nodes_[i].node.id.empty(); }
    [[nodiscard]] bool edge_alive(EdgeIndex i) const { return i < edges_.size() && !edges_[i].edge.id.empty(); }
    [[nodiscard]] const Node& node(NodeIndex i) const { return nodes_[i].node; }
    [[nodiscard]] const NodeStatus& status(NodeIndex i) const { return nodes_[i].status; }
    [[nodiscard]] const Edge& edge(EdgeIndex i) const { return edges_[i].edge; }
    [[nodiscard]] NodeIndex edge_source(EdgeIndex i) const { return edges_[i].source; }
    [[nodiscard]] NodeIndex edge_target(EdgeIndex i) const { return edges_[i].target; }
    [[nodiscard]] const std::vector<EdgeIndex>& edges_of(NodeIndex i) const { return nodes_[i].edges; }
    [[nodiscard]] NodeIndex find_node(std::string_view id) const;
    [[nodiscard]] EdgeIndex find_edge(std::string_view id) const;
    [[nodiscard]] Rect node_rect(NodeIndex i) const;
    [[nodiscard]] std::optional<Rect> bounds() const;  // of all nodes

    // True when something changed.
    bool set_status(std::string_view node_id, NodeStatus status);
    void clear_statuses();

    // Raised by every document change / by every layout change (add, remove, move) / by every status change.
    [[nodiscard]] std::uint64_t document_version() const { return document_version_; }
    [[nodiscard]] std::uint64_t layout_version() const { return layout_version_; }
    [[nodiscard]] std::uint64_t status_version() const { return status_version_; }

    // A node id that is not taken: "deployment-3".
    [[nodiscard]] std::string free_node_id(std::string_view type) const;
    [[nodiscard]] std::string free_name(std::string_view wanted) const;

private:
    struct NodeSlot {
        Node node;
        NodeStatus status;
        std::vector<EdgeIndex> edges;
    };
    struct EdgeSlot {
        Edge edge;
        NodeIndex source = kNoIndex;
        NodeIndex target = kNoIndex;
    };

    using Inverse = std::vector<Change>*;
    base::Result<void> apply_one(const AddNode& change, Inverse inverse);
    base::Result<void> apply_one(const RemoveNodes& change, Inverse inverse);
    base::Result<void> apply_one(const MoveNodes& change, Inverse inverse);
    base::Result<void> apply_one(const SetNodeData& change, Inverse inverse);
    base::Result<void> apply_one(const AddEdge& change, Inverse inverse);
    base::Result<void> apply_one(const RemoveEdges& change, Inverse inverse);
    base::Result<void> apply_one(const Restore& change, Inverse inverse);
    [[nodiscard]] base::Result<void> check(const Restore& change) const;
    NodeIndex put_node(Node node, NodeIndex slot);
    EdgeIndex put_edge(const Edge& edge, EdgeIndex slot = kNoIndex);
    // Takes it out of the lists of its ends, but not of `except`.
    Edge take_edge(EdgeIndex index, NodeIndex except = kNoIndex);
    void laid_out();
    [[nodiscard]] bool reaches(NodeIndex from, NodeIndex to) const;

    std::vector<NodeSlot> nodes_;
    std::vector<EdgeSlot> edges_;
    std::unordered_map<std::string, NodeIndex> node_by_id_;
    std::unordered_map<std::string, EdgeIndex> edge_by_id_;
    std::uint64_t document_version_ = 0;
    std::uint64_t layout_version_ = 0;
    std::uint64_t status_version_ = 0;
    std::uint64_t slot_epoch_ = 1;
};

// A name as a sentence or a title can hold it: at most 60 bytes, "…" behind what was cut.
[[nodiscard]] std::string short_name(std::string_view name);

// Name, kind and subtitle as the node's type and data have them.
void derive_fields(Node& node);

// One node or edge as the workflow's JSON has it; errors name `path`.
struct NodeOfJson {
    Node node;
    NodeStatus status;  // of data._status
};
[[nodiscard]] base::Result<NodeOfJson> node_from_json(const Json& item, const std::string& path);
[[nodiscard]] base::Result<Edge> edge_from_json(const Json& item, const std::string& path);
[[nodiscard]] Json node_to_json(const Node& node);
[[nodiscard]] Json edge_to_json(const Edge& edge);

}  // namespace model
