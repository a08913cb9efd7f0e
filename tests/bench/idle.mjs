// CPU of a tab in which nothing changes, beside an empty page
//   --seconds 10
import http from 'node:http';
import { Gateway } from '../e2e/support/gateway.mjs';
import { between, browser_version, machine, open_browser, print_table, read_flags, sample, wait } from './support/measure.mjs';

const options = read_flags({ seconds: 10 });

async function still(url, ready) {
  const tab = await open_browser();
  try {
    await tab.page.goto(url);
    await ready(tab.page);
    const frames = () => tab.page.evaluate(() => globalThis.binnacle?.snapshot?.().frames ?? 0);
    const drawn_before = await frames();
    const before = await sample(tab);
    await wait(options.seconds * 1000);
    const after = await sample(tab);
    const used = between(before, after);
    return { frames: (await frames()) - drawn_before, share: (100 * (used.renderer_ms + used.gpu_ms)) / used.wall_ms, script: used.script_ms };
  } finally {
    await tab.close();
  }
}

async function main() {
  const gateway = await Gateway.start();
  const empty = http.createServer((request, response) => { response.writeHead(200, { 'Content-Type': 'text/html' }); response.end('<!doctype html><title>Empty</title>'); });
  await new Promise((resolve) => empty.listen(0, '127.0.0.1', resolve));
  const idle = async (page) => {
    await page.waitForFunction(() => Object.keys(globalThis.binnacle?.snapshot?.().nodes ?? {}).length > 0, null, { polling: 50, timeout: 60_000 });
    await page.evaluate(() => globalThis.binnacle.idle(1000));
  };
  console.log(`${await browser_version()}; ${machine()}; ${options.seconds} s\n`);
  const rows = [];
  for (const [name, url, ready] of [['empty page', `http://127.0.0.1:${empty.address().port}/`, () => wait(1000)], ['Binnacle', gateway.url, idle]]) {
    const { frames, share, script } = await still(url, ready);
    rows.push([name, frames, share.toFixed(2), script.toFixed(1)]);
  }
  print_table(['page', 'frames drawn', 'CPU, % of a core', 'script, ms'], rows);
  console.log(`\n${Number(rows[1][2]) < 0.5 && rows[1][1] === 0 ? 'met   ' : 'MISSED'} idle: 0 frames, under 0.5 % of a core`);
  empty.close();
  await gateway.dispose();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
