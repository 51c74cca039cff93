/** The parts of the office's own words, as they are edited, as the server takes them, and as people read them. */
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";
import type { Row } from "./cells";

type Schemas = components["schemas"];
export type Words = Whole<Schemas["WordsOut"]>;
export type Praise = Words["red_list"][number];
export type Task = Words["next_week"][number];
export type Delay = Words["behind"][number];
export type Residents = Words["residents"];
export type Distribution = Words["distribution"];
export type Block = keyof Words;
export const BLOCKS = [
  "key_points",
  "red_list",
  "black_list",
  "residents",
  "behind",
  "next_week",
  "cases",
  "distribution",
  "office",
] as const satisfies readonly Block[];

export const COUNTS = [
  "hotline_received",
  "hotline_done",
  "hotline_in_time",
  "replies_valid",
  "replies_satisfied",
] as const;
export const ENOUGH_REPLIES = 30;
export const MOST_CASES = 24;

const line = (text: string | null) => (text ?? "").replace(/\s+/g, " ").trim();
const orNull = (text: string | null) => line(text) || null;

/** A part as it is sent and kept: without empty lines, every text trimmed. */
export function cleaned<B extends Block>(block: B, value: Words[B]): Words[B] {
  return CLEAN[block](value as never) as Words[B];
}

const praise = (rows: Praise[]) =>
  rows
    .map((row) => ({ subject: line(row.subject), reason: line(row.reason), basis: orNull(row.basis) }))
    .filter((row) => row.subject || row.reason || row.basis);

const CLEAN: { [B in Block]: (value: Words[B]) => Words[B] } = {
  key_points: ({ zh, en }) => ({ zh: zh.map(line).filter(Boolean), en: en.map(line).filter(Boolean) }),
  red_list: praise,
  black_list: praise,
  residents: (told) => ({ ...told, text: (told.text ?? "").trim() || null }),
  behind: (delays) =>
    delays
      .map((one) => ({
        site: one.site,
        reason: orNull(one.reason),
        measure: orNull(one.measure),
        expected_on: one.expected_on || null,
      }))
      .filter((one) => one.reason || one.measure || one.expected_on),
  next_week: (tasks) =>
    tasks
      .map((task) => ({
        text: line(task.text),
        due_on: task.due_on || null,
        responsible: orNull(task.responsible),
      }))
      .filter((task) => task.text || task.due_on || task.responsible),
  distribution: (told) => ({
    report_to: orNull(told.report_to),
    send_to: orNull(told.send_to),
    issue_to: orNull(told.issue_to),
    copies: told.copies || null,
  }),
  office: line,
  cases: (ids) => ids,
};

/** What still keeps a part from being saved, as the key of a sentence; nothing where it is whole. */
export function lacking(block: Block, words: Words): string | null {
  const value = cleaned(block, words[block]);
  if (block === "red_list" || block === "black_list")
    return (value as Praise[]).every((row) => row.subject && row.reason) ? null : "weekly.lackPraise";
  if (block === "next_week") return (value as Task[]).every((task) => task.text) ? null : "weekly.lackTask";
  if (block === "office") return value ? null : "weekly.lackOffice";
  if (block === "residents") {
    const told = value as Residents;
    if (more(told.hotline_done, told.hotline_received)) return "weekly.moreDone";
    if (more(told.replies_satisfied, told.replies_valid)) return "weekly.moreSatisfied";
  }
  return null;
}

const more = (part: number | null, whole: number | null) => part !== null && whole !== null && part > whole;

/** Every site of table 4, with what the office says of it. */
export function delaysOf(rows: Row[], told: Delay[]): { row: Row; name: string; delay: Delay }[] {
  const known = new Map(told.map((one) => [one.site, one]));
  return rows.map((row) => {
    const { id, name } = row.site as { id: string; name: string };
    const delay = known.get(id) ?? { site: id, reason: null, measure: null, expected_on: null };
    return { row, name, delay };
  });
}

/** What is said of one site is written; the others stay as they are, those too that the table no longer has. */
export function delayWritten(told: Delay[], delay: Delay): Delay[] {
  const has = told.some((one) => one.site === delay.site);
  return has ? told.map((one) => (one.site === delay.site ? delay : one)) : [...told, delay];
}

/** Satisfied of the valid replies, in per cent; null below thirty replies. */
export function satisfaction(told: Residents): number | null {
  const { replies_valid: valid, replies_satisfied: satisfied } = told;
  if (valid === null || satisfied === null || valid < ENOUGH_REPLIES) return null;
  return Math.round((1000 * satisfied) / valid) / 10;
}

type Say = (key: string, named?: Record<string, unknown>) => string;

/** What an id in the words is called: an issue, or a site of table 4. */
export interface Names {
  issue: (id: string) => string;
  site: (id: string) => string;
}

/** A part as lines of text, to be compared and read. */
export function linesOf(block: Block, words: Words, say: Say, names: Names): string[] {
  const value = cleaned(block, words[block]);
  switch (block) {
    case "key_points":
      return [...(value as Words["key_points"]).zh, ...(value as Words["key_points"]).en];
    case "red_list":
    case "black_list":
      return (value as Praise[]).map((row) =>
        [row.subject, row.reason, row.basis && `${say("weekly.basis")}${say("desk.colon")}${row.basis}`]
          .filter(Boolean)
          .join(" · "),
      );
    case "behind":
      return (value as Delay[]).map((one) =>
        [names.site(one.site), one.reason, one.measure, one.expected_on].filter(Boolean).join(" · "),
      );
    case "next_week":
      return (value as Task[]).map((task) =>
        [task.text, task.due_on, task.responsible].filter(Boolean).join(" · "),
      );
    case "cases":
      return value === null ? [say("weekly.firstSix")] : (value as string[]).map(names.issue);
    case "office":
      return value ? [value as string] : [];
    default:
      return Object.entries(value as Residents | Distribution)
        .filter(([, told]) => told !== null)
        .map(([key, told]) => `${say(`weekly.${key}`)}${say("desk.colon")}${told}`);
  }
}
