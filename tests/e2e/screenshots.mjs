// Makes docs/screenshots/: the sample workflow after Run, "checkout" failed and selected, a log arriving.
//   node tests/e2e/screenshots.mjs [--to DIR]
// Needs the built gateway and site ($BINNACLE_GATEWAY, $BINNACLE_DIST, see run.mjs).
import fs from 'node:fs';
import path from 'node:path';
import { kRoot } from './support/places.mjs';
import { run_and_settle } from './support/shop.mjs';
import { TestContext, launch_browser } from './support/test.mjs';

const kMaxBytes = 300_000;
const kPictures = [
  { name: 'main-dark', options: { colorScheme: 'dark' } },
  { name: 'main-light', options: { colorScheme: 'light' } },
  { name: 'main-narrow', options: { colorScheme: 'dark', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true } },
];

async function select(app, id) {
  const name = id.replace(/^[a-z]+-/, '');
  await app.click('node', name);
  await app.until((wanted) => globalThis.binnacle.snapshot().selection.join() === wanted, id);
}

async function make(browser, { name, options }, folder) {
  const context = new TestContext(browser);
  try {
    const gateway = await context.gateway({ speed: 4 });
    const app = await context.app(gateway.url, options);
    const narrow = name === 'main-narrow';
    if (narrow) await app.press('button', 'Run');
    else await app.click('button', 'Run');
    await app.until_node('deployment-checkout', 'error');
    await app.until_node('deployment-catalog', 'healthy');
    await select(app, 'deployment-catalog');
    await app.until_log_grows(14);
    if (!narrow) await select(app, 'deployment-checkout');  // its details, and why it has no log
    await app.page.mouse.move(520, 30);
    await app.idle(100).catch(() => {});
    const file = path.join(folder, `${name}.png`);
    await app.page.screenshot({ path: file });
    const { size } = fs.statSync(file);
    console.log(`${path.relative(kRoot, file)} ${size} bytes`);
    if (size > kMaxBytes) throw new Error(`${file} has ${size} bytes, more than ${kMaxBytes}`);
  } finally {
    await context.end();
  }
}

async function main() {
  const at = process.argv.indexOf('--to');
  const folder = at > 0 ? path.resolve(process.argv[at + 1]) : path.join(kRoot, 'docs/screenshots');
  fs.mkdirSync(folder, { recursive: true });
  const browser = await launch_browser();
  try {
    for (const picture of kPictures) await make(browser, picture, folder);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
