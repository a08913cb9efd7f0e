// The state layer's side of ./bench.sh state: the same work as tests/bench/peers/state.js does with zustand, TanStack Query and zundo.
// Built from the same objects as the site. Each function does one case and returns a number that proves it was done.
#include <emscripten.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "model/query_keys.hpp"
#include "model/workflow_document.hpp"
#include "state/query/query_client.hpp"
#include "state/store.hpp"

namespace {

constexpr std::size_t kFields = 10;

struct Fields {
    std::array<int, kFields> field{};
    friend bool operator==(const Fields&, const Fields&) = default;
};

struct StoreBench {
    state::Store<Fields> store;
    std::vector<state::Subscription> subscribers;
    double calls = 0;
};
std::unique_ptr<StoreBench> store_bench;

struct QueryBench {
    base::testing::VirtualScheduler time;  // what the client posts runs between the cases
    state::QueryClient queries{time};
};
std::unique_ptr<QueryBench> query_bench;

model::WorkflowDocument document;
std::int64_t now_ms = 0;

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void bench_store_start(int subscribers) {
    store_bench = std::make_unique<StoreBench>();
    for (int i = 0; i < subscribers; ++i) {
        const std::size_t which = static_cast<std::size_t>(i) % kFields;
        store_bench->subscribers.push_back(store_bench->store.subscribe([which](const Fields& f) { return f.field[which]; },
                                                                        [](int now, int) { store_bench->calls += now > 0 ? 1 : 0; }));
    }
}
EMSCRIPTEN_KEEPALIVE double bench_store_update(int updates) {
    for (int i = 0; i < updates; ++i) {
        store_bench->store.update([i](Fields& f) { ++f.field[static_cast<std::size_t>(i) % kFields]; });
    }
    return store_bench->calls;
}

// `entries`, half of them agents, half pipelines.
EMSCRIPTEN_KEEPALIVE double bench_query_fill(int entries) {
    if (!query_bench) query_bench = std::make_unique<QueryBench>();
    for (int i = 0; i < entries; ++i) {
        const std::string id = std::to_string(i);
        const state::QueryKey key = i % 2 == 0 ? state::QueryKey{"agents", "detail", id} : state::QueryKey{"pipelines", "detail", id};
        query_bench->queries.set_data(key, state::SharedJson::from(base::Json{{"id", id}, {"name", "entry " + id}, {"active", true}}));
    }
    query_bench->time.run_ready();
    return static_cast<double>(query_bench->queries.size());
}
EMSCRIPTEN_KEEPALIVE double bench_query_lookup(int entries) {
    double found = 0;
    for (int i = 0; i < entries; ++i) {
        const std::string id = std::to_string(i);
        const auto data = query_bench->queries.get_data(i % 2 == 0 ? state::QueryKey{"agents", "detail", id} : state::QueryKey{"pipelines", "detail", id});
        found += data ? 1 : 0;
    }
    return found;
}
EMSCRIPTEN_KEEPALIVE void bench_query_invalidate() {
    query_bench->queries.invalidate(state::QueryKey{"agents"}, std::nullopt);
    query_bench->time.run_ready();  // what it posts is part of the work
}
EMSCRIPTEN_KEEPALIVE double bench_query_stale() {
    query_bench->time.run_ready();
    double stale = 0;
    for (const auto& info : query_bench->queries.list_queries()) stale += info.invalidated ? 1 : 0;
    return stale;
}

EMSCRIPTEN_KEEPALIVE double bench_undo_start(int nodes) {
    model::Json list = model::Json::array();
    model::Json edges = model::Json::array();
    for (int i = 0; i < nodes; ++i) {
        const std::string id = "n" + std::to_string(i);
        list.push_back({{"id", id}, {"type", "deployment"}, {"position", {{"x", i % 100 * 240}, {"y", i / 100 * 110}}}, {"data", {{"name", id}, {"image", "nginx:1.27"}, {"replicas", 2}}}});
        if (i > 0) edges.push_back({{"id", "e" + std::to_string(i)}, {"source", "n" + std::to_string(i - 1)}, {"target", id}});
    }
    auto graph = model::Graph::from_json({{"nodes", std::move(list)}, {"edges", std::move(edges)}});
    if (!graph) return -1;
    document.open(std::move(*graph), "bench");
    return static_cast<double>(document.graph().node_count());
}
EMSCRIPTEN_KEEPALIVE double bench_undo_edit(int edits) {
    const model::Graph& graph = document.graph();
    double made = 0;
    for (int i = 0; i < edits; ++i) {
        const model::Node& node = graph.node(static_cast<model::NodeIndex>(i * 97 % static_cast<int>(graph.node_slots())));
        now_ms += 10'000;  // each an entry of its own
        made += document.edit(model::MoveNodes{{{node.id, {node.position.x + 15, node.position.y}}}}, {}, now_ms) ? 1 : 0;
    }
    return made;
}
EMSCRIPTEN_KEEPALIVE double bench_undo_undo(int steps) {
    double done = 0;
    for (int i = 0; i < steps; ++i) done += document.undo() ? 1 : 0;
    return done;
}
EMSCRIPTEN_KEEPALIVE double bench_undo_redo(int steps) {
    double done = 0;
    for (int i = 0; i < steps; ++i) done += document.redo() ? 1 : 0;
    return done;
}
}

int main() { return 0; }
