// End-to-end tests in a real Chromium: node tests/e2e/run.mjs [--filter WORDS] [--jobs N] [--list]
//
// Runs every test of tests/e2e/*.e2e.mjs once, each in a fresh browser profile against a gateway (or file server) of its own. A failed test
// leaves screenshot, console and snapshot in build/e2e-artifacts/. The last lines name the slowest tests and those that failed, with the reason,
// and read `N passed, N failed`.
// $BINNACLE_GATEWAY and $BINNACLE_DIST say what is tested (default: build/dev or build/release, dist/), $CHROMIUM with which browser.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { dist_path, gateway_path, kArtifacts, kRoot } from './support/places.mjs';
import { TestContext, launch_browser, set_file, tests } from './support/test.mjs';

function read_options(words) {
  const options = { filter: '', jobs: 2, list: false };
  for (let i = 0; i < words.length; ++i) {
    if (words[i] === '--filter') options.filter = words[++i] ?? '';
    else if (words[i] === '--jobs') options.jobs = Math.max(1, Number(words[++i]) || 1);
    else if (words[i] === '--list') options.list = true;
    else throw new Error(`unknown option ${words[i]}: run.mjs [--filter WORDS] [--jobs N] [--list]`);
  }
  return options;
}

async function find_tests(filter) {
  const folder = path.join(kRoot, 'tests/e2e');
  const names = [folder, path.join(folder, 'kubectl')].flatMap((dir) => (fs.existsSync(dir) ? fs.readdirSync(dir).map((name) => path.join(dir, name)) : []));
  for (const file of names.filter((name) => name.endsWith('.e2e.mjs')).sort()) {
    set_file(path.basename(file, '.e2e.mjs'));
    await import(pathToFileURL(file));
  }
  const words = filter.toLowerCase().trim();
  return tests.filter((each) => `${each.file}: ${each.name}`.toLowerCase().includes(words));
}

function within(limit_ms, promise) {
  let timer;
  const limit = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not done after ${limit_ms / 1000} s`)), limit_ms); });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

const file_name = (test) => `${test.file}-${test.name}`.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 100);

async function keep_evidence(test, context, error) {
  fs.mkdirSync(kArtifacts, { recursive: true });
  const base = path.join(kArtifacts, file_name(test));
  const parts = [String(error.stack || error), ...context.notes];
  for (const [index, app] of context.apps.entries()) {
    const state = await within(5000, app.frame.evaluate(() => globalThis.binnacle?.diagnostics?.() ?? null)).catch((why) => `no snapshot: ${why.message}`);
    const words = await within(5000, app.words()).catch(() => []);
    parts.push(`---- page ${index}: ${app.page.url()}`, 'errors:', ...app.errors, 'console:', ...app.console.slice(-200), 'requests:', ...app.requests.slice(-60),
               'snapshot:', JSON.stringify(state, null, 2), 'on the screen:', ...words);
    await within(10_000, app.page.screenshot({ path: `${base}-${index}.png` })).catch(() => {});
  }
  fs.writeFileSync(`${base}.log`, parts.join('\n') + '\n');
  return `${base}.log`;
}

const kSlowest = 8;
const kReasonLines = 12;
const durations = [];

function report() {
  const sum = durations.reduce((total, each) => total + each.seconds, 0);
  console.log(`slowest of ${durations.length} tests, ${sum.toFixed(0)} s in all:`);
  for (const each of [...durations].sort((a, b) => b.seconds - a.seconds).slice(0, kSlowest)) console.log(`  ${each.seconds.toFixed(1).padStart(6)} s  ${each.name}`);
  const failed = durations.filter((each) => each.failed);
  if (failed.length > 0) console.log(`failed:\n${failed.map((each) => `  ${each.name}\n${each.reason}`).join('\n')}`);
}

async function run_one(test, browser) {
  const context = new TestContext(browser);
  const started = Date.now();
  let failure = null, evidence = '';
  try {
    await within(test.limit_ms, test.run(context));
  } catch (error) {
    failure = error;
    evidence = await keep_evidence(test, context, error);
  }
  try {
    await within(30_000, context.end());
  } catch (error) {
    if (!failure) {
      failure = error;
      evidence = await keep_evidence(test, context, error);
    }
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const reason = failure ? String(failure.stack || failure).split('\n').slice(0, kReasonLines).map((line) => `       ${line}`).join('\n') : '';
  durations.push({ name: `${test.file}: ${test.name}`, seconds: Number(seconds), failed: failure !== null, reason });
  console.log(`${failure ? 'FAIL' : 'ok  '} ${test.file}: ${test.name} (${seconds} s)`);
  for (const note of context.notes) console.log(`       ${note}`);
  if (failure) {
    console.log(reason);
    console.log(`       ${path.relative(kRoot, evidence)}`);
  }
  return failure === null;
}

async function main() {
  const options = read_options(process.argv.slice(2));
  const chosen = await find_tests(options.filter);
  if (options.list) {
    for (const each of chosen) console.log(`${each.file}: ${each.name}`);
    return 0;
  }
  console.log(`gateway ${path.relative(kRoot, gateway_path())}, site ${path.relative(kRoot, dist_path())}`);
  fs.rmSync(kArtifacts, { recursive: true, force: true });
  const browser = await launch_browser();
  let passed = 0, failed = 0;
  const run = async (test) => (await run_one(test, browser) ? ++passed : ++failed);
  const together = chosen.filter((each) => !each.alone);
  const worker = async () => { for (let test = together.shift(); test; test = together.shift()) await run(test); };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  for (const test of chosen.filter((each) => each.alone)) await run(test);
  await browser.close();
  report();
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

main().then((code) => process.exit(code), (error) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exit(1);
});
