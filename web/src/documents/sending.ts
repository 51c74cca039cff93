/** Numbered papers (文书): what they are, and the two that are made from the list of issues. */
import { api, told } from "@/kit/api";
import type { Issue, Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Paper = Whole<components["schemas"]["DocumentOut"]>;
export const KINDS = [
  "rectification_notice",
  "rectification_reply",
  "verification_record",
  "stop_work_notice",
  "handover_list",
  "escalation_letter",
] as const satisfies Paper["kind"][];
export const LISTS = ["handover_list", "escalation_letter"] as const satisfies Paper["kind"][];
export type ListKind = (typeof LISTS)[number];
/** As many as the server takes in one paper. */
const MOST = 300;

export interface ListForm {
  kind: ListKind;
  to: string;
  copies_to: string;
  due_on: string;
  note: string;
}

/** Whether an issue may stand in such a paper: what has ended or was never submitted may not. */
export const mayList = ({ state }: Pick<Issue, "state">) => !["draft", "closed", "void"].includes(state);

/** What keeps issues from standing in one paper. */
export function listTrouble(
  rows: readonly Pick<Issue, "site" | "state">[],
): "districts" | "ended" | "many" | null {
  if (rows.some((row) => row.site.district.code !== rows[0]?.site.district.code)) return "districts";
  if (!rows.every(mayList)) return "ended";
  return rows.length > MOST ? "many" : null;
}

/**
 * What is not said is left to the server: the district by its name, the day by the issues. `id` is of the dialog, so that
 * what is sent twice is one paper.
 */
export async function makeList(id: string, form: ListForm, ids: string[]): Promise<Paper> {
  const said = (text: string) => text.trim() || null;
  const { kind } = form;
  const body = {
    id,
    kind,
    issue_ids: ids,
    to: said(form.to),
    copies_to: said(form.copies_to),
    due_on: said(form.due_on),
    note: said(form.note),
  };
  return told(await api.POST("/api/v1/documents", { body })) as Paper;
}
