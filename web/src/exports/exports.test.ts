import { describe, expect, it } from "vitest";
import names from "@/desk/names";
import desk from "@/desk/words";
import issues from "@/issues/words";
import { bodyOf, CHOICES, carriedOver, FIELDS, formOf, inWords, queryFor, type Say, whatOf } from "./filters";
import { pause, sized } from "./standing";
import words from "./words";

const SITE = "01938e10-0000-7000-8000-000000000001";

function saying(language: "zh" | "en"): Say {
  const all: Record<string, Record<string, string>> = {
    exports: words[language],
    names: names[language],
    desk: desk[language],
    issues: issues[language],
  };
  return {
    language,
    t: (key, named = {}) => {
      const [feature = "", name = ""] = key.split(".");
      const text = all[feature]?.[name];
      if (text === undefined) throw new Error(`no word for ${key}`);
      return text.replace(/\{(\w+)\}/g, (_, at) => String(named[at]));
    },
    district: (code) => (code === "140106" ? "迎泽区" : code),
    checklist: (code) => `检查表 ${code}`,
    firm: () => "太原一建",
    site: (id) => (id === SITE ? "双塔小区" : id),
  };
}

describe("filters in words", () => {
  it("says each in the order of the form, and the days last", () => {
    const filters = {
      received_to: "2026-11-26",
      district: "140106",
      received_from: "2026-11-01",
      state: "approved",
    };
    expect(inWords("reports", filters, saying("zh"))).toEqual([
      "已通过",
      "迎泽区",
      "2026年11月1日至2026年11月26日收到",
    ]);
    expect(inWords("answers", { received_from: "2026-11-01" }, saying("en"))).toEqual([
      "received since 1 Nov 2026",
    ]);
    expect(inWords("photos", { received_to: "2026-11-01", site: SITE }, saying("zh"))).toEqual([
      "双塔小区",
      "2026年11月1日及以前收到",
    ]);
  });

  it("names several states of issues, and what only a link can narrow to", () => {
    const filters = { state: "issued,rejected", overdue: "true", move: "pass", q: "焊工", severity: "major" };
    expect(inWords("issues", filters, saying("zh"))).toEqual([
      "含“焊工”",
      "待整改、复查不合格",
      "较大",
      "已超期",
      "待复查",
    ]);
  });

  it("says nothing where nothing is narrowed, and shows what it does not know", () => {
    expect(inWords("issues", { order: "due", overdue: "false", q: null }, saying("zh"))).toEqual([]);
    expect(inWords("sites", { stage: "suspended", bbox: "1,2,3,4" }, saying("zh"))).toEqual([
      "停工",
      "bbox：1,2,3,4",
    ]);
  });
});

describe("the page's address", () => {
  it("fills in the form with what an export can be narrowed to", () => {
    const query = queryFor("issues", { state: "issued", order: "due", move: "pass", severity: undefined });
    expect(query).toEqual({ what: "issues", state: "issued", move: "pass" });
    expect(formOf(query)).toEqual({ what: "issues", filters: { state: "issued", move: "pass" } });
    expect(queryFor("sites", { view: "map", group: "started", stage: "accepted" })).toEqual({
      what: "sites",
      stage: "accepted",
    });
  });

  it("begins with reports where it says nothing known", () => {
    expect(formOf({})).toEqual({ what: "reports", filters: {} });
    expect(formOf({ what: "people", district: "140106", stage: "accepted" })).toEqual({
      what: "reports",
      filters: { district: "140106" },
    });
  });
});

it("keeps what fits where something else is exported", () => {
  const filters = { district: "140106", state: "approved", q: "双塔", received_from: "2026-11-01" };
  expect(carriedOver("reports", "answers", filters)).toEqual(filters);
  expect(carriedOver("reports", "issues", filters)).toEqual({ district: "140106", q: "双塔" });
  expect(carriedOver("reports", "photos", filters)).toEqual({
    district: "140106",
    received_from: "2026-11-01",
  });
});

it("asks as the wire has it, and reads it back", () => {
  for (const what of CHOICES) {
    const { kind, rows } = bodyOf(what, "csv", "zh", {});
    expect(whatOf({ kind, rows_of: rows })).toBe(what);
  }
  expect(bodyOf("issues", "xlsx", "en", { q: "x" })).toEqual({
    kind: "issues",
    rows: null,
    format: "xlsx",
    lang: "en",
    filters: { q: "x" },
  });
});

it("has a word for every field", () => {
  const said = new Set(Object.keys(words.zh));
  const fields = new Set(Object.values(FIELDS).flat());
  expect([...fields].filter((name) => !["q", "site"].includes(name) && !said.has(name))).toEqual([]);
});

it("looks again soon, later more seldom, and not at all where nothing is under way", () => {
  const now = Date.parse("2026-11-26T08:00:00Z");
  const row = (state: "running" | "ready", created_at: string) => ({ state, created_at });
  expect(pause([row("ready", "2026-11-26T07:59:59Z")], now)).toBe(false);
  expect(pause([row("running", "2026-11-26T07:00:00Z"), row("running", "2026-11-26T07:59:30Z")], now)).toBe(
    2000,
  );
  expect(pause([row("running", "2026-11-26T07:55:00Z")], now)).toBe(5000);
  expect(pause([row("running", "2026-11-26T07:00:00Z")], now)).toBe(15_000);
  expect(pause([row("running", "2026-11-26T08:05:00Z")], now)).toBe(2000); // a clock that is behind
});

it("says how big a file is", () => {
  expect([0, 812, 3500, 12_600_000, 1_288_490_189].map((bytes) => sized(bytes, "zh"))).toEqual([
    "0 B",
    "812 B",
    "3.4 KB",
    "12 MB",
    "1.2 GB",
  ]);
});
