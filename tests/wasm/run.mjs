// Runs binnacle_web_tests in Chromium: node tests/wasm/run.mjs --web build/web-debug --server build/dev/binnacle-behaviour-server
//   --browser PATH   (default: $BINNACLE_CHROMIUM or /usr/bin/chromium)
//   --playwright DIR the folder whose node_modules has playwright-core (default: tests/e2e)
// Prints a line per test and, at the end, "N passed, N failed"; exits 1 when one failed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const args = { web: 'build/web-debug', server: 'build/dev/binnacle-behaviour-server', browser: process.env.BINNACLE_CHROMIUM || '/usr/bin/chromium',
               playwright: path.join(root, 'tests/e2e') };
for (let i = 2; i < process.argv.length; i += 2) args[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
const { chromium } = createRequire(path.join(path.resolve(args.playwright), 'package.json'))('playwright-core');

const kFlags = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-gpu', '--enable-unsafe-swiftshader'];
const kLimitMs = 240_000;

// The page and the program side by side in one folder, as the server's static files.
function make_site() {
  const site = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-web-tests-'));
  for (const name of ['index.html', 'page.js']) fs.copyFileSync(path.join(here, name), path.join(site, name));
  for (const name of ['binnacle_web_tests.js', 'binnacle_web_tests.wasm']) fs.copyFileSync(path.join(args.web, name), path.join(site, name));
  fs.copyFileSync(path.join(root, 'tests/data/sse-cases.json'), path.join(site, 'sse-cases.json'));
  return site;
}

function start_server(site) {
  const server = spawn(args.server, ['--static', site, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let output = '';
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`${args.server} ended with ${code}`)));
    server.stdout.on('data', (data) => {
      output += data;
      const url = /http:\/\/\S+/.exec(output);
      if (url && output.includes('\n')) resolve({ url: url[0], stop: () => server.kill('SIGTERM') });
    });
  });
}

async function main() {
  const site = make_site();
  const server = await start_server(site);
  const browser = await chromium.launch({ executablePath: args.browser, headless: true, args: kFlags });
  let passed = 0, failed = 0, finished = false;
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const started = Date.now();
    let seen = 0;
    while (!finished && Date.now() - started < kLimitMs) {
      const lines = await page.evaluate((from) => globalThis.testLines.slice(from), seen);
      seen += lines.length;
      for (const line of lines) {
        if (line.startsWith('PASS')) passed++;
        if (line.startsWith('FAIL') || line.startsWith('CRASH')) failed++;
        if (line.startsWith('DONE') || line.startsWith('CRASH')) finished = true;
        console.log(line);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (!finished) {
      console.log('FAIL the tests did not end in time');
      failed++;
    }
  } finally {
    await browser.close();
    server.stop();
    fs.rmSync(site, { recursive: true, force: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

main().catch((error) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exit(1);
});
