/** Of ECharts only what the charts need: no zooming grid, no legend that scrolls. */
import { BarChart, LineChart } from "echarts/charts";
import { GridSimpleComponent, LegendPlainComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

export const parts = [
  BarChart,
  LineChart,
  GridSimpleComponent,
  LegendPlainComponent,
  TooltipComponent,
  SVGRenderer,
];
