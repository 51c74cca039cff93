/** What a draft takes over from a body that was sent, or was to be: nothing that was said gets lost on the way back. */
import type { Draft, DraftAnswer, ReportBody } from "@/kit/db";

export function answered(answer: ReportBody["answers"][number]): DraftAnswer {
  const { severity, due_on, fixed_on_spot } = answer.issue ?? {};
  return {
    value: answer.value as DraftAnswer["value"],
    ...(answer.note ? { note: answer.note } : {}),
    ...(severity ? { severity } : {}),
    ...(due_on ? { due_on } : {}),
    ...(fixed_on_spot ? { fixed_on_spot } : {}),
  };
}

export function coInspectors({ co_inspectors }: ReportBody): Pick<Draft, "co_inspectors"> {
  return co_inspectors?.length ? { co_inspectors: [...co_inspectors] } : {};
}

/** The photos that show what was put right on the spot. */
export function afterPhotos({ answers }: ReportBody): Set<string> {
  return new Set(answers.flatMap(({ issue }) => (issue?.fixed_on_spot ? (issue.after ?? []) : [])));
}
