// The page before the program: loading screen with the bytes that have arrived, the error screen, fonts, start of the wasm.
// What the program needs of it is `binnacleBoot` (src/web/js/lib_page.js).
'use strict';
(() => {
  const script = document.getElementById('boot');
  const byId = (id) => document.getElementById(id);
  const files = { js: script.dataset.js, wasm: script.dataset.wasm, parts: JSON.parse(script.dataset.parts || '{}'), fonts: JSON.parse(script.dataset.fonts || '{}') };
  const log = [];       // the last lines of the console, for diagnostics
  let failed = false;

  // An address decides before the first paint; else the stored choice; else the system.
  const wanted = new URLSearchParams(location.search).get('theme') || storedTheme();
  if (wanted === 'dark' || wanted === 'light') document.documentElement.dataset.theme = wanted;

  function storedTheme() {
    try {
      return JSON.parse(localStorage.getItem('binnacle-ui')).state.theme;
    } catch {
      return '';
    }
  }

  const boot = globalThis.binnacleBoot = {
    assets: {},
    diagnostics: null,
    early: [],           // functions of other parts that were called before they were there: "part slot"
    ready() {
      byId('loading').hidden = true;
      compilePart('later').catch(() => {});  // downloaded at once, because the network may go; loadLaterPart() says what went wrong
      if (globalThis.requestIdleCallback) requestIdleCallback(loadLaterPart, { timeout: 2000 });
      else setTimeout(loadLaterPart, kLaterMs);
    },
    notice(text) {
      const element = byId('notice');
      element.textContent = text;
      element.hidden = false;
    },
    fail,
    loadPart,
    hasPart: (part) => !files.parts[part] || linked.has(part),
  };

  function note(line) {
    log.push(String(line).slice(0, 500));
    if (log.length > 50) log.shift();
  }

  function fail(title, text, details) {
    if (failed) return;
    failed = true;
    note(`${title}: ${details || text}`);
    byId('loading').hidden = true;
    byId('failure-title').textContent = title;
    byId('failure-text').textContent = text;
    byId('failure-details').textContent = details || '';
    byId('failure-details').hidden = !details;
    byId('failure').hidden = false;
    byId('failure-reload').focus();
  }

  function diagnosticsText() {
    let state = null;
    try {
      state = boot.diagnostics && boot.diagnostics();
    } catch (error) {
      note(`diagnostics: ${error}`);
    }
    return JSON.stringify({ page: location.pathname, agent: navigator.userAgent, failure: byId('failure-title').textContent,
                            details: byId('failure-details').textContent, log, state }, null, 2);
  }

  async function copyDiagnostics() {
    const text = diagnosticsText();
    try {
      await navigator.clipboard.writeText(text);
      byId('failure-copy').textContent = 'Copied';
    } catch {  // not allowed (an iframe, plain http): show it to be copied by hand
      byId('failure-details').textContent = text;
      byId('failure-details').hidden = false;
      getSelection().selectAllChildren(byId('failure-details'));
    }
  }

  byId('failure-reload').addEventListener('click', () => location.reload());
  byId('failure-copy').addEventListener('click', copyDiagnostics);
  addEventListener('error', (event) => {
    if (!event.message || event.message.startsWith('ResizeObserver loop')) return;  // a resource (its loader tells), or nothing
    if (event.filename && !event.filename.startsWith(location.origin)) return note(event.message);  // somebody else's script
    fail('Binnacle has stopped', 'Something went wrong in the program. Your cluster is not affected. Reload to go on; if it happens again, copy the diagnostics into a bug report.',
         `${event.message}\n${event.error && event.error.stack || ''}`);
  });
  addEventListener('unhandledrejection', (event) => {
    note(`unhandled rejection: ${event.reason && event.reason.stack || event.reason}`);
  });

  // ---- progress: every byte that arrives, of the wasm and the fonts; `total` counts what is compressed on the way as it unpacks.
  let received = 0, total = 0;
  function progress() {
    const known = total > received;
    const bar = byId('loading-bar');
    if (known) bar.value = 100 * received / total;
    const mega = (bytes) => (bytes / 1e6).toFixed(1);
    byId('loading-text').textContent = known ? `${mega(received)} of ${mega(total)} MB` : `${mega(received)} MB`;
  }

  // A response that counts its bytes while somebody else reads it.
  function counted(response) {
    const plain = !response.headers.get('content-encoding');
    const size = plain ? Number(response.headers.get('content-length')) || 0 : 0;
    total += size;
    if (!response.body || typeof TransformStream === 'undefined') return response;
    const counter = new TransformStream({
      transform(chunk, controller) {
        received += chunk.length;
        progress();
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(counter), { status: response.status, statusText: response.statusText, headers: response.headers });
  }

  async function download(url) {
    const response = await fetch(url, { credentials: 'same-origin' });
    if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
    return counted(response);
  }

  async function loadFont(name, url) {
    const bytes = await (await download(url)).arrayBuffer();
    boot.assets[name] = bytes;
    // The page's own texts and the IME's preview use the same faces.
    const face = { 'inter-400': ['Inter', '400'], 'inter-600': ['Inter', '600'], 'mono-400': ['JetBrains Mono', '400'] }[name];
    if (face && typeof FontFace !== 'undefined') document.fonts.add(new FontFace(face[0], bytes, { weight: face[1] }));
  }

  // What the program asks before anything else, asked while it is on its way: which backends there are, and whether the first one answers.
  // What has not come by then it asks itself (src/web/backend.cpp).
  async function askAhead() {
    const ask = async (url) => (await fetch(url, { credentials: 'same-origin', headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(3000) }));
    const config = await ask('config.json');
    if (!config.ok) return;
    const bytes = await config.arrayBuffer();
    boot.assets['config.json'] = bytes;
    const usable = JSON.parse(new TextDecoder().decode(bytes)).backends.filter((each) => each.kind === 'kubeorch' && each.url.startsWith('/'));
    const wanted = new URLSearchParams(location.search).get('backend');
    const first = wanted ? usable.find((each) => each.name === wanted) : usable.find((each) => each.default) || usable[0];
    if (!first) return;
    const path = `${first.url.replace(/\/+$/, '')}/health`;
    const health = await ask(path);
    boot.assets[path] = health.ok ? await health.arrayBuffer() : new TextEncoder().encode('{}').buffer;  // an answer, but no health
  }

  async function compile(url) {
    const response = await download(url);
    const type = response.headers.get('content-type') || '';
    if (WebAssembly.compileStreaming && type.startsWith('application/wasm')) return WebAssembly.compileStreaming(response);
    return WebAssembly.compile(await response.arrayBuffer());
  }

  // ---- the program's other parts (cmake/split_wasm.mjs): `cluster`, hub and cluster, loaded when no backend answers, and `later`, what the
  // first screen does without, loaded when that stands. Linking a part fills the shared table; until then its functions are placeholders,
  // named by their slot.
  const kLaterMs = 300;       // after the first screen, where the browser does not tell when it is idle
  let program = null;         // { imports, exports } of the main part
  const linked = new Set();
  const modules = new Map();    // part: compiled, not yet linked
  const compiling = new Map();  // part: promise

  async function instantiate(imports) {
    for (const part of Object.keys(files.parts)) {
      imports[`placeholder.${part}`] = new Proxy({}, { get: (_, slot) => (...words) => callDeferred(part, Number(slot), words) });
    }
    const module = await compile(files.wasm);
    const instance = await WebAssembly.instantiate(module, imports);
    program = { imports, exports: instance.exports };
    return { module, instance };
  }

  const partImports = () => ({ ...program.imports, primary: program.exports });

  function compilePart(part) {
    if (!files.parts[part] || modules.has(part)) return Promise.resolve();
    if (!compiling.has(part)) {
      compiling.set(part, compile(files.parts[part]).then((module) => { modules.set(part, module); }).finally(() => compiling.delete(part)));
    }
    return compiling.get(part);
  }

  function link(part) {
    if (linked.has(part)) return;
    new WebAssembly.Instance(modules.get(part), partImports());
    linked.add(part);
  }

  async function loadPart(part) {
    if (boot.hasPart(part)) return;
    await compilePart(part);
    link(part);
  }

  function loadLaterPart() {
    loadPart('later').catch((error) => note(`later part: ${error}`));  // then when it is called
  }

  // A function of a part was called although nobody had asked for it: right, only slower.
  function callDeferred(part, slot, words) {
    if (!linked.has(part)) {
      boot.early.push(`${part} ${slot}`);
      if (!modules.has(part)) modules.set(part, compileNow(files.parts[part]));
      link(part);
    }
    const table = Object.values(program.exports).find((value) => value instanceof WebAssembly.Table);
    return table.get(slot)(...words);
  }

  function compileNow(url) {
    const request = new XMLHttpRequest();
    request.open('GET', url, false);
    request.overrideMimeType('text/plain; charset=x-user-defined');  // a synchronous request gives text only
    request.send();
    if (request.status !== 200) throw new Error(`${url}: HTTP ${request.status}`);
    return new WebAssembly.Module(Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 255));
  }

  function loadScript(url) {
    return new Promise((resolve, reject) => {
      const element = document.createElement('script');
      element.src = url;
      element.onload = resolve;
      element.onerror = () => reject(new Error(`${url} could not be loaded`));
      document.head.append(element);
    });
  }

  // SIMD and bulk memory, as the program uses them: (module (func (drop (i32x4.splat (i32.const 0)))))
  const kSimdProbe = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 17, 26, 11]);

  // Asked for in the settings of the visit before. Another tab may still hold the database open: then it stays, and nothing waits.
  async function deleteDocuments() {
    try {
      if (!sessionStorage.getItem('binnacle-delete-documents')) return;
      sessionStorage.removeItem('binnacle-delete-documents');
      await new Promise((resolve) => {
        const request = indexedDB.deleteDatabase('binnacle');
        request.onsuccess = request.onerror = request.onblocked = resolve;
      });
    } catch {
      // No storage: nothing to delete.
    }
  }

  async function start() {
    if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(kSimdProbe)) {
      return fail('This browser cannot run Binnacle', 'It lacks WebAssembly with SIMD, or it is switched off. Chrome 91, Firefox 89, Safari 16.4 and later have it. '
        + 'On Windows and iOS, a lockdown or "enhanced security" mode switches it off.');
    }
    // The browser's graphics start while the program is on its way; it takes this context, with the attributes of src/web/renderer.cpp.
    byId('canvas').getContext('webgl2', { alpha: false, depth: false, stencil: false, antialias: false });
    askAhead().catch((error) => note(`asked ahead: ${error}`));
    const fonts = Promise.all(Object.entries(files.fonts).map(([name, url]) => loadFont(name, url)));
    try {
      await Promise.all([loadScript(files.js), fonts, deleteDocuments()]);
      await createBinnacle({
        instantiateWasm(imports, done) {
          instantiate(imports).then(({ instance, module }) => done(instance, module), (error) => fail('Binnacle could not be loaded',
            'The program did not arrive completely. Check the connection and reload.', String(error)));
          return {};
        },
        print: note,
        printErr(line) {
          note(line);
          console.error(line);
        },
        onAbort(what) {
          fail('Binnacle has stopped', 'The program ended with an error. Your cluster is not affected. Reload to go on.', String(what));
        },
      });
    } catch (error) {
      fail('Binnacle could not be loaded', 'A part of the page did not arrive. Check the connection and reload.', String(error && error.stack || error));
    }
  }
  start();
})();
