/** The flags of a report as a reviewer reads them: alike ones together, the numbers behind each in plain words. */
import type { Report } from "@/desk/types";
import { saying } from "@/evidence/likeness/saying";
import { minute } from "@/kit/time";
import { megabytes } from "./pane";

export type Flag = Report["flags"][number];
export type Speak = (key: string, said?: Record<string, unknown>) => string;

export interface FlagGroup {
  key: string;
  title: string;
  ofReport: boolean;
  flags: Flag[];
  open: number;
}

/** Those of the report before those of its photos, then the open ones first; within a group as they were raised. */
export function grouped(flags: Flag[]): FlagGroup[] {
  const groups = new Map<string, FlagGroup>();
  for (const flag of flags) {
    const key = `${flag.object_kind}:${flag.code}`;
    const ofReport = flag.object_kind === "report";
    const group = groups.get(key) ?? { key, title: flag.title, ofReport, flags: [], open: 0 };
    group.flags.push(flag);
    if (!flag.settled_reason) group.open += 1;
    groups.set(key, group);
  }
  const rank = (group: FlagGroup) => (group.open ? 0 : 2) + (group.ofReport ? 0 : 1);
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

/** Those that say the same in the same words, of several photos: told once. */
export function told(flags: Flag[]): { first: Flag; flags: Flag[] }[] {
  const same = new Map<string, { first: Flag; flags: Flag[] }>();
  for (const flag of flags) {
    const key = JSON.stringify([
      flag.detail,
      flag.numbers,
      flag.answer,
      flag.settled_reason,
      flag.settled_by,
    ]);
    const known = same.get(key);
    if (known) known.flags.push(flag);
    else same.set(key, { first: flag, flags: [flag] });
  }
  return [...same.values()];
}

/** What is still open, once by title, for the head of a page. */
export function openTitles(flags: Flag[]): { code: string; title: string; count: number }[] {
  const titles = new Map<string, { code: string; title: string; count: number }>();
  for (const { code, title, settled_reason } of flags) {
    if (settled_reason) continue;
    const known = titles.get(code) ?? { code, title, count: 0 };
    titles.set(code, { ...known, count: known.count + 1 });
  }
  return [...titles.values()];
}

const SEEN = "seen-before";

/** Where a flag leads: to a photo of the report by its number, else (of an earlier revision) to its page; and, of one that
 * was seen before, to both side by side. Null of a flag of the report itself. */
export function leads(flag: Flag, order: string[]): { n: number; page: Target; sides: Target | null } | null {
  if (flag.object_kind !== "photo") return null;
  const page = { name: "photo", params: { id: flag.object_id } };
  const sides = flag.code === SEEN ? { ...page, query: { view: "likeness" } } : null;
  return { n: order.indexOf(flag.object_id) + 1, page, sides };
}

interface Target {
  name: string;
  params: { id: string };
  query?: { view: string };
}

// `seconds` and the words (ahead, event, …) stand in the detail; width and height make one size.
const TOLD = new Set([
  "seconds",
  "ahead",
  "event",
  "against",
  "side",
  "system",
  "width",
  "height",
  "transform",
]);
const MOMENTS = new Set(["before_at", "own_at", "captured_at"]);

/** The numbers as pairs of what and how much, in the order in which the server tells them. */
export function numbersOf(
  { numbers }: Pick<Flag, "numbers">,
  t: Speak,
  language: string,
): [string, string][] {
  const given = numbers as Record<string, unknown>;
  const pairs = Object.entries(given)
    .filter(([name, value]) => !TOLD.has(name) && value !== null)
    .map(([name]): [string, string] => [nameOf(name, t), amountOf(name, given, t, language)])
    .filter(([name, value]) => name !== "" && value !== "");
  if (given.width && given.height) pairs.push([t("flags.n_pixels"), `${given.width} × ${given.height}`]);
  return pairs;
}

/** A number that this page does not know yet is told under its own name. */
function nameOf(name: string, t: Speak): string {
  const key = `flags.n_${name}`;
  const known = t(key);
  return known && known !== key ? known : name.replaceAll("_", " ");
}

function amountOf(name: string, given: Record<string, unknown>, t: Speak, language: string): string {
  const value = given[name];
  if (MOMENTS.has(name)) return minute(String(value), language);
  if (name === "clock") return t(`flags.clock_${value}`);
  if (name === "kind") return saying(String(value), String(given.transform), t, language);
  if (name === "software") return String(value);
  if (typeof value !== "number") return "";
  if (name === "size") return megabytes(value);
  const n = value.toLocaleString(language === "en" ? "en-GB" : "zh-CN");
  if (name.endsWith("_m")) return t("flags.u_m", { n });
  if (name.endsWith("_percent")) return `${n}%`;
  if (name === "drift") return t("flags.u_pixels", { n });
  if (name === "distance") return t("flags.u_bits", { n });
  if (name.endsWith("_kmh")) return t("flags.u_kmh", { n });
  return t(name === "minutes" ? "flags.u_minutes" : "flags.u_count", { n });
}
