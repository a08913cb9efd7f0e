// A small OpenID Connect issuer, and a GitHub Enterprise server beside it: strict about redirects, PKCE and codes, signs by RS256.
// Its people agree by a click on "Continue", or refuse by "Cancel".
//
//   const issuer = await Issuer.start();
//   const gateway = await t.gateway({ args: issuer.flags() });
//   issuer.person.email = 'bob@example.org';
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export class Issuer {
  static async start() {
    const issuer = new Issuer();
    // By name, where the gateway goes by number: for the browser they are different sites.
    await new Promise((resolve) => issuer.server.listen(0, resolve));
    issuer.origin = `http://localhost:${issuer.server.address().port}`;
    return issuer;
  }

  constructor() {
    this.client = { id: 'binnacle', secret: 'an e2e secret' };
    this.person = { subject: 'ann-1', email: 'ann@example.org', name: 'Ann Archer', verified: true };
    this.grants = new Map();
    this.pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-issuer-'));
    this.secret_file = path.join(this.folder, 'secret');
    fs.writeFileSync(this.secret_file, `${this.client.secret}\n`, { mode: 0o600 });
    this.server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (data) => { body += data; });
      request.on('end', () => this.answer(request, new URLSearchParams(body), response));
    });
  }

  // For a gateway that offers both.
  flags() {
    return ['--auth', 'builtin', '--oauth-github-id', this.client.id, '--oauth-github-secret-file', this.secret_file, '--oauth-github-url', this.origin,
            '--oauth-oidc', `name=sso,title=Company SSO,icon=authentik,issuer=${this.origin}/o/,client-id=${this.client.id},secret-file=${this.secret_file}`];
  }

  async dispose() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  answer(request, form, response) {
    const url = new URL(request.url, this.origin);
    const json = (status, value) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    const github = url.pathname.startsWith('/login/') || url.pathname.startsWith('/api/');
    switch (url.pathname) {
      case '/o/.well-known/openid-configuration':
        return json(200, { issuer: `${this.origin}/o/`, authorization_endpoint: `${this.origin}/authorize`, token_endpoint: `${this.origin}/token`,
                           userinfo_endpoint: `${this.origin}/userinfo`, jwks_uri: `${this.origin}/keys`, authorization_response_iss_parameter_supported: true });
      case '/keys':
        return json(200, { keys: [{ ...this.pair.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] });
      case '/authorize':
      case '/login/oauth/authorize':
        return this.ask(url, github, response);
      case '/token':
      case '/login/oauth/access_token':
        return this.trade(request, form, github, json);
      case '/api/v3/user':
        return json(200, { id: 4711, login: 'ann', name: this.person.name, avatar_url: '' });
      case '/api/v3/user/emails':
        return json(200, [{ email: this.person.email, primary: true, verified: this.person.verified }]);
      default:
        return json(404, { error: 'not_found' });
    }
  }

  ask(url, github, response) {
    const query = url.searchParams;
    const back = query.get('redirect_uri') || '';
    const sound = query.get('response_type') === 'code' && query.get('client_id') === this.client.id && query.get('code_challenge_method') === 'S256'
      && new RegExp(`^http://127\\.0\\.0\\.1:\\d+/v1/api/auth/oauth/${github ? 'github' : 'sso'}/callback$`).test(back);
    response.writeHead(sound ? 200 : 400, { 'Content-Type': 'text/html' });
    if (!sound) return response.end('<h1>invalid request</h1>');
    const code = randomBytes(16).toString('hex');
    this.grants.set(code, { back, challenge: query.get('code_challenge'), nonce: query.get('nonce') });
    const link = (answers) => {
      const target = new URL(back);
      for (const [name, value] of Object.entries({ ...answers, state: query.get('state') })) target.searchParams.set(name, value);
      if (!github) target.searchParams.set('iss', `${this.origin}/o/`);
      return target.href.replaceAll('&', '&amp;');
    };
    response.end(`<!doctype html><link rel="icon" href="data:,"><title>The provider</title><h1>Sign in</h1><a href="${link({ code })}">Continue</a> <a href="${link({ error: 'access_denied' })}">Cancel</a>`);
  }

  trade(request, form, github, json) {
    const basic = `Basic ${Buffer.from(`${encodeURIComponent(this.client.id)}:${encodeURIComponent(this.client.secret)}`).toString('base64')}`;
    const known = github ? form.get('client_id') === this.client.id && form.get('client_secret') === this.client.secret : request.headers.authorization === basic;
    const grant = this.grants.get(form.get('code'));
    this.grants.delete(form.get('code'));
    const challenge = createHash('sha256').update(form.get('code_verifier') || '').digest('base64url');
    if (!known || !grant || grant.back !== form.get('redirect_uri') || grant.challenge !== challenge) return json(github ? 200 : 400, { error: 'invalid_grant' });
    if (github) return json(200, { access_token: 'gh-token', token_type: 'bearer' });
    const now = Math.floor(Date.now() / 1000);
    const text = `${encode({ alg: 'RS256', kid: 'k1' })}.${encode({
      iss: `${this.origin}/o/`, aud: this.client.id, sub: this.person.subject, nonce: grant.nonce, iat: now, exp: now + 300,
      email: this.person.email, email_verified: this.person.verified, name: this.person.name })}`;
    return json(200, { access_token: 'sso-token', token_type: 'Bearer', id_token: `${text}.${createSign('RSA-SHA256').update(text).sign(this.pair.privateKey, 'base64url')}` });
  }
}
