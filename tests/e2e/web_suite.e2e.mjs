// The behaviour suite of the seam and the tab's own tests (tests/wasm), in this Chromium.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { browser_path, kRoot } from './support/places.mjs';
import { test } from './support/test.mjs';

const built = (names) => names.map((name) => path.join(kRoot, 'build', name)).find((file) => fs.existsSync(file));

test('the seam behaves in the browser as it does natively', async (t) => {
  const program = built(['web-release/binnacle_web_tests.wasm', 'web-debug/binnacle_web_tests.wasm']);
  const server = built(['dev/binnacle-behaviour-server', 'release/binnacle-behaviour-server']);
  assert.ok(program, 'binnacle_web_tests is not built (ninja -C build/web-release binnacle_web_tests)');
  assert.ok(server, 'binnacle-behaviour-server is not built (ninja -C build/dev binnacle-behaviour-server)');
  const child = spawn(process.execPath, [path.join(kRoot, 'tests/wasm/run.mjs'), '--web', path.dirname(program), '--server', server, '--browser', browser_path(),
                                         '--playwright', path.join(kRoot, 'tests/e2e')], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.cleanup(() => child.kill());
  let output = '';
  child.stdout.on('data', (data) => { output += data; });
  child.stderr.on('data', (data) => { output += data; });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const last = output.trim().split('\n').at(-1);
  t.note(last);
  assert.equal(code, 0, output.split('\n').filter((line) => !line.startsWith('PASS')).slice(-30).join('\n'));
  assert.ok(Number(/^(\d+) passed/.exec(last)?.[1]) > 30, last);
}, { limit_ms: 300_000 });
