// React Flow with the same graph as Binnacle's ?bench=graph&nodes=N: a grid of √N columns, 240 x 110 px apart, a chain of N-1 edges;
// the same cards (208 x 72: kind chip, name, subtitle, dot with state, replicas, two ports), MiniMap, Background and Controls.
//   ?nodes=N&zoom=Z   or &fit=1;  &visible=1: onlyRenderVisibleElements;  ?shop=1: the sample workflow, for load times
import React, { memo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Background, Controls, Handle, MiniMap, Position, ReactFlow } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import './flow.css';

const query = new URLSearchParams(location.search);
const kStates = [['healthy', '#3fb950'], ['rolling out', '#d29922'], ['pending', '#5c6773'], ['failed', '#f85149']];
const kKinds = { ingress: '#0ea5a0', service: '#2f81f7', deployment: '#7c3aed', statefulset: '#be185d', configmap: '#b45309', secret: '#b45309', job: '#475569' };

const Card = memo(({ data }) => (
  <div className={data.state === 'failed' ? 'card failed' : 'card'}>
    <Handle type="target" position={Position.Left} />
    <span className="chip" style={{ background: kKinds[data.kind] }}>
      <svg width="18" height="18" viewBox="0 0 18 18" fill="none" stroke="#fff" strokeWidth="1.6"><path d="M9 2l6 3.5v7L9 16l-6-3.5v-7z" /></svg>
    </span>
    <span className="name">{data.name}</span>
    <span className="subtitle">{data.subtitle}</span>
    <span className="state"><i style={{ background: data.color }} />{data.state}</span>
    <span className="replicas">{data.replicas}</span>
    <Handle type="source" position={Position.Right} />
  </div>
));
const nodeTypes = { card: Card };

function generated(count) {
  const columns = Math.ceil(Math.sqrt(count));
  const kinds = Object.keys(kKinds);
  const nodes = Array.from({ length: count }, (_, i) => {
    const [state, color] = kStates[i % 17 === 3 ? 3 : i % 11 === 5 ? 1 : i % 7 === 6 ? 2 : 0];
    return { id: `n${i}`, type: 'card', position: { x: (i % columns) * 240, y: Math.floor(i / columns) * 110 },
             data: { kind: kinds[i % kinds.length], name: `service-${i}`, subtitle: `registry.local/service-${i}:1.${i % 10}`, state, color, replicas: `${i % 4}/3` } };
  });
  const edges = Array.from({ length: count - 1 }, (_, i) => ({ id: `e${i}`, source: `n${i}`, target: `n${i + 1}` }));
  return { nodes, edges };
}

async function shop() {
  const workflow = await (await fetch('online-shop.json')).json();
  return {
    nodes: workflow.nodes.map((node) => ({ id: node.id, type: 'card', position: node.position,
      data: { kind: node.type, name: node.data.name, subtitle: node.data.image || node.type, state: 'pending', color: kStates[2][1], replicas: `0/${node.data.replicas || 1}` } })),
    edges: workflow.edges.map(({ id, source, target }) => ({ id, source, target })),
  };
}

function View({ graph }) {
  const [nodes] = useState(graph.nodes), [edges] = useState(graph.edges);
  const fit = query.get('fit') === '1' || query.get('shop') === '1';
  return (
    <ReactFlow defaultNodes={nodes} defaultEdges={edges} nodeTypes={nodeTypes} colorMode="dark" minZoom={0.005} maxZoom={4}
      fitView={fit} defaultViewport={{ x: 0, y: 0, zoom: Number(query.get('zoom')) || 1 }} onlyRenderVisibleElements={query.get('visible') === '1'}
      onInit={(flow) => { globalThis.peer = { viewport: () => flow.getViewport() }; }}>
      <MiniMap /><Background /><Controls />
    </ReactFlow>
  );
}

const graph = query.get('shop') === '1' ? await shop() : generated(Number(query.get('nodes')) || 100);
createRoot(document.getElementById('root')).render(<View graph={graph} />);
// Interactive: the nodes are measured and shown, and the frame that shows them has been handed over.
const shown = () => document.querySelector('.react-flow__node[style*="visible"]') && globalThis.peer;
const look = () => (shown() ? requestAnimationFrame(() => setTimeout(() => { globalThis.firstFrameMs = performance.now(); })) : requestAnimationFrame(look));
look();
