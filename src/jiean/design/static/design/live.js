/* Live pages: hear what changed, re-fetch the parts that show it, keep clocks running, and say loudly when nothing is heard.
 *
 * Markup:
 *   <body data-live-url="/live">
 *   <div id="…" data-live="dispatch.IncidentOpened …" hx-get="…" hx-trigger="news">   re-fetched when one of the events is heard
 *   <span class="waiting" data-since="…" data-limit="60"><span data-digits>     a running clock
 *   <span class="waiting" data-due="…" data-red-after="60"><span data-digits>   what is left, then how late
 *   <time data-clock data-zone="Asia/Shanghai">                                the time of day
 *   [data-connection] and #connection                                          the state of the line, and the band
 *
 * Other scripts hear, on document: "jiean:news" {name, id, cell}, "jiean:positions" [[…]], "jiean:line" {on}.
 * A part to be fetched anew for another reason: renew(element).
 */

const SILENCE_MS = 25_000;
const GRACE_MS = 3_000;
const RETRY_MS = 4_000;
const GATHER_MS = 120;

/* time ------------------------------------------------------------------------------------------------------------ */

let clockError = Date.parse(document.documentElement.dataset.now) - Date.now() || 0;

export const now = () => Date.now() + clockError;

export function digits(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const pad = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  return `${hours ? `${hours}:` : ""}${pad(Math.floor((total % 3600) / 60))}:${pad(total % 60)}`;
}

function showLevel(element, over, redAfter, shown) {
  const level = over <= 0 ? "ok" : over <= redAfter ? "late" : "very-late";
  element.classList.remove("is-ok", "is-late", "is-very-late");
  element.classList.add(`is-${level}`);
  element.querySelector("[data-digits]").textContent = digits(shown);
}

function runWaiting(element) {
  const waited = now() - Date.parse(element.dataset.since);
  const limit = Number(element.dataset.limit) * 1000;
  showLevel(element, waited - limit, limit, waited > limit ? waited - limit : waited);
}

function runDeadline(element) {
  const over = now() - Date.parse(element.dataset.due);
  showLevel(element, over, Number(element.dataset.redAfter) * 1000, Math.abs(over));
}

const clockFormats = new Map();

export function timeOfDay(ms, zone = "Asia/Shanghai") {
  if (!clockFormats.has(zone)) {
    clockFormats.set(zone, new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: zone }));
  }
  return clockFormats.get(zone).format(ms);
}

function tick() {
  document.querySelectorAll("[data-since]").forEach(runWaiting);
  document.querySelectorAll("[data-due]").forEach(runDeadline);
  document.querySelectorAll("[data-clock]").forEach((element) => {
    element.textContent = timeOfDay(now(), element.dataset.zone);
  });
  watchLine();
}

/* the line -------------------------------------------------------------------------------------------------------- */

let source = null;
let heardAt = Date.now();
let brokenSince = null;
let lastState = null;
let away = false;
let cutAt = 0; // the browser said that its network is gone: nothing counts as connected until something is heard after it
const listening = new Set(["hello", "beat", "away", "back", "reset", "positions"]);

function setLine(on) {
  if (lastState === on) return;
  const returned = lastState === false && on;
  lastState = on;
  const band = document.getElementById("connection");
  if (band) {
    band.hidden = on;
    const last = band.querySelector("[data-last-update]");
    if (!on && last) last.textContent = timeOfDay(heardAt + clockError);
  }
  document.querySelectorAll("[data-connection]").forEach((element) => {
    element.dataset.connection = on ? "on" : "off";
  });
  document.dispatchEvent(new CustomEvent("jiean:line", { detail: { on } }));
  if (returned) refreshAll();
}

function watchLine() {
  if (!source) return;
  const silent = Date.now() - heardAt > SILENCE_MS;
  const broken = away || silent || heardAt < cutAt || source.readyState !== EventSource.OPEN;
  if (!broken) {
    brokenSince = null;
    return setLine(true);
  }
  brokenSince ??= Date.now();
  if (Date.now() - brokenSince > GRACE_MS || silent) setLine(false);
  if (source.readyState === EventSource.CLOSED && Date.now() - brokenSince > RETRY_MS) {
    brokenSince = Date.now() - GRACE_MS;
    connect();
  }
}

function connect() {
  source?.close();
  source = new EventSource(document.body.dataset.liveUrl);
  listening.forEach((name) => source.addEventListener(name, hear));
}

function listenTo(name) {
  if (!name || listening.has(name)) return;
  listening.add(name);
  source?.addEventListener(name, hear);
}

const kernelNews = {
  hello: (data) => setClock(data),
  beat: (data) => setClock(data),
  away: () => (away = true),
  back: () => (away = false),
  reset: () => refreshAll(),
  positions: (data) => document.dispatchEvent(new CustomEvent("jiean:positions", { detail: data })),
};

function setClock(data) {
  if (data.at) clockError = data.at * 1000 - Date.now();
}

function hear(event) {
  heardAt = Date.now();
  const data = JSON.parse(event.data || "{}");
  if (event.type in kernelNews) return kernelNews[event.type](data);
  document.dispatchEvent(new CustomEvent("jiean:news", { detail: { name: event.type, ...data } }));
  document.querySelectorAll(`[data-live~="${event.type}"]`).forEach(renew);
}

/* re-fetching ----------------------------------------------------------------------------------------------------- */

/* A part is known by its id: an answer often puts a new element in the place of the one that asked, and news heard in
 * between must reach the new one. While a part is being fetched it is not asked for again; it is fetched once more after. */
const stale = new Set();
const underWay = new Set();
let gathering = null;

export function renew(part) {
  stale.add(part.id);
  gathering ??= setTimeout(flush, GATHER_MS);
}

function flush() {
  gathering = null;
  [...stale].filter((id) => !underWay.has(id)).forEach((id) => {
    stale.delete(id);
    const part = document.getElementById(id);
    if (part) fetchAnew(part);
  });
}

/* heard on the request itself: the element that asked may be gone by the time it is answered, and its events with it */
document.addEventListener("htmx:beforeSend", ({ detail: { xhr, requestConfig } }) => {
  const part = requestConfig.elt;
  if (!part.matches("[data-live]")) return;
  underWay.add(part.id);
  xhr.addEventListener("loadend", () => {
    underWay.delete(part.id);
    if (stale.has(part.id)) renew(part);
  });
});

const FIELDS = "textarea, select, input:not([type=hidden])";

function isChanged(field) {
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  if (/checkbox|radio/.test(field.type)) return field.checked !== field.defaultChecked;
  return field.type !== "file" && field.value !== field.defaultValue;
}

const isBeingTyped = (element) => {
  const field = document.activeElement;
  return field && element.contains(field) && field.matches(FIELDS) && (field.matches("select") || isChanged(field));
};

const laterThanTyping = (part) => part.addEventListener("focusout", () => renew(part), { once: true });

function fetchAnew(part) {
  if (isBeingTyped(part)) laterThanTyping(part);
  else part.dispatchEvent(new CustomEvent("news"));
}

/* What somebody chose or typed outlives a re-fetch: put back into the field of the same id in a form to the same address.
 * Looked at when the answer arrives, not when it was asked for: people go on typing in between. */
function keepWords(element) {
  const changed = [...element.querySelectorAll(FIELDS)].filter((field) => field.id && isChanged(field));
  const kept = changed.map(({ id, value, checked, form }) => ({ id, value, checked, action: form?.action }));
  const putBack = () =>
    kept.forEach(({ id, value, checked, action }) => {
      const field = document.getElementById(id);
      if (field && element.contains(field) && field.form?.action === action) Object.assign(field, { value, checked });
    });
  if (kept.length) element.addEventListener("htmx:afterSettle", putBack, { once: true });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (requestConfig?.triggeringEvent?.type !== "news") return;
  if (!requestConfig.elt.isConnected) return (event.detail.shouldSwap = false); // something newer took its place meanwhile
  if (!isBeingTyped(target)) return keepWords(target);
  event.detail.shouldSwap = false;
  laterThanTyping(target);
});

function refreshAll() {
  document.querySelectorAll("[data-live]").forEach(renew);
}

function learnNames() {
  document.querySelectorAll("[data-live]").forEach((element) => element.dataset.live.split(/\s+/).forEach(listenTo));
}

/* begin ----------------------------------------------------------------------------------------------------------- */

learnNames();
if (document.body.dataset.liveUrl && document.querySelector("[data-live], [data-connection]")) connect();
document.body.addEventListener("htmx:afterSettle", () => {
  learnNames();
  tick();
});
addEventListener("offline", () => {
  cutAt = Date.now();
  setLine(false);
});
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => event.persisted && source && connect());
tick();
setInterval(tick, 1000);
