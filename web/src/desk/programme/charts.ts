/** The two charts of the programme page, from the summary's figures. */
import type { EChartsCoreOption } from "echarts/core";
import type { Summary } from "@/desk/types";

type Say = (key: string) => string;
export const STAGE_COLOURS: Record<string, string> = {
  not_started: "#748294",
  in_progress: "#2f7fd0",
  suspended: "#d98a1f",
  completed: "#4ca56b",
  accepted: "#0a7d33",
};
const FONT = "PingFang SC, HarmonyOS Sans SC, Noto Sans CJK SC, Microsoft YaHei, system-ui, sans-serif";
const TEXT = { color: "#333a44", fontSize: 13, fontFamily: FONT };
const LEGEND = { top: 0, itemWidth: 16, itemGap: 10, textStyle: TEXT };
/** Where the legend takes several lines, the drawing begins below them. */
const below = (top: number, narrow: number) => [
  { query: { maxWidth: 480 }, option: { grid: { top: narrow } } },
  { option: { grid: { top } } },
];

/** How many sites of a district stand in each stage; the summary's `completed` has the accepted within. */
function stagesOf(counts: Summary["by_district"][number]): Record<string, number> {
  return {
    not_started: counts.planned - counts.started,
    in_progress: counts.in_progress,
    suspended: counts.suspended,
    completed: counts.completed - counts.accepted,
    accepted: counts.accepted,
  };
}

export function stageChart(summary: Summary, language: string, say: Say): EChartsCoreOption {
  const districts = summary.by_district;
  return {
    color: Object.values(STAGE_COLOURS),
    textStyle: TEXT,
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
    legend: LEGEND,
    grid: { left: 8, right: 12, top: 36, bottom: 8, containLabel: true },
    media: below(36, 76),
    xAxis: {
      type: "category",
      data: districts.map((one) => (language === "en" ? one.en : one.name)),
      axisLabel: { ...TEXT, interval: 0, hideOverlap: false },
    },
    yAxis: { type: "value", axisLabel: TEXT },
    series: Object.keys(STAGE_COLOURS).map((stage) => ({
      name: say(`names.stage_${stage}`),
      type: "bar",
      stack: "sites",
      barMaxWidth: 44,
      data: districts.map((one) => stagesOf(one)[stage] ?? 0),
    })),
  };
}

export function share(part: number, whole: number): number {
  return whole ? Math.round((1000 * part) / whole) / 10 : 0;
}

export function workChart(summary: Summary, language: string, say: Say): EChartsCoreOption {
  const works = [...summary.by_work_type].reverse(); // ECharts counts from the bottom
  const name = (work: (typeof works)[number]) =>
    language === "en" ? say(`names.work_${work.type}`) : work.zh;
  const bar = { type: "bar", barMaxWidth: 9, barGap: "10%" };
  return {
    color: ["#0a7d33", "#8fb9e6"],
    textStyle: TEXT,
    legend: LEGEND,
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow" },
      valueFormatter: (value: unknown) => `${value}%`,
    },
    grid: { left: 8, right: 24, top: 32, bottom: 8, containLabel: true },
    xAxis: { type: "value", axisLabel: { ...TEXT, formatter: "{value}%" } },
    yAxis: { type: "category", data: works.map(name), axisLabel: { ...TEXT, interval: 0 } },
    series: [
      {
        ...bar,
        name: say("programme.verified"),
        data: works.map((work) => share(work.verified, work.planned)),
      },
      {
        ...bar,
        name: say("programme.reported"),
        data: works.map((work) => share(work.reported, work.planned)),
      },
    ],
  };
}
