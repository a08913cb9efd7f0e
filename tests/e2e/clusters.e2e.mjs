// Clusters from the first click to the error: the second cluster is another gateway's /k8s.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';

const kNodes = [{ id: 'web', type: 'deployment', position: { x: 40, y: 40 }, data: { name: 'web', image: 'nginx:1.27', replicas: 1 } }];
const kDeployment = '/k8s/apis/apps/v1/namespaces/default/deployments/web';
const json = (body) => ({ method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

// Through the mirror, as assistive technology does.
async function fill(app, fields) {
  for (const [role, name, text] of fields) {
    await app.get(role, name).first().fill(text);
    await app.until_value(role, name, text);
  }
}

test('a bad cluster is refused with the reason, a good one is added, made default, run on and deleted', async (t) => {
  const far = await t.gateway();
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('button', 'Clusters');
  await app.has('button', 'demo');

  await app.click('button', 'Add cluster');
  await app.has('dialog', 'Add cluster');
  await app.click('tab', 'Token');
  await fill(app, [['textbox', 'API server', 'http://127.0.0.1:9'], ['password', 'Token', 'any-token'], ['textbox', 'Name', 'far']]);
  await app.key('Enter');
  await app.has_words(/does not answer: cannot connect to http:\/\/127\.0\.0\.1:9/);
  assert.equal(await app.count('button', 'far'), 0);

  await fill(app, [['textbox', 'API server', `${far.url}/k8s`]]);
  await app.key('Enter');
  await app.gone('dialog', 'Add cluster');
  await app.has('region', 'Details of far');
  await app.has('progressbar', 'CPU');
  const listed = await (await fetch(`${gateway.url}/v1/api/clusters`)).text();
  assert.ok(listed.includes(`${far.url}/k8s`));
  assert.doesNotMatch(listed, /any-token/, 'credentials do not come back');
  assert.doesNotMatch(await app.page.evaluate(() => JSON.stringify(Object.entries(localStorage))), /any-token/);

  await app.click('button', 'Make default');
  await app.gone('button', 'Make default');
  await app.until(() => JSON.parse(localStorage.getItem('binnacle-cluster') ?? '{}').state?.selectedCluster === 'far');

  // A new workflow goes there.
  const made = await (await fetch(`${gateway.url}/v1/api/workflows`, { ...json({ name: 'There' }), method: 'POST' })).json();
  const document_of = async () => (await fetch(`${gateway.url}/v1/api/workflows/${made.id}`)).json();
  assert.equal((await document_of()).cluster_id, 'far');
  await fetch(`${gateway.url}/v1/api/workflows/${made.id}`, json({ nodes: kNodes, edges: [] }));
  await fetch(`${gateway.url}/v1/api/workflows/${made.id}/status`, json({ status: 'published' }));
  await app.page.goto(`${gateway.url}/?workflow=${made.id}`);
  await app.ready();
  await app.workflow_ready();
  await app.has_words(/^Cluster far: /);
  await app.click('button', 'Run');
  await app.until_node('web', 'healthy', { timeout: 60_000 });
  assert.equal((await fetch(far.url + kDeployment)).status, 200, 'it runs there');
  assert.equal((await fetch(gateway.url + kDeployment)).status, 404, 'and not here');

  await app.click('button', 'Clusters');
  await app.has('region', 'Details of far');
  await app.has('progressbar', 'CPU');  // what has been read stands, nothing moves any more
  await app.click('button', 'Delete this cluster');
  await app.click('button', 'Delete cluster');
  await app.has_words(/1 workflow has objects in this cluster/);
  await app.click('button', 'Delete all the same');
  await app.gone('button', 'far');
  assert.equal((await fetch(far.url + kDeployment)).status, 200, 'what runs goes on running');
  assert.deepEqual(app.errors.filter((each) => !/status of (503|409)/.test(each)), []);
});

const kubeconfig = (server) => `apiVersion: v1
kind: Config
current-context: kind-far
clusters:
- {name: far, cluster: {server: "${server}"}}
contexts:
- {name: kind-far, context: {cluster: far, user: ada}}
- {name: cloud, context: {cluster: far, user: robot}}
users:
- {name: ada, user: {token: secret-of-ada}}
- {name: robot, user: {exec: {command: aws}}}
`;

test('a cluster is added by a pasted kubeconfig: by mouse', async (t) => {
  const far = await t.gateway();
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('button', 'Clusters');
  await app.has('button', 'demo');
  await app.click('button', 'Add cluster');
  await app.has('dialog', 'Add cluster');
  await app.click('textbox', 'Kubeconfig');
  await app.until(() => document.activeElement?.id === 'text-input');
  await app.page.keyboard.insertText(kubeconfig(`${far.url}/k8s`));
  await app.until_value('textbox', 'Name', 'kind-far');
  await app.click('combobox', 'Context');
  await app.click('option', new RegExp('^cloud '));
  await app.has_words(/signs in by running "aws"/);
  await app.click('combobox', 'Context');
  await app.click('option', new RegExp('^kind-far '));
  await app.type('textbox', 'Name', 'far');
  await app.click_in('Add cluster', 'button', 'Add cluster');
  await app.gone('dialog', 'Add cluster');
  await app.has('region', 'Details of far');
  assert.doesNotMatch(await (await fetch(`${gateway.url}/v1/api/clusters`)).text(), /secret-of-ada/);
  await app.assert_clean();
});

test('a cluster is added by a pasted kubeconfig: by the keyboard alone', async (t) => {
  const far = await t.gateway();
  const gateway = await t.gateway();
  const context = await t.context({ permissions: ['clipboard-read', 'clipboard-write'] });
  const app = await t.app(gateway.url, { context });
  await app.page.locator('#canvas').focus();
  await app.burst(['Control+K', ...'addcluster']);
  await app.has('option', /^Add cluster/);
  await app.key('Enter');
  await app.has('dialog', 'Add cluster');
  await app.until(() => document.activeElement?.id === 'text-input');  // it opens in the first field
  await app.page.evaluate((text) => navigator.clipboard.writeText(text), kubeconfig(`${far.url}/k8s`));
  await app.key('Control+V');
  await app.until_value('textbox', 'Name', 'kind-far');
  await app.key('Control+Enter');
  await app.gone('dialog', 'Add cluster');
  await app.has('region', 'Details of kind-far');
  await app.assert_clean();
}, { alone: true });  // the browser has one clipboard

test('in the dialog, the first click after a change of tab meets its field', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  await app.click('button', 'Clusters');
  await app.has('button', 'demo');
  await app.click('button', 'Add cluster');
  await app.has('dialog', 'Add cluster');
  for (const [tab, field, text] of [['Token', 'API server', 'https://one'], ['Certificate', 'Client key', 'key'], ['Kubeconfig', 'Kubeconfig', 'kind: x'], ['Token', 'Name', 'two']]) {
    await app.click('tab', tab);
    await app.type('textbox', field, text);
  }
  assert.deepEqual(app.errors.filter((each) => !/status of 400/.test(each)), []);  // what was typed is no kubeconfig
});

test('a cluster that goes away is told, and comes back by itself', async (t) => {
  const far = await t.gateway();
  const gateway = await t.gateway();
  const added = await fetch(`${gateway.url}/v1/api/clusters`, { ...json({ name: 'far', authType: 'token', server: `${far.url}/k8s`, credentials: { token: 't' } }), method: 'POST' });
  assert.equal(added.status, 201, await added.text());
  const app = await t.app(gateway.url);
  await app.click('button', 'Clusters');
  await app.click('button', 'far');
  await app.has('region', 'Details of far');
  await far.kill();
  await app.click('button', 'Test connection');
  await app.has_words(/does not answer/);
  await far.start_again();
  await app.click('button', 'Test connection');
  await app.has_words(/^Test passed in \d+ ms/);
  assert.deepEqual(app.errors.filter((each) => !/status of 503/.test(each)), []);
});

test('in the tab a cluster that needs more than a token says what to do instead', async (t) => {
  const site = await t.static_site();
  const app = await t.app(site.url);
  await app.click('button', 'Clusters');
  await app.has('button', 'demo cluster');
  await app.click('button', 'Add cluster');
  await app.press('tab', 'Token');
  await app.has('textbox', 'API server');
  await fill(app, [['textbox', 'API server', 'https://127.0.0.1:9'], ['password', 'Token', 'any-token'],
    ['textbox', 'Certificate authority', '-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----'], ['textbox', 'Name', 'far']]);
  await app.get('button', 'Add cluster').last().focus();
  await app.key('Enter');
  await app.has_words(/cannot bring its own certificate authority.*gateway/);
});
