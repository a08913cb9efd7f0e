// The address says where one is: reload, back, forward and links follow it; a link reads and never writes.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';

const query = (app) => app.page.evaluate(() => Object.fromEntries(new URLSearchParams(location.search)));
const address_is = (app, wanted) => app.until((each) => {
  const now = new URLSearchParams(location.search);
  return Object.entries(each).every(([name, value]) => (value === null ? !now.has(name) : now.get(name) === value));
}, wanted);

test('selecting changes the address, going to a page is a step, back and forward walk', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.workflow_ready();
  const { workflow } = await app.snapshot();
  await address_is(app, { workflow, view: null });
  const steps = await app.page.evaluate(() => history.length);
  await app.click('node', 'storefront');
  await address_is(app, { select: 'deployment-storefront' });
  assert.equal(await app.page.evaluate(() => history.length), steps, 'selecting made a history entry');

  await app.click('button', 'Settings');
  await address_is(app, { view: 'settings', workflow });
  await app.page.goBack();
  await app.until(() => !new URLSearchParams(location.search).has('view'));
  await app.has('node', 'storefront');
  assert.deepEqual((await app.snapshot()).selection, ['deployment-storefront']);
  await app.page.goForward();
  await address_is(app, { view: 'settings' });
  await app.has('main', 'Settings');
  await app.page.reload();
  await app.ready();
  await app.has('main', 'Settings');
  assert.equal((await query(app)).select, 'deployment-storefront');
});

test('a link opens workflow and selection in another browser profile', async (t) => {
  const gateway = await t.gateway();
  const first = await t.app(gateway.url);
  await first.workflow_ready();
  await first.click('node', 'catalog');
  await address_is(first, { select: 'deployment-catalog' });
  const link = await first.page.evaluate(() => location.href);
  const second = await t.app(link, { context: await t.context() });
  await second.workflow_ready();
  await second.until(() => globalThis.binnacle.snapshot().selection[0] === 'deployment-catalog');
  await second.has('textbox', 'Image');
});

test('a hostile link does nothing but say what it left out', async (t) => {
  const gateway = await t.gateway();
  const link = `${gateway.url}?view=%3Cscript%3E&workflow=..%2F..%2Fauth%2Flogout&select=${'x'.repeat(400)}&keyspace=k&table=t&filter=a%3D1%3B%20DROP%20TABLE%20t&page=-4`;
  const app = await t.app(link, { ready: false });
  await app.has_words(/The link's view was left out/);
  await app.workflow_ready();
  const written = app.requests.filter((each) => !each.startsWith('GET ') && !each.startsWith('POST /api/watch/'));  // to watch is to read
  assert.deepEqual(written, []);
  const gone = await t.app(`${gateway.url}?workflow=000000000000`, { ready: false });
  await gone.has_words(/not found|no workflow|does not exist/i);
  await app.assert_clean();
});
