// Accounts under --auth builtin: the forms filled in as a person does.
export const kUser = { name: 'Ada', email: 'ada@example.org', password: 'correct horse 7' };

export async function fill_in(app, { name, email, password }) {
  if (name) await app.type('textbox', 'Name', name);
  await app.type('textbox', 'Email', email);
  await app.click('password', 'Password');
  await app.until(() => document.activeElement?.id === 'text-input');
  await app.key('Control+A');
  await app.page.keyboard.type(password);
}

export async function register(app, user = kUser) {
  await app.click('link', 'Create an account');
  await fill_in(app, user);
  await app.click('button', 'Create account');
  await app.workflow_ready();
}
