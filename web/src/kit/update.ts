/** A new version of the page: told, never forced. */
import { ref } from "vue";

const HOURLY_MS = 3_600_000;
const SETTLED_MS = 8000;

/** Whether a newer version is here. */
export const isNewer = ref(false);
let waiting: ServiceWorker | null = null;

export function watchForUpdates(): void {
  // A part of this version that the server no longer has: only the new version can show that page.
  window.addEventListener("vite:preloadError", () => {
    if (navigator.onLine) void offerOnceHere();
  });
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  void navigator.serviceWorker
    .register("/sw.js")
    .then(watch, (error) => console.error("no service worker", error));
  // What is not needed at once is fetched once the page has settled.
  void navigator.serviceWorker.ready.then(({ active }) => {
    setTimeout(() => active?.postMessage("fetch the rest"), SETTLED_MS);
  });
}

function watch(registration: ServiceWorkerRegistration): void {
  const offer = () => {
    // Without a page under control the first worker is no update.
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    waiting = registration.waiting;
    isNewer.value = true;
  };
  offer();
  registration.addEventListener("updatefound", () =>
    registration.installing?.addEventListener("statechange", offer),
  );
  const look = () => void registration.update().catch(() => undefined); // no line: later
  setInterval(look, HOURLY_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
}

/**
 * Asks whoever answers for this page (its worker, else the server) whether a reload would bring another version: not
 * where the line alone is bad, nor while the new one is still on its way here, of which `watch` tells.
 */
async function offerOnceHere(): Promise<void> {
  const own = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  const page = await fetch("/")
    .then((answer) => (answer.ok ? answer.text() : ""))
    .catch(() => ""); // no line after all: the next look tells
  if (own && page && !page.includes(new URL(own.src).pathname)) isNewer.value = true;
  void navigator.serviceWorker?.getRegistration().then((known) => known?.update().catch(() => undefined));
}

/** The person said so. Everything typed is in the database already; an upload goes on at its byte. */
export function takeUpdate(): void {
  // Also where another tab took it already: what no longer waits would never answer.
  if (waiting?.state !== "installed") {
    location.reload();
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("take over");
}
