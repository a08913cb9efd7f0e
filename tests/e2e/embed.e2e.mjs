// In an iframe of a portal of another origin.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { App } from './support/app.mjs';
import { whole_browser_path, kBrowserFlags } from './support/places.mjs';
import { test } from './support/test.mjs';

const portal_page = (src) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Portal</title><body style="margin:0">
<h1 style="margin:0;height:40px">Portal</h1><iframe id="console" title="Console" src="${src}" style="border:0;width:1000px;height:600px"></iframe></body></html>`;

// A portal at 127.0.0.1, the gateway at localhost: another origin and another site.
async function portal_and_gateway(t) {
  const pages = {};
  const portal = await t.static_site({ pages });
  const gateway = await t.gateway({ args: ['--frame-ancestors', portal.url] });
  pages['/'] = portal_page(`http://localhost:${gateway.port}/?embed=1`);
  return { portal, gateway };
}

async function open_portal(t, page, portal) {
  await page.goto(portal.url);
  const handle = await page.waitForSelector('#console');
  const frame = await handle.contentFrame();
  const app = new App(page, { frame });
  t.apps.push(app);
  await app.ready();
  await app.workflow_ready();
  return app;
}

test('?embed=1 in another origin: no rail, no top bar, and Run works', async (t) => {
  const { portal } = await portal_and_gateway(t);
  const page = await (await t.context()).newPage();
  const app = await open_portal(t, page, portal);
  assert.equal(await app.count('navigation', 'Main'), 0, 'no rail');
  assert.equal(await app.count('toolbar', 'Workflow'), 0, 'no top bar');
  await app.has('main', 'Canvas');
  await app.click('node', 'storefront');
  await app.until(() => globalThis.binnacle.snapshot().selection.join() === 'deployment-storefront');
  await app.key('Control+Enter');  // the click gave the frame the keyboard
  await app.until_node('deployment-storefront', 'healthy');
  await app.until_log_grows(0);
  assert.deepEqual(app.errors, []);
});

test('in an iframe whose storage is blocked it works, and says what that means', async (t) => {
  const { portal } = await portal_and_gateway(t);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-e2e-profile-'));
  t.cleanup(() => fs.rmSync(profile, { recursive: true, force: true }));
  fs.mkdirSync(path.join(profile, 'Default'));
  fs.writeFileSync(path.join(profile, 'Default/Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
  const context = await chromium.launchPersistentContext(profile, { executablePath: whole_browser_path(), headless: true, args: kBrowserFlags,
                                                                   viewport: { width: 1280, height: 800 } });
  t.cleanup(() => context.close());
  const app = await open_portal(t, await context.newPage(), portal);
  const blocked = await app.frame.evaluate(() => { try { localStorage.length; return false; } catch { return true; } });
  assert.ok(blocked, 'this browser blocks the storage of the frame');
  await app.has_words(/stor(e|age).*(until|tab|close|refuse|block)/i);
  await app.click('node', 'storefront');
  await app.key('Control+Enter');
  await app.until_node('deployment-storefront', 'healthy');
});

test('who is not listed may not embed the page', async (t) => {
  const gateway = await t.gateway();
  const portal = await t.static_site({ pages: { '/': portal_page(`http://localhost:${gateway.port}/?embed=1`) } });
  const page = await (await t.context()).newPage();
  const refused = page.waitForEvent('console', { predicate: (message) => /frame-ancestors/.test(message.text()), timeout: 20_000 });
  await page.goto(portal.url);
  await refused;
});

test('a frame scrolled out of view draws nothing', async (t) => {
  const { portal, gateway } = await portal_and_gateway(t);
  const pages = { '/': portal_page(`http://localhost:${gateway.port}/?embed=1`).replace('<h1', '<div id="tall" style="height:0"></div><h1') };
  portal.server.removeAllListeners('request');
  portal.server.on('request', (request, response) => { response.writeHead(200, { 'Content-Type': 'text/html' }); response.end(pages['/']); });
  const page = await (await t.context()).newPage();
  const app = await open_portal(t, page, portal);
  await app.click('node', 'storefront');
  await app.key('Control+Enter');
  await app.until_log_grows(0);
  await page.evaluate(() => { document.getElementById('tall').style.height = '5000px'; });
  await app.until((lines) => globalThis.binnacle.snapshot().logLines > lines, (await app.snapshot()).logLines + 2);
  const before = await app.snapshot();
  await app.until_log_grows(before.logLines + 6);
  assert.ok((await app.snapshot()).frames - before.frames <= 1, 'no frames out of view');
});
