// The page around the canvas: address, storage, media queries, size, visibility, fonts, theme colour, title.
addToLibrary({
  $bnPage: {
    self: 0,
    canvas: null,
    observer: null,
    // What auth/callback.js left: read once, gone at once.
    signInAnswer() {
      try {
        const answer = JSON.parse(sessionStorage.getItem('binnacle-oauth-return') || 'null');
        if (!answer) return null;
        const memo = JSON.parse(sessionStorage.getItem('binnacle-oauth') || 'null') || {};
        sessionStorage.removeItem('binnacle-oauth-return');
        sessionStorage.removeItem('binnacle-oauth');
        return { ...answer, tab: memo.tab, title: memo.title };
      } catch {
        return null;
      }
    },
    // Which of the media queries hold: 1 dark, 2 reduced motion, 4 coarse pointer.
    queries: null,
    media() {
      return bnPage.queries.reduce((bits, query, i) => bits | (query.matches ? 1 << i : 0), 0);
    },
    // Gives a file's bytes to the program: as many as it takes, and one more, so that it can say that it is too large.
    async giveFile(file, dropped) {
      const bytes = new Uint8Array(await file.slice(0, 1024 * 1024 + 1).arrayBuffer());
      const name = stringToNewUTF8(file.name);
      const data = _malloc(bytes.length || 1);
      HEAPU8.set(bytes, data);
      _bn_page_file(bnPage.self, name, data, bytes.length, dropped ? 1 : 0);
      _free(data);
      _free(name);
    },
    size(entry) {
      const dpr = devicePixelRatio || 1;
      const box = entry && entry.devicePixelContentBoxSize && entry.devicePixelContentBoxSize[0];
      const rect = bnPage.canvas.getBoundingClientRect();
      let width = Math.round(rect.width * dpr), height = Math.round(rect.height * dpr);
      // The box knows which way the browser rounded. Further off it is not of this ratio (DevTools' device mode leaves it as it was).
      if (box && Math.abs(box.inlineSize - width) <= 1 && Math.abs(box.blockSize - height) <= 1) [width, height] = [box.inlineSize, box.blockSize];
      _bn_page_resize(bnPage.self, width, height, dpr);
    },
    // A change of the pixel ratio alone (window dragged to another screen) resizes nothing: each ratio needs a query of its own.
    watchRatio() {
      matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', () => {
        bnPage.size(null);
        bnPage.watchRatio();
      }, { once: true });
    },
  },

  bn_page_load_cluster: (self) => {
    globalThis.binnacleBoot.loadPart('cluster').then(() => _bn_page_cluster(self, 1), (error) => {
      err(`cluster: ${error}`);
      _bn_page_cluster(self, 0);
    });
  },

  bn_page_start__deps: ['$bnPage', '$stringToNewUTF8', 'malloc', 'free'],
  bn_page_start: (self) => {
    bnPage.self = self;
    const canvas = bnPage.canvas = document.getElementById('canvas');
    bnPage.queries = ['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)', '(pointer: coarse)'].map((q) => matchMedia(q));
    for (const query of bnPage.queries) query.addEventListener('change', () => _bn_page_media(self, bnPage.media()));
    _bn_page_media(self, bnPage.media());

    document.addEventListener('visibilitychange', () => _bn_page_visible(self, document.hidden ? 0 : 1));
    addEventListener('pagehide', () => _bn_page_hide(self));
    // Asks only while something is unsaved.
    addEventListener('beforeunload', (e) => { if (_bn_page_unsaved(self)) e.preventDefault(); });
    addEventListener('popstate', () => {
      const query = stringToNewUTF8(location.search);
      _bn_page_pop(self, query);
      _free(query);
    });
    addEventListener('pageshow', (e) => {
      if (!e.persisted) return;
      _bn_page_show(self);
      _bn_page_visible(self, 1);
    });
    document.addEventListener('freeze', () => _bn_page_freeze(self));
    // Another tab has written (never fires in the one that did). No key: everything was cleared.
    addEventListener('storage', (e) => {
      if (e.storageArea !== localStorage) return;
      const key = stringToNewUTF8(e.key === null ? '' : e.key);
      _bn_page_storage(self, key);
      _free(key);
    });
    addEventListener('online', () => _bn_page_online(self));
    // A file that is dropped is for us; without this the browser would leave the page to show it.
    addEventListener('dragover', (e) => { if (e.dataTransfer.types.includes('Files')) e.preventDefault(); });
    addEventListener('drop', (e) => {
      if (!e.dataTransfer.files.length) return;
      e.preventDefault();
      bnPage.giveFile(e.dataTransfer.files[0], true);
    });
    _bn_page_visible(self, document.hidden ? 0 : 1);

    const observer = bnPage.observer = new ResizeObserver((entries) => bnPage.size(entries[entries.length - 1]));
    try {
      observer.observe(canvas, { box: 'device-pixel-content-box' });
    } catch {  // Safari
      observer.observe(canvas);
    }
    bnPage.watchRatio();
    bnPage.size(null);
    new IntersectionObserver((entries) => {
      _bn_page_onscreen(self, entries[entries.length - 1].isIntersecting ? 1 : 0);
    }).observe(canvas);

    canvas.addEventListener('webglcontextlost', (e) => {
      e.preventDefault();  // else the browser never restores it
      _bn_page_context(self, 0);
    });
    canvas.addEventListener('webglcontextrestored', () => _bn_page_context(self, 1));
  },

  // JSON: {"query", "base", "mac", "webdriver", "embedded", "secure"}. The caller frees it.
  bn_page_info__deps: ['$stringToNewUTF8', '$bnPage'],
  bn_page_info: () => stringToNewUTF8(JSON.stringify({
    query: location.search,
    base: new URL('.', location.href).pathname,
    origin: location.origin,
    mac: /Mac|iPhone|iPad/.test(navigator.platform),
    webdriver: !!navigator.webdriver,
    embedded: window.parent !== window,
    agent: navigator.userAgent,
    oauth: bnPage.signInAnswer(),
  })),
  // A file that boot.js has fetched ahead ("font-ui", "sample", ...); 0 when it has not. The caller frees *data.
  bn_page_asset__deps: ['malloc'],
  bn_page_asset: (name, sizePointer) => {
    const assets = globalThis.binnacleBoot && globalThis.binnacleBoot.assets;
    const buffer = assets && assets[UTF8ToString(name)];
    if (!buffer || !buffer.byteLength) return 0;
    const pointer = _malloc(buffer.byteLength);
    HEAPU8.set(new Uint8Array(buffer), pointer);
    {{{ makeSetValue('sizePointer', 0, 'buffer.byteLength', 'u32') }}};
    delete assets[UTF8ToString(name)];
    return pointer;
  },
  bn_page_version__deps: ['$stringToNewUTF8'],
  bn_page_version: () => stringToNewUTF8(document.documentElement.dataset.version || 'dev'),
  // The loading screen may go: a frame has been drawn.
  bn_page_ready: () => { if (globalThis.binnacleBoot) globalThis.binnacleBoot.ready(); },
  bn_page_fatal: (title, text) => { if (globalThis.binnacleBoot) globalThis.binnacleBoot.fail(UTF8ToString(title), UTF8ToString(text)); },
  bn_page_notice: (text) => { if (globalThis.binnacleBoot) globalThis.binnacleBoot.notice(UTF8ToString(text)); },
  bn_page_title: (title) => { document.title = UTF8ToString(title); },
  bn_page_open: (url) => { window.open(UTF8ToString(url), '_blank', 'noopener,noreferrer'); },
  bn_page_choose_file__deps: ['$bnPage'],
  bn_page_choose_file: (accept) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = UTF8ToString(accept);
    input.addEventListener('change', () => { if (input.files.length) bnPage.giveFile(input.files[0], false); });
    input.click();
  },
  bn_page_save: (name, mime, text) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([UTF8ToString(text)], { type: UTF8ToString(mime) }));
    link.download = UTF8ToString(name);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  },
  bn_page_reload: () => location.reload(),
  bn_page_use_backend: (name) => {
    const query = new URLSearchParams(location.search);
    query.set('backend', UTF8ToString(name));
    for (const part of ['workflow', 'select']) query.delete(part);  // of the other backend
    location.search = query;
  },
  bn_page_delete_documents: () => {
    try {
      sessionStorage.setItem('binnacle-delete-documents', '1');
    } catch {}
  },
  bn_page_sign_in: (url, memo, embedded) => {
    if (embedded) {
      const own = new URL(location.href);
      own.searchParams.delete('embed');
      window.open(own.href, '_blank', 'noopener,noreferrer');
      return 1;
    }
    try {
      sessionStorage.setItem('binnacle-oauth', JSON.stringify({ ...JSON.parse(UTF8ToString(memo)), return: location.pathname + location.search + location.hash }));
    } catch {
      return 0;
    }
    location.assign(UTF8ToString(url));
    return 1;
  },
  // A sandboxed frame may be refused; the address then stays as it was.
  bn_page_address: (query, step) => {
    const text = UTF8ToString(query);
    try {
      history[step ? 'pushState' : 'replaceState'](null, '', location.pathname + (text ? `?${text}` : '') + location.hash);
    } catch {}
  },
  bn_page_theme: (rgb, dark) => {
    const color = `#${(rgb >>> 0).toString(16).padStart(6, '0')}`;
    const root = document.documentElement;
    root.style.backgroundColor = color;
    root.dataset.theme = dark ? 'dark' : 'light';
    const meta = document.querySelector('meta[name=theme-color]');
    if (meta) meta.content = color;
  },
  bn_page_canvas_size: (width, height) => {
    const canvas = document.getElementById('canvas');
    canvas.width = width;
    canvas.height = height;
  },
  // The views are shown as real elements instead of the canvas: there is no WebGL.
  bn_page_text_mode: (on) => { document.getElementById('stage').classList.toggle('text-mode', !!on); },

  // localStorage. Every access may throw (blocked in third-party frames, full, disabled): -1 denied, -2 full.
  bn_storage_get__deps: ['$stringToNewUTF8'],
  bn_storage_get: (key) => {
    try {
      const value = localStorage.getItem(UTF8ToString(key));
      return value === null ? 0 : stringToNewUTF8(value);
    } catch {
      return -1;
    }
  },
  bn_storage_set: (key, value) => {
    try {
      localStorage.setItem(UTF8ToString(key), UTF8ToString(value));
      return 0;
    } catch (error) {
      return error && error.name === 'QuotaExceededError' ? -2 : -1;
    }
  },
  bn_storage_remove: (key) => {
    try {
      localStorage.removeItem(UTF8ToString(key));
      return 0;
    } catch {
      return -1;
    }
  },
  // All keys, one a line (ours never hold a line end); -1 when denied.
  bn_storage_keys__deps: ['$stringToNewUTF8'],
  bn_storage_keys: () => {
    try {
      return stringToNewUTF8(Object.keys(localStorage).join('\n'));
    } catch {
      return -1;
    }
  },
});
