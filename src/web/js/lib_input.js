// Input: DOM events of the stage (canvas, hidden text area, semantics layer) to the exported bn_input_* functions.
// Listeners sit on the stage and what is in it, never on window, so keys that Binnacle does not own stay the browser's.
// What each answer means is in input.hpp.
addToLibrary({
  $bnInput: {
    self: 0,
    stage: null,
    canvas: null,
    text: null,
    layer: null,
    composing: false,
    silentKey: false,   // the last keydown was 229: an on-screen keyboard that reports edits only by beforeinput
    wantsText: false,
    touches: null,      // pointerId -> {x, y}
    pinch: null,        // {distance, x, y}
    gestureScale: 1,
    pendingCopy: null,

    mods(e) {
      return (e.ctrlKey ? 1 : 0) | (e.shiftKey ? 2 : 0) | (e.altKey ? 4 : 0) | (e.metaKey ? 8 : 0) |
             (e.getModifierState && e.getModifierState('AltGraph') ? 16 : 0);
    },
    // Where a key event came from: 0 canvas, 1 our text area, 2 a mirrored control, 3 a mirrored text field.
    place(target) {
      if (target === bnInput.text) return 1;
      if (bnInput.layer.contains(target)) return target.matches('input:not([type=checkbox]),textarea') ? 3 : 2;
      return 0;
    },
    withString(text, call) {
      const pointer = stringToNewUTF8(text);
      try { return call(pointer); } finally { _free(pointer); }
    },
    sendText(text) {
      if (text) bnInput.withString(text, (p) => _bn_input_text(bnInput.self, p));
    },
    key(down, e) {
      const kp = stringToNewUTF8(e.key || ''), cp = stringToNewUTF8(e.code || '');
      const answer = _bn_input_key(bnInput.self, down ? 1 : 0, kp, cp, bnInput.mods(e), e.repeat ? 1 : 0, bnInput.place(e.target));
      _free(kp);
      _free(cp);
      return answer;
    },
    inject(key) {
      const p = stringToNewUTF8(key);
      for (const down of [1, 0]) _bn_input_key(bnInput.self, down, p, p, 0, 0, 1);
      _free(p);
    },
    // On-screen keyboards need something to delete; a real keyboard's events do not.
    resetText() {
      const text = bnInput.text;
      text.value = bnInput.silentKey ? '\u200b' : '';
      if (bnInput.silentKey) text.setSelectionRange(1, 1);
    },
    focusCanvas() {
      bnInput.canvas.focus({ preventScroll: true });
    },
    // The keyboard follows the application: the text area while it edits text, else the canvas. A mirrored control that has the
    // focus keeps it.
    follow() {
      const active = document.activeElement;
      if (bnInput.wantsText) {
        // While a finger is down touchend does it: only there does the on-screen keyboard open.
        if (active === bnInput.canvas && !bnInput.touches.size) {
          bnInput.resetText();
          bnInput.text.focus({ preventScroll: true });
        }
      } else if (active === bnInput.text) {
        bnInput.focusCanvas();
      }
    },

    pointer(kind, e) {
      _bn_input_pointer(bnInput.self, kind, e.clientX, e.clientY, e.button, e.pointerType === 'touch' ? 1 : e.pointerType === 'pen' ? 2 : 0,
                        bnInput.mods(e));
    },
    pair() {
      const [a, b] = [...bnInput.touches.values()];
      return { distance: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    },
    onPointerDown(e) {
      window.focus();
      if (!bnInput.wantsText || document.activeElement !== bnInput.text) bnInput.focusCanvas();
      e.preventDefault();
      try { bnInput.canvas.setPointerCapture(e.pointerId); } catch { /* a synthetic pointer */ }
      if (e.pointerType === 'touch') {
        bnInput.touches.set(e.pointerId, { x: e.clientX, y: e.clientY });
        if (bnInput.touches.size === 2) {
          bnInput.pinch = bnInput.pair();
          _bn_input_pointer(bnInput.self, 3, 0, 0, 0, 1, 0);  // the press of the first finger was not a click
          return;
        }
        if (bnInput.touches.size > 2 || bnInput.pinch) return;
      }
      bnInput.pointer(1, e);
    },
    onPointerMove(e) {
      if (e.pointerType === 'touch') {
        if (!bnInput.touches.has(e.pointerId)) return;
        bnInput.touches.set(e.pointerId, { x: e.clientX, y: e.clientY });
        if (bnInput.pinch) {
          if (bnInput.touches.size !== 2) return;
          const now = bnInput.pair(), before = bnInput.pinch;
          bnInput.pinch = now;
          _bn_input_pinch(bnInput.self, now.x, now.y, now.distance / before.distance, now.x - before.x, now.y - before.y);
          return;
        }
      }
      bnInput.pointer(0, e);
    },
    onPointerUp(e) {
      const cancelled = e.type === 'pointercancel';
      if (e.pointerType === 'touch') {
        if (!bnInput.touches.delete(e.pointerId)) return;
        if (bnInput.pinch) {
          if (bnInput.touches.size === 0) bnInput.pinch = null;
          return;
        }
      }
      bnInput.pointer(cancelled ? 3 : 2, e);
    },
    // The on-screen keyboard opens only for a focus() within the touch's own event: draw now, so that we know whether text is wanted.
    onTouchEnd() {
      if (_bn_input_settle(bnInput.self)) {
        bnInput.silentKey = true;
        bnInput.resetText();
        bnInput.text.focus({ preventScroll: true });
      }
    },
    onWheel(e) {
      e.preventDefault();
      const unit = e.deltaMode === 1 ? 1 / 3 : e.deltaMode === 2 ? 1 : 1 / 100;  // to notches
      _bn_input_wheel(bnInput.self, e.clientX, e.clientY, -e.deltaX * unit, -e.deltaY * unit, bnInput.mods(e));
    },
    onGesture(e) {  // Safari's trackpad pinch
      e.preventDefault();
      if (e.type === 'gesturechange') {
        _bn_input_pinch(bnInput.self, e.clientX, e.clientY, e.scale / bnInput.gestureScale, 0, 0);
      }
      bnInput.gestureScale = e.type === 'gestureend' ? 1 : e.scale;
    },
    onContextMenu(e) {
      e.preventDefault();
      if (e.pointerType === 'touch') _bn_input_long_press(bnInput.self, e.clientX, e.clientY);
    },
    onKeyDown(e) {
      if (e.isComposing || e.keyCode === 229) {
        bnInput.silentKey = e.keyCode === 229 && !e.isComposing;
        return;
      }
      bnInput.silentKey = false;
      if (bnInput.key(true, e) & 1) e.preventDefault();
    },
    onBeforeInput(e) {
      if (bnInput.composing || !bnInput.silentKey) return;
      const key = { deleteContentBackward: 'Backspace', deleteContentForward: 'Delete', insertLineBreak: 'Enter', insertParagraph: 'Enter' }[e.inputType];
      if (!key) return;
      e.preventDefault();
      bnInput.inject(key);
    },
    onTextInput() {
      if (bnInput.composing) return;
      bnInput.sendText(bnInput.text.value.replaceAll('\u200b', ''));
      bnInput.resetText();
    },
    onCopy(e) {
      if (bnInput.pendingCopy !== null) {  // our own execCommand('copy')
        e.clipboardData.setData('text/plain', bnInput.pendingCopy);
        e.preventDefault();
        return;
      }
      if (bnInput.place(e.target) === 3) return;
      const pointer = _bn_input_copy(bnInput.self);
      if (!pointer) return;
      e.clipboardData.setData('text/plain', UTF8ToString(pointer));
      e.preventDefault();
    },
    onPaste(e) {
      if (bnInput.place(e.target) === 3) return;
      e.preventDefault();
      bnInput.withString(e.clipboardData.getData('text/plain'), (p) => _bn_input_paste(bnInput.self, p));
    },
  },

  bn_input_start__deps: ['$bnInput', '$stringToNewUTF8', '$UTF8ToString', 'malloc', 'free'],
  bn_input_start: (self) => {
    const byId = (id) => document.getElementById(id);
    const { stage, canvas, text, layer } = Object.assign(bnInput, {
      self, stage: byId('stage'), canvas: byId('canvas'), text: byId('text-input'), layer: byId('semantics'), touches: new Map(),
    });
    const on = (target, type, handler, options) => target.addEventListener(type, handler, options);
    on(canvas, 'pointerdown', bnInput.onPointerDown);
    on(canvas, 'pointermove', bnInput.onPointerMove);
    on(canvas, 'pointerup', bnInput.onPointerUp);
    on(canvas, 'pointercancel', bnInput.onPointerUp);
    on(canvas, 'pointerleave', (e) => { if (e.pointerType !== 'touch') bnInput.pointer(4, e); });
    on(canvas, 'mousedown', (e) => e.preventDefault());  // the focus is ours to move
    on(canvas, 'touchend', bnInput.onTouchEnd, { passive: true });
    on(canvas, 'contextmenu', bnInput.onContextMenu);
    on(canvas, 'wheel', bnInput.onWheel, { passive: false });
    for (const type of ['gesturestart', 'gesturechange', 'gestureend']) on(canvas, type, bnInput.onGesture, { passive: false });

    on(stage, 'keydown', bnInput.onKeyDown);
    on(stage, 'keyup', (e) => bnInput.key(false, e));
    on(text, 'beforeinput', bnInput.onBeforeInput);
    on(text, 'input', bnInput.onTextInput);
    on(text, 'compositionstart', () => {
      bnInput.composing = true;
      text.classList.add('composing');
    });
    on(text, 'compositionend', (e) => {
      bnInput.composing = false;
      text.classList.remove('composing');
      bnInput.sendText(e.data);
      bnInput.resetText();
    });
    on(stage, 'copy', bnInput.onCopy);
    on(stage, 'cut', bnInput.onCopy);
    on(stage, 'paste', bnInput.onPaste);
    on(stage, 'focusin', () => _bn_input_focus(self, 1));
    on(stage, 'focusout', (e) => { if (!stage.contains(e.relatedTarget)) _bn_input_focus(self, 0); });
    on(window, 'blur', () => _bn_input_focus(self, 0));
    on(window, 'focus', () => _bn_input_focus(self, stage.contains(document.activeElement) ? 1 : 0));
    if (window.parent === window && document.activeElement === document.body) bnInput.focusCanvas();
  },

  bn_input_cursor__deps: ['$bnInput'],
  bn_input_cursor: (name) => { bnInput.canvas.style.cursor = UTF8ToString(name); },

  bn_input_text_wanted__deps: ['$bnInput'],
  bn_input_text_wanted: (wanted) => {
    bnInput.wantsText = !!wanted;
    bnInput.follow();
  },
  // The caret, in CSS px: where the IME opens its window and the browser draws what is being composed.
  bn_input_caret__deps: ['$bnInput'],
  bn_input_caret: (x, y, height) => {
    const style = bnInput.text.style;
    style.left = `${x}px`;
    style.top = `${y}px`;
    style.height = style.lineHeight = `${Math.max(height, 16)}px`;
  },

  bn_clipboard_write__deps: ['$bnInput'],
  bn_clipboard_write: (pointer) => {
    const text = UTF8ToString(pointer);
    const fallback = () => {  // not gated by a permissions policy, which an iframe may lack
      bnInput.pendingCopy = text;
      try { document.execCommand('copy'); } catch { /* denied: the internal clipboard has it */ }
      bnInput.pendingCopy = null;
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).catch(fallback);
    else fallback();
  },
});
