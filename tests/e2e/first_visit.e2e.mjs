// What a new user does: open, Run, watch, read a log, repair the node that fails.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { first_visits } from './support/first_visit.mjs';
import { kRoot } from './support/places.mjs';
import { assert_rollout, fix_image, kBroken, kNodes, run_and_settle, until_settled } from './support/shop.mjs';
import { test } from './support/test.mjs';

test('a first visit opens the sample workflow with its nodes', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  const state = await app.snapshot();
  assert.deepEqual(Object.keys(state.nodes).sort(), [...kNodes].sort());
  assert.equal(state.backend, 'gateway');
  assert.equal(state.session, 'signed_in', '--auth none needs no login');
  assert.ok(state.viewport && state.viewport.zoom > 0.2, 'the workflow is fitted into the view');
  await app.has('button', 'Workflow: Online shop');
  for (const name of ['storefront', 'checkout', 'catalog', 'orders-db', 'migrate']) await app.has('node', name);
  await app.has('edge', 'web > storefront');
  assert.equal(await app.page.title(), 'Online shop · Binnacle');
  await app.assert_clean();
});

test('Run: pending, running, healthy, with replicas and addresses, by the stream alone', async (t) => {
  const gateway = await t.gateway({ speed: 2 });
  const app = await t.app(gateway.url);
  const workflow = (await app.snapshot()).workflow;
  await app.record_states();
  await app.click('button', 'Run');
  await app.until((key) => globalThis.binnacle.snapshot().streams.some((each) => each.key === key && each.state === 'open'), `workflow:${workflow}`);
  const polled_before = app.requests.filter((each) => each === `GET /v1/api/workflows/${workflow}`).length;
  await until_settled(app);
  const states = await app.recorded_states();
  for (const id of ['deployment-storefront', 'deployment-catalog', 'statefulset-orders-db', 'job-migrate']) assert_rollout(states, id);
  assert_rollout(states, kBroken, { last: 'error' });

  await app.has_words(/^Deployment storefront, healthy, 3 of 3 ready/);
  await app.has_words(/^StatefulSet orders-db, healthy, 1 of 1 ready/);
  const status_stream = (await app.snapshot()).streams.find((each) => each.key === `workflow:${workflow}`);
  assert.ok(status_stream.events > 10, `the status came in ${status_stream.events} events`);
  const polled = app.requests.filter((each) => each === `GET /v1/api/workflows/${workflow}`).length - polled_before;
  assert.ok(polled <= 1, `the workflow was fetched ${polled} times while it rolled out: status is to come by the stream`);

  await app.click('node', 'catalog-api');
  await app.click('tab', 'Status');
  await app.has_words(/10\.\d+\.\d+\.\d+/);
  await app.has_words(/\b3[0-2]\d{3}\b/);
  await app.assert_clean();
});

test('a broken image fails and says why; edited and run again, the node gets healthy', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await run_and_settle(app);
  await app.has_words(/^Deployment checkout, failed, 0 of 2 ready/);
  await app.has_words(/ImagePullBackOff|ErrImagePull/);
  await app.click('node', 'checkout');
  await app.has_words(/no tag 9\.9|9\.9.*not found/i);
  await app.click('tab', /^Problems/);
  await app.has('button', /^checkout: /);

  await fix_image(app);
  await app.click('button', 'Run');
  await until_settled(app, { fixed: true });
  await app.has_words(/^Deployment checkout, healthy, 2 of 2 ready/);
  const saved = await (await fetch(`${gateway.url}/v1/api/workflows/${(await app.snapshot()).workflow}`)).json();
  assert.equal(saved.nodes.find((node) => node.id === kBroken).data.image, 'registry.local/checkout:3.1');
  await app.assert_clean();
});

test('a click on a node shows the log of its pod, arriving live', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await run_and_settle(app);
  await app.click('node', 'catalog');
  await app.until_log_grows(0);
  await app.has('log', /^Log of catalog-/);
  const first = (await app.snapshot()).logLines;
  await app.until_log_grows(first + 5);
  const lines = await app.log_lines().count();
  assert.ok(lines > 3, `${lines} log lines are on the screen`);
  const state = await app.snapshot();
  assert.ok(state.streams.some((each) => each.key.startsWith('pod-logs:') && each.state === 'open'), JSON.stringify(state.streams));
  assert.equal(state.dropped.log, 0);

  await app.click('node', 'storefront');
  await app.has('log', /^Log of storefront-/);
  await app.assert_clean();
});

test('a node that never started says so instead of an empty log', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await run_and_settle(app);
  await app.click('node', 'checkout');
  await app.has_words(/not started|ImagePullBackOff|no log/i);
  assert.equal((await app.snapshot()).logLines, 0);
});

test('nodes are added, connected, moved and deleted by mouse, and saved', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  const before = Object.keys((await app.snapshot()).nodes).length;
  const from = await app.place('node', 'mailer');
  await app.drag(from, { x: from.x + 40, y: from.y + 30 });
  const moved = await app.place('node', 'mailer');
  assert.ok(Math.abs(moved.x - from.x - 40) < 12 && Math.abs(moved.y - from.y - 30) < 12, `moved by ${moved.x - from.x}, ${moved.y - from.y}`);
  await app.click('node', 'migrate');
  await app.key('Delete');
  await app.gone('node', 'migrate');
  assert.equal(Object.keys((await app.snapshot()).nodes).length, before - 1);
  await app.has('status', 'Saved');
  const workflow = (await app.snapshot()).workflow;
  const saved = await (await fetch(`${gateway.url}/v1/api/workflows/${workflow}`)).json();
  assert.equal(saved.nodes.length, before - 1);
  await app.assert_clean();
});

// Which functions they were, where the build that made the site is at hand.
function names_of(early) {
  try {
    const names = JSON.parse(fs.readFileSync(path.join(kRoot, 'build/web-release/split/slots.json'), 'utf8'));
    return early.map((each) => names[each.split(' ')[1]] ?? each);
  } catch {
    return early;
  }
}

// What such a visit needed of the later part. It never arrives by itself, so whatever needs it has to fetch it, and is noted.
async function needed_early(t, visit) {
  const needed = [];
  await visit.run(t, {
    before: (page) => page.route(/\/later\.\w+\.wasm$/, (route) => (route.request().resourceType() === 'xhr' ? route.continue() : route.abort())),
    after: async (app) => {
      const early = await app.page.evaluate(() => globalThis.binnacleBoot.early.filter((each) => each.startsWith('later ')));
      needed.push(...names_of(early));
    },
  });
  return needed;
}

for (const visit of first_visits) {
  test(`nothing of the later part is needed ${visit.name}`, async (t) => {
    const needed = await needed_early(t, visit);
    if (needed.length === 0) return;
    // What one visit needs and the next does not depends on the moment (an answer that comes late, a timer): it may come later.
    t.note(`needed once: ${needed.join(', ')}`);
    const again = new Set(await needed_early(t, visit));
    assert.deepEqual(needed.filter((each) => again.has(each)), [], 'these belong to the first part: node cmake/record_first_visit.mjs');
  });
}
