/** The service worker: the phone's pages from this device, everything else from the line. */
import {
  addPlugins,
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
} from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { isGenuine } from "@/kit/genuine";

type Entry = { url: string; revision: string | null };
declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: unknown };

const LATER = "later"; // as build/phone.ts marks what is fetched once the page runs, so that installing stays small
const CACHE = "dudao-later";

const manifest = self.__WB_MANIFEST as Entry[];
const later = manifest
  .filter(({ revision }) => revision === LATER)
  .map(({ url }) => new URL(url, self.location.origin).pathname);

const scripts = manifest.map(({ url }) => url).filter((url) => url.endsWith(".js"));
const pathOf = (url: string) => new URL(url).pathname;
const genuine = async (request: Request, answer: Response | undefined) =>
  answer && (await isGenuine(pathOf(request.url), answer, scripts)) ? answer : null;

// A sign-in page in place of a script would be kept until that script changes. What an earlier version kept so goes too.
addPlugins([
  {
    cacheWillUpdate: ({ request, response }) => genuine(request, response),
    cachedResponseWillBeUsed: ({ request, cachedResponse }) => genuine(request, cachedResponse),
  },
]);
// What has no route here goes to the network as if this file were not there: /api and /desk above all.
precacheAndRoute(manifest.filter(({ revision }) => revision !== LATER));
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/"), { allowlist: [/^\/(\?.*)?$/] }));
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && later.includes(url.pathname),
  async ({ request }) =>
    (await genuine(request, await caches.match(request, { ignoreVary: true }))) ?? fetch(request),
);

async function fetchLater(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = new Set<string>();
  for (const request of await cache.keys()) {
    const path = pathOf(request.url);
    const good = later.includes(path) && (await genuine(request, await cache.match(request)));
    if (good) kept.add(path);
    else await cache.delete(request);
  }
  // Each for itself: one that does not come through a thin line takes none of the others with it.
  const missing = later.filter((path) => !kept.has(path)).map((path) => new Request(path));
  await Promise.allSettled(
    missing.map(async (request) => {
      const answer = await genuine(request, await fetch(request));
      if (answer) await cache.put(request, answer);
    }),
  );
}

self.addEventListener("message", (event) => {
  // A new version waits until the person says so: nobody loses the page under their hands.
  if (event.data === "take over") void self.skipWaiting();
  if (event.data === "fetch the rest") event.waitUntil(fetchLater().catch(() => undefined)); // no line: next time
});
