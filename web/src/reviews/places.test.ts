import { expect, it } from "vitest";
import { metres, photoSpots, spotOf } from "./places";

it("puts a GCJ-02 position where it is: some 500 m from where its numbers point", () => {
  const given = { lat: 37.87, lng: 112.55 };
  const moved = spotOf({ ...given, crs: "gcj02", accuracy_m: 12 });
  expect(moved?.accuracy).toBe(12);
  const shift = metres(given, moved ?? given);
  expect(shift).toBeGreaterThan(200);
  expect(shift).toBeLessThan(900);
  expect(metres(given, spotOf({ ...given, crs: "wgs84" }) ?? given)).toBe(0);
});

it("measures like a map", () => {
  expect(metres({ lat: 37.87, lng: 112.55 }, { lat: 37.879, lng: 112.55 })).toBeCloseTo(1000.8, 0);
});

it("leaves out photos without a position", () => {
  expect(
    photoSpots({
      photos: [
        { id: "a", location: null },
        { id: "b", location: { lat: 1, lng: 2 } },
      ],
    }),
  ).toHaveLength(1);
  expect(spotOf(null)).toBeNull();
});
