/** A year as twelve months of weeks, with what is arranged for each day. */
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Calendar = Whole<components["schemas"]["CalendarOut"]>;
export type ArrangedDay = Calendar["days"][number];
export type CalendarImport = Whole<components["schemas"]["CalendarImportOut"]>;

export interface Day {
  number: number;
  weekend: boolean;
  arranged: ArrangedDay | null;
}

/** Weeks from Monday to Sunday; null before the first and behind the last. */
export function weeksOf(year: number, month: number, days: ArrangedDay[]): (Day | null)[][] {
  const arranged = new Map(days.map((one) => [one.day, one]));
  const first = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const cells: (Day | null)[] = Array(first).fill(null);
  for (let number = 1; number <= last; number++) {
    const day = `${year}-${String(month).padStart(2, "0")}-${String(number).padStart(2, "0")}`;
    cells.push({ number, weekend: cells.length % 7 >= 5, arranged: arranged.get(day) ?? null });
  }
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

export interface Span {
  name: string;
  kind: ArrangedDay["kind"];
  from: string;
  to: string;
}

/** Days of one name and kind that follow each other, as one span. */
export function spansOf(days: ArrangedDay[]): Span[] {
  const spans: Span[] = [];
  for (const { day, kind, name } of days) {
    const last = spans.at(-1);
    if (last && last.kind === kind && last.name === name && nextDay(last.to) === day) last.to = day;
    else spans.push({ name, kind, from: day, to: day });
  }
  return spans;
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
