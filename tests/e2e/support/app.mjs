// Binnacle in a page, by role and name. Its widgets are mirrored as DOM elements that let the mouse through, so:
//   click(role, name)   the real mouse at the element's centre: what is drawn there gets it
//   press(role, name)   focus on the mirrored element, then Enter
//   type(role, name, …) a click into the field, then real keys
// `role` is ARIA's, or `node` and `edge` for what is on the canvas (named by the node's own name, or "a > b"), or `password` (which has no
// role of its own in ARIA).
// Waiting is for states, never for time: until(fn, arg), idle(), has(), gone().
import assert from 'node:assert/strict';

const kPollMs = 30;
export const kLimitMs = 30_000;
const kNodeRole = 'button[aria-roledescription="workflow node"]';
const kEdgeRole = 'button[aria-roledescription="connection"]';
const kContentRoles = new Set(['status', 'alert', 'listitem']);  // ARIA gives them no name from their text
const escape_pattern = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// Runs before the page's own scripts: what a test wants to count or record.
function observe_page() {
  const seen = globalThis.e2e = { violations: [], animationFrames: 0, timers: 0, states: {} };
  document.addEventListener('securitypolicyviolation', (event) => seen.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
  const request = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (callback) => {
    seen.animationFrames++;
    return request(callback);
  };
  // Each state of each node, in the order of appearance.
  seen.record = () => {
    const look = () => {
      for (const [id, state] of Object.entries(globalThis.binnacle?.snapshot?.().nodes ?? {})) {
        const list = seen.states[id] ??= [];
        if (list.at(-1) !== state) list.push(state);
      }
    };
    look();
    seen.look = look;
    seen.timer = setInterval(look, 15);
  };
}

export class App {
  constructor(page, { frame = null } = {}) {
    this.page = page;
    this.frame = frame || page.mainFrame();
    this.console = [];       // every line
    this.errors = [];        // console errors, page errors, crashes
    this.requests = [];      // "GET /v1/api/..."
    page.on('console', (message) => {
      this.console.push(`${message.type()}: ${message.text()}`);
      // A page looks for its backend by asking for its health: without one, "not found" is the answer.
      const looked_for_backend = /status of 404/.test(message.text()) && message.location().url.endsWith('/v1/api/health');
      if (message.type() === 'error' && !looked_for_backend) this.errors.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.errors.push(`page: ${error.stack || error}`));
    page.on('crash', () => this.errors.push('the page crashed'));
    page.on('request', (request) => this.requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  }

  static async create(context, options) {
    const page = await context.newPage();
    await page.addInitScript(observe_page);
    return new App(page, options);
  }

  // Opens the page and waits for the program's first screen.
  async open(url, { quiet = true } = {}) {
    await this.page.goto(url);
    await this.ready();
    if (quiet) await this.idle();
    return this;
  }
  async ready() {
    await this.until(() => Boolean(globalThis.binnacle?.snapshot) || document.getElementById('failure')?.hidden === false);
    const failure = await this.frame.evaluate(() => {
      const box = document.getElementById('failure');
      return box && !box.hidden ? box.innerText : '';
    });
    assert.equal(failure, '', 'the error screen is shown');
  }
  // The workflow is there, in the signed-in application, and what was asked for has come. Frames may still come: where a workflow runs, every
  // line of its log brings one.
  async workflow_ready() {
    await this.until(() => {
      const state = globalThis.binnacle?.snapshot?.();
      return state && state.session === 'signed_in' && Object.keys(state.nodes).length > 0 && state.pending === 0;
    });
  }

  // Every part of the program has arrived: from here on it needs no network.
  whole() { return this.until(() => globalThis.binnacleBoot.hasPart('later')); }

  snapshot() { return this.frame.evaluate(() => globalThis.binnacle.snapshot()); }
  idle(ms = 200) { return this.frame.evaluate((quiet_ms) => globalThis.binnacle.idle(quiet_ms), ms); }
  until(condition, argument, { timeout = kLimitMs } = {}) {
    return this.frame.waitForFunction(condition, argument, { polling: kPollMs, timeout });
  }
  node_state(id) { return this.snapshot().then((state) => state.nodes[id]); }
  until_node(id, state, options) {
    return this.until(([node, wanted]) => globalThis.binnacle.snapshot().nodes[node] === wanted, [id, state], options);
  }
  until_log_grows(from = 0) { return this.until((lines) => globalThis.binnacle.snapshot().logLines > lines, from); }

  // ---- what is on the screen
  get(role, name) {
    if (role === 'node') return this.frame.locator(kNodeRole).and(this.frame.getByRole('button', { name: new RegExp(`^[A-Z][A-Za-z]* ${escape_pattern(name)},`) }));
    if (role === 'edge') {
      const [from, to] = name.split(' > ');
      return this.frame.locator(kEdgeRole).and(this.frame.getByRole('button', { name: `Edge from ${from} to ${to}`, exact: true }));
    }
    if (role === 'password') return this.frame.locator(`#semantics input[type=password][aria-label="${name}"]`);
    if (kContentRoles.has(role)) {
      return this.frame.locator(`#semantics [role=${role}]`).filter({ hasText: typeof name === 'string' ? new RegExp(`^${escape_pattern(name)}$`) : name });
    }
    if (role === 'text') return this.frame.locator('#semantics').getByText(name, { exact: typeof name === 'string' });
    const exact = typeof name === 'string';
    return this.frame.locator('#semantics').getByRole(role, { name, exact, includeHidden: true });
  }
  count(role, name) { return this.get(role, name).count(); }
  has(role, name, { timeout = kLimitMs } = {}) { return this.get(role, name).first().waitFor({ state: 'attached', timeout }); }
  gone(role, name, { timeout = kLimitMs } = {}) { return this.get(role, name).first().waitFor({ state: 'detached', timeout }); }
  // All the mirrored words, for messages and for searching.
  words() {
    return this.frame.evaluate(() => [...document.querySelectorAll('#semantics [data-id]')].map((element) =>
      [...new Set([element.getAttribute('aria-label'), element.getAttribute('aria-description'), element.value,
        ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data)])].filter(Boolean).join(' ')).filter(Boolean));
  }
  has_words(pattern, { timeout = kLimitMs } = {}) {
    return this.until(([source, flags]) => {
      const wanted = new RegExp(source, flags);
      const own_text = (element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join('');
      return [...document.querySelectorAll('#semantics [data-id]')].some((element) =>
        [element.getAttribute('aria-label'), element.getAttribute('aria-description'), own_text(element)].some((text) => text && wanted.test(text)));
    }, [pattern.source, pattern.flags], { timeout });
  }
  log_lines() { return this.frame.locator('#semantics [role=log] [role=listitem]'); }
  value(role, name) { return this.get(role, name).first().inputValue(); }

  // The centre of what is drawn, in px of the page, once it stays where it is.
  async place(role, name, within = null) {
    const target = (within ? within.getByRole(role, { name, exact: true, includeHidden: true }) : this.get(role, name)).first();
    await target.waitFor({ state: 'attached', timeout: kLimitMs });
    const deadline = Date.now() + kLimitMs;
    let last = null;
    for (;;) {
      const box = await target.boundingBox({ timeout: kLimitMs });
      if (box && last && box.width > 0 && box.height > 0 && Math.abs(box.x - last.x) + Math.abs(box.y - last.y) < 0.5) {
        return { x: box.x + box.width / 2, y: box.y + box.height / 2, box };
      }
      assert.ok(Date.now() < deadline, `${role} "${name}" does not stay in one place`);
      last = box;
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    }
  }

  // ---- what a user does
  async click(role, name, { button = 'left', count = 1 } = {}) {
    const { x, y } = await this.place(role, name);
    const hit = await this.frame.evaluate(() => document.getElementById('canvas') !== null);
    assert.ok(hit, 'the page has its canvas');
    await this.page.mouse.move(x, y);
    await this.page.mouse.click(x, y, { button, clickCount: count });
  }
  // In a dialog over a page that may have something of the same name.
  async click_in(dialog, role, name) {
    const { x, y } = await this.place(role, name, this.get('dialog', dialog).first());
    await this.page.mouse.move(x, y);
    await this.page.mouse.click(x, y);
  }
  async press(role, name, key = 'Enter') {
    const target = this.get(role, name).first();
    await target.waitFor({ state: 'attached', timeout: kLimitMs });
    await target.focus();
    await this.page.keyboard.press(key);
  }
  key(keys) { return this.page.keyboard.press(keys); }
  // Keys as fast as they come: none waits for what the one before has done. Each is "Control+K" or a letter.
  async burst(keys) {
    const cdp = await this.page.context().newCDPSession(this.page);
    const send = (type, event) => cdp.send('Input.dispatchKeyEvent', { type, ...event });
    const sent = [];
    for (const each of keys) {
      const control = each.startsWith('Control+');
      const key = control ? each.slice(8).toLowerCase() : each;
      const event = { key, code: `Key${key.toUpperCase()}`, windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0), modifiers: control ? 2 : 0 };
      if (control) sent.push(send('keyDown', { key: 'Control', code: 'ControlLeft', windowsVirtualKeyCode: 17, modifiers: 2 }));
      sent.push(send('keyDown', control ? event : { ...event, text: key }), send('keyUp', event));
      if (control) sent.push(send('keyUp', { key: 'Control', code: 'ControlLeft', windowsVirtualKeyCode: 17, modifiers: 0 }));
    }
    await Promise.all(sent);
    await cdp.detach();
  }
  async type(role, name, text) {
    await this.click(role, name);
    await this.until(() => document.activeElement?.id === 'text-input');
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
    await this.until_value(role, name, text);
  }
  async until_value(role, name, text) {
    const deadline = Date.now() + kLimitMs;
    for (;;) {
      const value = await this.value(role, name);
      if (value === text) return;
      assert.ok(Date.now() < deadline, `${role} "${name}" holds "${value}", not "${text}"`);
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  }
  async drag(from, to, { steps = 12 } = {}) {
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move(to.x, to.y, { steps });
    await this.page.mouse.up();
  }
  record_states() { return this.frame.evaluate(() => globalThis.e2e.record()); }
  recorded_states() {
    return this.frame.evaluate(() => {
      globalThis.e2e.look();  // what has come since the timer looked
      return globalThis.e2e.states;
    });
  }

  async assert_clean() {
    const violations = await this.frame.evaluate(() => globalThis.e2e.violations);
    assert.deepEqual(violations, [], 'violations of the content security policy');
    assert.deepEqual(this.errors, [], 'errors in the console');
  }
}
