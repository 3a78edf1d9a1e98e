/* The board: keeps queue, map, incident panel and units in step, and puts everything under the keyboard.
 *
 * The map draws the very rows the queue shows, read from the page: list and map cannot differ. */

import { renew } from "../design/live.js";
import { bindControls, incidentsOf, openMap, unitsOf } from "../design/map.js";

const board = document.getElementById("board");
const queue = document.getElementById("queue-rows");
const panel = document.getElementById("incident");
const strip = document.getElementById("strip");
const alarms = document.getElementById("alarms");
const newBar = document.getElementById("new-rows");
const line = document.getElementById("command-line");
const keys = document.getElementById("keys");

let map = null;
let chosen = Number(panel.querySelector("[data-incident-open]")?.dataset.incidentOpen) || null;

const rows = () => [...queue.querySelectorAll("[data-incident]")];

/* the map shows what the page shows ------------------------------------------------------------------------------- */

function drawIncidents() {
  map?.setIncidents(incidentsOf(queue));
  map?.select(chosen);
}

function drawUnits() {
  map?.setUnits(unitsOf(strip));
}

async function beginMap() {
  map = await openMap(document.getElementById("map"));
  if (!map) return;
  bindControls(board, map);
  drawIncidents();
  drawUnits();
  document.dispatchEvent(new CustomEvent("jiean:map", { detail: map }));
  map.onIncident((id) => open(id));
  map.onUnit((id) => strip.querySelector(`[data-unit="${id}"] a`)?.click());
  const cells = await fetch(board.dataset.cells).then((answer) => (answer.ok ? answer.json() : null));
  if (cells) map.setCells(cells);
}

document.addEventListener("jiean:positions", (event) => map?.moveUnits(event.detail));

/* which incident is open ------------------------------------------------------------------------------------------ */

function mark(id) {
  chosen = id;
  rows().forEach((row) => {
    const on = Number(row.dataset.incident) === id;
    row.classList.toggle("is-chosen", on);
    on ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
  });
  map?.select(id);
}

function open(id) {
  const row = document.getElementById(`row-${id}`);
  if (row) return row.click();
  htmx.ajax("GET", `${location.pathname}/incident/${id}`, { target: panel, swap: "innerHTML" });
}

function panelArrived() {
  const page = panel.querySelector("[data-incident-open]");
  const id = page ? Number(page.dataset.incidentOpen) : null;
  const fresh = id !== chosen;
  if (id) {
    history.replaceState(null, "", `${location.pathname}?incident=${id}`);
    if (fresh) map?.show(Number(page.dataset.lon), Number(page.dataset.lat));
  }
  mark(id);
  return fresh;
}

let focusPanel = false;

const typing = () => document.activeElement?.matches("input, textarea, select");

/* opened by Enter: the next Enter sends the first suggestion, as soon as it is there; never out of a field being typed in */
function focusFirstDeed() {
  if (typing()) focusPanel = false;
  if (!focusPanel) return;
  const first = panel.querySelector("[data-send='1']");
  focusPanel = !first && panel.querySelector("[data-advice]") !== null;
  (first ?? panel.querySelector(".incident-place"))?.focus();
}

/* fragments ------------------------------------------------------------------------------------------------------- */

let known = new Set(rows().map((row) => row.id));
let held = null;

/* a panel made anew gives the focus back to the button that had it, so that Enter still means what it meant */
panel.addEventListener("htmx:beforeSwap", ({ detail }) => {
  held = detail.target === panel && panel.contains(document.activeElement) ? document.activeElement.id : null;
});

function giveFocusBack() {
  if (held && document.activeElement === document.body) document.getElementById(held)?.focus();
  held = null;
}

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  const target = detail.target;
  if (target === queue) {
    const now = rows();
    const fresh = now.filter((row) => !known.has(row.id));
    fresh.forEach((row) => row.classList.add("is-new"));
    known = new Set(now.map((row) => row.id));
    restorePlace(fresh);
    mark(chosen);
    drawIncidents();
  }
  if (target === panel) {
    map?.setRoute(null);
    panelArrived();
    giveFocusBack();
    focusFirstDeed();
  }
  if (target.matches(".advice-slot")) focusFirstDeed();
  if (target === strip) {
    filterUnits();
    drawUnits();
  }
  if (target === alarms) ring();
});

document.body.addEventListener("jiean:changed", ({ target }) => {
  [queue, strip, alarms].forEach(renew);
  const page = panel.querySelector("[data-incident-open]");
  const panelIsNew = panel.contains(target) && !target.matches("[hx-swap=none]");
  if (page && !panelIsNew) renew(page);
});
document.body.addEventListener("jiean:open", ({ detail }) => open(detail.value));

/* reading: what is being read stays where it is; rows that came in above are counted on a bar ------------------------ */

let anchor = null;
let unseen = 0;

function keepPlace() {
  const top = queue.getBoundingClientRect().top;
  const row = queue.scrollTop > 0 && rows().find((one) => one.getBoundingClientRect().top >= top);
  anchor = row ? { id: row.id, top: row.getBoundingClientRect().top } : null;
}

function restorePlace(fresh) {
  const row = anchor && document.getElementById(anchor.id);
  if (!row) return;
  queue.scrollTop += row.getBoundingClientRect().top - anchor.top;
  const top = queue.getBoundingClientRect().top;
  unseen += fresh.filter((one) => one.getBoundingClientRect().top < top).length;
  newBar.querySelector("[data-count]").textContent = unseen;
  newBar.hidden = unseen === 0;
}

queue.addEventListener("htmx:beforeSwap", ({ detail }) => detail.target === queue && keepPlace());
newBar.addEventListener("click", () => queue.scrollTo({ top: 0 }));
queue.addEventListener("scroll", () => {
  if (queue.scrollTop > 0) return;
  unseen = 0;
  newBar.hidden = true;
});

/* units ----------------------------------------------------------------------------------------------------------- */

let unitStatus = "";

function filterUnits() {
  strip.querySelectorAll("[data-unit-status]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.unitStatus === unitStatus));
  });
  strip.querySelectorAll("[data-unit]").forEach((unit) => {
    unit.hidden = unitStatus !== "" && unit.dataset.statusKey !== unitStatus;
  });
}

strip.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unit-status]");
  if (!button) return;
  unitStatus = unitStatus === button.dataset.unitStatus ? "" : button.dataset.unitStatus;
  filterUnits();
});

/* the way of a suggested unit, drawn while the operator looks at it ------------------------------------------------ */

let routed = null;

function hideRoute({ relatedTarget }) {
  if (routed?.contains(relatedTarget)) return;
  routed = null;
  map?.setRoute(null);
}

async function showRoute(event) {
  const row = event.target.closest?.(".advice li");
  const button = row?.querySelector("[data-route-url]");
  if (!button || !map || row === routed) return;
  routed = row;
  const answer = await fetch(button.dataset.routeUrl).catch(() => null);
  if (answer?.ok && routed === row) map.setRoute((await answer.json()).line);
}

["mouseover", "focusin"].forEach((kind) => panel.addEventListener(kind, showRoute));
["mouseout", "focusout"].forEach((kind) => panel.addEventListener(kind, hideRoute));

/* a new place for the incident, picked on the map ------------------------------------------------------------------ */

let stopPicking = null;

function pickPoint(button) {
  const form = button.closest("form");
  const show = (on) => {
    button.setAttribute("aria-pressed", String(on));
    form.querySelector("[data-pick-hint]").hidden = !on;
  };
  if (stopPicking) {
    stopPicking();
    stopPicking = null;
    return show(false);
  }
  show(true);
  stopPicking = map?.pickPoint(({ lng, lat }) => {
    stopPicking = null;
    form.elements.value.value = `${lng.toFixed(6)},${lat.toFixed(6)}`;
    form.requestSubmit();
  });
}

panel.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pick-point]");
  if (button) pickPoint(button);
});

/* alarm ----------------------------------------------------------------------------------------------------------- */

const RING_EVERY_MS = 4_000;
let sound = null;
let ringing = null;
const muted = () => JSON.parse(sessionStorage.getItem("jiean-muted") ?? "[]");

function ring() {
  clearInterval(ringing);
  const box = alarms.querySelector("[data-alarms]");
  if (!box) return;
  const fresh = box.dataset.alarms.split(" ").some((key) => !muted().includes(key));
  box.querySelector("[data-mute]").hidden = !fresh;
  if (!fresh) return;
  sound ??= new Audio(box.dataset.sound);
  const play = () => sound.play().then(() => (box.querySelector("[data-unmute]").hidden = true), () => (box.querySelector("[data-unmute]").hidden = false));
  play();
  ringing = setInterval(play, RING_EVERY_MS);
}

function mute() {
  const box = alarms.querySelector("[data-alarms]");
  if (!box) return;
  sessionStorage.setItem("jiean-muted", JSON.stringify([...new Set([...muted(), ...box.dataset.alarms.split(" ")])]));
  ring();
}

alarms.addEventListener("click", (event) => {
  if (event.target.closest("[data-mute]")) mute();
  if (event.target.closest("[data-unmute]")) ring();
});

document.addEventListener("jiean:line", ({ detail }) => {
  if (!detail.on && sound) sound.play().catch(() => {});
});

/* keyboard -------------------------------------------------------------------------------------------------------- */

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement);
  const from = here >= 0 ? here : all.findIndex((row) => Number(row.dataset.incident) === chosen);
  const next = all[Math.min(all.length - 1, Math.max(0, from + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  g: () => document.querySelector("#hints [data-accept-move]")?.click(),
  m: mute,
  "?": () => keys.showModal(),
  Escape: () => (rows().find((row) => Number(row.dataset.incident) === chosen) ?? rows()[0])?.focus(),
};

/* a key held down a moment too long opens an incident; it must not send a unit too */
panel.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter") event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keys.open) return;
  if (typing() && event.key !== "Escape") return;
  if (typing()) document.activeElement.blur();
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

queue.addEventListener("click", (event) => {
  const row = event.target.closest("[data-incident]");
  if (row) focusPanel = event.detail === 0; // opened by Enter: the next Enter sends
});

document.querySelectorAll("[data-keys]").forEach((button) => button.addEventListener("click", () => keys.showModal()));

document.getElementById("command").addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful) return;
  line.value = "";
  line.blur();
});

/* splitters ------------------------------------------------------------------------------------------------------- */

const LIMITS = { queue: [280, 640], incident: [340, 760] };
const root = document.documentElement;

function setWidth(name, width) {
  const [least, most] = LIMITS[name];
  const chosenWidth = Math.round(Math.min(most, Math.max(least, width)));
  root.style.setProperty(`--${name}`, `${chosenWidth}px`);
  localStorage.setItem(`jiean-width-${name}`, chosenWidth);
  document.querySelector(`[data-splitter="${name}"]`).setAttribute("aria-valuenow", chosenWidth);
}

document.querySelectorAll("[data-splitter]").forEach((splitter) => {
  const name = splitter.dataset.splitter;
  const pane = () => (name === "queue" ? queue.closest(".queue") : panel).getBoundingClientRect().width;
  const sign = name === "queue" ? 1 : -1;
  const [least, most] = LIMITS[name];
  splitter.setAttribute("aria-valuemin", least);
  splitter.setAttribute("aria-valuemax", most);
  const kept = Number(localStorage.getItem(`jiean-width-${name}`));
  setWidth(name, kept || pane());
  splitter.addEventListener("pointerdown", (event) => {
    splitter.setPointerCapture(event.pointerId);
    splitter.classList.add("is-moving");
    const [from, width] = [event.clientX, pane()];
    splitter.onpointermove = (move) => setWidth(name, width + sign * (move.clientX - from));
  });
  splitter.addEventListener("pointerup", () => {
    splitter.onpointermove = null;
    splitter.classList.remove("is-moving");
  });
  splitter.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (by) setWidth(name, pane() + sign * by);
  });
});

/* begin ----------------------------------------------------------------------------------------------------------- */

beginMap();
ring();
