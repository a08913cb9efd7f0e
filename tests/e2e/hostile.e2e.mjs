// Bad input: a clear error each time, nothing lost, nothing crashed (a gateway that dies fails its test by its exit code).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Gateway } from './support/gateway.mjs';
import { test } from './support/test.mjs';

const kJson = { 'Content-Type': 'application/json' };

async function ask(gateway, method, target, body, headers = kJson) {
  const response = await fetch(gateway.url + target, { method, headers, body: typeof body === 'object' ? JSON.stringify(body) : body });
  const text = await response.text();
  let json = null;
  try { json = JSON.parse(text); } catch { /* the caller looks */ }
  return { status: response.status, json, text };
}
function assert_error(answer, status, words = /./) {
  assert.ok([status].flat().includes(answer.status), `${answer.status}, wanted ${status}: ${answer.text.slice(0, 300)}`);
  assert.equal(typeof answer.json?.error, 'string', answer.text.slice(0, 300));
  assert.match(JSON.stringify(answer.json), words);
}
async function sample(gateway) {
  const { json } = await ask(gateway, 'GET', '/v1/api/workflows');
  const { json: workflow } = await ask(gateway, 'GET', `/v1/api/workflows/${json.workflows[0].id}`);
  return workflow;
}

test('unknown routes, wrong methods and broken JSON are told apart', async (t) => {
  const gateway = await t.gateway();
  assert_error(await ask(gateway, 'GET', '/v1/api/nothing/here'), 404);
  assert_error(await ask(gateway, 'PUT', '/v1/api/templates', {}), [404, 405]);
  assert_error(await ask(gateway, 'POST', '/v1/api/workflows', '{"name": "x'), 400);
  assert_error(await ask(gateway, 'POST', '/v1/api/workflows', '[]'), 400);
  assert_error(await ask(gateway, 'POST', '/v1/api/workflows', { name: 7 }), 400, /name/);
  assert_error(await ask(gateway, 'POST', '/v1/api/workflows', `{"name": ${'['.repeat(100_000)}`), 400);
  assert_error(await ask(gateway, 'GET', '/v1/api/workflows/no-such-id'), 404);
  const file = await ask(gateway, 'GET', '/no/such/file.js');
  assert.equal(file.status, 404);
  for (const target of ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd']) {
    const answer = await raw(gateway, `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(answer, /root:/);
    assert.match(answer, /^HTTP\/1\.1 4\d\d/);
  }
});

test('a 10 MB body is refused, and the next request is served', async (t) => {
  const gateway = await t.gateway();
  const big = JSON.stringify({ name: 'big', description: 'x'.repeat(10 * 1024 * 1024) });
  const answer = await ask(gateway, 'POST', '/v1/api/workflows', big).catch((error) => ({ status: 0, why: error.cause?.code }));
  assert.ok(answer.status === 413 || answer.status === 400 || ['ECONNRESET', 'EPIPE'].includes(answer.why), `${answer.status} ${answer.why}`);
  assert.equal((await ask(gateway, 'GET', '/v1/api/health')).status, 200);
});

test('a workflow with a cycle, a duplicate id or a dangling edge is refused by name; what was saved stays', async (t) => {
  const gateway = await t.gateway();
  const before = await sample(gateway);
  const put = (change) => {
    const copy = structuredClone({ nodes: before.nodes, edges: before.edges });
    change(copy);
    return ask(gateway, 'PUT', `/v1/api/workflows/${before.id}`, copy);
  };
  const bad = [400, 409, 422];
  assert_error(await put((w) => w.nodes.push({ ...w.nodes[0] })), bad, /ingress-shop/);
  assert_error(await put((w) => w.edges.push({ id: 'ghost', source: 'service-web', target: 'nobody' })), bad, /nobody/);
  assert_error(await put((w) => w.edges.push({ id: 'back', source: 'deployment-storefront', target: 'ingress-shop' })), bad, /cycle|may not|cannot|not allowed|connect/i);
  assert_error(await put((w) => { w.nodes[0].position = { x: 'left', y: 0 }; }), bad, /position/);
  assert_error(await put((w) => { w.nodes[0].type = 'spaceship'; }), bad, /spaceship/);
  assert_error(await put((w) => { w.nodes = 'none'; }), bad, /nodes/);
  const after = await sample(gateway);
  assert.deepEqual(after.nodes, before.nodes);
  assert.deepEqual(after.edges, before.edges);
});

function raw(gateway, bytes) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(gateway.port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setTimeout(15_000, () => socket.destroy());
    socket.on('data', (data) => { answer += data; });
    socket.on('error', (error) => (answer ? resolve(answer) : reject(error)));
    socket.on('close', () => resolve(answer));
  });
}

test('nonsense on the socket does not stop the gateway', async (t) => {
  const gateway = await t.gateway();
  for (const bytes of ['\x00\x01\x02\r\n\r\n', 'GET\r\n\r\n', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${'X: y\r\n'.repeat(20_000)}\r\n`,
                       'POST /v1/api/workflows HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n',
                       'POST /v1/api/workflows HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']) {
    const answer = await raw(gateway, bytes).catch((error) => error.code);
    assert.doesNotMatch(answer, /^HTTP\/1\.1 200/);
  }
  assert.equal((await ask(gateway, 'GET', '/v1/api/health')).status, 200);
});

test('a page of another origin cannot use the API: Host and Origin are checked', async (t) => {
  const gateway = await t.gateway();
  const get = (headers) => raw(gateway, `GET /v1/api/workflows HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
  const post = (headers) => raw(gateway, `POST /v1/api/workflows HTTP/1.1\r\n${headers}Content-Type: text/plain\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{"name":"x"}`);
  assert.match(await get('Host: evil.example\r\n'), /^HTTP\/1\.1 4\d\d/);
  assert.match(await post(`Host: 127.0.0.1:${gateway.port}\r\nOrigin: http://evil.example\r\n`), /^HTTP\/1\.1 403/);
  const read = await get(`Host: 127.0.0.1:${gateway.port}\r\nOrigin: http://evil.example\r\n`);
  assert.doesNotMatch(read, /access-control-allow-origin/i);
  assert.match(await get(`Host: 127.0.0.1:${gateway.port}\r\n`), /^HTTP\/1\.1 200/);
});

test('a port in use: what is wrong and what to do, exit code 1', async (t) => {
  const gateway = await t.gateway();
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-e2e-'));
  t.cleanup(() => fs.rmSync(data, { recursive: true, force: true }));
  const second = await Gateway.run_to_end(['--port', String(gateway.port), '--data-dir', data]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`${gateway.port}`));
  assert.match(second.stderr, /in use|already listens|taken/i);
  assert.match(second.stderr, /--port/);
  assert.equal((await ask(gateway, 'GET', '/v1/api/health')).status, 200);
});

test('an unwritable data directory and bad flags: what is wrong and what to do', async () => {
  const unwritable = await Gateway.run_to_end(['--port', '0', '--data-dir', '/proc/binnacle-cannot-write-here']);
  assert.equal(unwritable.code, 1);
  assert.match(unwritable.stderr, /binnacle-cannot-write-here/);
  assert.match(unwritable.stderr, /--data-dir/);
  for (const args of [['--port', 'many'], ['--port', '70000'], ['--nonsense'], ['--auth', 'maybe'], ['--kubernetes', 'not a url'], ['--port']]) {
    const ended = await Gateway.run_to_end(args);
    assert.equal(ended.code, 2, args.join(' '));
    assert.ok(ended.stderr.length > 10, args.join(' '));
  }
  const help = await Gateway.run_to_end(['--help']);
  assert.equal(help.code, 0);
  for (const flag of ['--port', '--auth', '--kubernetes', '--frame-ancestors', '--data-dir', '--static']) assert.ok(help.stdout.includes(flag), flag);
});

test('the page survives a backend that turns mad', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  const shown = Object.keys((await app.snapshot()).nodes).length;
  await app.page.route('**/v1/api/workflows/**', (route) => route.fulfill({ status: 200, contentType: 'application/json', body: '{"nodes": 7, "edges": {"a"' }));
  await app.click('button', 'Run');
  await app.until(() => [...document.querySelectorAll('#semantics [role=alert]')].length > 0
    || [...document.querySelectorAll('#semantics [data-id]')].some((element) => /not saved|failed|could not|went wrong|unreadable|not understand/i.test(
      `${element.getAttribute('aria-label')} ${element.getAttribute('aria-description')} ${element.textContent}`)));
  await app.page.unroute('**/v1/api/workflows/**');
  assert.equal(Object.keys((await app.snapshot()).nodes).length, shown, 'the workflow is still on the canvas');
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
  assert.deepEqual(app.errors, []);
});
