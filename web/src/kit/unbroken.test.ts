import { expect, it } from "vitest";
import { unbroken } from "./unbroken";

it("a number stays on the line of its unit, and of nothing else", () => {
  expect(unbroken("距边界约 2020 米；本次 4 张")).toBe("距边界约 2020\u00a0米；本次 4\u00a0张");
  expect(unbroken("About 910 m outside, 12 km/h")).toBe("About 910\u00a0m outside, 12\u00a0km/h");
  expect(unbroken("3 more of 20 photos")).toBe("3 more of 20 photos");
});
