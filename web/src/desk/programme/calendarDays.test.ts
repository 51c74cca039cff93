import { expect, it } from "vitest";
import { type ArrangedDay, spansOf, weeksOf } from "./calendarDays";

const day = (date: string, kind: ArrangedDay["kind"], name: string): ArrangedDay => ({
  day: date,
  kind,
  name,
  year: 2026,
});
const NATIONAL = [
  ...[1, 2, 3, 4, 5, 6, 7].map((n) => day(`2026-10-0${n}`, "holiday", "国庆节")),
  day("2026-10-10", "workday", "国庆节调休"),
];

it("a month is whole weeks from Monday on, each day once", () => {
  for (let month = 1; month <= 12; month++) {
    const weeks = weeksOf(2026, month, NATIONAL);
    expect(weeks.every((week) => week.length === 7)).toBe(true);
    const numbers = weeks.flat().flatMap((one) => (one ? [one.number] : []));
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    expect(numbers.length).toBe(new Date(2026, month, 0).getDate());
  }
  const october = weeksOf(2026, 10, NATIONAL);
  expect(october[0]?.map((one) => one?.number ?? null)).toEqual([null, null, null, 1, 2, 3, 4]);
  expect(october[1]?.[5]).toEqual({ number: 10, weekend: true, arranged: NATIONAL[7] });
  expect(weeksOf(2028, 2, []).flat().filter(Boolean)).toHaveLength(29);
});

it("days of one name that follow each other are one span", () => {
  expect(spansOf(NATIONAL)).toEqual([
    { name: "国庆节", kind: "holiday", from: "2026-10-01", to: "2026-10-07" },
    { name: "国庆节调休", kind: "workday", from: "2026-10-10", to: "2026-10-10" },
  ]);
  expect(spansOf([day("2026-12-31", "holiday", "元旦"), day("2027-01-01", "holiday", "元旦")])).toHaveLength(
    1,
  );
});
