/** Of ECharts only what the two charts need: no zooming grid, no legend that scrolls. */
import { BarChart } from "echarts/charts";
import { GridSimpleComponent, LegendPlainComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

export const parts = [BarChart, GridSimpleComponent, LegendPlainComponent, TooltipComponent, SVGRenderer];
