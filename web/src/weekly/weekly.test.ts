import { expect, it } from "vitest";
import { cell } from "./cells";
import { COLUMNS, FRONT } from "./columns";
import { isoWeek, weeksUpTo } from "./isoweek";
import words from "./words";

it("counts weeks as ISO does, at the turn of the year too", () => {
  expect(isoWeek("2026-11-25")).toEqual({ year: 2026, week: 48 });
  expect(isoWeek("2027-01-03")).toEqual({ year: 2026, week: 53 });
  expect(isoWeek("2025-12-29")).toEqual({ year: 2026, week: 1 });
  expect(isoWeek("2024-01-01")).toEqual({ year: 2024, week: 1 });
});

it("offers weeks from this one back, each by its Monday", () => {
  expect(weeksUpTo("2026-01-04", 3)).toEqual([
    { year: 2026, week: 1, monday: "2025-12-29" },
    { year: 2025, week: 52, monday: "2025-12-22" },
    { year: 2025, week: 51, monday: "2025-12-15" },
  ]);
});

it("has a word for every column of every table", () => {
  const known = new Set(Object.keys(words.zh));
  const wanted = Object.entries(COLUMNS).flatMap(([table, columns]) =>
    columns.map(([key]) => `${table}_${key}`),
  );
  expect([...wanted, ...FRONT.map(([key]) => `front_${key}`)].filter((key) => !known.has(key))).toEqual([]);
});

it("calls a source by the visit that found it, or by where it was heard of", () => {
  const key = (source: string) => cell({ source }, "source", "word", "zh", (word) => word);
  expect([key("routine"), key("hotline")]).toEqual(["names.visit_routine", "names.source_hotline"]);
});

it("shows a value as the print does", () => {
  const row = {
    rate: 28.3,
    full: 100,
    move: -2,
    up: 3,
    none: null,
    closed: false,
    severity: "major",
    district: { zh: "迎泽区", en: "Yingze" },
  };
  const say = (key: string) => key;
  expect(cell(row, "rate", "rate", "zh", say)).toBe("28.3");
  expect(cell(row, "full", "rate", "zh", say)).toBe("100.0");
  expect(cell(row, "move", "move", "zh", say)).toBe("↓2");
  expect(cell(row, "up", "move", "zh", say)).toBe("↑3");
  expect(cell(row, "none", "count", "zh", say)).toBe("—");
  expect(cell(row, "closed", "yes", "zh", say)).toBe("names.no");
  expect(cell(row, "severity", "word", "zh", say)).toBe("names.severity_major");
  expect(cell(row, "district", "name", "en", say)).toBe("Yingze");
  expect(cell({ is_recurring: true }, "state", "remark", "zh", say)).toBe("weekly.recurring");
});
