// The Resources page in a browser, over a gateway with the cluster in memory: rows appear when somebody else makes objects.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';

const deployment = (name, replicas = 1) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: 'nginx:1.27' }] } } },
});
const kDeployments = '/k8s/apis/apps/v1/namespaces/default/deployments';

async function make(gateway, object) {
  const made = await fetch(gateway.url + kDeployments, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) });
  assert.equal(made.status, 201, await made.text());
}

test('a row appears when another client makes an object, changes with it, and is deleted from here', async (t) => {
  const gateway = await t.gateway({ speed: 10 });
  await make(gateway, deployment('first'));
  const app = await t.app(gateway.url);
  await app.click('button', 'Resources');
  await app.has('row', /^first /);
  await make(gateway, deployment('second', 2));
  await app.has('row', /^second /);
  await app.has('row', /^second 2\/2 ready, namespace default/);

  await app.click('row', /^second /);
  await app.has('region', 'Details of second');
  await app.until(() => /view=resources&.*kind=apis%2Fapps%2Fv1%2Fdeployments&.*object=default%2Fsecond/.test(location.search));
  await app.click('tab', 'YAML');
  await app.has('textbox', 'YAML');
  await app.click('button', 'Delete');
  await app.has('dialog', 'Delete second?');
  await app.has_words(/Deployment second is deleted with its pods/);
  await app.click_in('Delete second?', 'button', 'Delete');
  await app.gone('row', /^second /);
  assert.equal((await fetch(`${gateway.url}${kDeployments}/second`)).status, 404);

  // A link to an object of a custom kind.
  await app.page.goto(`${gateway.url}/?view=resources&kind=apis%2Fdns.networking.miloapis.com%2Fv1alpha1%2Fdnszones&object=default%2Fshop-example`);
  await app.ready();
  await app.has('region', 'Details of shop-example');
  assert.deepEqual(app.errors.filter((each) => !/status of 404/.test(each)), []);
});
