/** What this phone keeps: what the server told it, what is being filled in, what waits to be sent. */
import Dexie, { type EntityTable, type Table } from "dexie";
import type { components } from "./wire";

type Schemas = components["schemas"];

/** The OpenAPI page promises no answer's field for ever, so all are optional there; this server gives them all. */
export type Whole<T> = T extends (infer U)[]
  ? Whole<U>[]
  : T extends object
    ? { [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T;

export type Site = Whole<Schemas["SiteOut"]>;
export type ServerReport = Whole<Schemas["ReportOut"]>;
export type Issue = Whole<Schemas["IssueOut"]>;
export type ReportBody = Schemas["ReportIn"];
/** One stroke on a photo, in parts of the upright photo. */
export type Mark = Schemas["MarkIn"];
/** Of what a photo is a smaller copy; width and height upright. */
export type Original = Schemas["OriginalIn"];
export type Severity = "minor" | "major" | "critical";
export type Visit = "routine" | "themed" | "follow_up" | "unannounced";

/** A position of this device, in WGS-84. `accuracy_m` metres; `captured_at` RFC 3339. */
export interface Position {
  lat: number;
  lng: number;
  accuracy_m: number | null;
  captured_at: string;
}

/** One check, as `server/checklists/rules.py` knows it. `min` and `max` are inclusive. */
export interface Item {
  code: string;
  zh: string;
  en: string;
  type: "pass_fail_na" | "number" | "choice" | "text" | "photo";
  unit?: string | null;
  unit_en?: string | null;
  min?: number | null;
  max?: number | null;
  options?: { value: string; zh: string; en: string; fails?: boolean }[] | null;
  severity: Severity;
  photo: "none" | "on_fail" | "always";
  limit_source?: string | null;
  limit_kind?: "min" | "max" | null;
  criterion_zh?: string | null;
  criterion_en?: string | null;
  basis?: string | null;
  default_enabled?: boolean;
}

export interface Checklist {
  code: string;
  version: number;
  zh: string;
  en: string;
  sections: { code: string; zh: string; en: string; items: Item[] }[];
  estimated_minutes: number | null;
  photo_max?: number; // of a report by it
  work_types?: string[];
}

/** One answer as it is being given; what was not touched has no entry. */
export interface DraftAnswer {
  value: string | number | null;
  note?: string;
  severity?: Severity;
  /** Put right before the inspector left (立行立改); its after-photos are the item's photos with `after`. */
  fixed_on_spot?: boolean;
  due_on?: string; // as an earlier revision proposed it
}

/** Who spoke for the site; `signature` is strokes in a square that its longer side fills. */
export interface Representative {
  name: string;
  signed_at: string | null;
  signature: number[][][] | null;
}

/** A report that is being filled in. Saved at every touch. */
export interface Draft {
  id: string; // the report's id, made here (UUID v7)
  revision: number;
  site_id: string;
  checklist: { code: string; version: number };
  visit: Visit;
  started_at: string;
  touched_at: string;
  answers: Record<string, DraftAnswer>;
  summary: string;
  position: Position | null;
  location_reason: string;
  outside_reason: string;
  correction_reason: string;
  representative?: Representative; // drafts of earlier versions of this page have none
  /** Who signed an earlier revision; that signature is not this one's. */
  signed_before?: { revision: number; name: string; signed_at: string } | null;
  co_inspectors?: string[]; // as an earlier revision named them
  /** Comments of the supervisor by item, where this revision answers a returned report; "" is the whole report's. */
  returned: Record<string, string> | null;
}

type Sending = "waiting" | "sending" | "on_server" | "received" | "refused";

/** What stands against an after-photo, as the server said it. */
export interface Doubt {
  code: string;
  photo: string;
  numbers: Record<string, number>;
}

/** Why something is not sent, in words that the person can act on. */
export interface Problem {
  code: string;
  text: string;
  at: string;
  /** What the refusal told beside: where the issue stands now, what is doubted. */
  more?: { state?: Issue["state"]; number?: string; doubts?: Doubt[] };
}

/** What waits to be sent, whatever it is. */
export interface Waiting {
  id: string;
  revision: number;
  site_name: string;
  queued_at: string;
  state: Sending;
  tries: number;
  next_try_at: number; // ms since 1970
  problem: Problem | null;
  receipt: { number: string; received_at: string; digest: string } | null;
  photos_expected: number;
  photos_stored: number; // as the server counted last
}

/** A finished report on its way. `body` is sent to the letter, again and again, until its receipt is here. */
export interface Outgoing extends Waiting {
  kind?: "report"; // what earlier versions of this page queued has none
  body: ReportBody;
  checklist_code: string;
}

/** What is done about an issue, as `server/issues/rules.py` names it, and whether it brings photos. */
type EntryKind = "reply" | "verification" | "follow_up";
export type MoveKind = EntryKind | "acknowledge" | "object" | "ask_extension";

/** What is said of an issue; which of it is wanted, its kind tells. */
export interface MoveBody {
  id?: string;
  round: number;
  measure?: string;
  cause?: string;
  prevention?: string;
  responsible_person?: string;
  done_at?: string;
  result?: "pass" | "fail" | "holds" | "false_closure";
  comment?: string;
  reason?: string | null; // null: there is none, and the server may ask for it
  due_on?: string;
  reply_id?: string;
  photos?: EntryPhoto[];
  device?: { id: string; sent_at: string };
  location?: NonNullable<ReportBody["location"]>;
}
export type EntryPhoto = ReportBody["photos"][number] & { pair_of?: string };

/** Something done about an issue, on its way. */
export interface OutgoingMove extends Waiting {
  kind: MoveKind;
  body: MoveBody;
  issue_id: string;
  issue_number: string;
  title: string; // what the issue says
  superseded?: boolean; // it came whole when the issue had moved on: kept there, without effect
}
export type Queued = Outgoing | OutgoingMove;

type Sent = "id" | "round" | "photos" | "device" | "location" | "reply_id" | "reason";
type MoveWords = Omit<MoveBody, Sent> & { reason?: string };

/** What is being written about an issue. Saved at every touch. */
export interface MoveDraft extends MoveWords {
  id: string; // the entry's id, made here (UUID v7)
  kind: Exclude<MoveKind, "acknowledge">;
  issue_id: string;
  touched_at: string;
  position: Position | null;
}

/** A picture of an issue as it was fetched, to be seen where there is no line. */
interface Picture {
  id: string; // the photo's
  thumb: Blob | null;
  preview: Blob | null;
}

type PhotoState = "kept" | "sending" | "stored" | "refused";

/** A photo of a draft, or of what is on its way: a report, or something done about an issue. */
export interface Photo {
  id: string;
  report_id: string; // of the report, or of the entry
  item: string | null;
  here: boolean; // whether its original is on this phone; it goes only when a receipt names its report
  thumb: Blob | null;
  sha256: string;
  size: number;
  media_type: string;
  captured_at: string;
  source: "camera" | "gallery";
  caption: string;
  marks?: Mark[]; // photos taken by earlier versions of this page have none
  made_from?: Original | null; // null: what is kept is the original to the letter
  position: Position | null;
  pair_of?: string | null; // the before-photo of the same spot
  after?: boolean; // of a report's item: how it looks since it was put right on the spot
  live?: boolean; // drawn by this page's own camera, which writes no EXIF
  state: PhotoState;
  sent: number; // bytes that the server holds
  upload_url: string | null;
  problem: Problem | null;
}

/** The very bytes of a photo, as they are sent. A store of their own: a browser copies a blob whenever the row around it changes. */
interface Bytes {
  id: string;
  blob: Blob;
}

/** A site as it is kept: searchable, and with the limits that it has set for itself, by item code. */
export type KeptSite = Site & {
  search: string;
  limits?: Record<string, { min?: number | null; max?: number | null }>;
};

interface Kept {
  key: string;
  value: unknown;
}

class PhoneDatabase extends Dexie {
  kept!: EntityTable<Kept, "key">;
  originals!: EntityTable<Bytes, "id">;
  sites!: EntityTable<KeptSite, "id">;
  checklists!: Table<Checklist, [string, number]>;
  reports!: EntityTable<ServerReport, "id">;
  issues!: EntityTable<Issue, "id">;
  drafts!: EntityTable<Draft, "id">;
  outbox!: EntityTable<Queued, "id">;
  photos!: EntityTable<Photo, "id">;
  moves!: EntityTable<MoveDraft, "id">;
  pictures!: EntityTable<Picture, "id">;

  constructor(name: string) {
    super(name);
    this.version(1).stores({
      kept: "key",
      originals: "id",
      sites: "id",
      checklists: "[code+version], code",
      reports: "id, state",
      issues: "id, state",
      drafts: "id, touched_at",
      outbox: "id, state",
      photos: "id, report_id",
    });
    // Sites came without their limits before: all are pulled anew.
    this.version(2).upgrade((change) => change.table("kept").delete(CURSOR));
    // What is done about issues goes through the outbox as well; what waits there already are reports.
    this.version(3)
      .stores({ outbox: "id, state, issue_id", moves: "id, issue_id", pictures: "id" })
      .upgrade((change) =>
        change
          .table("outbox")
          .toCollection()
          .modify((row) => {
            row.kind ??= "report";
          }),
      );
  }
}

/** Under which name the sync's cursor is kept. */
export const CURSOR = "cursor";
const OWNER = "dudao.person";

/** Whose data this page works with. Read once: who signs in as another person starts the page anew. */
export const owner = globalThis.localStorage?.getItem(OWNER) ?? null;

export function belongTo(person: string): void {
  localStorage.setItem(OWNER, person);
}

/** Another tab's sign-in made this phone another person's. */
export function isNewOwner(event: StorageEvent): boolean {
  return event.key === OWNER && event.newValue !== owner;
}

/** One database per person, so that nobody finds another's drafts here. */
export const db = new PhoneDatabase(`dudao-${owner ?? "nobody"}`);

/** What belongs to the phone and to no person: who is signed in. */
export const device = new PhoneDatabase("dudao");

/** A small thing kept under a name, such as a setting. */
export async function recall<T>(key: string, from = db): Promise<T | undefined> {
  return (await from.kept.get(key))?.value as T | undefined;
}

export async function keep(key: string, value: unknown, where = db): Promise<void> {
  await where.kept.put({ key, value });
}

export const isReport = (row: Queued): row is Outgoing => row.kind === undefined || row.kind === "report";
export const isMove = (row: Queued): row is OutgoingMove => !isReport(row);
