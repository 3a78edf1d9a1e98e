/* Posts on the map: as they are, or as they are proposed. */

import { closedRoads } from "../design/closed-roads.js";
import { openMap } from "../design/map.js";

const rowsOf = (name) =>
  [...document.querySelectorAll(`[data-points="${name}"] li`)].map(({ dataset, textContent }, i) => ({
    id: i + 1, sign: textContent.trim(), glyph: "post", status: name === "before" ? "busy" : "free",
    lon: Number(dataset.lon), lat: Number(dataset.lat), heading: null, age_s: 0,
  }));

const element = document.getElementById("map-sites");
const map = element && (await openMap(element));
const choices = [...document.querySelectorAll("[name=drawn]")];
const draw = () => map?.setUnits(rowsOf(choices.find((one) => one.checked).value));
choices.forEach((one) => one.addEventListener("change", draw));
if (map) {
  const closed = document.getElementById("closed-roads");
  if (closed) closedRoads(map, JSON.parse(closed.textContent));
  draw();
}
