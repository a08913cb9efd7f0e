// IndexedDB for hub::DocumentStore: one object store, keys [collection, id], values {revision, json}.
// Every call is one transaction and answers by _bn_documents_done(self, call, status, revision, text) with the status
// 0 ok, 1 not found, 2 conflict, 3 failed (text: why). A list answers as a JSON array of [id, revision, json].
addToLibrary({
  $bnDocuments: {
    db: null,
    done(self, call, status, revision, text) {
      const pointer = text === undefined ? 0 : stringToNewUTF8(text);
      _bn_documents_done(self, call, status, revision, pointer);
      if (pointer) _free(pointer);
    },
    // `work(store, answer)` issues the requests; the answer is given when the transaction has committed.
    run(self, call, mode, work) {
      let answer = [3, 0, 'The browser cancelled the database transaction'];
      try {
        const transaction = bnDocuments.db.transaction('documents', mode, { durability: 'relaxed' });
        transaction.oncomplete = () => bnDocuments.done(self, call, ...answer);
        transaction.onabort = () => {
          const error = transaction.error;
          bnDocuments.done(self, call, 3, 0, error ? `${error.name}: ${error.message}` : answer[2]);
        };
        work(transaction.objectStore('documents'), (...values) => { answer = values; });
      } catch (error) {
        setTimeout(() => bnDocuments.done(self, call, 3, 0, String(error)));
      }
    },
    // Calls `write` when the stored revision is the expected one (-1 any, 0 none).
    checked(store, key, expected, answer, write) {
      const read = store.get(key);
      read.onsuccess = () => {
        const revision = read.result ? read.result.revision : 0;
        if (expected >= 0 && expected !== revision) answer(2, revision);
        else write(revision);
      };
    },
  },

  bn_documents_open__deps: ['$bnDocuments', '$stringToNewUTF8', '$UTF8ToString', 'free'],
  bn_documents_open: (self, name) => {
    let finished = false;
    const finish = (status, text) => {
      if (finished) return;
      finished = true;
      bnDocuments.done(self, 0, status, 0, text);
    };
    setTimeout(() => finish(3, 'The browser did not open the database'), 3000);  // some private modes never answer
    try {
      const request = indexedDB.open(UTF8ToString(name), 1);
      request.onupgradeneeded = () => request.result.createObjectStore('documents');
      request.onsuccess = () => {
        const db = request.result;
        if (finished) return db.close();
        db.onversionchange = () => db.close();
        bnDocuments.db = db;
        finish(0);
      };
      request.onerror = () => finish(3, String(request.error));
      request.onblocked = () => finish(3, 'Another tab holds an older version of the database');
    } catch (error) {
      setTimeout(() => finish(3, String(error)));
    }
  },
  bn_documents_get__deps: ['$bnDocuments'],
  bn_documents_get: (self, call, collection, id) => {
    const key = [UTF8ToString(collection), UTF8ToString(id)];
    bnDocuments.run(self, call, 'readonly', (store, answer) => {
      const read = store.get(key);
      read.onsuccess = () => (read.result ? answer(0, read.result.revision, read.result.json) : answer(1, 0));
    });
  },
  bn_documents_list__deps: ['$bnDocuments'],
  bn_documents_list: (self, call, collection) => {
    const name = UTF8ToString(collection);
    bnDocuments.run(self, call, 'readonly', (store, answer) => {
      const rows = [];
      const read = store.openCursor(IDBKeyRange.bound([name], [name, []]));
      read.onsuccess = () => {
        const cursor = read.result;
        if (!cursor) return answer(0, 0, JSON.stringify(rows));
        rows.push([cursor.key[1], cursor.value.revision, cursor.value.json]);
        cursor.continue();
      };
    });
  },
  bn_documents_put__deps: ['$bnDocuments'],
  bn_documents_put: (self, call, collection, id, json, expected) => {
    const key = [UTF8ToString(collection), UTF8ToString(id)], text = UTF8ToString(json);
    bnDocuments.run(self, call, 'readwrite', (store, answer) => {
      bnDocuments.checked(store, key, expected, answer, (revision) => {
        store.put({ revision: revision + 1, json: text }, key).onsuccess = () => answer(0, revision + 1);
      });
    });
  },
  bn_documents_remove__deps: ['$bnDocuments'],
  bn_documents_remove: (self, call, collection, id, expected) => {
    const key = [UTF8ToString(collection), UTF8ToString(id)];
    bnDocuments.run(self, call, 'readwrite', (store, answer) => {
      bnDocuments.checked(store, key, expected, answer, (revision) => {
        if (revision === 0) return answer(1, 0);
        store.delete(key).onsuccess = () => answer(0, 0);
      });
    });
  },
});
