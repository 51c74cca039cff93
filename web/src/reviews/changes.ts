/** What a newer revision of a report has changed, for whoever was looking at the older one. */
import type { Report } from "@/desk/types";

type Seen = Pick<Report, "revision" | "answers" | "gallery">;

export interface Changed {
  from: number; // the revision that was looked at
  items: string[]; // codes, in the order of the newer answers
  photosAdded: number;
  photosGone: number;
}

export function changesBetween(old: Seen, now: Seen): Changed {
  const before = new Map(old.answers.map((answer) => [answer.item, JSON.stringify(answer)]));
  const items = now.answers
    .filter((answer) => before.get(answer.item) !== JSON.stringify(answer))
    .map((answer) => answer.item);
  const left = new Set(now.answers.map((answer) => answer.item));
  const had = new Set(old.gallery.map((photo) => photo.sha256));
  const has = new Set(now.gallery.map((photo) => photo.sha256));
  return {
    from: old.revision,
    items: [...items, ...[...before.keys()].filter((item) => !left.has(item))],
    photosAdded: [...has].filter((sha) => !had.has(sha)).length,
    photosGone: [...had].filter((sha) => !has.has(sha)).length,
  };
}
