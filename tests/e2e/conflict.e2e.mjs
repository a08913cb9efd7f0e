// Two tabs of one profile over one gateway: an edit in one shows in the other; two at once meet in the dialog.
import assert from 'node:assert/strict';
import { test } from './support/test.mjs';

async function two_tabs(t) {
  const gateway = await t.gateway();
  const first = await t.app(gateway.url);
  const second = await t.app(gateway.url, { context: first.page.context() });
  return [first, second, gateway];
}

async function set_image(app, text) {
  await app.page.bringToFront();
  await app.click('node', 'storefront');
  await app.click('textbox', 'Image');
  await app.page.keyboard.press('Control+a');
  await app.page.keyboard.type(text);
  await app.idle();
}

async function stored_image(app) {
  return app.page.evaluate(async () => {
    const list = await (await fetch('/v1/api/workflows')).json();
    const document = await (await fetch(`/v1/api/workflows/${list.workflows[0].id}`)).json();
    return document.nodes.find((node) => node.data.name === 'storefront').data.image;
  });
}

async function conflict(t) {
  const [first, second] = await two_tabs(t);
  // Without a network neither can save, so both have edits when it comes back.
  const context = first.page.context();
  for (const app of [first, second]) await app.whole();
  await context.setOffline(true);
  await set_image(second, 'theirs:1');
  await set_image(first, 'mine:1');
  await context.setOffline(false);
  // Whoever saves second is asked; which of the two that is, the clock decides.
  const title = 'This workflow was changed elsewhere';
  const asked = await Promise.any([first, second].map((app) => app.has('dialog', title).then(() => app)));
  await asked.page.bringToFront();
  return asked === first ? [first, second, 'mine:1', 'theirs:1'] : [second, first, 'theirs:1', 'mine:1'];
}

test('an edit in one tab shows in the other [X5]', async (t) => {
  const [first, second] = await two_tabs(t);
  await set_image(first, 'registry.local/edited:7');
  await first.has('status', 'Saved');
  await second.page.bringToFront();
  await second.click('node', 'storefront');
  await second.until(() => [...document.querySelectorAll('#semantics input')].some((each) => each.value === 'registry.local/edited:7'));
  await first.assert_clean();
});

test('both tabs edit: keep mine [A5]', async (t) => {
  const [asked, , mine] = await conflict(t);
  await asked.press('button', 'Keep mine');
  await asked.has('status', 'Saved');
  assert.equal(await stored_image(asked), mine);
});

test('both tabs edit: take theirs, and undo brings mine back [A5]', async (t) => {
  const [asked, , mine, theirs] = await conflict(t);
  await asked.press('button', 'Take theirs');
  await asked.has('status', 'Saved');
  assert.equal(await stored_image(asked), theirs);
  await asked.press('button', 'Undo');
  await asked.until_value('textbox', 'Image', mine);
  await asked.until(async (image) => {
    const list = await (await fetch('/v1/api/workflows')).json();
    const document = await (await fetch(`/v1/api/workflows/${list.workflows[0].id}`)).json();
    return document.nodes.find((node) => node.data.name === 'storefront').data.image === image;
  }, mine);
});

test('both tabs edit: save mine as a copy [A5]', async (t) => {
  const [asked, , , theirs] = await conflict(t);
  await asked.press('button', 'Save mine as a copy');
  await asked.has('button', /my copy/);
  assert.equal(await stored_image(asked), theirs);
});

test('leaving with unsaved edits asks, leaving with none does not [A4]', async (t) => {
  const gateway = await t.gateway();
  const app = await t.app(gateway.url);
  const asked = [];
  app.page.on('dialog', async (dialog) => {
    asked.push(dialog.type());
    await dialog.accept();
  });
  await app.page.reload();
  await app.ready();
  await app.workflow_ready();
  assert.deepEqual(asked, []);
  // Saves are on their way for ever: what is edited stays unsaved however slow this machine is.
  await app.page.route(/\/workflows\/[^/]+$/, (route) => (route.request().method() === 'PUT' ? null : route.continue()));
  await app.click('node', 'storefront');
  await app.type('textbox', 'Image', 'unsaved:1');
  await app.page.reload();
  assert.deepEqual(asked, ['beforeunload']);
});
