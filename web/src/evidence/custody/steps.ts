/** A photo's chain of custody in words. */
import type { Whole } from "@/kit/db";
import { minute } from "@/kit/time";
import type { components } from "@/kit/wire";

export type Step = Whole<components["schemas"]["CustodyStepOut"]>;
type Say = (key: string, named?: Record<string, unknown>) => string;

/** What happened. A check that found something is named by what it found. */
export function happened(step: Step, t: Say): string {
  if (step.kind !== "checked" || step.same) return t(`custody.step_${step.kind}`);
  return t("custody.step_wrong", { what: t(`custody.wrong_${step.of}`) });
}

/** Whether it is told in red: what was sent, refused or found is not what is kept. */
export const isWrong = (step: Step): boolean =>
  step.same === false && (step.kind === "named" || step.kind === "checked");

/** What else is known of it, each a few words. */
export function details(step: Step, t: Say, language: string): string[] {
  const said: string[] = [];
  if (step.last_at) said.push(t("custody.until", { at: minute(step.last_at, language) }));
  if (step.phone_at) said.push(t("custody.phoneAt", { at: minute(step.phone_at, language) }));
  if (step.number)
    said.push(
      step.revision
        ? t("custody.namedRevision", { number: step.number, n: step.revision })
        : t("custody.named", { number: step.number }),
    );
  if (step.kind === "named" && step.same === false) said.push(t("custody.notSame"));
  if (step.kind === "removed" || step.kind === "openings_removed")
    said.push(t("custody.rule", { n: Number(step.of) }));
  if (step.event) said.push(t("custody.event", { n: step.event }));
  else if (["opened", "weekly", "export", "package"].includes(step.kind)) said.push(t("custody.waiting"));
  return said;
}
