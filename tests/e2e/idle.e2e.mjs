// Nothing changes, nothing is drawn. These wait for wall-clock time because that is what they measure.
import assert from 'node:assert/strict';
import { kBroken, until_settled } from './support/shop.mjs';
import { test } from './support/test.mjs';

const kQuietMs = 10_000;

async function assert_still(what, app) {
  await app.idle(1000);
  const look = () => app.page.evaluate(() => ({ drawn: globalThis.binnacle.snapshot().frames, asked: globalThis.e2e.animationFrames }));
  const before = await look();
  await app.page.evaluate((quiet_ms) => new Promise((resolve) => setTimeout(resolve, quiet_ms)), kQuietMs);
  const after = await look();
  assert.equal(after.drawn - before.drawn, 0, `${what}: frames drawn in 10 s`);
  assert.equal(after.asked - before.asked, 0, `${what}: animation frames asked for in 10 s`);
}

async function sample_workflow(t) {
  const gateway = await t.gateway();
  return t.app(gateway.url);
}

async function deployed_workflow(t) {
  const gateway = await t.gateway({ speed: 8 });
  const app = await t.app(gateway.url);
  const workflow = `${gateway.url}/v1/api/workflows/${(await app.snapshot()).workflow}`;
  const document = await (await fetch(workflow)).json();
  document.nodes.find((node) => node.id === kBroken).data.image = 'registry.local/checkout:3.1';
  const saved = await fetch(workflow, { method: 'PUT', headers: { 'Content-Type': 'application/json' },
                                        body: JSON.stringify({ nodes: document.nodes, edges: document.edges }) });
  assert.equal(saved.status, 200);
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  await app.click('button', 'Run');
  await until_settled(app, { fixed: true });
  // Notifications go by themselves; their going is a frame.
  await app.page.mouse.move(400, 30);
  await app.until(() => ![...document.querySelectorAll('#semantics button')].some((button) => button.getAttribute('aria-label') === 'Dismiss'
    || button.textContent === 'Dismiss'), null, { timeout: 60_000 });
  return app;
}

async function large_graph(t) {
  const site = await t.static_site();
  const app = await t.app();
  await app.open(`${site.url}/?bench=graph&nodes=1000&zoom=0.5`);
  return app;
}

// In one stretch of time: each page only has to be left alone.
test('10 s on the sample workflow, on a deployed one with its streams open, and on 1,000 nodes: no frame, no animation-frame loop', async (t) => {
  const deployed = await deployed_workflow(t);
  const pages = [['the sample workflow', await sample_workflow(t)], ['1,000 nodes', await large_graph(t)], ['a deployed workflow', deployed]];
  const streams = (await deployed.snapshot()).streams.filter((each) => each.state === 'open');
  assert.ok(streams.length > 0, 'the status stream is open');
  await Promise.all(pages.map(([what, app]) => assert_still(what, app)));
}, { alone: true, limit_ms: 180_000 });

test('a hidden tab draws nothing while its log arrives', async (t) => {
  const gateway = await t.gateway();
  const context = await t.context();
  const app = await t.app(gateway.url, { context });
  await app.click('button', 'Run');
  await app.until_node('deployment-catalog', 'healthy');
  await app.click('node', 'catalog');
  await app.until_log_grows(0);
  await app.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
    Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const before = await app.snapshot();
  await app.until_log_grows(before.logLines + 8);
  const after = await app.snapshot();
  assert.ok(after.frames - before.frames <= 1, `${after.frames - before.frames} frames while hidden`);
  await app.page.evaluate(() => {
    delete document.visibilityState;
    delete document.hidden;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await app.until((frames) => globalThis.binnacle.snapshot().frames > frames, after.frames);
});
