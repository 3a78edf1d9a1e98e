/* The outbox of a telephone without a network: reports, or a mediator's notes, wait in this browser, sealed, until the station has them.
 *
 * Each is sealed (AES-GCM) with a key this browser made and nobody can export. Each is sent under a key of its own, the same at every
 * attempt, so that an answer that was lost makes no second report. It leaves the outbox when the station says it has it, when a person
 * drops it, or after LASTS_MS. What the station refuses stays for a person to read and change.
 */

export const LASTS_MS = 72 * 3600 * 1000;
const DATABASE = "jiean-outbox";
const HAVE = [200, 201, 202];
const ASK_AGAIN = (status) => status === 0 || status === 408 || status === 429 || status >= 500;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const ended = (deal) => new Promise((resolve, reject) => {
  deal.oncomplete = () => resolve();
  deal.onerror = deal.onabort = () => reject(deal.error);
});

function opened(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("items", { keyPath: "seq", autoIncrement: true });
    request.result.createObjectStore("keys");
  };
  return done(request);
}

/** Send one report to the station's own door, as anybody: whoever is signed in here is not asked for. */
export async function toTheStation(key, body) {
  try {
    const answer = await fetch("/api/v1/reports", {
      method: "POST", credentials: "omit", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    });
    return { status: answer.status, told: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, told: {} };
  }
}

/** The outbox. `post(key, body)` sends one and answers {status, told}; status 0 where nothing came back. */
export class Outbox {
  constructor(post, { name = DATABASE, now = Date.now, newKey = () => crypto.randomUUID() } = {}) {
    Object.assign(this, { post, name, now, newKey });
  }

  async open() {
    this.database ??= await opened(this.name);
    return this.database;
  }

  async store(mode = "readonly") {
    return (await this.open()).transaction("items", mode).objectStore("items");
  }

  async sealingKey() {
    const database = await this.open();
    const kept = await done(database.transaction("keys").objectStore("keys").get("seal"));
    if (kept) return kept;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const deal = database.transaction("keys", "readwrite");
    const keys = deal.objectStore("keys");
    const first = await done(keys.get("seal"));  // another page of ours may have been quicker
    if (!first) keys.put(made, "seal");
    await ended(deal);
    return first ?? made;
  }

  async sealed(body) {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(body));
    return { nonce, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, await this.sealingKey(), plain) };
  }

  /** Keep one; its place in the queue. It is in the database when this returns. A draft is kept as `state: "draft"` and not sent. */
  async add(body, more = {}) {
    const held = await this.sealed(body);
    const store = await this.store("readwrite");
    const seq = await done(store.add({ key: this.newKey(), at: this.now(), ...held, state: "waiting", ...more }));
    await ended(store.transaction);
    return seq;
  }

  /** Put other words in the place of what was kept, under the same key. */
  async rewrite(seq, body) {
    await this.change(seq, { ...(await this.sealed(body)), at: this.now() });
  }

  async read(item) {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: item.nonce }, await this.sealingKey(), item.sealed);
    return JSON.parse(new TextDecoder().decode(plain));
  }

  /** Everything in it, in order; what is older than LASTS_MS is gone. */
  async items() {
    const store = await this.store("readwrite");
    const all = await done(store.getAll());
    const over = (item) => this.now() - item.at >= LASTS_MS;
    for (const item of all.filter(over)) store.delete(item.seq);
    await ended(store.transaction);
    return all.filter((item) => !over(item));
  }

  async change(seq, changes) {
    const store = await this.store("readwrite");
    const item = await done(store.get(seq));
    if (item) store.put({ ...item, ...changes });
    await ended(store.transaction);
  }

  async drop(seq) {
    const store = await this.store("readwrite");
    store.delete(seq);
    await ended(store.transaction);
  }

  /** Send what waits, in order, by one page of this browser at a time; how many the station has now. */
  async send() {
    const alone = (deed) => navigator.locks.request(`${this.name}-sending`, { ifAvailable: true }, (lock) => (lock ? deed() : 0));
    return alone(async () => {
      let have = 0;
      for (const item of (await this.items()).filter((one) => one.state === "waiting")) {
        const { status, told } = await this.post(item.key, await this.read(item));
        if (ASK_AGAIN(status)) break;
        if (HAVE.includes(status)) {
          await this.change(item.seq, { state: "received", sealed: null, nonce: null, told });
          have += 1;
        } else {
          await this.change(item.seq, { state: "refused", told });
        }
      }
      return have;
    });
  }

  /** Forget everything, the sealing key too. */
  async wipe() {
    const deal = (await this.open()).transaction(["items", "keys"], "readwrite");
    deal.objectStore("items").clear();
    deal.objectStore("keys").clear();
    await ended(deal);
  }
}
