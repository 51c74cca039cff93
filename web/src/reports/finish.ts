/** From a draft to the outbox. */
import { deviceId } from "@/accounts/device";
import type { Limits } from "@/checklists/limits";
import { type Checklist, db, type Outgoing } from "@/kit/db";
import { now } from "@/kit/time";
import { wellFormed } from "@/kit/wellFormed";
import { enqueue } from "@/outbox/enqueue";
import { photosOf } from "@/photos";
import { allTaken } from "@/photos/take";
import { bodyOf } from "./body";

/**
 * Put it into the outbox as the database has it, which takes the draft away in the same step: what another tab kept of
 * it may not have come to this page yet. False where it was finished or thrown away elsewhere.
 */
export async function finish(
  id: string,
  checklist: Checklist,
  limits: Limits,
  siteName: string,
): Promise<boolean> {
  await allTaken();
  const device = deviceId();
  return enqueue(async () => {
    const draft = await db.drafts.get(id);
    if (!draft) return null;
    const moment = now();
    const photos = await photosOf(id);
    const outgoing: Outgoing = {
      id,
      revision: draft.revision,
      body: wellFormed(bodyOf({ draft, checklist, photos, limits, deviceId: device, moment })),
      site_name: siteName,
      checklist_code: checklist.code,
      queued_at: moment,
      state: "waiting",
      tries: 0,
      next_try_at: 0,
      problem: null,
      receipt: null,
      photos_expected: photos.length,
      photos_stored: 0,
    };
    return outgoing;
  });
}
