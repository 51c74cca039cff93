/** Sends what waits: one tab at a time, oldest first, whatever fails last, and nothing blocks the rest. */
import { ref, shallowRef, watch } from "vue";
import { exclusively, session } from "@/accounts/session";
import { db, isReport, type Queued } from "@/kit/db";
import { delayMs, isDue, nextTry } from "./backoff";
import { earliest, nextDue, retryAll, retryCut } from "./due";
import { note } from "./events";
import { amend, countStored, settleLeftovers } from "./ledger";
import { onLineChange, photosWait } from "./mobile";
import { phone } from "./phone";
import { sendOnce } from "./sender";
import { tidy } from "./tidy";
import { judge, type Verdict } from "./verdict";

/** Why nothing moves although something waits. */
export type Holding = "signIn" | "noLine" | "strange" | "mobileData" | null;
export const holding = shallowRef<Holding>(null);
export const busy = ref(false);

let again = false; // something came while a pass was running
/** The person said "now" of one report or of all, whatever the line costs. */
type Insistence = string | "all" | null;
let asked: Insistence = null; // for the next pass
let insisted: Insistence = null; // for this pass
let lineTries = 0;
let lineNotBefore = 0;
let lineIsStrange = false; // something answers, but not our server
let timer: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | null = null;

/** Called once when the page starts. */
export function startSending(): void {
  window.addEventListener("online", () => void lineIsBack());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  onLineChange(async () => {
    if (insisted === null && (await photosWait())) running?.abort();
    await lineIsBack();
  });
  watch(session, (now, before) => {
    if (now && !now.ended && (before?.ended || before?.user.id !== now.user.id)) wake();
  });
  const stopped = (error: unknown) => console.error("the outbox stopped", error);
  void tidy().catch(stopped).finally(wake);
}

/** Look now for what is due. Safe to call at any time. */
export function wake(): void {
  clearTimeout(timer);
  if (busy.value) {
    again = true;
    return;
  }
  busy.value = true;
  void pass().finally(() => {
    busy.value = false;
    if (again) {
      again = false;
      wake();
    } else void schedule().catch((error) => console.error("the outbox has no clock", error));
  });
}

/** Something new is in the outbox: worth asking the line again. */
export function hurry(): void {
  lineNotBefore = 0;
  wake();
}

/** The person wants it now: waits are dropped, what was refused is tried once more. Without `id`: all. */
export async function sendNow(id?: string): Promise<void> {
  await retryAll(id);
  asked = id ?? "all";
  hurry();
}

async function lineIsBack(): Promise<void> {
  lineTries = lineNotBefore = 0;
  await retryCut();
  wake();
}

const isInsisted = (id: string) => insisted === "all" || insisted === id;

async function pass(): Promise<void> {
  try {
    await exclusively("dudao-outbox", sendAllDue);
  } catch (error) {
    console.error("the outbox stopped", error); // the database itself failed; the timer tries again
  } finally {
    insisted = null;
  }
}

async function sendAllDue(): Promise<void> {
  insisted = asked;
  asked = null;
  await settleLeftovers();
  for (;;) {
    holding.value = phone.signer.hasEnded() ? "signIn" : null;
    if (holding.value || !isDue(lineNotBefore)) break;
    const wait = await photosWait();
    const row = await nextDue(({ id }) => wait && !isInsisted(id));
    if (!row || !(await attempt(row))) break;
  }
  if (lineNotBefore > Date.now()) holding.value ??= lineIsStrange ? "strange" : "noLine";
  if (insisted !== "all" && (await photosWait())) holding.value ??= "mobileData";
}

/** False where the pass had better end: no line, or nobody signed in. */
async function attempt(row: Queued): Promise<boolean> {
  running = new AbortController();
  const stored = await countStored(row);
  const terms = {
    ...phone,
    signal: running.signal,
    photosMayGo: async () => isInsisted(row.id) || !(await photosWait()),
  };
  try {
    const outcome = await sendOnce(row, terms);
    lineTries = 0;
    await note(outcome, row.id);
    return true;
  } catch (error) {
    // A bad line that brings one photo through at each try is worth trying again soon.
    const moved = (await countStored(row)) > stored;
    return await failed(moved ? { ...row, tries: 0 } : row, judge(error, phone.signer, itemsOf(row)));
  } finally {
    running = null;
  }
}

const itemsOf = (row: Queued) => (isReport(row) ? row.body.answers.map(({ item }) => item) : []);

async function failed(row: Queued, verdict: Verdict): Promise<boolean> {
  const { means, problem, retryAfter } = verdict;
  await note(means, row.id, problem.code);
  const current = await db.outbox.get(row.id);
  const back = current?.state === "sending" ? ({ state: "waiting" } as const) : {};
  if (means === "signIn") {
    await amend(row, back);
    holding.value = "signIn";
    return false;
  }
  if (means === "refused") {
    await amend(row, { state: "refused", problem });
    return true;
  }
  if (means === "line") {
    lineNotBefore = Date.now() + delayMs(lineTries++);
    lineIsStrange = problem.code === "strange-answer";
  } else lineTries = 0;
  await amend(row, { ...back, problem, tries: row.tries + 1, next_try_at: nextTry(row.tries, retryAfter) });
  return means !== "line";
}

/** Set the clock for whatever is due next. */
async function schedule(): Promise<void> {
  if (holding.value === "signIn") return; // signing in wakes
  const next = await earliest();
  if (next === null) return;
  const at = Math.max(lineNotBefore, next);
  clearTimeout(timer);
  timer = setTimeout(wake, isDue(at) ? delayMs(0) : at - Date.now());
}
