/** The list of sites: what a row needs, searched and sorted fast enough for every key that is pressed. */
import type { Site } from "@/kit/db";
import { distance, type Point } from "@/kit/geo";
import { fold } from "@/sync/page";

export interface Row {
  id: string;
  code: string;
  name: string;
  district: { name: string; en: string };
  street: string | null;
  stage: Site["stage"];
  location: Point | null;
  search: string;
  away: number | null; // metres
}

export function rowOf(site: Site & { search: string }): Row {
  const { id, code, name, district, street, stage, location, search } = site;
  return { id, code, name, district, street, stage, location, search, away: null };
}

/** Sorted by distance, those without a place last; without a position by name, as a Chinese reader expects. */
export function sorted(rows: Row[], from: Point | null): Row[] {
  const named = new Intl.Collator("zh-CN", { numeric: true });
  if (!from) return rows.map((row) => ({ ...row, away: null })).sort((a, b) => named.compare(a.name, b.name));
  return rows
    .map((row) => ({ ...row, away: row.location && distance(from, row.location) }))
    .sort((a, b) => (a.away ?? Number.POSITIVE_INFINITY) - (b.away ?? Number.POSITIVE_INFINITY));
}

/** The rows in which every word of the query is found. */
export function searched(rows: Row[], query: string): Row[] {
  const words = query.normalize("NFKC").split(/\s+/).map(fold).filter(Boolean);
  return words.length ? rows.filter((row) => words.every((word) => row.search.includes(word))) : rows;
}
