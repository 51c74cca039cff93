/** Two visits to one site, compared by what was photographed at both. */
import type { Gallery, Report, ReportRow } from "@/desk/types";

export interface Pair {
  item: string | null; // null: the site as a whole
  first: Gallery[];
  last: Gallery[];
}

type Pictures = Pick<Report, "gallery">;

/** In the order of the later visit, the whole site first. */
export function pairsOf(first: Pictures, last: Pictures): Pair[] {
  const stored = ({ gallery }: Pictures, item: string | null) =>
    gallery.filter((photo) => photo.state === "stored" && photo.item === item);
  const items = [...new Set([null, ...last.gallery.map((photo) => photo.item)])];
  return items
    .map((item) => ({ item, first: stored(first, item), last: stored(last, item) }))
    .filter((pair) => pair.first.length && pair.last.length);
}

/** The checklists of these reports, those answered most often first. */
export function checklistsOf(rows: Pick<ReportRow, "checklist">[]): { code: string; times: number }[] {
  const times = new Map<string, number>();
  for (const { checklist } of rows) times.set(checklist.code, (times.get(checklist.code) ?? 0) + 1);
  return [...times].map(([code, n]) => ({ code, times: n })).sort((one, other) => other.times - one.times);
}

/** Whether a report tells of a visit: one that was made void does not, nor one whose photos are not here. */
export const isVisit = (row: Pick<ReportRow, "state">) => row.state !== "void" && row.state !== "incomplete";
