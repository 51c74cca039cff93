/** Putting one answer of the sync into the database, together with its cursor, or not at all. */
import { keepLimits } from "@/checklists/limits";
import {
  type Checklist,
  CURSOR,
  db,
  type Issue,
  isReport,
  type KeptSite,
  keep,
  type ServerReport,
  type Site,
} from "@/kit/db";
import type { components } from "@/kit/wire";
import { keepIssues } from "./issues";

type SyncPage = components["schemas"]["SyncOut"];

/** Folded for searching: full-width and half-width, upper and lower case are the same, spaces do not count. */
export function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, "");
}

export function searchable(site: Pick<Site, "code" | "name" | "area" | "street">): string {
  return fold([site.code, site.name, site.area?.name, site.street].filter(Boolean).join("\n"));
}

export async function putPage(page: SyncPage): Promise<void> {
  const sites = (page.sites ?? []) as Omit<KeptSite, "search">[];
  const checklists = (page.checklists ?? []) as unknown as Checklist[];
  const tables = [db.sites, db.checklists, db.reports, db.issues, db.drafts, db.outbox, db.kept];
  await db.transaction("rw", tables, async () => {
    await keepLimits(await db.drafts.toArray());
    if (page.full) await empty();
    await db.sites.bulkPut(sites.map((site) => ({ ...site, search: searchable(site) }) as KeptSite));
    await db.checklists.bulkPut(checklists);
    await db.reports.bulkPut((page.reports ?? []) as ServerReport[]);
    await keepIssues((page.issues ?? []) as Issue[]);
    const gone = (kind: string) =>
      (page.gone ?? []).filter((one) => one.kind === kind).map((one) => one.id ?? "");
    await db.issues.bulkDelete(gone("issue"));
    await db.sites.bulkDelete(gone("site"));
    await keep(CURSOR, page.cursor);
  });
}

/** All that was pulled goes, but for the checklist versions that something on this phone is filled in by. */
async function empty(): Promise<void> {
  const used = new Set((await usedVersions()).map(String));
  await Promise.all([db.sites.clear(), db.reports.clear(), db.issues.clear()]);
  const old = (await db.checklists.toCollection().primaryKeys()).filter((key) => !used.has(String(key)));
  await db.checklists.bulkDelete(old);
}

async function usedVersions(): Promise<[string, number][]> {
  const drafts = await db.drafts.toArray();
  const outbox = (await db.outbox.toArray()).filter(isReport);
  return [
    ...drafts.map((draft) => draft.checklist),
    ...outbox.map((outgoing) => outgoing.body.checklist),
  ].map(({ code, version }) => [code, version]);
}

/** Versions that drafts and own reports are filled in by and that are not here: a newer one was published since. */
export async function missingVersions(): Promise<[string, number][]> {
  const returned = await db.reports.where("state").anyOf("returned", "incomplete").toArray();
  const wanted = [
    ...(await usedVersions()),
    ...returned.map((report): [string, number] => [report.checklist.code, report.checklist.version]),
  ];
  const distinct = [...new Map(wanted.map((key) => [String(key), key])).values()];
  const found = await db.checklists.bulkGet(distinct);
  return distinct.filter((_, n) => !found[n]);
}
