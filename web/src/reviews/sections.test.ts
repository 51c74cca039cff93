import { describe, expect, it } from "vitest";
import type { ChecklistItem, ChecklistShape, Gallery, Report } from "@/desk/types";
import { sectionsOf, shownValue, sitePhotos } from "./sections";

const item = (code: string, more: Partial<ChecklistItem> = {}) =>
  ({
    code,
    zh: `项${code}`,
    en: `Item ${code}`,
    type: "pass_fail_na",
    severity: "minor",
    criterion_zh: "",
    criterion_en: "",
    unit: null,
    unit_en: null,
    min: null,
    max: null,
    options: null,
    limit_source: null,
    ...more,
  }) as ChecklistItem;

const checklist = {
  sections: [
    { code: "X-A", zh: "甲", en: "A", items: [item("X-A01"), item("X-A02")] },
    { code: "X-B", zh: "乙", en: "B", items: [item("X-B01"), item("X-B02"), item("X-B03")] },
  ],
} as ChecklistShape;

const photo = (id: string, on: string | null) => ({ id, item: on }) as Gallery;
const answer = (code: string, verdict: string, photos: string[] = []) => ({
  item: code,
  verdict,
  value: verdict,
  note: null,
  photos,
  issue: verdict === "fail" ? { severity: "critical" } : null,
});
const report = {
  answers: [
    answer("X-A01", "pass"),
    answer("X-A02", "na"),
    answer("X-B01", "pass"),
    answer("X-B02", "fail", ["p2"]),
  ],
  gallery: [photo("p1", "X-B02"), photo("p2", null), photo("p3", null), photo("p4", "X-A01")],
} as unknown as Report;

it("keeps apart what was there and what was put right on the spot", () => {
  const fixed = {
    answers: [
      {
        ...answer("X-A01", "fail", ["p1", "p2"]),
        issue: { severity: "minor", fixed_on_spot: true, after: ["p2"] },
      },
    ],
    gallery: [photo("p1", "X-A01"), photo("p2", "X-A01"), photo("p3", null)],
  } as unknown as Report;
  const sections = sectionsOf(fixed, checklist, "zh");
  const line = sections[0]?.lines[0];
  expect([line?.fixed, line?.photos.map(({ id }) => id), line?.after.map(({ id }) => id)]).toEqual([
    true,
    ["p1"],
    ["p2"],
  ]);
  expect(sitePhotos(fixed, sections).map(({ id }) => id)).toEqual(["p3"]);
});

describe("a report as it is read", () => {
  const sections = sectionsOf(report, checklist, "zh");

  it("has what failed first, and keeps what was left out in sight", () => {
    expect(sections.map((section) => [section.code, section.failed])).toEqual([
      ["X-B", 1],
      ["X-A", 0],
    ]);
    expect(sections[0]?.lines.map((line) => line.verdict)).toEqual(["fail", "pass", "unanswered"]);
    expect(sections[0]?.lines[0]?.severity).toBe("critical");
  });

  it("shows a photo at its item, whether taken there or named by the answer, and the rest as the site's", () => {
    expect(sections[0]?.lines[0]?.photos.map((one) => one.id)).toEqual(["p1", "p2"]);
    expect(sitePhotos(report, sections).map((one) => one.id)).toEqual(["p3"]);
  });

  it("speaks the language asked for", () => {
    expect(sectionsOf(report, checklist, "en")[0]?.name).toBe("B");
  });

  it("gives numbers their unit and limits, but not bounds of entry where the limit is the site's own", () => {
    const gap = item("X", { type: "number", unit: "毫米", unit_en: "mm", max: 35 });
    expect(shownValue(gap, 42, "zh")).toBe("42 毫米 (≤ 35)");
    expect(shownValue({ ...gap, min: 0 }, 4.2, "en")).toBe("4.2 mm (0–35)");
    expect(shownValue({ ...gap, limit_source: "design" }, 42, "en")).toBe("42 mm");
    expect(shownValue(item("Y"), "pass", "zh")).toBe("");
    expect(shownValue(gap, "na", "zh")).toBe("");
  });
});
