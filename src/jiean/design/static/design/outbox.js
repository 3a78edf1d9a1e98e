/* The outbox of a telephone without a network: what was written waits in this browser, sealed, until the station has it.
 *
 * Each is sealed (AES-GCM) with a key this browser made and nobody can export. Each is sent under a key of its own, the same at every
 * attempt, so that an answer that was lost does nothing twice. It leaves the outbox when the station says it has it, when a person
 * drops it, or after LASTS_MS. What the station refuses stays for a person to read and change.
 *
 * Every room uses this one store; pages lean on what is exported here, so names and arguments stay as they are:
 *   new Outbox(post, { name, who })      `name` is the database; `who` an account: items of others are neither shown nor sent
 *     post(key, body, pictures, times)   `times` are headers that go with it: nothing for what is sent at once
 *   add(body, more = {}, files = [])     keeps one, with pictures; `more` stands in clear beside it: state "draft" is not sent; throws TooBig
 *   rewrite(seq, body)                   other words in the place of what was kept, under the same key
 *   items() · others() · read(item) · change(seq, changes) · drop(seq) · send() · wipe()
 *   keep(name, value) · kept(name) · forget(name)      one sealed value by name, without a queue
 * Databases of staff are named STAFF + something (notes: jiean-notes- + account): signing out wipes all of them, whichever room they are of.
 */

export const STAFF = "jiean-staff-";
const OF_STAFF = /^jiean-(staff|notes)-/;
export const LASTS_MS = 72 * 3600 * 1000;
export const MOST_FILES = 6;
export const MOST_FILE_BYTES = 10 * 1024 * 1024;
export const MOST_BYTES = 60 * 1024 * 1024;
const DATABASE = "jiean-outbox";
const STORES = { items: { keyPath: "seq", autoIncrement: true }, keys: {}, kept: {} };
const ANSWER_MS = 30_000;
const AT_ONCE_MS = 10_000;
const HAVE = [200, 201, 202];
const ASK_AGAIN = (status) => status === 0 || status === 408 || status === 429 || status >= 500;

/** More than an outbox takes; `limit` says which bound: "files", "file" or "all". */
export class TooBig extends Error {
  constructor(limit) {
    super(limit);
    this.limit = limit;
  }
}

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const ended = (deal) => new Promise((resolve, reject) => {
  deal.oncomplete = () => resolve();
  deal.onerror = deal.onabort = () => reject(deal.error);
});

const inBytes = (value) => new TextEncoder().encode(JSON.stringify(value));
const fromBytes = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

function opened(name) {
  const request = indexedDB.open(name, 2);
  request.onupgradeneeded = () => {
    const there = request.result.objectStoreNames;
    for (const [store, shape] of Object.entries(STORES)) if (!there.contains(store)) request.result.createObjectStore(store, shape);
  };
  return done(request).then((database) => {
    database.onversionchange = () => database.close();  // a newer page of ours wants to change it
    return database;
  });
}

/** Ask the station; {status, told}, status 0 where nothing came back in time. */
export async function asked(url, options) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), ...options });
    return { status: answer.status, told: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, told: {} };
  }
}

/** The outbox. `post(key, body, files, times)` sends one and answers {status, told}; status 0 where nothing came back. */
export class Outbox {
  constructor(post, { name = DATABASE, now = Date.now, newKey = () => crypto.randomUUID(), who = null } = {}) {
    Object.assign(this, { post, name, now, newKey, who });
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

  async sealed(bytes) {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    return { nonce, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, await this.sealingKey(), bytes) };
  }

  async unsealed({ nonce, sealed }) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, await this.sealingKey(), sealed);
  }

  /** Keep one, with the pictures that belong to it; its place in the queue. It is in the database when this returns. */
  async add(body, more = {}, files = []) {
    if (files.length > MOST_FILES) throw new TooBig("files");
    if (files.some((file) => file.size > MOST_FILE_BYTES)) throw new TooBig("file");
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (bytes && bytes + await this.bytes() > MOST_BYTES) throw new TooBig("all");
    const words = await this.sealed(inBytes(body));
    const pictures = await Promise.all(files.map(async (file) => ({ type: file.type, ...await this.sealed(await file.arrayBuffer()) })));
    const item = { key: this.newKey(), at: this.now(), who: this.who, state: "waiting", ...words, pictures, ...more };
    const store = await this.store("readwrite");
    const seq = await done(store.add(item));
    await ended(store.transaction);
    return seq;
  }

  /** How many bytes of pictures wait. */
  async bytes() {
    const pictures = (await this.all()).flatMap((item) => item.pictures ?? []);
    return pictures.reduce((sum, picture) => sum + picture.sealed.byteLength, 0);
  }

  /** Put other words in the place of what was kept, under the same key. */
  async rewrite(seq, body) {
    await this.change(seq, { ...await this.sealed(inBytes(body)), at: this.now() });
  }

  async read(item) {
    return fromBytes(await this.unsealed(item));
  }

  async pictures(item) {
    return Promise.all((item.pictures ?? []).map(async (one) => new Blob([await this.unsealed(one)], { type: one.type })));
  }

  /** Everything in it, of everybody, in order; what is older than LASTS_MS is gone. */
  async all() {
    const store = await this.store("readwrite");
    const all = await done(store.getAll());
    const over = (item) => this.now() - item.at >= LASTS_MS;
    for (const item of all.filter(over)) store.delete(item.seq);
    await ended(store.transaction);
    return all.filter((item) => !over(item));
  }

  async items() {
    return (await this.all()).filter((item) => (item.who ?? null) === this.who);
  }

  /** How many of other accounts wait in this browser: they go when their person signs in here again. */
  async others() {
    return (await this.all()).filter((item) => (item.who ?? null) !== this.who).length;
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

  /** When it was kept and when it is sent, by this one clock and in whole seconds: the station takes the difference, which a wrong
   *  clock tells as well as a right one. What goes at once carries nothing. */
  times({ at }) {
    const now = this.now();
    const inSeconds = (ms) => `${Math.floor(ms / 1000)}`;
    return now >= at && now - at < AT_ONCE_MS ? {} : { "X-Made-At": inSeconds(at), "X-Sent-At": inSeconds(now) };
  }

  /** Send what waits, in order, by one page of this browser at a time; how many the station has now. */
  async send() {
    const alone = (deed) => navigator.locks.request(`${this.name}-sending`, { ifAvailable: true }, (lock) => (lock ? deed() : 0));
    return alone(async () => {
      let have = 0;
      for (const item of (await this.items()).filter((one) => one.state === "waiting")) {
        const { status, told } = await this.post(item.key, await this.read(item), await this.pictures(item), this.times(item));
        if (ASK_AGAIN(status)) {
          await this.change(item.seq, { told });
          break;
        }
        if (HAVE.includes(status)) {
          await this.change(item.seq, { state: "received", sealed: null, nonce: null, pictures: [], told });
          have += 1;
        } else {
          await this.change(item.seq, { state: "refused", told });
        }
      }
      return have;
    });
  }

  /** One sealed value by name, in the place of an earlier one. */
  async keep(name, value) {
    const kept = { at: this.now(), ...await this.sealed(inBytes(value)) };
    await this.deal((deal) => deal.objectStore("kept").put(kept, name));
  }

  /** The value kept under a name with its age {at, value}; nothing where none is, or one older than `lastsMs`. */
  async kept(name, lastsMs = LASTS_MS) {
    const database = await this.open();
    const found = await done(database.transaction("kept").objectStore("kept").get(name));
    if (!found) return null;
    if (this.now() - found.at >= lastsMs) return this.forget(name);
    return { at: found.at, value: fromBytes(await this.unsealed(found)) };
  }

  async forget(name) {
    await this.deal((deal) => deal.objectStore("kept").delete(name));
    return null;
  }

  async deal(deed) {
    const deal = (await this.open()).transaction(Object.keys(STORES), "readwrite");
    deed(deal);
    await ended(deal);
  }

  /** Forget everything, the sealing key too. */
  async wipe() {
    await this.deal((deal) => Object.keys(STORES).forEach((store) => deal.objectStore(store).clear()));
  }
}

/* all of staff's ---------------------------------------------------------------------------------------------------- */

async function ofStaff(deed) {
  const names = (await indexedDB.databases()).map(({ name }) => name).filter((name) => OF_STAFF.test(name));
  return Promise.all(names.map((name) => deed(new Outbox(null, { name }))));
}

/** How many things the outboxes of staff in this browser still hold. */
export async function waitingOfStaff() {
  const held = await ofStaff((outbox) => outbox.all());
  return held.flat().filter((item) => item.state === "waiting" || item.state === "refused").length;
}

export const wipeStaff = () => ofStaff((outbox) => outbox.wipe());
export const forgetStaff = (name) => ofStaff((outbox) => outbox.forget(name));
