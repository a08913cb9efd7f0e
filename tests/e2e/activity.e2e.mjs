// The event feed in a browser: what happens appears, outlives a reload, is shared by tabs, goes with the session, and reconnects by hand.
import assert from 'node:assert/strict';
import { register } from './support/account.mjs';
import { run_and_settle } from './support/shop.mjs';
import { test } from './support/test.mjs';

const kFailed = /^checkout failed, high/;

async function open_activity(app) {
  await app.click('button', 'Activity');
  await app.has('main', 'Activity');
}

// The list mirrors the rows in view only, so a row is looked for by searching.
async function find_event(app, words, row) {
  await app.type('searchbox', 'Search events', words);
  await app.has('listitem', row);
}
const find_failure = (app) => find_event(app, 'checkout failed', kFailed);
const find_deployed = (app) => find_event(app, 'shop is deployed', /^Online shop is deployed/);

// What the browser keeps: texts by key.
const kept_rows = (app, backend = 'gateway') => app.page.evaluate((name) => new Promise((resolve, reject) => {
  const request = indexedDB.open(name);
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const store = request.result.transaction('rows').objectStore('rows');
    store.getAll().onsuccess = (event) => {
      request.result.close();
      resolve(event.target.result);
    };
  };
}), `binnacle-events-${backend}`);

// The feed does not get through, neither as a channel of the tab's one stream nor as a request of its own: there is no such route.
async function block_feed(app) {
  let on = true;
  await app.page.route(/\/api\/watch\/subscribe/, (route) => {
    const body = route.request().postData() || '';
    if (on && body.includes('/events/stream')) route.continue({ postData: body.replace('/events/stream', '/events/none') });
    else route.continue();
  });
  await app.page.route(/\/events\/stream/, (route) => (on ? route.fulfill({ status: 404, contentType: 'application/json', body: '{"error":"no"}' }) : route.continue()));
  return () => { on = false; };
}

const acknowledged = () => [...document.querySelectorAll('#semantics [role=listitem]')].some((item) => item.textContent.includes('checkout failed, high') && !item.textContent.includes('not acknowledged'));

test('a run appears in the activity, is there after a reload without the feed, leads to its node, and a button reconnects', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.workflow_ready();
  await run_and_settle(app);
  await open_activity(app);
  await app.has('text', 'Live');
  await find_deployed(app);
  await find_failure(app);
  await app.click('checkbox', 'Acknowledged: checkout failed');
  await app.until(acknowledged);
  await app.assert_clean();

  const unblock = await block_feed(app);
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  await app.has('main', 'Activity');
  await app.has('text', 'No live feed');
  await find_deployed(app);
  await find_failure(app);
  await app.until(acknowledged);
  unblock();
  await app.click('button', 'Reconnect');
  await app.has('text', 'Live');
  await app.click('listitem', kFailed);
  await app.has('dialog', 'checkout failed');
  await app.click('button', 'Show what it is about');
  await app.until(() => globalThis.binnacle.snapshot().selection.join() === 'deployment-checkout');
});

test('what one tab acknowledges is acknowledged in the other, and a failure pops up in one of them only', async (t) => {
  const gateway = await t.gateway();
  const context = await t.context();
  const one = await t.app(gateway.url, { context });
  await one.workflow_ready();
  const two = await t.app(gateway.url, { context });
  await two.workflow_ready();
  const watch = (app) => app.page.evaluate(() => {
    globalThis.e2e.toasts = 0;
    new MutationObserver(() => {
      const shown = [...document.querySelectorAll('#semantics [role=alert]')].some((item) => item.textContent.includes('checkout failed'));
      if (shown && !globalThis.e2e.shown) globalThis.e2e.toasts++;
      globalThis.e2e.shown = shown;
    }).observe(document.getElementById('semantics'), { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await watch(one);
  await watch(two);
  await run_and_settle(two);
  await open_activity(two);
  await open_activity(one);
  await find_failure(one);
  await find_failure(two);
  await one.click('checkbox', 'Acknowledged: checkout failed');
  await two.until(acknowledged);
  const toasts = await Promise.all([one, two].map((app) => app.page.evaluate(() => globalThis.e2e.toasts)));
  assert.equal(toasts[0] + toasts[1], 1, `toasts: ${toasts}`);
});

test('signing out removes what the browser kept, and no token was ever in an address', async (t) => {
  const gateway = await t.gateway({ args: ['--auth', 'builtin'] });
  const app = await t.app(gateway.url, { ready: false });
  const urls = [];
  app.page.on('request', (request) => urls.push(request.url()));
  await register(app);
  await app.workflow_ready();
  await run_and_settle(app);
  await open_activity(app);
  await find_failure(app);
  for (let rows = []; rows.length < 3;) rows = await kept_rows(app);
  await app.click('button', 'User menu');
  await app.click('menuitem', /^Log out/);
  await app.has('button', 'Sign in');
  for (let rows = [0]; rows.length > 0;) rows = await kept_rows(app);
  assert.ok(urls.some((url) => /events\/stream|api\/watch/.test(url)));
  assert.deepEqual(urls.filter((url) => /token=|eyJ/.test(url)), []);
});
