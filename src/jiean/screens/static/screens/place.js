/* The small map of a place. */

import { openMap } from "../design/map.js";

const { lon, lat } = document.querySelector("[data-place]").dataset;
const map = await openMap(document.getElementById("place-map"));
map?.pin(Number(lon), Number(lat));
