/** What of a draft the server would refuse: by field, a word of `words.ts` with its values. */
import type { Issue, MoveDraft } from "@/kit/db";
import { isEarly } from "./standing";

type Field = "measure" | "photos" | "reason" | "due_on" | "result" | "comment" | "done_at";
export type Lacks = Partial<Record<Field, { word: string; day?: string }>>;

const AHEAD_MS = 10 * 60_000; // clocks differ

export function lacksOf(draft: MoveDraft, issue: Issue, photos: number, today: string, nowMs: number): Lacks {
  const empty = (text: string | undefined) => !text?.trim();
  const found: Lacks = {};
  switch (draft.kind) {
    case "reply":
      if (empty(draft.measure)) found.measure = { word: "lackMeasure" };
      if (!photos) found.photos = { word: "lackPhoto" };
      if (draft.done_at && Date.parse(draft.done_at) > nowMs + AHEAD_MS)
        found.done_at = { word: "doneFuture" };
      break;
    case "object":
      if (empty(draft.reason)) found.reason = { word: "lackReason" };
      break;
    case "ask_extension":
      if (empty(draft.reason)) found.reason = { word: "lackReason" };
      if (!draft.due_on) found.due_on = { word: "lackDay" };
      else if (draft.due_on <= issue.due_on) found.due_on = { word: "dayEarly", day: issue.due_on };
      else if (draft.due_on < today) found.due_on = { word: "dayPast" };
      break;
    case "verification":
      if (!draft.result) found.result = { word: "lackResult" };
      if (draft.result === "fail" && empty(draft.comment)) found.comment = { word: "lackComment" };
      if (draft.result === "fail" && draft.due_on && draft.due_on < today) found.due_on = { word: "dayPast" };
      // A photo of one's own that is beyond doubt needs none.
      if (draft.result === "pass" && isEarly(issue) && !photos && empty(draft.reason))
        found.reason = { word: "lackReason" };
      break;
    case "follow_up":
      if (!draft.result) found.result = { word: "lackResult" };
      if (draft.result === "false_closure" && empty(draft.comment)) found.comment = { word: "lackFalse" };
  }
  return found;
}

/** Whether the issue, as this phone knows it, still waits for what the draft says. */
export function mayStill(draft: MoveDraft, issue: Issue): boolean {
  const may = (move: Issue["moves"][number]) => issue.moves.includes(move);
  if (draft.kind === "verification") return may("pass");
  if (draft.kind === "follow_up") return may("holds");
  return may(draft.kind);
}
