import { expect, test } from "vitest";
import { bodyOf } from "./body";
import { checklist, draft, photo, photoId } from "./fixtures";
import golden from "./golden.json";

const mark = {
  colour: "red" as const,
  width: 0.006,
  points: [
    [0.1, 0.2],
    [0.3, 0.2001],
  ],
};
const original = {
  sha256: "cd".repeat(32),
  size: 5_000_000,
  media_type: "image/jpeg",
  width: 4000,
  height: 3000,
};
const making = { checklist, limits: {}, deviceId: "phone-1", moment: "2026-11-20T01:58:10.000Z" };

test("a draft becomes the contract's body, to the letter", () => {
  const full = draft({
    summary: "总体较好",
    outside_reason: "在门口集合",
    representative: {
      name: "李工",
      signed_at: "2026-11-20T01:57:00.000Z",
      signature: [
        [
          [0, 0.1],
          [1, 0.35],
        ],
      ],
    },
    location_reason: "室内无信号",
    answers: {
      "T-A01": { value: "fail", note: "3号楼东侧", severity: "critical" },
      "T-A02": { value: "pass", severity: "minor" }, // it had failed before: no issue of what passes
      "T-A03": { value: null, note: "没写完" },
      "T-B01": { value: 2.5 },
      "T-B02": { value: 7, note: "  " },
      "T-B04": { value: "na" },
    },
  });
  const position = { lat: 37.8701, lng: 112.5501, accuracy_m: null, captured_at: "2026-11-20T01:29:58.000Z" };
  const photos = [
    photo(photoId(1), "T-A01", { caption: "裂缝", position, marks: [mark] }),
    photo(photoId(2), "T-A01", { source: "gallery", made_from: original }),
    photo(photoId(3), "T-B01"),
    photo(photoId(4), "T-B03"),
    photo(photoId(5), null),
  ];
  expect(bodyOf({ ...making, draft: full, photos })).toEqual(golden);
});

test("without a position it says so and why; nothing unanswered is made up", () => {
  const body = bodyOf({ ...making, draft: draft({ position: null, location_reason: "地下室" }), photos: [] });
  expect(body.location).toBeNull();
  expect(body.location_reason).toBe("地下室");
  expect(body.answers).toEqual([]);
  expect("outside_reason" in body || "summary" in body || "correction_reason" in body).toBe(false);
});

test("a representative is named with or without a signature, and not at all where nobody was", () => {
  const of = (name: string) => {
    const representative = { name, signed_at: null, signature: null };
    return bodyOf({ ...making, draft: draft({ representative }), photos: [] });
  };
  expect(of("李工").representative).toEqual({ name: "李工", signed_at: null, signature: null });
  expect("representative" in of("  ")).toBe(false);
  expect("representative" in bodyOf({ ...making, draft: draft(), photos: [] })).toBe(false);
});

test("the site's own limit makes a failure", () => {
  const one = draft({ answers: { "T-B02": { value: 7 } } });
  const limits = { "T-B02": { min: 8, max: null } };
  expect(bodyOf({ ...making, limits, draft: one, photos: [] }).answers[0]?.issue).toEqual({
    severity: "major",
  });
});

test("a clock put back does not end an inspection before it began", () => {
  const body = bodyOf({ ...making, moment: "2025-11-20T01:58:10.000Z", draft: draft(), photos: [] });
  expect(body.finished_at).toBe(body.started_at);
});

test("40 answers and no photo stay under 6 KB", () => {
  const items = Array.from({ length: 40 }, (_, n) => ({
    ...checklist.sections[0]?.items[1],
    code: `FACADE-A${n}`,
  }));
  const long = { ...checklist, sections: [{ code: "A", zh: "", en: "", items }] } as typeof checklist;
  const answers = Object.fromEntries(items.map(({ code }) => [code, { value: "pass" }]));
  expect(
    JSON.stringify(bodyOf({ ...making, checklist: long, draft: draft({ answers }), photos: [] })).length,
  ).toBeLessThan(6000);
});

test("what was fixed on the spot names its after-photos apart, and who was there comes along", () => {
  const failing = draft({
    co_inspectors: ["p-2"],
    answers: {
      "T-A01": { value: "fail", fixed_on_spot: true, due_on: "2026-12-01" },
      "T-A02": { value: "pass", fixed_on_spot: true },
    },
  });
  const photos = [
    photo(photoId(1), "T-A01"),
    photo(photoId(2), "T-A01", { after: true }),
    photo(photoId(3), "T-A02", { after: true }),
  ];
  const body = bodyOf({ ...making, draft: failing, photos });
  expect(body.co_inspectors).toEqual(["p-2"]);
  expect(body.answers).toEqual([
    {
      item: "T-A01",
      value: "fail",
      photos: [photoId(1)],
      issue: { severity: "major", due_on: "2026-12-01", fixed_on_spot: true, after: [photoId(2)] },
    },
    { item: "T-A02", value: "pass", photos: [photoId(3)] }, // nothing to fix: a photo like any other
  ]);
  expect(body.photos.map((one) => one.item)).toEqual(["T-A01", "T-A01", "T-A02"]);
});
