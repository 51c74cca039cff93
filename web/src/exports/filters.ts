/** What can be exported, what it can be narrowed to, and how that is said in words and on the wire. */
import type { LocationQuery } from "vue-router";
import type { Filters } from "@/desk/filters";
import { filtersOf } from "@/desk/filters";
import { flagKey } from "@/desk/names";
import { day } from "@/kit/time";
import type { components } from "@/kit/wire";

type Asked = components["schemas"]["ExportIn"];
export type Format = Asked["format"];
export const CHOICES = ["reports", "answers", "issues", "sites", "photos"] as const;
export type What = (typeof CHOICES)[number];

/** What the form has a field for. */
export const FIELDS: Record<What, readonly string[]> = {
  reports: ["q", "state", "district", "site", "checklist", "flag", "received_from", "received_to"],
  answers: ["q", "state", "district", "site", "checklist", "flag", "received_from", "received_to"],
  issues: ["q", "state", "severity", "district", "site", "contractor", "due_to", "overdue"],
  sites: ["q", "district", "stage", "work_type"],
  photos: ["district", "site", "received_from", "received_to"],
};
/** What else a link from a list may have narrowed it to: it can be dropped here, not chosen. */
const CARRIED: Record<What, readonly string[]> = {
  reports: ["inspector"],
  answers: ["inspector"],
  issues: ["move"],
  sites: [],
  photos: ["report", "issue", "inspector"],
};
/** Lists of an issue's moves that have a name of their own. */
const QUEUES = ["notice", "pass", "keep", "settle_extension", "affirm"];
/** Says how rows lie, not which they are. */
const ORDER = "order";

const known = (what: What) => [...FIELDS[what], ...CARRIED[what]];

export const formatsOf = (what: What): readonly Format[] => (what === "photos" ? ["zip"] : ["xlsx", "csv"]);

export const carriedOf = (what: What, filters: Filters): string[] =>
  CARRIED[what].filter((name) => name in filters);

/** The form as the page's address fills it in. */
export function formOf(query: LocationQuery): { what: What; filters: Filters } {
  const asked = [query.what].flat()[0];
  const what = CHOICES.find((one) => one === asked) ?? "reports";
  return { what, filters: filtersOf(query, known(what)) };
}

/** The address of the page with this filled in; what an export of this kind cannot be narrowed to is left out. */
export function queryFor(what: What, filters: Record<string, unknown>): Record<string, string> {
  const fitting = known(what).flatMap((name) => (filters[name] ? [[name, String(filters[name])]] : []));
  return { what, ...Object.fromEntries(fitting) };
}

/** What stays of the filters where something else is to be exported: a report's states are no issue's. */
export function carriedOver(from: What, to: What, filters: Filters): Filters {
  const alike = FIELDS[from].join() === FIELDS[to].join();
  const stays = known(to).filter((name) => alike || name !== "state");
  return Object.fromEntries(Object.entries(filters).filter(([name]) => stays.includes(name)));
}

export function bodyOf(what: What, format: Format, lang: "zh" | "en", filters: Filters): Asked {
  if (what === "reports" || what === "answers") return { kind: "reports", rows: what, format, lang, filters };
  return { kind: what, rows: null, format, lang, filters };
}

export function whatOf(one: { kind: Asked["kind"]; rows_of: "reports" | "answers" | null }): What {
  return one.kind === "reports" ? (one.rows_of ?? "reports") : one.kind;
}

/** What names are looked up in. */
export interface Say {
  language: string;
  t: (key: string, named?: Record<string, unknown>) => string;
  district: (code: string) => string;
  checklist: (code: string) => string;
  firm: (id: string) => string;
  site: (id: string) => string;
}

/** The filters in words, one part for each; none where nothing is narrowed. */
export function inWords(what: What, filters: Record<string, unknown>, say: Say): string[] {
  const { received_from: from, received_to: to, ...others } = filters;
  const given = Object.entries(others).filter(
    ([name, value]) =>
      name !== ORDER && value !== null && value !== "" && value !== false && value !== "false",
  );
  const place = (name: string) =>
    known(what).includes(name) ? known(what).indexOf(name) : known(what).length;
  const parts = given
    .sort(([one], [other]) => place(one) - place(other))
    .map(([name, value]) => one(what, name, String(value), say));
  const days = period(from, to, say);
  return days ? [...parts, days] : parts;
}

function period(from: unknown, to: unknown, { t, language }: Say): string | null {
  const said = (moment: unknown) => day(String(moment), language);
  if (from && to) return t("exports.between", { from: said(from), to: said(to) });
  if (from) return t("exports.since", { from: said(from) });
  return to ? t("exports.until", { to: said(to) }) : null;
}

function one(what: What, name: string, value: string, say: Say): string {
  const { t } = say;
  const several = (key: (code: string) => string) =>
    value
      .split(",")
      .map((code) => t(key(code)))
      .join(t("desk.comma"));
  switch (name) {
    case "q":
      return t("exports.quoted", { q: value });
    case "state":
      return several((code) => `names.${what === "issues" ? "issue" : "report"}_${code}`);
    case "severity":
    case "stage":
      return t(`names.${name}_${value}`);
    case "work_type":
      return t(`names.work_${value}`);
    case "flag":
      return t(flagKey(value));
    case "district":
    case "checklist":
    case "site":
      return say[name](value);
    case "contractor":
      return say.firm(value);
    case "due_to":
      return t("exports.dueTo", { day: day(value, say.language) });
    case "overdue":
    case "inspector":
    case "report":
    case "issue":
      return t(`exports.one_${name}`);
    case "move":
      return QUEUES.includes(value) ? t(`issues.queue_${value}`) : value;
    default:
      return `${name}${t("desk.colon")}${value}`;
  }
}
