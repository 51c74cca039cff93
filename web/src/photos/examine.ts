/** Everything that is read from a picture before anything else happens to it. Runs in a worker where there is one. */
import type { Original } from "@/kit/db";
import { takenAt } from "./exif";
import { mediaType } from "./media";
import { sha256 } from "./sha256";
import { shrunk } from "./shrink";
import { canDrawHere, drawnHere } from "./thumb";

export interface Facts {
  bytes: Blob; // what is kept and sent, no longer tied to the file it came from
  sha256: string;
  size: number;
  media_type: string;
  taken_at: string | null;
  thumb: Blob | null;
  drawn: boolean; // whether a thumb was tried; null then means that the picture cannot be shown
  original: Original | null; // of what `bytes` is a smaller copy; null: it is the original to the letter
}

/** `smaller`: the person wants less sent than the original, where this browser can make it. */
export async function examine(file: Blob, smaller: boolean): Promise<Facts> {
  const original = await file.arrayBuffer();
  const taken_at = await takenAt(original);
  const digest = await sha256(original);
  const media_type = mediaType(original, file.type);
  const drawn = canDrawHere();
  const made = smaller && drawn ? await shrunk(original, media_type) : null;
  const bytes = made?.blob ?? new Blob([original], { type: media_type });
  const thumb = drawn ? await drawnHere(bytes) : null;
  const size = original.byteLength;
  const facts = { bytes, taken_at, thumb, drawn };
  if (!made) return { ...facts, sha256: digest, size, media_type, original: null };
  const { width, height } = made;
  return {
    ...facts,
    sha256: await sha256(await bytes.arrayBuffer()),
    size: bytes.size,
    media_type: bytes.type,
    original: { sha256: digest, size, media_type, width, height },
  };
}
