// Measuring a page: script and task time, CPU of the renderer and the GPU process, frames. The recipe is design section 5: one page per
// run, fresh browser, input by CDP at 60 Hz, the gesture checked.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { kBrowserFlags, kRoot, whole_browser_path } from '../../e2e/support/places.mjs';

const { chromium } = createRequire(path.join(kRoot, 'tests/e2e/package.json'))('playwright-core');

// Pages see an ordinary browser: under a test driver Binnacle mirrors everything into the DOM.
const kNoDriver = '--disable-blink-features=AutomationControlled';

export const median = (values) => quantile(values, 0.5);
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
export const spread = (values) => (values.length ? (Math.max(...values) - Math.min(...values)) / 2 / (median(values) || 1) : 0);
export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function open_browser(viewport = { width: 1280, height: 720 }) {
  const browser = await chromium.launch({ executablePath: whole_browser_path(), headless: true, args: [...kBrowserFlags, kNoDriver] });
  const context = await browser.newContext({ viewport, deviceScaleFactor: 1, colorScheme: 'dark' });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'timeTicks' });
  const top = await browser.newBrowserCDPSession();
  return { browser, page, cdp, top, close: () => browser.close() };
}

// Seconds of CPU per process so far: the page's renderer (the busiest one) and the GPU process.
async function cpu_seconds(top) {
  const { processInfo } = await top.send('SystemInfo.getProcessInfo');
  const of = (type) => processInfo.filter((each) => each.type === type);
  return { renderers: Object.fromEntries(of('renderer').map((each) => [each.id, each.cpuTime])), gpu: of('GPU').reduce((sum, each) => sum + each.cpuTime, 0) };
}
async function metrics(cdp) {
  const { metrics: list } = await cdp.send('Performance.getMetrics');
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}
export async function sample(tab) {
  return { at: performance.now(), metrics: await metrics(tab.cdp), cpu: await cpu_seconds(tab.top) };
}
export function between(before, after) {
  const difference = (name) => (after.metrics[name] - before.metrics[name]) * 1000;
  const renderer = Math.max(0, ...Object.entries(after.cpu.renderers).map(([id, seconds]) => seconds - (before.cpu.renderers[id] ?? 0)));
  return { wall_ms: after.at - before.at, script_ms: difference('ScriptDuration'), task_ms: difference('TaskDuration'),
           renderer_ms: renderer * 1000, gpu_ms: (after.cpu.gpu - before.cpu.gpu) * 1000, heap_mb: after.metrics.JSHeapUsedSize / 1e6, dom_nodes: after.metrics.Nodes };
}

// Frames as the page sees them. It costs a loop of animation frames, the same one on every page.
export async function watch_frames(page) {
  await page.evaluate(() => {
    const watch = globalThis.frameWatch = { times: [], moves: 0, on: true };
    addEventListener('pointermove', () => { watch.moves++; }, { capture: true, passive: true });
    const loop = (now) => {
      if (!watch.on) return;
      watch.times.push(now);
      requestAnimationFrame(loop);
    };
    requestAnimationFrame(loop);
  });
}
export const reset_frames = (page) => page.evaluate(() => { frameWatch.times.length = 0; frameWatch.moves = 0; });
export async function frames(page) {
  const { times, moves } = await page.evaluate(() => { frameWatch.on = false; return { times: frameWatch.times, moves: frameWatch.moves }; });
  const deltas = times.slice(1).map((time, i) => time - times[i]);
  return { count: deltas.length, moves, median_ms: median(deltas), p95_ms: quantile(deltas, 0.95) };
}

// Left-button drag from `start`, `moves` moves at 60 Hz along a loop: sent on time whether or not the page keeps up.
export async function drag(cdp, start, moves) {
  const send = (type, x, y, buttons) => cdp.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons, clickCount: type === 'mouseMoved' ? 0 : 1, pointerType: 'mouse' });
  await send('mouseMoved', start.x, start.y, 0);
  await send('mousePressed', start.x, start.y, 1);
  const pending = [];
  const began = performance.now();
  for (let i = 1; i <= moves; ++i) {
    const due = began + (i * 1000) / 60;
    const left = due - performance.now();
    if (left > 0) await wait(left);
    const angle = (i / moves) * 4 * Math.PI;
    pending.push(send('mouseMoved', Math.round(start.x + 180 * Math.sin(angle) + i * 0.4), Math.round(start.y + 90 * (1 - Math.cos(angle)) + i * 0.2), 1));
  }
  return async () => {
    await Promise.all(pending);
    await send('mouseReleased', start.x, start.y, 0);
  };
}

export function machine() {
  const cpu = os.cpus();
  return `${cpu.length} x ${cpu[0]?.model.trim()}, ${Math.round(os.totalmem() / 1e9)} GB, load ${os.loadavg()[0].toFixed(1)}`;
}
export async function browser_version() {
  const tab = await open_browser();
  const { product } = await tab.top.send('Browser.getVersion');
  await tab.close();
  return product;
}
// Markdown table; numbers right-aligned.
export function print_table(head, rows) {
  const widths = head.map((title, i) => Math.max(String(title).length, ...rows.map((row) => String(row[i]).length)));
  const line = (cells) => `| ${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join(' | ')} |`;
  console.log(line(head));
  console.log(`|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`);
  for (const row of rows) console.log(line(row));
}
// All that was measured, for whoever wants to look closer.
export function keep(name, value) {
  const folder = path.join(kRoot, 'tests/bench/out');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(value, null, 2));
}
export function read_flags(defaults) {
  const options = { ...defaults };
  const words = process.argv.slice(2);
  for (let i = 0; i < words.length; ++i) {
    const name = words[i].replace(/^--/, '');
    if (!(name in defaults)) throw new Error(`unknown flag ${words[i]}; there are ${Object.keys(defaults).map((each) => `--${each}`).join(', ')}`);
    options[name] = typeof defaults[name] === 'number' ? Number(words[++i]) : words[++i];
  }
  return options;
}
