// The peers' side of ./bench.sh state. Each case answers with the same number as ours (tests/bench/state/state_bench.cpp).
import { QueryClient } from '@tanstack/query-core';
import { temporal } from 'zundo';
import { createStore } from 'zustand/vanilla';
import { subscribeWithSelector } from 'zustand/middleware';

const kFields = 10;

let store, calls;
function storeStart(subscribers) {
  const initial = Object.fromEntries(Array.from({ length: kFields }, (_, i) => [`f${i}`, 0]));
  store = createStore(subscribeWithSelector(() => initial));
  calls = 0;
  for (let i = 0; i < subscribers; i++) {
    const field = `f${i % kFields}`;
    store.subscribe((state) => state[field], (now) => { calls += now > 0 ? 1 : 0; });
  }
}
function storeUpdate(updates) {
  for (let i = 0; i < updates; i++) {
    const field = `f${i % kFields}`;
    store.setState((state) => ({ [field]: state[field] + 1 }));
  }
  return calls;
}

let queries;
const keyOf = (i) => [i % 2 === 0 ? 'agents' : 'pipelines', 'detail', String(i)];
function queryFill(entries) {
  queries ??= new QueryClient({ defaultOptions: { queries: { staleTime: 300_000, gcTime: Infinity } } });
  for (let i = 0; i < entries; i++) queries.setQueryData(keyOf(i), { id: String(i), name: `entry ${i}`, active: true });
  return queries.getQueryCache().getAll().length;
}
function queryLookup(entries) {
  let found = 0;
  for (let i = 0; i < entries; i++) found += queries.getQueryData(keyOf(i)) ? 1 : 0;
  return found;
}
const queryInvalidate = () => { queries.invalidateQueries({ queryKey: ['agents'], refetchType: 'none' }); };
const queryStale = () => queries.getQueryCache().getAll().filter((each) => each.state.isInvalidated).length;

let graph;
function undoStart(nodes) {
  const list = Array.from({ length: nodes }, (_, i) => ({ id: `n${i}`, type: 'deployment', position: { x: (i % 100) * 240, y: Math.floor(i / 100) * 110 },
                                                          data: { name: `n${i}`, image: 'nginx:1.27', replicas: 2 } }));
  const edges = list.slice(1).map((node, i) => ({ id: `e${i + 1}`, source: `n${i}`, target: node.id }));
  graph = createStore(temporal(() => ({ nodes: list, edges }), { limit: 100 }));
  return graph.getState().nodes.length;
}
function undoEdit(edits) {
  for (let i = 0; i < edits; i++) {
    const id = graph.getState().nodes[(i * 97) % graph.getState().nodes.length].id;
    // As React Flow's applyNodeChanges: a new list, the changed node new.
    graph.setState((state) => ({ nodes: state.nodes.map((node) => (node.id === id ? { ...node, position: { x: node.position.x + 15, y: node.position.y } } : node)) }));
  }
  return graph.temporal.getState().pastStates.length;
}
function undoUndo(steps) {
  const before = graph.temporal.getState().futureStates.length;
  for (let i = 0; i < steps; i++) graph.temporal.getState().undo();
  return graph.temporal.getState().futureStates.length - before;
}
function undoRedo(steps) {
  const before = graph.temporal.getState().pastStates.length;
  for (let i = 0; i < steps; i++) graph.temporal.getState().redo();
  return graph.temporal.getState().pastStates.length - before;
}

globalThis.peers = { storeStart, storeUpdate, queryFill, queryLookup, queryInvalidate, queryStale, undoStart, undoEdit, undoUndo, undoRedo };
