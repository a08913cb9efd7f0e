// What is typed of credentials without a backend: between two tabs, and in the browser's database.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';

const kToken = 'token-that-nobody-else-may-read';

// Everything that crosses the hub's channel, as another page of the origin would overhear it, and everything that the databases hold. In both,
// bytes that are no text become text letter by letter.
function overhear() {
  globalThis.overheard = '';
  globalThis.letters = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  new BroadcastChannel('binnacle-hub').onmessage = ({ data }) => { globalThis.overheard += `${globalThis.letters(data)}\n`; };
}

async function stored(app) {
  return app.page.evaluate(async () => {
    const all = [];
    for (const { name, version } of await indexedDB.databases()) {
      const db = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name, version);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const table of db.objectStoreNames) {
        const store = db.transaction(table).objectStore(table);
        const read = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
        const [keys, values] = await Promise.all([read(store.getAllKeys()), read(store.getAll())]);
        keys.forEach((key, i) => all.push(`${name} ${key} ${values[i].box ? globalThis.letters(values[i].box) : values[i].json}`));
      }
      db.close();
    }
    return all.join('\n');
  });
}

async function add_cluster(app, name) {
  await app.click('button', 'Clusters');
  await app.has('button', 'demo cluster');
  await app.click('button', 'Add cluster');
  await app.press('tab', 'Token');
  await app.has('textbox', 'API server');
  for (const [role, label, text] of [['textbox', 'API server', 'http://127.0.0.1:9'], ['password', 'Token', kToken], ['textbox', 'Name', name]]) {
    await app.get(role, label).first().fill(text);
    await app.until_value(role, label, text);
  }
  await app.key('Enter');
  await app.press('link', 'Keep it all the same');
  await app.gone('dialog', 'Add cluster');
  await app.has('button', name);
}

test('a token typed in one tab reaches the hub in another, and can be read neither on the way nor in the database', async (t) => {
  const site = await t.static_site();
  const context = await t.context();
  await context.addInitScript(overhear);
  const owner = await t.app(site.url, { context });
  await owner.until(() => globalThis.binnacle.snapshot().hub === 'owner');
  const follower = await t.app(site.url, { context });
  assert.equal((await follower.snapshot()).hub, 'follower');
  await add_cluster(follower, 'far');

  const crossed = await owner.page.evaluate(() => globalThis.overheard);
  assert.ok(crossed.includes('bns1'), 'messages crossed, sealed');
  assert.ok(!crossed.includes(kToken), 'the token crossed in the clear');
  assert.doesNotMatch(crossed, /\/clusters/, 'not even the address of a request');
  const database = await stored(owner);
  assert.match(database, /binnacle cluster_credentials,far bns1/, 'its credentials are stored sealed');
  assert.ok(!database.includes(kToken), 'the token is stored in the clear');

  // The next owner opens what this one has sealed.
  await owner.page.close({ runBeforeUnload: true });
  await follower.until(() => globalThis.binnacle.snapshot().hub === 'owner');
  await follower.page.reload();
  await follower.ready();
  await follower.click('button', 'Clusters');
  await follower.has('button', 'far');
  assert.deepEqual(follower.console.filter((line) => line.includes('cannot be opened')), []);
});

test('credentials that a former version stored in the clear are sealed at the next visit', async (t) => {
  const site = await t.static_site();
  const context = await t.context();
  await context.addInitScript(overhear);
  const app = await t.app(site.url, { context });
  await add_cluster(app, 'far');
  const stored_before = await app.page.evaluate((token) => new Promise((resolve, reject) => {
    const request = indexedDB.open('binnacle', 1);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const transaction = request.result.transaction('documents', 'readwrite');
      const json = JSON.stringify({ server: 'http://127.0.0.1:9', token });
      transaction.objectStore('documents').put({ revision: 5, json }, ['cluster_credentials', 'far']);
      transaction.oncomplete = () => {
        request.result.close();
        resolve(json);
      };
    };
  }), kToken);
  assert.ok((await stored(app)).includes(stored_before));
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  await app.click('button', 'Clusters');
  await app.has('button', 'far');
  assert.ok(!(await stored(app)).includes(kToken));
  assert.match(await stored(app), /cluster_credentials,far bns1/);
});
