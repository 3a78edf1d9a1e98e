/* Posts before and after, each on its own map. */

import { openMap } from "../design/map.js";

document.querySelectorAll("[data-points]").forEach(async (list) => {
  const map = await openMap(document.getElementById(list.dataset.points));
  if (!map) return;
  const rows = [...list.children].map(({ dataset, textContent }, i) => ({
    id: i + 1, sign: textContent.trim(), glyph: "post", status: "free", lon: Number(dataset.lon), lat: Number(dataset.lat), heading: null, age_s: 0,
  }));
  map.setUnits(rows);
});
