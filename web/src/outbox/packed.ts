/**
 * The queue's file, as a phone makes it and as another phone or the desk reads it: a line that names the format, eight
 * digits with the header's length, the header as JSON, then the photos' bytes.
 */
import type { Outgoing, OutgoingMove, Photo, Queued } from "@/kit/db";
import { sha256 } from "@/photos/sha256";

const MARK = "DUDAO-OUTBOX 1\n";
const DIGITS = 8;

interface Piece {
  at: number; // counted from the end of the header
  length: number;
  type: string;
}
type Packed = Omit<Photo, "thumb"> & { original: Piece | null; thumb: Piece | null };
export interface Unpacked {
  photo: Photo;
  blob: Blob | null;
}
export interface Header {
  made_at: string;
  person: { id: string; name: string } | null;
  reports: Outgoing[];
  /** Beside the reports, so that whoever knows only those never takes one for the other. Older files have none. */
  moves?: OutgoingMove[];
  photos: Packed[];
}
export interface Opened {
  header: Header;
  bytes: Blob; // what follows the header
}

/** Why a file was not taken at all. `whose`: the name in it. */
export class FileError extends Error {
  constructor(
    readonly code: "notOurs" | "otherPerson" | "nobody",
    readonly whose = "",
  ) {
    super(code);
    this.name = "FileError";
  }
}

/** `originals` by the photos' ids. */
export function pack(
  about: Omit<Header, "photos">,
  kept: Photo[],
  originals: ReadonlyMap<string, Blob>,
): Blob {
  const pieces: Blob[] = [];
  let at = 0;
  const piece = (blob: Blob | null | undefined): Piece | null => {
    if (!blob) return null;
    pieces.push(blob);
    at += blob.size;
    return { at: at - blob.size, length: blob.size, type: blob.type };
  };
  const photos = kept.map((photo) => ({
    ...photo,
    original: piece(originals.get(photo.id)),
    thumb: piece(photo.thumb),
  }));
  const header: Header = { ...about, photos };
  const text = new TextEncoder().encode(JSON.stringify(header));
  return new Blob([MARK, String(text.length).padStart(DIGITS, "0"), text, ...pieces], {
    type: "application/octet-stream",
  });
}

export async function open(file: Blob): Promise<Opened> {
  const before = MARK.length + DIGITS;
  const head = await file.slice(0, before).text();
  const length = Number(head.slice(MARK.length));
  if (!head.startsWith(MARK) || !Number.isSafeInteger(length)) throw new FileError("notOurs");
  try {
    const header = JSON.parse(await file.slice(before, before + length).text()) as Header;
    if (!Array.isArray(header.reports) || !Array.isArray(header.photos)) throw new FileError("notOurs");
    return { header, bytes: file.slice(before + length) };
  } catch {
    throw new FileError("notOurs"); // not even its header is whole
  }
}

/** The photos of one report or entry, each checked against its SHA-256; null where one is cut or changed. */
export async function unpack({ header, bytes }: Opened, row: Queued): Promise<Unpacked[] | null> {
  const photos: Unpacked[] = [];
  const read = ({ at, length, type }: Piece) => bytes.slice(at, at + length, type);
  for (const { original, thumb, ...photo } of header.photos.filter((one) => one.report_id === row.id)) {
    const blob = original && read(original);
    if (blob && (await sha256(await blob.arrayBuffer())) !== photo.sha256) return null;
    photos.push({ photo: { ...photo, here: blob !== null, thumb: thumb && read(thumb) }, blob });
  }
  return photos;
}
