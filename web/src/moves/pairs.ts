/** Pictures side by side: which after-photo answers which before-photo. */
import type { Issue, Mark, Photo } from "@/kit/db";

export interface Pic {
  id: string;
  captured_at: string | null;
  caption: string | null;
  marks: Mark[];
  local?: Blob | null; // this phone's own small picture
}
export interface Pair {
  before: Pic | null;
  after: Pic | null;
}

/** Of an issue, the newest round first; before-photos that nothing answers yet last. */
export function pairsOf(issue: Issue): Pair[] {
  const pics = new Map(
    [...issue.photos.before, ...issue.photos.after].map((photo) => [photo.id, photo as Pic]),
  );
  const pic = (id: string | null) => (id ? (pics.get(id) ?? null) : null);
  const paired = issue.pairs.map(({ before, after }) => ({ before: pic(before), after: pic(after) }));
  const seen = new Set(issue.pairs.flatMap(({ before, after }) => [before, after]));
  const alone = issue.photos.after
    .filter(({ id }) => !seen.has(id))
    .map(({ id }) => ({ before: null, after: pic(id) }));
  const open = issue.photos.before
    .filter(({ id }) => !seen.has(id))
    .map(({ id }) => ({ before: pic(id), after: null }));
  return [...paired, ...alone, ...open].filter(({ before, after }) => before || after);
}

/** Of what is on its way, or being written: this phone's own photos beside the issue's. */
export function ownPairs(photos: Photo[], issue: Issue | null): Pair[] {
  const before = new Map((issue?.photos.before ?? []).map((photo) => [photo.id, photo as Pic]));
  return photos.map((photo) => ({
    before: photo.pair_of
      ? (before.get(photo.pair_of) ?? { id: photo.pair_of, captured_at: null, caption: null, marks: [] })
      : null,
    after: {
      id: photo.id,
      captured_at: photo.captured_at,
      caption: photo.caption,
      marks: photo.marks ?? [],
      local: photo.thumb,
    },
  }));
}
