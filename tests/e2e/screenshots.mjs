// Makes docs/screenshots/: the sample workflow after Run with a log arriving, the node that fails with its reason, and pages beside it.
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
  { name: 'clusters-dark', go: clusters },
  { name: 'settings-light', options: { colorScheme: 'light' }, go: appearance },
  { name: 'notifications-narrow', options: kPhone, go: notifications },
  { name: 'developer-dark', go: developer },
];

async function clusters(app, context, gateway) {
  const far = await context.gateway();
  const body = JSON.stringify({ name: 'staging', displayName: 'Staging', authType: 'token', server: `${far.url}/k8s`, credentials: { token: 'any' } });
  await fetch(`${gateway.url}/v1/api/clusters`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await app.click('button', 'Clusters');
  await app.click('button', 'Staging');
  await app.has('region', 'Details of Staging');
  await app.has('progressbar', 'CPU');
}

async function appearance(app) {
  await app.click('button', 'Settings');
  await app.click('button', 'Appearance');
  await app.click('switch', 'Words in the side bar');
}

async function notifications(app) {
  await app.click('button', /^Notifications/);
  await app.has('dialog', 'Notifications');
}

async function developer(app) {
  await app.page.locator('#canvas').focus();
  await app.key('Control+Shift+D');
  await app.press('tab', 'Queries');
}

async function select(app, name) {
  await app.press('node', name);
  await app.until((wanted) => globalThis.binnacle.snapshot().selection.join() === wanted, `deployment-${name}`);
}

async function make(browser, { name, node, go, options = {}, narrow = false }, folder) {
  const context = new TestContext(browser);
  try {
    const gateway = await context.gateway({ speed: 4 });
    const app = await context.app(gateway.url, options);
    await app.press('button', 'Run');
    await until_settled(app);
    while (await app.count('button', 'Dismiss') > 0) await app.gone('button', 'Dismiss');  // they go by themselves
    if (go) await go(app, context, gateway);
    else await select(app, node);
    if (node === 'catalog') await app.until_log_grows(narrow ? 40 : 14);
    if (narrow) await app.press('tab', 'Logs');
    if (!go) await app.page.locator('#canvas').focus();
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
