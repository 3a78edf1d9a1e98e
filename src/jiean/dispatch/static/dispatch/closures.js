/* Closed roads on a map: what is closed, and a line drawn across what is to be closed.
 *
 *   <div id="roads" data-closures="/url" data-map-id="map">    the page's own map; without data-map-id another script opens the
 *                                                              map and hands it over: jiean:map {detail: map}, on document
 *   <section id="closures">                                    list and form, fetched anew after every change
 *   [data-draw], [data-draw-hint], [data-found]   in the form
 */

import { addLine, closedRoads } from "../design/closed-roads.js";
import { openMap } from "../design/map.js";

const roads = document.getElementById("roads");
const side = document.getElementById("closures");
const none = { type: "FeatureCollection", features: [] };
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

let map = null;
let line = [];
let stop = null;
let closing = none;
let setClosed = null;

/* layers: made anew whenever the map changes its look ---------------------------------------------------------------- */

const collection = (...features) => ({ type: "FeatureCollection", features: features.filter(Boolean) });

const addClosing = () => addLine(map.map, "closing", "closing", { "line-color": token("accent"), "line-width": 4, "line-dasharray": [1, 1.4] }, closing);

function drawClosing(data) {
  closing = data;
  map?.map.getSource("closing")?.setData(data);
}

async function drawClosures() {
  const answer = await fetch(roads.dataset.closures).catch(() => null);
  if (!answer?.ok) return;
  const found = await answer.json();
  setClosed?.(found);
  const count = roads.querySelector("[data-closed-count]");
  if (count) count.textContent = found.features.length || "";
}

/* the line ----------------------------------------------------------------------------------------------------------- */

const form = () => document.getElementById("closure-form");

function showTools() {
  side.classList.toggle("is-drawing", stop !== null);
  form().querySelector("[data-draw]").hidden = !map;
  form().querySelector("[data-draw]").setAttribute("aria-pressed", String(stop !== null));
  form().querySelector("[data-draw-hint]").hidden = stop === null;
  const weather = side.querySelector("[data-weather]");
  if (weather) weather.hidden = !document.querySelector(".watch-menu summary")?.offsetParent;
}

function take({ lng, lat }) {
  line = [...line, [Number(lng.toFixed(6)), Number(lat.toFixed(6))]].slice(-20);
  stop = line.length % 2 ? map.pickPoint(take) : null;
  lineChanged();
}

function pick() {
  if (stop) {
    stop();
    stop = null;
  } else {
    stop = map.pickPoint(take);
  }
  showTools();
}

function again() {
  line = [];
  pick();
  lineChanged();
}

let asked = 0;

async function lineChanged() {
  const { elements } = form();
  elements.line.value = line.length > 1 ? JSON.stringify(line) : "";
  showTools();
  const found = form().querySelector("[data-found]");
  const mine = line.length > 1 ? { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } } : null;
  drawClosing(collection(mine));
  if (!mine && !elements.street.value) return (found.textContent = "");
  const turn = ++asked;
  const query = new URLSearchParams({ line: elements.line.value, street: elements.street.value, heading: elements.heading.value });
  const answer = await fetch(`${roads.dataset.closures}?${query}`).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const { words, feature } = await answer.json();
  form().querySelector("[data-found]").textContent = words;
  drawClosing(collection(mine, feature));
}

/* a form made anew by news or a refusal keeps its line; after a closure it is empty, and so is the map */
function formArrived(verb) {
  const kept = form().elements.line.value;
  if (verb !== "get" && (!kept || kept === "null")) line = [];
  if (!line.length && stop) pick();
  lineChanged();
  drawClosures();
}

side.addEventListener("click", ({ target }) => {
  if (target.closest("[data-draw]")) stop || !line.length ? pick() : again();
  if (target.closest("[data-weather]")) {
    const menu = document.querySelector(".watch-menu");
    menu.open = true;
    menu.querySelector("summary").focus();
  }
});
side.addEventListener("change", ({ target }) => target.matches("#closure-street, #closure-heading") && lineChanged());
document.body.addEventListener("htmx:afterSettle", ({ detail }) => detail.target === side && formArrived(detail.requestConfig.verb));

function hold(found) {
  map = found;
  if (!map) return;
  setClosed = closedRoads(map);
  addClosing();
  map.map.on("style.load", addClosing);
  drawClosures();
  if (form()) showTools();
}

if (roads.dataset.mapId) hold(await openMap(document.getElementById(roads.dataset.mapId)));
else document.addEventListener("jiean:map", ({ detail }) => hold(detail));
