// IndexedDB for hub::DocumentStore: one object store, keys [collection, id], values {revision, json}, or {revision, box} for collections that
// hold credentials: `box` is the json, sealed by the origin's key (lib_secrets.js). Without a key they are stored as they are.
// Every call is one transaction and answers by _bn_documents_done(self, call, status, revision, text) with the status
// 0 ok, 1 not found, 2 conflict, 3 failed (text: why), 4 another tab owns the data (bn_documents_guard). A list answers as a JSON array of
// [id, revision, json].
addToLibrary({
  $bnDocuments__deps: ['$bnSecrets', '$bnLoop', '$stringToNewUTF8', 'free'],
  $bnDocuments: {
    stores: new Map(),  // self: { self, db, owner, sealed: the last call of a sealed collection, which the next one waits for }
    ownerKey: ['tab', 'owner'],
    done(opened, call, status, revision, text) {
      if (bnDocuments.stores.get(opened.self) !== opened) return;  // closed meanwhile
      const pointer = text === undefined ? 0 : stringToNewUTF8(text);
      bnLoop.enter(() => _bn_documents_done(opened.self, call, status, revision, pointer));
      if (pointer) _free(pointer);
    },
    // A sealed collection's calls, one after another: sealing and opening take turns with the event loop, and a transaction does not wait.
    // `work(opened, context)` answers [status, revision, text].
    inTurn(self, call, collection, work) {
      const opened = bnDocuments.stores.get(self);
      opened.sealed = opened.sealed.then(() => work(opened, (id) => `documents/${collection}/${id}`))
        .catch((error) => [3, 0, `${error.name}: ${error.message}`])
        .then((answer) => bnDocuments.done(opened, call, ...answer));
    },
    // One transaction as a promise of its answer.
    once(opened, mode, work) {
      return new Promise((resolve, reject) => {
        let answer;
        const transaction = opened.db.transaction('documents', mode, { durability: 'relaxed' });
        transaction.oncomplete = () => resolve(answer);
        transaction.onabort = () => reject(transaction.error || new Error('The browser cancelled the database transaction'));
        work(transaction.objectStore('documents'), (...values) => { answer = values; });
      });
    },
    async write(opened, key, json, expected, context) {
      const box = await bnSecrets.load() ? await bnSecrets.seal(new TextEncoder().encode(json), context) : null;
      return bnDocuments.once(opened, 'readwrite', (store, answer) => {
        bnDocuments.checked(opened, store, key, expected, answer, (revision) => {
          store.put(box ? { revision: revision + 1, box } : { revision: revision + 1, json }, key).onsuccess = () => answer(0, revision + 1);
        });
      });
    },
    // The json of a stored value. One of a former version stands there in the clear: sealed now, if nobody has written it meanwhile.
    async read(opened, key, value, context) {
      if (value.box) return new TextDecoder().decode(await bnSecrets.open(value.box, context));
      if (await bnSecrets.load()) {
        const box = await bnSecrets.seal(new TextEncoder().encode(value.json), context);
        await bnDocuments.once(opened, 'readwrite', (store, answer) => {
          bnDocuments.checked(opened, store, key, value.revision, answer, () => store.put({ revision: value.revision, box }, key));
        });
      }
      return value.json;
    },
    // `work(store, answer)` issues the requests; the answer is given when the transaction has committed.
    run(self, call, mode, work) {
      const opened = bnDocuments.stores.get(self);
      let answer = [3, 0, 'The browser cancelled the database transaction'];
      try {
        const transaction = opened.db.transaction('documents', mode, { durability: 'relaxed' });
        transaction.oncomplete = () => bnDocuments.done(opened, call, ...answer);
        transaction.onabort = () => {
          const error = transaction.error;
          bnDocuments.done(opened, call, 3, 0, error ? `${error.name}: ${error.message}` : answer[2]);
        };
        work(transaction.objectStore('documents'), (...values) => { answer = values; }, opened);
      } catch (error) {
        setTimeout(() => bnDocuments.done(opened, call, 3, 0, String(error)));
      }
    },
    // Calls `write` when the data is still this tab's and the stored revision is the expected one (-1 any, 0 none).
    checked(opened, store, key, expected, answer, write) {
      const compare = () => {
        const read = store.get(key);
        read.onsuccess = () => {
          const revision = read.result ? read.result.revision : 0;
          if (expected >= 0 && expected !== revision) answer(2, revision);
          else write(revision);
        };
      };
      if (opened.owner === null) return compare();
      const owner = store.get(bnDocuments.ownerKey);
      owner.onsuccess = () => (owner.result && owner.result.json !== opened.owner ? answer(4, 0) : compare());
    },
  },

  bn_documents_open__deps: ['$bnDocuments', '$bnLoop', '$stringToNewUTF8', '$UTF8ToString', 'free'],
  bn_documents_open: (self, name) => {
    let finished = false;
    const opened = { self, db: null, owner: null, sealed: Promise.resolve() };
    bnDocuments.stores.set(self, opened);
    const finish = (status, text) => {
      if (finished) return;
      finished = true;
      bnDocuments.done(opened, 0, status, 0, text);
    };
    setTimeout(() => finish(3, 'The browser did not open the database'), 3000);  // some private modes never answer
    try {
      const request = indexedDB.open(UTF8ToString(name), 1);
      request.onupgradeneeded = () => request.result.createObjectStore('documents');
      request.onsuccess = () => {
        const db = request.result;
        if (finished || bnDocuments.stores.get(self) !== opened) return db.close();
        db.onversionchange = () => db.close();
        opened.db = db;
        finish(0);
      };
      request.onerror = () => finish(3, String(request.error));
      request.onblocked = () => finish(3, 'Another tab holds an older version of the database');
    } catch (error) {
      setTimeout(() => finish(3, String(error)));
    }
  },
  bn_documents_get__deps: ['$bnDocuments'],
  bn_documents_get: (self, call, collection, id, sealed) => {
    const key = [UTF8ToString(collection), UTF8ToString(id)];
    if (sealed) {
      return bnDocuments.inTurn(self, call, key[0], async (opened, context) => {
        const [value] = await bnDocuments.once(opened, 'readonly', (store, answer) => {
          const read = store.get(key);
          read.onsuccess = () => answer(read.result);
        });
        return value ? [0, value.revision, await bnDocuments.read(opened, key, value, context(key[1]))] : [1, 0];
      });
    }
    bnDocuments.run(self, call, 'readonly', (store, answer) => {
      const read = store.get(key);
      read.onsuccess = () => (read.result ? answer(0, read.result.revision, read.result.json) : answer(1, 0));
    });
  },
  bn_documents_list__deps: ['$bnDocuments'],
  bn_documents_list: (self, call, collection, sealed) => {
    const name = UTF8ToString(collection);
    if (sealed) {
      return bnDocuments.inTurn(self, call, name, async (opened, context) => {
        const [keys, values] = await bnDocuments.once(opened, 'readonly', (store, answer) => {
          const range = IDBKeyRange.bound([name], [name, []]), all = store.getAllKeys(range), read = store.getAll(range);
          read.onsuccess = () => answer(all.result, read.result);
        });
        const rows = [];
        for (const [i, key] of keys.entries()) {
          try {
            rows.push([key[1], values[i].revision, await bnDocuments.read(opened, key, values[i], context(key[1]))]);
          } catch (error) {
            err(`${name}/${key[1]} cannot be opened: ${error}`);  // sealed with a key that this browser has lost
          }
        }
        return [0, 0, JSON.stringify(rows)];
      });
    }
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
  bn_documents_put: (self, call, collection, id, json, expected, sealed) => {
    const key = [UTF8ToString(collection), UTF8ToString(id)], text = UTF8ToString(json);
    if (sealed) return bnDocuments.inTurn(self, call, key[0], (opened, context) => bnDocuments.write(opened, key, text, expected, context(key[1])));
    bnDocuments.run(self, call, 'readwrite', (store, answer, opened) => {
      bnDocuments.checked(opened, store, key, expected, answer, (revision) => {
        store.put({ revision: revision + 1, json: text }, key).onsuccess = () => answer(0, revision + 1);
      });
    });
  },
  bn_documents_remove__deps: ['$bnDocuments'],
  bn_documents_remove: (self, call, collection, id, expected, sealed) => {
    const key = [UTF8ToString(collection), UTF8ToString(id)];
    const work = (store, answer, opened) => {
      bnDocuments.checked(opened, store, key, expected, answer, (revision) => {
        if (revision === 0) return answer(1, 0);
        store.delete(key).onsuccess = () => answer(0, 0);
      });
    };
    if (sealed) return bnDocuments.inTurn(self, call, key[0], (opened) => bnDocuments.once(opened, 'readwrite', (store, answer) => work(store, answer, opened)));
    bnDocuments.run(self, call, 'readwrite', work);
  },
  // From now on writes are refused (status 4) when the document "tab/owner" is there and not this text: another tab has taken over. Empty: no more.
  bn_documents_guard__deps: ['$bnDocuments'],
  bn_documents_guard: (self, owner) => { bnDocuments.stores.get(self).owner = UTF8ToString(owner) || null; },
  // The page goes: one write without reading first, committed at once, because nothing runs here afterwards. No answer.
  bn_documents_put_last__deps: ['$bnDocuments'],
  bn_documents_put_last: (self, collection, id, json) => {
    try {
      const transaction = bnDocuments.stores.get(self).db.transaction('documents', 'readwrite', { durability: 'relaxed' });
      transaction.objectStore('documents').put({ revision: Date.now(), json: UTF8ToString(json) }, [UTF8ToString(collection), UTF8ToString(id)]);
      if (transaction.commit) transaction.commit();
    } catch (error) {
      err(`last write: ${error}`);
    }
  },
  bn_documents_close__deps: ['$bnDocuments'],
  bn_documents_close: (self) => {
    const opened = bnDocuments.stores.get(self);
    bnDocuments.stores.delete(self);
    if (opened && opened.db) opened.db.close();
  },
});
