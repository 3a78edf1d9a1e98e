/* A day of a trial on the map: cars between places, calls while they last, cells by the share reached in time. */

import { closedRoads } from "../design/closed-roads.js";
import { openMap } from "../design/map.js";

const box = document.getElementById("replay");
const slider = document.getElementById("replay-at");
const shownAt = box.querySelector("[data-at]");
const button = box.querySelector("[data-play]");
const SECONDS_A_TICK = 60;
const TICK_MS = 100;
const DARKEST = 0.6;

const get = (url) => fetch(url).then((answer) => (answer.ok ? answer.json() : null));
const clock = (at) => [Math.floor(at / 3600), Math.floor((at % 3600) / 60)].map((n) => String(n).padStart(2, "0")).join(":");

function carAt(day, car, at) {
  let place = null;
  let from = day.posts[car];
  for (const [who, begins, ends, start, end] of day.legs) {
    if (who !== car) continue;
    if (begins > at) break;
    const share = ends > begins ? Math.min(1, (at - begins) / (ends - begins)) : 1;
    const [a, b] = [day.places[start], day.places[end]];
    place = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
  }
  return place ?? from;
}

function draw(map, day, at) {
  const busy = new Set(day.scenes.filter(([, , , , there, cleared]) => there - 1200 <= at && at < cleared).map((one) => one[3]));
  const working = (car) => busy.has(car) && day.legs.some(([who, begins]) => who === car && begins <= at);
  map.setUnits(
    day.posts.map((_, car) => {
      const [lon, lat] = carAt(day, car, at);
      return { id: car + 1, sign: `${box.dataset.car} ${car + 1}`, glyph: "car", status: working(car) ? "busy" : "free", lon, lat, heading: null, age_s: 0 };
    }),
  );
  const open = day.scenes.filter(([called, , , , , cleared]) => called <= at && at < cleared);
  map.setIncidents(open.map(([called, place, grade]) => ({ id: called, lon: day.places[place][0], lat: day.places[place][1], grade, label: clock(called) })));
  shownAt.textContent = clock(at);
}

/* what is drawn on the cells: a share, or minutes with ten and more the darkest; the number stands beside the code */
const DARKEST_S = 600;
const HEATS = {
  share: (row) => [row.share, `${Math.round(100 * row.share)} %`],
  median_s: (row) => minutes(row.median_s),
  p90_s: (row) => minutes(row.p90_s),
};
const minutes = (seconds) => (seconds == null ? [0, "—"] : [Math.min(1, seconds / DARKEST_S), (seconds / 60).toFixed(1)]);

function coloured(cells, day, heat) {
  const rows = new Map(day.cells.map((row) => [row.cell, HEATS[heat](row)]));
  const features = cells.features.map((one) => {
    const [depth, words] = rows.get(one.id) ?? [0, "—"];
    return { ...one, properties: { ...one.properties, code: `${one.properties.code}  ${words}`, share: DARKEST * depth } };
  });
  return { ...cells, features };
}

const [map, day, cells] = await Promise.all([openMap(document.getElementById("replay-map")), get(box.dataset.replay), get(box.dataset.cells)]);
if (map && day) {
  closedRoads(map, day.closed);
  if (cells) {
    const heats = [...box.querySelectorAll("[name=heat]")];
    const heat = () => {
      const chosen = heats.find((one) => one.checked);
      map.setCells(coloured(cells, day, chosen.value));
      box.querySelector("[data-heat-words]").textContent = chosen.dataset.words;
    };
    heats.forEach((one) => one.addEventListener("change", heat));
    map.toggle("cells", true);
    heat();
  }
  const show = () => draw(map, day, Number(slider.value));
  slider.addEventListener("input", show);
  let running = null;
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(!running));
    running = running ? clearInterval(running) : setInterval(() => {
      slider.value = (Number(slider.value) + SECONDS_A_TICK) % 86400;
      show();
    }, TICK_MS);
  });
  show();
}
