// The sample workflow "Online shop": what the tests know about it.
import assert from 'node:assert/strict';

export const kNodes = ['ingress-shop', 'service-web', 'deployment-storefront', 'deployment-checkout', 'service-catalog-api', 'deployment-catalog',
                       'configmap-shop-config', 'deployment-mailer', 'service-orders', 'secret-db-credentials', 'statefulset-orders-db', 'job-migrate'];
export const kBroken = 'deployment-checkout';
const kGood = ['healthy', 'created', 'Bound'];

// Until every node but the broken one is up. Without `fixed` the broken one must have failed.
export function until_settled(app, { fixed = false, timeout = 60_000 } = {}) {
  return app.until(([broken, good, want_fixed]) => {
    const nodes = Object.entries(globalThis.binnacle.snapshot().nodes);
    return nodes.length > 0 && nodes.every(([id, state]) => (id === broken && !want_fixed ? state === 'error' : good.includes(state)));
  }, [kBroken, kGood, fixed], { timeout });
}

export async function run_and_settle(app, options) {
  await app.click('button', 'Run');
  await until_settled(app, options);
}

// The states came in the order of a rollout, with something seen before the last.
export function assert_rollout(states, id, { last = 'healthy' } = {}) {
  const seen = (states[id] || []).filter((state) => state !== '');
  assert.equal(seen.at(-1), last, `${id} went ${seen.join(' > ')}`);
  const order = ['pending', 'running', 'partial', 'healthy'];
  const first_healthy = seen.indexOf('healthy');
  const before = first_healthy < 0 ? seen : seen.slice(0, first_healthy);
  assert.ok(before.length > 0, `${id} was ${seen.join(' > ')} from the start: no transition was seen`);
  const ranks = before.filter((state) => order.includes(state)).map((state) => order.indexOf(state));
  assert.deepEqual(ranks, [...ranks].sort((a, b) => a - b), `${id} went ${seen.join(' > ')}`);
}

export async function fix_image(app) {
  await app.click('node', 'checkout');
  await app.until(() => globalThis.binnacle.snapshot().selection.join() === 'deployment-checkout');
  await app.type('textbox', 'Image', 'registry.local/checkout:3.1');
}
