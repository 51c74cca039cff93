import { expect, it } from "vitest";
import type { Gallery } from "@/desk/types";
import { checklistsOf, isVisit, pairsOf } from "./visits";

const photo = (id: string, item: string | null, state = "stored") =>
  ({ id, item, state }) as unknown as Gallery;

it("pairs what both visits photographed, the whole site first, then in the later visit's order", () => {
  const first = [photo("a", "ELEV-A02"), photo("b", "ELEV-A01"), photo("c", null), photo("d", "ELEV-A09")];
  const last = [photo("e", "ELEV-A01"), photo("f", "ELEV-A02"), photo("g", "ELEV-A01"), photo("h", null)];
  const pairs = pairsOf({ gallery: first }, { gallery: last });
  const ids = (photos: Gallery[]) => photos.map(({ id }) => id).join("");
  expect(pairs.map((pair) => [pair.item, ids(pair.first), ids(pair.last)])).toEqual([
    [null, "c", "h"],
    ["ELEV-A01", "b", "eg"],
    ["ELEV-A02", "a", "f"],
  ]);
});

it("leaves out a photo that is not here", () => {
  const here = { gallery: [photo("a", "ELEV-A01")] };
  expect(pairsOf(here, { gallery: [photo("b", "ELEV-A01", "expected")] })).toEqual([]);
});

it("counts a site's checklists, and no void report as a visit", () => {
  const rows = ["ELEV", "CABLE", "ELEV"].map((code) => ({ checklist: { code, version: 1 } }));
  expect(checklistsOf(rows)).toEqual([
    { code: "ELEV", times: 2 },
    { code: "CABLE", times: 1 },
  ]);
  expect(
    ["approved", "submitted", "returned", "void", "incomplete"].map((state) => isVisit({ state } as never)),
  ).toEqual([true, true, true, false, false]);
});
