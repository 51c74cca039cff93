/** ECharts itself, apart from what is drawn with it: in one file it would be beyond what a build takes without a word. */
import { init, use } from "echarts/core";

export { init, use };
