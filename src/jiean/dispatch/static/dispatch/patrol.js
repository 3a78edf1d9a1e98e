/* The patrol plan on its map: the chosen unit's stops, and the way between them. */

import { openMap } from "../design/map.js";

const element = document.getElementById("map-patrol");
const map = element && (await openMap(element));
const buttons = [...document.querySelectorAll("[data-way]")];

const stopsOf = (button) =>
  [...button.closest(".patrol-route").querySelectorAll("li")].map(({ dataset }, i) => ({
    id: i + 1, sign: String(i + 1), glyph: "post", status: "free", lon: Number(dataset.lon), lat: Number(dataset.lat), heading: null, age_s: 0,
  }));

async function show(button) {
  buttons.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
  map.setUnits(stopsOf(button));
  const answer = await fetch(button.dataset.way).catch(() => null);
  const shown = button.getAttribute("aria-pressed") === "true";
  if (shown) map.setRoute(answer?.ok ? (await answer.json()).line : null);
}

if (map) {
  buttons.forEach((button) => button.addEventListener("click", () => show(button)));
  if (buttons.length) await show(buttons[0]);
}
