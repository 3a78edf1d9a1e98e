/* What is tapped and written on my day: every deed goes through the sealed outbox, with or without a network.
 *
 * Markup:
 *   <form data-deed="/api/v1/orders/7" data-matter="3" data-place="…" data-step="clear">   the door, the incident, the step
 *     (or a submitter named "step"), and its words
 *   <section id="deeds" data-who="12" data-…="…">   the queue, whose it is, and the words it speaks
 *   <template data-after="scene">   in an order's card: what can be done once this step was tapped
 */

import { Outbox, STAFF, asked } from "../design/outbox.js";
import { toTheDoor, token } from "./door.js";

const SHIFT_MS = 14 * 3600 * 1000; // no sign-in lasts longer, so nothing read under one does
const TRY_AGAIN_MS = 15_000;
const LADDER = ["ack", "go", "scene", "clear"];
const place = document.getElementById("deeds");
const words = place.dataset;
const list = place.querySelector("ul");
const count = document.querySelector("[data-outbox]");
const orders = document.getElementById("orders");
const inHand = new Map(); // deeds the page has not seen the answer of, by their place in the queue

const outbox = new Outbox(toTheDoor, { name: `${STAFF}deeds`, who: Number(words.who) || null });

/* what was tapped ------------------------------------------------------------------------------------------------- */

/** The deed a form describes. Behind another of the same matter it names no version: that one changes it. */
function deedOf(form, submitter) {
  const { csrfmiddlewaretoken, version, step, ...fields } = Object.fromEntries(new FormData(form));
  const { deed: door, matter, place: where } = form.dataset;
  const behind = [...inHand.values()].some((one) => one.matter === matter);
  if (version && !behind) fields.version = Number(version);
  const name = submitter?.name === "step" ? submitter.value : form.dataset.step;
  return { door, matter, where, step: name, title: submitter?.textContent.trim() ?? "", fields };
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-deed]");
  if (!form) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const deed = deedOf(form, event.submitter);
  try {
    inHand.set(await outbox.add(deed), deed);
  } catch {
    return full();
  } finally {
    form.removeAttribute("aria-busy");
  }
  await show();
  await send();
});

function full() {
  document.querySelector("[data-outbox-lost]").hidden = false;
}

/* sending --------------------------------------------------------------------------------------------------------- */

/** Send what waits; the shell without a network only keeps. */
export async function send() {
  if (!token()) return;
  const have = await outbox.send();
  for (const item of await outbox.items()) if (item.state === "received") await outbox.drop(item.seq);
  await show();
  if (have) document.dispatchEvent(new CustomEvent("jiean:deeds"));
}

/* the queue ------------------------------------------------------------------------------------------------------- */

const element = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text, ...more });

function button(text, deed) {
  const made = element("button", text, { type: "button", className: "button button-small" });
  made.addEventListener("click", deed);
  return made;
}

const written = (deed) => [deed.fields.outcome, deed.fields.reason, deed.fields.words].filter(Boolean).join(" ");

/** What stands at the station now, to lay beside what was written here. */
async function standing(deed) {
  const { status, told } = await asked(`/api/v1/incidents/${deed.matter}`, {});
  if (status !== 200) return "";
  return [told.row.state_words, told.row.disposition_words, told.row.outcome].filter(Boolean).join(" · ");
}

async function drop(item, sure = words.sure) {
  if (!window.confirm(sure)) return;
  await outbox.drop(item.seq);
  inHand.delete(item.seq);
  await show();
}

/** Put another deed in the place of one that was refused. */
async function instead(item, deed) {
  inHand.set(await outbox.add(deed), deed);
  await outbox.drop(item.seq);
  inHand.delete(item.seq);
  await show();
  await send();
}

const shown = new Map(); // lines of what was refused: what stands now is asked for once

async function refusedLine(item, deed) {
  const line = element("li", "");
  const mine = written(deed);
  const note = { ...deed, door: `/api/v1/incidents/${deed.matter}`, step: "note", title: words.note, fields: { words: `${deed.title}：${mine}` } };
  const again = { ...deed, fields: { ...deed.fields, version: undefined } };
  const now = token() ? await standing(deed) : "";
  line.append(
    element("strong", `${deed.title} · ${deed.where}`), element("p", `${words.refused} ${item.told.detail ?? ""}`),
    ...(mine ? [element("p", `${words.mine} ${mine}`)] : []), ...(now ? [element("p", `${words.now} ${now}`)] : []),
    ...(mine && now && deed.step !== "note" ? [button(words.both, () => instead(item, note))] : []),
    ...(item.told.code === "conflict" && deed.fields.version ? [button(words.again, () => instead(item, again))] : []),
    button(words.drop, () => drop(item)),
  );
  return line;
}

async function lineOf(item) {
  const deed = await outbox.read(item);
  if (item.state === "refused") {
    if (!shown.has(item.seq)) shown.set(item.seq, await refusedLine(item, deed));
    return shown.get(item.seq);
  }
  inHand.set(item.seq, deed);
  const line = element("li", `${deed.title} · ${deed.where} · ${item.told?.code === "sign_in" ? words.signIn : words.waiting} `);
  line.append(button(words.drop, () => drop(item)));
  return line;
}

/** Show what waits and what was refused, and what the cards say of it. */
export async function show() {
  const items = (await outbox.items()).filter((item) => item.state !== "received");
  const lines = await Promise.all(items.map(async (item) => Object.assign(await lineOf(item), { className: `deed-${item.state}` })));
  list.replaceChildren(...lines);
  const waiting = items.filter((item) => item.state === "waiting").length;
  const others = await outbox.others();
  place.querySelector("[data-others]").hidden = !others;
  place.hidden = !(items.length + others);
  count.querySelector("[data-outbox-count]").textContent = waiting;
  count.querySelector(".outbox-some").hidden = !waiting;
  count.querySelector(".outbox-none").hidden = Boolean(waiting);
  for (const item of items.filter((one) => one.state === "refused")) inHand.delete(item.seq);
  dress();
}

/* the cards ------------------------------------------------------------------------------------------------------- */

/** Steps tapped and not yet seen by the station are done as far as this page goes: the next ones stand there. */
function dress() {
  for (const card of orders.querySelectorAll("[data-order]")) {
    const own = [...inHand.values()].filter((deed) => deed.door.endsWith(`/orders/${card.dataset.order}`));
    const furthest = Math.max(-1, ...own.map((deed) => LADDER.indexOf(deed.step)));
    const over = own.some((deed) => ["clear", "decline"].includes(deed.step));
    card.classList.toggle("order-waiting", own.length > 0);
    for (const one of card.querySelectorAll("button[name=step]")) {
      const at = LADDER.indexOf(one.value);
      one.hidden = over || (at >= 0 ? at <= furthest : own.length > 0);
    }
    const later = card.querySelector("template[data-after]");
    if (later && furthest >= LADDER.indexOf(later.dataset.after)) later.replaceWith(later.content);
    for (const form of card.querySelectorAll("form[data-step=clear]")) form.hidden = over;
  }
  const told = [...inHand.values()].filter((deed) => deed.step === "feed_back").map((deed) => deed.matter);
  for (const form of document.querySelectorAll("#tasks form[data-deed]")) form.hidden = told.includes(form.dataset.matter);
}

/** A part is fresh from the station: what it has had is in it. */
export async function settled(part) {
  const waiting = new Set((await outbox.items()).map((item) => item.seq));
  const isIn = (deed) => (deed.step === "feed_back" ? "tasks" : "orders") === part;
  for (const [seq, deed] of inHand) if (isIn(deed) && !waiting.has(seq)) inHand.delete(seq);
  dress();
}

/* my day on this telephone ---------------------------------------------------------------------------------------- */

const PARTS = ["orders", "tasks"];

/** Keep what the station showed, sealed, for when the page is opened without a network; contacts and clocks are left out. */
export async function keepDay() {
  const parts = PARTS.map((id) => {
    const copy = document.getElementById(id).cloneNode(true);
    copy.querySelectorAll(".order-contact, input[name=csrfmiddlewaretoken], [role=alert], [data-since], [data-due]").forEach((one) => one.remove());
    return [id, copy.innerHTML];
  });
  await outbox.keep("day", { who: outbox.who, ...Object.fromEntries(parts) });
}

/** Put the kept day into the shell; when it was kept, or nothing. */
export async function openDay() {
  const kept = await outbox.kept("day", SHIFT_MS);
  if (!kept) return null;
  outbox.who = kept.value.who;
  for (const id of PARTS) document.getElementById(id).innerHTML = kept.value[id];
  return kept.at;
}

setInterval(send, TRY_AGAIN_MS);
