{% load static %}/* Opens the report page without a network. It keeps public files only, fetched without cookies: nothing of anybody signed in. */

const KEPT = "jiean-offline-{{ build }}";
const PAGE = "/report/offline";
const FILES = [PAGE, {% for file in files %}"{% static file %}", {% endfor %}];

self.addEventListener("install", (event) => {
  const kept = caches.open(KEPT).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { credentials: "omit", cache: "reload" }))));
  event.waitUntil(kept.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("jiean-offline-") && name !== KEPT).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && pathname.startsWith("/report")) {
    event.respondWith(fetch(event.request).catch(() => caches.match(PAGE)));
  } else if (FILES.includes(pathname) && pathname !== PAGE) {
    event.respondWith(fetch(event.request).catch(() => caches.match(pathname)));
  }
});
