// A key that all tabs of the origin share and no script can read: AES-GCM, not extractable, made by whoever comes first and kept in a
// database of its own. What crosses BroadcastChannel and what is stored of credentials is sealed with it (lib_tabs.js, lib_documents.js).
//
// A sealed message is "bns1", 12 bytes of nonce, and the cipher text with its tag. `context` says what it is for and is authenticated, not sent.
addToLibrary({
  $bnSecrets: {
    mark: [98, 110, 115, 49],  // "bns1"
    key: null,      // promise of the CryptoKey; of null where the browser has none to share
    prefix: null,   // 8 random bytes of this page, then a count: no nonce is used twice, in no tab
    count: 0,
    load() {
      bnSecrets.key ??= bnSecrets.read().catch((error) => {
        err(`key: ${error}`);
        return null;
      });
      return bnSecrets.key;
    },
    async read() {
      if (!globalThis.crypto || !crypto.subtle || !globalThis.indexedDB) return null;
      const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
      const db = await new Promise((resolve, reject) => {
        const request = indexedDB.open('binnacle-keys', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('keys');
        request.onsuccess = () => resolve(request.result);
        request.onerror = request.onblocked = () => reject(request.error || new Error('blocked'));
        setTimeout(() => reject(new Error('the browser did not open the database')), 3000);  // some private modes never answer
      });
      try {
        return await new Promise((resolve, reject) => {
          const transaction = db.transaction('keys', 'readwrite');
          const store = transaction.objectStore('keys');
          let key = fresh;
          const read = store.get('seal-1');
          read.onsuccess = () => {
            if (read.result) key = read.result;
            else store.put(fresh, 'seal-1');
          };
          transaction.oncomplete = () => resolve(key);
          transaction.onabort = () => reject(transaction.error);
        });
      } finally {
        db.close();
      }
    },
    nonce() {
      if (!bnSecrets.prefix || bnSecrets.count === 2 ** 32) {
        bnSecrets.prefix = crypto.getRandomValues(new Uint8Array(8));
        bnSecrets.count = 0;
      }
      const nonce = new Uint8Array(12);
      nonce.set(bnSecrets.prefix);
      new DataView(nonce.buffer).setUint32(8, bnSecrets.count++);
      return nonce;
    },
    algorithm: (iv, context) => ({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(context) }),
    isSealed: (bytes) => bytes.length >= 32 && bnSecrets.mark.every((byte, i) => bytes[i] === byte),
    async seal(bytes, context) {
      const key = await bnSecrets.load();
      if (!key) throw new Error('this browser keeps no key');
      const nonce = bnSecrets.nonce();
      const cipher = new Uint8Array(await crypto.subtle.encrypt(bnSecrets.algorithm(nonce, context), key, bytes));
      const sealed = new Uint8Array(16 + cipher.length);
      sealed.set(bnSecrets.mark);
      sealed.set(nonce, 4);
      sealed.set(cipher, 16);
      return sealed;
    },
    async open(sealed, context) {
      const key = await bnSecrets.load();
      if (!key) throw new Error('this browser keeps no key');
      return new Uint8Array(await crypto.subtle.decrypt(bnSecrets.algorithm(sealed.subarray(4, 16), context), key, sealed.subarray(16)));
    },
  },

  // _bn_secrets_ready(self, 1 when there is a key)
  bn_secrets_load__deps: ['$bnSecrets', '$bnLoop'],
  bn_secrets_load: (self) => {
    bnSecrets.load().then((key) => bnLoop.enter(() => _bn_secrets_ready(self, key ? 1 : 0)));
  },
});
