/** The settings of the programme's policy: how each is entered, read and said. */
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Policy = Whole<components["schemas"]["PolicyOut"]>;
export type PolicyChange = Whole<components["schemas"]["PolicyChangeOut"]>;
/** Text before truth: of a property that may be either, Vue would take "" for true. */
export type Value = string | number | number[] | boolean;
/** What somebody has typed over the policy that holds, by path; null gives the default back. */
export type Edits = Record<string, Value | null>;

export interface Field {
  path: string;
  kind: "whole" | "switch" | "days" | "steps" | "line";
  unit?: "days" | "percent" | "metres";
  low?: number;
  high?: number;
  most?: number;
}

const whole = (path: string, low: number, high: number, unit: Field["unit"] = "days"): Field => ({
  path,
  kind: "whole",
  unit,
  low,
  high,
});
const line = (path: string, most: number): Field => ({ path, kind: "line", most });
const onOff = (path: string): Field => ({ path, kind: "switch" });
export const MOST_STEPS = 5;

export const SECTIONS: { name: string; fields: Field[] }[] = [
  {
    name: "due",
    fields: [
      whole("due_days.minor", 0, 365),
      whole("due_days.major", 0, 365),
      whole("due_days.critical", 0, 365),
      { path: "due_day_kind", kind: "days" },
      onOff("stop_work_on_critical"),
    ],
  },
  {
    name: "late",
    fields: [
      onOff("remind_due_tomorrow"),
      { path: "escalation_days", kind: "steps", unit: "days", low: 1, high: 365 },
    ],
  },
  {
    name: "again",
    fields: [
      whole("recurrence_days", 1, 3650),
      whole("follow_up_percent", 0, 100, "percent"),
      whole("follow_up_days", 1, 90),
    ],
  },
  {
    name: "field",
    fields: [whole("after_photo_extra_m", 0, 10_000, "metres"), whole("stale_days", 1, 365)],
  },
  {
    name: "residents",
    fields: [
      onOff("residents_asked"),
      whole("residents_link_days", 1, 90),
      whole("residents_keep_days", 1, 3650),
    ],
  },
  {
    name: "papers",
    fields: [
      line("issuing_office", 60),
      line("signer", 60),
      line("copies_to", 200),
      line("number_prefixes.rectification_notice", 20),
      line("number_prefixes.rectification_reply", 20),
      line("number_prefixes.verification_record", 20),
      line("number_prefixes.stop_work_notice", 20),
      line("number_prefixes.handover_list", 20),
      line("number_prefixes.escalation_letter", 20),
    ],
  },
];

const FIELDS = new Map(SECTIONS.flatMap(({ fields }) => fields).map((field) => [field.path, field]));
export const fieldOf = (path: string): Field | undefined => FIELDS.get(path);
/** The key of a setting's words: the path without the dot that words have no use for. */
export const wordOf = (path: string): string => path.replace(".", "_");

/** A setting's value by its path, in the policy or in its defaults. */
export function valueAt(values: object, path: string): Value {
  return path
    .split(".")
    .reduce((at, key) => (at as Record<string, unknown>)[key], values as unknown) as Value;
}

export const same = (one: Value | null, other: Value | null): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** What is typed becomes a value; null where it cannot be one. */
export function parse(field: Field, typed: string): Value | null {
  const { low = 0, high = 0 } = field;
  const plain = typed.normalize("NFKC").trim();
  if (field.kind === "line") return plain.length <= (field.most ?? 0) ? typed.trim() : null;
  const numbers = field.kind === "steps" ? plain.split(/[\s,、;]+/).filter(Boolean) : [plain];
  if (numbers.some((one) => !/^\d{1,5}$/.test(one) || Number(one) < low || Number(one) > high)) return null;
  const found = numbers.map(Number);
  if (field.kind === "whole") return found[0] ?? null;
  const rising = found.every((one, at) => at === 0 || one > (found[at - 1] ?? 0));
  return rising && found.length <= MOST_STEPS ? found : null;
}

/** What a field shows to be typed over. */
export const typedOf = (value: Value, comma: string): string =>
  Array.isArray(value) ? value.join(comma) : String(value);

/** The body that says what was edited, and nothing else. */
export function bodyOf(edits: Edits, version: number): Record<string, unknown> {
  const body: Record<string, unknown> = { version };
  for (const [path, value] of Object.entries(edits)) {
    const [name = "", key] = path.split(".");
    if (key === undefined) body[name] = value;
    else body[name] = { ...(body[name] as object | undefined), [key]: value };
  }
  return body;
}

/** The number that a document of this year would bear. */
export const numberWith = (prefix: string, year: number): string => `${prefix}〔${year}〕12号`;
