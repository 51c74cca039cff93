import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Look = Whole<components["schemas"]["LookOut"]>;
export type SampledWeek = Whole<components["schemas"]["SampledWeekOut"]>;
