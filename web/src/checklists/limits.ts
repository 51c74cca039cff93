/** The limits that a site sets for some items, kept for when there is no signal. */
import { api, told } from "@/kit/api";
import { type Item, keep, recall } from "@/kit/db";
import { boundsOf, type Limit } from "./judge";

export type Limits = Record<string, Limit>;

const key = (siteId: string) => `limits:${siteId}`;

export async function limitsOf(siteId: string): Promise<Limits> {
  return (await recall<Limits>(key(siteId))) ?? {};
}

/** Ask the server, and remember. Without an answer what was known stays. */
export async function pullLimits(siteId: string): Promise<void> {
  const { items = {} } = told(
    await api.GET("/api/v1/sites/{site_id}/limits", { params: { path: { site_id: siteId } } }),
  );
  const limits: Limits = {};
  for (const [code, { min, max }] of Object.entries(items))
    limits[code] = { min: min ?? null, max: max ?? null };
  await keep(key(siteId), limits);
}

/** ≥ 1.1, ≤ 5, 3 – 5; empty where nothing is set to judge by. */
export function limitText(item: Item, limit?: Limit | null): string {
  const { min, max } = boundsOf(item, limit);
  if (min !== null && max !== null) return min === max ? `= ${min}` : `${min} – ${max}`;
  if (min !== null) return `≥ ${min}`;
  return max === null ? "" : `≤ ${max}`;
}
