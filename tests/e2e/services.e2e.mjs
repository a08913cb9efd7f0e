// Builds, imports and alerts from the first click, in Chromium over the gateway.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';
import { run_and_settle } from './support/shop.mjs';

const json = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const kCompose = 'services:\n  cache:\n    image: redis:7\n    volumes: ["./data:/data"]\n  shop:\n    image: nginx:1.27\n    ports: ["8080:80"]\n    depends_on: [cache]\n';

async function fill(app, fields) {
  for (const [name, text] of fields) {
    await app.get('textbox', name).first().fill(text);
    await app.until_value('textbox', name, text);
  }
}


test('an image is built from a repository, live, and a failure says what to do', async (t) => {
  const gateway = await t.gateway();
  const made = await fetch(`${gateway.url}/v1/api/admin/registries`, json({ name: 'Local', registryType: 'custom', registryUrl: 'registry.local' }));
  assert.equal(made.status, 201);
  const app = await t.app(gateway.url);
  await app.workflow_ready();
  await app.click('tab', 'Build');
  await app.click('button', 'New build');
  await app.has('dialog', 'New build');
  await fill(app, [['Git repository', 'https://github.com/acme/shop'], ['Image name', 'acme/shop'], ['Tag', '1.4']]);
  await app.click('button', 'Start build');
  await app.gone('dialog', 'New build');
  await app.has('progressbar', 'Progress of acme/shop:1.4');
  await app.has_words(/Receiving objects/);
  await app.has_words(/registry\.local\/acme\/shop:1\.4/);
  await app.gone('progressbar', 'Progress of acme/shop:1.4');
  const { builds } = await (await fetch(`${gateway.url}/v1/api/builds`)).json();
  assert.equal(builds[0].status, 'completed');

  await app.click('button', 'New build');
  await fill(app, [['Git repository', 'https://github.com/acme/missing'], ['Image name', 'acme/other']]);
  await app.click('button', 'Start build');
  await app.has_words(/There is no repository acme\/missing/);
  await app.assert_clean();
});

test('a dropped compose file is previewed and added to the workflow as one step', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.workflow_ready();
  const before = await app.page.evaluate(() => globalThis.binnacle.snapshot().nodes);
  await app.page.evaluate((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'shop.compose.yaml', { type: 'application/yaml' }));
    dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
  }, kCompose);
  await app.has('dialog', 'Import');
  await app.click('button', 'Preview');
  await app.has('status', /A Compose file · shop\.compose\.yaml: 4 nodes, 2 edges/);
  await app.has('listitem', /Warning: The folder \.\/data/);
  await app.click('button', 'Add to this workflow');
  await app.gone('dialog', 'Import');
  await app.until((count) => JSON.stringify(globalThis.binnacle.snapshot().nodes) !== JSON.stringify(count), before);
  await app.key('Control+z');
  await app.until((count) => JSON.stringify(globalThis.binnacle.snapshot().nodes) === JSON.stringify(count), before);
  await app.assert_clean();
});

test('an alert rule that is turned on fires for the broken node, and is acknowledged in every tab', async (t) => {
  const gateway = await t.gateway();
  const enabled = await fetch(`${gateway.url}/v1/api/alerts/templates/pod_not_starting/enable`, json({}));
  const { rule } = await enabled.json();
  await fetch(`${gateway.url}/v1/api/alerts/rules/${rule.id}`, { ...json({ forSeconds: 0 }), method: 'PUT' });
  const app = await t.app(gateway.url);
  await app.workflow_ready();
  const other = await t.app(gateway.url);
  await other.workflow_ready();
  await run_and_settle(app);
  await app.has('button', /^\d+ alerts?$/);
  await other.click('button', /^\d+ alerts?$/);
  await other.has('main', 'Alerts');
  await other.has('listitem', /Critical: .*checkout/);
  // The node has two pods, each with an alert of its own.
  const alert = await other.get('button', /^Acknowledge .*checkout/).first().getAttribute('aria-label');
  await other.click('button', alert);
  await other.gone('button', alert);
  const { events } = await (await fetch(`${gateway.url}/v1/api/alerts/events?status=acknowledged`)).json();
  assert.ok(events.length > 0);
  await app.assert_clean();
});
