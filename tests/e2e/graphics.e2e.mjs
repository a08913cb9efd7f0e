// The canvas as a drawing surface: sizes, lost contexts, no WebGL.
import assert from 'node:assert/strict';
import { Eye } from './support/pixels.mjs';
import { test } from './support/test.mjs';

const canvas_size = (app) => app.page.evaluate(() => ({ width: document.getElementById('canvas').width, height: document.getElementById('canvas').height,
                                                         ratio: devicePixelRatio, inner: [innerWidth, innerHeight] }));

for (const ratio of [1, 1.25, 2, 3]) {
  test(`at device pixel ratio ${ratio} the canvas has one pixel per device pixel`, async (t) => {
    const site = await t.static_site();
    const app = await t.app(site.url, { deviceScaleFactor: ratio, viewport: { width: 900, height: 600 } });
    const { width, height } = await canvas_size(app);
    assert.deepEqual([width, height], [900 * ratio, 600 * ratio]);
  });
}

test('on a screen of a broken ratio too, where the browser says how it rounded', async (t) => {
  const site = await t.static_site();
  const browser = await t.own_browser(['--force-device-scale-factor=1.5', '--window-size=1001,701']);
  const app = await t.app(site.url, { context: await t.context({ viewport: null }, browser) });
  const { width, height, ratio, inner } = await canvas_size(app);
  assert.equal(ratio, 1.5);
  assert.ok(Math.abs(width - inner[0] * ratio) <= 1 && Math.abs(height - inner[1] * ratio) <= 1, `${width} x ${height} for ${inner} at ${ratio}`);
});

test('browser zoom and resizing keep the canvas crisp', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  const cdp = await app.page.context().newCDPSession(app.page);
  // What Ctrl and + do: fewer, larger CSS pixels on the same screen.
  for (const [width, height, ratio] of [[1024, 640, 1.25], [640, 400, 2], [1600, 1000, 0.8], [390, 844, 3], [1280, 800, 1]]) {
    await cdp.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: ratio, mobile: false });
    await app.until(([w, h]) => document.getElementById('canvas').width === w && document.getElementById('canvas').height === h,
                    [Math.round(width * ratio), Math.round(height * ratio)]);
    await app.idle();
    const { inner } = await canvas_size(app);
    assert.deepEqual(inner, [width, height]);
  }
  await app.assert_clean();
});

test('a lost WebGL context comes back with the same picture', async (t) => {
  const gateway = await t.gateway();
  const context = await t.context();
  const app = await t.app(gateway.url, { context });
  const eye = await Eye.open(context);
  await app.page.bringToFront();
  await app.page.mouse.move(5, 790);
  await app.idle();
  const before = await app.page.screenshot();
  assert.ok((await eye.look(before)).colors > 100, 'there is a picture');
  await app.page.evaluate(() => {
    const canvas = document.getElementById('canvas');
    globalThis.e2e.context_events = [];
    for (const type of ['webglcontextlost', 'webglcontextrestored']) canvas.addEventListener(type, () => globalThis.e2e.context_events.push(type));
    globalThis.e2e.lose = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
    globalThis.e2e.lose.loseContext();
  });
  await app.until(() => globalThis.e2e.context_events.length === 1);
  await app.key('Control+K');  // input meanwhile is not lost
  await app.has('searchbox', 'Search or run a command');
  await app.key('Escape');
  await app.gone('searchbox', 'Search or run a command');
  const frames = (await app.snapshot()).frames;
  await app.page.evaluate(() => globalThis.e2e.lose.restoreContext());
  await app.until((drawn) => globalThis.e2e.context_events.length === 2 && globalThis.binnacle.snapshot().frames > drawn, frames);
  await app.page.bringToFront();
  await app.idle();
  const difference = await eye.difference(before, await app.page.screenshot());
  assert.ok(difference < 0.002, `${(100 * difference).toFixed(2)} % of the picture differs`);
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
  assert.deepEqual(app.errors, []);
});

test('without WebGL the views are lists of real controls, and Run works', async (t) => {
  const gateway = await t.gateway();
  const browser = await t.own_browser(['--disable-3d-apis']);
  const app = await t.app(gateway.url, { context: await t.context({}, browser) });
  assert.equal(await app.page.evaluate(() => document.createElement('canvas').getContext('webgl2')), null, 'this browser has no WebGL');
  assert.equal((await app.snapshot()).renderer.webgl, false);
  await app.page.getByText(/no WebGL/).waitFor();
  await app.page.getByRole('button', { name: 'Run', exact: true }).click();  // a real click on what is visible
  await app.until_node('deployment-storefront', 'healthy');
  await app.page.getByRole('button', { name: /^Deployment storefront,/ }).click();
  await app.until(() => globalThis.binnacle.snapshot().selection.join() === 'deployment-storefront');
  await app.until_log_grows(0);
  await app.page.getByRole('log').getByRole('listitem').first().waitFor({ state: 'visible' });
  await app.page.getByRole('textbox', { name: 'Image' }).fill('nginx:1.28');
  await app.until_value('textbox', 'Image', 'nginx:1.28');
  assert.deepEqual(app.errors.filter((each) => !/WebGL|GL context/i.test(each)), []);
});

test('a browser without WebAssembly gets a readable page', async (t) => {
  const site = await t.static_site();
  const context = await t.context();
  await context.addInitScript(() => { delete globalThis.WebAssembly; });
  const page = await context.newPage();
  await page.goto(site.url);
  await page.getByRole('heading', { name: /cannot run Binnacle/ }).waitFor();
  await page.getByRole('button', { name: 'Reload' }).waitFor();
});

test('a program that does not arrive is said so, with what to do', async (t) => {
  const site = await t.static_site();
  const context = await t.context();
  const page = await context.newPage();
  await page.route(/\.wasm$/, (route) => route.abort());
  await page.goto(site.url);
  await page.getByRole('heading', { name: /could not be loaded/ }).waitFor();
  assert.equal(await page.locator('#loading').isVisible(), false);
});

test('zooming far out and in keeps drawing 10,000 nodes', async (t) => {
  const site = await t.static_site();
  const context = await t.context();
  const app = await t.app('', { context });
  await app.open(`${site.url}/?bench=graph&nodes=10000&fit=1`);
  const eye = await Eye.open(context);
  await app.page.bringToFront();
  assert.ok((await eye.look(await app.page.screenshot())).colors > 2, 'the whole graph is there');
  const before = (await app.snapshot()).viewport.zoom;
  await app.page.mouse.move(640, 400);
  await app.page.keyboard.down('Control');
  for (let i = 0; i < 10; ++i) await app.page.mouse.wheel(0, -300);
  await app.page.keyboard.up('Control');
  await app.idle();
  assert.ok((await app.snapshot()).viewport.zoom > before);
  assert.deepEqual(app.errors, []);
});
