/** Steps on a list that is edited row by row; each gives a new list. */
export function moved<T>(rows: readonly T[], at: number, by: number): T[] {
  const next = [...rows];
  const [row] = next.splice(at, 1);
  if (row !== undefined) next.splice(at + by, 0, row);
  return next;
}

export const without = <T>(rows: readonly T[], at: number): T[] => rows.filter((_, other) => other !== at);

export const changedAt = <T>(rows: readonly T[], at: number, row: T): T[] =>
  rows.map((one, other) => (other === at ? row : one));

/** A whole number as it was typed, with full-width digits too; null where there is none. */
export function wholeOf(text: string): number | null {
  const digits = text.normalize("NFKC").replace(/\D/g, "").slice(0, 8);
  return digits ? Number(digits) : null;
}
