import { expect, test } from "vitest";
import { offBy } from "./offBy";

const MINUTE = 60_000;

test("a clock that is right within five minutes is right", () => {
  expect(offBy(null, "zh")).toBeNull();
  expect(offBy(4 * MINUTE, "zh")).toBeNull();
  expect(offBy(-4 * MINUTE, "zh")).toBeNull();
});

test("a clock that is behind is slow, one that is ahead fast", () => {
  expect(offBy(12 * MINUTE, "en")).toEqual({ slow: true, by: "12 minutes" });
  expect(offBy(-3 * 60 * MINUTE, "en")).toEqual({ slow: false, by: "3 hours" });
  expect(offBy(366 * 24 * 60 * MINUTE, "zh")).toEqual({ slow: true, by: "366天" });
});
