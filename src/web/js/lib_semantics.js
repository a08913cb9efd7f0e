// The semantics mirror: records of ui::Semantics as real elements over the canvas. Format of the packed buffer:
// semantics_bridge.cpp. Elements are placed relative to their parent's, so a container that moves takes its children along.
addToLibrary({
  $bnMirror: {
    self: 0,
    layer: null,
    live: null,
    items: null,      // id -> {el, role, text, flags}
    typedAt: 0,       // when a mirrored field last changed: its value is not written back while somebody types

    // By ui::Role. [tag, role attribute, name goes into the text instead of aria-label]
    kinds: [
      ['div', ''], ['button', ''], ['a', 'link'], ['input:checkbox', ''], ['button', 'switch'], ['button', 'radio'], ['button', 'tab'],
      ['input:text', ''], ['input:search', ''], ['input:range', ''], ['button', 'combobox'], ['div', 'option', 1], ['div', 'menu'],
      ['div', 'menuitem', 1], ['div', 'dialog'], ['section', 'region'], ['nav', ''], ['main', ''], ['div', 'toolbar'], ['div', 'tablist'],
      ['div', 'list'], ['div', 'listitem', 1], ['div', 'tree'], ['div', 'treeitem', 1], ['div', 'grid'], ['div', 'row', 1], ['div', 'gridcell', 1],
      ['div', 'log'], ['div', 'status', 1], ['div', 'alert', 1], ['div', 'heading', 1], ['div', '', 1], ['div', 'img'], ['div', 'separator'],
      ['div', 'progressbar'], ['div', 'group'], ['button', 'node'], ['button', 'edge'],
    ],
    create(id, role, flags) {
      const kind = bnMirror.kinds[role] || bnMirror.kinds[0];
      let [tag, type] = kind[0].split(':');
      if (tag === 'input' && flags & 256) tag = 'textarea';
      const el = document.createElement(tag);
      if (tag === 'button') el.type = 'button';
      if (tag === 'input') el.type = flags & 512 ? 'password' : type;
      if (tag === 'input' || tag === 'textarea') el.autocomplete = 'off';
      if (kind[1] === 'node' || kind[1] === 'edge') el.setAttribute('aria-roledescription', kind[1] === 'node' ? 'workflow node' : 'connection');
      else if (kind[1]) el.setAttribute('role', kind[1]);
      if (kind[1] === 'heading') el.setAttribute('aria-level', '2');
      if (['option', 'menuitem', 'treeitem', 'row', 'link'].includes(kind[1])) el.tabIndex = 0;
      if (kind[1] === 'dialog' || kind[1] === 'log') el.tabIndex = -1;
      el.dataset.id = id;
      const item = { el, role, text: null, named: !kind[2], flags: -1 };
      if (kind[2] || (tag === 'button' && role !== 36 && role !== 37)) {
        item.text = document.createTextNode('');
        el.append(item.text);
      }
      bnMirror.items.set(id, item);
      return item;
    },
    attribute(el, name, value) {
      if (value === null) el.removeAttribute(name);
      else if (el.getAttribute(name) !== value) el.setAttribute(name, value);
    },
    // The bits are ui::SemanticFlags.
    setFlags(item, flags) {
      const { el, role } = item, set = bnMirror.attribute;
      item.flags = flags;
      const yes = (bit) => (flags & bit ? 'true' : 'false');
      if ('disabled' in el) el.disabled = !!(flags & 1);
      set(el, 'aria-disabled', flags & 1 ? 'true' : null);
      if (role === 3) el.checked = !!(flags & 8);
      else if (role === 4 || role === 5 || (role === 13 && flags & 8)) set(el, 'aria-checked', yes(8));
      if (role === 6 || role === 11 || role === 23 || role === 25) set(el, 'aria-selected', yes(4));
      else if (flags & 8192) set(el, 'aria-pressed', yes(4));
      else if (role === 36 || role === 37) set(el, 'aria-pressed', yes(4));
      else if (role === 1) set(el, 'aria-current', flags & 4 ? 'true' : null);
      set(el, 'aria-expanded', flags & 16 ? 'true' : flags & 32 ? 'false' : null);
      set(el, 'aria-invalid', flags & 64 ? 'true' : null);
      if (role === 7 || role === 8) {
        el.required = !!(flags & 128);
        el.readOnly = !!(flags & 2048);
      }
      // Announced by the live region, which is there from the start: elements that come with their text often are not.
      set(el, 'aria-live', flags & 1024 || role === 28 || role === 29 ? 'off' : null);
      set(el, 'aria-modal', flags & 4096 ? 'true' : null);
    },
    setText(item, name, value, description) {
      const { el, role } = item, set = bnMirror.attribute;
      if (item.named) set(el, 'aria-label', name || null);
      const shown = item.named ? (role === 10 ? value : name) : value && value !== name ? `${name} ${value}`.trim() : name;
      if (item.text && item.text.data !== shown) item.text.data = shown;
      if ((item.flags & 1024 || role === 28 || role === 29) && shown && item.said !== shown) bnMirror.announce(item.said = shown);
      if (role === 7 || role === 8) {
        const busy = document.activeElement === el && performance.now() - bnMirror.typedAt < 400;
        if (!busy && el.value !== value) el.value = value;
        el.title = el.placeholder = name;  // seen where the mirror is all there is (no WebGL)
      } else if (value && item.named && role !== 10 && role !== 9) {
        set(el, 'aria-valuetext', role === 34 ? value : null);
      }
      // Canvas things say their state in the description too.
      set(el, 'aria-description', description || (role >= 36 ? value : '') || null);
    },
    setNumbers(item, min, max, now) {
      if (item.role === 9) Object.assign(item.el, { min, max, step: 'any', value: now });
      if (item.role === 34 || item.role === 33) {
        for (const [key, number] of [['min', min], ['max', max], ['now', now]]) {
          bnMirror.attribute(item.el, `aria-value${key}`, max > min ? String(number) : null);
        }
      }
    },
    announce(text) {
      const line = document.createElement('p');
      line.textContent = text;
      bnMirror.live.append(line);
      setTimeout(() => line.remove(), 10000);
    },
    act(kind, el, text = '', number = 0) {
      const id = Number(el.dataset.id);
      const pointer = stringToNewUTF8(text);
      _bn_mirror_action(bnMirror.self, kind, id, pointer, number);
      _free(pointer);
    },
    target(event) {
      const el = event.target.closest('[data-id]');
      return el && bnMirror.layer.contains(el) ? el : null;
    },
  },

  // Elements are placed in logical px. As flowing text (text mode) they grow by their font.
  bn_mirror_scale: (scale) => {
    const layer = document.getElementById('semantics');
    layer.style.setProperty('--scale', scale);
  },
  bn_mirror_start__deps: ['$bnMirror', '$stringToNewUTF8', '$UTF8ToString', 'free'],
  bn_mirror_start: (self) => {
    const layer = document.getElementById('semantics');
    Object.assign(bnMirror, { self, layer, live: document.getElementById('announcements'), items: new Map() });
    const on = (type, handler) => layer.addEventListener(type, (e) => {
      const el = bnMirror.target(e);
      if (el) handler(el, e);
    });
    on('click', (el, e) => {  // 0 activate
      const field = el.matches('input:not([type=checkbox]),textarea');
      if (el.type === 'checkbox') e.preventDefault();  // the next record says what it is now
      if (!field && el.getAttribute('aria-disabled') !== 'true') bnMirror.act(0, el);
    });
    on('keydown', (el, e) => {
      const role = el.getAttribute('role');
      // Buttons and fields do it by themselves. (Not by `'type' in el`: links and list items have a type as well.)
      if ((e.key === 'Enter' || e.key === ' ') && !el.matches('button,input,textarea,select') && el.tabIndex === 0 && role) {
        e.preventDefault();
        bnMirror.act(0, el);
      }
    });
    on('input', (el) => {
      bnMirror.typedAt = performance.now();
      if (el.type === 'range') bnMirror.act(3, el, '', Number(el.value));
      else if (el.type !== 'checkbox') bnMirror.act(2, el, el.value);
    });
    on('focusin', (el) => bnMirror.act(1, el));
    on('contextmenu', (el, e) => {
      e.preventDefault();
      bnMirror.act(5, el);
    });
    // The way in by keyboard: from here on everything is mirrored.
    document.getElementById('semantics-entry').addEventListener('focus', () => _bn_mirror_wanted(self));
    layer.addEventListener('focusin', () => _bn_mirror_wanted(self));
  },

  // Records in document order; only those whose "changed" byte is set carry more than id, parent and role.
  bn_mirror_update__deps: ['$bnMirror'],
  bn_mirror_update: (pointer, size) => {
    const view = new DataView(HEAPU8.buffer, pointer, size);
    const { items, layer } = bnMirror;
    let at = 0;
    const u32 = () => { at += 4; return view.getUint32(at - 4, true); };
    const f32 = () => { at += 4; return view.getFloat32(at - 4, true); };
    const text = () => {
      const length = u32();
      const value = UTF8ToString(pointer + at, length);
      at += length + 3 & ~3;
      return value;
    };
    const count = u32();
    const order = [], present = new Set();
    for (let i = 0; i < count; i++) {
      const id = u32(), parentId = u32(), bits = u32();
      const role = bits & 255;
      present.add(id);
      let item = items.get(id);
      if (item && item.role !== role) {
        item.el.remove();
        items.delete(id);
        item = null;
      }
      if (bits >> 8) {
        const flags = u32(), x = f32(), y = f32(), w = f32(), h = f32(), min = f32(), max = f32(), now = f32();
        item ||= bnMirror.create(id, role, flags);
        if (item.flags !== flags) bnMirror.setFlags(item, flags);
        const style = item.el.style;
        style.left = `${x}px`;
        style.top = `${y}px`;
        style.width = `${w}px`;
        style.height = `${h}px`;
        bnMirror.setNumbers(item, min, max, now);
        bnMirror.setText(item, text(), text(), text());
      }
      order.push([item, parentId]);
    }
    for (const [id, item] of items) {
      if (present.has(id)) continue;
      // Children that live on move out first.
      for (const child of item.el.querySelectorAll('[data-id]')) if (present.has(Number(child.dataset.id))) layer.append(child);
      if (item.el.contains(document.activeElement)) document.getElementById('canvas').focus({ preventScroll: true });
      item.el.remove();
      items.delete(id);
    }
    // Each parent's next place; elements move only when they are not there already (moving one would drop its focus).
    const places = new Map();
    for (const [item, parentId] of order) {
      if (!item) continue;
      const parent = (parentId && items.get(parentId) || {}).el || layer;
      if (item.role === 11 && parent.getAttribute('role') === 'list') parent.setAttribute('role', 'listbox');  // what holds options
      const next = places.has(parent) ? places.get(parent) : parent.querySelector(':scope > [data-id]');
      if (next !== item.el) parent.insertBefore(item.el, next);
      let after = item.el.nextElementSibling;
      while (after && !after.dataset.id) after = after.nextElementSibling;
      places.set(parent, after);
    }
  },
});
