// What the browser may do to the page's state: a full storage, one that is cleared under it, a clock that jumps, a network that goes.
import assert from 'node:assert/strict';
import { fill_in, kUser, register } from './support/account.mjs';
import { test } from './support/test.mjs';

const stored = (app, key) => app.page.evaluate((name) => localStorage.getItem(name), key);
const image_of = (gateway, workflow) => fetch(`${gateway.url}/v1/api/workflows/${workflow}`).then((reply) => reply.json())
  .then((json) => json.nodes.find((node) => node.id === 'deployment-storefront').data.image);

test('a full storage: said once, work goes on, edits are saved at the hub, room makes it well again', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.page.evaluate(() => {
    // Fills it to the last byte.
    let size = 4 * 1024 * 1024;
    for (let i = 0; size >= 1; i++) {
      try {
        localStorage.setItem(`other-${i}`, 'x'.repeat(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
  });
  await app.click('button', 'User menu');
  await app.click('menuitem', /^Light/);
  await app.has_words(/storage is full/);
  await app.until(() => document.documentElement.dataset.theme === 'light');
  const { workflow } = await app.snapshot();
  await app.click('node', 'storefront');
  await app.type('textbox', 'Image', 'nginx:1.28');
  await app.has('status', 'Saved');
  await app.until(async ([url]) => (await (await fetch(url)).json()).nodes.find((node) => node.id === 'deployment-storefront').data.image === 'nginx:1.28', [`/v1/api/workflows/${workflow}`]);

  await app.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('other-')).forEach((key) => localStorage.removeItem(key)));
  await app.click('button', 'User menu');
  await app.click('menuitem', /^Dark/);
  await app.until(() => JSON.parse(localStorage.getItem('binnacle-ui') ?? '{}').state?.theme === 'dark');
});

test('a storage that is cleared under the page: nothing is lost on the screen, later changes are kept', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('node', 'catalog');
  await app.page.evaluate(() => localStorage.clear());
  assert.deepEqual((await app.snapshot()).selection, ['deployment-catalog']);
  await app.click('button', 'User menu');
  await app.click('menuitem', /^Light/);
  await app.until(() => JSON.parse(localStorage.getItem('binnacle-ui') ?? '{}').state?.theme === 'light');
  await app.page.reload();
  await app.ready();
  await app.until(() => document.documentElement.dataset.theme === 'light');
  assert.ok(await stored(app, 'binnacle-ui'));
});

test('the theme of one tab appears in the other, and the page it is on does not', async (t) => {
  const gateway = await t.gateway();
  const context = await t.context();
  const one = await t.app(gateway.url, { context });
  const other = await t.app(gateway.url, { context });
  await one.click('button', 'User menu');
  await one.click('menuitem', /^Light/);
  await one.click('button', 'Settings');
  await other.until(() => document.documentElement.dataset.theme === 'light');
  await other.has('main', 'Canvas');
});

test('logging out in one tab logs out the other within a second', async (t) => {
  const gateway = await t.gateway({ args: ['--auth', 'builtin'] });
  const context = await t.context();
  const one = await t.app(gateway.url, { context, ready: false });
  await register(one);
  const other = await t.app(gateway.url, { context });
  await one.click('button', 'User menu');
  await one.click('menuitem', /^Log out/);
  await one.has('button', 'Sign in');
  await other.until(() => globalThis.binnacle.snapshot().session === 'signed_out');
  const left = await other.page.evaluate(() => JSON.stringify(Object.entries(localStorage)));
  assert.ok(!/eyJ[\w-]+\.[\w-]+\./.test(left), 'a token is left in the storage');
  // Signing in again in one is signing in in both.
  await fill_in(one, { ...kUser, name: '' });
  await one.click('button', 'Sign in');
  await one.workflow_ready();
  await other.until(() => globalThis.binnacle.snapshot().session === 'signed_in');
});

test('the clock jumps a day forward and back: the session lives, nobody has to sign in again', async (t) => {
  const gateway = await t.gateway({ args: ['--auth', 'builtin'] });
  const app = await t.app('');
  await app.page.addInitScript(() => {
    const now = Date.now.bind(Date);
    globalThis.skewMs = 0;
    Date.now = () => now() + globalThis.skewMs;
  });
  await app.open(gateway.url, { quiet: false });
  await register(app);
  for (const hours of [25, -25]) {
    await app.page.evaluate((ms) => { globalThis.skewMs = ms; }, hours * 3_600_000);
    await app.key('Control+K');
    await app.has('searchbox', 'Search or run a command');
    await app.key('Escape');
    await app.click('node', 'storefront');
    await app.type('textbox', 'Image', hours > 0 ? 'nginx:1.28' : 'nginx:1.29');
    await app.has('status', 'Saved');
    assert.equal((await app.snapshot()).session, 'signed_in');
  }
  assert.equal(app.requests.filter((each) => each === 'POST /v1/api/auth/login').length, 0);
});

test('offline: said, edits are kept; online again: they are saved without a word', async (t) => {
  const gateway = await t.gateway();
  const context = await t.context();
  const app = await t.app(gateway.url, { context });
  const { workflow } = await app.snapshot();
  await app.whole();
  await context.setOffline(true);
  await app.click('node', 'storefront');
  await app.type('textbox', 'Image', 'nginx:1.28');
  await app.has_words(/^Not saved/);
  assert.notEqual(await image_of(gateway, workflow), 'nginx:1.28');
  await context.setOffline(false);
  await app.has('status', 'Saved');
  assert.equal(await image_of(gateway, workflow), 'nginx:1.28');
});

test('offline, closed, opened again: the edit of the last visit is saved then', async (t) => {
  const gateway = await t.gateway();
  const context = await t.context();
  const app = await t.app(gateway.url, { context });
  const { workflow } = await app.snapshot();
  await app.whole();
  await context.setOffline(true);
  await app.click('node', 'storefront');
  await app.type('textbox', 'Image', 'nginx:1.28');
  await app.has_words(/^Not saved/);
  await app.page.close();
  await context.setOffline(false);
  const again = await t.app(gateway.url, { context });
  await again.has('status', 'Saved');
  await again.until(async ([url]) => (await (await fetch(url)).json()).nodes.find((node) => node.id === 'deployment-storefront').data.image === 'nginx:1.28', [`/v1/api/workflows/${workflow}`]);
});
