/** Photos as they are compared: before beside after, the newest round first, then what nobody paired. */
import type { Issue } from "@/kit/db";

export type Picture = Issue["photos"]["before"][number];

export interface Couple {
  before: Picture | null;
  after: Picture | null;
}

export interface Round {
  round: number | null; // null: what was not paired
  couples: Couple[];
}

type Pictured = Pick<Issue, "photos" | "pairs">;

export function roundsOf({ photos, pairs }: Pictured): Round[] {
  const before = new Map(photos.before.map((photo) => [photo.id, photo]));
  const after = new Map(photos.after.map((photo) => [photo.id, photo]));
  const rounds = [...new Set(pairs.map((pair) => pair.round))].sort((one, other) => other - one);
  const found: Round[] = rounds.map((round) => ({
    round,
    couples: pairs
      .filter((pair) => pair.round === round)
      .map((pair) => ({
        before: (pair.before && before.get(pair.before)) || null,
        after: after.get(pair.after) ?? null,
      }))
      .filter((couple) => couple.after),
  }));
  const paired = new Set(pairs.flatMap((pair) => [pair.before, pair.after]));
  const alone = [
    ...photos.before
      .filter((photo) => !paired.has(photo.id))
      .map((photo) => ({ before: photo, after: null })),
    ...photos.after.filter((photo) => !paired.has(photo.id)).map((photo) => ({ before: null, after: photo })),
  ];
  if (alone.length) found.push({ round: null, couples: alone });
  return found.filter(({ couples }) => couples.length);
}

/** How to address a couple. */
export const keyOf = ({ before, after }: Couple) => `${before?.id ?? ""}/${after?.id ?? ""}`;
