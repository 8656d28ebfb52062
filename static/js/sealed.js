// What must wait in this browser (words typed, notes sent without a connection) lies here sealed. The key comes with
// her own pages alone and is held where no script can read it: whoever has the tablet next finds nothing to read.
const OLDEST = 7 * 24 * 3_600_000; // as long as the server itself would keep a draft or a queued note
const CIPHER = "AES-GCM";
const STORES = ["words", "notes"];
const me = JSON.parse(document.body.getAttribute("hx-headers"))["x-page-of"];

const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.codePointAt(0));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (each) => each.toString(16).padStart(2, "0")).join("");

function keys() {
  const secret = bytes(document.body.dataset.seal);
  document.body.removeAttribute("data-seal");
  const digest = { name: "HMAC", hash: "SHA-256" };
  return Promise.all([
    crypto.subtle.importKey("raw", secret, CIPHER, false, ["encrypt", "decrypt"]),
    crypto.subtle.importKey("raw", secret, digest, false, ["sign"]),
  ]);
}

// --- The shelf ---
const open = () =>
  new Promise((done, fail) => {
    const request = indexedDB.open("clienteling", 2);
    request.onupgradeneeded = () => {
      const { result } = request;
      for (const name of [...result.objectStoreNames]) result.deleteObjectStore(name);
      for (const name of STORES) result.createObjectStore(name, { keyPath: "id" });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });

async function shelf(name, mode, act) {
  const database = await open();
  try {
    return await new Promise((done, fail) => {
      const transaction = database.transaction(name, mode);
      const request = act(transaction.objectStore(name));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = () => fail(transaction.error); // after an error, or when the disk is full
    });
  } finally {
    database.close();
  }
}

// --- Into the seal, and out of it ---
function sealing(mine) {
  // Its place names a client, so the name it is kept under is sealed as well.
  const id = async (place) => hex(await crypto.subtle.sign("HMAC", (await mine)[1], new TextEncoder().encode(place)));

  async function put(name, record) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(record));
    const words = await crypto.subtle.encrypt({ name: CIPHER, iv }, (await mine)[0], text);
    const row = { id: await id(record.place), whose: me, at: record.at, iv, words };
    await shelf(name, "readwrite", (rows) => rows.put(row));
  }

  async function unseal({ iv, words }) {
    try {
      const text = await crypto.subtle.decrypt({ name: CIPHER, iv }, (await mine)[0], words);
      return JSON.parse(new TextDecoder().decode(text));
    } catch {
      return null; // sealed before the shop's secret was changed; it goes with its week
    }
  }

  async function remove(name, place) {
    const row = await id(place);
    await shelf(name, "readwrite", (rows) => rows.delete(row));
  }

  // What is hers on this shelf; what is too old goes, whosever it is.
  async function all(name) {
    const rows = await shelf(name, "readonly", (each) => each.getAll());
    const isOld = (row) => Date.now() - row.at > OLDEST;
    for (const row of rows.filter(isOld)) await shelf(name, "readwrite", (each) => each.delete(row.id));
    const hers = rows.filter((row) => row.whose === me && !isOld(row));
    return (await Promise.all(hers.map(unseal))).filter(Boolean);
  }

  return { put, remove, all };
}

// Without https there is neither cipher nor worker, and nothing is kept.
if (window.indexedDB && window.crypto?.subtle && document.body.dataset.seal) window.sealed = sealing(keys());
