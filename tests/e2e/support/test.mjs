// The tests' registry and what each test is given.
//
//   test('a first visit opens the sample workflow', async (t) => {
//     const gateway = await t.gateway();
//     const app = await t.app(gateway.url);
//   });
import { chromium } from 'playwright-core';
import { App } from './app.mjs';
import { Gateway } from './gateway.mjs';
import { browser_path, kBrowserFlags } from './places.mjs';
import { StaticSite } from './static_server.mjs';

export const tests = [];
let current_file = '';
export const set_file = (name) => { current_file = name; };
// `limit_ms`: how long the whole test may take. `alone`: nothing else runs meanwhile (it measures time, or uses what the browser has once).
export function test(name, run, { limit_ms = 120_000, alone = false } = {}) {
  tests.push({ name, run, limit_ms, alone, file: current_file });
}

export function launch_browser(args = []) {
  return chromium.launch({ executablePath: browser_path(), headless: true, args: [...kBrowserFlags, ...args] });
}

export class TestContext {
  constructor(browser) {
    this.browser = browser;
    this.apps = [];
    this.cleanups = [];
    this.notes = [];
  }
  // Runs at the end, last first.
  cleanup(run) { this.cleanups.push(run); }
  // One line more in the report.
  note(text) { this.notes.push(text); }

  async gateway(options) {
    const gateway = await Gateway.start(options);
    this.cleanup(() => gateway.dispose());
    return gateway;
  }
  async static_site(options) {
    const site = await StaticSite.start(options);
    this.cleanup(() => site.dispose());
    return site;
  }
  // A browser with flags of its own.
  async own_browser(args) {
    const browser = await launch_browser(args);
    this.cleanup(() => browser.close());
    return browser;
  }
  async context(options = {}, browser = this.browser) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'en-GB', ...options });
    this.cleanup(() => context.close());
    return context;
  }
  // A page of a fresh profile; with an address: opened, its workflow loaded.
  async app(url = '', { context = null, ready = true, ...options } = {}) {
    const app = await App.create(context || await this.context(options));
    this.apps.push(app);
    if (url) {
      await app.open(url, { quiet: false });
      if (ready) await app.workflow_ready();
    }
    return app;
  }
  async end() {
    const errors = [];
    for (const run of this.cleanups.reverse()) {
      try {
        await run();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
