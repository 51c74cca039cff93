/** The photos that this phone keeps for a report. */
import { db, type Mark, type Photo } from "@/kit/db";

/** In the order in which they were taken in (their ids are UUID v7). */
export async function photosOf(reportId: string): Promise<Photo[]> {
  return db.photos.where("report_id").equals(reportId).sortBy("id");
}

/** False where the photo belongs to a report that is on its way: its body names it, so it stays. */
export async function removePhoto(id: string): Promise<boolean> {
  return db.transaction("rw", db.photos, db.originals, db.outbox, async () => {
    const photo = await db.photos.get(id);
    if (!photo) return true;
    const outgoing = await db.outbox.get(photo.report_id);
    const named = outgoing?.body.photos?.some((one) => one.id === id) ?? false;
    if (outgoing && outgoing.state !== "received" && named) return false;
    await dropPhotos([id]);
    return true;
  });
}

/** Inside a transaction over photos and originals. */
export async function dropPhotos(ids: string[]): Promise<void> {
  await db.originals.bulkDelete(ids);
  await db.photos.bulkDelete(ids);
}

export async function caption(id: string, text: string): Promise<void> {
  await db.photos.update(id, { caption: text });
}

export async function mark(id: string, marks: Mark[]): Promise<void> {
  await db.photos.update(id, { marks });
}
