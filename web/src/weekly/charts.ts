/** The week's charts (figures 1 to 5 of the print), as ECharts takes them. */
import type { EChartsCoreOption } from "echarts/core";
import type { Row } from "./cells";
import type { Figures, Place } from "./figures";

type Say = (key: string, named?: Record<string, unknown>) => string;
export interface Chart {
  name: "F1" | "F2" | "F3" | "F4" | "F5";
  option: EChartsCoreOption;
}

const FONT = "PingFang SC, HarmonyOS Sans SC, Noto Sans CJK SC, Microsoft YaHei, system-ui, sans-serif";
const TEXT = { color: "#333a44", fontSize: 13, fontFamily: FONT };
const BASE = {
  textStyle: TEXT,
  legend: { top: 0, itemWidth: 16, itemGap: 10, textStyle: TEXT },
  tooltip: { trigger: "axis", confine: true },
  grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
};
const BAR = { type: "bar", barMaxWidth: 26 };
const category = (data: string[]) => ({ type: "category", data, axisLabel: { ...TEXT, interval: "auto" } });
/** Every district is named, aslant where the names are long. */
const districts = (data: string[], language: string) => ({
  ...category(data),
  axisLabel: {
    ...TEXT,
    interval: 0,
    hideOverlap: false,
    rotate: language === "en" && data.length > 3 ? 24 : 0,
  },
});
const value = { type: "value", axisLabel: TEXT };

/** Those that have something to show. */
export function chartsOf(figures: Figures, language: string, say: Say): Chart[] {
  const placeName = (row: Row, key: string) => {
    const place = row[key] as Place;
    return language === "en" ? place.en : place.zh;
  };
  const rows = (table: string) => figures.tables[table]?.rows ?? [];
  const week = (one: { iso_week: number }) => say("weekly.weekShort", { week: one.iso_week });
  const found: Chart[] = [];
  const [plan, work, kinds] = [rows("T1"), rows("T2"), rows("T3").filter((row) => Number(row.count) > 0)];
  if (plan.some((row) => Number(row.plan_count) > 0))
    found.push({
      name: "F1",
      option: {
        ...BASE,
        color: ["#2f7fd0", "#0a7d33"],
        xAxis: districts(
          plan.map((row) => placeName(row, "district")),
          language,
        ),
        yAxis: { ...value, axisLabel: { ...TEXT, formatter: "{value}%" } },
        series: (["start_rate", "completion_rate"] as const).map((key) => ({
          ...BAR,
          name: say(`weekly.T1_${key}`),
          data: plan.map((row) => row[key]),
        })),
      },
    });
  const money = figures.series?.F2 ?? [];
  if (money.length)
    found.push({
      name: "F2",
      option: {
        ...BASE,
        color: ["#0a7d33", "#748294"],
        xAxis: category(money.map(week)),
        yAxis: value,
        series: (["invest_done", "invest_plan"] as const)
          .filter((key) => money.some((one) => one[key] !== null))
          .map((key) => ({
            type: "line",
            name: say(`weekly.T1_${key}`),
            data: money.map((one) => one[key]),
            showSymbol: money.length < 13,
            lineStyle: key === "invest_plan" ? { type: "dashed" } : {},
          })),
      },
    });
  if (kinds.length) {
    const upwards = [...kinds].reverse(); // ECharts counts from the bottom
    found.push({
      name: "F3",
      option: {
        ...BASE,
        color: ["#2f7fd0"],
        legend: { show: false },
        grid: { ...BASE.grid, top: 8 },
        xAxis: { ...value, minInterval: 1 },
        yAxis: {
          ...category(upwards.map((row) => placeName(row, "category"))),
          axisLabel: { ...TEXT, interval: 0, width: 190, overflow: "truncate" },
        },
        series: [
          {
            ...BAR,
            name: say("weekly.T3_count"),
            data: upwards.map((row) => row.count),
            label: { show: true, position: "right", ...TEXT },
          },
        ],
      },
    });
  }
  if (work.some((row) => Number(row.new_issues) > 0))
    found.push({
      name: "F4",
      option: {
        ...BASE,
        color: ["#8fb9e6", "#d98a1f", "#c62828"],
        xAxis: districts(
          work.map((row) => placeName(row, "district")),
          language,
        ),
        yAxis: { ...value, minInterval: 1 },
        series: (["minor", "major", "critical"] as const).map((key) => ({
          ...BAR,
          stack: "issues",
          name: say(`names.severity_${key}`),
          data: work.map((row) => row[key]),
        })),
      },
    });
  const stock = figures.series?.F5 ?? [];
  if (stock.some((one) => one.new || one.closed || one.open_end))
    found.push({
      name: "F5",
      option: {
        ...BASE,
        color: ["#d98a1f", "#4ca56b", "#0b3a68"],
        xAxis: category(stock.map(week)),
        yAxis: { ...value, minInterval: 1 },
        series: (["new", "closed", "open_end"] as const).map((key) => ({
          ...(key === "open_end" ? { type: "line", symbolSize: 6 } : BAR),
          name: say(`weekly.F5_${key}`),
          data: stock.map((one) => one[key]),
        })),
      },
    });
  return found;
}
