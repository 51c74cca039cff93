import { expect, test } from "vitest";
import { delayMs, isDue, nextTry } from "./backoff";

test("waits double from two seconds to five minutes and differ between phones", () => {
  expect(delayMs(0, () => 0)).toBe(2000);
  expect(delayMs(3, () => 0)).toBe(16_000);
  expect(delayMs(3, () => 0.5)).toBe(24_000);
  expect(delayMs(500, () => 0)).toBe(150_000);
  expect(delayMs(500, () => 1)).toBe(300_000);
});

test("what the server asks for is waited for, at most an hour", () => {
  expect(nextTry(0, 60, 1000)).toBe(61_000);
  expect(nextTry(0, 864_000, 0)).toBe(3_600_000);
  expect(nextTry(0, null, 0)).toBeGreaterThanOrEqual(2000);
});

test("a clock that was set back by a year does not make anything wait a year", () => {
  const year = 31_536_000_000;
  expect(isDue(year, 0)).toBe(true);
  expect(isDue(60_000, 0)).toBe(false);
  expect(isDue(0, 1)).toBe(true);
});
