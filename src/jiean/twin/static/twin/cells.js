/* A plan of cells on the map: as they are, as planned, its pieces; and an edit by two clicks. */

import { openMap } from "../design/map.js";

const box = document.getElementById("cells-map");
const choices = [...box.querySelectorAll("[name=drawn]")];
const form = box.querySelector(".cells-move");
const button = box.querySelector("[data-pick]");
const map = await openMap(document.getElementById("map-cells"));
let shown = null;

const draw = () => shown && map.setCells(shown[choices.find((one) => one.checked).value]);
const load = async () => {
  const answer = await fetch(box.dataset.map);
  if (answer.ok) shown = await answer.json();
  draw();
};

function pick() {
  const words = button.querySelector("span");
  const before = words.textContent;
  choices.find((one) => one.value === "pieces").checked = true;
  draw();
  words.textContent = button.dataset.first;
  map.pickPoint(({ lng, lat }) => {
    words.textContent = button.dataset.second;
    map.pickPoint((second) => {
      words.textContent = before;
      const fields = { lon: lng, lat, to_lon: second.lng, to_lat: second.lat };
      Object.entries(fields).forEach(([name, value]) => (form.elements[name].value = value));
      form.requestSubmit();
      Object.keys(fields).forEach((name) => (form.elements[name].value = ""));
    });
  });
}

if (map) {
  map.toggle("cells", true);
  choices.forEach((one) => one.addEventListener("change", draw));
  document.body.addEventListener("htmx:afterSwap", ({ target }) => target.id === "plan" && load());
  button?.addEventListener("click", pick);
  await load();
} else if (button) button.hidden = true;
