/* The report page without a network: keeps what is written in the outbox, shows the queue, sends when the station answers again. */

import { Outbox, toTheStation } from "../design/outbox.js";

const TRY_AGAIN_MS = 15000;
const page = document.getElementById("offline");
const form = page.querySelector("form");
const list = document.getElementById("queue");
const words = page.dataset;

const outbox = new Outbox(toTheStation);

async function told(item) {
  if (item.state === "received") return `${words.received} ${item.told.number} · ${words.code} ${item.told.code}`;
  const { text } = await outbox.read(item);
  const start = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return `${item.state === "refused" ? `${words.refused} ${item.told.detail ?? ""}` : words.waiting} · ${start}`;
}

async function show() {
  const items = await outbox.items();
  const lines = await Promise.all(items.map(async (item) => {
    const line = document.createElement("li");
    line.dataset.state = item.state;
    line.textContent = await told(item);
    const away = document.createElement("button");
    Object.assign(away, { type: "button", className: "button button-small", textContent: item.state === "refused" ? words.change : words.drop });
    away.addEventListener("click", () => takeOut(item));
    line.append(" ", away);
    return line;
  }));
  list.replaceChildren(...lines);
  document.getElementById("waiting").textContent = items.filter((item) => item.state === "waiting").length;
  page.dataset.shown = items.length;
}

async function takeOut(item) {
  if (item.state === "waiting" && !window.confirm(words.sure)) return;
  if (item.state === "refused") {
    const body = await outbox.read(item);
    for (const [name, value] of Object.entries(body)) if (form.elements[name]) form.elements[name].value = value;
    form.elements.text.focus();
  }
  await outbox.drop(item.seq);
  await show();
}

async function send() {
  await outbox.send();
  await show();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!form.reportValidity()) return;
  const given = Object.fromEntries(new FormData(form));
  await outbox.add(given);
  form.reset();
  await show();
  await send();
});

document.getElementById("wipe").addEventListener("click", async () => {
  if (!window.confirm(words.sure)) return;
  await outbox.wipe();
  await show();
});

addEventListener("online", send);
setInterval(send, TRY_AGAIN_MS);
show().then(send);
