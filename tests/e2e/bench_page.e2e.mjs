// The page ?bench=logs: what others measure their own data with.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { kRoot } from './support/places.mjs';
import { test } from './support/test.mjs';

test('binnacle.bench counts the events of given bytes, of every shared SSE case too, and fills a ring of 5,000 lines', async (t) => {
  const site = await t.static_site();
  const app = await t.app();
  await app.open(`${site.url}/?bench=logs`);
  const run = (what, text) => app.page.evaluate(([w, s]) => globalThis.binnacle.bench[w](new TextEncoder().encode(s)), [what, text]);
  const line = (i) => `event:log\ndata:{"timestamp":"2026-01-01T00:00:00Z","data":{"stage":"build","message":"line ${i} \\"ä\\"","level":"info"}}\n\n`;
  const many = Array.from({ length: 20_000 }, (_, i) => line(i)).join('');
  const parsed = await run('sse', many);
  assert.equal(parsed.events, 20_000);
  assert.equal(parsed.kept, 0);
  assert.ok(parsed.ms > 0);
  const piped = await run('logs', many);
  assert.equal(piped.events, 20_000);
  assert.equal(piped.kept, 5_000);
  // Each run is one of its own.
  assert.equal((await run('logs', line(1))).kept, 1);
  const { cases } = JSON.parse(fs.readFileSync(path.join(kRoot, 'tests/data/sse-cases.json'), 'utf8'));
  const counts = await app.page.evaluate((list) => list.map((chunks) => {
    const parts = chunks.map((chunk) => Uint8Array.from(atob(chunk), (c) => c.charCodeAt(0)));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
    return globalThis.binnacle.bench.sse(bytes).events;
  }), cases.map((each) => each.chunks));
  assert.deepEqual(counts, cases.map((each) => each.expect.events.length));
  await assert.rejects(() => app.page.evaluate(() => globalThis.binnacle.bench.sse('text')), /Uint8Array/);
  await app.assert_clean();
});

test('other pages have no bench', async (t) => {
  const site = await t.static_site();
  const app = await t.app();
  await app.open(`${site.url}/?bench=graph&nodes=10`);
  assert.equal(await app.page.evaluate(() => typeof globalThis.binnacle.bench), 'undefined');
});
