// The state layer beside zustand, TanStack Query and zundo, in the same page: updates, cache, undo
//
// Flags: --runs N (5). Each case is run alternately, ours and theirs, after a warm-up; the median is compared. Both sides prove by a number
// that they did the work. Times are of the calls as a program makes them, keys and all.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { kRoot } from '../e2e/support/places.mjs';
import { median, open_browser, spread } from './support/measure.mjs';
import { serve } from './support/peer_site.mjs';

const kOut = path.join(kRoot, 'tests/bench/out/state');
const kTarget = 2;
const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 5;

async function build_page() {
  fs.rmSync(kOut, { recursive: true, force: true });
  await build({ entryPoints: [path.join(kRoot, 'tests/bench/peers/state.js')], outdir: kOut, bundle: true, minify: true, format: 'iife', target: 'es2022',
                define: { 'process.env.NODE_ENV': '"production"' }, legalComments: 'none', logLevel: 'error' });
  for (const kind of ['js', 'wasm']) fs.copyFileSync(path.join(kRoot, `build/web-release/binnacle_state_bench.${kind}`), path.join(kOut, `binnacle_state_bench.${kind}`));
  fs.writeFileSync(path.join(kOut, 'index.html'), `<!doctype html><meta charset="utf-8"><title>state bench</title>
<script src="state.js"></script><script src="binnacle_state_bench.js"></script>`);
}

// Runs in the page. A case: prepare (not timed), work (timed), what it must answer.
async function measure_in_page(runs) {
  const ours = await createBinnacleStateBench();
  const kUpdates = 20_000, kEntries = 10_000, kNodes = 10_000, kSteps = 100, kRounds = 20;
  const sides = {
    ours: { storeStart: ours._bench_store_start, storeUpdate: ours._bench_store_update, queryFill: ours._bench_query_fill, queryLookup: ours._bench_query_lookup,
            queryInvalidate: ours._bench_query_invalidate, queryStale: ours._bench_query_stale, undoStart: ours._bench_undo_start, undoEdit: ours._bench_undo_edit,
            undoUndo: ours._bench_undo_undo, undoRedo: ours._bench_undo_redo },
    theirs: globalThis.peers,
  };
  const expect = (what, got, wanted) => { if (got !== wanted) throw new Error(`${what}: ${got}, not ${wanted}`); };
  const timed = (work) => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  const cases = {
    'store: update, 100 subscribers': { per: kUpdates, run(side, name) {
      side.storeStart(100);
      let calls = 0;
      const ms = timed(() => { calls = side.storeUpdate(kUpdates); });
      expect(`${name} subscribers called`, calls, kUpdates * 10);
      return ms;
    } },
    'queries: set 10,000 entries': { per: kEntries, run(side, name) {
      let size = 0;
      const ms = timed(() => { size = side.queryFill(kEntries); });
      expect(`${name} entries`, size, kEntries);
      return ms;
    } },
    'queries: look up each of 10,000': { per: kEntries, run(side, name) {
      let found = 0;
      const ms = timed(() => { found = side.queryLookup(kEntries); });
      expect(`${name} found`, found, kEntries);
      return ms;
    } },
    'queries: invalidate 5,000 of 10,000 by prefix': { per: 5_000, run(side, name) {
      side.queryFill(kEntries);
      expect(`${name} stale before`, side.queryStale(), 0);
      const ms = timed(() => side.queryInvalidate());
      expect(`${name} stale`, side.queryStale(), 5_000);
      side.queryFill(kEntries);
      return ms;
    } },
    'history: an edit of 10,000 nodes': { per: kSteps, run(side, name) {
      expect(`${name} nodes`, side.undoStart(kNodes), kNodes);
      let made = 0;
      const ms = timed(() => { made = side.undoEdit(kSteps); });
      expect(`${name} entries`, made, kSteps);
      return ms;
    } },
    'history: undo and redo in 10,000 nodes': { per: kSteps * kRounds * 2, run(side, name) {
      side.undoStart(kNodes);
      side.undoEdit(kSteps);
      let done = 0;
      const ms = timed(() => {
        for (let i = 0; i < kRounds; i++) done += side.undoUndo(kSteps) + side.undoRedo(kSteps);
      });
      expect(`${name} steps`, done, kSteps * kRounds * 2);
      return ms;
    } },
  };
  const results = {};
  for (const [title, each] of Object.entries(cases)) {
    const times = { ours: [], theirs: [] };
    for (let run = -2; run < runs; run++) {  // two to warm up
      for (const name of run % 2 ? ['ours', 'theirs'] : ['theirs', 'ours']) {
        const ms = each.run(sides[name], name);
        if (run >= 0) times[name].push(ms * 1000 / each.per);
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
    results[title] = times;
  }
  return results;
}

await build_page();
const site = await serve(kOut);
const tab = await open_browser();
try {
  await tab.page.goto(site.url);
  const results = await tab.page.evaluate(measure_in_page, runs);
  const peer_of = (title) => (title.startsWith('store') ? 'zustand' : title.startsWith('queries') ? 'TanStack Query' : 'zundo');
  console.log(`${'case'.padEnd(48)} ${'ours'.padStart(12)} ${'theirs'.padStart(12)}  ratio (µs each, median of ${runs}; target ${kTarget} x)`);
  for (const [title, { ours, theirs }] of Object.entries(results)) {
    const [a, b] = [median(ours), median(theirs)];
    const show = (value, list) => `${value.toFixed(3)} ±${Math.round(spread(list) * 100)} %`.padStart(12);
    console.log(`${title.padEnd(48)} ${show(a, ours)} ${show(b, theirs)}  ${(b / a).toFixed(1)} x ${peer_of(title)}${b / a < kTarget ? '  (below the target)' : ''}`);
  }
} finally {
  await tab.close();
  await site.close();
}
