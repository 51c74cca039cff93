/** How far a draft is: each item with its verdict, what is open, and what the server would refuse. */
import { type Complaint, checkValue, judge, NA, photosRequired, type Verdict } from "@/checklists/judge";
import type { Limits } from "@/checklists/limits";
import type { Checklist, DraftAnswer, Item, Photo } from "@/kit/db";

export interface Entry {
  item: Item;
  answered: boolean;
  verdict: Verdict | null;
  /** What must be put right before it can be sent. */
  complaint: Complaint | "photo-missing" | "after-missing" | null;
  needsPhoto: boolean;
}

export interface Reckoning {
  sections: { code: string; zh: string; en: string; entries: Entry[]; answered: number }[];
  entries: Entry[];
  open: Entry[];
  wrong: Entry[];
  failed: number;
}

export function reckon(
  checklist: Checklist,
  answers: Record<string, DraftAnswer>,
  photos: Pick<Photo, "item" | "after">[],
  limits: Limits,
): Reckoning {
  const has = (code: string, after: boolean) =>
    photos.some((photo) => photo.item === code && (photo.after ?? false) === after);
  const sections = checklist.sections.map(({ code, zh, en, items }) => {
    const entries = items.map((item) => {
      const answer = answers[item.code];
      const after = has(item.code, true);
      // Until it is said that it was put right, a photo is a photo.
      return entryOf(item, answer, has(item.code, false) || (after && !answer?.fixed_on_spot), after, limits);
    });
    return { code, zh, en, entries, answered: entries.filter((entry) => entry.answered).length };
  });
  const entries = sections.flatMap((section) => section.entries);
  return {
    sections,
    entries,
    open: entries.filter((entry) => !entry.answered),
    wrong: entries.filter((entry) => entry.complaint !== null),
    failed: entries.filter((entry) => entry.verdict === "fail").length,
  };
}

function entryOf(
  item: Item,
  answer: DraftAnswer | undefined,
  pictured: boolean,
  after: boolean,
  limits: Limits,
): Entry {
  if (!isAnswered(item, answer, pictured)) {
    return { item, answered: false, verdict: null, complaint: null, needsPhoto: item.type === "photo" };
  }
  const value = answer?.value ?? null;
  const complaint = checkValue(item, value);
  if (complaint) return { item, answered: true, verdict: null, complaint, needsPhoto: false };
  const verdict = judge(item, value, limits[item.code]);
  const needsPhoto = photosRequired(item, verdict);
  const lacks = (fixed: boolean) =>
    needsPhoto && !pictured ? "photo-missing" : fixed && !after ? "after-missing" : null;
  return {
    item,
    answered: true,
    verdict,
    complaint: lacks(verdict === "fail" && answer?.fixed_on_spot === true),
    needsPhoto,
  };
}

/** A photo item is answered by its photos. */
export function isAnswered(item: Item, answer: DraftAnswer | undefined, pictured: boolean): boolean {
  if (item.type === "photo") return pictured || answer?.value === NA;
  return answer !== undefined && answer.value !== null && answer.value !== "";
}

/** The next entry after the one given that satisfies, round the end; null where none does. */
export function nextOf(entries: Entry[], after: string | null, wanted: Entry[]): Entry | null {
  const from = entries.findIndex((entry) => entry.item.code === after) + 1;
  const ordered = [...entries.slice(from), ...entries.slice(0, from)];
  return ordered.find((entry) => wanted.includes(entry)) ?? null;
}
