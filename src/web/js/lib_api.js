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

  // binnacle.bench, on the page ?bench=logs only. The time is that of the copies into the program and of all its work.
  bn_bench_start: (self) => {
    const kChunk = 65536;
    const run = (logs) => (bytes) => {
      if (!(bytes instanceof Uint8Array)) throw new TypeError('a Uint8Array of a text/event-stream is needed');
      const started = performance.now();
      const chunk = _bn_bench_begin(self, logs);
      for (let at = 0; at < bytes.length; at += kChunk) {
        const piece = bytes.subarray(at, at + kChunk);
        HEAPU8.set(piece, chunk);  // the heap may have grown and moved: asked for each time
        _bn_bench_feed(self, piece.length);
      }
      const ms = performance.now() - started;
      return { events: _bn_bench_events(self), ms, kept: _bn_bench_kept(self) };
    };
    globalThis.binnacle = Object.freeze({ ...globalThis.binnacle, bench: Object.freeze({ sse: run(0), logs: run(1) }) });
  },
});
