/** Bringing what changed to this phone: page by page, each kept before the next is asked for. */
import { ref } from "vue";
import { exclusively, isOwn, session } from "@/accounts/session";
import { api, isNoLine, isStrangers, RefusedError, told } from "@/kit/api";
import { type Checklist, CURSOR, db, keep, owner, recall } from "@/kit/db";
import { within } from "@/kit/patience";
import { now } from "@/kit/time";
import { fetchPictures } from "@/moves/pictures";
import { missingVersions, putPage } from "./page";
import { pullSettings } from "./settings";

export const SYNCED = "synced";
const EVERY_MS = 5 * 60_000;
const PATIENCE_MS = 5 * 60_000; // a whole city over a thin line

/** Whether a pull is under way, and what the last one failed at: no line, somebody else's answer, or the server's words. */
export const pulling = ref(false);
export const pullProblem = ref<"noLine" | "strange" | "signedOut" | { text: string } | null>(null);

let running: Promise<void> | null = null;

/** Pull all that changed. Never throws: what is here stays usable, and `pullProblem` says what was wrong. */
export function pull(): Promise<void> {
  running ??= pullOnce().finally(() => {
    running = null;
  });
  return running;
}

async function pullOnce(): Promise<void> {
  if (!session.value || !isOwn()) return;
  pulling.value = true;
  try {
    await exclusively(`dudao-pull-${owner}`, pullPages);
    await keep(SYNCED, now());
    pullProblem.value = null;
    void fetchPictures();
  } catch (error) {
    if (isStrangers(error)) pullProblem.value = "strange";
    else if (isNoLine(error)) pullProblem.value = "noLine";
    else if (error instanceof RefusedError && error.status === 401) pullProblem.value = "signedOut";
    else pullProblem.value = { text: error instanceof RefusedError ? error.text : String(error) };
  } finally {
    pulling.value = false;
  }
}

async function pullPages(): Promise<void> {
  for (let more = true; more && isOwn(); ) {
    const cursor = await recall<string>(CURSOR);
    const page = await ask(cursor);
    await putPage(page);
    // A server that says "more" and moves no further would keep us here for ever.
    more = page.more === true && page.cursor !== cursor;
  }
  for (const [code, version] of await missingVersions()) {
    const path = { code, version };
    const result = await api.GET("/api/v1/checklists/{code}/versions/{version}", { params: { path } });
    if (result.response.status === 404) continue; // nowhere to be had; the pages show codes instead of names
    await db.checklists.put(told(result) as unknown as Checklist);
  }
  // A map without its tiles is no reason to say that the sync failed.
  await pullSettings().catch((error) => console.warn("no settings", error));
}

async function ask(cursor: string | undefined) {
  try {
    return await asked(cursor ? { cursor } : {});
  } catch (error) {
    // A cursor that this server does not read, as after a restore: everything anew.
    if (!cursor || isStrangers(error)) throw error;
    if (!(error instanceof RefusedError) || ![400, 422].includes(error.status)) throw error;
    return asked({});
  }
}

async function asked(query: { cursor?: string }) {
  return told(await api.GET("/api/v1/sync", { params: { query }, signal: within(PATIENCE_MS) }));
}

/** Pull now, when a line comes back, and every five minutes while the page is looked at. */
export function startPulling(): void {
  let last = Date.now();
  const due = () => {
    if (document.visibilityState !== "visible" || Date.now() - last < EVERY_MS) return;
    last = Date.now();
    void pull();
  };
  window.addEventListener("online", () => void pull());
  document.addEventListener("visibilitychange", due);
  setInterval(due, 30_000);
  void pull();
}
