/** The figures of a week, as far as the desk reads them (server/weekly/figures). Older ones lack what came later. */
import type { Row } from "./cells";

interface Named {
  zh: string;
  en: string;
}
export interface Place extends Named {
  code: string;
}
export interface Photo {
  photo_id: string;
  sha256: string;
  captured_at: string | null;
}
/** An issue that may be shown as a typical case. */
export interface Case {
  issue_id: string;
  number: string;
  district: Place;
  site: { id: string; name: string };
  severity: string;
  description: string;
  state: string;
  days_late: number;
  pairs: { before: Photo | null; after: Photo | null }[];
}
/** Which rows a figure counts: those of a table, or things named by their ids. */
interface List {
  table?: "T7" | "T8";
  where?: Record<string, unknown>;
  distinct?: string;
  sum?: string;
  sites_now?: { stage?: string[] };
  sites?: Entry[];
  issues?: Entry[];
  reports?: Entry[];
  documents?: Entry[];
}
export interface Entry {
  id: string;
  district: string;
  number?: string;
}
interface Money {
  iso_year: number;
  iso_week: number;
  invest_done: number;
  invest_plan: number | null;
}
interface Stock {
  iso_year: number;
  iso_week: number;
  new: number;
  closed: number;
  open_end: number;
}

export interface Figures {
  week: {
    iso_year: number;
    iso_week: number;
    starts_on: string;
    ends_on: string;
    cutoff_at: string;
    is_over: boolean;
  };
  totals: Row;
  tables: Record<string, { rows: Row[]; total?: Row }>;
  lists: Record<string, List>;
  cases?: Case[];
  series?: { F2: Money[]; F5: Stock[] };
  ranking?: { fast: Place[]; slow: Place[] };
  residents?: { asked: number; yes: number; no: number };
  definitions: {
    figures: Record<string, { name: Named; formula: Named }>;
  };
}
