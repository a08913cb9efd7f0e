// --auth builtin: register, log in, log out.
import assert from 'node:assert/strict';
import { fill_in, kUser, register } from './support/account.mjs';
import { test } from './support/test.mjs';

const storage = (app) => app.page.evaluate(() => JSON.stringify(Object.entries(localStorage)) + JSON.stringify(Object.entries(sessionStorage)));
const kToken = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

test('register, log out, a wrong password, log in, reload', async (t) => {
  const gateway = await t.gateway({ args: ['--auth', 'builtin'] });
  const app = await t.app(gateway.url, { ready: false });
  await app.has('button', 'Sign in');
  assert.equal((await app.snapshot()).session, 'signed_out');
  assert.deepEqual((await app.snapshot()).nodes, {}, 'nothing is shown before the login');
  await register(app);
  assert.match(await storage(app), kToken, 'the session is kept for a reload');

  await app.page.reload();
  await app.ready();
  await app.workflow_ready();

  await app.until(() => location.search !== '');  // it says which workflow is open
  await app.click('button', 'User menu');
  await app.click('menuitem', /^Log out/);
  await app.has('button', 'Sign in');
  await app.until(() => location.search === '');  // nothing of who has left
  await app.idle();
  assert.doesNotMatch(await storage(app), kToken, 'no token is left after the log-out');
  assert.doesNotMatch(await storage(app), /correct horse/);
  assert.deepEqual((await app.snapshot()).nodes, {});

  await fill_in(app, { email: kUser.email, password: 'wrong password' });
  await app.key('Enter');
  await app.has_words(/password.*(wrong|not right|incorrect)|(wrong|incorrect|invalid).*(password|credentials)/i);
  assert.equal((await app.snapshot()).session, 'signed_out');
  await fill_in(app, kUser.name ? { email: kUser.email, password: kUser.password } : kUser);
  await app.key('Enter');
  await app.workflow_ready();
  assert.deepEqual(app.errors.filter((each) => !/\b401\b/.test(each)), []);
});

test('the log-in form says what is missing before it sends anything', async (t) => {
  const gateway = await t.gateway({ args: ['--auth', 'builtin'] });
  const app = await t.app(gateway.url, { ready: false });
  await app.has('button', 'Sign in');
  await app.click('button', 'Sign in');
  await app.has_words(/enter your email/i);
  await app.has_words(/enter your password/i);
  assert.ok(!app.requests.includes('POST /v1/api/auth/login'), 'nothing was sent');
});

test('tokens and passwords are in no address, console line or diagnostics', async (t) => {
  const gateway = await t.gateway({ args: ['--auth', 'builtin', '--log-requests'] });
  const app = await t.app(gateway.url, { ready: false });
  const addresses = [];
  app.page.on('request', (request) => addresses.push(request.url()));
  await app.has('button', 'Sign in');
  await register(app);
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy');
  const diagnostics = await app.page.evaluate(() => JSON.stringify(globalThis.binnacle.diagnostics()));
  for (const text of [addresses.join('\n'), app.console.join('\n'), diagnostics, gateway.output]) {
    assert.doesNotMatch(text, kToken);
    assert.doesNotMatch(text, /correct horse/);
  }
});

test('/v1/api and /k8s want a token under builtin', async (t) => {
  const gateway = await t.gateway({ args: ['--auth', 'builtin'] });
  for (const target of ['/v1/api/workflows', '/v1/api/profile', '/v1/api/resources', '/k8s/api/v1/pods', '/k8s/version']) {
    const response = await fetch(gateway.url + target);
    assert.equal(response.status, 401, target);
    assert.match(response.headers.get('content-type'), /json/, target);
    await response.body?.cancel();
  }
});
