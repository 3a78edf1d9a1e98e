/* My day: rings and shakes for a new order while the switch is on, and says how many taps still wait for their answer. */

const orders = document.getElementById("orders");
const ring = document.querySelector("[data-ring]");
const outbox = document.querySelector("[data-outbox]");
const lost = document.querySelector("[data-outbox-lost]");
const KEPT = "jiean-ring";
const SHAKE_MS = [400, 200, 400, 200, 400];

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
  if (detail.target !== orders) return;
  const now = shown();
  const fresh = [...now].some((id) => !known.has(id));
  known = now;
  if (fresh && ring.checked) call();
});

/* taps on their way ----------------------------------------------------------------------------------------------- */

let waiting = 0;

function count(by) {
  waiting = Math.max(0, waiting + by);
  outbox.querySelector("[data-outbox-count]").textContent = waiting;
  outbox.querySelector(".outbox-some").hidden = waiting === 0;
  outbox.querySelector(".outbox-none").hidden = waiting !== 0;
}

const isDeed = ({ detail }) => detail.requestConfig?.verb === "post";

document.body.addEventListener("htmx:beforeSend", (event) => {
  if (!isDeed(event)) return;
  lost.hidden = true;
  count(1);
});
document.body.addEventListener("htmx:afterRequest", (event) => isDeed(event) && count(-1));
document.body.addEventListener("htmx:sendError", (event) => {
  if (isDeed(event)) lost.hidden = false;
});
