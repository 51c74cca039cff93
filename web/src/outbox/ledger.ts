/** What is written down of reports on their way. Nothing here touches a row that a newer revision has replaced. */
import { db, type Outgoing, type Photo, type Problem } from "@/kit/db";
import type { Answer } from "./put";

/** Change a row where it is still this revision; false where it is not. */
export async function amend(row: Outgoing, changes: Partial<Outgoing>): Promise<boolean> {
  const mine = db.outbox
    .where("id")
    .equals(row.id)
    .and((kept) => kept.revision === row.revision);
  return (await mine.modify(changes as object)) > 0;
}

/** The photos that this revision names, and that are here. */
export async function photosNamed(row: Outgoing): Promise<Photo[]> {
  const named = await db.photos.bulkGet(row.body.photos.map((photo) => photo.id));
  return named.filter((photo): photo is Photo => photo !== undefined);
}

export async function countStored(row: Outgoing): Promise<number> {
  return (await photosNamed(row)).filter((photo) => photo.state === "stored").length;
}

/** What the server says it has, photo by photo. */
export async function writeDown(row: Outgoing, answer: Answer): Promise<void> {
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

/** The receipt is here: the report is the server's now, and this phone's copies of its photos may go. */
export async function close(
  row: Outgoing,
  receipt: NonNullable<Outgoing["receipt"]>,
  photos: number,
): Promise<boolean> {
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
    await db.originals.bulkDelete(row.body.photos.map((photo) => photo.id));
    return true;
  });
}

export async function markPhoto(id: string, state: Photo["state"], problem: Problem | null): Promise<void> {
  await db.photos.update(id, { state, problem });
}

/** What a page that was killed in the middle left behind: it is not being sent any more. */
export async function settleLeftovers(): Promise<void> {
  await db.outbox.where("state").equals("sending").modify({ state: "waiting" });
  await db.photos.filter((photo) => photo.state === "sending").modify({ state: "kept" });
}
