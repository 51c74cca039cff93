/**
 * Decisions on their way. A decision is kept in the browser from the moment it is taken until the server has it, and only
 * sent when the time to undo it is over. One storage key each, so that two tabs never write over one another.
 */
export const UNDO_MS = 10_000;
const KEY = "dudao.decision.";

export interface Decision {
  report_id: string;
  number: string;
  site: string;
  revision: number;
  decision: "approve" | "return";
  comment: string;
  items: { item: string; comment: string }[];
  by: string; // the person; nobody else's sign-in sends it
  due_at: number; // ms since 1970; until then it can be undone
  tries: number;
  batch: { id: string; size: number } | null;
  refused: { status: number; code: string; text: string } | null;
}

type Box = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

export function readAll(box: Box): Decision[] {
  const found: Decision[] = [];
  for (let at = 0; at < box.length; at++) {
    const key = box.key(at);
    const text = key?.startsWith(KEY) ? box.getItem(key) : null;
    if (text) found.push(JSON.parse(text) as Decision);
  }
  return found.sort((a, b) => a.due_at - b.due_at || a.number.localeCompare(b.number));
}

export function write(box: Box, decision: Decision): void {
  box.setItem(KEY + decision.report_id, JSON.stringify(decision));
}

export function drop(box: Box, reportId: string): void {
  box.removeItem(KEY + reportId);
}

/** The body as the server takes it. */
export function bodyOf(decision: Decision) {
  const { revision, comment, items } = decision;
  return { decision: decision.decision, revision, comment: comment.trim() || null, items };
}

/** The request that is sent when the page goes away: it outlives the page, and nobody hears its answer. */
export function parting(decision: Decision, token: string | undefined, language: string): RequestInit {
  return {
    method: "POST",
    keepalive: true,
    body: JSON.stringify(bodyOf(decision)),
    headers: {
      "Content-Type": "application/json",
      Authorization: `Bearer ${token}`,
      "Accept-Language": language,
    },
  };
}

export function dueNow(all: Decision[], person: string | undefined, now: number): Decision[] {
  return all.filter((one) => one.by === person && !one.refused && one.due_at <= now);
}

/** After an attempt that may work later: 5, 10, 20, 40, then every 60 seconds. */
export function later(decision: Decision, now: number, retryAfter: number | null): Decision {
  const wait = Math.max(retryAfter ?? 0, Math.min(60, 5 * 2 ** decision.tries));
  return { ...decision, tries: decision.tries + 1, due_at: now + wait * 1000 };
}

/** Whether a refusal is about the decision itself, so that sending it again can never help. */
export function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 408, 423, 425, 429].includes(status);
}

export interface Step {
  kind: string;
  revision: number;
  decision?: string;
  by?: { id: string } | null;
}

/** Whether the server has this very decision already: the answer to an earlier sending was lost. */
export function wasTaken(decision: Decision, history: Step[]): boolean {
  return history.some(
    (step) =>
      step.kind === "review" &&
      step.revision === decision.revision &&
      step.decision === decision.decision &&
      step.by?.id === decision.by,
  );
}
