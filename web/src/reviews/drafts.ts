/** What is being written to an inspector, kept at each key until the server has it. */
export interface ReturnDraft {
  comment: string;
  items: Record<string, string>;
}

const key = (person: string, report: string) => `dudao.return.${person}.${report}`;

export function recallReturn(person: string, report: string): ReturnDraft {
  const kept = localStorage.getItem(key(person, report));
  return kept ? (JSON.parse(kept) as ReturnDraft) : { comment: "", items: {} };
}

export function keepReturn(person: string, report: string, draft: ReturnDraft): void {
  if (isEmpty(draft)) forgetReturn(person, report);
  else localStorage.setItem(key(person, report), JSON.stringify(draft));
}

export function forgetReturn(person: string, report: string): void {
  localStorage.removeItem(key(person, report));
}

export function isEmpty(draft: ReturnDraft): boolean {
  return !draft.comment.trim() && itemsOf(draft).length === 0;
}

/** The comments that say something, as the server takes them. */
export function itemsOf(draft: ReturnDraft): { item: string; comment: string }[] {
  return Object.entries(draft.items)
    .map(([item, comment]) => ({ item, comment: comment.trim() }))
    .filter((one) => one.comment);
}
