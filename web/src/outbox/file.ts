/**
 * The queue as one file, so that what a broken phone holds can be sent from another.
 * A line that names the format, eight digits with the header's length, the header as JSON, then the photos' bytes.
 */
import { session } from "@/accounts/session";
import { db, type Outgoing, type Photo } from "@/kit/db";
import { now } from "@/kit/time";
import { sha256 } from "@/photos/sha256";
import { hurry } from "./engine";
import { note } from "./events";

const MARK = "DUDAO-OUTBOX 1\n";
const DIGITS = 8;

interface Piece {
  at: number; // counted from the end of the header
  length: number;
  type: string;
}
type Packed = Omit<Photo, "thumb"> & { original: Piece | null; thumb: Piece | null };
interface Unpacked {
  photo: Photo;
  blob: Blob | null;
}
interface Header {
  made_at: string;
  person: { id: string; name: string } | null;
  reports: Outgoing[];
  photos: Packed[];
}

export interface Taken {
  taken: number;
  known: number; // were here already
  damaged: string[]; // names of sites whose report is not whole in the file
}

/** Why a file was not taken at all. `name`: whose it is. */
export class FileError extends Error {
  constructor(
    readonly code: "notOurs" | "otherPerson" | "nobody",
    readonly whose = "",
  ) {
    super(code);
    this.name = "FileError";
  }
}

/** Everything that has no receipt yet, to the letter. */
export async function exportQueue(): Promise<Blob> {
  const reports = await db.outbox.where("state").notEqual("received").sortBy("queued_at");
  const kept = await db.photos
    .where("report_id")
    .anyOf(reports.map((row) => row.id))
    .toArray();
  const pieces: Blob[] = [];
  let at = 0;
  const originals = await db.originals.bulkGet(kept.map((photo) => photo.id));
  const pack = (blob: Blob | null | undefined): Piece | null => {
    if (!blob) return null;
    pieces.push(blob);
    at += blob.size;
    return { at: at - blob.size, length: blob.size, type: blob.type };
  };
  const photos = kept.map((photo, index) => ({
    ...photo,
    original: pack(originals[index]?.blob),
    thumb: pack(photo.thumb),
  }));
  const user = session.value?.user;
  const header: Header = {
    made_at: now(),
    person: user ? { id: user.id, name: user.name } : null,
    reports,
    photos,
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  await note("exported", null, String(reports.length));
  return new Blob([MARK, String(text.length).padStart(DIGITS, "0"), text, ...pieces], {
    type: "application/octet-stream",
  });
}

/** Put what a file holds into this outbox. What is here already stays as it is. */
export async function importQueue(file: Blob): Promise<Taken> {
  const { header, start } = await open(file);
  const user = session.value?.user;
  if (!user) throw new FileError("nobody");
  // The server takes whoever sends for the inspector: a colleague's reports may not go out in another name.
  if (header.person && header.person.id !== user.id) throw new FileError("otherPerson", header.person.name);
  const told: Taken = { taken: 0, known: 0, damaged: [] };
  for (const row of header.reports) {
    const photos = await unpack(header, row, file.slice(start));
    if (!photos) told.damaged.push(row.site_name);
    else if (await add(row, photos)) told.taken += 1;
    else told.known += 1;
  }
  await note("imported", null, `${told.taken}/${header.reports.length}`);
  hurry();
  return told;
}

async function open(file: Blob): Promise<{ header: Header; start: number }> {
  const before = MARK.length + DIGITS;
  const head = await file.slice(0, before).text();
  const length = Number(head.slice(MARK.length));
  if (!head.startsWith(MARK) || !Number.isSafeInteger(length)) throw new FileError("notOurs");
  try {
    const header = JSON.parse(await file.slice(before, before + length).text()) as Header;
    return { header, start: before + length };
  } catch {
    throw new FileError("notOurs"); // not even its header is whole
  }
}

/** The photos of one report, each checked against its SHA-256; null where one is cut or changed. */
async function unpack(header: Header, row: Outgoing, bytes: Blob): Promise<Unpacked[] | null> {
  const photos: Unpacked[] = [];
  const read = async ({ at, length, type }: Piece) =>
    new Blob([await bytes.slice(at, at + length).arrayBuffer()], { type });
  for (const { original, thumb, ...photo } of header.photos.filter((one) => one.report_id === row.id)) {
    const blob = original && (await read(original));
    if (blob && (await sha256(await blob.arrayBuffer())) !== photo.sha256) return null;
    photos.push({ photo: { ...photo, here: blob !== null, thumb: thumb && (await read(thumb)) }, blob });
  }
  return photos;
}

async function add(row: Outgoing, photos: Unpacked[]): Promise<boolean> {
  return db.transaction("rw", db.outbox, db.photos, db.originals, async () => {
    const here = await db.outbox.get(row.id);
    if (here && here.revision >= row.revision) return false;
    await db.outbox.put({
      ...row,
      state: row.state === "refused" ? "refused" : "waiting",
      tries: 0,
      next_try_at: 0,
    });
    for (const { photo, blob } of photos) {
      if ((await db.photos.get(photo.id))?.here) continue;
      await db.photos.put({ ...photo, state: photo.state === "sending" ? "kept" : photo.state });
      if (blob) await db.originals.put({ id: photo.id, blob });
    }
    return true;
  });
}
