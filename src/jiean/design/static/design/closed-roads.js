/* Closed roads on a map: dashed in the colour of what is gravest, under the ways. */

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** One more line layer under the ways, from a source of that name; made once, and again after the map changed its look. */
export function addLine(view, id, source, paint, data) {
  view.getSource(source) || view.addSource(source, { type: "geojson", data });
  view.getLayer(id) || view.addLayer({ id, source, type: "line", layout: { "line-cap": "round" }, paint }, "route");
}

/** Keeps closed roads drawn on a map opened by map.js. Returns a function that takes other ones, a FeatureCollection. */
export function closedRoads({ map: view }, data = { type: "FeatureCollection", features: [] }) {
  let shown = data;
  const add = () => {
    addLine(view, "closures-halo", "closures", { "line-color": token("map-halo"), "line-width": 9 }, shown);
    addLine(view, "closures", "closures", { "line-color": token("grade-1"), "line-width": 5, "line-dasharray": [1, 1.4] }, shown);
  };
  add();
  view.on("style.load", add);
  return (other) => view.getSource("closures")?.setData((shown = other));
}
