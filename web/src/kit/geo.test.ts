import { expect, test } from "vitest";
import { beyondEdge, distance, fenceSays, inWords } from "./geo";

const home = { lat: 37.87, lng: 112.55 };
// About 440 m by 440 m around `home`.
const square = [
  [112.5475, 37.868],
  [112.5525, 37.868],
  [112.5525, 37.872],
  [112.5475, 37.872],
  [112.5475, 37.868],
];

test("a hundredth of a degree to the north is 1112 m, one to the east less", () => {
  expect(distance(home, { ...home, lat: 37.88 })).toBeCloseTo(1112, 0);
  expect(distance(home, { ...home, lng: 112.56 })).toBeCloseTo(877.8, 0);
  expect(distance(home, home)).toBe(0);
});

test("a circle counts the accuracy of the fix, up to 100 m", () => {
  const site = { location: home, fence: { radius_m: 200 } };
  const fix = (lat: number, accuracy_m: number | null) => ({ lat, lng: home.lng, accuracy_m });
  expect(fenceSays(site, fix(37.8717, 0))?.inside).toBe(true); // 189 m
  expect(fenceSays(site, fix(37.8725, 0))?.inside).toBe(false); // 278 m
  expect(fenceSays(site, fix(37.8725, 90))?.inside).toBe(true);
  expect(fenceSays(site, fix(37.873, 5000))?.inside).toBe(false); // 334 m: 200 + 100 at most
  expect(fenceSays(site, fix(37.8725, null))?.inside).toBe(false);
});

test("a polygon is left by its edge, not by its centre", () => {
  expect(beyondEdge(square, home)).toBe(0);
  expect(beyondEdge(square, { lat: 37.87, lng: 112.5536 })).toBeCloseTo(96.6, 0);
  const site = { location: home, fence: { polygon: square } };
  expect(fenceSays(site, { lat: 37.87, lng: 112.5536, accuracy_m: 20 })?.inside).toBe(false);
  expect(fenceSays(site, { lat: 37.87, lng: 112.5536, accuracy_m: 97 })?.inside).toBe(true);
  expect(fenceSays(site, { lat: 37.8719, lng: 112.5524, accuracy_m: 0 })?.inside).toBe(true);
});

test("a polygon with a bay leaves out what lies in the bay", () => {
  const bay = [
    [0, 0],
    [0.004, 0],
    [0.004, 0.004],
    [0.002, 0.001],
    [0, 0.004],
  ];
  expect(beyondEdge(bay, { lat: 0.003, lng: 0.002 })).toBeGreaterThan(100);
  expect(beyondEdge(bay, { lat: 0.0005, lng: 0.002 })).toBe(0);
});

test("without a place nothing is said", () => {
  expect(fenceSays({ location: null, fence: { radius_m: 200 } }, { ...home, accuracy_m: 5 })).toBeNull();
});

test("distances read short", () => {
  const said = (language: string) => [35.4, 999, 1234, 14_321].map((metres) => inWords(metres, language));
  expect(said("en")).toEqual(["35\u00a0m", "999\u00a0m", "1.2\u00a0km", "14\u00a0km"]);
  expect(said("zh")).toEqual(["35\u00a0米", "999\u00a0米", "1.2\u00a0公里", "14\u00a0公里"]);
});
