/** A finished report, or something done about an issue, goes into the outbox. */
import { db, type Queued } from "@/kit/db";
import { hurry } from "./engine";
import { note } from "./events";
import { askToPersist } from "./storage";

/**
 * One transaction: at no moment is it neither a draft nor on its way. `make` tells inside it what goes, by what
 * the database has then; false where that is nothing.
 */
export async function enqueue(make: () => Promise<Queued | null>): Promise<boolean> {
  const queued = await db.transaction("rw", [db.outbox, db.drafts, db.moves, db.photos], async () => {
    const outgoing = await make();
    if (!outgoing) return null;
    const there = await db.outbox.get(outgoing.id);
    if (there && there.revision > outgoing.revision)
      throw new Error("a newer revision is already on its way");
    await db.outbox.put(outgoing);
    await db.drafts.delete(outgoing.id);
    await db.moves.delete(outgoing.id);
    const refused = db.photos
      .where("report_id")
      .equals(outgoing.id)
      .and((photo) => photo.state === "refused");
    await refused.modify({ state: "kept", problem: null });
    return outgoing.id;
  });
  if (queued === null) return false;
  await note("queued", queued);
  await askToPersist();
  hurry();
  return true;
}
