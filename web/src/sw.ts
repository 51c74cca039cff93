/** The service worker: the phone's pages from this device, everything else from the line. */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

type Entry = { url: string; revision: string | null };
declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: unknown };

const LATER = "later"; // as build/phone.ts marks what is fetched once the page runs, so that installing stays small
const CACHE = "dudao-later";

const manifest = self.__WB_MANIFEST as Entry[];
const later = manifest
  .filter(({ revision }) => revision === LATER)
  .map(({ url }) => new URL(url, self.location.origin).pathname);

// What has no route here goes to the network as if this file were not there: /api and /desk above all.
precacheAndRoute(manifest.filter(({ revision }) => revision !== LATER));
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/"), { allowlist: [/^\/(\?.*)?$/] }));
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && later.includes(url.pathname),
  async ({ request }) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request),
);

async function fetchLater(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  await Promise.all(kept.filter((path) => !later.includes(path)).map((path) => cache.delete(path)));
  await cache.addAll(later.filter((path) => !kept.includes(path)));
}

self.addEventListener("message", (event) => {
  // A new version waits until the person says so: nobody loses the page under their hands.
  if (event.data === "take over") void self.skipWaiting();
  if (event.data === "fetch the rest") event.waitUntil(fetchLater().catch(() => undefined)); // no line: next time
});
