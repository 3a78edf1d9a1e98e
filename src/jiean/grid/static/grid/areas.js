/* The map of the areas page: the cells' outlines over the base map. */

import { openMap } from "../design/map.js";

const element = document.getElementById("areas-map");
const map = element && (await openMap(element));
const cells = map && (await fetch(element.closest("[data-cells]").dataset.cells).then((answer) => (answer.ok ? answer.json() : null)));
if (cells) {
  map.setCells(cells);
  map.toggle("cells", true);
}
