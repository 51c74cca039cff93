/** Where an issue stands for whoever carries this phone: what may be done, what waits already, how urgent it is. */
import { db, type Issue, isMove, type MoveDraft, type MoveKind, type OutgoingMove } from "@/kit/db";
import { useLive } from "@/kit/live";

export type Verb = Extract<
  Issue["moves"][number],
  "acknowledge" | "reply" | "object" | "ask_extension" | "pass" | "fail" | "holds" | "false_closure"
>;
const VERBS: readonly Verb[] = [
  "reply",
  "acknowledge",
  "ask_extension",
  "object",
  "pass",
  "fail",
  "holds",
  "false_closure",
];
/** By which kind of entry each is sent. */
export const KIND: Record<Verb, MoveKind> = {
  acknowledge: "acknowledge",
  reply: "reply",
  object: "object",
  ask_extension: "ask_extension",
  pass: "verification",
  fail: "verification",
  holds: "follow_up",
  false_closure: "follow_up",
};

/** The buttons: what the server says this person may do, but for what waits in the outbox already. */
export function verbsOf(issue: Issue, waiting: OutgoingMove[]): Verb[] {
  const sent = new Set(waiting.map(({ kind }) => kind));
  // A reply acknowledges, and after it there is nothing more to ask for.
  const past: Verb[] = sent.has("reply") ? ["acknowledge", "ask_extension", "object"] : [];
  return VERBS.filter(
    (verb) => issue.moves.includes(verb) && !sent.has(KIND[verb]) && !past.includes(verb),
  ).filter((verb) => KIND[verb] !== "follow_up" || hasFollowUp(issue));
}

export const hasFollowUp = ({ follow_up }: Issue) => follow_up !== null && follow_up.result === null;

/** What of an issue waits in the outbox, and what is being written about it. */
export interface Under {
  waiting: OutgoingMove[];
  drafts: MoveDraft[];
}

export function useUnder(issueId: () => string) {
  return useLive<Under>(
    async () => ({
      waiting: (await db.outbox.where("issue_id").equals(issueId()).toArray())
        .filter(isMove)
        .filter(({ state }) => state !== "received"),
      drafts: await db.moves.where("issue_id").equals(issueId()).toArray(),
    }),
    { waiting: [], drafts: [] },
  );
}

/** The issues that this person is to look at again: what waits for a verdict, and what was drawn for a later look. */
export function isTask(issue: Issue): boolean {
  return (
    (issue.state === "pending_verification" && issue.moves.includes("pass")) ||
    (hasFollowUp(issue) && issue.moves.includes("holds"))
  );
}

/** How many tasks there are that nothing in the outbox answers yet. */
export function useTaskCount() {
  return useLive(async () => {
    const tasks = (await db.issues.toArray()).filter(isTask);
    const waiting = (await db.outbox.where("state").notEqual("received").toArray()).filter(isMove);
    const answered = new Set(waiting.map((row) => row.issue_id));
    return tasks.filter(({ id }) => !answered.has(id)).length;
  }, 0);
}

const DAY_MS = 86_400_000;
/** Where the clock of the due date stands still: it waits for somebody else, or is over. */
const STILL = new Set<Issue["state"]>(["pending_verification", "closed", "void"]);

/** Whole days from `today` to the due date; negative: late. Null where nobody waits for it. */
export function daysLeft({ state, due_on }: Pick<Issue, "state" | "due_on">, today: string): number | null {
  if (STILL.has(state)) return null;
  return Math.round((Date.parse(due_on) - Date.parse(today)) / DAY_MS);
}

/** Late ones first, then by due date; what waits for somebody else comes last. */
export function byUrgency(today: string): (one: Issue, other: Issue) => number {
  const rank = (issue: Issue) => daysLeft(issue, today) ?? 100_000;
  return (one, other) => rank(one) - rank(other) || one.number.localeCompare(other.number);
}

/** A doubt that this phone sees for itself: every after-photo of the round was taken before the notice. */
export function isEarly(issue: Issue): boolean {
  const shown = new Set(issue.pairs.filter(({ round }) => round === issue.round).map(({ after }) => after));
  const after = issue.photos.after.filter(({ id }) => shown.has(id));
  const since = issue.issued_at;
  if (!since || (issue.fixed_on_spot && issue.round === 1) || !after.length) return false;
  return after.every(
    ({ captured_at }) => captured_at !== null && Date.parse(captured_at) <= Date.parse(since),
  );
}
