/* Random lives of outboxes: three telephones, one station, requests and answers lost, doubled, late, pages closed and opened again.
   Answers what went wrong, in words; `plant` breaks the outbox on purpose. */
async ({ url, histories, seed, plant }) => {
  const { Outbox, LASTS_MS } = await import(url);
  let state = seed;
  const chance = () => {  // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };

  const wrong = [];
  const count = { added: 0, posts: 0, repeated: 0 };
  const names = ["history-0", "history-1", "history-2"];

  for (let history = 0; history < histories; history += 1) {
    const have = new Map();
    let healed = false;
    const late = [];
    const take = (key, body) => {
      const words = JSON.stringify(body);
      if (have.has(key)) {
        count.repeated += 1;
        return have.get(key).words === words ? { status: 201, told: { number: have.get(key).number } } : { status: 409, told: {} };
      }
      have.set(key, { words, number: `B${have.size + 1}` });
      return { status: 201, told: { number: have.get(key).number } };
    };
    const post = async (ownKey, body) => {
      count.posts += 1;
      const key = plant === "new key each time" ? crypto.randomUUID() : ownKey;
      const luck = healed ? 1 : chance();
      if (luck < 0.2) return { status: 0, told: {} };
      if (luck < 0.4) return take(key, body) && { status: 0, told: {} };
      if (luck < 0.5) return take(key, body) && take(key, body);
      if (luck < 0.6) return late.push([key, body]) && { status: 0, told: {} };
      if (luck < 0.7) return { status: 503, told: {} };
      return take(key, body);
    };
    const forgetful = async (key, body) => {
      const answer = await post(key, body);
      return plant === "believes every send" && answer.status === 0 ? { status: 201, told: { number: "?" } } : answer;
    };
    let at = 1e12;
    const make = (name) => new Outbox(forgetful, { name, now: () => at });
    const phones = names.map(make);
    const said = [];
    for (let step = 0; step < 8; step += 1) {
      const which = Math.floor(chance() * 3);
      const luck = chance();
      if (luck < 0.45) {
        const text = `h${history} s${step} 金丝雀`;
        await phones[which].add({ text, place_words: "x" });
        said.push(text);
      } else if (luck < 0.75) {
        await Promise.all([phones[which].send(), phones[which].send()]);
      } else if (luck < 0.85) {
        phones[which].database?.close();
        phones[which] = make(names[which]);
      } else if (luck < 0.95 && late.length) {
        take(...late.splice(Math.floor(chance() * late.length), 1)[0]);
      } else {
        at += 3600 * 1000;
      }
    }
    for (const phone of phones) {
      for (const item of await phone.items()) {
        const raw = JSON.stringify(item) + new TextDecoder().decode(item.sealed ?? new Uint8Array());
        if (raw.includes("金丝雀") || raw.includes(`h${history} s`)) wrong.push(`history ${history}: words in clear`);
      }
    }
    healed = true;
    for (const one of late) take(...one);
    const kept = [];
    for (const phone of phones) {
      await phone.send();
      const items = await phone.items();
      if (items.some((item) => item.state !== "received" || item.sealed)) wrong.push(`history ${history}: something still waits`);
      kept.push(...items.map((item) => item.told.number));
    }
    const texts = [...have.values()].map((one) => JSON.parse(one.words).text).sort();
    if (texts.join() !== [...said].sort().join()) wrong.push(`history ${history}: said ${said.length}, the station has ${texts.length}`);
    if (!plant && [...kept].sort().join() !== [...have.values()].map((one) => one.number).sort().join()) wrong.push(`history ${history}: other numbers`);
    count.added += said.length;
    at += LASTS_MS;
    for (const phone of phones) {
      if ((await phone.items()).length) wrong.push(`history ${history}: kept for more than three days`);
      await phone.wipe();
      phone.database.close();
    }
  }
  return { wrong, ...count };
}
