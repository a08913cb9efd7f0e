// What a first visit does until the later part of the program has arrived: the first screens and the first steps on them. These are recorded
// into cmake/first_visit.txt (cmake/record_first_visit.mjs) and checked by first_visit.e2e.mjs.
//
//   for (const visit of first_visits) await visit.run(t, { before: (page) => ..., after: (app) => ... });
//
// `before` runs before the page's scripts, `after` when the steps on that page are done; nothing else happens there afterwards.
import { App } from './app.mjs';
import { kUser, register } from './account.mjs';

async function open(t, url, hooks, context = null) {
  const app = await App.create(context || await t.context());
  t.apps.push(app);
  await hooks.before(app.page);
  await app.open(url, { quiet: false });
  return app;
}

async function look_around(app) {
  const { width, height } = app.page.viewportSize();
  await app.page.mouse.move(width / 2, height / 2, { steps: 5 });
  await app.page.mouse.wheel(0, 120);
  await app.page.mouse.wheel(0, -120);
  await app.idle(20);
}

// The page goes and comes back, as when tabs are switched, and goes for good.
async function leave(app, hooks) {
  await app.page.evaluate(() => {
    for (const hidden of [true, false]) {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }));
  });
  await hooks.after(app);
}

export const first_visits = [
  { name: 'with a gateway: look around, select a node, come back', async run(t, hooks) {
    const gateway = await t.gateway();
    const context = await t.context();
    const app = await open(t, gateway.url, hooks, context);
    await app.workflow_ready();
    await look_around(app);
    await app.click('node', 'storefront');
    await app.until(() => globalThis.binnacle.snapshot().selection.join() === 'deployment-storefront');
    await app.idle(20);
    await hooks.after(app);
    await app.page.close();
    const again = await open(t, gateway.url, hooks, context);
    await again.workflow_ready();
    await leave(again, hooks);
  } },
  { name: 'on a small light screen', async run(t, hooks) {
    const gateway = await t.gateway();
    const app = await open(t, gateway.url, hooks, await t.context({ viewport: { width: 480, height: 800 }, colorScheme: 'light' }));
    await app.workflow_ready();
    await look_around(app);
    await leave(app, hooks);
  } },
  { name: 'embedded in a page', async run(t, hooks) {
    const gateway = await t.gateway();
    const app = await open(t, `${gateway.url}/?embed=1`, hooks);
    await app.workflow_ready();
    await leave(app, hooks);
  } },
  { name: 'with accounts: the first screen asks who it is', async run(t, hooks) {
    const gateway = await t.gateway({ args: ['--auth', 'builtin'] });
    const app = await open(t, gateway.url, hooks);
    await register(app, kUser);
    await leave(app, hooks);
  } },
  { name: 'without a backend, in two tabs', async run(t, hooks) {
    const site = await t.static_site();
    const context = await t.context();
    const tabs = [];
    for (let tab = 0; tab < 2; ++tab) {
      const app = await open(t, site.url, hooks, context);
      await app.workflow_ready();
      await app.click('node', 'storefront');
      await app.until(() => globalThis.binnacle.snapshot().selection.join() === 'deployment-storefront');
      tabs.push(app);
    }
    for (const app of tabs) await hooks.after(app);
  } },
];
