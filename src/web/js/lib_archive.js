// IndexedDB for model::EventArchiveStore: one object store "rows", texts by key. Every call is one transaction and answers by
// _bn_archive_done(self, call, status, text) with the status 0 ok, 1 no room, 2 failed (text: why). A read answers as a JSON array of
// [key, text]. Calls made before the database is open wait for it.
addToLibrary({
  $bnArchive: {
    opened: new Map(),  // self: promise of the database
    done(self, call, status, text) {
      if (!bnArchive.opened.has(self)) return;  // closed meanwhile
      const pointer = text === undefined ? 0 : stringToNewUTF8(text);
      bnLoop.enter(() => _bn_archive_done(self, call, status, pointer));
      if (pointer) _free(pointer);
    },
    open(name) {
      return new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error('The browser did not open the database')), 3000);  // some private modes never answer
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore('rows');
        request.onsuccess = () => {
          request.result.onversionchange = () => request.result.close();
          resolve(request.result);
        };
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error('Another tab holds an older version of the database'));
      });
    },
    // `work(store, answer)` issues the requests; the text it answers is given when the transaction has committed.
    run(self, call, mode, work) {
      const fail = (error) => bnArchive.done(self, call, error && error.name === 'QuotaExceededError' ? 1 : 2, String(error ? error.message || error : 'cancelled'));
      bnArchive.opened.get(self).then((db) => {
        let text;
        const transaction = db.transaction('rows', mode, { durability: 'relaxed' });
        transaction.oncomplete = () => bnArchive.done(self, call, 0, text);
        transaction.onabort = () => fail(transaction.error);
        work(transaction.objectStore('rows'), (answer) => { text = answer; });
      }).catch(fail);
    },
    range: (from, to) => IDBKeyRange.bound(UTF8ToString(from), UTF8ToString(to), false, true),
  },

  bn_archive_open__deps: ['$bnArchive', '$bnLoop', '$stringToNewUTF8', '$UTF8ToString', 'free'],
  bn_archive_open: (self, name) => {
    const opened = bnArchive.open(UTF8ToString(name));
    opened.catch(() => {});  // each call says so
    bnArchive.opened.set(self, opened);
  },
  bn_archive_write__deps: ['$bnArchive'],
  bn_archive_write: (self, call, rows, replace) => {
    const list = JSON.parse(UTF8ToString(rows));
    bnArchive.run(self, call, 'readwrite', (store) => {
      for (const [key, text] of list) {
        if (replace) store.put(text, key);
        else {
          store.add(text, key).onerror = (event) => {
            if (event.target.error.name !== 'ConstraintError') return;  // else it is there already
            event.preventDefault();
            event.stopPropagation();
          };
        }
      }
    });
  },
  bn_archive_read__deps: ['$bnArchive'],
  bn_archive_read: (self, call, from, to, most) => {
    const range = bnArchive.range(from, to);
    bnArchive.run(self, call, 'readonly', (store, answer) => {
      answer('[]');
      store.getAllKeys(range).onsuccess = (found) => {
        const keys = found.target.result.slice(-most);
        if (!keys.length) return;
        store.getAll(IDBKeyRange.bound(keys[0], keys[keys.length - 1])).onsuccess = (event) => {
          answer(JSON.stringify(event.target.result.map((text, i) => [keys[i], text])));
        };
      };
    });
  },
  bn_archive_trim__deps: ['$bnArchive'],
  bn_archive_trim: (self, call, from, to, before, keep) => {
    const range = bnArchive.range(from, to), oldest = UTF8ToString(before);
    bnArchive.run(self, call, 'readwrite', (store) => {
      store.getAllKeys(range).onsuccess = (event) => {
        const keys = event.target.result;
        let count = Math.max(keys.length - keep, 0);
        while (count < keys.length && keys[count] < oldest) count++;
        if (count > 0) store.delete(IDBKeyRange.bound(keys[0], keys[count - 1]));
      };
    });
  },
  bn_archive_clear__deps: ['$bnArchive'],
  bn_archive_clear: (self, call) => bnArchive.run(self, call, 'readwrite', (store) => store.clear()),
  bn_archive_close__deps: ['$bnArchive'],
  bn_archive_close: (self) => {
    const opened = bnArchive.opened.get(self);
    bnArchive.opened.delete(self);
    if (opened) opened.then((db) => db.close(), () => {});
  },
});
