// The gateway goes away and comes back while the tab streams.
import assert from 'node:assert/strict';
import { run_and_settle } from './support/shop.mjs';
import { test } from './support/test.mjs';

async function all_log_lines(app) {
  await app.click('button', 'Copy lines');
  await app.click('menuitem', /^Copy all lines/);
  await app.has_words(/^Copied [\d,. ]+ line/);
  return (await app.page.evaluate(() => navigator.clipboard.readText())).split('\n').filter(Boolean);
}

test('gateway killed while streaming: the page says so, keeps what it shows and recovers by itself', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await run_and_settle(app);
  await app.click('node', 'catalog');
  await app.until_log_grows(5);
  await gateway.kill();
  await app.until(() => globalThis.binnacle.snapshot().streams.some((each) => each.state === 'retrying') || !globalThis.binnacle.snapshot().online);
  await app.has_words(/does not answer|econnecting|Retrying/);
  const away = await app.snapshot();
  assert.ok(Object.values(away.nodes).includes('healthy'), 'what was known is still shown');
  assert.ok(away.logLines > 0, 'the log is still there');

  await gateway.start_again();
  await app.until(() => {
    const state = globalThis.binnacle.snapshot();
    return state.online && state.streams.some((each) => each.key.startsWith('workflow:') && each.state === 'open');
  }, null, { timeout: 60_000 });
  await app.until(() => ![...document.querySelectorAll('#semantics [data-id]')].some((element) =>
    /does not answer|econnecting/.test(element.getAttribute('aria-label') || element.textContent)));
  // The cluster in memory started anew with the gateway: the page shows that, and Run works.
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
  assert.deepEqual(app.errors.filter((each) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load resource|net::/.test(each)), []);
});

test('after the gateway is back, the log goes on without a gap or a double', async (t) => {
  const cluster = await t.gateway();  // keeps the pods
  const gateway = await t.gateway({ kubernetes: `${cluster.url}/k8s` });
  const context = await t.context({ permissions: ['clipboard-read', 'clipboard-write'] });
  const app = await t.app(gateway.url, { context });
  await run_and_settle(app);
  await app.click('node', 'catalog');
  await app.until_log_grows(10);
  const before = (await app.snapshot()).logLines;
  await gateway.kill();
  await app.until(() => globalThis.binnacle.snapshot().streams.some((each) => each.state === 'retrying'));
  await gateway.start_again();
  await app.until_log_grows(before + 10);
  const shown = await all_log_lines(app);
  const doubles = shown.filter((line, index) => shown.indexOf(line) !== index);
  assert.deepEqual(doubles.slice(0, 3), [], `${doubles.length} of ${shown.length} lines are there twice`);

  // No gap: what the cluster itself says about the same pod, from the first line shown to the last.
  const name = (await app.get('log', /^Log of /).getAttribute('aria-label')).replace('Log of ', '');
  const truth = (await (await fetch(`${cluster.url}/k8s/api/v1/namespaces/default/pods/${name}/log?timestamps=true`)).text()).split('\n').filter(Boolean);
  const message_of = (line) => line.replace(/^\S*\d{2}:\d{2}:\d{2}\S* /, '');
  const first = truth.findIndex((line) => message_of(line) === message_of(shown[0]));
  const expected = truth.slice(first, first + shown.length).map(message_of);
  assert.deepEqual(shown.map(message_of), expected);
}, { limit_ms: 180_000 });

test('a graceful stop ends within seconds although streams are open', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
  const how = await gateway.stop();
  assert.equal(how.signal, null);
  assert.equal(how.code, 0, gateway.output);
  await app.has_words(/does not answer|econnecting|Retrying/);
}, { alone: true });
