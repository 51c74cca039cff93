import { expect, test } from "vitest";
import { toldDays } from "./late";

const say = (key: string, named?: Record<string, unknown>) => `${key} ${named?.n ?? ""}`.trim();

test.each([
  [3, true, "overview.daysLate 3", true],
  [3, false, "overview.daysOver 3", true],
  [-2, true, "overview.daysEarly 2", false],
  [0, true, "overview.onTime", false],
])("%i days, done %s", (days, done, text, bad) => {
  expect(toldDays(days, done, say)).toEqual({ text, bad });
});

test("a day that is not known is not told of", () => {
  expect(toldDays(null, true, say)).toBeNull();
});
