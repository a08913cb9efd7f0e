// A reload changes nothing that the user has arranged.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';

async function arrange(app) {
  await app.click('node', 'storefront');
  const dock = await app.place('separator', 'Height of the dock');
  await app.drag(dock, { x: dock.x, y: dock.y - 70 });
  const inspector = await app.place('separator', 'Width of the details');
  await app.drag(inspector, { x: inspector.x - 50, y: inspector.y });
  await app.page.mouse.move(300, 200);
  await app.page.keyboard.down('Control');
  await app.page.mouse.wheel(0, -240);
  await app.page.keyboard.up('Control');
  await app.click('button', 'User menu');
  await app.click('menuitem', /^Light/);
  await app.until(() => document.documentElement.dataset.theme === 'light');
  await app.idle();
}

async function look(app) {
  const state = await app.snapshot();
  const dock = await app.place('separator', 'Height of the dock');
  const inspector = await app.place('separator', 'Width of the details');
  return { selection: state.selection, viewport: state.viewport, workflow: state.workflow, dock_y: Math.round(dock.y), inspector_x: Math.round(inspector.x),
           theme: await app.page.evaluate(() => document.documentElement.dataset.theme) };
}

test('a reload keeps panel sizes, selection, viewport, theme and workflow', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  const fresh = await look(app);
  await arrange(app);
  const before = await look(app);
  assert.deepEqual(before.selection, ['deployment-storefront']);
  assert.ok(before.dock_y < fresh.dock_y - 50 && before.inspector_x < fresh.inspector_x - 30, 'the splitters moved');
  assert.ok(before.viewport.zoom > fresh.viewport.zoom, 'the wheel zoomed');
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  const after = await look(app);
  const { viewport, ...rest } = before;
  const { viewport: viewport_after, ...rest_after } = after;
  assert.deepEqual(rest_after, rest);
  for (const key of ['x', 'y', 'zoom']) assert.ok(Math.abs(viewport[key] - viewport_after[key]) < 0.01, `viewport ${key}: ${viewport[key]}, then ${viewport_after[key]}`);
  await app.assert_clean();
});

test('a reload in the middle of a run comes back to the running workflow', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
  await app.page.reload();
  await app.ready();
  await app.until_node('deployment-storefront', 'healthy');
  await app.until_node('deployment-checkout', 'error');
  await app.assert_clean();
});

test('an edit of the last moment survives a reload', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('node', 'storefront');
  await app.type('textbox', 'Image', 'nginx:1.28');
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  await app.until_value('textbox', 'Image', 'nginx:1.28');
  await app.has('status', 'Saved');
  const workflow = (await app.snapshot()).workflow;
  await app.until(async (url) => (await (await fetch(url)).json()).nodes.find((node) => node.id === 'deployment-storefront').data.image === 'nginx:1.28',
                  `/v1/api/workflows/${workflow}`);
});

test('an edit of the last moment is stored although the page goes at once and nobody comes back', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  const { workflow } = await app.snapshot();
  app.page.on('dialog', (dialog) => dialog.accept());  // "Leave the page?"
  await app.click('node', 'storefront');
  await app.type('textbox', 'Image', 'nginx:1.28');
  await app.page.goto('about:blank');
  const stored = async () => (await (await fetch(`${gateway.url}/v1/api/workflows/${workflow}`)).json()).nodes.find((node) => node.id === 'deployment-storefront').data.image;
  const deadline = Date.now() + 10_000;
  while (await stored() !== 'nginx:1.28') assert.ok(Date.now() < deadline, 'the edit was not stored');
});
