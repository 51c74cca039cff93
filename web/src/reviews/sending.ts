/** Sends decisions when their time to undo is over, or at once when the page is left. */
import { computed, ref } from "vue";
import { exclusively, session } from "@/accounts/session";
import { queryClient } from "@/desk/queries";
import { api, RefusedError, told } from "@/kit/api";
import { preferred } from "@/kit/i18n";
import { forgetReturn } from "./drafts";
import {
  bodyOf,
  type Decision,
  drop,
  dueNow,
  isFinal,
  later,
  parting,
  readAll,
  type Step,
  UNDO_MS,
  wasTaken,
  write,
} from "./pending";

const all = ref<Decision[]>(readAll(localStorage));
const madeHere = new Set<string>(); // only the tab where it was decided sends it early
export const clock = ref(Date.now());
export const sendingNow = ref<ReadonlySet<string>>(new Set());

const mine = computed(() => all.value.filter((one) => one.by === session.value?.user.id));
export const unsent = computed(() => mine.value.filter((one) => !one.refused));
export const refused = computed(() => mine.value.filter((one) => one.refused));
/** Report → revision that the server has our decision on; its list may not show it yet. */
const settled = ref(new Map<string, number>());

/** Whether a report has left the queue: decided here, and the server has not said no. */
export function hasLeft(row: { id: string; revision: number }): boolean {
  return settled.value.get(row.id) === row.revision || unsent.value.some((one) => one.report_id === row.id);
}

function reread() {
  all.value = readAll(localStorage);
}

export type Wanted = Pick<
  Decision,
  "report_id" | "number" | "site" | "revision" | "decision" | "comment" | "items"
>;

export function decide(wanted: Wanted[]): void {
  const by = session.value?.user.id;
  if (!by) return;
  const batch =
    wanted.length > 1 ? { id: crypto.randomUUID?.() ?? String(Date.now()), size: wanted.length } : null;
  for (const one of wanted) {
    write(localStorage, { ...one, by, due_at: Date.now() + UNDO_MS, tries: 0, batch, refused: null });
    madeHere.add(one.report_id);
  }
  reread();
}

/** Take decisions back that were not sent yet. */
export function undo(decisions: Decision[]): void {
  for (const one of decisions) if (!sendingNow.value.has(one.report_id)) drop(localStorage, one.report_id);
  reread();
}

export function dismiss(decision: Decision): void {
  drop(localStorage, decision.report_id);
  reread();
}

async function send(decision: Decision): Promise<void> {
  const path = { report_id: decision.report_id };
  try {
    told(await api.POST("/api/v1/reports/{report_id}/reviews", { params: { path }, body: bodyOf(decision) }));
    done(decision);
  } catch (error) {
    if (!(error instanceof RefusedError) || !isFinal(error.status)) {
      write(
        localStorage,
        later(decision, Date.now(), error instanceof RefusedError ? error.retryAfter : null),
      );
    } else if (error.status === 409 && (await takenBefore(decision))) {
      done(decision);
    } else {
      write(localStorage, {
        ...decision,
        refused: { status: error.status, code: error.code, text: error.text },
      });
      queryClient.invalidateQueries({ queryKey: ["report", decision.report_id] });
    }
  }
}

async function takenBefore(decision: Decision): Promise<boolean> {
  const path = { report_id: decision.report_id };
  const answer = await api.GET("/api/v1/reports/{report_id}", { params: { path } }).catch(() => null);
  return wasTaken(decision, (answer?.data?.history ?? []) as Step[]);
}

function done(decision: Decision) {
  settled.value.set(decision.report_id, decision.revision);
  drop(localStorage, decision.report_id);
  madeHere.delete(decision.report_id);
  if (decision.decision === "return") forgetReturn(decision.by, decision.report_id);
  queryClient.invalidateQueries({ queryKey: ["report", decision.report_id] });
}

let running: Promise<void> | null = null;

/** Send what is due, one after another; one that fails never holds up the rest. */
function sendDue(): Promise<void> {
  running ??= exclusively("dudao-decisions", async () => {
    const due = () => dueNow(readAll(localStorage), session.value?.user.id, Date.now());
    for (const { report_id } of due()) {
      const decision = due().find((one) => one.report_id === report_id); // not undone or sent by another tab meanwhile
      if (!decision || session.value?.ended) continue;
      sendingNow.value = new Set([report_id]);
      await send(decision);
      sendingNow.value = new Set();
      reread();
    }
    queryClient.invalidateQueries({ queryKey: ["reports"] });
  }).finally(() => {
    running = null;
  });
  return running;
}

/** Do not wait for the time to undo: before signing out. */
export async function sendAllNow(): Promise<void> {
  for (const one of unsent.value) write(localStorage, { ...one, due_at: Math.min(one.due_at, Date.now()) });
  await running;
  await sendDue();
}

/**
 * The page is going away: what was decided here is sent by requests that outlive it. It stays kept, for nobody hears the
 * answer; sent again later it is a no-op for the server.
 */
function leave() {
  for (const one of unsent.value.filter((each) => madeHere.has(each.report_id))) {
    write(localStorage, { ...one, due_at: Math.min(one.due_at, Date.now()) });
    const request = parting(one, session.value?.access_token, preferred() === "zh" ? "zh-CN" : "en");
    fetch(`/api/v1/reports/${one.report_id}/reviews`, request).catch(() => null);
  }
}

let begun = false;

/** Begin; the desk's frame says so, and it counts once however often it is shown. */
export function keepSending(): void {
  if (begun) return;
  begun = true;
  addEventListener("pagehide", leave);
  addEventListener("storage", reread);
  setInterval(() => {
    clock.value = Date.now();
    if (!running && dueNow(mine.value, session.value?.user.id, clock.value).length) void sendDue();
  }, 500);
}
