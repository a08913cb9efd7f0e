// What the hub tells of although nobody looked: the bell, the panel, and where it leads.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';
import { kBroken, run_and_settle } from './support/shop.mjs';

test('a workflow that fails is counted at the bell, and the notification leads to the node', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.workflow_ready();
  await app.has('button', 'Notifications');
  await run_and_settle(app);
  await app.has('button', 'Notifications, 2 unread');
  await app.click('button', 'Settings');
  await app.has('main', 'Settings');
  await app.click('button', 'Notifications, 2 unread');
  await app.has('dialog', 'Notifications');
  await app.has('listitem', /^checkout of Online shop failed, unread/);
  await app.click('listitem', /^checkout of Online shop failed, unread/);
  await app.until((id) => globalThis.binnacle.snapshot().selection.join() === id, kBroken);
  await app.has('textbox', 'Image');
  await app.has('button', 'Notifications, 1 unread');

  // Kept by the hub: a reload shows the same, and what was read stays read.
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  await app.has('button', 'Notifications, 1 unread');
  await app.click('button', 'Notifications, 1 unread');
  await app.click('button', 'Mark all as read');
  await app.has('button', 'Notifications');
  await app.key('Escape');
  await app.gone('dialog', 'Notifications');
  await app.assert_clean();
});

test('a notification of one tab shows in another at once', async (t) => {
  const gateway = await t.gateway();
  const first = await t.app(gateway.url);
  await first.workflow_ready();
  const second = await t.app(gateway.url);
  await second.workflow_ready();
  await first.click('button', 'Settings');
  await first.click('button', 'Plugins');
  await first.click('searchbox', 'Search plugins');
  await first.page.keyboard.type('keda');
  await first.click('switch', 'Enable KEDA');
  await second.has('button', 'Notifications, 1 unread');
  const words = await second.words();
  assert.ok(words.some((text) => text.includes('Notifications, 1 unread')));
});
