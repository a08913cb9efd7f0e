// Everything without the mouse.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';

const focused = (app) => app.page.evaluate(() => ({ name: document.activeElement?.getAttribute('aria-label') || '', kind: document.activeElement?.getAttribute('aria-roledescription') || '' }));

test('on the canvas Tab comes to the nodes, Enter opens one, a shortcut runs', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  let selected = '';
  for (let i = 0; i < 60 && selected !== 'deployment-storefront'; ++i) {
    await app.key('Tab');
    await app.idle(20);
    selected = (await app.snapshot()).selection.join();
  }
  assert.equal(selected, 'deployment-storefront', 'Tab comes to every node');
  await app.key('Enter');
  await app.has('heading', 'storefront');
  await app.key('Control+Enter');
  await app.until_node('deployment-storefront', 'healthy');
  await app.assert_clean();
});

test('in the mirror Tab comes to the nodes, Enter selects, a shortcut runs', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.page.locator('#semantics-entry').focus();
  const walked = [];
  for (let i = 0; i < 60; ++i) {
    await app.key('Tab');
    const now = await focused(app);
    walked.push(now.name);
    if (now.kind === 'workflow node' && now.name.includes(' storefront,')) break;
  }
  assert.match(walked.at(-1), /storefront/, `Tab never came there: ${walked.join(' | ')}`);
  await app.key('Enter');
  await app.until(() => globalThis.binnacle.snapshot().selection.join() === 'deployment-storefront');
  await app.key('Control+Enter');
  await app.until_node('deployment-storefront', 'healthy');
  await app.assert_clean();
});

test('Ctrl+K opens the palette, what is typed filters it, Enter runs, Esc closes', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.page.locator('#canvas').focus();
  await app.key('Control+K');
  await app.has('searchbox', 'Search or run a command');
  await app.page.keyboard.type('go to sett');
  await app.has('option', /^Go to settings/);
  await app.key('Enter');
  await app.has('main', 'Settings');
  await app.key('Control+K');
  await app.has('searchbox', 'Search or run a command');
  await app.page.keyboard.type('go to workf');
  await app.has('option', /^Go to workflows/);
  await app.key('Enter');
  await app.has('node', 'storefront');
  await app.key('Control+K');
  await app.has('searchbox', 'Search or run a command');
  await app.key('Escape');
  await app.gone('searchbox', 'Search or run a command');
  await app.assert_clean();
});

test('letters typed right after Ctrl+K are in the palette whole and in order', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.page.locator('#canvas').focus();
  for (const word of ['developer', 'settings', 'abcdefghijklmnopqrstuvwxyz', 'aabbaa']) {
    await app.burst(['Control+K', ...word]);
    await app.until_value('searchbox', 'Search or run a command', word);
    await app.key('Escape');
    await app.gone('searchbox', 'Search or run a command');
    await app.idle();
  }
  await app.assert_clean();
});

test('G N opens the notifications, G C the clusters, by whatever has the keyboard', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.page.locator('#canvas').focus();
  await app.burst(['g', 'n']);
  await app.has('dialog', 'Notifications');
  await app.key('Escape');
  await app.gone('dialog', 'Notifications');
  await app.burst(['g', 'c']);
  await app.has('main', 'Clusters');
  await app.burst(['g', 'n']);
  await app.has('dialog', 'Notifications');
  await app.assert_clean();
});

test('on the canvas: Tab walks the nodes, arrows move, 1 fits, Del deletes', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('node', 'storefront');
  const first = (await app.snapshot()).selection.join();
  await app.key('Tab');
  await app.until((was) => { const now = globalThis.binnacle.snapshot().selection.join(); return now !== '' && now !== was; }, first);
  const walked = (await app.snapshot()).selection.join();
  await app.click('node', 'mailer');
  const before = await app.place('node', 'mailer');
  await app.key('ArrowDown');
  await app.idle();
  const after = await app.place('node', 'mailer');
  assert.ok(after.y > before.y, 'the arrow moved it');
  await app.key('+');
  await app.until((zoom) => globalThis.binnacle.snapshot().viewport.zoom > zoom, (await app.snapshot()).viewport.zoom - 0.0001);
  await app.key('1');
  await app.idle();
  await app.key('Delete');
  await app.until(() => !('deployment-mailer' in globalThis.binnacle.snapshot().nodes));
  assert.notEqual(walked, first);
});

test('keys of the browser stay the browser\'s', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.page.evaluate(() => {
    globalThis.e2e.prevented = [];
    addEventListener('keydown', (event) => globalThis.e2e.prevented.push([event.key, event.ctrlKey, event.defaultPrevented]));
  });
  await app.page.locator('#canvas').focus();
  for (const key of ['l', 't', 'w', 'r', 'p', '0', 'Tab']) {
    await app.page.evaluate((name) => document.getElementById('canvas').dispatchEvent(
      new KeyboardEvent('keydown', { key: name, code: `Key${name.toUpperCase()}`, ctrlKey: true, bubbles: true, cancelable: true })), key);
  }
  for (const key of ['F5', 'F12', 'F11']) {
    await app.page.evaluate((name) => document.getElementById('canvas').dispatchEvent(
      new KeyboardEvent('keydown', { key: name, code: name, bubbles: true, cancelable: true })), key);
  }
  const prevented = (await app.page.evaluate(() => globalThis.e2e.prevented)).filter(([, , taken]) => taken);
  assert.deepEqual(prevented, []);
});
