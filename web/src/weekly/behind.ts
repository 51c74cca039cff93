/** What stands behind a figure: rows of the week's tables, things by their ids, or a list of the programme. */
import type { Row } from "./cells";
import type { Entry, Figures, Place } from "./figures";

export type Thing = "sites" | "issues" | "reports" | "documents";
export type Behind =
  | { kind: "rows"; table: "T7" | "T8"; rows: Row[] }
  | { kind: "things"; thing: Thing; entries: Entry[] }
  | { kind: "sites_now"; query: Record<string, string> };
/** Of which district, or of which kind of issue, the figure is. */
export interface Part {
  district?: string;
  category?: string;
}

const THINGS: Thing[] = ["sites", "issues", "reports", "documents"];
const code = (row: Row, key: string) => (row[key] as Place | null | undefined)?.code;

export function behind(figures: Figures, name: string, part: Part = {}): Behind | null {
  const list = figures.lists[name];
  if (!list) return null;
  if (list.table) {
    const wanted = Object.entries(list.where ?? {});
    let rows = (figures.tables[list.table]?.rows ?? []).filter(
      (row) =>
        wanted.every(([key, value]) => row[key] === value) &&
        (!list.sum || Number(row[list.sum]) > 0) &&
        (!part.district || code(row, "district") === part.district) &&
        (!part.category || code(row, "category") === part.category),
    );
    if (list.distinct === "site") {
      const seen = new Map(rows.map((row) => [(row.site as { id: string }).id, row]));
      rows = [...seen.values()];
    }
    return { kind: "rows", table: list.table, rows };
  }
  for (const thing of THINGS) {
    const entries = list[thing];
    if (entries)
      return {
        kind: "things",
        thing,
        entries: entries.filter((one) => !part.district || one.district === part.district),
      };
  }
  return list.sites_now ? { kind: "sites_now", query: siteQuery(list.sites_now.stage ?? [], part) } : null;
}

/** In the filters of the sites' list, which knows one stage or a group of them. */
function siteQuery(stages: string[], part: Part): Record<string, string> {
  const district: Record<string, string> = part.district ? { district: part.district } : {};
  if (stages.length === 1) return { ...district, stage: String(stages[0]) };
  if (stages.length) return { ...district, group: stages.includes("in_progress") ? "started" : "finished" };
  return district;
}
