// A gateway in front of another Kubernetes API (here: another gateway's /k8s).
import assert from 'node:assert/strict';
import { run_and_settle } from './support/shop.mjs';
import { test } from './support/test.mjs';

const kDeployments = '/k8s/apis/apps/v1/namespaces/default/deployments';

async function patch(cluster, name, body) {
  const response = await fetch(`${cluster.url}${kDeployments}/${name}`, { method: 'PATCH', body: JSON.stringify(body),
                                                                         headers: { 'Content-Type': 'application/merge-patch+json' } });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

test('--kubernetes: Run deploys there, and what others do there shows here live', async (t) => {
  const cluster = await t.gateway();
  const gateway = await t.gateway({ kubernetes: `${cluster.url}/k8s` });
  const app = await t.app(gateway.url);
  await run_and_settle(app);
  const listed = await (await fetch(cluster.url + kDeployments)).json();
  assert.deepEqual(listed.items.map((item) => item.metadata.name).sort(), ['catalog', 'checkout', 'mailer', 'storefront']);

  await patch(cluster, 'storefront', { spec: { replicas: 5 } });
  await app.has_words(/^Deployment storefront, healthy, 5 of 5 ready/);
  await patch(cluster, 'storefront', { spec: { replicas: 1 } });
  await app.has_words(/^Deployment storefront, healthy, 1 of 1 ready/);
  await patch(cluster, 'checkout', { spec: { template: { spec: { containers: [{ name: 'checkout', image: 'registry.local/checkout:3.1' }] } } } });
  await app.until_node('deployment-checkout', 'healthy');
  const gone = await fetch(`${cluster.url}${kDeployments}/mailer`, { method: 'DELETE' });
  assert.equal(gone.status, 200);
  await app.until(() => globalThis.binnacle.snapshot().nodes['deployment-mailer'] !== 'healthy');

  assert.equal((await fetch(`${gateway.url}/k8s/version`)).status, 404, '/k8s is not mounted with --kubernetes');
  await app.assert_clean();
});

test('--kubernetes: a cluster that is not there is said so; when it comes, Run works', async (t) => {
  const cluster = await t.gateway();
  const gateway = await t.gateway({ kubernetes: `${cluster.url}/k8s` });
  const app = await t.app(gateway.url);
  await cluster.kill();
  await app.click('button', 'Run');
  await app.has_words(/cluster|Kubernetes|connect|answer|reach/i);
  await app.until(() => [...document.querySelectorAll('#semantics [role=alert]')].length > 0
    || [...document.querySelectorAll('#semantics [data-id]')].some((element) => /failed|does not answer|not reach|cannot|refused/i.test(element.getAttribute('aria-label') || element.textContent)));
  await cluster.start_again();
  await app.until(() => [...document.querySelectorAll('#semantics button')].some((button) => button.getAttribute('aria-label') === 'Run' && !button.disabled)
    || [...document.querySelectorAll('#semantics button')].some((button) => button.textContent === 'Run' && !button.disabled));
  await app.click('button', 'Run');
  await app.until_node('deployment-storefront', 'healthy', { timeout: 60_000 });
});
