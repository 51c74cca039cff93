/** The limits that a site sets for some items: they come with the site. */
import { db, type Item, keep, recall } from "@/kit/db";
import { boundsOf, type Limit } from "./judge";

export type Limits = Record<string, Limit>;

const key = (siteId: string) => `limits:${siteId}`;

export async function limitsOf(siteId: string): Promise<Limits> {
  const site = await db.sites.get(siteId);
  if (!site) return (await recall<Limits>(key(siteId))) ?? {};
  const limits: Limits = {};
  for (const [code, { min, max }] of Object.entries(site.limits ?? {}))
    limits[code] = { min: min ?? null, max: max ?? null };
  return limits;
}

/** Before sites go: what is being filled in for one that is taken away is judged by its limits to the end. */
export async function keepLimits(drafts: { site_id: string }[]): Promise<void> {
  for (const { site_id } of drafts)
    if (await db.sites.get(site_id)) await keep(key(site_id), await limitsOf(site_id));
}

/** ≥ 1.1, ≤ 5, 3 – 5; empty where nothing is set to judge by. */
export function limitText(item: Item, limit?: Limit | null): string {
  const { min, max } = boundsOf(item, limit);
  if (min !== null && max !== null) return min === max ? `= ${min}` : `${min} – ${max}`;
  if (min !== null) return `≥ ${min}`;
  return max === null ? "" : `≤ ${max}`;
}
