/** Everything that is read from a picture before anything else happens to it. Runs in a worker where there is one. */
import { takenAt } from "./exif";
import { mediaType } from "./media";
import { sha256 } from "./sha256";
import { canDrawHere, drawnHere } from "./thumb";

export interface Facts {
  bytes: Blob; // the original to the letter, no longer tied to the file it came from
  sha256: string;
  size: number;
  media_type: string;
  taken_at: string | null;
  thumb: Blob | null;
  drawn: boolean; // whether a thumb was tried; null then means that the picture cannot be shown
}

export async function examine(file: Blob): Promise<Facts> {
  const original = await file.arrayBuffer();
  const taken_at = await takenAt(original);
  const digest = await sha256(original);
  const media_type = mediaType(original, file.type);
  const bytes = new Blob([original], { type: media_type });
  const drawn = canDrawHere();
  const thumb = drawn ? await drawnHere(bytes) : null;
  return { bytes, sha256: digest, size: original.byteLength, media_type, taken_at, thumb, drawn };
}
