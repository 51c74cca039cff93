/** One whole try at one thing that waits: its words first, then what is missing of its photos, then its receipt. */
import { RefusedError } from "@/kit/api";
import type { Outgoing, Photo, Queued } from "@/kit/db";
import { sha256 } from "@/photos/sha256";
import { type Answer, put } from "./put";
import { digestOf } from "./receipt";
import type { PhotoTerms, Terms } from "./terms";
import { sendPhoto } from "./upload";
import { judge, problem } from "./verdict";

/** "photosWait" and "received" are no failures; every failure is thrown for `judge`. */
export async function sendOnce<Row extends Queued = Outgoing>(
  row: Row,
  terms: Terms<Row>,
): Promise<"received" | "photosWait"> {
  if (row.state === "waiting") await terms.ledger.amend(row, { state: "sending", problem: null });
  const first = await put(row, terms.signer, terms.signal);
  if (await settled(row, first, terms)) return "received";
  if (!(await sendPhotos(row, first, terms))) return "photosWait";
  const last = await put(row, terms.signer, terms.signal);
  if (await settled(row, last, terms)) return "received";
  if (await isStuck(row, last, terms)) throw new RefusedError(0, "photos-refused", "");
  throw new RefusedError(503, "photos-not-counted", "");
}

async function settled<Row extends Queued>(
  row: Row,
  answer: Answer,
  { ledger }: Terms<Row>,
): Promise<boolean> {
  if (answer.revision !== row.revision) throw new RefusedError(0, "replaced", "");
  if (answer.issue) await ledger.learn?.(row, answer.issue, answer.superseded === true);
  const { receipt } = answer;
  if (!receipt) {
    await ledger.writeDown(row, answer);
    return false;
  }
  // Only a receipt for these very words lets them be forgotten here.
  if (!receipt.number || receipt.digest !== (await digestOf(row.body)))
    throw new RefusedError(0, "digest-differs", "");
  await ledger.close(row, receipt, answer.photos.expected);
  return true;
}

/** False where photos have to wait. One that fails never keeps the others from going. */
async function sendPhotos<Row extends Queued>(row: Row, answer: Answer, terms: Terms<Row>): Promise<boolean> {
  const hints = new Map(answer.photos.missing.map((photo) => [photo.id, photo.upload || null]));
  const refused = new Set(answer.photos.refused.map((photo) => photo.id));
  const here = await terms.ledger.photosNamed(row);
  // Refused there but not marked here: the refusal's reply was lost, or the person asked for one more try.
  const due = here.filter(
    (photo) => photo.state !== "refused" && (hints.has(photo.id) || refused.has(photo.id)),
  );
  due.sort((one, other) => Number(one.problem !== null) - Number(other.problem !== null));
  let later: unknown = null;
  for (const photo of due) {
    if (!(await terms.photosMayGo())) return false;
    later = (await sendOne(photo, hints.get(photo.id) ?? null, terms)) ?? later;
  }
  if (later) throw later;
  return true;
}

/** What to try again later, if anything. A broken line ends the try; a refusal stays with the photo. */
async function sendOne(photo: Photo, hinted: string | null, terms: PhotoTerms): Promise<unknown> {
  const mark = (state: Photo["state"], why: Photo["problem"]) =>
    terms.ledger.amendPhoto(photo.id, { state, problem: why });
  try {
    await sendPhoto(photo, hinted, terms);
    return null;
  } catch (error) {
    const verdict = judge(error, terms.signer);
    if (verdict.means === "line" || verdict.means === "signIn") {
      await mark("kept", photo.problem ?? verdict.problem);
      throw error;
    }
    const broken = verdict.problem.code === "checksum-mismatch" && (await isHopeless(photo, terms));
    const refused = verdict.problem.code === "checksum-mismatch" ? broken : verdict.means === "refused";
    await mark(refused ? "refused" : "kept", verdict.problem);
    return refused ? null : error instanceof RefusedError ? mendable(error) : error;
  }
}

/** Bytes changed on the way are sent again, once; bytes that changed where they are kept never match. */
async function isHopeless(photo: Photo, { ledger }: PhotoTerms): Promise<boolean> {
  if (photo.problem?.code === "checksum-mismatch") return true;
  const bytes = await ledger.bytesOf(photo.id);
  return !bytes || (await sha256(await bytes.arrayBuffer())) !== photo.sha256;
}

/** A first checksum mismatch would be final for a report; for its photo it is worth one more try. */
function mendable(error: RefusedError): RefusedError {
  return error.code === "checksum-mismatch" ? new RefusedError(503, error.code, error.text) : error;
}

/** Whether a photo is refused, or missing there and no longer here: no repeating mends that. */
async function isStuck<Row extends Queued>(
  row: Row,
  answer: Answer,
  { ledger }: Terms<Row>,
): Promise<boolean> {
  const here = await ledger.photosNamed(row);
  for (const { id, code } of answer.photos.refused) {
    const known = here.find((photo) => photo.id === id);
    if (known?.state === "refused") continue; // with the reason in the server's words
    await ledger.amendPhoto(id, { state: "refused", problem: problem(code, "") });
    if (known) known.state = "refused";
  }
  const gone = answer.photos.missing.some(({ id }) => !here.some((photo) => photo.id === id));
  return gone || here.some((photo) => photo.state === "refused");
}
