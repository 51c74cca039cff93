import { expect, test } from "vitest";
import type { DraftAnswer } from "@/kit/db";
import { checklist } from "./fixtures";
import { readNumber } from "./number";
import { nextOf, reckon } from "./reckon";

const codes = (entries: { item: { code: string } }[]) => entries.map(({ item }) => item.code);

test("open items are counted, wrong ones are named", () => {
  const answers: Record<string, DraftAnswer> = {
    "T-A01": { value: "fail" },
    "T-A03": { value: "" },
    "T-B01": { value: "3.x" },
    "T-B02": { value: 101 },
  };
  const known = reckon(checklist, answers, [], {});
  expect(codes(known.open)).toEqual(["T-A02", "T-A03", "T-B03", "T-B04"]);
  expect(known.wrong.map(({ item, complaint }) => [item.code, complaint])).toEqual([
    ["T-A01", "photo-missing"],
    ["T-B01", "value-not-a-number"],
    ["T-B02", "value-out-of-range"],
  ]);
  expect(known.failed).toBe(1);
  expect(known.sections.map((section) => section.answered)).toEqual([1, 2]);
});

test("a photo answers a photo item and satisfies a failed one; n/a needs none", () => {
  const known = reckon(checklist, { "T-A01": { value: "fail" } }, [{ item: "T-A01" }, { item: "T-B03" }], {});
  expect(known.wrong).toEqual([]);
  expect(codes(known.open)).not.toContain("T-B03");
  expect(reckon(checklist, { "T-B03": { value: "na" } }, [], {}).wrong).toEqual([]);
});

test("jumping goes on from where one was, and round the end", () => {
  const { entries, open } = reckon(checklist, { "T-A02": { value: "pass" } }, [], {});
  expect(nextOf(entries, null, open)?.item.code).toBe("T-A01");
  expect(nextOf(entries, "T-A01", open)?.item.code).toBe("T-A03");
  expect(nextOf(entries, "T-B04", open)?.item.code).toBe("T-A01");
  expect(nextOf(entries, null, [])).toBeNull();
});

test("numbers are read as people type them", () => {
  expect(["4.2", "４．２", "4。2", " 12 ", "-0.5", "−3", ".5", "4."].map(readNumber)).toEqual([
    4.2, 4.2, 4.2, 12, -0.5, -3, 0.5, 4,
  ]);
  expect(["4,2", "约4", "1e5", "-", "4.2.1"].map(readNumber)).toEqual(["4,2", "约4", "1e5", "-", "4.2.1"]);
  expect(readNumber("  ")).toBeNull();
});

test("what was fixed on the spot needs a photo from after, beside the one that shows the failure", () => {
  const wrong = (fixed: boolean, ...photos: { item: string; after?: boolean }[]) =>
    reckon(checklist, { "T-A01": { value: "fail", fixed_on_spot: fixed } }, photos, {}).wrong.map(
      ({ complaint }) => complaint,
    );
  const [before, after] = [{ item: "T-A01" }, { item: "T-A01", after: true }];
  expect(wrong(true, before)).toEqual(["after-missing"]);
  expect(wrong(true, after)).toEqual(["photo-missing"]);
  expect(wrong(true, before, after)).toEqual([]);
  expect(wrong(false, after)).toEqual([]); // taken back: a photo like any other
});
