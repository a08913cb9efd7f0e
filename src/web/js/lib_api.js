// window.binnacle: docs/browser-api.md.
addToLibrary({
  bn_api_start__deps: ['$stringToNewUTF8', '$UTF8ToString', 'free', '$bnLoop'],
  bn_api_start: (self, version) => {
    const take = (pointer) => {
      const text = UTF8ToString(pointer);
      _free(pointer);
      return text;
    };
    const snapshot = () => JSON.parse(take(_bn_api_snapshot(self)));
    const idle = (ms = 200) => new Promise((resolve, reject) => {
      const started = performance.now();
      const check = () => {
        if (ABORT || bnLoop.dead) return reject(new Error('binnacle.idle: the program has ended'));
        const quiet = _bn_api_quiet_ms(self);
        if (quiet >= ms) return resolve();
        if (performance.now() - started > 30000) {
          return reject(new Error(`binnacle.idle: still busy after 30 s (${take(_bn_api_busy_reason(self))})`));
        }
        setTimeout(check, Math.max(1, Math.min(ms - quiet, 250)));
      };
      check();
    });
    const api = {
      version: UTF8ToString(version),
      snapshot,
      idle,
      semantics: (on = true) => _bn_api_semantics(self, on ? 1 : 0),
      diagnostics: () => JSON.parse(take(_bn_api_diagnostics(self))),
    };
    globalThis.__watchStatus = () => JSON.parse(take(_bn_api_watch_status(self)));
    globalThis.binnacle = Object.freeze(Object.assign(globalThis.binnacle || {}, api));
    if (globalThis.binnacleBoot) globalThis.binnacleBoot.diagnostics = api.diagnostics;
  },
});
