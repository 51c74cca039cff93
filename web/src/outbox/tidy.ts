/** What was received and its small pictures stay for two weeks, then go. Nothing else is ever removed. */
import { db } from "@/kit/db";
import { dropPhotos } from "@/photos";

export const KEPT_DAYS = 14;

export async function tidy(now = Date.now()): Promise<void> {
  const limit = now - KEPT_DAYS * 86_400_000;
  await db.transaction("rw", [db.outbox, db.photos, db.originals, db.drafts], async () => {
    const old = await db.outbox
      .where("state")
      .equals("received")
      .and((row) => Date.parse(row.receipt?.received_at ?? "") < limit)
      .toArray();
    for (const row of old) {
      await db.outbox.delete(row.id);
      // A returned report that is being mended still shows and names them.
      if (await db.drafts.get(row.id)) continue;
      await dropPhotos(await db.photos.where("report_id").equals(row.id).primaryKeys());
    }
  });
}
