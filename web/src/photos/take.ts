/**
 * Taking photos in: the original is kept to the letter, with what it says of itself. Where the person has set it so, a
 * smaller copy is kept in its stead, with the original's facts.
 */
import { v7 as newId } from "uuid";
import { db, type Photo, type Position, recall } from "@/kit/db";
import { now } from "@/kit/time";
import { examineAway } from "./away";

export const SMALLER = "smallerPhotos"; // the setting under which it is kept
const LARGEST = 50 * 1024 * 1024; // what the server takes

export interface About {
  report_id: string;
  item: string | null;
  source: Photo["source"];
  position: Position | null;
  pair_of?: string | null; // the before-photo of the same spot
  after?: boolean; // taken of what was put right on the spot
  live?: boolean; // by this page's own camera
}

/** Why a photo was not taken in. Everything that was here before is untouched. */
export class TakeError extends Error {
  constructor(
    readonly code: "tooLarge" | "empty" | "unreadable" | "full" | "noReport",
    cause?: unknown,
  ) {
    super(code, { cause });
    this.name = "TakeError";
  }
}

let before: Promise<unknown> = Promise.resolve();
let left = 0;

export const isTaking = () => left > 0;

/** Done when everything handed over is taken in or refused: a report that goes before that goes without it. */
export async function allTaken(): Promise<void> {
  while (isTaking()) await before;
}

/** One after another: thirty photos at once would not fit into a phone's memory. */
export function takeIn(file: File, about: About): Promise<Photo> {
  const handed = now();
  left += 1;
  const taken = before.then(() => take(file, about, handed)).finally(() => (left -= 1));
  before = taken.catch(() => undefined);
  return taken;
}

async function take(file: File, about: About, handed: string): Promise<Photo> {
  if (file.size === 0) throw new TakeError("empty");
  if (file.size > LARGEST) throw new TakeError("tooLarge");
  const smaller = (await recall<boolean>(SMALLER)) ?? false;
  const facts = await examineAway(file, smaller).catch((error) => {
    throw new TakeError("unreadable", error);
  });
  const photo: Photo = {
    id: newId(),
    ...about,
    here: true,
    thumb: facts.thumb,
    sha256: facts.sha256,
    size: facts.size,
    media_type: facts.media_type,
    made_from: facts.original,
    marks: [],
    captured_at: facts.taken_at ?? (about.source === "camera" ? handed : saved(file, handed)),
    caption: "",
    state: "kept",
    sent: 0,
    upload_url: null,
    problem: null,
  };
  try {
    await db.transaction("rw", db.photos, db.originals, db.drafts, db.moves, async () => {
      // Sent or thrown away in another tab: nothing would ever name this photo.
      const draft = (await db.drafts.get(about.report_id)) ?? (await db.moves.get(about.report_id));
      if (!draft) throw new TakeError("noReport");
      await db.originals.add({ id: photo.id, blob: facts.bytes });
      await db.photos.add(photo);
    });
  } catch (error) {
    throw isFull(error) ? new TakeError("full", error) : error;
  }
  return photo;
}

function saved(file: File, handed: string): string {
  return file.lastModified > 0 ? new Date(file.lastModified).toISOString() : handed;
}

/** Whether the browser has no room left for this page; Dexie hides it inside an error of its own. */
export function isFull(error: unknown): boolean {
  const { name, inner, failures } = (error ?? {}) as { name?: string; inner?: unknown; failures?: unknown[] };
  return name === "QuotaExceededError" || [inner, ...(failures ?? [])].some((one) => one && isFull(one));
}
