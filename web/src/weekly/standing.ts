import type { Weekly } from "@/desk/types";

export type StandingOf = "new" | "draft" | "held" | "frozen";

/** How final a report is. */
export function standingOf(weekly: Pick<Weekly, "figures_digest" | "held_at" | "frozen_at">): StandingOf {
  if (weekly.frozen_at) return "frozen";
  if (weekly.held_at) return "held";
  return weekly.figures_digest ? "draft" : "new";
}

/** 第N期（总第N期）; nothing before it is frozen. */
export function numberOf(
  { number }: Pick<Weekly, "number">,
  say: (key: string, named: Record<string, unknown>) => string,
): string {
  return number ? say("weekly.number", { ...number }) : "";
}
