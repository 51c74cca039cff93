import { expect, it } from "vitest";
import { nameIn } from "./download";
import { count, money, percent } from "./numbers";

it("says money as the office does", () => {
  expect(money("3165000000.00", "zh")).toBe("31.65 亿元");
  expect(money(3_430_000, "zh")).toBe("343 万元");
  expect(money(999, "zh")).toBe("999 元");
  expect(money("3165000000.00", "en")).toBe("3.17 bn yuan");
});

it("says counts and shares, with a dash where there is no whole", () => {
  expect(count(179000, "zh")).toBe("179,000");
  expect(percent(922, 3259, "zh")).toBe("28.3%");
  expect(percent(0, 0, "en")).toBe("—");
});

it("saves a file under the Chinese name that the server gives", () => {
  const header =
    "attachment; filename=\"weekly-report_2026-W47.xlsx\"; filename*=UTF-8''%E5%91%A8%E6%8A%A5.xlsx";
  expect(nameIn(header)).toBe("周报.xlsx");
  expect(nameIn('attachment; filename="a.csv"')).toBe("a.csv");
  expect(nameIn(null)).toBeNull();
});
