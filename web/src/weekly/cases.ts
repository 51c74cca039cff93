import type { Case } from "./figures";

const BY_THEMSELVES = 6;

/** The typical cases that are printed: those chosen or, until somebody chooses, the first of the figures'. */
export function casesShown(chosen: string[] | null, cases: Case[]): string[] {
  return chosen ?? cases.slice(0, BY_THEMSELVES).map((one) => one.issue_id);
}
