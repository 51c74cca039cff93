import { expect, it } from "vitest";
import type { Report } from "@/desk/types";
import { changesBetween } from "./changes";

const answer = (item: string, verdict: string, note = "") => ({
  item,
  verdict,
  value: verdict,
  note,
  photos: [],
  issue: null,
});
const report = (revision: number, answers: unknown[], shas: string[], more: object = {}) =>
  ({
    revision,
    answers,
    gallery: shas.map((sha256) => ({ id: sha256, sha256, marks: [] })),
    signed: null,
    ...more,
  }) as unknown as Report;
const nothing = { items: [], photosAdded: 0, photosGone: 0, photosMarked: 0, signature: null };

it("names the items that another revision answers otherwise, adds or leaves out, and counts photos", () => {
  const old = report(1, [answer("A", "fail"), answer("B", "pass"), answer("C", "pass")], ["1", "2"]);
  const now = report(
    2,
    [answer("A", "fail", "补拍"), answer("B", "pass"), answer("D", "pass")],
    ["2", "3", "4"],
  );
  expect(changesBetween(old, now)).toEqual({
    ...nothing,
    from: 1,
    items: ["A", "D", "C"],
    photosAdded: 2,
    photosGone: 1,
  });
});

it("finds nothing where only the state has changed", () => {
  const old = report(1, [answer("A", "pass")], ["1"]);
  expect(changesBetween(old, { ...old })).toEqual({ ...nothing, from: 1 });
});

it("counts photos that are marked otherwise, and not those that are new or gone", () => {
  const circle = { colour: "red", width: 0.006, points: [[0.1, 0.2]] };
  const photo = (id: string, ...marks: object[]) => ({ id, sha256: id, marks });
  const old = report(1, [], [], {
    gallery: [photo("same", circle), photo("drawn"), photo("wiped", circle), photo("gone", circle)],
  });
  const now = report(2, [], [], {
    gallery: [photo("same", { ...circle }), photo("drawn", circle), photo("wiped"), photo("new", circle)],
  });
  expect(changesBetween(old, now)).toEqual({
    ...nothing,
    from: 1,
    photosAdded: 1,
    photosGone: 1,
    photosMarked: 2,
  });
});

it("tells of a signature that came, went or was given again, by what stands under each revision", () => {
  const by = (revision: number, day = 20) => ({
    signed: { revision, name: "李工", signed_at: `2026-11-${day}T01:57:00Z`, signature: [[[0, 0.1]]] },
  });
  const told = (old: Report, now: Report) => changesBetween(old, now).signature;
  const unsigned = (revision: number, more = {}) => report(revision, [], [], more);
  expect(told(unsigned(1), unsigned(2, by(2)))).toBe("signed");
  expect(told(unsigned(1, by(1)), unsigned(2, by(1)))).toBe("unsigned"); // it is shown on, and stands under the first
  expect(told(unsigned(1, by(1)), unsigned(2, by(2, 21)))).toBe("again");
  expect(told(unsigned(2, by(1)), unsigned(3, by(1)))).toBeNull();
  expect(told(unsigned(1, by(1)), unsigned(1, by(1)))).toBeNull(); // only the state has changed
});
