// What was read in this browser, kept in its IndexedDB and nowhere else: pictures, readings, and what became of them.

const MOST = 200;

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("glyphic", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("readings", { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function within(mode, act) {
  const transaction = (await database()).transaction("readings", mode);
  const request = act(transaction.objectStore("readings"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** {picture, reading, text, accepted} -> its id; the oldest go when there are too many. Null where nothing is kept. */
export async function keep(entry) {
  try {
    const id = await within("readwrite", (store) => store.put({ when: Date.now(), ...entry }));
    const ids = await within("readonly", (store) => store.getAllKeys());
    for (const old of ids.slice(0, Math.max(0, ids.length - MOST))) await forget(old);
    return id;
  } catch {
    return null; // a private window, or a full disk: reading goes on without history
  }
}

/** Several changes of one entry, the one right after the other, all come to it: each reads and writes in one go. */
export const change = (id, values) =>
  within("readwrite", (store) => {
    const found = store.get(id);
    found.onsuccess = () => found.result && store.put({ ...found.result, ...values });
  }).catch(() => {});

export const find = (id) => within("readonly", (store) => store.get(id)).catch(() => undefined);

/** All entries, the latest first. */
export const entries = () =>
  within("readonly", (store) => store.getAll()).then((all) => all.reverse(), () => []);

export const forget = (id) => within("readwrite", (store) => store.delete(id));

export const forgetAll = () => within("readwrite", (store) => store.clear());
