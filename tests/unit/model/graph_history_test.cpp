// The workflow document: exact inverses, undo and redo over random edits, and edits from elsewhere that no undo touches.
#include <catch2/catch_test_macros.hpp>

#include <map>
#include <optional>
#include <random>
#include <set>

#include "model/change_records.hpp"
#include "model/graph_diff.hpp"
#include "model/workflow_document.hpp"

using namespace model;

namespace {

Node make_node(std::string id, std::string type = "plugin-x", Vec2 at = {}) {
    Node node;
    node.id = id;
    node.type = std::move(type);
    node.position = at;
    node.data = Json{{"name", id}};
    return node;
}

std::string text_of(const WorkflowDocument& document) {
    return document.name() + document.graph().nodes_to_json().dump() + document.graph().edges_to_json().dump();
}
// With what serialising leaves out: slots and the edge lists of the nodes.
std::string inside_of(const Graph& graph) {
    std::string out;
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i)) continue;
        out += std::to_string(i) + graph.node(i).id + ":" + graph.node(i).name + "/" + graph.node(i).subtitle + "[";
        for (const EdgeIndex e : graph.edges_of(i)) out += std::to_string(e) + ",";
        out += "]";
    }
    for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
        if (graph.edge_alive(i)) out += std::to_string(i) + graph.edge(i).id + std::to_string(graph.edge_source(i)) + ">" + std::to_string(graph.edge_target(i)) + ";";
    }
    return out;
}

// Random edits of everything there is; ids come back, so that they are taken again.
struct Editor {
    std::mt19937 random;
    explicit Editor(unsigned seed) : random(seed) {}
    unsigned below(std::size_t n) { return static_cast<unsigned>(random() % n); }
    std::vector<std::string> nodes(const Graph& graph) const {
        std::vector<std::string> out;
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (graph.node_alive(i)) out.push_back(graph.node(i).id);
        }
        return out;
    }
    std::optional<Change> change(const Graph& graph) {
        const auto ids = nodes(graph);
        const auto one = [&] { return ids[below(ids.size())]; };
        switch (ids.size() < 2 ? 0 : below(7)) {
            case 0: return AddNode{make_node("n" + std::to_string(below(12)), "plugin-x", {static_cast<float>(below(100)), 1.25F})};
            case 1: return below(2) == 0 ? RemoveNodes{{one()}} : RemoveNodes{{one(), one()}};
            case 2: return MoveNodes{{{one(), {static_cast<float>(below(500)), 2}}, {one(), {3, static_cast<float>(below(500))}}}};
            case 3: {
                const std::string id = one();
                Json data = graph.node(graph.find_node(id)).data;
                data[below(2) ? "name" : "image"] = "v" + std::to_string(below(5));
                return SetNodeData{id, data};
            }
            case 4:
            case 5: {
                const std::string a = one();
                const std::string b = one();
                return AddEdge{{a + "-" + b, a, b, "", below(2) ? "p" : ""}};
            }
            default:
                for (EdgeIndex i = below(graph.edge_slots() + 1); i < graph.edge_slots(); ++i) {
                    if (graph.edge_alive(i)) return RemoveEdges{{graph.edge(i).id}};
                }
                return std::nullopt;
        }
    }
};

}  // namespace

TEST_CASE("the inverse of every change restores the graph to the byte: order, slots and edge lists [H7]") {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        Editor editor(seed);
        Graph graph;
        for (int step = 0; step < 150; ++step) {
            const auto change = editor.change(graph);
            if (!change) continue;
            const std::string before = inside_of(graph);
            const std::string document = graph.nodes_to_json().dump() + graph.edges_to_json().dump();
            std::vector<Change> inverse;
            if (!graph.apply(*change, &inverse)) {
                CHECK(inverse.empty());
                REQUIRE(inside_of(graph) == before);
                continue;
            }
            const std::string after = inside_of(graph);
            std::vector<std::vector<Change>> redo;
            for (const Change& back : inverse) {
                redo.emplace_back();
                REQUIRE(graph.apply(back, &redo.back()));
            }
            REQUIRE(inside_of(graph) == before);
            REQUIRE(graph.nodes_to_json().dump() + graph.edges_to_json().dump() == document);
            for (auto part = redo.rbegin(); part != redo.rend(); ++part) {
                for (const Change& again : *part) REQUIRE(graph.apply(again));
            }
            REQUIRE(inside_of(graph) == after);
        }
    }
}

TEST_CASE("undo all is the start, redo all is the end, and any k there and back the identity [H1 H7]") {
    for (unsigned seed = 100; seed < 130; ++seed) {
        Editor editor(seed);
        WorkflowDocument document;
        document.open(Graph{}, "Shop");
        const std::string start = text_of(document);
        std::int64_t now_ms = 0;
        int entries = 0;
        while (entries < 90) {
            now_ms += editor.below(1500);
            const auto present = document.present();
            if (editor.below(10) == 0) {
                document.rename("Shop " + std::to_string(editor.below(9)), now_ms);
            } else if (const auto change = editor.change(document.graph())) {
                (void)document.edit(*change, {}, now_ms);
            }
            if (document.present() != present) ++entries;
            if (editor.below(5) == 0) {
                const std::string here = text_of(document);
                const std::size_t k = editor.below(12);
                const std::size_t past = document.history().past_size();
                (void)document.undo(k);
                (void)document.redo(past - document.history().past_size());
                REQUIRE(text_of(document) == here);
            }
        }
        const std::string end = text_of(document);
        // Stored and read again it is the same.
        const auto again = Graph::from_json(Json{{"nodes", document.graph().nodes_to_json()}, {"edges", document.graph().edges_to_json()}});
        REQUIRE(again);
        CHECK(document.name() + again->nodes_to_json().dump() + again->edges_to_json().dump() == end);
        (void)document.undo(1000);
        CHECK(text_of(document) == start);
        CHECK_FALSE(document.dirty());
        (void)document.redo(1000);
        CHECK(text_of(document) == end);
    }
}

TEST_CASE("removing a node and undoing brings back its place, its edges and its status [H7]") {
    WorkflowDocument document;
    document.open(Graph{}, "w");
    for (const char* id : {"a", "b", "c"}) REQUIRE(document.edit(AddNode{make_node(id)}, {}, 0));
    REQUIRE(document.edit(AddEdge{{"1", "a", "b", "", ""}}, {}, 0));
    REQUIRE(document.edit(AddEdge{{"2", "b", "c", "", ""}}, {}, 0));
    NodeStatus healthy;
    healthy.state = NodeState::healthy;
    REQUIRE(document.set_status("b", healthy));
    const std::string before = inside_of(document.graph());
    REQUIRE(document.edit(RemoveNodes{{"b"}}, {}, 0));
    CHECK(document.graph().edge_count() == 0);
    const auto touched = document.undo();
    REQUIRE(touched);
    CHECK(touched->nodes == std::vector<std::string>{"b"});
    CHECK(inside_of(document.graph()) == before);
    CHECK(document.graph().status(document.graph().find_node("b")).state == NodeState::healthy);
}

TEST_CASE("typing into one field is one entry a word, another field another [H5]") {
    WorkflowDocument document;
    document.open(Graph{}, "w");
    REQUIRE(document.edit(AddNode{make_node("a")}, {}, 0));
    std::int64_t now_ms = 1000;
    std::string text;
    for (const char c : std::string("run the server")) {
        text += c;
        now_ms += 120;
        Json data = document.graph().node(0).data;
        data["command"] = text;
        REQUIRE(document.edit(SetNodeData{"a", data}, {}, now_ms));
    }
    CHECK(document.history().past_size() == 1 + 3);
    CHECK(document.undo_title() == "Change command of a");
    (void)document.undo();
    CHECK(document.graph().node(0).data["command"] == "run the ");
    (void)document.undo();
    CHECK(document.graph().node(0).data["command"] == "run ");
    (void)document.redo(2);
    CHECK(document.graph().node(0).data["command"] == "run the server");
    // However long the word, one patch: the text before it.
    CHECK(document.history().past().back().patch.changes.size() == 1);
}

TEST_CASE("entries say what they did [H1]") {
    WorkflowDocument document;
    document.open(Graph{}, "w");
    REQUIRE(document.edit(AddNode{make_node("web", "deployment")}, {}, 0));
    CHECK(document.undo_title() == "Add Deployment");
    REQUIRE(document.edit(AddNode{make_node("svc", "service")}, {}, 0));
    REQUIRE(document.edit(AddEdge{{"e", "svc", "web", "", ""}}, {}, 0));
    CHECK(document.undo_title() == "Connect svc to web");
    REQUIRE(document.edit(MoveNodes{{{"web", {1, 1}}, {"svc", {2, 2}}}}, {}, 0));
    CHECK(document.undo_title() == "Move 2 nodes");
    REQUIRE(document.edit(RemoveNodes{{"web"}}, {}, 0));
    CHECK(document.undo_title() == "Delete web");
    document.rename("v", 0);
    CHECK(document.undo_title() == "Rename workflow");
    (void)document.undo();
    CHECK(document.name() == "w");
    CHECK(document.redo_title() == "Rename workflow");
}

TEST_CASE("undo leaves alone what was changed elsewhere and undoes the rest [H10]") {
    WorkflowDocument document;
    document.open(Graph{}, "w");
    for (const char* id : {"a", "b"}) REQUIRE(document.edit(AddNode{make_node(id)}, {}, 0));
    REQUIRE(document.edit(MoveNodes{{{"a", {10, 10}}, {"b", {20, 20}}}}, {}, 0));
    document.mark_saved(document.present());
    REQUIRE(document.apply_remote({.changes = {MoveNodes{{{"a", {99, 99}}}}}, .name = {}}));
    CHECK_FALSE(document.dirty());
    REQUIRE(document.undo());
    CHECK(document.graph().node(0).position == Vec2{99, 99});
    CHECK(document.graph().node(1).position == Vec2{0, 0});
    // The node was added here but is used elsewhere now: undo must not take it away.
    REQUIRE(document.undo());  // adding b
    CHECK_FALSE(document.undo());
    CHECK(document.graph().find_node("a") != kNoIndex);
}

TEST_CASE("undo does not bring back an edge to a node that was removed elsewhere, nor a second node of one id [H10]") {
    WorkflowDocument document;
    document.open(Graph{}, "w");
    for (const char* id : {"a", "b", "c"}) REQUIRE(document.edit(AddNode{make_node(id)}, {}, 0));
    REQUIRE(document.edit(AddEdge{{"e", "a", "b", "", ""}}, {}, 0));
    document.mark_saved(document.present());
    REQUIRE(document.edit(RemoveNodes{{"a"}}, {}, 0));
    REQUIRE(document.edit(RemoveNodes{{"c"}}, {}, 0));
    document.mark_saved(document.present());
    REQUIRE(document.apply_remote({.changes = {RemoveNodes{{"b"}}, Restore{{{kNoIndex, make_node("c", "other"), {}}}, {}, 0}}, .name = {}}));
    (void)document.undo();  // removing a; that c was removed here is no longer ours to undo
    CHECK(document.graph().find_node("a") != kNoIndex);
    CHECK(document.graph().find_node("b") == kNoIndex);
    CHECK(document.graph().edge_count() == 0);
    CHECK(document.graph().node(document.graph().find_node("c")).type == "other");
}

TEST_CASE("what came from elsewhere survives any undo and redo [H10]") {
    for (unsigned seed = 500; seed < 560; ++seed) {
        Editor local(seed);
        Editor remote(seed + 1000);
        WorkflowDocument document;
        document.open(Graph{}, "w");
        // What the last edit from elsewhere said of each thing, until a new edit here says otherwise.
        std::map<std::string, std::optional<std::string>> nodes;  // type, or gone
        std::map<std::string, Vec2> positions;
        std::map<std::string, Json> data;
        std::map<std::string, bool> edges;
        for (int step = 0; step < 120; ++step) {
            const unsigned kind = local.below(10);
            if (kind < 4) {
                const GraphOrder before = order_of(document.graph());
                if (const auto change = local.change(document.graph()); change && document.edit(*change, {}, step * 5000)) {
                    // A new edit here may overrule anything: forget what differs now.
                    std::erase_if(nodes, [&](const auto& fact) { return (document.graph().find_node(fact.first) != kNoIndex) != fact.second.has_value(); });
                    for (const auto& [id, type] : nodes) (void)id;
                    std::erase_if(positions, [&](const auto& fact) {
                        const NodeIndex i = document.graph().find_node(fact.first);
                        return i == kNoIndex || document.graph().node(i).position != fact.second;
                    });
                    std::erase_if(data, [&](const auto& fact) {
                        const NodeIndex i = document.graph().find_node(fact.first);
                        return i == kNoIndex || document.graph().node(i).data != fact.second;
                    });
                    std::erase_if(edges, [&](const auto& fact) { return (document.graph().find_edge(fact.first) != kNoIndex) != fact.second; });
                    // An edit here of the same thing to the same value makes its undo ours.
                    std::visit(
                        [&](const auto& one) {
                            using T = std::decay_t<decltype(one)>;
                            if constexpr (std::is_same_v<T, MoveNodes>) {
                                for (const auto& move : one.moves) positions.erase(move.id);
                            } else if constexpr (std::is_same_v<T, SetNodeData>) {
                                data.erase(one.id);
                            }
                        },
                        *change);
                }
            } else if (kind < 7) {
                (void)(local.below(2) ? document.undo(local.below(4)) : document.redo(local.below(4)));
            } else {
                const auto change = remote.change(document.graph());
                if (!change) continue;
                document.mark_saved(document.present());
                const auto gone_edges = order_of(document.graph()).edges;
                if (!document.apply_remote({.changes = {*change}, .name = {}})) continue;
                REQUIRE_FALSE(document.dirty());
                for (const auto& id : gone_edges) {
                    if (document.graph().find_edge(id) == kNoIndex) edges[id] = false;
                }
                std::visit(
                    [&](const auto& one) {
                        using T = std::decay_t<decltype(one)>;
                        if constexpr (std::is_same_v<T, AddNode>) {
                            nodes[one.node.id] = one.node.type;
                            positions[one.node.id] = one.node.position;
                            data[one.node.id] = one.node.data;
                        } else if constexpr (std::is_same_v<T, RemoveNodes>) {
                            for (const auto& id : one.ids) {
                                nodes[id] = std::nullopt;
                                positions.erase(id);
                                data.erase(id);
                            }
                        } else if constexpr (std::is_same_v<T, MoveNodes>) {
                            for (const auto& move : one.moves) {
                                positions[move.id] = document.graph().node(document.graph().find_node(move.id)).position;
                                nodes[move.id] = document.graph().node(document.graph().find_node(move.id)).type;
                            }
                        } else if constexpr (std::is_same_v<T, SetNodeData>) {
                            data[one.id] = document.graph().node(document.graph().find_node(one.id)).data;
                            nodes[one.id] = document.graph().node(document.graph().find_node(one.id)).type;
                        } else if constexpr (std::is_same_v<T, AddEdge>) {
                            edges[one.edge.id] = true;
                        } else if constexpr (std::is_same_v<T, RemoveEdges>) {
                            for (const auto& id : one.ids) edges[id] = false;
                        }
                    },
                    *change);
            }
            const Graph& graph = document.graph();
            for (const auto& [id, type] : nodes) {
                INFO("seed " << seed << " step " << step << " node " << id);
                const NodeIndex i = graph.find_node(id);
                REQUIRE((i != kNoIndex) == type.has_value());
                if (type) REQUIRE(graph.node(i).type == *type);
            }
            for (const auto& [id, at] : positions) {
                INFO("seed " << seed << " step " << step << " position of " << id);
                REQUIRE(graph.find_node(id) != kNoIndex);
                REQUIRE(graph.node(graph.find_node(id)).position == at);
            }
            for (const auto& [id, value] : data) {
                INFO("seed " << seed << " step " << step << " data of " << id);
                REQUIRE(graph.find_node(id) != kNoIndex);
                REQUIRE(graph.node(graph.find_node(id)).data == value);
            }
            for (const auto& [id, there] : edges) {
                INFO("seed " << seed << " step " << step << " edge " << id);
                REQUIRE((graph.find_edge(id) != kNoIndex) == there);
            }
        }
    }
}

TEST_CASE("change records told to another tab make the same document there [X3]") {
    for (unsigned seed = 300; seed < 340; ++seed) {
        Editor editor(seed);
        WorkflowDocument here;
        WorkflowDocument there;
        ChangeOutbox outbox;
        here.open(Graph{}, "w");
        there.open(Graph{}, "w");
        here.set_listener(&outbox);
        int told = 0;
        for (int step = 0; step < 120; ++step) {
            const unsigned kind = editor.below(10);
            if (kind == 0) here.rename("w" + std::to_string(step), step);
            else if (kind == 1) (void)here.undo(editor.below(3));
            else if (kind == 2) (void)here.redo(editor.below(3));
            else if (const auto change = editor.change(here.graph())) (void)here.edit(*change, {}, step * 400);
            if (editor.below(6) != 0) continue;
            if (const auto records = outbox.take()) {
                const auto patch = patch_from_records(Json::parse(records->dump()));
                REQUIRE(patch);
                REQUIRE(there.apply_remote(*patch));
                ++told;
            } else {
                there.adopt_remote(here.graph(), here.name());
            }
            REQUIRE(text_of(there) == text_of(here));
        }
        CHECK(told > 3);
    }
}

TEST_CASE("malformed change records are refused by name [X7]") {
    CHECK(patch_from_records(Json::object()).error().message == "changes: expected an array");
    CHECK(patch_from_records(Json::parse(R"([{"op":"melt"}])")).error().message == "changes[0]: unknown op \"melt\"");
    CHECK_FALSE(patch_from_records(Json::parse(R"([{"op":"add","nodes":[{"type":"x"}]}])")));
    CHECK_FALSE(patch_from_records(Json::parse(R"([{"op":"data","id":"a","data":3}])")));
    CHECK_FALSE(patch_from_records(Json::parse(R"([{"op":"move","moves":[{"id":"a","x":1e300}]}])")));
    CHECK_FALSE(patch_from_records(Json::parse(R"([{"op":"name","name":""}])")));
    WorkflowDocument document;
    document.open(Graph{}, "w");
    const auto ghost = patch_from_records(Json::parse(R"([{"op":"add","nodes":[{"id":"a","type":"x"}]},{"op":"remove","nodes":["ghost"]}])"));
    REQUIRE(ghost);
    CHECK_FALSE(document.apply_remote(*ghost));
    CHECK(document.graph().node_count() == 0);  // all or nothing
}
