/** What the desk can do with an issue: one action for each move of the server's, or for several that are one question. */
import type { Issue } from "@/kit/db";
import { today } from "@/kit/time";

export type Move = Issue["moves"][number];

/** In the order of the buttons. Whoever works at the desk is no contractor: those moves are the phone's. */
const ACTIONS = {
  submit: ["submit"],
  notice: ["notice"],
  pass: ["pass"],
  fail: ["fail"],
  objection: ["keep", "send_back", "withdraw"],
  extension: ["settle_extension"],
  affirm: ["affirm"],
  correct: ["correct", "edit"],
  follow_up: ["holds", "false_closure"],
  reopen: ["reopen"],
  discard: ["discard"],
  void: ["void"],
} as const satisfies Record<string, readonly Move[]>;

export type Action = keyof typeof ACTIONS;

export function actionsOf(moves: readonly Move[]): Action[] {
  return (Object.keys(ACTIONS) as Action[]).filter((action) =>
    ACTIONS[action].some((move) => moves.includes(move)),
  );
}

export type Field = "result" | "text" | "reason" | "due_on" | "severity" | "contractor_id" | "description";
export type Form = Record<Field, string>;

const FIELDS: Record<Action, Field[]> = {
  submit: [],
  notice: [],
  discard: [],
  pass: ["text"],
  fail: ["text", "due_on"],
  objection: ["result", "text"],
  extension: ["result", "due_on", "text"],
  affirm: ["text"],
  correct: ["description", "severity", "due_on", "contractor_id"],
  follow_up: ["result", "text"],
  reopen: ["text"],
  void: ["text"],
};
export const RESULTS: Partial<Record<Action, string[]>> = {
  objection: ["kept", "corrected", "withdrawn"],
  extension: ["granted", "refused"],
  follow_up: ["holds", "false_closure"],
};
/** Where the text is the reason of the move and not a comment on it. */
const REASONED: Action[] = ["affirm", "reopen", "void"];
/** Of these the text is needed with one result only. */
const NEEDS_TEXT: Partial<Record<Action, string>> = { extension: "refused", follow_up: "false_closure" };

type Asked = Pick<Issue, "description" | "severity" | "due_on" | "contractor" | "extensions">;

/** The request for more time that waits for an answer. */
export function openExtension(issue: Pick<Issue, "extensions">): Issue["extensions"][number] | undefined {
  return issue.extensions.find((one) => one.result === null);
}

/** The form as it opens: what is so now, or what was asked for. */
export function formOf(action: Action, issue: Asked): Form {
  const empty = {
    result: "",
    text: "",
    reason: "",
    due_on: "",
    severity: "",
    contractor_id: "",
    description: "",
  };
  if (action === "extension") return { ...empty, due_on: openExtension(issue)?.due_on ?? "" };
  if (action !== "correct") return empty;
  const { description, severity, due_on, contractor } = issue;
  return { ...empty, description, severity, due_on, contractor_id: contractor?.id ?? "" };
}

/** The fields that this form shows as it is filled in. `doubted`: the server asks why it is closed all the same. */
export function fieldsOf(action: Action, form: Form, doubted = false): Field[] {
  const fields = FIELDS[action].filter((field) => field !== "due_on" || form.result !== "refused");
  return action === "pass" && doubted ? ["reason", ...fields] : fields;
}

/** The fields that must be filled in before it is sent; the server checks the rest. */
export function needed(action: Action, form: Form, doubted = false): Field[] {
  const optional: Field[] = ["contractor_id"];
  if (action === "fail") optional.push("due_on"); // by the district's usual time
  if (action === "pass" || (NEEDS_TEXT[action] ?? form.result) !== form.result) optional.push("text");
  return fieldsOf(action, form, doubted).filter((field) => !optional.includes(field));
}

export function missing(action: Action, form: Form, doubted = false): Field[] {
  return needed(action, form, doubted).filter((field) => !form[field].trim());
}

/** What is sent: only what was said, and of a correction only what is another. */
export function bodyOf(action: Action, form: Form, issue: Asked): Record<string, string | null> {
  const before = action === "correct" ? formOf(action, issue) : null;
  const shown = fieldsOf(action, form, true);
  const said = shown.map((field) => [nameOf(field, action), form[field].trim(), before?.[field]] as const);
  const changed = said
    .filter(([, value, old]) => value && value !== old)
    .map(([name, value]) => [name, value]);
  // Said even where there is none: the server then asks for it, and does not take the comment for it.
  return { ...(action === "pass" ? { reason: null } : {}), ...Object.fromEntries(changed) };
}

function nameOf(field: Field, action: Action): string {
  if (field !== "text") return field;
  return REASONED.includes(action) ? "reason" : "comment";
}

/** The reply that a verdict is about: the one that counts in this round. */
export function replyOf(issue: Pick<Issue, "replies" | "round">): Issue["replies"][number] | undefined {
  return issue.replies.find((one) => one.state === "complete" && one.round === issue.round);
}

/** What keeps issues from going out together in one notice. */
export function noticeTrouble(
  rows: readonly Pick<Issue, "site" | "contractor" | "due_on">[],
  day = today(),
): "sites" | "noFirm" | "firms" | "past" | null {
  const first = rows[0];
  if (rows.some((row) => row.site.id !== first?.site.id)) return "sites";
  if (rows.some((row) => row.contractor === null)) return "noFirm";
  if (rows.some((row) => row.contractor?.id !== first?.contractor?.id)) return "firms";
  return rows.some((row) => row.due_on < day) ? "past" : null;
}
