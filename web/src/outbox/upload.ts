/** One photo to the server by tus 1.0.0: all of it in one request, or what is missing from the byte where it broke. */
import { NoLineError, RefusedError, StrangerError } from "@/kit/api";
import type { Photo } from "@/kit/db";
import type { PhotoTerms as Terms } from "./terms";
import { ask } from "./wire";

const UPLOADS = "/api/v1/uploads";
const BODY_TYPE = "application/offset+octet-stream";
const WRITE_MS = 500;

interface Standing {
  url: string;
  offset: number;
}

/** Resolves when the server has verified and stored the photo. `hinted`: where its answer says an upload stands. */
export async function sendPhoto(photo: Photo, hinted: string | null, terms: Terms): Promise<void> {
  const { amendPhoto } = terms.ledger;
  const bytes = await readable(photo, terms);
  await amendPhoto(photo.id, { state: "sending" });
  const known = [photo.upload_url, hinted].filter((url): url is string => url !== null);
  let at = (await standing(known, terms)) ?? (await create(photo, bytes, terms));
  for (let round = 0; at.offset < photo.size; round++) {
    if (round === 20) throw new NoLineError("the upload does not move");
    await amendPhoto(photo.id, { upload_url: at.url, sent: at.offset });
    at = await append(photo, bytes, at, terms);
  }
  await amendPhoto(photo.id, { state: "stored", sent: photo.size, upload_url: null, problem: null });
}

/** A browser can lose what it stored (a full disk, a repaired profile); no line mends that. */
async function readable(photo: Photo, { ledger }: Terms): Promise<Blob> {
  const bytes = await ledger.bytesOf(photo.id);
  const whole = bytes !== undefined && bytes.size === photo.size;
  const first = whole
    ? await bytes
        .slice(0, 1)
        .arrayBuffer()
        .catch(() => null)
    : null;
  if (!whole || !first) throw new RefusedError(0, "photo-gone", "");
  return bytes;
}

async function standing(urls: string[], terms: Terms): Promise<Standing | null> {
  for (const url of new Set(urls)) {
    try {
      return { url, offset: offsetOf(await ask({ ...line(terms), method: "HEAD", url })) };
    } catch (error) {
      if (!isOver(error)) throw error;
    }
  }
  return null;
}

/** Over, expired, never ours, or begun on another machine than the one that answers: a new one is opened. */
function isOver(error: unknown): boolean {
  return error instanceof RefusedError && [403, 404, 410].includes(error.status);
}

async function create(photo: Photo, bytes: Blob, terms: Terms): Promise<Standing> {
  const words = {
    report: photo.report_id,
    photo: photo.id,
    sha256: photo.sha256,
    filename: `${photo.id}.${ending(photo)}`,
  };
  const answer = await ask({
    ...line(terms),
    method: "POST",
    url: UPLOADS,
    headers: {
      "Upload-Length": String(photo.size),
      "Upload-Metadata": Object.entries(words)
        .map(([name, value]) => `${name} ${btoa(value)}`)
        .join(","),
      "Content-Type": BODY_TYPE,
    },
    body: bytes,
    progress: progress(photo, 0, terms),
  });
  const url = answer.headers.get("Location");
  if (!url) throw new StrangerError("not our server");
  return { url, offset: offsetOf(answer) };
}

async function append(photo: Photo, bytes: Blob, at: Standing, terms: Terms): Promise<Standing> {
  try {
    const answer = await ask({
      ...line(terms),
      method: "PATCH",
      url: at.url,
      headers: { "Upload-Offset": String(at.offset), "Content-Type": BODY_TYPE },
      body: bytes.slice(at.offset),
      progress: progress(photo, at.offset, terms),
    });
    return { url: at.url, offset: offsetOf(answer) };
  } catch (error) {
    if (isOver(error)) return create(photo, bytes, terms);
    // Another connection of ours got further before it died.
    if (!(error instanceof RefusedError && error.code === "upload-offset")) throw error;
    return (await standing([at.url], terms)) ?? (await create(photo, bytes, terms));
  }
}

function offsetOf(answer: Response): number {
  const said = answer.headers.get("Upload-Offset");
  const offset = Number(said);
  if (said === null || !Number.isSafeInteger(offset)) throw new StrangerError("not our server");
  return offset;
}

/** Written at most twice a second: a phone's flash is slow. */
function progress(photo: Photo, from: number, { ledger }: Terms): (bytes: number) => void {
  let written = 0;
  return (bytes) => {
    if (Date.now() - written < WRITE_MS) return;
    written = Date.now();
    ledger.progressed(photo.id, Math.min(photo.size, from + bytes));
  };
}

const line = ({ signer, signal }: Terms) => ({ signer, signal });

const ending = (photo: Photo) => photo.media_type.split("/")[1]?.replace("jpeg", "jpg") ?? "bin";
