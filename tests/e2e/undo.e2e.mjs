// Undo and redo as a user does them: by keys on the canvas, by buttons, after typing.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';

test('a moved node goes back by Ctrl+Z and forth by Shift+Ctrl+Z, and what is stored follows [H1]', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('node', 'storefront');
  const before = await app.place('node', 'storefront');
  await app.page.keyboard.press('ArrowRight');
  await app.page.keyboard.press('ArrowRight');
  await app.idle();
  const moved = await app.place('node', 'storefront');
  assert.ok(moved.x > before.x);
  await app.page.keyboard.press('Control+z');
  await app.idle();
  assert.equal(Math.round((await app.place('node', 'storefront')).x), Math.round(before.x));
  await app.page.keyboard.press('Control+Shift+z');
  await app.idle();
  assert.equal(Math.round((await app.place('node', 'storefront')).x), Math.round(moved.x));
  await app.click('button', 'Undo');
  await app.idle();
  assert.equal(Math.round((await app.place('node', 'storefront')).x), Math.round(before.x));
  await app.has('status', 'Saved');
  await app.assert_clean();
});

test('a deleted node comes back by Undo, and a reload finds it [H1]', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('node', 'storefront');
  await app.page.keyboard.press('Delete');
  await app.gone('node', 'storefront');
  await app.page.keyboard.press('Control+z');
  await app.has('node', 'storefront');
  await app.has('status', 'Saved');
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  await app.has('node', 'storefront');
  await app.assert_clean();
});
