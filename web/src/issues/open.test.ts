import { expect, test } from "vitest";
import { bySoonest, isOpen, isOverdue } from "./open";

const issue = (state: Parameters<typeof isOpen>[0]["state"], due_on = "2026-11-20") => ({ state, due_on });

test("what is closed or void is not open, and never late", () => {
  expect(
    (["issued", "rejected", "reopened", "closed", "void"] as const).map((state) => isOpen(issue(state))),
  ).toEqual([true, true, true, false, false]);
  expect(isOverdue(issue("closed"), "2026-12-01")).toBe(false);
});

test("late begins the day after the last", () => {
  expect(isOverdue(issue("issued"), "2026-11-20")).toBe(false);
  expect(isOverdue(issue("issued"), "2026-11-21")).toBe(true);
});

test("the soonest comes first", () => {
  const list = [issue("issued", "2026-12-02"), issue("issued", "2026-11-30")];
  expect(list.sort(bySoonest).map(({ due_on }) => due_on)).toEqual(["2026-11-30", "2026-12-02"]);
});
