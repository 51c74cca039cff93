/** What a rule would remove, in words. */
import type { Plan } from "./types";

type Say = (key: string, named?: Record<string, unknown>) => string;

export function goes(plan: Plan, t: Say, size: (bytes: number) => string): string {
  if (!plan.rows) return t("retention.goesNothing");
  const said = t("retention.goesRows", { n: plan.rows });
  const files = plan.files ? t("retention.goesFiles", { n: plan.files, size: size(plan.bytes) }) : "";
  return `${plan.whole ? "" : t("retention.noLess")}${said}${files}`;
}
