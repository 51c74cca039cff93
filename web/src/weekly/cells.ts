/** One value of a week's table as people read it. */
import { SOURCES } from "@/desk/names";
import type { Kind } from "./columns";

export type Row = Record<string, unknown>;
type Say = (key: string) => string;

interface Named {
  zh?: string;
  en?: string;
  name?: string;
  code?: string;
}

const WORDS: Record<string, string> = {
  severity: "names.severity",
  visit: "names.visit",
  source: "names.visit",
  state: "names.issue",
  standing: "weekly.standing",
  verdict: "names.result",
};

export function cell(row: Row, key: string, kind: Kind, language: string, say: Say): string {
  const value = row[key];
  if (kind === "remark") return row.is_recurring ? say("weekly.recurring") : "";
  if (value === null || value === undefined || value === "") return kind === "move" ? "" : "—";
  switch (kind) {
    case "name":
      return (language === "en" ? (value as Named).en : (value as Named).zh) ?? "";
    case "site":
      return (value as Named).name ?? "";
    case "word":
      // what a visit found, by the kind of visit; else where it was heard of
      if (key === "source" && (SOURCES as readonly unknown[]).includes(value))
        return say(`names.source_${value}`);
      return WORDS[key] ? say(`${WORDS[key]}_${value}`) : String(value);
    case "escalation":
      return escalation(String(value), row.letter, say);
    case "yes":
      return say(value ? "names.yes" : "names.no");
    case "move":
      return Number(value) === 0 ? "—" : Number(value) > 0 ? `↑${value}` : `↓${-Number(value)}`;
    case "money":
      return grouped(Number(value), 2, language);
    case "rate":
      return grouped(Number(value), 1, language, 1);
    case "ratio":
      return grouped(Number(value), 2, language);
    case "count":
      return grouped(Number(value), 0, language);
    default:
      return String(value);
  }
}

/** How far a late issue was taken, and the letter that went out for it. */
function escalation(step: string, letter: unknown, say: Say): string {
  const taken = step === "none" ? "" : say(`weekly.escalation_${step}`);
  return (
    [taken, letter ? `${say("names.document_escalation_letter")} ${letter}` : ""]
      .filter(Boolean)
      .join(" · ") || "—"
  );
}

function grouped(value: number, digits: number, language: string, least = 0): string {
  return new Intl.NumberFormat(language === "en" ? "en-GB" : "zh-CN", {
    maximumFractionDigits: digits,
    minimumFractionDigits: least,
  }).format(value);
}

export const isNumber = (kind: Kind) => ["count", "rate", "ratio", "money", "move"].includes(kind);
