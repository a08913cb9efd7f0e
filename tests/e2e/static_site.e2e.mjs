// The folder alone, on any file server: hub and cluster run in the tab.
import assert from 'node:assert/strict';
import { fix_image, kNodes, run_and_settle, until_settled } from './support/shop.mjs';
import { test } from './support/test.mjs';

async function whole_flow(app) {
  const state = await app.snapshot();
  assert.equal(state.backend, 'in this tab');
  assert.deepEqual(Object.keys(state.nodes).sort(), [...kNodes].sort());
  await run_and_settle(app);
  await app.has_words(/^Deployment storefront, healthy, 3 of 3 ready/);
  await app.has_words(/ImagePullBackOff|ErrImagePull/);
  await app.click('node', 'catalog');
  await app.until_log_grows(3);
  await fix_image(app);
  await app.click('button', 'Run');
  await until_settled(app, { fixed: true });
}

test('a plain file server is enough: Run, log, failure and fix in the tab', async (t) => {
  const site = await t.static_site();
  const app = await t.app(site.url);
  await whole_flow(app);
  assert.deepEqual(site.requests.filter((each) => !each.startsWith('GET ')), [], 'only GETs reach a file server');
});

test('a server that answers HTML for everything is not a backend', async (t) => {
  const site = await t.static_site({ fallback: true });
  const app = await t.app(site.url);
  assert.equal((await app.snapshot()).backend, 'in this tab');
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
});

test('the site works below a folder', async (t) => {
  const site = await t.static_site({ prefix: '/tools/binnacle' });
  const app = await t.app(`${site.url}/`);
  assert.equal((await app.snapshot()).backend, 'in this tab');
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
});

test('in the tab too, a reload keeps the running workflow', async (t) => {
  const site = await t.static_site();
  const app = await t.app(site.url);
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
  await app.click('node', 'storefront');
  await app.idle();
  await app.page.reload();
  await app.ready();
  await app.until_node('deployment-storefront', 'healthy');
  assert.deepEqual((await app.snapshot()).selection, ['deployment-storefront']);
  await app.until_log_grows(0);
});
