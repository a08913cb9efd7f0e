// The mirror as assistive technology meets it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { run_and_settle } from './support/shop.mjs';
import { test } from './support/test.mjs';

const axe_source = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// What axe cannot judge here: colours are drawn on the canvas (a ui test checks the theme's contrast); the mirror's elements are transparent.
const kOff = ['color-contrast'];

async function audit(app) {
  await app.page.evaluate(axe_source);  // by the debugger: the page's policy allows no foreign script
  const violations = await app.page.evaluate(async (off) => {
    const rules = Object.fromEntries(off.map((rule) => [rule, { enabled: false }]));
    return (await globalThis.axe.run(document, { resultTypes: ['violations'], rules, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations;
  }, kOff);
  return violations.map((each) => `${each.id}: ${each.help} (${each.nodes.length}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(' ')})`);
}

test('axe finds nothing in the main screen, the palette and a form with an error', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  assert.deepEqual(await audit(app), []);
  await run_and_settle(app);
  await app.click('node', 'checkout');
  await app.has('textbox', 'Image');
  assert.deepEqual(await audit(app), []);
  await app.key('Control+K');
  await app.has('searchbox', 'Search or run a command');
  assert.deepEqual(await audit(app), []);
});

test('axe finds nothing in the login screen', async (t) => {
  const gateway = await t.gateway({ args: ['--auth', 'builtin'] });
  const app = await t.app(gateway.url, { ready: false });
  await app.has('button', 'Sign in');
  assert.deepEqual(await audit(app), []);
});

test('a failure and the count of ready nodes are announced', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.page.evaluate(() => {
    globalThis.e2e.said = [];
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) globalThis.e2e.said.push(node.textContent);
    }).observe(document.getElementById('announcements'), { childList: true });
  });
  await run_and_settle(app);
  await app.until(() => globalThis.e2e.said.some((line) => /checkout/.test(line)));
  await app.until(() => globalThis.e2e.said.some((line) => /ready/.test(line)));
});
