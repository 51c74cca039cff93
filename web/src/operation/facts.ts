/** What an administrator needs to know of this phone: gathered here, sent by nobody but the person. */
import { session } from "@/accounts/session";
import { db } from "@/kit/db";
import { happenings } from "@/outbox/events";
import { room } from "@/outbox/storage";
import { unfitness } from "./unfit";

/** Name of a line in `words.ts` and its value, where need be of several parts between " + "; null is "unknown". */
export type Fact = [name: string, value: string | null];

const yes = (value: boolean | null | undefined) => (value == null ? null : value ? "yes" : "no");

export async function facts(): Promise<Fact[]> {
  const [space, unfit, worker, states, photos, drafts, clock] = await Promise.all([
    room(),
    unfitness(),
    workerState(),
    countStates(),
    countPhotos(),
    db.drafts.count(),
    clockDifference(),
  ]);
  return [
    ["version", build()],
    [
      "person",
      session.value ? `${session.value.user.username}${session.value.ended ? " + ended" : ""}` : "—",
    ],
    ["browser", navigator.userAgent],
    ["screen", `${window.innerWidth} × ${window.innerHeight} @ ${window.devicePixelRatio}`],
    ["secure", yes(window.isSecureContext)],
    ["fit", unfit ?? "yes"],
    ["worker", worker],
    ["installed", yes(matchMedia("(display-mode: standalone)").matches)],
    ["online", yes(navigator.onLine)],
    ["line", (navigator as Navigator & { connection?: { type?: string } }).connection?.type ?? null],
    ["used", space.used === null ? null : `${(space.used / 1_048_576).toFixed(1)} MB`],
    ["quota", space.quota === null ? null : `${(space.quota / 1_048_576).toFixed(0)} MB`],
    ["persisted", yes(space.persisted)],
    ["outbox", states],
    ["photos", photos],
    ["drafts", String(drafts)],
    ["clock", clock],
    ["location", await permission("geolocation")],
    ["camera", await permission("camera")],
    ["notifications", await permission("notifications")],
  ];
}

/** The name of the running script, which is new with every build. */
function build(): string {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  return script?.src.split("/").pop() ?? "—";
}

async function workerState(): Promise<string> {
  if (!("serviceWorker" in navigator)) return "no";
  const registration = await navigator.serviceWorker.getRegistration().catch(() => undefined);
  if (!registration) return "none";
  const here = (["active", "waiting", "installing"] as const).filter((state) => registration[state]);
  return [...here, ...(navigator.serviceWorker.controller ? [] : ["uncontrolled"])].join(" + ");
}

async function countStates(): Promise<string> {
  const counts: Record<string, number> = {};
  await db.outbox.each(({ state }) => {
    counts[state] = (counts[state] ?? 0) + 1;
  });
  return (
    Object.entries(counts)
      .map(([state, count]) => `${state} ${count}`)
      .join(" + ") || "0"
  );
}

async function countPhotos(): Promise<string> {
  const sizes: number[] = [];
  await db.photos.filter((photo) => photo.here).each(({ size }) => sizes.push(size));
  return `${sizes.length}, ${(sizes.reduce((sum, size) => sum + size, 0) / 1_048_576).toFixed(1)} MB`;
}

/** How far this phone's clock is from the server's, in seconds; ahead is positive. */
async function clockDifference(): Promise<string | null> {
  const before = Date.now();
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  const said = Date.parse(answer?.headers.get("Date") ?? "");
  if (Number.isNaN(said)) return null;
  const middle = (before + Date.now()) / 2;
  const seconds = Math.round((middle - said) / 1000);
  return `${seconds > 0 ? "+" : ""}${seconds} s`;
}

async function permission(name: string): Promise<string | null> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch {
    return null; // this browser does not tell
  }
}

/** All of it as text, to be sent to somebody. */
export async function asText(found: Fact[], name: (fact: string) => string): Promise<string> {
  const lines = found.map(([fact, value]) => `${name(fact)}: ${value ?? "?"}`);
  const events = (await happenings()).map(({ at, what, report, code }) =>
    [at, what, report, code].filter(Boolean).join(" "),
  );
  return [`Dudao ${new Date().toISOString()}`, ...lines, "", ...events].join("\n");
}
