/** Facts of an issue in words: days left, doubts about after-photos, what somebody did. */
import { factsOf } from "@/audit/facts";
import type { Issue } from "@/kit/db";
import { day } from "@/kit/time";

export type Say = (key: string, values?: Record<string, unknown>) => string;
export type Doubt = Issue["verifications"][number]["doubts"][number];

/** 还剩 3 天, 今天到期, 超期 2 天; nothing for what has ended. `overdue` is the server's: what waits for verification is not. */
export function daysInWords(
  { days_left: left, overdue }: Pick<Issue, "days_left" | "overdue">,
  say: Say,
): string {
  if (left === null) return "";
  if (left === 0) return say("issues.dueToday");
  if (left > 0) return say("issues.daysLeft", { n: left });
  return say(overdue ? "issues.daysLate" : "issues.daysPast", { n: -left });
}

/** Minutes as people say them: 45 分钟, 3 小时, 2 天. */
function span(minutes: number, say: Say): string {
  if (minutes < 60) return say("issues.minutes", { n: Math.max(1, Math.round(minutes)) });
  if (minutes < 48 * 60) return say("issues.hours", { n: Math.round(minutes / 60) });
  return say("issues.days", { n: Math.round(minutes / 1440) });
}

/** One doubt in words, with the photo's number among the after-photos. */
export function doubtInWords(doubt: Doubt, issue: Pick<Issue, "photos">, say: Say): string {
  const at = issue.photos.after.findIndex((photo) => photo.id === doubt.photo);
  const which = at < 0 ? say("issues.somePhoto") : say("issues.whichPhoto", { n: at + 1 });
  const { minutes = 0, distance_m = 0, allowed_m = 0, rejection = 0 } = doubt.numbers;
  const key = `issues.doubt_${doubt.code.replaceAll("-", "_")}${rejection ? "_rejection" : ""}`;
  const text = say(key, { away: distance_m, allowed: allowed_m, early: span(minutes, say) });
  return `${which}${say("desk.colon")}${text || doubt.code}`;
}

type Step = Issue["history"][number];
/** What stands elsewhere on the page, or is only for the trail. */
const UNTOLD = new Set(["entry", "report", "item", "fixed_on_spot", "documents", "document"]);

/** What was said with a step, as lines; a firm by its name, days as people write them. */
export function linesOf(
  step: Step,
  say: (key: string) => string,
  language: string,
  firm: (id: string) => string,
): [string, string][] {
  const facts = Object.entries(step.facts).filter(([name]) => !UNTOLD.has(name));
  const told = facts
    .filter(([name]) => name !== "changed")
    .map(([name, value]) => [name, readable(name, value)] as const);
  const changed = Object.entries((step.facts.changed ?? {}) as Record<string, [unknown, unknown]>);
  const lines = factsOf(Object.fromEntries(told), say);
  for (const [name, values] of changed) {
    const [old, now] = values.map((value) => factsOf({ [name]: readable(name, value) }, say)[0]?.[1] ?? "—");
    lines.push([say(`audit.fact_${name}`) || name, `${old} → ${now}`]);
  }
  return lines;

  function readable(name: string, value: unknown): unknown {
    if (value === null || value === undefined) return value;
    if (name === "contractor_id") return firm(String(value));
    return name === "due_on" ? day(String(value), language) : value;
  }
}

/** The last step that changed how the issue stands: what a screen that was left open has not seen. */
export function lastStep({ history }: Pick<Issue, "history">): Step | undefined {
  return history.at(-1);
}
