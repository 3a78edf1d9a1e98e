/* A session's notes stay in this browser, sealed, while they are written: <form data-notes="M26-000012" data-owner="7"> with a [data-notes-box].
 *
 * They come back when the page is opened again, are sent once under a key of their own when the network is there, and are gone when the
 * station has them, at sign-out, or after 72 hours. What the station refuses stays for its writer. No words of another account are read.
 */

import { Outbox } from "./outbox.js";

const KEEP_AFTER_MS = 300;
const TRY_AGAIN_MS = 15000;
const AWAY = /^\/(accounts|prove)/;  // the answer leads to signing in: the words wait until that was done

async function post(key, { action, fields }, pictures, times) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ ...fields, key, csrfmiddlewaretoken: token });
  try {
    const answer = await fetch(action, { method: "POST", body, headers: { "X-Outbox": "1", ...times } });
    const waits = answer.status === 403 || AWAY.test(new URL(answer.url).pathname);
    return { status: waits ? 0 : answer.status, told: {} };
  } catch {
    return { status: 0, told: {} };
  }
}

export const drafts = (owner) => new Outbox(post, { name: `jiean-notes-${owner}` });

function watch(form) {
  const outbox = drafts(form.dataset.owner);
  const box = form.querySelector("[data-notes-box]");
  const mine = { form: form.dataset.notes, state: "draft" };
  const wanted = ["at", "place_words", "note_words"];
  const fields = () => Object.fromEntries(wanted.map((name) => [name, form.elements[name].value]));
  const say = (name) => {
    for (const line of box.querySelectorAll("[data-says]")) line.hidden = line.dataset.says !== name;
    box.hidden = !name;
  };
  let seq = null;
  let timer = null;
  let last = Promise.resolve();

  const keep = () => (last = last.then(async () => {
    const body = { action: form.action, fields: fields() };
    if (seq === null) seq = await outbox.add(body, mine);
    else await outbox.rewrite(seq, body);
  }));

  async function deliver() {
    await outbox.send();
    const items = await outbox.items();
    for (const item of items.filter((one) => one.state === "received")) await outbox.drop(item.seq);
    const own = items.find((one) => one.seq === seq);
    form.removeAttribute("aria-busy");
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    if (!own) return;
    if (own.state === "waiting") return say("waiting");
    if (own.state === "received") return location.assign(form.dataset.page);
    await outbox.change(seq, { state: "draft" });
    form.submit();  // the station says in its own page what is wrong; the words stay here as well
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => keep().then(() => say("kept")), KEEP_AFTER_MS);
  });
  form.addEventListener("submit", async (event) => {
    if (!form.elements.note_words.value.trim()) return;
    event.preventDefault();
    clearTimeout(timer);
    await keep();
    await outbox.change(seq, { state: "waiting" });
    await deliver();
  });
  box.querySelector("[data-notes-drop]").addEventListener("click", async () => {
    await last;
    if (seq !== null) await outbox.drop(seq);
    seq = null;
    form.elements.note_words.value = "";
    say("");
  });

  async function back() {
    const kept = (await outbox.items()).find((item) => item.form === mine.form && item.state !== "received");
    if (!kept) return;
    seq = kept.seq;
    if (!form.elements.note_words.value) {
      const { fields: said } = await outbox.read(kept);
      for (const name of wanted) form.elements[name].value = said[name];
    }
    form.closest("details").open = true;
    say(kept.state === "waiting" ? "waiting" : "back");
    if (kept.state === "waiting") await deliver();
  }

  addEventListener("online", deliver);
  setInterval(deliver, TRY_AGAIN_MS);
  back();
}

document.querySelectorAll("form[data-notes]").forEach(watch);
