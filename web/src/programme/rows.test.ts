import { expect, test } from "vitest";
import type { Site } from "@/kit/db";
import { searchable } from "@/sync/page";
import { type Row, rowOf, searched, sorted } from "./rows";

function row(name: string, lat: number | null, more: Partial<Site> = {}): Row {
  const site = {
    id: name,
    code: `TY-${name}`,
    name,
    district: { code: "140106", name: "迎泽区", en: "Yingze" },
    area: null,
    street: null,
    stage: "in_progress",
    location: lat === null ? null : { lat, lng: 112.55 },
    ...more,
  } as unknown as Site;
  return rowOf({ ...site, search: searchable(site) });
}

const names = (rows: Row[]) => rows.map(({ name }) => name);

test("nearest first, without a place last, and by name where there is no position", () => {
  const rows = [row("丙", 37.9), row("无", null), row("甲", 37.8701), row("乙", 37.88)];
  const near = sorted(rows, { lat: 37.87, lng: 112.55 });
  expect(names(near)).toEqual(["甲", "乙", "丙", "无"]);
  expect(near[0]?.away).toBeCloseTo(11.1, 0);
  expect(names(sorted([row("2号院", 1), row("10号院", 1), row("1号院", 1)], null))).toEqual([
    "1号院",
    "2号院",
    "10号院",
  ]);
});

test("search folds width and case, and wants all words", () => {
  const area = { id: "a", name: "新南三片区" };
  const rows = [
    row("老军营小区", null, { street: "老军营街道", code: "TY-0012" }),
    row("金刚堰A区", null, { area }),
  ];
  expect(names(searched(rows, "ty-00１2"))).toEqual(["老军营小区"]);
  expect(names(searched(rows, "金刚堰a"))).toEqual(["金刚堰A区"]);
  expect(names(searched(rows, "新南三 金刚"))).toEqual(["金刚堰A区"]);
  expect(names(searched(rows, "新南三 军营"))).toEqual([]);
  expect(searched(rows, "  ")).toBe(rows);
});

test("3259 sites are searched well within 50 ms", () => {
  const rows = Array.from({ length: 3259 }, (_, n) =>
    row(`小区${n}`, 37.8 + n / 1e5, { street: `街道${n % 60}` }),
  );
  const began = performance.now();
  expect(searched(rows, "街道7 小区32").length).toBeGreaterThan(0);
  expect(performance.now() - began).toBeLessThan(50);
});
