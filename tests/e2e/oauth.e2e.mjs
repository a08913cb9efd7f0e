// Sign-in by a provider: an OpenID Connect issuer and a GitHub Enterprise server, both small and on sockets of their own.
import assert from 'node:assert/strict';
import { Issuer } from './support/issuer.mjs';
import { test } from './support/test.mjs';

const kSecrets = /code=|tab=|s3cret|an e2e secret|id_token|eyJ/;

async function console_with_issuer(t) {
  const issuer = await Issuer.start();
  t.cleanup(() => issuer.dispose());
  const gateway = await t.gateway({ args: [...issuer.flags(), '--log-requests'] });
  const app = await t.app(gateway.url, { ready: false });
  await app.has('button', 'Sign in with GitHub');
  return { issuer, gateway, app };
}

// From the sign-in page to the provider's, and by that link back.
async function go_by(app, provider, link = 'Continue') {
  await app.click('button', `Sign in with ${provider}`);
  await app.page.getByRole('link', { name: link }).click();
  await app.page.waitForURL((url) => url.hostname === '127.0.0.1' && !url.pathname.startsWith('/auth/'));
  await app.ready();
}

const kept = (app) => app.page.evaluate(() => JSON.stringify(Object.entries(sessionStorage)));

test('a person signs in by an issuer; no address keeps a code; the profile shows the provider and no password form', async (t) => {
  const { gateway, app } = await console_with_issuer(t);
  const shown = [];
  app.page.on('framenavigated', (frame) => { if (frame === app.page.mainFrame()) shown.push(frame.url()); });
  await go_by(app, 'Company SSO');
  await app.workflow_ready();
  assert.doesNotMatch(app.page.url(), kSecrets, 'the address is clean');
  assert.equal(new URL(app.page.url()).pathname, '/');
  assert.equal(await kept(app), '[]', 'nothing of the sign-in stays in this tab');
  assert.doesNotMatch(gateway.output, kSecrets, 'the access log has paths only');

  // Every entry of the history: back once is the provider, and no entry on our side has a code.
  const session = await app.page.context().newCDPSession(app.page);
  const { entries } = await session.send('Page.getNavigationHistory');
  const ours = entries.map((entry) => entry.url).filter((url) => url.startsWith(gateway.url));
  assert.ok(ours.length > 0);
  for (const url of ours) assert.doesNotMatch(url, kSecrets);
  assert.ok(!ours.some((url) => url.includes('/auth/')), `the callback page is no entry: ${ours}`);

  await app.click('button', 'User menu');
  await app.click('menuitem', 'Profile');
  await app.has('heading', 'Ann Archer');
  await app.has_words(/Company SSO/);
  await app.has_words(/no password to change/);
  assert.equal(await app.page.getByLabel('Current password').count(), 0);

  await app.page.reload();
  await app.ready();
  await app.has('heading', 'Ann Archer');
  assert.deepEqual(app.errors, []);
});

test('GitHub lets somebody in too, back to where they were', async (t) => {
  const { gateway, app, issuer } = await console_with_issuer(t);
  issuer.person.email = 'octo@example.org';
  await app.open(`${gateway.url}/?view=settings`, { quiet: false });
  await app.has('button', 'Sign in with GitHub');
  await go_by(app, 'GitHub');
  await app.until(() => globalThis.binnacle.snapshot().session === 'signed_in');
  assert.equal(new URL(app.page.url()).search, '?view=settings');
  await app.has('main', 'Settings');
  assert.deepEqual(app.errors, []);
});

test('a refusal, an unverified address and an account with a password come back in words', async (t) => {
  const { app, issuer } = await console_with_issuer(t);
  await go_by(app, 'GitHub', 'Cancel');
  await app.has_words(/cancelled at GitHub/);
  issuer.person.verified = false;
  await go_by(app, 'Company SSO');
  await app.has_words(/not verified at Company SSO/);
  assert.equal((await app.snapshot()).session, 'signed_out');
  assert.doesNotMatch(app.page.url(), /error=/);
  assert.deepEqual(app.errors, []);
});

test('a link with somebody else\'s code signs nobody in', async (t) => {
  const { gateway, app } = await console_with_issuer(t);
  await app.page.goto(`${gateway.url}/auth/callback?code=${'x'.repeat(43)}`);
  await app.page.waitForURL((url) => url.pathname === '/');
  await app.ready();
  await app.has_words(/another tab or browser/);
  assert.ok(!app.requests.includes('POST /v1/api/auth/oauth/exchange'), 'the code was not even sent');
  assert.equal((await app.snapshot()).session, 'signed_out');
});

test('a memo that leads elsewhere leads to the console', async (t) => {
  const { gateway, app } = await console_with_issuer(t);
  for (const wish of ['//evil.example/', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)', '\t//evil.example', '/auth/callback', 7, null]) {
    await app.page.evaluate((to) => sessionStorage.setItem('binnacle-oauth', JSON.stringify({ tab: 'x', title: 'X', return: to })), wish);
    await app.page.goto(`${gateway.url}/auth/callback?error=denied`);
    await app.until(() => location.pathname === '/' || location.hostname !== '127.0.0.1');
    assert.equal(new URL(app.page.url()).origin, gateway.url, `${wish}`);
    await app.ready();
  }
});

test('a person with a password sees the form, changes it, and signs in with the new one', async (t) => {
  const { app } = await console_with_issuer(t);
  await app.click('link', 'Create an account');
  await app.type('textbox', 'Name', 'Ada');
  await app.type('textbox', 'Email', 'ann@example.org');
  await type_password(app, 'Password', 'first password');
  await app.click('button', 'Create account');
  await app.workflow_ready();
  await app.click('button', 'User menu');
  await app.click('menuitem', 'Profile');
  await app.has('heading', 'Ada');
  await type_password(app, 'Current password', 'wrong password');
  await type_password(app, 'New password', 'second password');
  await type_password(app, 'Repeat new password', 'second password');
  await app.click('button', 'Change password');
  await app.has_words(/current password is not right/i);
  await type_password(app, 'Current password', 'first password');
  await app.click('button', 'Change password');
  await app.has_words(/Password changed/);
  await app.page.reload();
  await app.ready();
  await app.until(() => globalThis.binnacle.snapshot().session === 'signed_in');
  await app.click('button', 'User menu');
  await app.click('menuitem', /^Log out/);
  await app.has('button', 'Sign in');
  // The same address by a provider: nobody takes the account over.
  await go_by(app, 'Company SSO');
  await app.has_words(/sign in with the password/i);
  await app.type('textbox', 'Email', 'ann@example.org');
  await type_password(app, 'Password', 'second password');
  await app.click('button', 'Sign in');
  await app.until(() => globalThis.binnacle.snapshot().session === 'signed_in');
  assert.deepEqual(app.errors.filter((each) => !/\b403\b/.test(each)), []);
});

async function type_password(app, label, text) {
  await app.click('password', label);
  await app.until(() => document.activeElement?.id === 'text-input');
  await app.key('Control+A');
  await app.page.keyboard.type(text);
}
