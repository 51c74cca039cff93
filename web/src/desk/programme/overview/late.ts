/** Days behind the plan in words. */
import type { Schedule } from "./lists";

type Say = (key: string, named?: Record<string, unknown>) => string;
interface Told {
  text: string;
  /** Whether it is worse than planned. */
  bad: boolean;
}

/** `done`: what was planned has happened, on a day that is known; else the days run on. */
export function toldDays(days: number | null, done: boolean, say: Say): Told | null {
  if (days === null) return null;
  if (days > 0)
    return { text: say(done ? "overview.daysLate" : "overview.daysOver", { n: days }), bad: true };
  if (days < 0) return { text: say("overview.daysEarly", { n: -days }), bad: false };
  return { text: say("overview.onTime"), bad: false };
}

export const startTold = (row: Schedule, say: Say) =>
  toldDays(row.start_days_late, row.started_on !== null, say);
export const endTold = (row: Schedule, say: Say) => toldDays(row.end_days_late, row.ended_on !== null, say);
