// SSE parsing and the log pipeline beside eventsource-parser and fetch-event-source in the same Chromium, as ratios
//
// Flags: --runs N (5), --megabytes N (16), --only WORDS. Ours is the shipped site at ?bench=logs; both pages make the same bytes from a seed and
// are measured in turn, after two runs to warm up; the median is compared. Every side has to count the same events.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { kRoot } from '../e2e/support/places.mjs';
import { browser_version, keep, machine, median, open_browser, print_table, read_flags, spread } from './support/measure.mjs';
import { serve } from './support/peer_site.mjs';

const kOut = path.join(kRoot, 'tests/bench/out/streams');
const kTargets = { sse: 3, logs: 4 };
const kDist = process.env.BINNACLE_DIST ?? path.join(kRoot, 'dist');
const flags = read_flags({ runs: 5, megabytes: 16, only: '' });

async function build_peers() {
  fs.rmSync(kOut, { recursive: true, force: true });
  await build({ entryPoints: [path.join(kRoot, 'tests/bench/peers/streams.js')], outdir: kOut, bundle: true, minify: true, format: 'iife', target: 'es2022', legalComments: 'none', logLevel: 'error' });
  fs.writeFileSync(path.join(kOut, 'index.html'), '<!doctype html><meta charset="utf-8"><title>streams bench</title><script src="streams.js"></script>');
}

// Runs in both pages: bytes of a kind, the same everywhere.
function make_bytes({ kind, bytes }) {
  let state = 12345;
  const below = (n) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 4294967296 * n); };
  const words = ['GET', '/api/orders', '200', 'upstream', 'connection', 'reset', 'retrying', 'cache', 'miss', 'für', 'user=42', 'latency_ms=13', 'done', 'checkout', 'timeout'];
  const text = (n) => Array.from({ length: n }, () => words[below(words.length)]).join(' ');
  const stamp = (i) => `2026-01-01T${String(below(24)).padStart(2, '0')}:${String(below(60)).padStart(2, '0')}:${String(below(60)).padStart(2, '0')}.${String(i % 1000000000).padStart(9, '0')}Z`;
  const event = {
    'plain log lines': (i) => `event:log\ndata:${stamp(i)} ${text(8)}\n\n`,
    'JSON log lines': (i) => `event:log\ndata:${JSON.stringify({ type: 'log', stream_key: 'build:65f0c0ffee', event_type: 'log', timestamp: stamp(i), data: { stage: 'build', message: text(8) + (i % 8 ? '' : ' "quoted"\n'), level: 'info' } })}\n\n`,
    'node updates': (i) => `id: ${i}\nevent: node_update\ndata: ${JSON.stringify({ type: 'node_update', stream_key: 'workflow:65f0', event_type: 'node_update', timestamp: stamp(i), data: { node_id: `deployment-${i % 200}`, type: 'deployment', status: { state: 'healthy', message: text(5), replicas: 3, readyReplicas: 3, clusterIP: '10.96.12.7' } } })}\n\n`,
    'objects of 4 KiB': (i) => `event: watch\ndata: {"type":"MODIFIED","object":${JSON.stringify({ n: i, text: text(560) })}}\n\n`,
  }[kind];
  const parts = [];
  for (let i = 0, size = 0; size < bytes; i++) {
    const part = event(i);
    parts.push(part);
    size += part.length;
  }
  globalThis.benchBytes = new TextEncoder().encode(parts.join(''));
  return { bytes: globalThis.benchBytes.length, events: parts.length };
}

const kCases = [['sse', 'plain log lines'], ['sse', 'JSON log lines'], ['sse', 'node updates'], ['sse', 'objects of 4 KiB'], ['logs', 'plain log lines'], ['logs', 'JSON log lines']]
  .filter((each) => each.join(' ').includes(flags.only));

await build_peers();
const peer_site = await serve(kOut);
const our_site = await serve(kDist);
const tab = await open_browser();
const results = [];
try {
  const ours = tab.page;
  await ours.goto(`${our_site.url}/?bench=logs`);
  await ours.waitForFunction(() => globalThis.binnacle?.bench);
  const theirs = await ours.context().newPage();
  await theirs.goto(peer_site.url);
  const names = await theirs.evaluate(() => globalThis.peers.names);
  for (const [what, kind] of kCases) {
    const wanted = { kind, bytes: flags.megabytes * 1e6 };
    const made = await ours.evaluate(make_bytes, wanted);
    const same = await theirs.evaluate(make_bytes, wanted);
    if (made.bytes !== same.bytes) throw new Error('the pages have other bytes');
    const times = { binnacle: [], ...Object.fromEntries(names.map((name) => [name, []])) };
    for (let run = -2; run < flags.runs; run++) {
      for (const name of Object.keys(times)) {
        const page = name === 'binnacle' ? ours : theirs;
        await page.bringToFront();
        const result = name === 'binnacle' ? await ours.evaluate((w) => globalThis.binnacle.bench[w](globalThis.benchBytes), what)
          : await theirs.evaluate(([w, n]) => globalThis.peers[w](n, globalThis.benchBytes), [what, name]);
        if (result.events !== made.events) throw new Error(`${name} counts ${result.events} events of ${made.events} (${kind})`);
        if (what === 'logs' && result.kept !== 5000) throw new Error(`${name} keeps ${result.kept} lines`);
        if (run >= 0) times[name].push(result.ms);
      }
    }
    results.push({ what, kind, bytes: made.bytes, events: made.events, times });
  }
} finally {
  await tab.close();
  await our_site.close();
  await peer_site.close();
}

console.log(`${machine()}, ${await browser_version()}, ${flags.megabytes} MB each, median of ${flags.runs}`);
const rows = [];
for (const { what, kind, bytes, times } of results) {
  const mine = median(times.binnacle);
  for (const [name, list] of Object.entries(times)) {
    const ms = median(list);
    const ratio = ms / mine;
    const verdict = name === 'binnacle' ? '' : ratio >= kTargets[what] ? 'met' : 'MISSED';
    rows.push([name === 'binnacle' ? `${what}: ${kind}` : '', name, ms.toFixed(1), `${Math.round(spread(list) * 100)} %`, (bytes / 1e6 / (ms / 1000)).toFixed(0), name === 'binnacle' ? '1' : ratio.toFixed(1), verdict]);
  }
}
print_table(['case', 'by', 'ms', '±', 'MB/s', 'theirs / ours', `>= ${kTargets.sse} (sse), ${kTargets.logs} (logs)`], rows);
keep('streams', results);
