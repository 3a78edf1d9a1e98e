/* Opens the kept pages without a network. It keeps public files only, fetched without cookies: nothing of anybody signed in. */

const LANGUAGE = new URL(self.location).searchParams.get("lang") ?? "zh-Hans"; // of the page that asked for this script
const KEPT = `jiean-offline-{{ build }}-${LANGUAGE}`;
const PAGES = [{% for page in pages %}{ address: "{{ page.address }}", shell: "{{ page.shell }}", only: {{ page.only|yesno:"true,false" }} }, {% endfor %}];
const FILES = [{% for file in files %}"{{ file }}", {% endfor %}];

self.addEventListener("install", (event) => {
  const all = [...PAGES.map((page) => page.shell), ...FILES];
  const kept = caches.open(KEPT).then((cache) => cache.addAll(all.map((file) => new Request(file, { credentials: "omit", cache: "reload", headers: { "Accept-Language": LANGUAGE } }))));
  event.waitUntil(kept.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("jiean-offline-") && name !== KEPT).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate") {
    const page = PAGES.find(({ address, only }) => (only ? pathname === address : pathname.startsWith(address)));
    if (page) event.respondWith(fetch(event.request).catch(() => caches.match(page.shell, { ignoreVary: true })));
  } else if (FILES.includes(pathname)) {
    event.respondWith(fetch(event.request).catch(() => caches.match(pathname, { ignoreVary: true })));
  }
});
