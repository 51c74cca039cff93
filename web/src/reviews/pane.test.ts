import { expect, it } from "vitest";
import { FIT, moved, styleOf, turned, zoomed } from "./pane";

it("zooms about the pointer: what lies under it stays", () => {
  const lie = zoomed(FIT, 2, 100, 40);
  // A point of the photo at distance d from its middle is shown at x + d × zoom.
  expect(lie.x + 100 * lie.zoom).toBeCloseTo(100);
  expect(lie.y + 40 * lie.zoom).toBeCloseTo(40);
});

it("comes back to the middle when it fits again, and zooms no further than it may", () => {
  expect(zoomed({ ...FIT, zoom: 2, x: 50, y: 9 }, 0.1)).toEqual(FIT);
  expect(zoomed(FIT, 1000).zoom).toBe(12);
});

it("turns by quarters, with the sides changed so that it still fits", () => {
  const quarter = turned(FIT);
  expect(quarter.turn).toBe(90);
  expect(styleOf(quarter, 800, 600)).toMatchObject({ width: "600px", height: "800px" });
  expect(turned(turned(turned(quarter))).turn).toBe(0);
});

it("moves only what is larger than its pane", () => {
  expect(moved(FIT, 5, 5)).toEqual(FIT);
  expect(moved({ ...FIT, zoom: 3 }, 5, 7)).toMatchObject({ x: 5, y: 7 });
});
