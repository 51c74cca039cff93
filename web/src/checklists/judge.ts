/** How answers are judged, as `server/checklists/rules.py` does it; a verdict that differs there is a bug here. */
import type { Item } from "@/kit/db";

export type Verdict = "pass" | "fail" | "na" | "recorded";
export type Complaint =
  | "value-not-pass-fail-na"
  | "value-not-a-number"
  | "value-out-of-range"
  | "value-not-an-option"
  | "value-not-text"
  | "value-too-long"
  | "value-not-null";

/** Bounds that a site sets for an item, inclusive. */
export interface Limit {
  min: number | null;
  max: number | null;
}

export const NA = "na";
const MAX_TEXT = 4000;
const MAX_NUMBER = 1e12;

/** What is wrong with a value, or null. Not whether it is good: that says `judge`. */
export function checkValue(item: Item, value: unknown): Complaint | null {
  if (value === NA) return null;
  switch (item.type) {
    case "pass_fail_na":
      return value === "pass" || value === "fail" ? null : "value-not-pass-fail-na";
    case "number":
      if (typeof value !== "number" || Number.isNaN(value)) return "value-not-a-number";
      if (Math.abs(value) > MAX_NUMBER) return "value-out-of-range";
      return item.limit_source && outside(value, item.min, item.max) ? "value-out-of-range" : null;
    case "choice":
      return item.options?.some((option) => option.value === value) ? null : "value-not-an-option";
    case "text":
      if (typeof value !== "string") return "value-not-text";
      return [...value].length > MAX_TEXT ? "value-too-long" : null; // by characters, not UTF-16 units
    case "photo":
      return value === null ? null : "value-not-null";
  }
}

/**
 * The verdict on a value that `checkValue` accepts. A number is judged by its own bounds or, where those are set per
 * project, by the site's limit alone; without any it is recorded.
 */
export function judge(item: Item, value: unknown, limit?: Limit | null): Verdict {
  if (value === NA) return "na";
  switch (item.type) {
    case "pass_fail_na":
      return value as Verdict;
    case "number": {
      const { min, max } = boundsOf(item, limit);
      if (min === null && max === null) return "recorded";
      return outside(value as number, min, max) ? "fail" : "pass";
    }
    case "choice": {
      const failing = item.options?.filter((option) => option.fails) ?? [];
      if (!failing.length) return "recorded";
      return failing.some((option) => option.value === value) ? "fail" : "pass";
    }
    default:
      return "recorded";
  }
}

/** What a number is judged by here. */
export function boundsOf(item: Item, limit?: Limit | null): Limit {
  const { min, max } = item.limit_source ? (limit ?? { min: null, max: null }) : item;
  return { min: min ?? null, max: max ?? null };
}

export function photosRequired(item: Item, verdict: Verdict): boolean {
  if (verdict === "na") return false;
  if (item.photo === "always" || item.type === "photo") return true;
  return item.photo === "on_fail" && verdict === "fail";
}

function outside(value: number, min?: number | null, max?: number | null): boolean {
  return (min != null && value < min) || (max != null && value > max);
}
