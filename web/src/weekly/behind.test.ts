import { expect, it } from "vitest";
import { addressed, toSend, wrongRows } from "./addresses";
import { behind } from "./behind";
import { casesShown } from "./cases";
import { cell } from "./cells";
import { chartsOf } from "./charts";
import type { Case, Figures } from "./figures";
import { moved, wholeOf } from "./rows";
import { numberOf, standingOf } from "./standing";

const YINGZE = { code: "140106", zh: "迎泽区", en: "Yingze" };
const XIAODIAN = { code: "140105", zh: "小店区", en: "Xiaodian" };
const LIFTS = { code: "ELEV", zh: "加装电梯", en: "Lifts" };
const site = (id: string) => ({ id, name: id });
const figures = {
  totals: {},
  tables: {
    T7: {
      rows: [
        { number: "1", district: YINGZE, category: LIFTS, is_new: true, severity: "major", times_closed: 0 },
        {
          number: "2",
          district: XIAODIAN,
          category: LIFTS,
          is_new: true,
          severity: "minor",
          times_closed: 2,
        },
        {
          number: "3",
          district: YINGZE,
          category: { code: "ROAD" },
          is_new: false,
          severity: "major",
          times_closed: 1,
        },
      ],
    },
    T8: {
      rows: [
        { site: site("a"), district: YINGZE },
        { site: site("a"), district: YINGZE },
        { site: site("b"), district: YINGZE },
      ],
    },
  },
  lists: {
    new_issues: { table: "T7", where: { is_new: true } },
    major: { table: "T7", where: { is_new: true, severity: "major" } },
    closed: { table: "T7", where: {}, sum: "times_closed" },
    inspected_sites: { table: "T8", where: {}, distinct: "site" },
    started: { sites_now: { stage: ["in_progress", "suspended", "completed", "accepted"] } },
    completed: { sites_now: { stage: ["completed", "accepted"] } },
    plan_count: { sites_now: {} },
    in_progress: { sites_now: { stage: ["in_progress"] } },
    notices: {
      documents: [
        { district: "140106", id: "d1", number: "〔2026〕1 号" },
        { district: "140105", id: "d2" },
      ],
    },
  },
} as unknown as Figures;
const numbers = (name: string, part = {}) => {
  const found = behind(figures, name, part);
  return found?.kind === "rows" ? found.rows.map((row) => row.number) : null;
};

it("lists the rows that a figure counts, of its district or its kind", () => {
  expect(numbers("new_issues")).toEqual(["1", "2"]);
  expect(numbers("new_issues", { district: "140106" })).toEqual(["1"]);
  expect(numbers("new_issues", { category: "ELEV" })).toEqual(["1", "2"]);
  expect(numbers("major")).toEqual(["1"]);
  expect(numbers("closed")).toEqual(["2", "3"]);
  expect(numbers("inspected_sites")).toHaveLength(2);
  expect(behind(figures, "score")).toBeNull();
});

it("names the things that a figure counts, and leads to the list of sites for the rest", () => {
  expect(behind(figures, "notices", { district: "140106" })).toEqual({
    kind: "things",
    thing: "documents",
    entries: [{ district: "140106", id: "d1", number: "〔2026〕1 号" }],
  });
  const query = (name: string) => {
    const found = behind(figures, name, { district: "140106" });
    return found?.kind === "sites_now" ? found.query : null;
  };
  expect([query("plan_count"), query("started"), query("completed"), query("in_progress")]).toEqual([
    { district: "140106" },
    { district: "140106", group: "started" },
    { district: "140106", group: "finished" },
    { district: "140106", stage: "in_progress" },
  ]);
});

it("tells a wrong address at once", () => {
  const rows = ["a@b.cn", "", "王@", "Ａ@B.cn", "x@y"].map((email) => ({ name: email ? "甲" : "", email }));
  expect(wrongRows(rows)).toEqual([null, null, "weekly.emailBad", "weekly.emailTwice", "weekly.emailBad"]);
  expect(wrongRows([{ name: "甲", email: " " }])).toEqual(["weekly.emailMissing"]);
  expect(toSend(rows.slice(0, 2))).toEqual([{ name: "甲", email: "a@b.cn" }]);
});

it("puts each mail beside its recipient, and those of former recipients below", () => {
  const mail = (address: string) => ({ address, state: "sent" as const, why: null, sent_at: null });
  const lines = addressed(
    [
      { name: "甲", email: "a@b.cn" },
      { name: "乙", email: "c@d.cn" },
    ],
    [mail("a@b.cn"), mail("old@b.cn")],
  );
  expect(lines.map((one) => [one.email, one.mail?.state ?? null])).toEqual([
    ["a@b.cn", "sent"],
    ["c@d.cn", null],
    ["old@b.cn", "sent"],
  ]);
});

it("shows the first six cases until somebody chooses", () => {
  const cases = Array.from({ length: 9 }, (_, at) => ({ issue_id: String(at) }) as Case);
  expect(casesShown(null, cases)).toEqual(["0", "1", "2", "3", "4", "5"]);
  expect(casesShown(["8"], cases)).toEqual(["8"]);
});

it("moves a row and reads numbers as people type them", () => {
  expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  expect([wholeOf("３12 件"), wholeOf("-"), wholeOf("")]).toEqual([312, null, null]);
});

it("says how final a report is", () => {
  const report = { figures_digest: "x", held_at: null, frozen_at: null };
  expect(standingOf({ ...report, figures_digest: null })).toBe("new");
  expect(standingOf(report)).toBe("draft");
  expect(standingOf({ ...report, held_at: "2026-11-22T16:00:00Z" })).toBe("held");
  expect(standingOf({ ...report, frozen_at: "2026-11-23T01:00:00Z" })).toBe("frozen");
  const say = (_key: string, named: Record<string, unknown>) => `${named.serial}/${named.total}`;
  expect(numberOf({ number: { year: 2026, serial: 12, total: 40 } }, say)).toBe("12/40");
  expect(numberOf({ number: null }, say)).toBe("");
});

it("says how far a late issue was taken", () => {
  const say = (key: string) => key;
  expect(cell({ escalation: "none" }, "escalation", "escalation", "zh", say)).toBe("—");
  expect(
    cell({ escalation: "late_3", letter: "督〔2026〕1 号" }, "escalation", "escalation", "zh", say),
  ).toBe("weekly.escalation_late_3 · names.document_escalation_letter 督〔2026〕1 号");
});

it("draws only what there is", () => {
  const empty = { ...figures, tables: {} } as Figures;
  expect(chartsOf(empty, "zh", (key) => key)).toEqual([]);
  const series = { F2: [{ iso_year: 2026, iso_week: 1, invest_done: 3, invest_plan: null }], F5: [] };
  expect(chartsOf({ ...empty, series }, "zh", (key) => key).map((one) => one.name)).toEqual(["F2"]);
});
