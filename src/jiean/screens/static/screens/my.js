/* My day: rings and shakes for a new order while the switch is on; what is tapped goes through the outbox (deeds.js). */

import { renew } from "../design/live.js";
import { keepDay, send, settled, show } from "./deeds.js";

const orders = document.getElementById("orders");
const ring = document.querySelector("[data-ring]");
const KEPT = "jiean-ring";
const SHAKE_MS = [400, 200, 400, 200, 400];

navigator.serviceWorker?.register(`/sw.js?lang=${document.documentElement.lang}`).catch(() => {});

/* new orders ------------------------------------------------------------------------------------------------------ */

const shown = () => new Set([...orders.querySelectorAll("[data-order]")].map((card) => card.dataset.order));
let known = shown();
let sound = null;

ring.checked = localStorage.getItem(KEPT) !== "off";
ring.addEventListener("change", () => {
  localStorage.setItem(KEPT, ring.checked ? "on" : "off");
  if (ring.checked) call(); // heard at once, and from then on the phone lets the page sound by itself
});

function call() {
  sound ??= new Audio(ring.dataset.sound);
  sound.play().catch(() => {});
  navigator.vibrate?.(SHAKE_MS);
}

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "orders" || detail.target.id === "tasks") settled(detail.target.id).then(keepDay);
  if (detail.target !== orders) return;
  const now = shown();
  const fresh = [...now].some((id) => !known.has(id));
  known = now;
  if (fresh && ring.checked) call();
});

/* the line -------------------------------------------------------------------------------------------------------- */

document.addEventListener("jiean:line", ({ detail }) => detail.on && send());
document.addEventListener("jiean:deeds", () => ["orders", "tasks"].forEach((id) => renew(document.getElementById(id))));
addEventListener("online", send);

show().then(send).then(keepDay);
