// One watch of a cluster to 5,000 event streams: our hub beside the same hub written straightforwardly on Node
//
// Flags: --clients N (5000), --changes N (100), --rate N changes a second (10), --only binnacle|node. A second gateway plays the cluster for both
// hubs, in a process of its own. Clients are plain sockets in this process; every change has to reach every one of them. CPU and
// memory are those of the hub's process, from /proc.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gateway_path, kRoot } from '../e2e/support/places.mjs';
import { keep, machine, print_table, read_flags, wait } from './support/measure.mjs';

const flags = read_flags({ clients: 5000, changes: 100, rate: 10, only: '' });
const kBudgetKb = 10;
const kMarker = Buffer.from('"bench-tick');
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-fanout-'));
fs.writeFileSync(path.join(home, 'index.html'), '<!doctype html><title>fan-out</title>');
const children = [];

function start(command, args, pattern) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${text}`)));
    child.stdout.on('data', (bytes) => {
      text += bytes;
      const found = pattern.exec(text);
      if (found) resolve({ child, found: found[1] });
    });
  });
}
const gateway = (name, ...more) => start(gateway_path(), ['--port', '0', '--data-dir', path.join(home, name), '--static', home, ...more], /Binnacle is at (http:\/\/\S+?)\/?\s/);

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const call = (method, url, body, type = 'application/json') => new Promise((resolve, reject) => {
  const request = http.request(url, { method, agent, headers: body === undefined ? {} : { 'content-type': type } }, (response) => {
    let text = '';
    response.on('data', (bytes) => { text += bytes; });
    response.on('end', () => (response.statusCode < 300 ? resolve(text ? JSON.parse(text) : null) : reject(new Error(`${method} ${url}: ${response.statusCode} ${text.slice(0, 200)}`))));
  });
  request.on('error', reject);
  request.end(body === undefined ? undefined : JSON.stringify(body));
});

function process_use(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const kb = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  return { cpu_ms: (Number(fields[11]) + Number(fields[12])) * 10, rss_kb: kb };
}

// One event stream on a plain socket: counts the marker in what arrives, also across two pieces.
function open_client(port, cid) {
  return new Promise((resolve, reject) => {
    const client = { cid, ticks: 0, bytes: 0, closed: false };
    let rest = Buffer.alloc(0);
    const socket = net.connect(port, '127.0.0.1', () => socket.write(`GET /api/watch/stream?cid=${cid} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\n\r\n`));
    socket.on('data', (bytes) => {
      client.bytes += bytes.length;
      const all = rest.length ? Buffer.concat([rest, bytes]) : bytes;
      for (let at = all.indexOf(kMarker); at >= 0; at = all.indexOf(kMarker, at + kMarker.length)) client.ticks++;
      rest = all.subarray(Math.max(0, all.length - kMarker.length + 1));
      if (!client.open && all.includes('event:connected')) {
        client.open = true;
        resolve(client);
      }
    });
    socket.on('close', () => { client.closed = true; reject(new Error('a client was turned away')); });
    socket.on('error', reject);
    client.socket = socket;
  });
}

async function in_batches(count, size, work) {
  for (let at = 0; at < count; at += size) await Promise.all(Array.from({ length: Math.min(size, count - at) }, (_, i) => work(at + i)));
}

async function measure(name, cluster_url) {
  const hub = name === 'binnacle' ? await gateway('hub', '--kubernetes', cluster_url, '--watch-clients', String(flags.clients + 10))
    : await start(process.execPath, [path.join(kRoot, 'tests/bench/peers/watch_hub.mjs'), cluster_url], /^(\d+)\s/);
  const url = name === 'binnacle' ? hub.found : `http://127.0.0.1:${hub.found}`;
  const port = Number(new URL(url).port);
  await wait(500);
  const empty = process_use(hub.child.pid);
  const clients = [];
  await in_batches(flags.clients, 100, async (i) => {
    const cid = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    clients.push(await open_client(port, cid));
  });
  await in_batches(flags.clients, 16, (i) => call('POST', `${url}/api/watch/subscribe`, { clientId: clients[i].cid, resourceType: 'api/v1/configmaps', namespace: 'default', labelSelector: 'bench=fanout' }));
  const until = async (ticks) => {
    const limit = performance.now() + 120_000;
    while (clients.some((client) => client.ticks < ticks) && performance.now() < limit) await wait(20);
  };
  await until(1);  // the snapshot
  const full = process_use(hub.child.pid);
  const started = performance.now();
  for (let i = 1; i <= flags.changes; i++) {
    await call('PATCH', `${cluster_url}/api/v1/namespaces/default/configmaps/bench`, { data: { tick: `bench-tick ${i}` } }, 'application/merge-patch+json');
    const due = started + (i * 1000) / flags.rate;
    if (due > performance.now()) await wait(due - performance.now());
  }
  const sent = performance.now();
  await until(flags.changes + 1);
  const done = performance.now();
  const end = process_use(hub.child.pid);
  const behind = clients.filter((client) => client.ticks < flags.changes + 1).length;
  const closed = clients.filter((client) => client.closed).length;
  for (const client of clients) client.socket.destroy();
  hub.child.kill('SIGTERM');
  const deliveries = flags.clients * flags.changes;
  return { name, behind, closed, kb_per_client: (full.rss_kb - empty.rss_kb) / flags.clients, peak_kb_per_client: (end.rss_kb - empty.rss_kb) / flags.clients,
           cpu_us: ((end.cpu_ms - full.cpu_ms) * 1000) / deliveries, tail_ms: done - sent, wall_ms: done - started };
}

try {
  const cluster = await gateway('cluster');
  const cluster_url = `${cluster.found}/k8s`;
  await call('POST', `${cluster_url}/api/v1/namespaces/default/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bench', labels: { bench: 'fanout' } }, data: { tick: 'bench-tick 0', text: 'x'.repeat(200) } });
  console.log(`${machine()}, ${flags.clients} clients, ${flags.changes} changes at ${flags.rate}/s`);
  const results = [];
  for (const name of ['binnacle', 'node'].filter((each) => !flags.only || each === flags.only)) {
    results.push(await measure(name, cluster_url));
    await call('PATCH', `${cluster_url}/api/v1/namespaces/default/configmaps/bench`, { data: { tick: 'bench-tick 0' } }, 'application/merge-patch+json');
  }
  print_table(['hub', 'clients behind', 'cut off', 'kB a client', 'kB at the end', 'CPU µs a delivery', 'last change to last client, ms', `<= ${kBudgetKb} kB, none behind`],
    results.map((r) => [r.name, r.behind, r.closed, r.kb_per_client.toFixed(1), r.peak_kb_per_client.toFixed(1), r.cpu_us.toFixed(1), r.tail_ms.toFixed(0),
      r.name !== 'binnacle' ? '' : r.behind === 0 && r.closed === 0 && r.kb_per_client <= kBudgetKb ? 'met' : 'MISSED']));
  if (results.length === 2) console.log(`CPU: ${(results[1].cpu_us / results[0].cpu_us).toFixed(1)} x less than on Node`);
  keep('fanout', results);
} finally {
  for (const child of children) child.kill('SIGTERM');
  fs.rmSync(home, { recursive: true, force: true });
}
