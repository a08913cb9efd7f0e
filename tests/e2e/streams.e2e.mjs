// Everything live of a tab is one connection: what is open is seen from outside, hidden tabs let go of it and miss nothing.
import assert from 'node:assert/strict';
import { run_and_settle } from './support/shop.mjs';
import { test } from './support/test.mjs';

const watch_status = (app) => app.page.evaluate(() => globalThis.__watchStatus());
const count = (app, request) => app.requests.filter((each) => each === request).length;

function set_hidden(app, hidden) {
  return app.page.evaluate((away) => {
    if (away) {
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
      Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
    } else {
      delete document.visibilityState;
      delete document.hidden;
    }
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

async function all_log_lines(app) {
  await app.click('button', 'Copy lines');
  await app.click('menuitem', /^Copy all lines/);
  await app.has_words(/^Copied [\d,. ]+ line/);
  return (await app.page.evaluate(() => navigator.clipboard.readText())).split('\n').filter(Boolean);
}

test('status, log and notifications are one connection, and the page says what is on it', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await run_and_settle(app);
  await app.click('node', 'catalog');
  await app.until_log_grows(5);
  assert.equal(count(app, 'GET /api/watch/stream'), 1);
  assert.deepEqual(app.requests.filter((each) => /^GET .*\/stream$/.test(each) && each !== 'GET /api/watch/stream'), []);
  const status = await watch_status(app);
  assert.equal(status.state, 'open');
  assert.equal(status.attempts, 1);
  assert.ok(status.frames > 0 && status.bytes > 0);
  const { streams } = await app.snapshot();
  assert.ok(streams.find((each) => each.key === 'connection' && each.state === 'open'), JSON.stringify(streams));
  assert.ok(streams.filter((each) => each.state === 'open').length >= 4, JSON.stringify(streams));
  const stats = await (await fetch(`${gateway.url}/api/watch/stats`)).json();
  assert.equal(stats.clients, 1);
  await app.assert_clean();
});

test('a tab that is hidden for a minute lets go, and then has every line of the log', async (t) => {
  const gateway = await t.gateway();
  const context = await t.context({ permissions: ['clipboard-read', 'clipboard-write'] });
  const app = await t.app(gateway.url, { context });
  await run_and_settle(app);
  await app.click('node', 'catalog');
  await app.until_log_grows(5);
  await set_hidden(app, true);
  await app.until(() => globalThis.__watchStatus().state === 'released', null, { timeout: 60_000 });
  const away = await app.snapshot();
  await app.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
  assert.equal((await app.snapshot()).logLines, away.logLines, 'nothing arrives while it is away');
  await set_hidden(app, false);
  await app.until_log_grows(away.logLines + 10);
  const status = await watch_status(app);
  assert.equal(status.resumes, 1);
  assert.equal(status.sessions, 1);
  const shown = await all_log_lines(app);
  const name = (await app.get('log', /^Log of /).getAttribute('aria-label')).replace('Log of ', '');
  const truth = (await (await fetch(`${gateway.url}/k8s/api/v1/namespaces/default/pods/${name}/log?timestamps=true`)).text()).split('\n').filter(Boolean);
  const message_of = (line) => line.replace(/^\S*\d{2}:\d{2}:\d{2}\S* /, '');
  const first = truth.findIndex((line) => message_of(line) === message_of(shown[0]));
  assert.deepEqual(shown.map(message_of), truth.slice(first, first + shown.length).map(message_of));
  await app.assert_clean();
}, { limit_ms: 240_000 });
