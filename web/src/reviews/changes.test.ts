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
const report = (revision: number, answers: unknown[], shas: string[]) =>
  ({ revision, answers, gallery: shas.map((sha256) => ({ id: sha256, sha256 })) }) as unknown as Report;

it("names the items that another revision answers otherwise, adds or leaves out, and counts photos", () => {
  const old = report(1, [answer("A", "fail"), answer("B", "pass"), answer("C", "pass")], ["1", "2"]);
  const now = report(
    2,
    [answer("A", "fail", "补拍"), answer("B", "pass"), answer("D", "pass")],
    ["2", "3", "4"],
  );
  expect(changesBetween(old, now)).toEqual({
    from: 1,
    items: ["A", "D", "C"],
    photosAdded: 2,
    photosGone: 1,
  });
});

it("finds nothing where only the state has changed", () => {
  const old = report(1, [answer("A", "pass")], ["1"]);
  expect(changesBetween(old, { ...old })).toEqual({ from: 1, items: [], photosAdded: 0, photosGone: 0 });
});
