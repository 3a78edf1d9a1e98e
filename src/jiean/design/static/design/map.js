/* The map: base map in our own colours, incidents, units, cells, a route, and the pin picker.
 *
 *   openMap(element) → StationMap.   The element carries, from the template "design/_map.html":
 *     data-library, data-worker, data-icons, data-tiles     addresses of files
 *     data-bounds="west,south,east,north"                   where it opens
 *     data-attribution                                      whose map it is
 *   <div data-pin="lon_id lat_id">                           opens by itself and keeps two fields in step with a pin
 *
 * The map never moves by itself once the operator moved it; `overview()` gives it back.
 */

const STALE_S = 60;
const SHAPE_PX = 26;
const UNIT_PX = 30;

/* signs and names grow with the page's type, so that a wall is read from as far as the rest of it */
const scale = Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const font = ["sans-serif"];

let libraryLoading = null;

function loadLibrary({ library, worker }) {
  libraryLoading ??= import(library).then((maplibre) => {
    maplibre.setWorkerUrl(new URL(worker, location.href).href);
    const protocol = new globalThis.pmtiles.Protocol();
    maplibre.addProtocol("pmtiles", protocol.tile);
    return maplibre;
  });
  return libraryLoading;
}

const words = () => JSON.parse(document.getElementById("map-words")?.textContent ?? "{}");

/* the base map ---------------------------------------------------------------------------------------------------- */

const empty = () => ({ type: "FeatureCollection", features: [] });
const byZoom = (...stops) => ["interpolate", ["exponential", 1.5], ["zoom"], ...stops];
const roadOf = (classes) => ["in", ["get", "class"], ["literal", classes]];
const MAIN = ["motorway", "trunk", "primary", "secondary"];
const MINOR = ["tertiary", "residential", "unclassified", "living_street", "service"];
const PATHS = ["pedestrian", "footway", "path", "cycleway", "steps"];

function roads(id, classes, color, width, extra = {}) {
  return {
    id,
    type: "line",
    source: "base",
    "source-layer": "roads",
    filter: roadOf(classes),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": token(color), "line-width": width },
    ...extra,
  };
}

function baseLayers() {
  const fill = (id, color, extra = {}) => ({
    id,
    type: "fill",
    source: "base",
    "source-layer": id,
    paint: { "fill-color": token(color) },
    ...extra,
  });
  const label = (id, layout, color = "map-label") => ({
    id,
    type: "symbol",
    source: "base",
    layout: { "text-field": ["get", "name"], "text-font": font, "text-size": 12 * scale, ...layout },
    paint: { "text-color": token(color), "text-halo-color": token("map-halo"), "text-halo-width": 1.5 },
  });
  return [
    { id: "land", type: "background", paint: { "background-color": token("map-land") } },
    fill("green", "map-green"),
    fill("water", "map-water"),
    fill("buildings", "map-building", { minzoom: 14 }),
    roads("paths", PATHS, "map-road-edge", byZoom(14, 0.4, 18, 2), { minzoom: 15 }),
    roads("minor-edge", MINOR, "map-road-edge", byZoom(12, 0.8, 15, 4, 18, 15), { minzoom: 13 }),
    roads("main-edge", MAIN, "map-road-edge", byZoom(10, 1.5, 14, 6.5, 18, 24)),
    roads("minor", MINOR, "map-road", byZoom(12, 0.5, 15, 3, 18, 13)),
    roads("main", MAIN, "map-road-main", byZoom(10, 1, 14, 5, 18, 21)),
    { ...roads("rails", [], "map-rail", 1.5), "source-layer": "rails", filter: true, minzoom: 12 },
    {
      ...label("main-names", { "symbol-placement": "line", "symbol-spacing": 350 }),
      "source-layer": "roads",
      filter: ["all", roadOf(MAIN), ["has", "name"]],
      minzoom: 11,
    },
    {
      ...label("minor-names", { "symbol-placement": "line", "text-size": 11 * scale }),
      "source-layer": "roads",
      filter: ["all", roadOf(MINOR), ["has", "name"]],
      minzoom: 14.5,
    },
    { ...label("places", { "text-size": 13 * scale, "text-padding": 12 }), "source-layer": "places", minzoom: 12 },
  ];
}

/* what stands on it ----------------------------------------------------------------------------------------------- */

const LAYERS_OF = {
  cells: ["cells-fill", "cells-line", "cells-name"],
  incidents: ["incident-selected", "incidents"],
  units: ["unit-heading", "units"],
  premises: ["premises"],
};

function ownLayers() {
  const halo = { "text-halo-color": token("map-halo"), "text-halo-width": 1.5 };
  return [
    {
      id: "cells-fill",
      type: "fill",
      source: "cells",
      paint: { "fill-color": token("map-cell"), "fill-opacity": ["coalesce", ["get", "share"], 0.05] },
      layout: { visibility: "none" },
    },
    {
      id: "cells-line",
      type: "line",
      source: "cells",
      paint: { "line-color": token("map-cell"), "line-width": 1, "line-opacity": 0.7 },
      layout: { visibility: "none" },
    },
    {
      id: "cells-name",
      type: "symbol",
      source: "cells",
      minzoom: 13,
      layout: { "text-field": ["get", "code"], "text-font": font, "text-size": 11 * scale, visibility: "none" },
      paint: { "text-color": token("map-cell"), ...halo },
    },
    {
      id: "premises",
      type: "symbol",
      source: "premises",
      minzoom: 13,
      layout: {
        "icon-image": "place",
        "icon-size": scale,
        "text-field": ["get", "name"],
        "text-font": font,
        "text-size": 11 * scale,
        "text-offset": [0, 1],
        "text-anchor": "top",
        "text-optional": true,
        visibility: "none",
      },
      paint: { "text-color": token("map-label"), ...halo },
    },
    {
      id: "route",
      type: "line",
      source: "route",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": token("accent"), "line-width": 4, "line-opacity": 0.85 },
    },
    {
      id: "unit-heading",
      type: "symbol",
      source: "units",
      filter: ["has", "heading"],
      layout: {
        "icon-image": ["concat", "heading-", ["get", "tone"]],
        "icon-size": scale,
        "icon-rotate": ["get", "heading"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    },
    {
      id: "units",
      type: "symbol",
      source: "units",
      layout: {
        "icon-image": ["concat", "unit-", ["get", "glyph"], "-", ["get", "tone"]],
        "icon-size": scale,
        "icon-allow-overlap": true,
        "text-field": ["get", "sign"],
        "text-font": font,
        "text-size": byZoom(11, 10 * scale, 15, 13 * scale),
        "text-offset": [0, 1.3],
        "text-anchor": "top",
        "text-optional": true,
      },
      paint: { "text-color": ["get", "color"], ...halo },
    },
    {
      id: "incident-selected",
      type: "circle",
      source: "incidents",
      filter: ["==", ["id"], -1],
      paint: {
        "circle-radius": 19 * scale,
        "circle-color": "rgba(0,0,0,0)",
        "circle-stroke-color": token("accent"),
        "circle-stroke-width": 3,
      },
    },
    {
      id: "incidents",
      type: "symbol",
      source: "incidents",
      layout: {
        "icon-image": ["concat", "grade-", ["get", "grade"]],
        "icon-size": scale,
        "icon-allow-overlap": true,
        "symbol-sort-key": ["-", 5, ["get", "grade"]],
        "text-field": byZoomText(),
        "text-font": font,
        "text-size": 12 * scale,
        "text-offset": [0, 1.2],
        "text-anchor": "top",
        "text-optional": true,
      },
      paint: { "text-color": token("ink"), ...halo },
    },
  ];
}

const byZoomText = () => ["step", ["zoom"], "", 13, ["get", "label"]];

function makeStyle(dataset, data) {
  const base = { type: "vector", url: `pmtiles://${new URL(dataset.tiles, location.href).href}` };
  const sources = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, { type: "geojson", data: value }]));
  return { version: 8, sources: { base, ...sources }, layers: [...baseLayers(), ...ownLayers()] };
}

/* drawn images ---------------------------------------------------------------------------------------------------- */

function drawn(size, draw) {
  const ratio = 2 * scale;
  const canvas = new OffscreenCanvas(size * ratio, size * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  draw(pen, size);
  return [pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: ratio }];
}

const SHAPES = {
  1: (pen, c, r) => [[c, c - r], [c + r, c], [c, c + r], [c - r, c]].forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x, y)),
  2: (pen, c, r) => [[c, c - r], [c + r, c + r * 0.8], [c - r, c + r * 0.8]].forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](x, y)),
  3: (pen, c, r) => pen.arc(c, c, r * 0.8, 0, 2 * Math.PI),
  4: (pen, c, r) => pen.arc(c, c, r * 0.7, 0, 2 * Math.PI),
};

function gradeImage(grade) {
  return drawn(SHAPE_PX, (pen, size) => {
    pen.beginPath();
    SHAPES[grade](pen, size / 2, size / 2 - 3);
    pen.closePath();
    pen.fillStyle = grade === 4 ? token("map-halo") : token(`grade-${grade}`);
    pen.strokeStyle = grade === 4 ? token("grade-4") : token("map-halo");
    pen.lineWidth = grade === 4 ? 3.5 : 2;
    pen.lineJoin = "round";
    pen.fill();
    pen.stroke();
  });
}

async function glyphPaths(address) {
  const sheet = new DOMParser().parseFromString(await (await fetch(address)).text(), "image/svg+xml");
  return (name) => [...(sheet.getElementById(name)?.querySelectorAll("path") ?? [])].map((path) => new Path2D(path.getAttribute("d")));
}

function unitImage(paths, color) {
  return drawn(UNIT_PX, (pen, size) => {
    pen.beginPath();
    pen.arc(size / 2, size / 2, 11, 0, 2 * Math.PI);
    pen.fillStyle = color;
    pen.strokeStyle = token("map-halo");
    pen.lineWidth = 2;
    pen.fill();
    pen.stroke();
    pen.translate(size / 2 - 7.5, size / 2 - 7.5);
    pen.scale(15 / 24, 15 / 24);
    pen.strokeStyle = token("map-halo");
    pen.lineWidth = 2.4;
    pen.lineCap = pen.lineJoin = "round";
    paths.forEach((path) => pen.stroke(path));
  });
}

function headingImage(color) {
  return drawn(46, (pen, size) => {
    pen.beginPath();
    pen.moveTo(size / 2, 1);
    pen.lineTo(size / 2 + 6, 10);
    pen.lineTo(size / 2 - 6, 10);
    pen.closePath();
    pen.fillStyle = color;
    pen.fill();
  });
}

function placeImage() {
  return drawn(12, (pen) => {
    pen.fillStyle = token("map-label");
    pen.strokeStyle = token("map-halo");
    pen.lineWidth = 1.5;
    pen.fillRect(3, 3, 6, 6);
    pen.strokeRect(3, 3, 6, 6);
  });
}

/* the map of a station -------------------------------------------------------------------------------------------- */

const GLYPHS = { car: "car", ptu: "shield", road: "route", post: "building", motorcycle: "motorbike", foot: "walk", team: "users" };
const TONES = { free: "map-unit-free", busy: "map-unit-busy", stale: "map-unit-stale" };

const feature = (id, lon, lat, properties) => ({
  type: "Feature",
  id,
  geometry: { type: "Point", coordinates: [lon, lat] },
  properties,
});

export class StationMap {
  #maplibre;
  #element;
  #data = { cells: empty(), premises: empty(), route: empty(), units: empty(), incidents: empty() };
  #units = new Map();
  #moved = false;
  #hidden = new Set(["cells", "premises"]);
  #selected = -1;

  constructor(maplibre, element) {
    this.#maplibre = maplibre;
    this.#element = element;
    const { dataset } = element;
    this.map = new maplibre.Map({
      container: element,
      style: makeStyle(dataset, this.#data),
      bounds: dataset.bounds.split(",").map(Number),
      fitBoundsOptions: { padding: 8 },
      attributionControl: { compact: false, customAttribution: dataset.attribution },
      localIdeographFontFamily: token("font"),
      locale: words(),
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: true },
    });
    this.map.touchZoomRotate.disableRotation();
    if (!("still" in dataset)) this.map.addControl(new maplibre.NavigationControl({ showCompass: false }), "bottom-right");
    this.map.addControl(new maplibre.ScaleControl({ maxWidth: 120 }), "bottom-left");
    this.map.on("movestart", (event) => {
      if (event.originalEvent) this.#moved = true;
    });
    this.map.on("error", (event) => {
      if (event.sourceId === "base") element.dataset.baseMissing = "";
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  async begin() {
    await new Promise((done) => (this.map.isStyleLoaded() ? done() : this.map.once("style.load", done)));
    this.#glyphs = await glyphPaths(this.#element.dataset.icons);
    this.#addImages();
    return this;
  }

  #glyphs = () => [];

  #addImages() {
    const add = (name, [image, options]) => this.map.hasImage(name) || this.map.addImage(name, image, options);
    [1, 2, 3, 4].forEach((grade) => add(`grade-${grade}`, gradeImage(grade)));
    add("place", placeImage());
    Object.entries(TONES).forEach(([tone, name]) => {
      add(`heading-${tone}`, headingImage(token(name)));
      Object.entries(GLYPHS).forEach(([glyph, icon]) => add(`unit-${glyph}-${tone}`, unitImage(this.#glyphs(icon), token(name))));
    });
  }

  #redraw() {
    this.map.setStyle(makeStyle(this.#element.dataset, this.#data), { diff: false });
    this.map.once("style.load", () => {
      this.#addImages();
      this.#applyVisibility();
      this.select(this.#selected);
    });
  }

  #set(name, features) {
    this.#data[name] = { type: "FeatureCollection", features };
    this.map.getSource(name)?.setData(this.#data[name]);
  }

  /** rows: {id, lon, lat, grade, label} */
  setIncidents(rows) {
    this.#set("incidents", rows.map(({ id, lon, lat, ...rest }) => feature(id, lon, lat, rest)));
  }

  /** rows: {id, sign, glyph, status: free|busy, lon, lat, heading, age_s} */
  setUnits(rows) {
    this.#units = new Map(rows.map((row) => [row.id, row]));
    this.#drawUnits();
  }

  /** The two-second picture: [[id, lon, lat, heading, age_s], …] */
  moveUnits(positions) {
    positions.forEach(([id, lon, lat, heading, age_s]) => {
      const unit = this.#units.get(id);
      if (unit) Object.assign(unit, { lon, lat, heading, age_s });
    });
    this.#drawUnits();
  }

  #drawUnits() {
    const placed = [...this.#units.values()].filter((unit) => unit.lon !== null && unit.lon !== undefined);
    this.#set(
      "units",
      placed.map(({ id, lon, lat, heading, age_s, status, glyph, sign }) => {
        const tone = age_s > STALE_S ? "stale" : status;
        const properties = { sign, glyph: glyph in GLYPHS ? glyph : "team", tone, color: token(TONES[tone]) };
        if (heading !== null && heading !== undefined && tone !== "stale") properties.heading = heading;
        return feature(id, lon, lat, properties);
      }),
    );
  }

  setCells(collection) {
    this.#set("cells", collection.features);
  }

  setPremises(rows) {
    this.#set("premises", rows.map(({ id, lon, lat, name }) => feature(id, lon, lat, { name })));
  }

  setRoute(line) {
    this.#set("route", line?.length ? [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } }] : []);
  }

  select(id) {
    this.#selected = id ?? -1;
    this.map.setFilter("incident-selected", ["==", ["id"], this.#selected]);
  }

  /** Bring a point into view, unless the operator has taken the map in hand. */
  show(lon, lat) {
    if (this.#moved || this.map.getBounds().contains([lon, lat])) return;
    this.map.easeTo({ center: [lon, lat] });
  }

  /** The whole town again; the map may follow from here on. */
  overview() {
    this.#moved = false;
    this.map.fitBounds(this.#element.dataset.bounds.split(",").map(Number), { padding: 8 });
  }

  toggle(name, on) {
    this.#hidden[on ? "delete" : "add"](name);
    this.#applyVisibility();
  }

  #applyVisibility() {
    Object.entries(LAYERS_OF).forEach(([name, layers]) =>
      layers.forEach((layer) => this.map.setLayoutProperty(layer, "visibility", this.#hidden.has(name) ? "none" : "visible")),
    );
  }

  /** The next click on the map is a point for `act`, not a choice; answers a function that calls it off. */
  pickPoint(act) {
    const canvas = this.map.getCanvas();
    const stop = () => {
      this.#picking = false;
      canvas.style.cursor = "";
      this.map.off("click", take);
    };
    const take = ({ lngLat }) => {
      stop();
      act(lngLat);
    };
    this.#picking = true;
    canvas.style.cursor = "crosshair";
    this.map.on("click", take);
    return stop;
  }

  #picking = false;

  onIncident(act) {
    this.#onClick("incidents", act);
  }

  onUnit(act) {
    this.#onClick("units", act);
  }

  #onClick(layer, act) {
    this.map.on("click", layer, (event) => this.#picking || act(event.features[0].id));
    this.map.on("mouseenter", layer, () => (this.map.getCanvas().style.cursor = "pointer"));
    this.map.on("mouseleave", layer, () => (this.map.getCanvas().style.cursor = ""));
  }

  pin(lon, lat, onDrag) {
    this.marker ??= new this.#maplibre.Marker({ draggable: true, color: token("accent") });
    this.marker.setLngLat([lon, lat]).addTo(this.map);
    if (onDrag && !this.marker.listensToDrag) {
      this.marker.listensToDrag = true;
      this.marker.on("dragend", () => onDrag(this.marker.getLngLat()));
    }
  }
}

/** Open a map in an element made by "design/_map.html". Resolves to null where the machine cannot draw it; the page says so. */
export async function openMap(element) {
  try {
    const maplibre = await loadLibrary(element.dataset);
    return await new StationMap(maplibre, element).begin();
  } catch (error) {
    element.dataset.unavailable = "";
    console.warn("map", error);
    return null;
  }
}

/* the rows a page shows, read from it: list and map cannot differ ------------------------------------------------- */

const number = (text) => (text === undefined || text === "" ? null : Number(text));

export const incidentsOf = (root) =>
  [...root.querySelectorAll("[data-incident]")].map(({ dataset }) => ({
    id: Number(dataset.incident),
    lon: Number(dataset.lon),
    lat: Number(dataset.lat),
    grade: Number(dataset.grade),
    label: dataset.label,
  }));

export const unitsOf = (root) =>
  [...root.querySelectorAll("[data-unit]")].map(({ dataset }) => ({
    id: Number(dataset.unit),
    sign: dataset.sign,
    glyph: dataset.glyph,
    status: dataset.status,
    lon: number(dataset.lon),
    lat: number(dataset.lat),
    heading: number(dataset.heading),
    age_s: number(dataset.age) ?? 0,
  }));

/* layers menu and pin picker -------------------------------------------------------------------------------------- */

/** Checkboxes [data-layer] and the button [data-overview] near the map. */
export function bindControls(root, map) {
  root.querySelectorAll("[data-layer]").forEach((box) => {
    map.toggle(box.dataset.layer, box.checked);
    box.addEventListener("change", () => map.toggle(box.dataset.layer, box.checked));
  });
  root.querySelectorAll("[data-overview]").forEach((button) => button.addEventListener("click", () => map.overview()));
}

async function openPin(element) {
  const map = await openMap(element);
  if (!map) return;
  const [lon, lat] = element.dataset.pin.split(" ").map((id) => document.getElementById(id));
  const write = ({ lng, lat: north }) => {
    lon.value = lng.toFixed(6);
    lat.value = north.toFixed(6);
    lat.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const read = () => {
    if (lon.value && lat.value) map.pin(Number(lon.value), Number(lat.value), write);
  };
  map.map.on("click", (event) => write(event.lngLat));
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      write(map.map.getCenter());
    }
  });
  [lon, lat].forEach((field) => field.addEventListener("change", () => {
    read();
    if (lon.value && lat.value) map.show(Number(lon.value), Number(lat.value));
  }));
  read();
}

document.querySelectorAll("[data-pin]").forEach(openPin);
