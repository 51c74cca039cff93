/** Filters of the sites' list. The server knows most; what the programme counts together is picked out here. */
import type { Filters } from "@/desk/filters";
import type { SiteRow } from "@/desk/types";
import type { operations } from "@/kit/wire";

export type SiteQuery = NonNullable<operations["programme_get_list_sites"]["parameters"]["query"]>;
export const FILTERS = ["q", "district", "stage", "work_type", "group", "view"] as const;
export const GROUPS = ["carried", "started", "finished"] as const;

export function siteQuery({ group: _group, view: _view, ...rest }: Filters): SiteQuery {
  return rest as SiteQuery;
}

/** Whether a site counts as the group says, in the words of the programme's summary. */
export function inGroup(site: Pick<SiteRow, "stage" | "carried_out">, group: string | undefined): boolean {
  if (group === "carried") return site.carried_out;
  if (group === "started") return site.stage !== "not_started";
  if (group === "finished") return site.stage === "completed" || site.stage === "accepted";
  return true;
}
