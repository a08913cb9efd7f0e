// Where a sign-in by a provider comes back to (docs/hub.md, "Sign-in by a provider"): takes the one-time code out of the address
// before anything else is asked for, hands it to the console through this tab's sessionStorage, and goes there. No entry with a code
// stays in the history: it is replaced twice.
'use strict';
(() => {
  const answer = new URLSearchParams(location.search);
  history.replaceState(null, '', location.pathname);
  const root = new URL('../', document.currentScript.src);

  // An address of this site or its root: the memo may be anybody's by now.
  function safe(address) {
    try {
      const url = new URL(String(address || ''), root);
      // The console is one page: what differs is the query.
      return url.origin === root.origin && url.pathname === root.pathname && !url.username ? url : root;
    } catch {
      return root;
    }
  }

  let goal = root;
  try {
    const memo = JSON.parse(sessionStorage.getItem('binnacle-oauth') || 'null') || {};
    const code = (answer.get('code') || '').slice(0, 200);
    let error = (answer.get('error') || '').slice(0, 40);
    if (!error && !code) error = 'provider_error';
    if (!error && !memo.tab) error = 'wrong_browser';  // a code that nobody in this tab has asked for
    sessionStorage.setItem('binnacle-oauth-return', JSON.stringify(error ? { error } : { code }));
    goal = safe(memo.return);
  } catch {
    document.getElementById('words').textContent = 'This browser keeps no data for this page, which signing in by a provider needs. Allow it, or sign in with a password.';
    return;
  }
  location.replace(goal.href);
})();
