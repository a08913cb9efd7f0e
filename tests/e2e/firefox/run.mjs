// The main flow in Firefox, by WebDriver BiDi: node tests/e2e/firefox/run.mjs
//
// Firefox draws WebGL only on a display, so it runs on an Xvfb of its own (llvmpipe); headless it has none, and the same flow goes by the
// keyboard through the real elements that stand in for the canvas. $FIREFOX names the browser (default: firefox-esr, then firefox).
// The last line reads `N passed, N failed`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { Gateway } from '../support/gateway.mjs';
import { kArtifacts } from '../support/places.mjs';
import { StaticSite } from '../support/static_server.mjs';

const kLimitMs = 60_000;
const escape_pattern = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function firefox_path() {
  for (const name of [process.env.FIREFOX, 'firefox-esr', 'firefox'].filter(Boolean)) {
    const found = spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).stdout.trim();
    if (found) return found;
  }
  throw new Error('no Firefox: Debian has it as firefox-esr');
}

// A display of its own; the server picks a free number and says it.
function start_display() {
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1400x900x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    server.on('error', () => reject(new Error('no Xvfb: Debian has it as xvfb')));
    server.stdout.once('data', (data) => resolve({ display: `:${String(data).trim()}`, stop: () => server.kill() }));
  });
}

// Binnacle in a Firefox page, by role and name of its mirrored elements.
class Page {
  static async open(browser, url) {
    const page = new Page();
    page.page = await browser.newPage();
    page.errors = [];
    page.page.on('pageerror', (error) => page.errors.push(String(error)));
    page.page.on('console', (message) => { if (message.type() === 'error') page.errors.push(message.text()); });
    await page.page.setViewport({ width: 1280, height: 720 });
    await page.page.goto(url);
    await page.ready();
    return page;
  }
  async ready() {
    await this.until(() => {
      const state = globalThis.binnacle?.snapshot?.();
      return state && state.session === 'signed_in' && Object.keys(state.nodes).length > 0;
    });
    await this.page.evaluate(() => globalThis.binnacle.idle());
  }
  until(condition, ...args) { return this.page.waitForFunction(condition, { timeout: kLimitMs, polling: 50 }, ...args); }
  snapshot() { return this.page.evaluate(() => globalThis.binnacle.snapshot()); }

  // The mirrored element: its tag or role, its name (a pattern).
  async element(selector, pattern) {
    return this.page.waitForFunction((css, source) => {
      const wanted = new RegExp(source);
      return [...document.querySelectorAll(`#semantics ${css}`)].find((each) => wanted.test(each.getAttribute('aria-label') ?? each.textContent)) ?? false;
    }, { timeout: kLimitMs, polling: 50 }, selector, pattern);
  }
  node(name) { return this.element('button[aria-roledescription="workflow node"]', `^[A-Z][A-Za-z]* ${escape_pattern(name)},`); }
  button(name) { return this.element('button', `^${escape_pattern(name)}$`); }
  // The real mouse at the element's centre: what is drawn there gets it.
  async click(element) {
    const box = await element.boundingBox();
    await this.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.evaluate(() => globalThis.binnacle.idle());
  }
  async press(element) {
    await element.focus();
    await this.page.keyboard.press('Enter');
    await this.page.evaluate(() => globalThis.binnacle.idle());
  }
}

// First visit, Run, live log, reload. `act` is how a control is used.
async function main_flow(page, act) {
  assert.equal(Object.keys((await page.snapshot()).nodes).length, 12, 'the sample workflow has 12 nodes');
  await act(page, await page.button('Run'));
  await page.until(() => globalThis.binnacle.snapshot().nodes['deployment-catalog'] === 'healthy');
  await act(page, await page.node('catalog'));
  await page.until(() => globalThis.binnacle.snapshot().selection[0] === 'deployment-catalog');
  await page.until(() => globalThis.binnacle.snapshot().logLines > 5);
  const before = (await page.snapshot()).logLines;
  await page.until((lines) => globalThis.binnacle.snapshot().logLines > lines, before);
  const { workflow } = await page.snapshot();

  await page.page.reload();
  await page.ready();
  const after = await page.snapshot();
  assert.equal(after.workflow, workflow);
  assert.deepEqual(after.selection, ['deployment-catalog']);
  await page.until(() => globalThis.binnacle.snapshot().nodes['deployment-catalog'] === 'healthy');
  await page.until(() => globalThis.binnacle.snapshot().logLines > 5);
}

const by_mouse = (page, element) => page.click(element);
const by_keyboard = (page, element) => page.press(element);

const tests = [
  ['with WebGL, by the mouse: first visit, Run, live log, reload', { headless: false }, async (browser, cleanup) => {
    const gateway = await Gateway.start();
    cleanup(() => gateway.dispose());
    const page = await Page.open(browser, gateway.url);
    assert.equal((await page.snapshot()).renderer.webgl, true, 'WebGL is there');
    await main_flow(page, by_mouse);
    assert.ok((await page.snapshot()).renderer.drawCalls > 0, 'the canvas was drawn');
    return page;
  }],
  ['without a backend: hub and cluster in the tab', { headless: false }, async (browser, cleanup) => {
    const site = await StaticSite.start();
    cleanup(() => site.dispose());
    const page = await Page.open(browser, site.url);
    assert.equal((await page.snapshot()).backend, 'in this tab');
    await main_flow(page, by_mouse);
    return page;
  }],
  ['without WebGL, by the keyboard: the same on real elements', { headless: true }, async (browser, cleanup) => {
    const gateway = await Gateway.start();
    cleanup(() => gateway.dispose());
    const page = await Page.open(browser, gateway.url);
    assert.equal((await page.snapshot()).renderer.webgl, false, 'headless Firefox has no WebGL');
    await main_flow(page, by_keyboard);
    return page;
  }],
];

async function run_one([name, options, run], display) {
  const cleanups = [];
  const started = Date.now();
  let page = null, failure = null;
  const env = { ...process.env, LIBGL_ALWAYS_SOFTWARE: '1', DISPLAY: display };
  if (options.headless) delete env.DISPLAY;
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox_path(), headless: options.headless, env,
                                           extraPrefsFirefox: { 'webgl.force-enabled': true, 'webgl.forbid-software': false } });
  try {
    page = await run(browser, (each) => cleanups.push(each));
    // A stream that a reload cuts is no error of ours.
    assert.deepEqual(page.errors.filter((each) => !/was interrupted while the page was loading|NetworkError/.test(each)), []);
  } catch (error) {
    failure = error;
    fs.mkdirSync(kArtifacts, { recursive: true });
    for (const [index, each] of (await browser.pages()).entries()) {
      await each.screenshot({ path: path.join(kArtifacts, `firefox-${tests.findIndex((test) => test[0] === name)}-${index}.png`) }).catch(() => {});
    }
  }
  await browser.close();
  for (const each of cleanups.reverse()) await each();
  console.log(`${failure ? 'FAIL' : 'ok  '} firefox: ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (failure) console.log(String(failure.stack || failure).split('\n').slice(0, 10).map((line) => `       ${line}`).join('\n'));
  return !failure;
}

let passed = 0, failed = 0;
const screen = await start_display();
try {
  for (const test of tests) {
    if (await run_one(test, screen.display)) passed++;
    else failed++;
  }
} finally {
  screen.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
