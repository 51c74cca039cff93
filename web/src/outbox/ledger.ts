/** A phone's ledger, as `terms.ts` describes one: its database. */
import { db, type Issue, isMove, type Photo, type Queued, type Waiting } from "@/kit/db";
import { isFull } from "@/photos/take";
import { keepIssues } from "@/sync/issues";
import type { Answer } from "./put";
import { asRoomAllows } from "./storage";

export async function amend(row: Queued, changes: Partial<Waiting>): Promise<boolean> {
  const mine = db.outbox
    .where("id")
    .equals(row.id)
    .and((kept) => kept.revision === row.revision);
  return (await mine.modify(changes as object)) > 0;
}

/** The photos that a row's body names; some kinds have none. */
const idsOf = (row: Queued): string[] => (row.body.photos ?? []).map(({ id }) => id);

export async function photosNamed(row: Queued): Promise<Photo[]> {
  const named = await db.photos.bulkGet(idsOf(row));
  return named.filter((photo): photo is Photo => photo !== undefined);
}

export async function countStored(row: Queued): Promise<number> {
  return (await photosNamed(row)).filter((photo) => photo.state === "stored").length;
}

export async function writeDown(row: Queued, answer: Answer): Promise<void> {
  const open = new Set([...answer.photos.missing, ...answer.photos.refused].map((photo) => photo.id));
  await db.transaction("rw", db.outbox, db.photos, async () => {
    const current = await amend(row, {
      state: "on_server",
      problem: null,
      photos_expected: answer.photos.expected,
      photos_stored: answer.photos.received,
    });
    if (!current) return;
    for (const photo of await photosNamed(row)) {
      const stored = !open.has(photo.id);
      if (stored && photo.state !== "stored") {
        await db.photos.update(photo.id, {
          state: "stored",
          sent: photo.size,
          upload_url: null,
          problem: null,
        });
      }
    }
  });
}

type Receipt = NonNullable<Waiting["receipt"]>;

export async function close(row: Queued, receipt: Receipt, photos: number): Promise<boolean> {
  try {
    return await writeReceipt(row, receipt, photos);
  } catch (error) {
    if (!isFull(error)) throw error;
    // No room for the receipt beside the originals that it frees. A page killed in between is given it again.
    await freeOriginals(row);
    return await writeReceipt(row, receipt, photos);
  }
}

async function freeOriginals(row: Queued): Promise<void> {
  await db.transaction("rw", db.outbox, db.originals, async () => {
    if ((await db.outbox.get(row.id))?.revision !== row.revision) return;
    await db.originals.bulkDelete(idsOf(row));
  });
}

async function writeReceipt(row: Queued, receipt: Receipt, photos: number): Promise<boolean> {
  return db.transaction("rw", db.outbox, db.photos, db.originals, async () => {
    const current = await amend(row, {
      state: "received",
      receipt,
      problem: null,
      tries: 0,
      photos_expected: photos,
      photos_stored: photos,
    });
    if (!current) return false;
    for (const photo of await photosNamed(row)) {
      await db.photos.update(photo.id, {
        here: false,
        state: "stored",
        sent: photo.size,
        upload_url: null,
        problem: null,
      });
    }
    await db.originals.bulkDelete(idsOf(row));
    return true;
  });
}

/** The server's newest account of an issue, which the sync would bring later. */
export async function learn(row: Queued, issue: Issue, superseded: boolean): Promise<void> {
  await keepIssues([issue]);
  if (superseded && isMove(row)) await amend(row, { superseded } as Partial<Waiting>);
}

export async function amendPhoto(id: string, changes: Partial<Photo>): Promise<void> {
  await db.photos.update(id, changes);
}

export function progressed(id: string, sent: number): void {
  const writing = db.photos
    .where("id")
    .equals(id)
    .modify((photo) => {
      if (photo.state === "sending") photo.sent = sent; // a late word changes nothing
    });
  void asRoomAllows(writing, 0);
}

export async function bytesOf(id: string): Promise<Blob | undefined> {
  return (await db.originals.get(id))?.blob;
}

/** What a page that was killed in the middle left behind: it is not being sent any more. */
export async function settleLeftovers(): Promise<void> {
  await asRoomAllows(db.outbox.where("state").equals("sending").modify({ state: "waiting" }), 0);
  const photos = db.photos.filter((photo) => photo.state === "sending");
  await asRoomAllows(photos.modify({ state: "kept" }), 0);
}
