/* The wall: the map draws the rows and units the column beside it was rendered from. */

import { incidentsOf, openMap, unitsOf } from "../design/map.js";

const side = document.getElementById("figures");

function draw(map) {
  map.setIncidents(incidentsOf(side));
  map.setUnits(unitsOf(side));
}

const map = await openMap(document.getElementById("map"));
if (map) {
  draw(map);
  document.body.addEventListener("htmx:afterSettle", () => draw(map));
  document.addEventListener("jiean:positions", (event) => map.moveUnits(event.detail));
}
