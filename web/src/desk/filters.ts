/** Filters of a list stand in the page's address, so that a link or a reload shows the same list. */
import type { LocationQuery } from "vue-router";

export type Filters = Record<string, string>;

/** What of the address these filters know; a value given twice counts once, an empty one not at all. */
export function filtersOf(query: LocationQuery, known: readonly string[]): Filters {
  const found: Filters = {};
  for (const name of known) {
    const value = [query[name]].flat()[0];
    if (typeof value === "string" && value.trim()) found[name] = value.trim();
  }
  return found;
}

/** The filters with some of them changed; what is empty is left out, so that the address stays short. */
export function changed(filters: Filters, change: Record<string, string | null | undefined>): Filters {
  const merged: Filters = {};
  for (const [name, value] of Object.entries({ ...filters, ...change })) if (value) merged[name] = value;
  return merged;
}

/** How old, as a choice, becomes the days that the server filters by. `today` is a day of Asia/Shanghai. */
export function daysOfAge(
  age: string | undefined,
  today: string,
): { received_from?: string; received_to?: string } {
  const back = (days: number) =>
    new Date(Date.parse(`${today}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
  if (age === "today") return { received_from: today };
  if (age === "week") return { received_from: back(6) };
  if (age === "older3") return { received_to: back(3) };
  if (age === "older7") return { received_to: back(7) };
  return {};
}

/** Today in Asia/Shanghai as YYYY-MM-DD. */
export function today(now = new Date()): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(now);
}
