// Makes docs/screenshots/: the sample workflow after Run with a log arriving, and the node that fails with its reason.
//   node tests/e2e/screenshots.mjs [--to DIR]
// Needs the built gateway and site ($BINNACLE_GATEWAY, $BINNACLE_DIST, see run.mjs).
import fs from 'node:fs';
import path from 'node:path';
import { kRoot } from './support/places.mjs';
import { until_settled } from './support/shop.mjs';
import { TestContext, launch_browser } from './support/test.mjs';

const kMaxBytes = 300_000;
const kPhone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, hasTouch: true, isMobile: true };
const kPictures = [
  { name: 'main-dark', node: 'catalog' },
  { name: 'main-light', node: 'catalog', options: { colorScheme: 'light' } },
  { name: 'main-narrow', node: 'catalog', options: kPhone, narrow: true },
  { name: 'failure-dark', node: 'checkout' },
];

async function select(app, name) {
  await app.press('node', name);
  await app.until((wanted) => globalThis.binnacle.snapshot().selection.join() === wanted, `deployment-${name}`);
}

async function make(browser, { name, node, options = {}, narrow = false }, folder) {
  const context = new TestContext(browser);
  try {
    const gateway = await context.gateway({ speed: 4 });
    const app = await context.app(gateway.url, options);
    await app.press('button', 'Run');
    await until_settled(app);
    while (await app.count('button', 'Dismiss') > 0) {
      await app.press('button', 'Dismiss');
      await app.idle(50);
    }
    await select(app, node);
    if (node === 'catalog') await app.until_log_grows(narrow ? 40 : 14);
    if (narrow) await app.press('tab', 'Logs');
    await app.page.locator('#canvas').focus();
    await app.page.mouse.move(520, 22);
    await app.idle(50).catch(() => {});  // a log that arrives never rests for long
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
