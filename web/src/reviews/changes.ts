/** What a newer revision of a report has changed, for whoever was looking at the older one. */
import type { Report } from "@/desk/types";

type Seen = Pick<Report, "revision" | "answers" | "gallery" | "signed">;

export interface Changed {
  from: number; // the revision that was looked at
  items: string[]; // codes, in the order of the newer answers
  photosAdded: number;
  photosGone: number;
  photosMarked: number; // that both revisions have, with other marks
  signature: "signed" | "unsigned" | "again" | null;
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
    photosMarked: markedAnew(old, now),
    signature: signatureAgainst(old, now),
  };
}

function markedAnew(old: Seen, now: Seen): number {
  const marks = new Map(old.gallery.map((photo) => [photo.id, JSON.stringify(photo.marks)]));
  return now.gallery.filter(
    ({ id, marks: drawn }) => marks.has(id) && marks.get(id) !== JSON.stringify(drawn),
  ).length;
}

/** A report goes on showing the signature of an earlier revision; what counts is the one under each of the two. */
function signatureAgainst(old: Seen, now: Seen): Changed["signature"] {
  const [before, after] = [signatureUnder(old), signatureUnder(now)];
  if (before === after) return null;
  if (before && after) return "again";
  return after ? "signed" : "unsigned";
}

function signatureUnder({ revision, signed }: Seen): string | null {
  if (signed?.revision !== revision) return null;
  return JSON.stringify([signed.name, signed.signed_at, signed.signature]);
}
