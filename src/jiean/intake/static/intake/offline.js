/* The report page without a network: keeps what is written in the outbox, shows the queue, sends when the station answers again. */

import { Outbox, TooBig } from "../design/outbox.js";
import { toTheStation } from "./send.js";

const TRY_AGAIN_MS = 15000;
const page = document.getElementById("offline");
const form = page.querySelector("form");
const list = document.getElementById("queue");
const words = page.dataset;

const outbox = new Outbox(toTheStation);

async function told(item) {
  const number = item.told?.number && `${words.received} ${item.told.number} · ${words.code} ${item.told.code}`;
  if (item.state === "received") return "pictures" in item.told ? `${number} · ${words.noPictures} ${item.told.pictures}` : number;
  const { text } = await outbox.read(item);
  const start = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  if (item.state === "refused") return `${words.refused} ${item.told.detail ?? ""} · ${start}`;
  const pictures = item.pictures?.length ? ` · ${words.pictures} ${item.pictures.length}` : "";
  return `${number ? `${number} · ` : ""}${words.waiting} · ${start}${pictures}`;
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

/** Why something was not kept: the phone has no room, or the pictures are more than it takes. The words stay in the form. */
function say(error) {
  const place = document.getElementById("full");
  place.hidden = !error;
  if (error) place.textContent = error instanceof TooBig ? words[`big${error.limit}`] : words.full;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!form.reportValidity()) return;
  const { photos, ...given } = Object.fromEntries(new FormData(form));
  const pictures = photos === undefined ? [] : [...form.elements.photos.files];
  try {
    await outbox.add(given, {}, pictures);
  } catch (error) {
    return say(error);
  }
  say(null);
  form.reset();
  form.querySelector(".previews")?.remove();
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
