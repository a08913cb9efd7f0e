// What the tabs of an origin share: BroadcastChannel and Web Locks, for base/tabs.hpp. Either may be missing (plain http, old browsers) or
// refused (frames without an origin of their own): 0 then, or an event that says so.
addToLibrary({
  $bnTabs__deps: ['$bnSecrets'],
  $bnTabs: {
    // self: { channel, context, sending, receiving }. `context` is empty when nothing is sealed. Sealing takes a moment, of which each message
    // has its own; the two promises keep their order.
    channels: new Map(),
    locks: new Map(),     // id: { controller, release }
  },

  bn_channel_open__deps: ['$bnTabs', '$bnLoop', '$UTF8ToString', 'malloc', 'free'],
  bn_channel_open: (self, name, sealed) => {
    try {
      const channel = new BroadcastChannel(UTF8ToString(name));
      const link = { channel, context: sealed ? `channel/${UTF8ToString(name)}` : '', sending: Promise.resolve(), receiving: Promise.resolve() };
      bnTabs.channels.set(self, link);
      const deliver = (data) => {
        if (bnTabs.channels.get(self) !== link) return;
        const pointer = _malloc(data.length || 1);
        HEAPU8.set(data, pointer);
        bnLoop.enter(() => _bn_channel_message(self, pointer, data.length));
        _free(pointer);
      };
      channel.onmessage = ({ data }) => {
        // Bytes, as bn_channel_post sends them; whatever else is not from us.
        if (!(data instanceof Uint8Array)) return;
        if (!link.context || !bnSecrets.isSealed(data)) return deliver(data);
        const opened = bnSecrets.open(data, link.context);
        link.receiving = Promise.allSettled([opened, link.receiving]).then(([result]) => { if (result.value) deliver(result.value); });
      };
      return 1;
    } catch {
      return 0;
    }
  },
  // `at_once`: in the clear, before what is still being sealed.
  bn_channel_post__deps: ['$bnTabs'],
  bn_channel_post: (self, pointer, size, at_once) => {
    try {
      const link = bnTabs.channels.get(self);
      const bytes = HEAPU8.slice(pointer, pointer + size);
      if (at_once || !link.context) {
        link.channel.postMessage(bytes);
        return 1;
      }
      const sealed = bnSecrets.seal(bytes, link.context);
      link.sending = Promise.allSettled([sealed, link.sending]).then(([result]) => {
        if (result.value) link.channel.postMessage(result.value);
      }).catch((error) => err(`channel: ${error}`));
      return 1;
    } catch {
      return 0;
    }
  },
  bn_channel_close__deps: ['$bnTabs'],
  bn_channel_close: (self) => {
    const link = bnTabs.channels.get(self);
    bnTabs.channels.delete(self);
    if (link) link.sending.then(() => link.channel.close());  // what was posted goes out; nothing comes in any more
  },

  bn_locks_available: () => (navigator.locks && navigator.locks.request ? 1 : 0),
  // _bn_lock_event(self, id, what): 0 granted, 1 refused, 2 lost to another tab.
  bn_lock_request__deps: ['$bnTabs', '$bnLoop', '$UTF8ToString'],
  bn_lock_request: (self, id, name, steal) => {
    const claim = { controller: new AbortController(), release: null };
    bnTabs.locks.set(id, claim);
    const tell = (what) => bnLoop.enter(() => _bn_lock_event(self, id, what));
    const ended = () => {
      if (bnTabs.locks.delete(id)) tell(claim.release ? 2 : 1);
    };
    try {
      // `steal` and `signal` exclude each other.
      navigator.locks.request(UTF8ToString(name), steal ? { steal: true } : { signal: claim.controller.signal }, () => {
        if (!bnTabs.locks.has(id)) return null;  // withdrawn meanwhile
        return new Promise((resolve) => {
          claim.release = resolve;
          tell(0);
        });
      }).catch(ended);
    } catch {
      setTimeout(ended);
    }
  },
  bn_lock_release__deps: ['$bnTabs'],
  bn_lock_release: (id) => {
    const claim = bnTabs.locks.get(id);
    bnTabs.locks.delete(id);
    if (claim && claim.release) claim.release();
    else if (claim) claim.controller.abort();
  },
});
