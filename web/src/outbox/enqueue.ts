/** A finished report goes into the outbox. */
import { db, type Outgoing } from "@/kit/db";
import { hurry } from "./engine";
import { note } from "./events";
import { askToPersist } from "./storage";

/** One transaction: at no moment is the report neither a draft nor on its way. */
export async function enqueue(outgoing: Outgoing): Promise<void> {
  await db.transaction("rw", db.outbox, db.drafts, db.photos, async () => {
    const there = await db.outbox.get(outgoing.id);
    if (there && there.revision > outgoing.revision)
      throw new Error("a newer revision is already on its way");
    await db.outbox.put(outgoing);
    await db.drafts.delete(outgoing.id);
    const refused = db.photos
      .where("report_id")
      .equals(outgoing.id)
      .and((photo) => photo.state === "refused");
    await refused.modify({ state: "kept", problem: null });
  });
  await note("queued", outgoing.id);
  await askToPersist();
  hurry();
}
