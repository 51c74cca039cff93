/** A report in the order in which a supervisor reads it: failed first, by section of its checklist. */
import type { ChecklistItem, ChecklistShape, Gallery, Report } from "@/desk/types";
import { named } from "@/kit/i18n";

export interface Line {
  code: string;
  name: string;
  criterion: string;
  verdict: string; // pass | fail | na | recorded | unanswered
  value: string; // for people; "" where the verdict says it all
  note: string;
  severity: string;
  photos: Gallery[];
  fixed: boolean; // put right while the inspector was there
  after: Gallery[]; // what shows it
}

export interface Section {
  code: string;
  name: string;
  failed: number;
  lines: Line[];
}

const ORDER = ["fail", "recorded", "pass", "na", "unanswered"];

export function sectionsOf(report: Report, checklist: ChecklistShape, language: string): Section[] {
  const answers = new Map(report.answers.map((answer) => [answer.item, answer]));
  const sections = checklist.sections.map((section) => {
    const lines = section.items.map((item) => lineOf(item, answers.get(item.code), report.gallery, language));
    lines.sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict)); // stable: the checklist's order within
    return {
      code: section.code,
      name: named(section, language),
      lines,
      failed: lines.filter((line) => line.verdict === "fail").length,
    };
  });
  return sections.sort((a, b) => Math.sign(b.failed) - Math.sign(a.failed));
}

function lineOf(
  item: ChecklistItem,
  answer: Report["answers"][number] | undefined,
  gallery: Gallery[],
  language: string,
): Line {
  const severity = answer?.issue?.severity;
  const fixed = answer?.issue?.fixed_on_spot === true;
  const after = new Set(fixed ? ((answer?.issue?.after ?? []) as string[]) : []);
  return {
    code: item.code,
    name: named(item, language),
    criterion: language === "en" ? item.criterion_en : item.criterion_zh,
    verdict: answer?.verdict ?? (answer ? "recorded" : "unanswered"),
    value: answer ? shownValue(item, answer.value, language) : "",
    note: answer?.note ?? "",
    severity: typeof severity === "string" ? severity : item.severity,
    photos: gallery.filter(
      ({ id, item: of }) => (of === item.code || (answer?.photos ?? []).includes(id)) && !after.has(id),
    ),
    fixed,
    after: gallery.filter(({ id }) => after.has(id)),
  };
}

/** What was entered, with its unit and limits; nothing for pass and fail, which the verdict shows. */
export function shownValue(item: ChecklistItem, value: unknown, language: string): string {
  if (
    value === null ||
    value === undefined ||
    value === "na" ||
    item.type === "pass_fail_na" ||
    item.type === "photo"
  )
    return "";
  if (item.type === "choice") {
    const option = item.options?.find((one) => one.value === value);
    return option ? named(option, language) : String(value);
  }
  if (item.type !== "number") return String(value);
  const unit = (language === "en" ? (item.unit_en ?? item.unit) : item.unit) ?? "";
  return `${value} ${unit} ${limitsOf(item)}`.trim().replace(/\s+/g, " ");
}

function limitsOf(item: ChecklistItem): string {
  // With a source the limit is the site's own, and min and max only say what may be entered.
  if (item.limit_source) return "";
  const { min, max } = item;
  if (min !== null && max !== null) return `(${min}–${max})`;
  if (min !== null) return `(≥ ${min})`;
  return max !== null ? `(≤ ${max})` : "";
}

/** Photos of the site as a whole: no line of the checklist shows them. */
export function sitePhotos(report: Report, sections: Section[]): Gallery[] {
  const shown = new Set(
    sections.flatMap((section) =>
      section.lines.flatMap((line) => [...line.photos, ...line.after].map((photo) => photo.id)),
    ),
  );
  return report.gallery.filter((photo) => !shown.has(photo.id));
}
