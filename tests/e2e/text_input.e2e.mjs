// Clipboard, IME and other ways to text.
import assert from 'node:assert/strict';
import { run_and_settle } from './support/shop.mjs';
import { test } from './support/test.mjs';

test('a log line is copied and pasted into a field', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await run_and_settle(app);
  await app.click('node', 'catalog');
  await app.until_log_grows(12);
  await app.has('log', /^Log of catalog-/);
  await app.click('button', 'Follow');  // so that the line stays
  await app.idle(50);
  const line = app.log_lines().nth(2);
  const text = await line.textContent();
  const box = await line.boundingBox();
  await app.page.mouse.click(box.x + 60, box.y + box.height / 2);
  await app.key('Control+C');
  await app.click('searchbox', 'Search log');
  await app.until(() => document.activeElement?.id === 'text-input');
  await app.key('Control+V');
  const pasted = await app.until((was) => {
    const field = [...document.querySelectorAll('#semantics input')].find((each) => each.getAttribute('aria-label') === 'Search log');
    return field && field.value !== was && field.value;
  }, '');
  assert.equal((await pasted.jsonValue()).trim(), text.trim());
}, { alone: true });  // the browser has one clipboard

test('text from another program is pasted, line ends and all, and cut takes it out', async (t) => {
  const gateway = await t.gateway();
  const context = await t.context({ permissions: ['clipboard-read', 'clipboard-write'] });
  const app = await t.app(gateway.url, { context });
  await app.click('node', 'storefront');
  await app.page.evaluate(() => navigator.clipboard.writeText('nginx:1.26'));
  await app.click('textbox', 'Image');
  await app.until(() => document.activeElement?.id === 'text-input');
  await app.key('Control+A');
  await app.key('Control+V');
  await app.until_value('textbox', 'Image', 'nginx:1.26');
  await app.key('Control+A');
  await app.key('Control+X');
  await app.until_value('textbox', 'Image', '');
  assert.equal(await app.page.evaluate(() => navigator.clipboard.readText()), 'nginx:1.26');
}, { alone: true });

test('an IME composes into a field: nothing before the commit, everything after', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.key('Control+K');
  await app.has('searchbox', 'Search or run a command');
  await app.until(() => document.activeElement?.id === 'text-input');
  const cdp = await app.page.context().newCDPSession(app.page);
  for (const text of ['に', 'にほ', 'にほん']) await cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  await app.until(() => document.getElementById('text-input').classList.contains('composing'));
  assert.equal(await app.value('searchbox', 'Search or run a command'), '', 'the preedit is not in the field yet');
  await cdp.send('Input.insertText', { text: '日本' });
  await app.until_value('searchbox', 'Search or run a command', '日本');
  await app.page.keyboard.type('語x');
  await app.until_value('searchbox', 'Search or run a command', '日本語x');
});

test('dead keys, accents and emoji arrive', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.key('Control+K');
  await app.has('searchbox', 'Search or run a command');
  await app.until(() => document.activeElement?.id === 'text-input');
  await app.page.keyboard.insertText('é ñ ü € 😀');
  await app.until_value('searchbox', 'Search or run a command', 'é ñ ü € 😀');
  await app.key('Backspace');
  await app.until_value('searchbox', 'Search or run a command', 'é ñ ü € ');
});

test('a mirrored field takes text from assistive technology', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('node', 'storefront');
  await app.get('textbox', 'Image').fill('nginx:1.25');
  await app.until_value('textbox', 'Image', 'nginx:1.25');
  const workflow = (await app.snapshot()).workflow;
  await app.has('status', 'Saved');
  await app.until(async (url) => (await (await fetch(url)).json()).nodes.find((node) => node.id === 'deployment-storefront').data.image === 'nginx:1.25',
                  `/v1/api/workflows/${workflow}`);
});
