/* Hive posts on the map, open ones and closed ones; or the cells of the overview, each with its count. */

import { openMap } from "../design/map.js";

const element = document.getElementById("posts-map");
const rows = [...document.querySelectorAll("[data-post]")].map(({ dataset }, i) => ({
  id: i + 1, sign: dataset.sign, glyph: "post", status: dataset.open === "1" ? "free" : "busy",
  lon: Number(dataset.lon), lat: Number(dataset.lat), heading: null, age_s: 0,
}));
const map = element && (await openMap(element));
map?.setUnits(rows);
