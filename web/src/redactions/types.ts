import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Photo = Whole<components["schemas"]["PhotoOut"]>;
export type Redaction = Photo["redactions"][number];
