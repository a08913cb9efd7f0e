// Transfer of a first visit and time to the first interactive frame, beside a React Flow page of the same workflow
//   --runs 5
import path from 'node:path';
import { dist_path } from '../e2e/support/places.mjs';
import { Gateway } from '../e2e/support/gateway.mjs';
import { browser_version, keep, machine, median, open_browser, print_table, read_flags } from './support/measure.mjs';
import { build_peer, serve } from './support/peer_site.mjs';

const options = read_flags({ runs: 5 });
const kBudgets = { program: 500_000, everything: 700_000, first_frame_ms: 600 };

// What the first screen does not wait for (docs/decisions/0009-three-parts-of-wasm.md). It is downloaded all the same, and has a column of its own.
const is_later = (file) => /\/later\.\w+\.wasm$/.test(file.path);
const header = (response, name) => Object.entries(response.headers).find(([key]) => key.toLowerCase() === name)?.[1] || '';

// One visit with an empty cache: bytes of the bodies as they were sent, and the moment of the first interactive frame, from navigation.
async function visit(url, first_frame) {
  const tab = await open_browser();
  try {
    await tab.cdp.send('Network.enable');
    const sent = new Map(), finished = new Map();
    tab.cdp.on('Network.responseReceived', ({ requestId, response }) => sent.set(requestId, { path: new URL(response.url).pathname, encoding: header(response, 'content-encoding'),
                                                                                                           length: Number(header(response, 'content-length')) || 0 }));
    tab.cdp.on('Network.dataReceived', ({ requestId, encodedDataLength }) => finished.set(requestId, (finished.get(requestId) || 0) + encodedDataLength));
    await tab.page.addInitScript(first_frame.watch);
    await tab.page.goto(url);
    await tab.page.waitForFunction(() => globalThis.firstFrameMs > 0, null, { polling: 20, timeout: 60_000 });
    const first_frame_ms = await tab.page.evaluate(() => globalThis.firstFrameMs);
    await tab.page.waitForLoadState('networkidle').catch(() => {});
    const files = [...sent].map(([id, file]) => ({ ...file, bytes: finished.get(id) || file.length }))  // the document's own bytes are not always reported
      .filter((file) => file.bytes > 0);
    return { first_frame_ms, files };
  } finally {
    await tab.close();
  }
}

// The sample workflow is on the canvas, drawn, and the loading screen is gone: the next click does something.
const kBinnacle = {
  watch: () => {
    const look = () => {
      const state = globalThis.binnacle?.snapshot?.();
      const shown = document.getElementById('loading')?.hidden && state && state.viewport && Object.keys(state.nodes).length > 0 && state.frames > 1;
      if (shown) return requestAnimationFrame(() => setTimeout(() => { globalThis.firstFrameMs = performance.now(); }));
      setTimeout(look, 4);
    };
    if (globalThis === top) setTimeout(look, 4);
  },
};
const kPeer = { watch: () => {} };  // the page says it itself

async function main() {
  const gateway = await Gateway.start({ site: dist_path() });
  const alone = await serve(dist_path());
  const peer = await serve(await build_peer());
  const pages = [
    { name: 'Binnacle, gateway', url: gateway.url, how: kBinnacle, ours: true },
    { name: 'Binnacle, no backend', url: alone.url, how: kBinnacle, ours: true },
    { name: 'React Flow page', url: `${peer.url}/?shop=1`, how: kPeer },
  ];
  console.log(`${await browser_version()}; ${machine()}; empty cache, no throttling, ${options.runs} runs\n`);
  const rows = [], results = [];
  for (const each of pages) {
    const runs = [];
    for (let i = 0; i < options.runs; ++i) runs.push(await visit(each.url, each.how));
    const files = runs[0].files.filter((file) => !file.path.startsWith('/v1/'));
    const sum = (list) => list.reduce((total, file) => total + file.bytes, 0);
    const first = files.filter((file) => !is_later(file));
    const program = sum(first.filter((file) => ['.wasm', '.js'].includes(path.extname(file.path))));
    const later = sum(files.filter(is_later));
    const times = runs.map((run) => run.first_frame_ms);
    results.push({ ...each, how: undefined, program, everything: sum(first), later, files, times });
    rows.push([each.name, (program / 1000).toFixed(1), (sum(first) / 1000).toFixed(1), (later / 1000).toFixed(1), files.length, median(times).toFixed(0), `${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)}`]);
  }
  print_table(['page', 'wasm + js, kB', 'everything, kB', 'later, kB', 'files', 'first frame, ms', 'range'], rows);
  console.log('\nWhat a first visit to the gateway fetches (bytes of the bodies as sent):');
  print_table(['file', 'bytes', 'encoding'], results[0].files.map((file) => [file.path, file.bytes, file.encoding || 'none']));
  const ours = results[0];
  const check = (words, used, limit) => console.log(`${used <= limit ? 'met   ' : 'MISSED'} ${words}: ${Math.round(used)} (budget ${limit})`);
  console.log('');
  check('wasm + js, bytes', ours.program, kBudgets.program);
  check('everything, bytes', ours.everything, kBudgets.everything);
  check('first interactive frame, ms', median(ours.times), kBudgets.first_frame_ms);
  keep('load', { machine: machine(), results });
  await Promise.all([gateway.dispose(), alone.close(), peer.close()]);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
