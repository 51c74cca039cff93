/** One whole try at one report: the report first, then what is missing of its photos, then its receipt. */
import { RefusedError } from "@/kit/api";
import { db, type Outgoing, type Photo } from "@/kit/db";
import { sha256 } from "@/photos/sha256";
import { amend, close, markPhoto, photosNamed, writeDown } from "./ledger";
import { type Answer, put } from "./put";
import { digestOf } from "./receipt";
import { sendPhoto } from "./upload";
import { judge, problem } from "./verdict";

export interface Terms {
  signal: AbortSignal;
  /** Asked before each photo: on mobile data they may have to wait. */
  photosMayGo: () => Promise<boolean>;
}

/** "photosWait" and "received" are no failures; every failure is thrown for `judge`. */
export async function sendOnce(row: Outgoing, terms: Terms): Promise<"received" | "photosWait"> {
  if (row.state === "waiting") await amend(row, { state: "sending", problem: null });
  const first = await put(row, terms.signal);
  if (await settled(row, first)) return "received";
  if (!(await sendPhotos(row, first, terms))) return "photosWait";
  const last = await put(row, terms.signal);
  if (await settled(row, last)) return "received";
  if (await isStuck(row, last)) throw new RefusedError(0, "photos-refused", "");
  throw new RefusedError(503, "photos-not-counted", "");
}

async function settled(row: Outgoing, answer: Answer): Promise<boolean> {
  if (answer.revision !== row.revision) throw new RefusedError(0, "replaced", "");
  const { receipt } = answer;
  if (!receipt) {
    await writeDown(row, answer);
    return false;
  }
  // Only a receipt for these very words lets the phone forget them.
  if (!receipt.number || receipt.digest !== (await digestOf(row.body)))
    throw new RefusedError(0, "digest-differs", "");
  await close(row, receipt, answer.photos.expected);
  return true;
}

/** False where photos have to wait. One that fails never keeps the others from going. */
async function sendPhotos(row: Outgoing, answer: Answer, terms: Terms): Promise<boolean> {
  const hints = new Map(answer.photos.missing.map((photo) => [photo.id, photo.upload || null]));
  const refused = new Set(answer.photos.refused.map((photo) => photo.id));
  const here = await photosNamed(row);
  // Refused there but not marked here: the refusal's reply was lost, or the person asked for one more try.
  const due = here.filter(
    (photo) => photo.state !== "refused" && (hints.has(photo.id) || refused.has(photo.id)),
  );
  due.sort((one, other) => Number(one.problem !== null) - Number(other.problem !== null));
  let later: unknown = null;
  for (const photo of due) {
    if (!(await terms.photosMayGo())) return false;
    later = (await sendOne(photo, hints.get(photo.id) ?? null, terms.signal)) ?? later;
  }
  if (later) throw later;
  return true;
}

/** What to try again later, if anything. A broken line ends the try; a refusal stays with the photo. */
async function sendOne(photo: Photo, hinted: string | null, signal: AbortSignal): Promise<unknown> {
  try {
    await sendPhoto(photo, hinted, signal);
    return null;
  } catch (error) {
    const verdict = judge(error);
    if (verdict.means === "line" || verdict.means === "signIn") {
      await markPhoto(photo.id, "kept", photo.problem ?? verdict.problem);
      throw error;
    }
    const broken = verdict.problem.code === "checksum-mismatch" && (await isHopeless(photo));
    const refused = verdict.problem.code === "checksum-mismatch" ? broken : verdict.means === "refused";
    await markPhoto(photo.id, refused ? "refused" : "kept", verdict.problem);
    return refused ? null : error instanceof RefusedError ? mendable(error) : error;
  }
}

/** Bytes changed on the way are sent again, once; bytes that changed on this phone never match. */
async function isHopeless(photo: Photo): Promise<boolean> {
  if (photo.problem?.code === "checksum-mismatch") return true;
  const original = await db.originals.get(photo.id);
  return !original || (await sha256(await original.blob.arrayBuffer())) !== photo.sha256;
}

/** A first checksum mismatch would be final for a report; for its photo it is worth one more try. */
function mendable(error: RefusedError): RefusedError {
  return error.code === "checksum-mismatch" ? new RefusedError(503, error.code, error.text) : error;
}

/** Whether a photo is refused, or missing there and no longer here: no repeating mends that. */
async function isStuck(row: Outgoing, answer: Answer): Promise<boolean> {
  const here = await photosNamed(row);
  for (const { id, code } of answer.photos.refused) {
    const known = here.find((photo) => photo.id === id);
    if (known?.state === "refused") continue; // with the reason in the server's words
    await markPhoto(id, "refused", problem(code, ""));
    if (known) known.state = "refused";
  }
  const gone = answer.photos.missing.some(({ id }) => !here.some((photo) => photo.id === id));
  return gone || here.some((photo) => photo.state === "refused");
}
