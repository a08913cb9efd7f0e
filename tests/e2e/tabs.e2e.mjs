// Several tabs of the site without a backend are one hub: one of them owns it, the others reach it, and it survives its owner.
import assert from 'node:assert/strict';
import { fix_image, kNodes, run_and_settle, until_settled } from './support/shop.mjs';
import { test } from './support/test.mjs';

const kStorefront = 'deployment-storefront';
const until_role = (app, role, options) => app.until((wanted) => globalThis.binnacle?.snapshot?.().hub === wanted, role, options);
const loads_cluster = (app) => app.requests.some((each) => /\/cluster\..*\.wasm$/.test(each));

// A file server has no health route, and the browser says so.
const assert_clean = (app) => assert.deepEqual(app.errors.filter((each) => !each.includes('/health')), [], 'errors in the console');

// Tabs of one profile. The first has the hub.
async function two_tabs(t, { site = null } = {}) {
  const { url } = site || await t.static_site();
  const context = await t.context();
  const first = await t.app(url, { context });
  await until_role(first, 'owner');
  const second = await t.app(url, { context });
  assert.equal((await second.snapshot()).hub, 'follower');
  return { url, context, first, second };
}

async function shows_log(app, node = 'storefront') {
  await app.click('node', node);
  await app.until_log_grows(0);
  const { logLines } = await app.snapshot();
  await app.until_log_grows(logLines);
}

// The whole cluster as it was after run_and_settle() and fix_image() with another run, seen by a tab that has never seen it before.
async function nothing_is_lost(t, url, context) {
  const fresh = await t.app(url, { context });
  assert.deepEqual(Object.keys((await fresh.snapshot()).nodes).sort(), [...kNodes].sort());
  await until_settled(fresh, { fixed: true });
  await fresh.click('node', 'checkout');
  await fresh.until_value('textbox', 'Image', 'registry.local/checkout:3.1');
  assert_clean(fresh);
  return fresh;
}

async function fix_and_run(app) {
  await fix_image(app);
  await app.click('button', 'Run');
  await until_settled(app, { fixed: true });
}

test('two tabs are one hub: what runs in one is seen in the other, and its log streams there', async (t) => {
  const { first, second } = await two_tabs(t);
  assert.ok(loads_cluster(first), 'the owner has loaded hub and cluster');
  assert.ok(!loads_cluster(second), 'the other tab has not');
  await run_and_settle(first);
  await until_settled(second);
  await shows_log(second);
  // And the other way: run by the tab that does not have the hub.
  await fix_and_run(second);
  await until_settled(first, { fixed: true });
  await shows_log(first);
  assert_clean(first);
  assert_clean(second);
});

test('the owner\'s tab is closed: the other takes over, and nothing is lost', async (t) => {
  const { url, context, first, second } = await two_tabs(t);
  await run_and_settle(second);
  await shows_log(second);
  await fix_and_run(second);
  await first.page.close({ runBeforeUnload: true });
  await until_role(second, 'owner');
  await shows_log(second);
  await until_settled(second, { fixed: true });
  const third = await nothing_is_lost(t, url, context);
  assert.equal((await third.snapshot()).hub, 'follower');
  assert_clean(second);
});

test('three tabs, and the owner goes without a word: one takes over, the other follows it', async (t) => {
  const { url, context, first, second } = await two_tabs(t);
  const third = await t.app(url, { context });
  await run_and_settle(third);
  await fix_and_run(third);
  await first.idle();
  await first.page.close();
  await until_role(second, 'owner');
  await until_role(third, 'follower');
  await shows_log(third);
  await nothing_is_lost(t, url, context);
});

test('a reload of the owner loses nothing, and the page comes back as a follower', async (t) => {
  const { url, context, first, second } = await two_tabs(t);
  await run_and_settle(first);
  await fix_and_run(first);
  await first.page.reload();
  await first.ready();
  await first.workflow_ready();
  await until_role(second, 'owner');
  await until_role(first, 'follower');
  await until_settled(first, { fixed: true });
  await shows_log(first);
  await shows_log(second);
  await nothing_is_lost(t, url, context);
});

test('a cluster that has just changed is kept when the only tab is reloaded at once', async (t) => {
  const site = await t.static_site();
  const app = await t.app(site.url);
  await app.click('button', 'Run');
  // The run has been answered and the rollout has begun: the reload falls between a change and the next snapshot.
  await app.until(() => Object.values(globalThis.binnacle.snapshot().nodes).some((state) => state !== ''));
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  await until_settled(app);
});

test('the owner is frozen: the visible tab goes on, and the owner follows when it wakes', async (t) => {
  const { url, context, first, second } = await two_tabs(t);
  await run_and_settle(first);
  await second.click('node', 'storefront');
  await second.until_log_grows(0);
  await first.idle();
  // Browsers freeze hidden pages only, and a driven one is never hidden: a debugger that stops it at its next step is as deaf.
  const cdp = await context.newCDPSession(first.page);
  await cdp.send('Debugger.enable');
  await cdp.send('Debugger.pause');
  await until_role(second, 'owner');
  await shows_log(second);
  await fix_and_run(second);
  await cdp.send('Debugger.disable');
  await until_role(first, 'follower');
  await until_settled(first, { fixed: true });
  await nothing_is_lost(t, url, context);
});

test('without locks and channels between tabs each tab works alone', async (t) => {
  const site = await t.static_site();
  const context = await t.context();
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
    delete globalThis.BroadcastChannel;
  });
  for (let i = 0; i < 2; ++i) {
    const app = await t.app(site.url, { context });
    assert.equal((await app.snapshot()).hub, 'alone');
    await app.click('button', 'Run');
    await app.until_node(kStorefront, 'healthy');
    assert_clean(app);
  }
});

test('where the browser refuses a lock the tab works alone', async (t) => {
  const site = await t.static_site();
  const context = await t.context();
  await context.addInitScript(() => { LockManager.prototype.request = () => Promise.reject(new DOMException('not here', 'SecurityError')); });
  const app = await t.app(site.url, { context });
  assert.equal((await app.snapshot()).hub, 'alone');
  await app.click('button', 'Run');
  await app.until_node(kStorefront, 'healthy');
  assert_clean(app);
});
