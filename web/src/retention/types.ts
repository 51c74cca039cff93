/** Rules of retention and holds as the server tells them. */
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Retention = Whole<components["schemas"]["RetentionOut"]>;
export type DataClass = Retention["classes"][number];
export type Plan = NonNullable<DataClass["plan"]>;
export type Hold = Whole<components["schemas"]["HoldOut"]>;
export type HoldKind = components["schemas"]["HoldIn"]["kind"];
