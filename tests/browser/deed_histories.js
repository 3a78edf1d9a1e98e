/* Random lives of an officers' telephone and of the desk beside it: deeds tapped by two accounts on one telephone and by one on another,
   requests and answers lost, doubled, late, sign-ins that ended, the desk ending an order in between. Answers what went wrong, in words. */
async ({ outboxUrl, doorUrl, histories, seed, plant }) => {
  const { Outbox, STAFF } = await import(outboxUrl);
  const { toTheDoor } = await import(doorUrl);
  let state = seed;
  const chance = () => {  // a linear congruence is enough here
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const any = (list) => list[Math.floor(chance() * list.length)];
  const STEPS = ["ack", "go", "scene", "clear"];
  const ROOMS = [[0, 1], [0, 2], [1, 3]];  // the telephone and the account of each outbox: two share the first
  const wrong = [];
  const count = { added: 0, posts: 0, repeated: 0, refused: 0, done: 0 };
  const answer = (status, body) => new Response(JSON.stringify(body), { status });
  const realFetch = window.fetch;

  for (let history = 0; history < histories; history += 1) {
    const had = new Map();
    const effects = [];
    const orders = [0, 1].map(() => ({ at: -1, version: 1 }));
    const late = [];
    let healed = false;
    let account = null;
    const take = (key, who, url, body) => {
      if (had.has(key)) {
        count.repeated += 1;
        return had.get(key).body === body ? had.get(key).said : [409, { code: "conflict" }];
      }
      const [, number, step] = url.match(/orders\/(\d)\/(\w+)$/);
      const order = orders[number];
      const { version, mark } = JSON.parse(body);
      if (version && version !== order.version) return [409, { code: "conflict" }];
      if (STEPS.indexOf(step) <= order.at) return [409, { code: "illegal" }];
      Object.assign(order, { at: STEPS.indexOf(step), version: order.version + 1 });
      effects.push({ mark, who });
      had.set(key, { body, said: [200, { version: order.version }] });
      return had.get(key).said;
    };
    window.fetch = async (url, options) => {
      count.posts += 1;
      const key = plant === "new key each time" ? crypto.randomUUID() : options.headers["Idempotency-Key"];
      const sent = [key, account, url, options.body];
      const luck = healed ? 1 : chance();
      if (luck < 0.15) throw new TypeError("lost");
      if (luck < 0.35) {
        take(...sent);
        throw new TypeError("answer lost");
      }
      if (luck < 0.45) {
        take(...sent);
        return answer(...take(...sent));
      }
      if (luck < 0.55) {
        late.push(sent);
        throw new TypeError("late");
      }
      if (luck < 0.6) return answer(503, {});
      if (luck < 0.7) return answer(401, { code: "sign_in" });
      return answer(...take(...sent));
    };
    const make = ([phone, who]) => new Outbox(toTheDoor, { name: `${STAFF}test-${phone}`, who });
    const rooms = ROOMS.map(make);
    const send = async (which) => {
      account = rooms[which].who;
      await Promise.all([rooms[which].send(), rooms[which].send()]);
    };
    const said = new Map();
    for (let step = 0; step < 10; step += 1) {
      const which = Math.floor(chance() * rooms.length);
      const luck = chance();
      if (luck < 0.5) {
        const number = any([0, 1]);
        const mark = `h${history}s${step}`;
        const fields = chance() < 0.3 ? { mark, version: orders[number].version } : { mark };
        await rooms[which].add({ door: `/api/v1/orders/${number}`, step: any(STEPS), fields });
        said.set(mark, rooms[which].who);
      } else if (luck < 0.8) {
        await send(which);
      } else if (luck < 0.9) {
        rooms[which].database?.close();
        rooms[which] = make(ROOMS[which]);
      } else if (late.length) {
        take(...late.splice(Math.floor(chance() * late.length), 1)[0]);
      } else {
        const order = any(orders);
        Object.assign(order, { at: 3, version: order.version + 1 });  // the desk ends it
      }
    }
    for (const one of late) take(...one);
    healed = true;
    const refused = [];
    for (let which = 0; which < rooms.length; which += 1) {
      await send(which);
      for (const item of await rooms[which].items()) {
        if (item.state === "waiting") wrong.push(`history ${history}: something still waits`);
        if (item.state === "refused") refused.push((await rooms[which].read(item)).fields.mark);
      }
    }
    for (const [mark, who] of said) {
      const done = effects.filter((one) => one.mark === mark);
      if (done.length + refused.filter((one) => one === mark).length !== 1) wrong.push(`history ${history}: ${mark} done ${done.length} times, refused ${refused.includes(mark)}`);
      if (done.some((one) => one.who !== who)) wrong.push(`history ${history}: ${mark} done as another account`);
    }
    count.added += said.size;
    count.refused += refused.length;
    count.done += effects.length;
    for (const room of rooms) {
      await room.wipe();
      room.database.close();
    }
  }
  window.fetch = realFetch;
  return { wrong, ...count };
}
