/** The ISO year and week that a day lies in; `day` is YYYY-MM-DD. */
export function isoWeek(day: string): { year: number; week: number } {
  const date = new Date(`${day}T00:00:00Z`);
  const weekday = (date.getUTCDay() + 6) % 7; // Monday is 0
  date.setUTCDate(date.getUTCDate() - weekday + 3); // the Thursday decides the year
  const year = date.getUTCFullYear();
  const first = Date.UTC(year, 0, 4);
  const firstThursday = first - (((new Date(first).getUTCDay() + 6) % 7) - 3) * 86_400_000;
  return { year, week: 1 + Math.round((date.getTime() - firstThursday) / (7 * 86_400_000)) };
}

export interface Week {
  year: number;
  week: number;
  monday: string;
}

/** The week of `day` and those before it, the newest first. */
export function weeksUpTo(day: string, count: number): Week[] {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return Array.from({ length: count }, (_, back) => {
    const monday = new Date(date.getTime() - back * 7 * 86_400_000).toISOString().slice(0, 10);
    return { ...isoWeek(monday), monday };
  });
}
